"""The same page in the other language."""

from __future__ import annotations

from django import template
from django.template import Context
from django.urls import translate_url
from django.utils.translation import get_language

register = template.Library()


@register.simple_tag(takes_context=True)
def other_language_url(context: Context) -> str:
    """Address of this page in the other language; `language_url` in the context says where a page has another one."""
    known = context.get("language_url")
    if known:
        return str(known)
    request = context.get("request")
    other = "vi" if (get_language() or "vi").startswith("en") else "en"
    return translate_url(request.get_full_path(), other) if request is not None else "/"
