"""JSON: our own lossless form, and the shapes in which other people keep questions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import IO

from assessments.formats.base import Item, ParsedQuestion, QuestionFormat, ReadProblem
from assessments.formats.json_questions.others import read_others
from assessments.formats.json_questions.own import read_own, write_own

_START = re.compile(rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?[\s\0]*[\[{][\s\0]*[\[{\"\]}]")


class Json(QuestionFormat):
    """A file of ours is read line by line, any other as a whole."""

    name = "json"
    label = "JSON"
    extensions = (".json", ".jsonl")

    def recognises(self, head: bytes, filename: str) -> bool:
        return _START.match(head) is not None

    def read(self, file: IO[bytes], filename: str = "") -> Iterator[Item]:
        items = read_own(file)
        return items if items is not None else read_others(file, filename)

    def write(self, questions: Iterable[ParsedQuestion], file: IO[bytes], *, title: str = "") -> list[ReadProblem]:
        return write_own(questions, file, title=title)


question_format = Json()
