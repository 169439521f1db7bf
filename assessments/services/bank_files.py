"""Question files that come in: kept as a row first, read by Celery, checked before anything is changed."""

from __future__ import annotations

import hashlib
import logging
import tempfile
import time
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import IO, Any

from django.core.files import File
from django.core.files.storage import storages
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from assessments.exceptions import FileRefused, UnknownFormat
from assessments.formats import QuestionFormat, Unreadable, all_formats
from assessments.formats.base import MOST_FILE_BYTES, Item
from assessments.models import Bank, Question, QuestionImport
from assessments.services.file_leases import FOLDER, LEASE, claim_file, in_languages, while_mine
from assessments.services.import_reading import CheckedFile, read_file
from assessments.services.importing import (
    HEAD_BYTES,
    ImportReport,
    check_questions,
    recognise_format,
    take_questions,
)
from common.messages import filled
from common.sweeps import nudge

logger = logging.getLogger(__name__)
State = QuestionImport.State


# Taking a file in ----------------------------------------------------------------------------------------------


def upload_questions(
    *,
    bank: Bank,
    file: File[Any],
    format_name: str = "auto",
    new_status: str = Question.Status.IN_REVIEW,
    is_decided: bool = False,
    by: Any,
    at: datetime,
) -> QuestionImport:
    """Keep a question file and have it checked; nothing in the bank changes.

    With `is_decided` it is brought in as soon as it is checked. Raises FileRefused for a file that is empty, too large,
    of no known format or not what its name says, and for a status that its uploader may not give.
    """
    allowed = {Question.Status.DRAFT, Question.Status.IN_REVIEW}
    if bank.self_approval:
        allowed.add(Question.Status.READY)
    if new_status not in allowed:
        raise FileRefused(_("New questions of this bank are reviewed first: choose draft or in review."))
    name = PurePath((file.name or "").replace("\\", "/")).name[:200] or "?"
    question_format = _checked_file(file, name, format_name)
    digest = _digest(file)
    row = QuestionImport(
        bank=bank,
        file_name=name,
        file_digest=digest,
        file_size=file.size,
        format=question_format.name,
        new_status=new_status,
        is_decided=is_decided,
        uploaded_by=by,
        uploaded_at=at,
    )
    row.file.name = storages["private"].save(f"{FOLDER}/{row.public_id}", file)
    with transaction.atomic():
        row.save()
        _nudge(row)
    return row


