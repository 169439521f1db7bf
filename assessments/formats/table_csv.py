"""CSV: the spreadsheet template without formats, or any table that has a column for the question."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import IO

from assessments.formats.base import Item, ParsedQuestion, QuestionFormat, ReadProblem
from assessments.formats.table.columns import is_heading
from assessments.formats.table.reading import read_items
from assessments.formats.table.writing import TableWriter
from common.exceptions import Refusal
from common.tabular import header_key
from common.tabular.reading import csv_text_rows


class Csv(QuestionFormat):
    """One question a row; commas, semicolons or tabs between the cells."""

    name = "csv"
    label = "CSV"
    extensions = (".csv", ".tsv", ".txt")

    def recognises(self, head: bytes, filename: str) -> bool:
        if head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith((b"PK", b"<", b"{", b"[")):
            return False
        # Cut at a line, and at whole characters of UTF-16.
        end = head.rfind(b"\n") & ~1 if b"\0" in head[:4] else head.rfind(b"\n") + 1
        try:
            for _number, cells in csv_text_rows(head[:end] if end > 0 else head):
                if is_heading([header_key(cell[:500]) for cell in cells]):
                    return True
        except Refusal:
            return False
        return False

    def read(self, file: IO[bytes], filename: str = "") -> Iterator[Item]:
        return read_items(file, filename if filename.lower().endswith(self.extensions) else "")

    def write(self, questions: Iterable[ParsedQuestion], file: IO[bytes], *, title: str = "") -> list[ReadProblem]:
        writer = TableWriter(csv=True)
        writer.write(questions, file, title=title)
        return writer.problems


question_format = Csv()
