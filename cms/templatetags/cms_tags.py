"""What the portal's templates ask for."""

from __future__ import annotations

from typing import Any

from django import template
from wagtail.images import get_image_model

register = template.Library()


@register.filter
def picture_url(image: Any) -> str:
    """Address of a picture: a drawing as it is, a photograph at most 960 pixels wide."""
    if image is None:
        return ""
    if image.is_svg():
        return str(image.file.url)
    return str(image.get_rendition("max-960x960|format-webp").url)


@register.filter
def table_rows(value: Any) -> list[list[Any]]:
    """Rows of a table block as lists of cells."""
    return [list(row) for row in value]


@register.filter
def picture_size(image: Any) -> dict[str, int]:
    """Width and height of a picture, so that the page does not jump while it loads."""
    if not isinstance(image, get_image_model()):
        return {"width": 0, "height": 0}
    return {"width": image.width, "height": image.height}


@register.filter
def file_type(name: str) -> str:
    """PDF, XLSX …"""
    return str(name).rpartition(".")[2].upper()
