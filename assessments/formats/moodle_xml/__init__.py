"""Moodle XML: Moodle's own exchange format, every question type of its core and some of its plugins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import IO

from assessments.formats.base import Item, ParsedQuestion, QuestionFormat, ReadProblem
from assessments.formats.moodle_xml.nodes import root_name
from assessments.formats.moodle_xml.reading import read_items
from assessments.formats.moodle_xml.writing import write_items


class MoodleXml(QuestionFormat):
    """<quiz> with its <question>s."""

    name = "moodle_xml"
    label = "Moodle XML"
    extensions = (".xml",)

    def recognises(self, head: bytes, filename: str) -> bool:
        return root_name(head) == "quiz"

    def read(self, file: IO[bytes], filename: str = "") -> Iterator[Item]:
        return read_items(file)

    def write(self, questions: Iterable[ParsedQuestion], file: IO[bytes], *, title: str = "") -> list[ReadProblem]:
        return write_items(questions, file)


question_format = MoodleXml()
