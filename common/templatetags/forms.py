"""Form fields in our style."""

from __future__ import annotations

from django import forms, template
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def styled(field: forms.BoundField) -> SafeString:
    """The field's widget with our classes, and told to screen readers when it is wrong."""
    widget = field.field.widget
    select = isinstance(widget, forms.Select)
    plain = isinstance(widget, forms.CheckboxInput | forms.RadioSelect | forms.CheckboxSelectMultiple)
    attributes: dict[str, str | bool] = {"class": "" if plain else ("form-select" if select else "form-control")}
    if field.errors:
        attributes["aria-invalid"] = "true"
        attributes["aria-describedby"] = f"{field.id_for_label}_error"
    return field.as_widget(attrs=attributes)
