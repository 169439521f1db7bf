"""GIFT: questions that teachers type as plain text, every form of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import IO

from assessments.formats.base import Item, ParsedQuestion, QuestionFormat, ReadProblem
from assessments.formats.gift.reading import read_items
from assessments.formats.gift.writing import write_items
from assessments.formats.lines import text_at_the_start

# An answer block as it begins, a category, or a name between colons.
_TELLING = re.compile(
    r"(?<!\\)\{\s*(?:\}|[=~#]|(?:T|F|TRUE|FALSE)\s*[#}])|^\s*\$CATEGORY:|^\s*::(?:[^:\n]|\\:)+::",
    re.IGNORECASE | re.MULTILINE,
)


class Gift(QuestionFormat):
    """Blocks of text between blank lines, with the answers in braces."""

    name = "gift"
    label = "GIFT"
    extensions = (".gift", ".txt")

    def recognises(self, head: bytes, filename: str) -> bool:
        text = text_at_the_start(head)
        return not text.lstrip().startswith(("<", "{", "[")) and _TELLING.search(text) is not None

    def read(self, file: IO[bytes], filename: str = "") -> Iterator[Item]:
        return read_items(file)

    def write(self, questions: Iterable[ParsedQuestion], file: IO[bytes], *, title: str = "") -> list[ReadProblem]:
        return write_items(questions, file)


question_format = Gift()
