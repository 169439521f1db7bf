"""Decisions about results: who sees them when. Each is kept with its reason and author."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from assessments.exceptions import DecisionRefused
from assessments.models import Quiz, ResultDecision, Sitting
from common.locking import lock_row

Kind = ResultDecision.Kind


@transaction.atomic
def release_results(*, quiz: Quiz, reason: str, by: Any, at: datetime, decision_number: str = "") -> ResultDecision:
    """Let candidates see their results from now on; sittings marked later are seen as soon as they are marked.

    Raises DecisionRefused when they were released already or no reason is given.
    """
    locked = Quiz.objects.select_for_update().get(pk=quiz.pk)
    if locked.released_at is not None:
        raise DecisionRefused(_("The results of this quiz were released already."))
    decision = _decided(quiz=locked, kind=Kind.RELEASED, reason=reason, by=by, at=at, number=decision_number)
    locked.released_at = at
    locked.save(update_fields=["released_at"])
    return decision


@transaction.atomic
def take_back_release(*, quiz: Quiz, reason: str, by: Any, at: datetime, decision_number: str = "") -> ResultDecision:
    """Hide the results again. Raises DecisionRefused when they are not released or no reason is given."""
    locked = Quiz.objects.select_for_update().get(pk=quiz.pk)
    if locked.released_at is None:
        raise DecisionRefused(_("The results of this quiz are not released."))
    decision = _decided(quiz=locked, kind=Kind.TAKEN_BACK, reason=reason, by=by, at=at, number=decision_number)
    locked.released_at = None
    locked.save(update_fields=["released_at"])
    return decision


@transaction.atomic
def withhold_result(*, sitting: Sitting, reason: str, by: Any, at: datetime) -> ResultDecision:
    """Keep one result from its candidate, whatever the quiz says. Raises DecisionRefused."""
    locked = lock_row(Sitting.objects.filter(pk=sitting.pk).select_related("quiz"))
    assert locked is not None
    if locked.withheld_at is not None:
        raise DecisionRefused(_("This result is withheld already."))
    decision = _decided(quiz=locked.quiz, sitting=locked, kind=Kind.WITHHELD, reason=reason, by=by, at=at)
    locked.withheld_at, locked.withheld_by, locked.withheld_reason = at, by, decision.reason
    locked.save(update_fields=["withheld_at", "withheld_by", "withheld_reason"])
    return decision


@transaction.atomic
def give_result(*, sitting: Sitting, reason: str, by: Any, at: datetime) -> ResultDecision:
    """Give a withheld result to its candidate. Raises DecisionRefused when it is not withheld."""
    locked = lock_row(Sitting.objects.filter(pk=sitting.pk).select_related("quiz"))
    assert locked is not None
    if locked.withheld_at is None:
        raise DecisionRefused(_("This result is not withheld."))
    decision = _decided(quiz=locked.quiz, sitting=locked, kind=Kind.GIVEN, reason=reason, by=by, at=at)
    locked.withheld_at, locked.withheld_by, locked.withheld_reason = None, None, ""
    locked.save(update_fields=["withheld_at", "withheld_by", "withheld_reason"])
    return decision


def checked_reason(reason: str) -> str:
    """The reason without idle space. Raises DecisionRefused when nothing is left or it is too long."""
    text = " ".join(reason.split())
    if not text:
        raise DecisionRefused(_("Say why: a decision about results is kept with its reason."))
    if len(text) > MOST_REASON:
        raise DecisionRefused(_("The reason is too long; 500 letters are enough."))
    return text


MOST_REASON = 500


def _decided(
    *,
    quiz: Quiz,
    kind: str,
    reason: str,
    by: Any,
    at: datetime,
    sitting: Sitting | None = None,
    number: str = "",
) -> ResultDecision:
    return ResultDecision.objects.create(
        quiz=quiz,
        sitting=sitting,
        kind=kind,
        reason=checked_reason(reason),
        decision_number=" ".join(number.split())[:60],
        by=by,
        at=at,
    )