def _checked_file(file: File[Any], name: str, format_name: str) -> QuestionFormat:
    """The format of the file. Raises FileRefused."""
    if not file.size:
        raise FileRefused(filled(_("“%(name)s” is empty."), {"name": name}))
    if file.size > MOST_FILE_BYTES:
        facts = {"name": name, "size": round(file.size / 1024 / 1024), "most": MOST_FILE_BYTES // 1024 // 1024}
        raise FileRefused(
            filled(
                _("“%(name)s” has %(size)d MB; at most %(most)d MB are taken. Split the file, for example by chapter."),
                facts,
            )
        )
    file.seek(0)
    try:
        found = recognise_format(file, name)
    except UnknownFormat as refusal:
        raise FileRefused(refusal.message) from refusal
    wanted = all_formats().get(format_name) if format_name != "auto" else found
    if wanted is None or not wanted.reads:
        raise FileRefused(filled(_("“%(format)s” is not a format that can be read here."), {"format": format_name}))
    if wanted is not found and not _recognises(wanted, file, name):
        facts = {"name": name, "wanted": wanted.label, "found": found.label}
        raise FileRefused(filled(_("“%(name)s” is no %(wanted)s file; it looks like %(found)s."), facts))
    ending = PurePath(name).suffix.lower().lstrip(".")
    others = {known.lstrip(".") for one in all_formats().values() for known in one.extensions}
    if ending in others - {"txt", *(known.lstrip(".") for known in wanted.extensions)}:
        facts = {"name": name, "ending": ending, "found": wanted.label}
        raise FileRefused(
            filled(
                _("“%(name)s” is called .%(ending)s, but its content is %(found)s. Save it again in the right format."),
                facts,
            )
        )
    return wanted


def _recognises(question_format: QuestionFormat, file: IO[Any] | File[Any], name: str) -> bool:
    head = file.read(HEAD_BYTES)
    file.seek(0)
    return question_format.recognises(head, name)


def _digest(file: File[Any]) -> str:
    file.seek(0)
    found = hashlib.sha256()
    for chunk in file.chunks():
        found.update(chunk)
    file.seek(0)
    return found.hexdigest()


def _nudge(row: QuestionImport) -> None:
    from assessments.tasks import work_on_import

    nudge(work_on_import, row.pk)


# Deciding ------------------------------------------------------------------------------------------------------


@transaction.atomic
def apply_import(*, row: QuestionImport, by: Any, at: datetime) -> QuestionImport:
    """Bring in exactly the file that was checked; asked twice, once. Raises FileRefused before it is checked, or after
    it was refused."""
    locked = QuestionImport.objects.select_for_update().get(pk=row.pk)
    if locked.state in {State.IMPORTING, State.IMPORTED}:
        return locked
    if locked.state != State.CHECKED:
        raise FileRefused(_("Only a file that was checked can be imported; this one was not."))
    if not locked.imported_count and not locked.updated_count:
        raise FileRefused(_("There is nothing in this file that would change the bank."))
    locked.state, locked.decided_by, locked.attempts = State.IMPORTING, by, 0
    locked.save(update_fields=["state", "decided_by", "attempts"])
    _nudge(locked)
    return locked


@transaction.atomic
def retry_import(*, row: QuestionImport, by: Any) -> QuestionImport:
    """Try a failed file again, from where it failed."""
    locked = QuestionImport.objects.select_for_update().get(pk=row.pk)
    if locked.state == State.FAILED:
        locked.state = State.IMPORTING if locked.decided_by_id else State.UPLOADED
        locked.attempts, locked.error, locked.busy_until = 0, {}, None
        locked.save(update_fields=["state", "attempts", "error", "busy_until"])
        _nudge(locked)
    return locked


# The work ------------------------------------------------------------------------------------------------------


def work_on_import(*, import_id: int, at: datetime) -> bool:
    """Check a file that was uploaded, or bring in one that was decided on; True when it was done now.

    One worker has the row for LEASE, and for longer while it reads, so that a second delivery of the message finds
    nothing to do; no lock is held meanwhile. The questions and the row's new state are committed together, and only by
    the worker whose attempt it still is. After MOST_ATTEMPTS it is `failed` with the reason.
    """
    row = claim_file(QuestionImport.objects.select_related("bank", "uploaded_by", "decided_by"), import_id, at=at)
    if row is None:
        return False
    try:
        with CheckedFile() as file:
            refusal = _read(row, file, at=at)
            return _finish(row, file, refusal, at=at)
    except Exception as problem:
        logger.exception("Reading the question file %s failed", import_id)
        text = f"{type(problem).__name__}: {problem}"[:500]
        while_mine(row).update(error={"vi": text, "en": text}, busy_until=None)
        raise


def _kept_busy(items: Iterable[Item], row: QuestionImport, *, at: datetime) -> Iterator[Item]:
    """The items, with the row's lease renewed while they are read."""
    begun = renewed = time.monotonic()
    for item in items:
        yield item
        now = time.monotonic()
        if now - renewed > LEASE.total_seconds() / 4:
            renewed = now
            while_mine(row).update(busy_until=at + timedelta(seconds=now - begun) + LEASE)


def _read(row: QuestionImport, file: CheckedFile, *, at: datetime) -> Unreadable | None:
    """Read and check the file, all of it; why it cannot be read."""
    with tempfile.TemporaryFile() as copy:
        _copy_file(row, copy)
        items = all_formats()[row.format].read(copy, row.file_name)
        try:
            read_file(bank=row.bank, items=_kept_busy(items, row, at=at), into=file)
        except Unreadable as problem:
            return problem
    if row.state == State.IMPORTING:
        file.store_pictures()
    return None


def _finish(row: QuestionImport, file: CheckedFile, refusal: Unreadable | None, *, at: datetime) -> bool:
    """Write what came of it, and the questions when that was decided; nothing when another worker has it by now."""
    report = None
    if refusal is None and row.state == State.UPLOADED:
        report = check_questions(bank=row.bank, file=file, format_name=row.format, at=at)
        _report(row, report)
    with transaction.atomic():
        if not while_mine(row).select_for_update().exists():
            return False
        if refusal is not None:
            row.state, row.error, row.finished_at = State.REFUSED, in_languages(refusal), at
        elif report is None:
            report = take_questions(
                bank=row.bank,
                file=file,
                format_name=row.format,
                status=row.new_status,
                by=row.decided_by or row.uploaded_by,
                at=at,
            )
            _report(row, report)
            row.state, row.finished_at, row.error = State.IMPORTED, at, {}
        else:
            row.state, row.checked_at, row.error = State.CHECKED, at, {}
            if row.is_decided:
                row.state, row.decided_by, row.attempts = State.IMPORTING, row.uploaded_by, 0
        row.busy_until = None
        row.save()
        if row.state == State.IMPORTING:
            _nudge(row)
    return True


def _copy_file(row: QuestionImport, copy: IO[bytes]) -> None:
    """A seekable copy, whatever the storage; only of the file that was uploaded, byte for byte."""
    found = hashlib.sha256()
    with row.file.open("rb") as stored:
        for chunk in stored.chunks():
            found.update(chunk)
            copy.write(chunk)
    copy.seek(0)
    if found.hexdigest() != row.file_digest:
        raise ValueError("the stored file is not the one that was uploaded")


def _report(row: QuestionImport, report: ImportReport) -> None:
    counts = {name: report.count(name) for name in ("imported", "updated", "skipped", "error")}
    for name, count in counts.items():
        setattr(row, f"{name}_count", count)
    said: list[dict[str, str]] = [{} for _item in report.items]
    for language in ("vi", "en"):  # switching languages costs more than saying a sentence
        with translation.override(language):
            for words, item in zip(said, report.items, strict=True):
                words[language] = str(item.reason)
    row.report = [
        {"ref": item.ref, "name": item.name[:255], "type": item.type, "status": item.status, **words}
        for words, item in zip(said, report.items, strict=True)
    ]
