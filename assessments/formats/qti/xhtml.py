"""Our HTML as elements of QTI, and trees as documents of QTI 2.2 or 3.0."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Literal, TypeAlias
from urllib.parse import quote, unquote
from xml.sax.saxutils import escape

from assessments.formats.base import MEDIA_SCHEME
from assessments.formats.moodle_xml.sheet import written_attributes
from assessments.formats.qti.item import FOLDER
from assessments.formats.qti.nodes import Node, kebab
from common.html import INLINE, TAGS

Version: TypeAlias = Literal["2.2", "3.0"]
NAMESPACES: dict[Version, str] = {
    "2.2": "http://www.imsglobal.org/xsd/imsqti_v2p2",
    "3.0": "http://www.imsglobal.org/xsd/imsqtiasi_v3p0",
}
_HTML = TAGS | {"img", "div", "object"}
_VOID = {"br", "hr", "img", "col"}
_CLASSED = {"u": "qti-underline", "s": "hocso-strike"}
# What QTI 3 wants around the text of these.
_WRAPPED = {"modalFeedback", "feedbackBlock", "rubricBlock"}
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def element(tag: str, *children: Node | str, **attributes: object) -> Node:
    """An element; attributes by their names in QTI 2, true and false in words, None left out."""
    told = {
        name.removesuffix("_"): str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in attributes.items()
        if value is not None
    }
    return Node(tag, told, *children)


def nodes_of(html: str) -> list[Node | str]:
    """HTML as elements of QTI."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.root.children


def is_inline(html: str) -> bool:
    """Whether HTML may stand where QTI wants no blocks."""
    return set(re.findall(r"<([a-z0-9]+)", html)) <= INLINE | {"img", "br"}


def address_of(source: str) -> str:
    """The address of a picture within a package; other addresses as they are."""
    if not source.startswith(MEDIA_SCHEME):
        return source
    return f"{FOLDER}/{quote(unquote(source.removeprefix(MEDIA_SCHEME)))}"


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("div")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs if name != "rel"}
        if "src" in given:
            given["src"] = address_of(given["src"])
        if tag in _CLASSED:
            tag, given = "span", {**given, "class": _CLASSED[tag]}
        if "lang" in given:
            given["xml:lang"] = given.pop("lang")
        node = Node(tag, given)
        self._open[-1].children.append(node)
        if tag not in _VOID:
            self._open.append(node)

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID and len(self._open) > 1:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)


def document(root: Node, version: Version) -> str:
    """The whole document."""
    root.attributes = {"xmlns": NAMESPACES[version], **root.attributes}
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{serialised(root, version)}\n'


def serialised(node: Node, version: Version) -> str:
    """An element as text. White space is added only between elements that hold no text."""
    is_html = node.tag in _HTML
    tag = node.tag if is_html or version == "2.2" else f"qti-{kebab(node.tag)}"
    attributes = node.attributes
    if version == "3.0" and not is_html:
        attributes = {name if name == "xmlns" or ":" in name or "-" in name else kebab(name): value
                      for name, value in attributes.items()}  # fmt: skip
    children = node.children
    if version == "3.0" and node.tag in _WRAPPED:
        children = [Node("contentBody", {}, *children)]
    begin = f"<{tag}{written_attributes(attributes)}"
    if not children:
        return f"{begin}/>"
    gap = "" if is_html or any(isinstance(child, str) for child in children) or node.tag == "contentBody" else "\n"
    inner = gap.join(serialised(child, version) if isinstance(child, Node) else _escaped(child) for child in children)
    return f"{begin}>{gap}{inner}{gap}</{tag}>"


def _escaped(text: str) -> str:
    return escape(_NOT_IN_XML.sub("", text), {"\r": "&#13;"})
