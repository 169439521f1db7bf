"""A text with its looks, that can be cut like a string and become HTML."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from common.vietnamese import nfc

# Stands for a picture, a formula or a table in the plain text.
OBJECT = "\ufffc"
# Looks by which people mark a right answer, from the surest.
ANSWER_MARKS = ("underline", "highlight", "colour", "bold", "italic")
# The text was a paragraph of HTML when we wrote it.
BLOCK = "block"
_SPACES = re.compile(r"[^\S\n]{9,}")
_TAGS = (("bold", "strong"), ("italic", "em"), ("underline", "u"), ("strike", "s"), ("sub", "sub"), ("sup", "sup"))


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of one look: its text, or the HTML of an object whose text is OBJECT."""

    text: str
    marks: frozenset[str] = frozenset()
    html: str = ""


class Rich:
    """Pieces in a row. Immutable; `plain` is their text."""

    __slots__ = ("pieces", "plain")

    def __init__(self, pieces: Iterable[Piece] = ()) -> None:
        self.pieces = _joined(pieces)
        self.plain = "".join(piece.text for piece in self.pieces)

    def __add__(self, other: Rich) -> Rich:
        return Rich([*self.pieces, *other.pieces])

    def __bool__(self) -> bool:
        return bool(self.plain.strip())

    def cut(self, start: int, end: int | None = None) -> Rich:
        """The part between two places of `plain`, without white space at its ends."""
        text = self.plain[start:end]
        first = start + len(text) - len(text.lstrip())
        last = first + len(text.strip())
        found, at = [], 0
        for piece in self.pieces:
            begin, stop = max(first - at, 0), min(last - at, len(piece.text))
            if begin < stop:
                found.append(Piece(piece.text[begin:stop], piece.marks, piece.html))
            at += len(piece.text)
        return Rich(found)

    def lines(self) -> list[Rich]:
        """The lines between line breaks."""
        found, start = [], 0
        for line in self.plain.split("\n"):
            found.append(self.cut(start, start + len(line)))
            start += len(line) + 1
        return found

    def without(self, mark: str) -> Rich:
        """The same without one look."""
        return Rich(Piece(piece.text, piece.marks - {mark}, piece.html) for piece in self.pieces)

    def marks(self) -> frozenset[str]:
        """The looks that most of it has."""
        total = sum(len(piece.text.strip()) for piece in self.pieces)
        if not total:
            return frozenset()
        every = {mark for piece in self.pieces for mark in piece.marks}
        return frozenset(mark for mark in every if self._having(mark) * 10 >= total * 6)

    def _having(self, mark: str) -> int:
        return sum(len(piece.text.strip()) for piece in self.pieces if mark in piece.marks)

    def html(self) -> str:
        """Inline HTML. A look that all of it has says nothing about a part of it and is left out."""
        texts = [piece for piece in self.pieces if piece.text.strip() and not piece.html]
        everywhere = frozenset.intersection(*(piece.marks for piece in texts)) if texts else frozenset()
        shown = [
            piece if piece.html else Piece(piece.text, piece.marks - everywhere | (piece.marks & _PLACED))
            for piece in self.pieces
        ]
        return "".join(map(_html, _joined(shown)))


_PLACED = frozenset(["sub", "sup"])


def _html(piece: Piece) -> str:
    if piece.html:
        return piece.html
    text = piece.text
    lead, trail = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    made = html.escape(" ".join(re.split(r"[ \t]+", text.strip(" \t"))), quote=False).replace("\n", "<br>")
    for mark, tag in reversed(_TAGS):
        if mark in piece.marks and made:
            made = f"<{tag}>{made}</{tag}>"
    return f"{' ' if lead.strip(chr(10)) else ''}{made}{' ' if trail.strip(chr(10)) and text.strip() else ''}"


def _joined(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """Neighbours of one look as one: Word cuts words anywhere."""
    found: list[Piece] = []
    for piece in pieces:
        if not piece.text:
            continue
        if found and not piece.html and not found[-1].html and found[-1].marks == piece.marks:
            found[-1] = Piece(found[-1].text + piece.text, piece.marks)
        else:
            found.append(piece)
    return tuple(piece if piece.html else Piece(_SPACES.sub(_gap, nfc(piece.text)), piece.marks) for piece in found)


def _gap(found: re.Match[str]) -> str:
    return "\t" if "\t" in found[0] else "        "


def text(value: str, marks: Iterable[str] = ()) -> Rich:
    """A plain text."""
    return Rich([Piece(value, frozenset(marks))])


def shown(value: str) -> Rich:
    """An object that is shown as this HTML."""
    return Rich([Piece(OBJECT, frozenset(), value)])


def html_of_lines(lines: Sequence[Rich]) -> str:
    """HTML of lines: one as it stands, several a paragraph each; one that we wrote as a paragraph stays one."""
    filled = [line for line in lines if line]
    if len(filled) == 1 and not any(BLOCK in piece.marks for piece in filled[0].pieces):
        return filled[0].html().strip()
    return "".join(map(_block, filled))


def _block(line: Rich) -> str:
    made = line.html().strip()
    return made if made.startswith("<table") else f"<p>{made}</p>"
