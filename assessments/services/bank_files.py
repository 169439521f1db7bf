"""Question files: kept as a row first, read and written by Celery, checked before anything is changed."""

from __future__ import annotations

import hashlib
import logging
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import IO, Any, TypeVar, cast

from django.core.files import File
from django.core.files.storage import storages
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from assessments.exceptions import FileRefused, UnknownFormat
from assessments.formats import ParsedQuestion, QuestionFormat, ReadProblem, Unreadable, all_formats
from assessments.formats.base import MOST_FILE_BYTES, Item
from assessments.models import Bank, Question, QuestionExport, QuestionImport
from assessments.services.bank import category_paths
from assessments.services.exporting import CHUNK, parsed_questions
from assessments.services.import_reading import CheckedFile, read_file
from assessments.services.importing import (
    HEAD_BYTES,
    ImportReport,
    check_questions,
    recognise_format,
    take_questions,
)
from common.locking import lock_row
from common.messages import filled
from common.sweeps import nudge
from common.vietnamese import nfc

logger = logging.getLogger(__name__)
MOST_ATTEMPTS = 5
FOLDER = "question-files"
LEASE = timedelta(minutes=3)
State = QuestionImport.State
FileRow = TypeVar("FileRow", QuestionImport, QuestionExport)


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
    row = _claim(QuestionImport.objects.select_related("bank", "uploaded_by", "decided_by"), import_id, at=at)
    if row is None:
        return False
    try:
        with CheckedFile() as file:
            refusal = _read(row, file, at=at)
            return _finish(row, file, refusal, at=at)
    except Exception as problem:
        logger.exception("Reading the question file %s failed", import_id)
        text = f"{type(problem).__name__}: {problem}"[:500]
        _mine(row).update(error={"vi": text, "en": text}, busy_until=None)
        raise


def due_files(rows: QuerySet[FileRow], *, at: datetime) -> QuerySet[FileRow]:
    """Imports or exports that wait for a worker, none of which is busy with them at `at`."""
    states = QuestionImport.DUE if rows.model is QuestionImport else (QuestionExport.State.REQUESTED,)
    return rows.filter(Q(busy_until=None) | Q(busy_until__lte=at), state__in=states)


@transaction.atomic
def _claim(rows: QuerySet[FileRow], pk: int, *, at: datetime) -> FileRow | None:
    """The row for this worker alone, its attempt counted; None when it is not due, or has finally failed now."""
    row: Any = lock_row(due_files(rows, at=at).filter(pk=pk), skip_locked=True)
    if row is None:
        return None
    if row.attempts >= MOST_ATTEMPTS:
        died = _("The worker died each time.")
        row.error = row.error or (in_languages(died) if isinstance(row, QuestionImport) else str(died))
        row.state, row.busy_until = "failed", None
        row.save(update_fields=["state", "error", "busy_until"])
        return None
    row.attempts, row.busy_until = row.attempts + 1, at + LEASE
    row.save(update_fields=["attempts", "busy_until"])
    return cast(FileRow, row)


def _mine(row: FileRow) -> Any:
    """The row while this worker's attempt is the last one."""
    found: Any = row
    return type(row)._default_manager.filter(pk=row.pk, state=found.state, attempts=found.attempts)


def _kept_busy(items: Iterable[Item], row: QuestionImport, *, at: datetime) -> Iterator[Item]:
    """The items, with the row's lease renewed while they are read."""
    begun = renewed = time.monotonic()
    for item in items:
        yield item
        now = time.monotonic()
        if now - renewed > LEASE.total_seconds() / 4:
            renewed = now
            _mine(row).update(busy_until=at + timedelta(seconds=now - begun) + LEASE)


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
        if not _mine(row).select_for_update().exists():
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
    row = _claim(QuestionExport.objects.select_related("bank"), export_id, at=at)
    if row is None:
        return False
    try:
        with tempfile.TemporaryFile() as file:
            count, left_out = write_questions(bank=row.bank, format_name=row.format, chosen=row.chosen, file=file)
            file.seek(0)
            storage, name = storages["private"], f"{FOLDER}/{row.public_id}-{row.attempts}"
            storage.delete(name)
            saved = storage.save(name, File(file))
    except Exception as problem:
        logger.exception("Building the question file %s failed", export_id)
        _mine(row).update(error=f"{type(problem).__name__}: {problem}"[:500], busy_until=None)
        raise
    listed = [{"ref": one.ref, "name": one.name, "type": one.type, **in_languages(one.reason)} for one in left_out]
    changed = _mine(row).update(
        file=saved,
        left_out=listed,
        count=count,
        state=QuestionExport.State.READY,
        ready_at=at,
        error="",
        busy_until=None,
    )
    return bool(changed)


@transaction.atomic
def retry_question_export(*, row: QuestionExport, by: Any) -> QuestionExport:
    """Build a failed file again."""
    locked = QuestionExport.objects.select_for_update().get(pk=row.pk)
    if locked.state == QuestionExport.State.FAILED:
        locked.state, locked.attempts, locked.error = QuestionExport.State.REQUESTED, 0, ""
        locked.busy_until = None
        locked.save(update_fields=["state", "attempts", "error", "busy_until"])
        from assessments.tasks import build_question_export as task

        nudge(task, locked.pk)
    return locked


def _writing_format(name: str) -> QuestionFormat:
    found = all_formats().get(name)
    if found is None or not found.writes:
        facts = {"format": name[:40]}
        raise FileRefused(filled(_("“%(format)s” is not a format that can be written here."), facts))
    return found


def questions_below(bank: Bank, path: str) -> QuerySet[Question]:
    """Questions of a bank that are not retired, in the category called `A / B` and below. Raises FileRefused."""
    wanted = tuple(" ".join(name.split()) for name in nfc(path).split(" / "))
    found = [pk for pk, names in category_paths(bank).items() if names and names[: len(wanted)] == wanted]
    if not found:
        facts = {"path": path[:100], "bank": bank.title}
        raise FileRefused(filled(_("There is no category “%(path)s” in the bank “%(bank)s”."), facts))
    return bank.questions.filter(category__in=found).exclude(status=Question.Status.RETIRED)


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
