"""A Word file into questions and problems."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from django.utils.translation import gettext_lazy as _

from assessments.formats.base import Item, ReadProblem, Text, Unreadable
from assessments.formats.docx.body import BodyReader
from assessments.formats.docx.items import Items
from assessments.formats.docx.lines import lines_of
from assessments.formats.docx.package import Package
from assessments.formats.docx.rich import OBJECT
from assessments.formats.docx.script import Script
from common.messages import filled

MOST_QUOTED = 200


def read_items(file: IO[bytes]) -> Iterator[Item]:
    """The questions in the order of the file. Raises Unreadable before the first of them."""
    package = Package(file)
    try:
        reader = BodyReader(package)
        script = Script(list(lines_of(reader.blocks())))
    finally:
        package.close()
    if not script.questions:
        raise Unreadable(
            _("No question was found: number them “Câu 1:” or “1.”, with the choices A. B. C. D. below each.")
        )
    items = Items(script.questions, script.key, reader.pictures)
    notes = _notes(reader, script)
    for question in script.questions:
        item = items.item(question, notes)
        if not isinstance(item, ReadProblem):
            notes = []
        yield item


def _notes(reader: BodyReader, script: Script) -> list[Text]:
    """What is to be known about the file as a whole; the first question carries it."""
    notes: list[Text] = []
    if reader.has_changes:
        notes.append(_("Tracked changes were read as if they were accepted."))
    if reader.has_comments:
        notes.append(_("Comments were left out."))
    left_out = [text.replace(OBJECT, " ").strip() for text in (*script.left_out, *script.key.left_out)]
    quoted = " | ".join(text for text in left_out if text)
    if quoted:
        text = quoted if len(quoted) <= MOST_QUOTED else f"{quoted[:MOST_QUOTED]}…"
        notes.append(filled(_("Text that belongs to no question was left out: “%(text)s”."), {"text": text}))
    return notes
