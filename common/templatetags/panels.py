"""`{% panels "place" %}`."""

from __future__ import annotations

from django import template
from django.template.context import RequestContext
from django.utils.safestring import SafeString

from common.panels import render_panels

register = template.Library()


@register.simple_tag(takes_context=True)
def panels(context: RequestContext, place: str) -> SafeString:
    """The panels registered for a place, with the page's context."""
    request = context.get("request")
    if request is None:
        return SafeString("")
    return render_panels(place, request, {str(key): value for key, value in context.flatten().items()})
