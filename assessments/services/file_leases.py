"""Who works on a question file: one worker at a time, without a lock held while it reads or writes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from assessments.models import QuestionExport, QuestionImport
from common.locking import lock_row

MOST_ATTEMPTS = 5
FOLDER = "question-files"
LEASE = timedelta(minutes=3)
FileRow = TypeVar("FileRow", QuestionImport, QuestionExport)


def due_files(rows: QuerySet[FileRow], *, at: datetime) -> QuerySet[FileRow]:
    """Imports or exports that wait for a worker, none of which is busy with them at `at`."""
    states = QuestionImport.DUE if rows.model is QuestionImport else (QuestionExport.State.REQUESTED,)
    return rows.filter(Q(busy_until=None) | Q(busy_until__lte=at), state__in=states)


@transaction.atomic
def claim_file(rows: QuerySet[FileRow], pk: int, *, at: datetime) -> FileRow | None:
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


def while_mine(row: FileRow) -> Any:
    """The row while this worker's attempt is the last one."""
    found: Any = row
    return type(row)._default_manager.filter(pk=row.pk, state=found.state, attempts=found.attempts)


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
