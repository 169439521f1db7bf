"""The Django form field of each kind of declared field: shows a value of the source form and gives it back."""

from __future__ import annotations

import json
from functools import singledispatch
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from assessments.question_types import editor
from assessments.question_types.numbers import read_number


def as_lf(text: str) -> str:
    """A browser sends CR LF at each end of line."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


class RichTextWidget(forms.MultiWidget):
    """The text, and out of sight whether it is Markdown or HTML that Markdown cannot say."""

    template_name = "assessments/admin/rich_text.html"

    def __init__(self, lines: int) -> None:
        area = forms.Textarea(attrs={"rows": lines, "data-rich-text": "", "spellcheck": "true"})
        super().__init__([area, forms.HiddenInput()])

    def decompress(self, value: Any) -> list[str]:
        """Text and format of a source value."""
        if isinstance(value, dict):
            return [str(value.get("html", "")), "html"]
        return ["" if value is None else str(value), ""]

    def id_for_label(self, id_: str) -> str:
        """The text is what one labels."""
        return f"{id_}_0" if id_ else id_


class RichTextField(forms.MultiValueField):
    """Markdown, or {"html": …} where that was there before."""

    def __init__(self, *, lines: int, **kwargs: Any) -> None:
        fields = (forms.CharField(required=False, strip=False), forms.CharField(required=False))
        super().__init__(fields, require_all_fields=False, widget=RichTextWidget(lines), **kwargs)

    def compress(self, data_list: list[str]) -> Any:
        """The source value."""
        text, kind = [*(data_list or []), "", ""][:2]
        if not (text or "").strip():
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return ""
        return {"html": as_lf(text)} if kind == "html" else as_lf(text).rstrip()


class LinesField(forms.CharField):
    """A list of texts, one a line."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        """One a line."""
        return "\n".join(str(item) for item in value) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> Any:
        """Lines that say something."""
        if isinstance(value, list):
            return value
        return [line.strip() for line in as_lf(value or "").split("\n") if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compared line by line; an empty field is no line."""
        return bool(self.to_python(initial) != self.to_python(data))


