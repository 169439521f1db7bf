"""DOCX: Word files as Vietnamese teachers write them: Câu 1: …, A. B. C. D., the right answer marked or listed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import IO

from assessments.formats.base import Item, ParsedQuestion, QuestionFormat, ReadProblem
from assessments.formats.docx.package import OLD_STARTS
from assessments.formats.docx.reading import read_items
from assessments.formats.docx.writing import write_items

_OLD_NAME = "WordDocument".encode("utf-16-le")


class Docx(QuestionFormat):
    """One file, one list of questions; its headings are the categories."""

    name = "docx"
    label = "Word (DOCX)"
    extensions = (".docx",)

    def recognises(self, head: bytes, filename: str) -> bool:
        if head.startswith(OLD_STARTS):  # read() says what to do with it
            return filename.lower().endswith((".docx", ".docm", ".doc", ".rtf")) or _OLD_NAME in head
        if not head.startswith(b"PK") or b"xl/workbook" in head:
            return False
        return b"word/document" in head or filename.lower().endswith((".docx", ".docm"))

    def read(self, file: IO[bytes], filename: str = "") -> Iterator[Item]:
        return read_items(file)

    def write(self, questions: Iterable[ParsedQuestion], file: IO[bytes], *, title: str = "") -> list[ReadProblem]:
        return write_items(questions, file, title=title)


question_format = Docx()
