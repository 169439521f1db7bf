"""QTI 2.1, 2.2 and 3.0: items and packages of TAO, Canvas, Inspera and others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import IO

from assessments.formats.base import Item, ParsedQuestion, QuestionFormat, ReadProblem
from assessments.formats.qti.package import read_file, recognises
from assessments.formats.qti.writing import write_package


class Qti(QuestionFormat):
    """Reads QTI 2.1, 2.2 and 3.0, writes 3.0."""

    name = "qti"
    label = "QTI"
    extensions = (".zip", ".xml")

    def recognises(self, head: bytes, filename: str) -> bool:
        return recognises(head)

    def read(self, file: IO[bytes], filename: str = "") -> Iterator[Item]:
        return read_file(file)

    def write(self, questions: Iterable[ParsedQuestion], file: IO[bytes], *, title: str = "") -> list[ReadProblem]:
        return write_package(questions, file, title=title)


question_format = Qti()
