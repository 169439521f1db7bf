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


def web_picture(content: bytes) -> tuple[str, bytes] | None:
    """(ending, bytes) of a picture as browsers show it, BMP and TIFF as PNG; None for other kinds, such as WMF."""
    for start, ending in _STARTS:
        if content.startswith(start):
            return ending, content
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp", content
    if content.startswith((b"BM", b"II*\0", b"MM\0*")):
        return _as_png(content)
    return ("svg", content) if _SVG_TAG.search(content[:8192]) else None


def _as_png(content: bytes) -> tuple[str, bytes] | None:
    size = image_size(content)
    if size is None or size[0] * size[1] > MOST_PIXELS:
        return None
    try:
        with Image.open(io.BytesIO(content)) as picture, io.BytesIO() as made:
            picture.convert("RGBA" if "A" in picture.getbands() else "RGB").save(made, "PNG")
            return "png", made.getvalue()
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError):
        return None


MOST_PIXELS = 40_000_000
_STARTS = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpg"),
    (b"GIF8", "gif"),
)
