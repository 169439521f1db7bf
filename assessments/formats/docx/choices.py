"""Choices in the lines of a Word file: one a line, several beside each other, behind the question, or statements in a table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assessments.formats.docx.lines import MARKS, Table, cell_lines, grid
from assessments.formats.docx.rich import ANSWER_MARKS, Rich, text
from common.vietnamese import fold

CHOICE = re.compile(rf"\s*({MARKS})\s*\(?([A-Ta-t])(\*?)\s?([.):/])\s*")
_RIGHT_MARK = re.compile(r"[*#✓✔☑☒xX]")
_FIRST = re.compile(rf"(?:(?<=\s)|(?<=[?:.]))({MARKS})\(?(A)(\*?)\s?([.):/])\s*")
_AT_END = re.compile(r"\s*(?:[*✓✔☑]|[(\[]\s*(?:đúng|đ|đáp án|đáp án đúng|x|✓|✔|correct)\s*[)\]])\s*$", re.IGNORECASE)
_TICK = re.compile(r"[xX✓✔☑☒*+]")
MOST_CHOICES = 20


@dataclass(slots=True)
class Choice:
    """A choice: its letter's looks and its text's, whether a star stands at it, its lines."""

    is_lower: bool
    delimiter: str
    starred: bool
    letter_marks: frozenset[str]
    lines: list[Rich]

    def marks(self) -> frozenset[str]:
        """The looks of its text as a whole."""
        return self.lines[0].marks() if self.lines else frozenset()


def choices_in(rich: Rich, known: Sequence[Choice], following: str) -> list[Choice]:
    """The choices that a line begins with the next one of; [] when it does not. `following`: the next line's letter."""
    first = CHOICE.match(rich.plain)
    if first is None or len(known) >= MOST_CHOICES or not _is_next(first, known):
        return []
    return _cut(rich, _row(rich, first, len(known), following))


def choices_behind(rich: Rich, following: str) -> tuple[Rich, list[Choice]]:
    """(the question, its choices) of a line that holds both; no choices when it does not."""
    if following.upper() == "A":
        return rich, []
    for first in _FIRST.finditer(rich.plain):
        found = _row(rich, first, 0, following)
        is_wide = all(re.search(r"\t|\s\s$", rich.plain[: one.start()]) for one in found)
        if len(found) >= 3 or (len(found) == 2 and (following == "C" or is_wide)):
            return rich.cut(0, first.start()), _cut(rich, found)
    return rich, []


def _row(rich: Rich, first: re.Match[str], known: int, following: str) -> list[re.Match[str]]:
    """Where the choices of a line begin, from the first on."""
    found = [first]
    while known + len(found) < MOST_CHOICES:
        letter = chr(ord(first[2]) + len(found))
        if following == letter:
            break
        pattern = re.compile(rf"(?<=[\s;])({MARKS})\(?({letter})(\*?)\s?([{re.escape(first[4])}])\s*")
        match = pattern.search(rich.plain, found[-1].end())
        if match is None:
            break
        found.append(match)
    return found


def _cut(rich: Rich, found: Sequence[re.Match[str]]) -> list[Choice]:
    ends = [*(match.start() for match in found[1:]), len(rich.plain)]
    texts = [rich.cut(match.end(), end) for match, end in zip(found, ends, strict=True)]
    if len(texts) > 1 and all(each.plain.endswith(";") for each in texts[:-1]):  # it only stands between them
        texts = [each.cut(0, len(each.plain.rstrip(";"))) for each in texts]
    return [_choice(match, rich, each) for match, each in zip(found, texts, strict=True)]


def _is_next(found: re.Match[str], known: Sequence[Choice]) -> bool:
    if found[2].upper() != chr(ord("A") + len(known)):
        return False
    same_kind = not known or known[0].is_lower == found[2].islower()
    return same_kind and (not known or found[4] in ".)" or found[4] == known[0].delimiter)


def _choice(found: re.Match[str], rich: Rich, content: Rich) -> Choice:
    letter = rich.cut(found.start(2), found.end(2))
    return Choice(
        is_lower=found[2].islower(),
        delimiter=found[4],
        starred=bool(_RIGHT_MARK.search(found[1]) or found[3]),
        letter_marks=letter.marks() & frozenset(ANSWER_MARKS),
        lines=[content],
    )


def marked_at_end(choices: Sequence[Choice]) -> tuple[int, list[list[Rich]]] | None:
    """(the one choice that ends in a star, a tick or “(đúng)”, the lines of all without it); None when none does so."""
    found = [_AT_END.search(choice.lines[-1].plain) if choice.lines else None for choice in choices]
    places = [place for place, match in enumerate(found) if match]
    if len(places) != 1:
        return None
    lines = [list(choice.lines) for choice in choices]
    match = found[places[0]]
    assert match is not None
    lines[places[0]][-1] = lines[places[0]][-1].cut(0, match.start())
    return places[0], lines


def statements_in(table: Table) -> list[Choice]:
    """The statements of a table with columns Đúng and Sai, a mark in one of the two; [] when it is none."""
    cells = grid(table)
    if len(cells) < 2 or len({len(row) for row in cells}) != 1 or len(cells[0]) < 3:
        return []
    if [fold(cell) for cell in cells[0][-2:]] not in (["dung", "sai"], ["d", "s"]):
        return []
    found = []
    for row, said in zip(table.rows[1:], cells[1:], strict=True):
        ticks = [bool(_TICK.fullmatch(cell)) for cell in said[-2:]]
        if any(cell and not tick for cell, tick in zip(said[-2:], ticks, strict=True)) or sum(ticks) > 1:
            return []
        lines = [line for cell in row[:-2] for line in cell_lines(cell)]
        label = CHOICE.match(lines[0].plain) if lines else None
        if label:
            lines[0] = lines[0].cut(label.end())
        elif len(lines) > 1 and len(lines[0].plain.strip(" .)")) <= 2:  # the letter in a cell of its own
            lines = lines[1:]
        if not lines:
            return []
        if any(ticks):
            lines[-1] += text(" (Đ)" if ticks[0] else " (S)")
        found.append(Choice(True, ")", False, frozenset(), lines))
    return found
