"""A Moodle XML file as a stream of elements: one question in memory at a time, and nothing that XML can do to us."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import IO
from xml.parsers import expat

from django.utils.translation import gettext_lazy as _

from assessments.formats.base import MOST_FILE_BYTES, Unreadable
from common.messages import filled

CHUNK = 64 * 1024
MOST_LEVELS = 60
MOST_NODES = 50_000
_ENDS_EARLY = {
    expat.errors.codes[message]
    for message in (
        expat.errors.XML_ERROR_NO_ELEMENTS,
        expat.errors.XML_ERROR_UNCLOSED_TOKEN,
        expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
        expat.errors.XML_ERROR_PARTIAL_CHAR,
    )
}


class Node:
    """An element. `line` is where it begins; `cut` tells that it had more parts than we hold."""

    __slots__ = ("attributes", "children", "cut", "line", "parts", "tag")

    def __init__(self, tag: str, attributes: dict[str, str], line: int) -> None:
        self.tag, self.attributes, self.line = tag, attributes, line
        self.children: list[Node] = []
        self.parts: list[str] = []
        self.cut = False

    @property
    def text(self) -> str:
        """The text of the element itself, without that of its children and the white space around it."""
        return "".join(self.parts).strip()

    def child(self, tag: str) -> Node | None:
        """The first child of this name."""
        return next((node for node in self.children if node.tag == tag), None)

    def all(self, tag: str) -> list[Node]:
        """Every child of this name."""
        return [node for node in self.children if node.tag == tag]

    def value(self, tag: str, default: str = "") -> str:
        """What a child says: the text of its <text> when it has one, else its own; `default` without the child."""
        node = self.child(tag)
        if node is None:
            return default
        return node.said

    @property
    def said(self) -> str:
        """The text of its <text> when it has one, else its own."""
        inner = self.child("text")
        return inner.text if inner is not None else self.text


class _Found(Exception):
    """The name of the root, which ends the look at the head of a file."""

    def __init__(self, tag: str) -> None:
        super().__init__(tag)
        self.tag = tag


def root_name(head: bytes) -> str:
    """The name of the root element of the XML that begins like this; "" when it is no XML."""

    def found(tag: str, *_rest: object) -> None:
        raise _Found(tag)

    parser, start, _lines = _parser_for(head)
    # A document type names the root before anything in it could be expanded.
    parser.StartElementHandler = parser.StartDoctypeDeclHandler = found
    try:
        parser.Parse(head[start:], False)
    except _Found as root:
        return root.tag
    except (expat.ExpatError, LookupError, ValueError):
        return ""
    return ""


def read_nodes(file: IO[bytes]) -> Iterator[Node]:
    """The children of <quiz>, each as soon as it is complete. Raises Unreadable, after what came before the fault."""
    chunk = file.read(CHUNK)
    if not chunk.strip():
        raise Unreadable(_("The file is empty."))
    parser, start, lines = _parser_for(chunk)
    builder = _Builder(parser, lines)
    chunk, total = chunk[start:], 0
    while True:
        total += len(chunk)
        fault = None
        if total > MOST_FILE_BYTES:
            fault = Unreadable(
                filled(_("The file is larger than %(most)d MB: divide it."), {"most": MOST_FILE_BYTES // 1024 // 1024})
            )
        else:
            fault = _feed(parser, chunk, lines)
        yield from builder.take()
        if fault is not None:
            raise fault
        if not chunk:
            return
        chunk = file.read(CHUNK)


def _feed(parser: expat.XMLParserType, chunk: bytes, lines: int) -> Unreadable | None:
    """What is wrong with the next piece of the file; an empty one is its end."""
    try:
        parser.Parse(chunk, not chunk)
    except Unreadable as fault:
        return fault
    except expat.ExpatError as problem:
        line = problem.lineno + lines
        if not chunk or problem.code in _ENDS_EARLY:
            message = _("The file ends in the middle, at line %(line)d: it was not saved or sent completely.")
        else:
            message = _("The file is not well-formed XML: line %(line)d, column %(column)d (%(problem)s).")
        values = {"line": line, "column": problem.offset + 1, "problem": expat.ErrorString(problem.code)}
        return Unreadable(filled(message, values))
    except (LookupError, ValueError):
        return Unreadable(_("The file names an encoding that we do not read: save it as UTF-8 and try again."))
    return None


def _parser_for(head: bytes) -> tuple[expat.XMLParserType, int, int]:
    """(a parser, how many bytes of blank space to leave out, the lines among them).

    A byte-order mark, or UTF-16 that shows itself, is believed more than the declaration.
    """
    encoding = None
    if head.startswith(codecs.BOM_UTF8):
        encoding = "utf-8"
    elif head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif head[:2] == b"<\0":
        encoding = "utf-16le"
    elif head[:2] == b"\0<":
        encoding = "utf-16be"
    start = 0 if encoding else len(head) - len(head.lstrip())
    parser = expat.ParserCreate(encoding, None)
    parser.buffer_text = True
    return parser, start, head[:start].count(b"\n")


class _Builder:
    """Makes nodes of what the parser reports, and refuses what a question file has no use for."""

    def __init__(self, parser: expat.XMLParserType, lines: int) -> None:
        self._parser, self._lines = parser, lines
        self._open: list[Node] = []
        self._levels = self._count = 0
        self._ready: list[Node] = []
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = self._refuse_doctype

    def take(self) -> list[Node]:
        """What has become complete since the last time."""
        ready, self._ready = self._ready, []
        return ready

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._levels += 1
        if self._levels == 1:
            if tag != "quiz":
                raise Unreadable(filled(_("This is not Moodle XML: it begins with <%(tag)s>."), {"tag": tag[:40]}))
            return
        if self._levels > MOST_LEVELS:
            line = self._parser.CurrentLineNumber + self._lines
            raise Unreadable(filled(_("The elements are nested too deeply at line %(line)d."), {"line": line}))
        if self._levels == 2:
            self._count = 0
        self._count += 1
        node = Node(tag, attributes, self._parser.CurrentLineNumber + self._lines)
        if self._open:
            if self._count > MOST_NODES:
                self._open[0].cut = True
            else:
                self._open[-1].children.append(node)
        self._open.append(node)

    def _end(self, _tag: str) -> None:
        self._levels -= 1
        if self._open:
            node = self._open.pop()
            if not self._open:
                self._ready.append(node)

    def _text(self, text: str) -> None:
        if self._open:
            self._open[-1].parts.append(text)

    def _refuse_doctype(self, *_details: object) -> None:
        raise Unreadable(
            _("The file has a document type (DOCTYPE), which could call up other files: take that line out.")
        )
