"""The files inside one Moodle question, and its texts as our HTML."""

from __future__ import annotations

import re
from urllib.parse import unquote

from django.utils.translation import gettext_lazy as _

from assessments.formats.base import MEDIA_SCHEME, MediaFile, Text
from assessments.formats.checking import NotTaken
from assessments.formats.moodle_xml.languages import in_one_language
from assessments.formats.moodle_xml.nodes import Node
from assessments.formats.texts import (
    decoded_base64,
    from_auto,
    from_html,
    from_markdown,
    from_plain,
    take_data_uris,
)
from common.html import plain_text
from common.messages import filled
from common.vietnamese import nfc

_PLUGINFILE = re.compile(r"@@PLUGINFILE@@/([^\"'<>\s]*)")
_MEDIA = re.compile(rf'((?:src|href)="){MEDIA_SCHEME}([^"]*)"')
# Of a text as it stands, pictures in it aside; programs that write HTML use many signs for little text.
MOST_RAW = 300_000
MOST_MARKDOWN = 20_000
_UNSAFE = re.compile(r"[^\w.+-]+")


class Texts:
    """Reads the texts of one question; `media` and `notes` grow with them."""

    def __init__(self) -> None:
        self.media: dict[str, MediaFile] = {}
        self.notes: list[Text] = []
        self.default_format = "html"
        self._languages: set[str] = set()

    def html(self, node: Node | None, default_format: str | None = None) -> str:
        """The text of a node in our HTML; its files are kept and its references point to them."""
        if node is None:
            return ""
        return self.formatted(node.said, node, self.files(node), default_format)

    def formatted(self, text: str, node: Node, names: dict[str, str], default_format: str | None = None) -> str:
        """HTML of a text in the format that the node names; `names` as in `resolved`."""
        if not text:
            return ""
        kind = node.attributes.get("format") or default_format or self.default_format
        return self.formatted_as(text, kind.strip(), names)

    def formatted_as(self, text: str, kind: str, names: dict[str, str] | None = None) -> str:
        """HTML of a text in a format of Moodle; `names` as in `resolved`."""
        text = text if kind == "plain_text" else self._without_data(text)
        if len(text) > (MOST_MARKDOWN if kind == "markdown" else MOST_RAW):
            raise NotTaken(_("A text in it is too long."))
        return self.resolved(self._formatted(text, kind), names or {}) if text else ""

    def bounded(self, text: str) -> str:
        """The text with the pictures in it as files. Raises NotTaken when it is too long all the same."""
        text = self._without_data(text)
        if len(text) > MOST_RAW:
            raise NotTaken(_("A text in it is too long."))
        return text

    def string(self, text: str) -> str:
        """HTML of a text that Moodle shows without a format: entities count, and what is only tags is meant as text."""
        html = from_html(self._in_one_language(self.bounded(text)))
        return html if plain_text(html) or not text else from_plain(text)

    def resolved(self, html: str, names: dict[str, str]) -> str:
        """HTML whose references to files (`names`: as written → ours) and pictures in the text are media."""
        html = self._in_one_language(self._without_data(html))

        def replaced(found: re.Match[str]) -> str:
            wanted = unquote(found[1].split("?")[0])
            if wanted not in names:
                self.notes.append(filled(_("The file “%(name)s” is not in the file."), {"name": wanted}))
                return MEDIA_SCHEME + safe_name(wanted)
            return MEDIA_SCHEME + names[wanted]

        return _PLUGINFILE.sub(replaced, html)

    def files(self, node: Node) -> dict[str, str]:
        """The files of a node: their names as written → our names."""
        names = {}
        for file in node.all("file"):
            path = file.attributes.get("path", "/").strip("/")
            name = (f"{path}/" if path else "") + file.attributes.get("name", "").strip()
            is_base64 = file.attributes.get("encoding", "base64") == "base64"
            content = decoded_base64(file.text) if is_base64 else None
            if not name or content is None:
                self.notes.append(filled(_("The file “%(name)s” inside it cannot be read."), {"name": name}))
                continue
            names[name] = self.keep(name, content)
        return names

    def all_files(self, node: Node) -> None:
        """Keep the files of a node and of everything in it."""
        self.files(node)
        for child in node.children:
            self.all_files(child)

    def keep(self, name: str, content: bytes) -> str:
        """Our name of a file: its own, without signs that an address cannot have, unless another file has it."""
        name = safe_name(name)
        stem, dot, extension = name.rpartition(".")
        own, number = name, 1
        while own in self.media and self.media[own].content != content:
            number += 1
            own = f"{stem}-{number}.{extension}" if dot else f"{name}-{number}"
        self.media[own] = MediaFile(own, content)
        return own

    def _in_one_language(self, html: str) -> str:
        html, kept = in_one_language(html)
        if kept and kept not in self._languages:
            self._languages.add(kept)
            sentence = _("Of texts in several languages only one was kept: “%(language)s”.")
            self.notes.append(filled(sentence, {"language": kept}))
        return html

    def _without_data(self, html: str) -> str:
        return take_data_uris(html, lambda name, content: MEDIA_SCHEME + self.keep(name, content))

    def _formatted(self, text: str, kind: str) -> str:
        if kind == "plain_text":
            return from_plain(text)
        if kind == "moodle_auto_format":
            return from_html(from_auto(text))
        if kind == "markdown":
            return from_html(from_markdown(text))
        if kind != "html":
            self.notes.append(filled(_("The text format “%(format)s” was read as HTML."), {"format": kind}))
        return from_html(text)


def safe_name(name: str) -> str:
    """A name that can stand in an address as it is."""
    return _UNSAFE.sub("_", nfc(name)) or "file"


def names_in(html: str) -> list[str]:
    """The names of the media that an HTML text shows, each once."""
    return list(dict.fromkeys(name for _attribute, name in _MEDIA.findall(html)))


def with_pluginfile(html: str) -> str:
    """The HTML as Moodle writes it: files by @@PLUGINFILE@@."""
    return _MEDIA.sub(r'\1@@PLUGINFILE@@/\2"', html)
