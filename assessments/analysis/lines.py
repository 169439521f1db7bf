"""Grades as JSON lines: {"attempt", "question", "mark" (null: not reached), "max_mark"}, read as a stream."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, BinaryIO, NoReturn

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from pydantic_core import from_json

from assessments.analysis.gathering import Gathered
from common.exceptions import Refusal
from common.messages import filled

AT_ONCE = 1 << 20
LONGEST_LINE = 1 << 16
GREATEST_MARK = 1e9
NAN = math.nan
Row = dict[str, Any]


class BadLine(Refusal, ValueError):
    """A line that cannot be taken; `line` counts from 1. Nothing of the file is used then."""

    def __init__(self, line: int, reason: str | Promise) -> None:
        super().__init__(filled(_("line %(line)d: %(reason)s"), {"line": line, "reason": reason}))
        self.line, self.reason = line, reason


def read_grades(file: BinaryIO) -> Gathered:
    """All grades of a file. Raises BadLine for the first line that cannot be taken.

    Memory grows by sixteen bytes a line, a hundred or so an attempt, and with nothing else.
    """
    gathered = Gathered()
    for numbers, rows in _chunks(file):
        _take(gathered, numbers, rows)
    line = gathered.repeated_line()
    if line is not None:
        raise BadLine(line, _("this attempt has a mark for this question already; keep one of the two lines."))
    return gathered


def _chunks(file: BinaryIO) -> Iterator[tuple[list[int], list[Row]]]:
    """Rows with the numbers of their lines, about a megabyte at once: one call of the parser for thousands of lines."""
    number, begun = 0, b""
    while block := file.read(AT_ONCE):
        *lines, begun = (begun + block).split(b"\n")
        if len(begun) > LONGEST_LINE:
            _refuse_length(number + len(lines) + 1)
        yield _numbered(number, lines)
        number += len(lines)
    yield _numbered(number, [begun])


def _numbered(before: int, lines: list[bytes]) -> tuple[list[int], list[Row]]:
    if not before and lines:
        lines[0] = lines[0].removeprefix(b"\xef\xbb\xbf")
    if lines and max(map(len, lines)) > LONGEST_LINE:
        _refuse_length(before + next(n for n, line in enumerate(lines, start=1) if len(line) > LONGEST_LINE))
    texts = [line.strip() for line in lines]
    numbers = [number for number, text in enumerate(texts, start=before + 1) if text]
    texts = [text for text in texts if text]
    return numbers, _parsed(numbers, texts)


def _parsed(numbers: list[int], texts: list[bytes]) -> list[Row]:
    """The objects of lines, one each."""
    try:
        rows = from_json(b"[" + b",".join(texts) + b"]", allow_inf_nan=False)
    except ValueError:
        return [_one(number, text) for number, text in zip(numbers, texts, strict=True)]
    # Lines that are no objects by themselves may still join to a list that is one. With a brace at both ends of each
    # line, they need a list inside an object for it, which no row with our four names has room for.
    if (
        len(rows) == len(texts)
        and all(type(row) is dict and len(row) == 4 for row in rows)
        and all(text[0] == 123 and text[-1] == 125 for text in texts)
    ):
        return list(rows)
    return [_one(number, text) for number, text in zip(numbers, texts, strict=True)]


def _one(number: int, text: bytes) -> Row:
    try:
        row = from_json(text, allow_inf_nan=False)
    except ValueError:
        raise BadLine(number, _("it is not JSON; each line must be one object like the others.")) from None
    if not isinstance(row, dict):
        raise BadLine(number, _("it is not a JSON object; each line must be one."))
    return row


def _refuse_length(number: int) -> NoReturn:
    raise BadLine(number, _("it is longer than any grade; is the file one JSON object on each line?"))


def _take(gathered: Gathered, numbers: list[int], rows: list[Row]) -> None:
    attempts, questions, remembered = gathered.attempts, gathered.questions, gathered.remembered
    for number, row in zip(numbers, rows, strict=True):
        try:
            attempt, question, mark, maximum = row["attempt"], row["question"], row["mark"], row["max_mark"]
            part = questions[question]
            index = attempts[attempt]
            plain = part.maximum == maximum and type(maximum) is not bool
        except (KeyError, TypeError):
            plain = False
        if not plain:
            attempt, question, maximum = _checked(number, row)
            mark = row["mark"]
            part = gathered.part(question, maximum)
            index = attempts.setdefault(attempt, len(attempts))
        if mark is None:
            mark = NAN
        else:
            kind = type(mark)
            if (kind is not float and kind is not int) or not -maximum <= mark <= maximum:
                _refuse_mark(number, mark, maximum)
            if mark not in remembered:
                gathered.note(mark)
        part.attempts.append(index)
        part.marks.append(mark)
        part.lines.append(number)


def _checked(number: int, row: Row) -> tuple[str, str, float]:
    for name in ("attempt", "question", "mark", "max_mark"):
        if name not in row:
            raise BadLine(number, filled(_("“%(name)s” is missing."), {"name": name}))
    names = []
    for name in ("attempt", "question"):
        value = row[name]
        if type(value) is int:
            value = str(value)
        if type(value) is not str or not value:
            raise BadLine(number, filled(_("“%(name)s” must be a name or a whole number."), {"name": name}))
        names.append(value)
    maximum = row["max_mark"]
    if type(maximum) not in (int, float) or not 0 <= maximum <= GREATEST_MARK:
        raise BadLine(number, _("“max_mark” must be a number from 0 to 1000000000."))
    return names[0], names[1], maximum


def _refuse_mark(number: int, mark: Any, maximum: float) -> NoReturn:
    if type(mark) not in (int, float):
        raise BadLine(number, _("“mark” must be a number, or null where the question was not reached."))
    values = {"mark": str(mark)[:40], "maximum": f"{maximum:g}"}
    raise BadLine(number, filled(_("the mark %(mark)s is not between −%(maximum)s and %(maximum)s."), values))
