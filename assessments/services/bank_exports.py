"""Questions given out as a file: asked for as a row, written by Celery."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import IO, Any

from django.core.files import File
from django.core.files.storage import storages
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from assessments.exceptions import FileRefused
from assessments.formats import ParsedQuestion, QuestionFormat, ReadProblem, all_formats
from assessments.models import Bank, Question, QuestionExport
from assessments.services.bank import category_paths
from assessments.services.exporting import CHUNK, parsed_questions
from assessments.services.file_leases import FOLDER, claim_file, in_languages, while_mine
from common.messages import filled
from common.sweeps import nudge
from common.unicode import nfc

logger = logging.getLogger(__name__)


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
    row = claim_file(QuestionExport.objects.select_related("bank"), export_id, at=at)
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
        while_mine(row).update(error=f"{type(problem).__name__}: {problem}"[:500], busy_until=None)
        raise
    listed = [{"ref": one.ref, "name": one.name, "type": one.type, **in_languages(one.reason)} for one in left_out]
    changed = while_mine(row).update(
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
