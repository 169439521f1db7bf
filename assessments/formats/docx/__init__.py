"""DOCX: Word files as Vietnamese teachers write them: Câu 1: …, A. B. C. D., the right answer marked or listed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import IO

from assessments.formats.base import Item, ParsedQuestion, QuestionFormat, ReadProblem
from assessments.formats.docx.reading import read_items
from assessments.formats.docx.writing import write_items


class Docx(QuestionFormat):
    """One file, one list of questions; its headings are the categories."""

    name = "docx"
    label = "Word (DOCX)"
    extensions = (".docx",)

    def recognises(self, head: bytes, filename: str) -> bool:
        if not head.startswith(b"PK"):
            return False
        return b"word/document" in head or filename.lower().endswith((".docx", ".docm"))

    def read(self, file: IO[bytes], filename: str = "") -> Iterator[Item]:
        return read_items(file)

    def write(self, questions: Iterable[ParsedQuestion], file: IO[bytes], *, title: str = "") -> list[ReadProblem]:
        return write_items(questions, file, title=title)


question_format = Docx()
