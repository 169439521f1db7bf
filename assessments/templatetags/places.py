"""Places in files, said in templates."""

from __future__ import annotations

from django import template

from assessments.formats.places import Place

register = template.Library()


@register.filter
def place(ref: str) -> str:
    """Where an item stands, in the reader's language."""
    return str(Place(ref))
