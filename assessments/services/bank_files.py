"""Question files: kept as a row first, read and written by Celery, checked before anything is changed."""

from __future__ import annotations

import hashlib
import logging
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import PurePath
from typing import IO, Any

from django.core.files import File
from django.core.files.storage import storages
from django.db import transaction
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from assessments.exceptions import FileRefused, UnknownFormat
from assessments.formats import ParsedQuestion, QuestionFormat, ReadProblem, Unreadable, all_formats
from assessments.formats.base import MOST_FILE_BYTES
from assessments.models import Bank, Question, QuestionExport, QuestionImport
from assessments.services.exporting import CHUNK, parsed_questions
from assessments.services.importing import HEAD_BYTES, ImportReport, import_questions, recognise_format
from common.locking import lock_row
from common.messages import filled
from common.sweeps import nudge

logger = logging.getLogger(__name__)
MOST_ATTEMPTS = 5
FOLDER = "question-files"
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
        locked.attempts, locked.error = 0, {}
        locked.save(update_fields=["state", "attempts", "error"])
        _nudge(locked)
    return locked


# The work ------------------------------------------------------------------------------------------------------


def work_on_import(*, import_id: int, at: datetime) -> bool:
    """Check a file that was uploaded, or bring in one that was decided on; True when it was done now.

    The row stays locked while its file is read, so that a second delivery of the message finds nothing to do; the
    questions and the row's new state are committed together. After MOST_ATTEMPTS it is `failed` with the reason.
    """
    if not _count_attempt(import_id):
        return False
    try:
        with transaction.atomic():
            row = lock_row(_due(import_id).select_related("bank", "uploaded_by", "decided_by"), skip_locked=True)
            if row is None:
                return False
            _read(row, at=at)
            row.save()
            if row.state == State.IMPORTING:
                _nudge(row)
    except Exception as problem:
        logger.exception("Reading the question file %s failed", import_id)
        text = f"{type(problem).__name__}: {problem}"[:500]
        _due(import_id).update(error={"vi": text, "en": text})
        raise
    return True


def _due(import_id: int) -> Any:
    return QuestionImport.objects.filter(pk=import_id, state__in=QuestionImport.DUE)


@transaction.atomic
def _count_attempt(import_id: int) -> bool:
    row = lock_row(_due(import_id), skip_locked=True)
    if row is None:
        return False
    if row.attempts >= MOST_ATTEMPTS:
        row.state = State.FAILED
        row.error = row.error or in_languages(_("The worker died each time."))
        row.save(update_fields=["state", "error"])
        return False
    row.attempts += 1
    row.save(update_fields=["attempts"])
    return True


def _read(row: QuestionImport, *, at: datetime) -> None:
    """Check the file or bring it in, and write into the row what came of it."""
    is_check = row.state == State.UPLOADED
    question_format = all_formats()[row.format]
    with tempfile.TemporaryFile() as copy:
        _copy_file(row, copy)
        try:
            report = import_questions(
                bank=row.bank,
                items=question_format.read(copy, row.file_name),
                format_name=row.format,
                status=row.new_status,
                dry_run=is_check,
                by=row.decided_by or row.uploaded_by,
                at=at,
            )
        except Unreadable as problem:
            row.state, row.error, row.finished_at = State.REFUSED, in_languages(problem), at
            return
    _report(row, report)
    row.error = {}
    if is_check:
        row.state, row.checked_at = State.CHECKED, at
        if row.is_decided:
            row.state, row.decided_by, row.attempts = State.IMPORTING, row.uploaded_by, 0
    else:
        row.state, row.finished_at = State.IMPORTED, at


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
    row.report = [
        {
            "ref": item.ref,
            "name": item.name[:255],
            "type": item.type,
            "status": item.status,
            **in_languages(item.reason),
        }
        for item in report.items
    ]


def in_languages(message: object) -> dict[str, str]:
    """The message in each language of the screens."""
    texts = {}
    for language in ("vi", "en"):
        with translation.override(language):
            texts[language] = str(message)
    return texts


def said_in_both(words: Mapping[str, str]) -> str:
    """What in_languages kept, in one line for readers of any language."""
    texts = list(dict.fromkeys(words[language] for language in ("vi", "en") if words.get(language)))
    return " / ".join(texts)


# Giving a file out ---------------------------------------------------------------------------------------------


