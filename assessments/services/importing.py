"""Bringing the questions of a file into a bank: all that can be taken, in one transaction, each item accounted for.

A question is known again by its identifier; one whose file gives none gets an identifier made from what it says, so
that the same file brings nothing twice. What is known and unchanged is skipped, what is known and changed becomes a
new version. The file is read to its end before the transaction begins, so that others wait for the writing only.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePath
from typing import IO, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from assessments.exceptions import UnknownFormat
from assessments.formats import QuestionFormat, all_formats, get_format
from assessments.formats.base import Item
from assessments.models import Bank, Question
from assessments.services.import_reading import CheckedFile, ImportedItem, read_file
from assessments.services.import_taking import Taking
from common.messages import filled

HEAD_BYTES = 64 * 1024
_DOCTYPE = re.compile(
    rb"\A(?:\xef\xbb\xbf)?\s*(?:<[?]xml[^>]*>\s*|<!--.*?-->\s*)*<!DOCTYPE(?!\s+html\b)", re.DOTALL | re.IGNORECASE
)


@dataclass(slots=True)
class ImportReport:
    """What became of a file."""

    format: str
    items: list[ImportedItem] = field(default_factory=list)

    def count(self, status: str) -> int:
        """How many items have this status."""
        return Counter(item.status for item in self.items)[status]

    @property
    def is_complete(self) -> bool:
        """Whether every item was taken."""
        return self.count("error") == 0


def recognise_format(file: IO[bytes], filename: str, wanted: str = "auto") -> QuestionFormat:
    """The format called `wanted`, or the one that the file is of; the file is left at its beginning.

    Raises UnknownFormat.
    """
    if wanted != "auto":
        return get_format(wanted)
    head = file.read(HEAD_BYTES)
    file.seek(0)
    suffix = PurePath(filename).suffix.lower()
    if head.startswith(b"PK") and get_format("qti").recognises(head, ""):
        return get_format("qti")  # a package that is called .xlsx or .docx; those have other files in them
    # Plain texts look alike: the format that the name promises is asked first.
    for question_format in sorted(all_formats().values(), key=lambda one: suffix not in one.extensions):
        if question_format.reads and question_format.recognises(head, filename):
            return question_format
    if _DOCTYPE.search(_plain(head)):
        raise UnknownFormat(
            _("The file has a document type (DOCTYPE), which could call up other files: take that line out.")
        )
    names = ", ".join(str(one.label) for one in all_formats().values() if one.reads)
    raise UnknownFormat(
        filled(_("This is no question file that is known here. Known are: %(names)s."), {"names": names})
    )


def _plain(head: bytes) -> bytes:
    """The beginning without the zeros and marks of UTF-16, which hide what stands there."""
    return head[:4096].replace(b"\0", b"").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff")


def import_questions(
    *,
    bank: Bank,
    items: Iterable[Item],
    format_name: str,
    status: str = Question.Status.READY,
    dry_run: bool = False,
    by: Any,
    at: datetime,
) -> ImportReport:
    """Take every item that can be taken; when `items` raises (Unreadable) nothing was changed.

    New questions get `status`; known ones keep theirs. With `dry_run` the report is the same and nothing is kept.
    """
    with CheckedFile() as file:
        read_file(bank=bank, items=items, into=file)
        if dry_run:
            return check_questions(bank=bank, file=file, format_name=format_name, at=at)
        file.store_pictures()
        return take_questions(bank=bank, file=file, format_name=format_name, status=status, by=by, at=at)


def check_questions(*, bank: Bank | None, file: CheckedFile, format_name: str, at: datetime) -> ImportReport:
    """What taking the file into `bank` (None: one that is still to be made) would do. Changes and locks nothing."""
    taking = Taking(bank, Question.Status.DRAFT, None, at, is_kept=False)
    return _report(taking, file, format_name)


@transaction.atomic
def take_questions(
    *, bank: Bank, file: CheckedFile, format_name: str, status: str, by: Any, at: datetime
) -> ImportReport:
    """Write a file that was read, whose pictures are stored, into a bank; two at once wait for each other."""
    locked = Bank.objects.select_for_update().get(pk=bank.pk)
    return _report(Taking(locked, status, by, at, is_kept=True), file, format_name)


def _report(taking: Taking, file: CheckedFile, format_name: str) -> ImportReport:
    report = ImportReport(format_name)
    for rows in file.stretches():
        report.items += taking.take(rows)
    return report
