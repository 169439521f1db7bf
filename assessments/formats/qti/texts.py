"""The texts of an item as our HTML, its pictures kept as media."""

from __future__ import annotations

import html as entities
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeAlias
from urllib.parse import unquote, urlsplit

from django.utils.translation import gettext_lazy as _

from assessments.formats.base import MEDIA_SCHEME
from assessments.formats.moodle_xml.media import Texts as Media
from assessments.formats.moodle_xml.media import safe_name
from assessments.formats.qti.mathml import signs_of
from assessments.formats.qti.nodes import Node
from assessments.formats.texts import decoded_uri
from common.messages import filled

# What lies at an address beside the item; None when nothing does.
Files: TypeAlias = Callable[[str], bytes | None]
# HTML to show instead of an element; None for the element as it is.
Place: TypeAlias = Callable[[Node], str | None]
STEM = "hocso-stem"
_VOID = {"br", "hr", "img", "col", "wbr"}
_BOXES = {"div", "section", "article", "figure", "header", "footer", "aside", "main", "dl", "dt", "dd",
          "center", "figcaption", "nav", "form", "fieldset", "templateBlock", "infoControl", "details", "summary"}  # fmt: skip
_BLOCKS = _BOXES | {
    "p",
    "ul",
    "ol",
    "li",
    "table",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "pre",
    "blockquote",
    "hr",
    "address",
}
_BLOCK_HTML = re.compile(r"<(?:p|ul|ol|table|h[1-6]|pre|blockquote|hr)\b")
_HEADINGS = {"h1": "h2", "h5": "h4", "h6": "h4", "address": "p"}
_CLASSES = {"qti-underline": "u", "txt-underline": "u", "qti-line-through": "s", "hocso-strike": "s"}
_ATTRIBUTES = ("href", "title", "colspan", "rowspan", "scope", "start", "width", "height", "alt", "lang")
_SOUND = {
    "audio": _("a sound"),
    "video": _("a film"),
    "iframe": _("an embedded page"),
    "include": _("an included text"),
}
_LINES = re.compile(r"\s*\n\s*")
_DATA = re.compile(r"data:([a-z]+/[a-z0-9.+-]+)((?:;[^,]*)?),(.*)", re.IGNORECASE | re.DOTALL)


