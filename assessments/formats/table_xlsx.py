"""XLSX: the spreadsheet template, filled in by people or written by us."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import IO

from assessments.formats.base import Item, ParsedQuestion, QuestionFormat, ReadProblem
from assessments.formats.table.reading import read_items
from assessments.formats.table.writing import TableWriter


class Xlsx(QuestionFormat):
    """One question a row, in every sheet that has the headings."""

    name = "xlsx"
    label = "Excel (XLSX)"
    extensions = (".xlsx",)

    def recognises(self, head: bytes, filename: str) -> bool:
        if head.startswith(b"\xd0\xcf\x11\xe0"):  # read() says what to do with it
            return filename.lower().endswith((".xlsx", ".xlsm", ".xls")) or "Workbook".encode("utf-16-le") in head
        if not head.startswith(b"PK") or b"word/document" in head:
            return False
        return filename.lower().endswith((".xlsx", ".xlsm")) or b"xl/workbook.xml" in head or b"xl/worksheets" in head

    def read(self, file: IO[bytes], filename: str = "") -> Iterator[Item]:
        return read_items(file, filename)

    def write(self, questions: Iterable[ParsedQuestion], file: IO[bytes], *, title: str = "") -> list[ReadProblem]:
        writer = TableWriter(csv=False)
        writer.write(questions, file, title=title)
        return writer.problems


question_format = Xlsx()
