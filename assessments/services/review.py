"""The way of a question: draft → in review → ready → retired, each step kept with who, when, why and which version."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from assessments.exceptions import ReviewRefused
from assessments.models import Bank, Question, QuestionReview, QuestionVersion
from common.messages import filled

MOST_COMMENT = 2_000


def may_approve(*, bank: Bank, version: QuestionVersion | None, by: Any) -> bool:
    """Whether `by` may make this version ready: anybody but its author, unless the bank lets authors.

    None is the platform itself (packs, commands), which answers for what it brings.
    """
    if by is None or bank.self_approval or version is None:
        return True
    return bool(version.created_by_id != by.pk)


@transaction.atomic
def set_status(*, question: Question, status: str, by: Any, at: datetime, comment: str = "") -> Question:
    """Move a question to draft, in review, ready or retired and keep the step; the same status changes nothing.

    Raises ReviewRefused when `by` wrote the version and the bank wants another person to approve it, and when
    somebody else sends a question back from review without a word.
    """
    locked = (
        Question.objects.select_for_update(of=("self",)).select_related("bank", "current_version").get(pk=question.pk)
    )
    wanted = Question.Status(status)
    if locked.status == wanted:
        return locked
    if wanted == Question.Status.READY and not may_approve(bank=locked.bank, version=locked.current_version, by=by):
        raise ReviewRefused(
            filled(
                _("You wrote version %(number)d of “%(name)s”: somebody else must approve it. Send it to review."),
                {"number": locked.current_version.number if locked.current_version else 1, "name": locked.name},
            )
        )
    is_sent_back = locked.status == Question.Status.IN_REVIEW and wanted == Question.Status.DRAFT
    is_author = locked.current_version is not None and locked.current_version.created_by_id == getattr(by, "pk", None)
    if is_sent_back and not is_author and not comment.strip():
        raise ReviewRefused(_("Say in a comment what the author should change."))
    _keep([locked], wanted, by=by, at=at, comment=comment)
    locked.status = wanted
    locked.save(update_fields=["status", "updated_at"])
    question.status = wanted
    return locked


@transaction.atomic
def review_new_version(*, question: Question, by: Any, at: datetime) -> bool:
    """A ready question whose new version its author may not approve goes back to review; True when it did."""
    locked = (
        Question.objects.select_for_update(of=("self",)).select_related("bank", "current_version").get(pk=question.pk)
    )
    if locked.status != Question.Status.READY or may_approve(bank=locked.bank, version=locked.current_version, by=by):
        return False
    set_status(question=locked, status=Question.Status.IN_REVIEW, by=by, at=at)
    question.status = Question.Status.IN_REVIEW
    return True


def review_new_versions(*, bank: Bank, questions: Sequence[Question], by: Any, at: datetime) -> None:
    """review_new_version for rows that the caller has locked, gave a new version and is going to save."""
    moving = [
        question
        for question in questions
        if question.status == Question.Status.READY
        and not may_approve(bank=bank, version=question.current_version, by=by)
    ]
    _keep(moving, Question.Status.IN_REVIEW, by=by, at=at, comment="")
    for question in moving:
        question.status = Question.Status.IN_REVIEW


@dataclass(frozen=True, slots=True, kw_only=True)
class ManyMoved:
    """How many questions have the new status now, had it before, and wait for somebody else's approval."""

    changed: int
    unchanged: int
    own: int


def set_status_of_locked(
    *, questions: Sequence[Question], status: str, by: Any, at: datetime, comment: str = ""
) -> ManyMoved:
    """set_status for rows that the caller has locked, with bank and current version, in two statements.

    One's own versions are left as they are and counted.
    """
    wanted = Question.Status(status)
    moving = [question for question in questions if question.status != wanted]
    unchanged, own = len(questions) - len(moving), 0
    if wanted == Question.Status.READY:
        allowed = [row for row in moving if may_approve(bank=row.bank, version=row.current_version, by=by)]
        own, moving = len(moving) - len(allowed), allowed
    _keep(moving, wanted, by=by, at=at, comment=comment)
    Question.objects.filter(pk__in=[row.pk for row in moving]).update(status=wanted, updated_at=at)
    return ManyMoved(changed=len(moving), unchanged=unchanged, own=own)


def _keep(questions: Iterable[Question], wanted: str, *, by: Any, at: datetime, comment: str) -> None:
    QuestionReview.objects.bulk_create(
        QuestionReview(
            question=question,
            version_id=question.current_version_id,
            from_status=question.status,
            to_status=wanted,
            comment=comment.strip()[:MOST_COMMENT],
            by=by,
            at=at,
        )
        for question in questions
        if question.current_version_id is not None
    )
