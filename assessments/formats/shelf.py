"""The files of one question while it is read: each content once, each under a name of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assessments.formats.base import MEDIA_SCHEME, MediaFile
from assessments.formats.checking import texts_of
from assessments.formats.moodle_xml.media import names_in, safe_name


class MediaShelf:
    """Grows while the texts of a question are read."""

    def __init__(self) -> None:
        self.media: dict[str, MediaFile] = {}

    def keep(self, name: str, content: bytes) -> str:
        """Our name of a file: its own, without signs that an address cannot have, unless another file has it."""
        name = safe_name(name)
        stem, dot, extension = name.rpartition(".")
        own, number = name, 1
        while own in self.media and self.media[own].content != content:
            number += 1
            own = f"{stem}-{number}.{extension}" if dot else f"{name}-{number}"
        self.media.setdefault(own, MediaFile(own, content))
        return own

    def image(self, name: str, content: bytes, alt: str = "") -> str:
        """The <img> that shows a file."""
        safe_alt = alt.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
        return f'<img src="{MEDIA_SCHEME}{self.keep(name, content)}" alt="{safe_alt}">'


def media_shown(body: Mapping[str, Any]) -> set[str]:
    """The names of the files that a body shows, in its texts and in fields of their own."""
    texts = texts_of(body)
    own = {text.removeprefix(MEDIA_SCHEME) for text in texts if text.startswith(MEDIA_SCHEME)}
    return own | set(names_in(" ".join(text for text in texts if "<" in text)))
