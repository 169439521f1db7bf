"""QTI 2.2, written for programs that do not read QTI 3.0 yet, such as TAO; `qti` reads what is written here.

The schema of 2.2 has no place for what QTI cannot say (hints, units, word limits …), so that a copy to bring back
whole is one in `qti`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import IO

from assessments.formats.base import Item, ParsedQuestion, QuestionFormat, ReadProblem
from assessments.formats.qti.package import read_file
from assessments.formats.qti.writing import write_package


class Qti22(QuestionFormat):
    """Writes packages of QTI 2.2."""

    name = "qti22"
    label = "QTI 2.2"
    extensions = (".zip",)
    reads = False

    def recognises(self, head: bytes, filename: str) -> bool:
        return False

    def read(self, file: IO[bytes], filename: str = "") -> Iterator[Item]:
        return read_file(file)

    def write(self, questions: Iterable[ParsedQuestion], file: IO[bytes], *, title: str = "") -> list[ReadProblem]:
        return write_package(questions, file, title=title, version="2.2")


question_format = Qti22()
