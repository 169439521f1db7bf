"""Saving what an author wrote: the question and its text together, or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from assessments.exceptions import ChangedMeanwhile
from assessments.models import Question, QuestionVersion
from assessments.services.bank import add_version, create_question, update_question
from assessments.services.review import review_new_version, set_status
from common.messages import filled


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """What saving did: the version that is current now, whether text or details changed, and whether a ready
    question waits for review again."""

    version: QuestionVersion
    is_new_version: bool
    details_changed: bool
    is_in_review_again: bool = False


@transaction.atomic
def write_question(
    *, competences: Iterable[Any] = (), status: str = Question.Status.DRAFT, by: Any, at: datetime, **facts: Any
) -> Question:
    """A new question with its competences, moved on to `status`; `facts` as create_question takes them.

    Raises InvalidQuestion, and ReviewRefused when its author may not make it ready.
    """
    question = create_question(by=by, at=at, **facts)
    question.competences.set(competences)
    return set_status(question=question, status=status, by=by, at=at)


@transaction.atomic
def revise_question(
    *,
    question: Question,
    seen_version: int | None,
    seen_at: datetime,
    type: str,
    body: dict[str, Any],
    details: Mapping[str, Any],
    tags: Iterable[str],
    competences: Iterable[Any],
    status: str,
    note: str,
    by: Any,
    at: datetime,
) -> Revision:
    """Change a question as its author saw it; a new version is made only when its text changed.

    `seen_version` (the id of the version) and `seen_at` (updated_at) are what the author began with. Raises
    ChangedMeanwhile when it is no longer so, InvalidQuestion and ReviewRefused; then nothing is changed. A ready
    question with a new version waits for review again where its author may not approve it.
    """
    locked = Question.objects.select_for_update().get(pk=question.pk)
    before = locked.current_version
    if locked.current_version_id != seen_version:
        raise ChangedMeanwhile(_who_came_first(locked))
    if locked.updated_at != seen_at:
        raise ChangedMeanwhile(_("Somebody changed the details of this question while you were writing."))
    changed = update_question(question=locked, by=by, tags=tags, **details)
    wanted = {competence.pk for competence in competences}
    if set(locked.competences.values_list("pk", flat=True)) != wanted:
        locked.competences.set(wanted)
        changed = True
    if locked.status != status:
        set_status(question=locked, status=status, by=by, at=at)
        changed = True
    version = add_version(question=locked, type=type, body=body, by=by, at=at, note=note)
    is_new = before is None or version.pk != before.pk
    again = is_new and review_new_version(question=locked, by=by, at=at)
    return Revision(version=version, is_new_version=is_new, details_changed=changed, is_in_review_again=again)


@transaction.atomic
def restore_version(*, question: Question, version: QuestionVersion, by: Any, at: datetime) -> Revision:
    """An old version once more, as the newest one; the current one gives itself back.

    Raises InvalidQuestion when its kind of question takes it no longer.
    """
    locked = Question.objects.select_for_update().get(pk=question.pk)
    before = locked.current_version_id
    note = gettext("Version %(number)d restored") % {"number": version.number}
    made = add_version(question=locked, type=version.type, body=version.body, by=by, at=at, note=note)
    is_new = made.pk != before
    again = is_new and review_new_version(question=locked, by=by, at=at)
    return Revision(version=made, is_new_version=is_new, details_changed=False, is_in_review_again=again)


def _who_came_first(question: Question) -> Any:
    version = question.current_version
    assert version is not None  # versions are never taken away
    moment = date_format(timezone.localtime(version.created_at), "SHORT_DATETIME_FORMAT")
    facts = {"number": version.number, "name": version.created_by or "–", "moment": moment}
    return filled(_("%(name)s made version %(number)d at %(moment)s, while you were writing."), facts)
