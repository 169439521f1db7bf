"""How large a picture is, out of its bytes."""

from __future__ import annotations

import io
import re
import warnings

from PIL import Image, UnidentifiedImageError

_SVG_TAG = re.compile(rb"<svg\b[^>]*>", re.IGNORECASE)
_SVG_SIDE = re.compile(rb"""\b(width|height)\s*=\s*["']\s*([0-9]+(?:\.[0-9]+)?)\s*(?:px)?\s*["']""", re.IGNORECASE)
_SVG_BOX = re.compile(rb"""\bviewBox\s*=\s*["']\s*[-\d.]+[\s,]+[-\d.]+[\s,]+([\d.]+)[\s,]+([\d.]+)\s*["']""", re.I)


def image_size(content: bytes) -> tuple[int, int] | None:
    """(width, height) in pixels; None when it is no picture. Only its head is looked at, never its pixels."""
    tag = _SVG_TAG.search(content[:8192])
    if tag:
        sides = {name.lower(): value for name, value in _SVG_SIDE.findall(tag[0])}
        box = _SVG_BOX.search(tag[0])
        found = (sides[b"width"], sides[b"height"]) if len(sides) == 2 else box.groups() if box else None
        return (round(float(found[0])), round(float(found[1]))) if found else None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content)) as picture:
                return picture.size
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
