"""The body of a Word file as paragraphs and tables of rich text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any

from django.utils.translation import gettext_lazy as _

from assessments.formats.base import Text
from assessments.formats.docx.looks import Looks, Numbering, read_numbering, value, with_looks
from assessments.formats.docx.omml import Formula, M
from assessments.formats.docx.package import Package, R, W
from assessments.formats.docx.parts import BLOCK_STYLE, INLINE_STYLE
from assessments.formats.docx.rich import BLOCK, OBJECT, Piece, Rich
from assessments.formats.images import web_picture
from common.messages import filled

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_V = "{urn:schemas-microsoft-com:vml}"
_WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
_PICTURES = frozenset([f"{_A}blip", f"{_V}imagedata"])
_FILE_NAME = re.compile(r"[\w+-][\w.+-]{0,100}\.(?:png|jpe?g|gif|webp|svg)", re.IGNORECASE)
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_THROUGH = frozenset(
    f"{W}{tag}" for tag in ("ins", "moveTo", "hyperlink", "smartTag", "sdt", "sdtContent", "fldSimple", "customXml", "dir", "bdo")
)  # fmt: skip
_CHANGES = frozenset([f"{W}ins", f"{W}del", f"{W}moveFrom", f"{W}moveTo"])
# The signs of the font Symbol, from its code 0x41 and 0x61 on, and those that questions use of the rest.
_SYMBOLS = dict(zip(range(0x41, 0x5B), "ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ", strict=True))
_SYMBOLS |= dict(zip(range(0x61, 0x7B), "αβχδεφγηιϕκλμνοπθρστυϖωξψζ", strict=True))
_SYMBOLS |= dict(zip(
    (0xA3, 0xA5, 0xAC, 0xAD, 0xAE, 0xAF, 0xB0, 0xB1, 0xB3, 0xB4, 0xB8, 0xB9, 0xBA, 0xBB, 0xC7, 0xC8, 0xCC, 0xCE, 0xCF, 0xD0,
     0xD6, 0xD7, 0xDB, 0xDC, 0xDE, 0x22, 0x24, 0x5E, 0x2D),
    "≤∞←↑→↓°±≥×÷≠≡≈∩∪⊂∈∉∠√⋅⇔⇐⇒∀∃⊥−", strict=True,
))  # fmt: skip


@dataclass(slots=True)
class Paragraph:
    """A paragraph: the label that Word counts for it and that label's looks, its text, how deep a heading it is.

    `is_ours`: we wrote it, so that a line break in it begins nothing new.
    """

    rich: Rich
    label: str = ""
    label_marks: frozenset[str] = frozenset()
    heading: int | None = None
    is_ours: bool = False
    faults: tuple[Text, ...] = ()
    notes: tuple[Text, ...] = ()


@dataclass(slots=True)
class Table:
    """Rows of cells, each with its blocks."""

    rows: list[list[list[Paragraph | Table]]] = field(default_factory=list)

    def paragraphs(self) -> Iterator[Paragraph]:
        """Every paragraph in its order, of tables in it as well."""
        for row in self.rows:
            for cell in row:
                for block in cell:
                    yield from block.paragraphs() if isinstance(block, Table) else (block,)


Block = Paragraph | Table


class BodyReader:
    """Reads the blocks of one file; pictures go to `pictures` under the names that the HTML of the blocks shows."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._looks = Looks(package.part("styles"))
        self._numbering: Numbering = read_numbering(package.part("numbering"))
        self.pictures: dict[str, bytes] = {}
        self.has_changes = self.has_comments = False
        self._faults: list[Text] = []
        self._notes: list[Text] = []

    def blocks(self) -> Iterator[Block]:
        """Paragraphs and tables in their order."""
        for element in self._package.body():
            yield from self._block(element)

    def _block(self, element: Any) -> Iterator[Block]:
        if element.tag == f"{W}p":
            if not self._is_title(element):
                yield self._paragraph(element)
        elif element.tag == f"{W}tbl":
            yield Table([self._row(row) for row in _children(element, f"{W}tr")])
        elif element.tag in _THROUGH:
            for child in element:
                yield from self._block(child)

    def _is_title(self, element: Any) -> bool:
        """Whether it is what the whole document is called."""
        style = value(element.find(f"{W}pPr/{W}pStyle"))
        return any(each.name == "title" for each in self._looks.chain(style))

    def _row(self, element: Any) -> list[list[Block]]:
        return [[block for child in cell for block in self._block(child)] for cell in _children(element, f"{W}tc")]

    def _paragraph(self, element: Any) -> Paragraph:
        properties = element.find(f"{W}pPr")
        style = value(properties.find(f"{W}pStyle")) if properties is not None else ""
        base = self._looks.marks(style)
        names = {each.name for each in self._looks.chain(style)}
        if BLOCK_STYLE in names:
            base |= {BLOCK}
        self._faults, self._notes = [], []
        pieces = list(self._pieces(element, base))
        label, marks = "", frozenset[str]()
        listed = self._looks.list_of(style, properties)
        if listed is not None and any(piece.text.strip() for piece in pieces):
            label = self._numbering.label(*listed)
            marks = with_looks(base, properties.find(f"{W}rPr") if properties is not None else None)
        return Paragraph(
            rich=Rich(pieces),
            label=label,
            label_marks=marks,
            heading=self._looks.heading(style, properties),
            is_ours=not names.isdisjoint((BLOCK_STYLE, INLINE_STYLE)),
            faults=tuple(self._faults),
            notes=tuple(self._notes),
        )

    # What stands in a line ------------------------------------------------------------------------------------

    def _pieces(self, element: Any, marks: frozenset[str]) -> Iterator[Piece]:
        for child in element:
            tag = child.tag
            self.has_changes = self.has_changes or tag in _CHANGES
            if tag == f"{W}r":
                yield from self._run(child, marks)
            elif tag in (f"{M}oMath", f"{M}oMathPara"):
                yield self._formula(child, marks)
            elif tag in _THROUGH:
                yield from self._pieces(child, marks)
            elif tag in (f"{W}commentRangeStart", f"{W}commentReference"):
                self.has_comments = True

    def _formula(self, element: Any, marks: frozenset[str]) -> Piece:
        formula = Formula(element)
        if not formula.is_whole:
            self._faults.append(_("A formula in it cannot be written as text: insert it as a PNG picture."))
        return Piece(OBJECT, marks & {BLOCK}, formula.html)

    def _run(self, element: Any, base: frozenset[str]) -> Iterator[Piece]:
        properties = element.find(f"{W}rPr")
        if properties is not None:
            base = base | self._looks.marks(value(properties.find(f"{W}rStyle")))
        marks = with_looks(base, properties)
        if "hidden" in marks:
            if "".join(element.itertext()).strip():
                self._notes.append(_("Hidden text in it was left out."))
            return
        for child in element:
            yield from self._in_run(child, marks)

    def _in_run(self, child: Any, marks: frozenset[str]) -> Iterator[Piece]:
        tag = child.tag.removeprefix(W) if isinstance(child.tag, str) else ""
        if tag == "t":
            yield Piece(child.text or "", marks)
        elif tag in ("tab", "ptab"):
            yield Piece("\t", marks)
        elif tag in ("br", "cr"):
            yield Piece("\n", marks)
        elif tag == "noBreakHyphen":
            yield Piece("-", marks)
        elif tag == "sym":
            yield self._symbol(child, marks)
        elif tag in ("drawing", "pict", "object"):
            yield from self._drawing(child, marks)
        elif tag == "commentReference":
            self.has_comments = True
        elif tag in ("footnoteReference", "endnoteReference"):
            self._notes.append(_("A footnote to it was left out."))
        elif tag == "instrText" and (child.text or "").strip().upper().startswith("EQ "):
            self._faults.append(_("A formula in it cannot be written as text: insert it as a PNG picture."))
        elif child.tag == f"{_MC}AlternateContent":
            yield from self._alternative(child, marks)

    def _alternative(self, element: Any, marks: frozenset[str]) -> Iterator[Piece]:
        """Word writes a drawing in two ways; the first that holds something that we can show is taken."""
        fault_count, note_count = len(self._faults), len(self._notes)
        for version in element:
            del self._faults[fault_count:], self._notes[note_count:]
            pieces = [piece for child in version for piece in self._in_run(child, marks)]
            if pieces:
                yield from pieces
                return

    def _symbol(self, element: Any, marks: frozenset[str]) -> Piece:
        font, code = str(element.get(f"{W}font", "")), str(element.get(f"{W}char", ""))
        try:
            number = int(code, 16)
        except ValueError:
            number = 0
        if font.lower() == "symbol":
            sign = _SYMBOLS.get(number & 0xFF, "")
        else:
            sign = "" if 0xF000 <= number <= 0xF0FF or not number else chr(number & 0xFFFF)
        if not sign or not sign.isprintable():
            self._faults.append(filled(_("A sign of the font “%(font)s” in it cannot be read."), {"font": font[:40]}))
            sign = "�"
        return Piece(sign, marks)

    def _drawing(self, element: Any, marks: frozenset[str]) -> Iterator[Piece]:
        found = False
        for picture in (each for each in element.iter() if each.tag in _PICTURES):
            key = picture.get(f"{R}embed") or picture.get(f"{R}id") or picture.get(f"{R}link") or ""
            if key:
                found = True
                yield replace(self._picture(key, element), marks=marks & {BLOCK})
        for box in element.iter(f"{W}txbxContent"):
            for paragraph in box.iter(f"{W}p"):
                pieces = list(self._pieces(paragraph, marks))
                if any(piece.text.strip() for piece in pieces):
                    found = True
                    yield from (Piece(" ", marks), *pieces)
        if not found and _shows_something(element):
            self._faults.append(_("A drawing in it cannot be kept: insert it as a picture."))

    def _picture(self, key: str, element: Any) -> Piece:
        _kind, target, outside = self._package.targets.get(key, ("", "", False))
        if outside:
            self._faults.append(_("A picture in it is only linked and not in the file."))
            return Piece(OBJECT, frozenset(), "")
        content = self._package.content(target)
        shown = web_picture(content) if content else None
        if shown is None:
            name = target.rpartition("/")[2][:60]
            sentence = _("The picture “%(name)s” in it is of a kind that no browser shows: insert it as PNG.")
            self._faults.append(filled(sentence, {"name": name}))
            return Piece(OBJECT, frozenset(), "")
        about = next((each for each in element.iter(f"{_WP}docPr")), None)
        called = str(about.get("name", "") if about is not None else "")
        # Word calls pictures “Picture 1”; we write the name that the picture has here.
        name = called if _FILE_NAME.fullmatch(called) else f"{PurePosixPath(target).stem or 'picture'}.{shown[0]}"
        while name in self.pictures and self.pictures[name] != shown[1]:
            name = f"x{name}"
        self.pictures[name] = shown[1]
        alt = str(about.get("descr", "") if about is not None else "")[:500]
        safe = alt.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;").replace("\n", " ")
        return Piece(OBJECT, frozenset(), f'<img src="media:{name}" alt="{safe}">')


def _children(element: Any, tag: str) -> Iterator[Any]:
    """The children with a tag, those wrapped in a change or a control as well."""
    for child in element:
        if child.tag == tag:
            yield child
        elif child.tag in _THROUGH:
            yield from _children(child, tag)


def _shows_something(element: Any) -> bool:
    shapes = ("}rect", "}line", "}shape", "}oval", "}group", "}graphicData", "}roundrect", "}OLEObject")
    return any(isinstance(each.tag, str) and each.tag.endswith(shapes) for each in element.iter())