@transaction.atomic
def request_question_export(
    *, bank: Bank, format_name: str, questions: QuerySet[Question] | None, by: Any, at: datetime
) -> QuestionExport:
    """Ask for questions of a bank as a file: these ones, or all that are not retired. Raises FileRefused."""
    found = _writing_format(format_name)
    chosen = None if questions is None else in_order(bank, questions)
    if chosen == []:
        raise FileRefused(_("There is no question to export."))
    row = QuestionExport.objects.create(
        bank=bank,
        format=found.name,
        chosen=chosen,
        requested_by=by,
        requested_at=at,
    )
    from assessments.tasks import build_question_export as task

    nudge(task, row.pk)
    return row


def build_question_export(*, export_id: int, at: datetime) -> bool:
    """Write the file of an export that is due; True when it was written now. The file first, the row second."""
    due = QuestionExport.objects.filter(pk=export_id, state=QuestionExport.State.REQUESTED)
    with transaction.atomic():
        row = lock_row(due.select_related("bank"), skip_locked=True)
        if row is None:
            return False
        if row.attempts >= MOST_ATTEMPTS:
            row.state, row.error = QuestionExport.State.FAILED, row.error or "The worker died each time."
            row.save(update_fields=["state", "error"])
            return False
        row.attempts += 1
        row.save(update_fields=["attempts"])
    try:
        with tempfile.TemporaryFile() as file:
            count, left_out = write_questions(bank=row.bank, format_name=row.format, chosen=row.chosen, file=file)
            file.seek(0)
            storage, name = storages["private"], f"{FOLDER}/{row.public_id}-{row.attempts}"
            storage.delete(name)
            saved = storage.save(name, File(file))
    except Exception as problem:
        logger.exception("Building the question file %s failed", export_id)
        due.update(error=f"{type(problem).__name__}: {problem}"[:500])
        raise
    listed = [{"ref": one.ref, "name": one.name, "type": one.type, **in_languages(one.reason)} for one in left_out]
    changed = due.update(
        file=saved, left_out=listed, count=count, state=QuestionExport.State.READY, ready_at=at, error=""
    )
    return bool(changed)


@transaction.atomic
def retry_question_export(*, row: QuestionExport, by: Any) -> QuestionExport:
    """Build a failed file again."""
    locked = QuestionExport.objects.select_for_update().get(pk=row.pk)
    if locked.state == QuestionExport.State.FAILED:
        locked.state, locked.attempts, locked.error = QuestionExport.State.REQUESTED, 0, ""
        locked.save(update_fields=["state", "attempts", "error"])
        from assessments.tasks import build_question_export as task

        nudge(task, locked.pk)
    return locked


def _writing_format(name: str) -> QuestionFormat:
    found = all_formats().get(name)
    if found is None or not found.writes:
        facts = {"format": name[:40]}
        raise FileRefused(filled(_("“%(format)s” is not a format that can be written here."), facts))
    return found


def in_order(bank: Bank, questions: QuerySet[Question]) -> list[int]:
    """Ids of those questions that are of the bank, in the order of a file."""
    return list(
        questions.filter(bank=bank).order_by("category__path", "idnumber").values_list("pk", flat=True).distinct()
    )


def write_questions(
    *, bank: Bank, format_name: str, chosen: Sequence[int] | None, file: IO[bytes]
) -> tuple[int, list[ReadProblem]]:
    """Write questions (by id, or all that are not retired) into an open file: how many are in it, and those that the
    format cannot say. Raises FileRefused for a format that cannot be written."""
    question_format = _writing_format(format_name)
    keys = in_order(bank, bank.questions.exclude(status=Question.Status.RETIRED)) if chosen is None else chosen
    left_out = question_format.write(_parsed(bank, keys), file, title=bank.title)
    return len(keys) - len(left_out), left_out


def _parsed(bank: Bank, keys: Sequence[int]) -> Iterator[ParsedQuestion]:
    for start in range(0, len(keys), CHUNK):
        yield from parsed_questions(bank, Question.objects.filter(pk__in=keys[start : start + CHUNK]))


def file_name_of(bank: Bank, format_name: str) -> str:
    """What a file of this bank is called."""
    extensions = all_formats()[format_name].extensions
    return f"{bank.slug}.{extensions[0].lstrip('.')}" if extensions else bank.slug