class NumberField(forms.CharField):
    """A number with a decimal comma or point."""

    def __init__(self, *, declared: editor.Number, **kwargs: Any) -> None:
        self.declared = declared
        attrs = {"inputmode": "decimal", "autocomplete": "off", "size": 8}
        super().__init__(widget=forms.TextInput(attrs=attrs), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """As the reader writes numbers, every digit kept."""
        return written(value) if isinstance(value, int | float) and not isinstance(value, bool) else value

    def to_python(self, value: Any) -> Any:
        """The number; None when nothing was typed."""
        if value in self.empty_values or isinstance(value, int | float):
            return None if value in self.empty_values else value
        number, rest = read_number(str(value))
        if number is None or rest:
            raise ValidationError(_("“%(text)s” is not a number: type digits only."), params={"text": value})
        return int(number) if number.is_integer() and abs(number) < 2**53 else number

    def validate(self, value: Any) -> None:
        """Within its bounds."""
        super().validate(value)
        if value is None:
            return
        least, most = self.declared.minimum, self.declared.maximum
        if self.declared.integer and not isinstance(value, int):
            raise ValidationError(_("A whole number is needed here."))
        if (least is not None and value < least) or (most is not None and value > most):
            raise ValidationError(out_of_bounds(least, most))

    def run_validators(self, value: Any) -> None:
        """None beside its bounds."""


def out_of_bounds(least: float | None, most: float | None) -> Any:
    """The sentence for a number outside its bounds."""
    if least is not None and most is not None:
        return _("Type a number from %(least)s to %(most)s.") % {"least": written(least), "most": written(most)}
    if least is not None:
        return _("Type a number that is not below %(least)s.") % {"least": written(least)}
    return _("Type a number that is not above %(most)s.") % {"most": written(most)}


def written(number: float | None) -> str:
    """A number with every digit, and a decimal comma in Vietnamese."""
    if number is None:
        return ""
    text = repr(int(number)) if float(number).is_integer() and abs(number) < 2**53 else repr(number)
    return text.replace(".", ",") if (get_language() or "vi").startswith("vi") else text


class NumbersField(forms.CharField):
    """Several numbers in one line."""

    def __init__(self, *, count: int | None, **kwargs: Any) -> None:
        self.count = count
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Separated by blanks."""
        return " ".join(written(item) for item in value) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> Any:
        """The numbers; None when nothing was typed."""
        if isinstance(value, list) or not (value or "").strip():
            return value or None
        found = []
        for piece in value.replace(";", " ").split():
            number, rest = read_number(piece)
            if number is None or rest:
                raise ValidationError(_("“%(text)s” is not a number: type digits only."), params={"text": piece})
            found.append(int(number) if number.is_integer() else number)
        if self.count is not None and len(found) != self.count:
            raise ValidationError(_("%(count)d numbers are needed here."), params={"count": self.count})
        return found

    def run_validators(self, value: Any) -> None:
        """None."""


class OptionField(forms.TypedChoiceField):
    """One of the declared values, which need not be texts."""

    def __init__(self, *, declared: editor.Choice, **kwargs: Any) -> None:
        values = {str(value): value for value, _label in declared.options}
        widget = forms.RadioSelect if declared.required and len(values) <= 4 else forms.Select
        choices: list[tuple[str, Any]] = [(str(value), label) for value, label in declared.options]
        if declared.required and widget is forms.Select:
            choices = [("", _("Choose…")), *choices]
        super().__init__(choices=choices, coerce=values.__getitem__, empty_value=None, widget=widget, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """As in the list."""
        return None if value is None else str(value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compared as in the list."""
        return super().has_changed(None if initial is None else str(initial), data)


class KeptField(forms.CharField):
    """Any JSON value, carried along."""

    widget = forms.HiddenInput

    def prepare_value(self, value: Any) -> Any:
        """JSON."""
        return "" if value is None else json.dumps(value, ensure_ascii=False)

    def bound_data(self, data: Any, initial: Any) -> Any:
        """What was sent is JSON already; unreadable, it is nothing."""
        try:
            return json.loads(data) if data else None
        except ValueError:
            return None

    def to_python(self, value: Any) -> Any:
        """The value."""
        return self.bound_data(value, None)

    def run_validators(self, value: Any) -> None:
        """None: the type checks it."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Never: it makes no row of an empty one."""
        return False


@singledispatch
def form_field(declared: editor.Field) -> forms.Field:
    """The form field of a declared one."""
    raise NotImplementedError(type(declared).__name__)


def _facts(declared: editor.Field) -> dict[str, Any]:
    missing = _("“%(field)s” is empty: fill it in.") % {"field": declared.label}
    return {
        "label": declared.label,
        "help_text": declared.help,
        "required": declared.required,
        "error_messages": {"required": missing},
    }


@form_field.register
def _rich_text(declared: editor.RichText) -> forms.Field:
    return RichTextField(lines=declared.lines, **_facts(declared))


@form_field.register
def _line(declared: editor.Line) -> forms.Field:
    return forms.CharField(max_length=declared.max_length, **_facts(declared))


@form_field.register
def _lines(declared: editor.Lines) -> forms.Field:
    return LinesField(widget=forms.Textarea(attrs={"rows": 3}), **_facts(declared))


@form_field.register
def _number(declared: editor.Number) -> forms.Field:
    return NumberField(declared=declared, initial=declared.initial, **_facts(declared))


@form_field.register
def _numbers(declared: editor.Numbers) -> forms.Field:
    return NumbersField(count=declared.count, **_facts(declared))


@form_field.register
def _choice(declared: editor.Choice) -> forms.Field:
    first = None if declared.required else declared.options[0][0]
    return OptionField(declared=declared, initial=first, **_facts(declared))


@form_field.register
def _flag(declared: editor.Flag) -> forms.Field:
    return forms.BooleanField(initial=declared.initial, **{**_facts(declared), "required": False})


@form_field.register
def _picture(declared: editor.Picture) -> forms.Field:
    return forms.CharField(widget=forms.TextInput(attrs={"data-picture": ""}), max_length=500, **_facts(declared))


@form_field.register
def _kept(declared: editor.Kept) -> forms.Field:
    return KeptField(required=False)
