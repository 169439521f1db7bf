"""Texts of other systems (plain, “auto”, Markdown, their HTML) into our HTML, and pictures written into a text."""

from __future__ import annotations

import base64
import binascii
import html as entities
import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from markdown_it import MarkdownIt

_BETWEEN_TAGS = re.compile(r">\s+<")
_UNKNOWN_BLOCK = re.compile(
    r"<(/?)(?:div|section|article|center|figure|figcaption|header|footer|dl|dt|dd)\b[^<>]*>", re.I
)
_HEADING = re.compile(r"<(/?)h([156])\b", re.I)
_EMPTY_PARAGRAPH = re.compile(r"<p>\s*</p>")
_WRAPPED = re.compile(r"<(p|div|h[1-6]|ul|ol|table)\b[^>]*>.+</(p|div|h[1-6]|ul|ol|table)>", re.I | re.S)
_DATA_URI = re.compile(r"""(\bsrc\s*=\s*)(["'])data:([a-z]+/[a-z0-9.+-]+)((?:;[^,"']*)?),([^"']*)\2""", re.I)
_HAS_DATA = re.compile("data:", re.I)
_EXTENSIONS = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/svg+xml": "svg",
}


def from_plain(text: str) -> str:
    """HTML that shows the text as it stands; lines stay lines."""
    return "<br>".join(entities.escape(line, quote=False) for line in text.splitlines())


def to_plain(html: str) -> str | None:
    """The text that `from_plain` makes exactly this HTML of; None when there is none."""
    text = entities.unescape(html.replace("<br>", "\n"))
    return text if from_plain(text) == html else None


def from_auto(text: str) -> str:
    """HTML of Moodle's “auto format”: tags count, and a line break that does not touch one is shown."""
    text = _BETWEEN_TAGS.sub("> <", text.strip().replace("\r\n", "\n"))
    return text.replace("\n<", " <").replace(">\n", "> ").replace("\n", "<br>")


def from_markdown(text: str) -> str:
    """HTML of Markdown as other systems understand it: tags in it count. Not cleaned."""
    return _markdown().render(text).rstrip("\n")


@lru_cache(maxsize=1)
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": True, "maxNesting": 50}).enable("table")


def from_html(html: str) -> str:
    """HTML whose blocks are ours, so that cleaning joins no words: <div> and its like become paragraphs."""
    html = _HEADING.sub(lambda found: f"<{found[1]}h{'2' if found[2] == '1' else '4'}", html)
    if not _UNKNOWN_BLOCK.search(html):
        return html
    return _EMPTY_PARAGRAPH.sub("", _UNKNOWN_BLOCK.sub(r"<\1p>", html))


def take_data_uris(html: str, keep: Callable[[str, bytes], str]) -> str:
    """Pictures that are written into the text itself become files: `keep` gets a name and bytes, gives the address."""

    def replaced(found: re.Match[str]) -> str:
        content = decoded_uri(found[4], found[5])
        if content is None:
            return found[0]
        extension = _EXTENSIONS.get(found[3].lower(), "bin")
        return f"{found[1]}{found[2]}{keep(f'picture.{extension}', content)}{found[2]}"

    return _DATA_URI.sub(replaced, html) if _HAS_DATA.search(html) else html


def decoded_uri(parameters: str, data: str) -> bytes | None:
    """The bytes of a data: address; None when they cannot be read."""
    if "base64" not in parameters.lower():
        return unquote_to_bytes(data)
    return decoded_base64(data)


def decoded_base64(data: str) -> bytes | None:
    """The bytes; white space is allowed; None when it is not Base64."""
    try:
        return base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError):
        return None


def reads_as_html(texts: Iterable[str]) -> bool:
    """Whether a system wrote these texts as HTML: nearly all of them stand in one block element.

    A course about HTML asks of tags in plain text; such texts do not all begin and end with a block.
    """
    filled_in = wrapped = 0
    for text in texts:
        if text.strip():
            filled_in += 1
            wrapped += _WRAPPED.fullmatch(text.strip()) is not None
    return filled_in > 0 and wrapped * 10 >= filled_in * 9
