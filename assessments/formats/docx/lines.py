"""Blocks of a Word file as lines: choices in a table, or several in a line, become lines of their own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from assessments.formats.base import Text
from assessments.formats.docx.body import Block, Paragraph, Table
from assessments.formats.docx.rich import Rich, html_of_lines, shown, text
from common.messages import filled

MOST_LINE = 20_000
_TOO_LONG = filled(_("A text is longer than %(most)d signs."), {"most": MOST_LINE})
# “Câu” in the old fonts TCVN3 and VNI too: such a question is told, and not lost in the one above it.
QUESTION = re.compile(
    r"\s*[\[(]?\s*(?:câu|c©u|c¢u|caâu|caâu|question)\s*(?:hỏi)?\s*(?:số)?\s*(\d{1,4})\b[\])]?", re.IGNORECASE
)
# Stars, ticks and boxes before a choice; which of them say that it is right.
MARKS = r"(?:\[\s*[xX✓✔]?\s*\]|\(\s*[xX✓✔]?\s*\)|[*#✓✔☐☑☒□])?"
_CHOICE = re.compile(rf"\s*{MARKS}\s*\(?([A-H])\*?\s?[.):/]")
_BARE_CHOICE = re.compile(rf"\s*{MARKS}\s*\(?[A-Ha-h]\*?\s?[.):/]?\s*")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text, or a table that is part of what is said; what is wrong with it or to be known."""

    rich: Rich
    heading: int | None = None
    table: Table | None = None
    faults: tuple[Text, ...] = ()
    notes: tuple[Text, ...] = ()


def lines_of(blocks: Iterable[Block]) -> Iterator[Line]:
    """The lines in their order."""
    for block in blocks:
        if isinstance(block, Table):
            yield from _of_table(block)
        else:
            yield from _of_paragraph(block)


def _of_paragraph(block: Paragraph) -> Iterator[Line]:
    faults, notes = block.faults, block.notes
    for rich in [block.rich] if block.is_ours else labelled(block).lines():
        if len(rich.plain) > MOST_LINE:
            # No question can be so long, and looking for choices in it would take too long.
            yield Line(rich.cut(0, MOST_LINE), block.heading, None, (*faults, _TOO_LONG), notes)
        else:
            yield Line(rich, block.heading, None, faults, notes)
        faults, notes = (), ()


def labelled(block: Paragraph) -> Rich:
    """The text with the label that Word counts for it."""
    if not block.label:
        return block.rich
    return text(block.label, block.label_marks - {"sub", "sup"}) + text(" ") + block.rich


def _of_table(table: Table) -> Iterator[Line]:
    cells = [cell for row in table.rows for cell in row]
    starts = [_start(cell) for cell in cells]
    if sum(1 for start in starts if _CHOICE.match(start)) >= 2 and not any(map(QUESTION.match, starts)):
        yield from sorted(_choices(table), key=_letter)
    elif any(map(QUESTION.match, starts)):
        for cell in cells:
            yield from lines_of(cell)
    else:
        faults = tuple(fault for paragraph in table.paragraphs() for fault in paragraph.faults)
        notes = tuple(note for paragraph in table.paragraphs() for note in paragraph.notes)
        yield Line(shown(table_html(table)), None, table, faults, notes)


def _start(cell: list[Block]) -> str:
    first = next((block for block in cell if isinstance(block, Paragraph) and (block.rich or block.label)), None)
    return labelled(first).plain if first is not None else ""


def _choices(table: Table) -> Iterator[Line]:
    for row in table.rows:
        waiting: Line | None = None
        for cell in row:
            for line in lines_of(cell):
                if waiting is not None:
                    line = Line(
                        waiting.rich + text(" ") + line.rich, None, line.table, waiting.faults + line.faults, line.notes
                    )
                    waiting = None
                if line.rich and _BARE_CHOICE.fullmatch(line.rich.plain):
                    waiting = line  # the letter stands in a cell of its own
                elif line.rich:
                    yield line
        if waiting is not None:
            yield waiting


def _letter(line: Line) -> str:
    found = _CHOICE.match(line.rich.plain)
    return found[1] if found else "~"


def table_html(table: Table) -> str:
    """The table as it is shown in a question."""
    rows = []
    for row in table.rows:
        cells = []
        for cell in row:
            lines = [shown(table_html(block)) if isinstance(block, Table) else labelled(block) for block in cell]
            cells.append(f"<td>{html_of_lines(lines)}</td>")
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return f"<table><tbody>{''.join(rows)}</tbody></table>"


def grid(table: Table) -> list[list[str]]:
    """The plain texts of its cells."""
    return [
        [" ".join(p.rich.plain.strip() for p in Table([[cell]]).paragraphs()).strip() for cell in row]
        for row in table.rows
    ]


def cell_lines(cell: list[Block]) -> list[Rich]:
    """The filled lines of a cell."""
    return [line.rich for line in lines_of(cell) if line.rich]
