"""A QTI document as a tree with one set of names: those of QTI 2, which the kebab-case names of QTI 3 are turned into."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.parsers import expat

from django.utils.translation import gettext_lazy as _

from assessments.formats.checking import NotTaken
from common.messages import filled

MOST_LEVELS = 80  # the digest of an item counts two levels for each
MOST_NODES = 50_000
MOST_DOCUMENT_BYTES = 30 * 1024 * 1024
_KEBAB = re.compile(r"-([a-z0-9])")
_CAMEL = re.compile(r"(?<=[a-z0-9])([A-Z])")
_KEPT_PREFIXES = ("xml:", "data-", "aria-")


class Node:
    """An element with its text and elements in their order; `line` is where it begins."""

    __slots__ = ("attributes", "children", "line", "tag")

    def __init__(
        self,
        tag: str,
        attributes: dict[str, str] | None = None,
        *children: Node | str,
        line: int = 0,
    ) -> None:
        self.tag, self.attributes, self.line = tag, attributes or {}, line
        self.children: list[Node | str] = list(children)

    @property
    def elements(self) -> list[Node]:
        """The elements directly in it."""
        return [child for child in self.children if isinstance(child, Node)]

    @property
    def text(self) -> str:
        """All text in it, without the white space around it."""
        return "".join(self._texts()).strip()

    def _texts(self) -> Iterator[str]:
        for child in self.children:
            if isinstance(child, str):
                yield child
            else:
                yield from child._texts()

    def get(self, name: str, default: str = "") -> str:
        """An attribute."""
        return self.attributes.get(name, default)

    def child(self, tag: str) -> Node | None:
        """The first element of this name directly in it."""
        return next((node for node in self.elements if node.tag == tag), None)

    def all(self, *tags: str) -> list[Node]:
        """Every element of these names directly in it."""
        return [node for node in self.elements if node.tag in tags]

    def within(self, *tags: str) -> Iterator[Node]:
        """Every element of these names at any depth, in the order of the document."""
        for node in self.elements:
            if node.tag in tags:
                yield node
            yield from node.within(*tags)

    def size(self) -> int:
        """How many elements it is made of."""
        return 1 + sum(node.size() for node in self.elements)

    def shape(self) -> list[object]:
        """What it says as plain data, however it is laid out; without our own `data-hocso` attributes."""
        attributes = sorted([key, value] for key, value in self.attributes.items() if not key.startswith("data-hocso"))
        children = [child.shape() if isinstance(child, Node) else child for child in self.children]
        return [self.tag, attributes, [child for child in children if not isinstance(child, str) or child.strip()]]


def our_name(name: str) -> tuple[str, bool]:
    """(the name in QTI 2, whether it is one of QTI 3); prefixes do not count."""
    bare = name.rpartition(":")[2]
    if bare.startswith("qti-"):
        return _KEBAB.sub(lambda found: found[1].upper(), bare[4:]), True
    return bare, False


def kebab(name: str) -> str:
    """A name of QTI 2 as QTI 3 writes it, without its prefix `qti-`."""
    return _CAMEL.sub(lambda found: f"-{found[1]}", name).lower()


def parse_document(data: bytes) -> Node:
    """The root of a document. Raises NotTaken: not well-formed, too large, too deep, or with a document type."""
    if len(data) > MOST_DOCUMENT_BYTES:
        raise NotTaken(filled(_("The document is larger than %(most)d MB."), {"most": MOST_DOCUMENT_BYTES // 1024**2}))
    if not data.strip():
        raise NotTaken(_("The document is empty."))
    builder = _Builder()
    try:
        builder.parser.Parse(data.lstrip(), True)
    except expat.ExpatError as problem:
        facts = {"line": problem.lineno, "column": problem.offset + 1, "problem": expat.ErrorString(problem.code)}
        raise NotTaken(
            filled(_("It is not well-formed XML: line %(line)d, column %(column)d (%(problem)s)."), facts)
        ) from None
    except (LookupError, ValueError):
        raise NotTaken(_("It names an encoding that we do not read: save it as UTF-8 and try again.")) from None
    if builder.root is None:
        raise NotTaken(_("The document is empty."))
    return builder.root


class _Builder:
    """Makes the tree of what the parser reports, and refuses what no question has a use for."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._refuse_doctype
        self.root: Node | None = None
        self._open: list[Node] = []
        self._count = 0

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if len(self._open) >= MOST_LEVELS or self._count > MOST_NODES:
            line = self.parser.CurrentLineNumber
            raise NotTaken(
                filled(_("It is nested too deeply or has too many elements (line %(line)d)."), {"line": line})
            )
        tag, is_three = our_name(name)
        node = Node(tag, _our_attributes(attributes, is_three), line=self.parser.CurrentLineNumber)
        if self._open:
            self._open[-1].children.append(node)
        else:
            self.root = node
        self._open.append(node)

    def _end(self, _name: str) -> None:
        self._open.pop()

    def _text(self, text: str) -> None:
        if self._open:
            self._open[-1].children.append(text)

    def _refuse_doctype(self, *_details: object) -> None:
        raise NotTaken(
            _("The document has a document type (DOCTYPE), which could call up other files: take that line out.")
        )


def _our_attributes(attributes: dict[str, str], is_three: bool) -> dict[str, str]:
    found = {}
    for name, value in attributes.items():
        if name == "xmlns" or name.startswith(("xmlns:", "xsi:")):
            continue
        if is_three and not name.startswith(_KEPT_PREFIXES):
            name = _KEBAB.sub(lambda part: part[1].upper(), name)
        found[name] = value
    return found