class Texts:
    """Reads the texts of one item; `media` and `notes` of it grow."""

    def __init__(self, files: Files) -> None:
        self.file = files
        self.kept = Media()

    @contextmanager
    def beside(self, document: str) -> Iterator[None]:
        """While it lasts, addresses are those of another document, which lies at this address."""
        whole, folder = self.file, posixpath.dirname(document)
        self.file = lambda address: whole(posixpath.join(folder, address)) or whole(address)
        try:
            yield
        finally:
            self.file = whole

    def note(self, sentence: object) -> None:
        """Tell something once."""
        if str(sentence) not in [str(note) for note in self.kept.notes]:
            self.kept.notes.append(sentence)  # type: ignore[arg-type]

    def html(self, node: Node | None, place: Place | None = None) -> str:
        """What is inside an element."""
        return "" if node is None else self.of(node.children, place).strip()

    def of(self, children: Iterable[Node | str], place: Place | None = None, *, exact: bool = False) -> str:
        """Text and elements; white space counts as it stands where `exact`."""
        pieces = []
        for child in children:
            if isinstance(child, str):
                pieces.append(_escaped(child if exact else _LINES.sub(" ", child)))
            else:
                pieces.append(self._element(child, place, exact=exact))
        return "".join(pieces)

    def picture(self, address: str) -> str:
        """The address of a picture in our HTML; "" for one that we do not have the bytes of and cannot name."""
        data = _DATA.match(address)
        if data is not None:
            content = decoded_uri(data[2], data[3])
            extension = safe_name(data[1].rpartition("/")[2].split("+")[0]).replace("jpeg", "jpg")
            return MEDIA_SCHEME + self.kept.keep(f"picture.{extension}", content) if content else ""
        if urlsplit(address).scheme in {"http", "https"}:
            return address
        name = posixpath.basename(unquote(urlsplit(address).path))
        content = self.file(address)
        if content is None:
            self.note(filled(_("The file “%(name)s” is not in the file."), {"name": name[:80]}))
            return MEDIA_SCHEME + safe_name(name)
        return MEDIA_SCHEME + self.kept.keep(name, content)

    def _element(self, node: Node, place: Place | None, *, exact: bool) -> str:
        tag = node.tag
        shown = place(node) if place is not None else None
        if shown is not None:
            return shown
        if tag in {"feedbackBlock", "feedbackInline", "modalFeedback", "rubricBlock"}:
            return ""  # each has a place of its own in a question
        if tag == "stylesheet":
            self.note(_("Its style sheet is not kept."))
            return ""
        if tag == "img":
            return self._image(node.get("src"), node.get("alt"), node)
        if tag in {"object", "embed", "picture"}:
            return self._object(node)
        if tag == "math":
            return self._math(node)
        if tag == "printedVariable":
            self.note(filled(_("Not kept: %(what)s."), {"what": f"printedVariable “{node.get('identifier')[:40]}”"}))
            return ""
        if tag in {"rt", "rp"}:  # how a sign is spoken, which our texts have no place above it for
            return f" ({_escaped(node.text)})" if tag == "rt" and node.text else ""
        if tag in _SOUND:
            self.note(filled(_("Not kept: %(what)s."), {"what": _SOUND[tag]}))
            return _escaped(node.text) if tag == "include" else ""
        inner = self.of(node.children, place, exact=exact or tag == "pre")
        if tag == "contentBody":  # what QTI 3 puts around texts says nothing
            return inner
        if STEM in node.get("class").split():
            return self.of(node.children, place, exact=True)
        if tag in _BOXES:
            has_blocks = _BLOCK_HTML.search(inner) is not None
            return inner if has_blocks or not inner.strip() else f"<p>{inner.strip()}</p>"
        if tag == "span":
            own = next((_CLASSES[name] for name in node.get("class").split() if name in _CLASSES), None)
            if own is not None:
                return f"<{own}>{inner}</{own}>"
        tag = _HEADINGS.get(tag, tag)
        return f"<{tag}{_attributes(node)}>" + ("" if tag in _VOID else f"{inner}</{tag}>")

    def _image(self, address: str, alt: str, node: Node) -> str:
        source = self.picture(address) if address else ""
        if not source:
            return _escaped(alt)
        sizes = "".join(
            f' {name}="{node.get(name)}"' for name in ("width", "height") if re.fullmatch(r"[0-9]{1,5}", node.get(name))
        )
        return f'<img src="{_quoted(source)}" alt="{_quoted(alt)}"{sizes}>'

    def _object(self, node: Node) -> str:
        kind, address = node.get("type"), node.get("data") or node.get("src")
        if node.tag == "picture":
            image = node.child("img")
            return self._element(image, None, exact=False) if image is not None else ""
        if kind.startswith("image/") or re.search(r"\.(?:png|jpe?g|gif|svg|webp)$", address, re.IGNORECASE):
            return self._image(address, node.text, node)
        self.note(filled(_("Not kept: %(what)s."), {"what": posixpath.basename(address)[:80] or kind or node.tag}))
        return _escaped(node.text)

    def _math(self, node: Node) -> str:
        """A formula by its alternative text, its TeX, or its signs."""
        self.note(_("Formulas in MathML are kept as plain text."))
        tex = next((one.text for one in node.within("annotation") if "tex" in one.get("encoding").lower()), "")
        return _escaped(node.get("alttext") or tex or signs_of(node))


def is_block(node: Node) -> bool:
    """Whether an element of HTML stands on lines of its own."""
    return node.tag in _BLOCKS


def _attributes(node: Node) -> str:
    named = {name.removeprefix("xml:"): value for name, value in node.attributes.items()}
    return "".join(f' {name}="{_quoted(value)}"' for name, value in named.items() if name in _ATTRIBUTES)


def _escaped(text: str) -> str:
    return entities.escape(text, quote=False).replace("\xa0", "&nbsp;")


def _quoted(text: str) -> str:
    return entities.escape(text, quote=False).replace('"', "&quot;").replace("\xa0", "&nbsp;")
