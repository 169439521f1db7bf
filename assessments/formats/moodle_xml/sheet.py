"""One <question> while it is written: elements, texts with their files, in the order of Moodle's own export."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import quoteattr

from assessments.formats.base import MediaFile
from assessments.formats.moodle_xml.media import names_in, with_pluginfile

# What XML 1.0 has no way to write at all.
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
COMBINED_FEEDBACK = {
    "correctfeedback": "feedback_right",
    "partiallycorrectfeedback": "feedback_partial",
    "incorrectfeedback": "feedback_wrong",
}
_MARKUP = re.compile("[&<>\"']")


class Sheet:
    """Collects the lines of a question; `media` are its files, `files` the names of those that stand in it by now."""

    def __init__(self, media: Mapping[str, MediaFile]) -> None:
        self._media = media
        self.files: set[str] = set()
        self._lines: list[str] = []
        self._level = 2

    def __str__(self) -> str:
        return "\n".join(self._lines)

    def line(self, text: str) -> None:
        """A line at the level where we are."""
        self._lines.append("  " * self._level + text)

    def open(self, tag: str, **attributes: str) -> None:
        """Begin an element."""
        self.line(f"<{tag}{written_attributes(attributes)}>")
        self._level += 1

    def close(self, tag: str) -> None:
        """End it."""
        self._level -= 1
        self.line(f"</{tag}>")

    def value(self, tag: str, value: object) -> None:
        """An element that holds a plain value; true and false in words."""
        text = ("true" if value else "false") if isinstance(value, bool) else str(value)
        self.line(f"<{tag}>{escaped(text)}</{tag}>")

    def flag(self, tag: str, value: bool) -> None:
        """An element that holds 1 or 0."""
        self.value(tag, int(value))

    def mark(self, tag: str) -> None:
        """An empty element, which says yes by being there."""
        self.line(f"<{tag}/>")

    def text(self, text: str) -> None:
        """The <text> of an element."""
        self.line(f"<text>{escaped(text)}</text>")

    def plain(self, tag: str, text: str) -> None:
        """An element whose <text> is plain."""
        self.open(tag)
        self.text(text)
        self.close(tag)

    def html(self, tag: str, html: str, *, files: tuple[str, ...] = (), **attributes: str) -> None:
        """An element whose <text> is HTML, with the files that it shows and those named beside."""
        self.begin_html(tag, html, files=files, **attributes)
        self.close(tag)

    def begin_html(self, tag: str, html: str, *, files: tuple[str, ...] = (), **attributes: str) -> None:
        """As `html`, but the element stays open."""
        self.open(tag, **attributes, format="html")
        self.text(with_pluginfile(html))
        for name in dict.fromkeys([*names_in(html), *files]):
            self.file(name)

    def has(self, name: str) -> bool:
        """Whether we have the file."""
        return name in self._media

    def file(self, name: str) -> None:
        """The bytes of a file, when we have it."""
        if name in self._media:
            self.files.add(name)
            content = base64.b64encode(self._media[name].content).decode("ascii")
            attributes = written_attributes({"name": name, "path": "/", "encoding": "base64"})
            self.line(f"<file{attributes}>{content}</file>")


def written_attributes(attributes: Mapping[str, str]) -> str:
    """Attributes as they stand in a tag."""
    return "".join(f" {name}={quoteattr(_NOT_IN_XML.sub('', value))}" for name, value in attributes.items())


def escaped(text: str) -> str:
    """Text in XML: as it is, or in CDATA when it holds markup, as Moodle does it."""
    text = _NOT_IN_XML.sub("", text)
    if not _MARKUP.search(text):
        return text
    return "<![CDATA[" + text.replace("]]>", "]]]]><![CDATA[>") + "]]>"


def write_combined_feedback(sheet: Sheet, body: Mapping[str, Any]) -> None:
    """What Moodle calls combined feedback."""
    for tag, key in COMBINED_FEEDBACK.items():
        sheet.html(tag, body[key])
