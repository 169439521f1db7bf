"""Decisions about results: who sees them when. Each is kept with its reason and author."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from assessments.exceptions import DecisionRefused
from assessments.grading.sitting import MARK_STEP, SlotOutcome, total_of
from assessments.models import GradingRun, Quiz, ResultDecision, Sitting, SlotGrade
from assessments.question_types import State
from assessments.services.grading import store_run
from assessments.services.runs import outcomes_of, tell_marked_again
from common.locking import lock_row
from common.messages import filled

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


@transaction.atomic
def moderate_result(
    *, sitting: Sitting, marks: Mapping[int, Decimal], reason: str, by: Any, at: datetime
) -> GradingRun:
    """Give questions of one sitting (slot → mark) other marks by decision: a new run beside the one that counted.

    Raises DecisionRefused: no reason, no result yet, no such question, a mark out of its bounds, or nothing differs.
    """
    locked = lock_row(
        Sitting.objects.filter(pk=sitting.pk).select_related(
            "paper", "quiz__activity", "quiz_version", "current_run", "enrolment"
        )
    )
    assert locked is not None
    if locked.state != Sitting.State.GRADED or locked.current_run is None:
        raise DecisionRefused(_("There is no result yet that could be moderated."))
    before = outcomes_of(locked)
    known = {row.slot: row for row in before}
    for slot, mark in marks.items():
        if slot not in known:
            raise DecisionRefused(_("There is no such question in this paper."))
        if not -known[slot].max_mark <= mark <= known[slot].max_mark:
            message = _("The mark of question %(slot)d is from 0 to %(most)s.")
            raise DecisionRefused(filled(message, {"slot": slot, "most": known[slot].max_mark.normalize()}))
    after = [_moderated(row, marks.get(row.slot)) for row in before]
    if after == before:
        raise DecisionRefused(_("These are the marks that the result has already."))
    decision = _decided(quiz=locked.quiz, sitting=locked, kind=Kind.MODERATED, reason=reason, by=by, at=at)
    was_passed = bool(locked.passed)
    run = store_run(
        sitting=locked,
        outcome=total_of(locked.quiz_version.blueprint, after),
        worker="",
        at=at,
        reason=GradingRun.Reason.MODERATED,
        number=locked.runs.count() + 1,
        note=decision.reason,
        by=by,
    )
    tell_marked_again(locked, was_passed=was_passed)
    return run


def _moderated(row: SlotOutcome, mark: Decimal | None) -> SlotOutcome:
    if mark is None or mark == row.mark:
        return row
    fraction = float(mark / row.max_mark) if row.max_mark else 0.0
    state = State.RIGHT if fraction >= 1 else State.PARTIAL if fraction > 0 else State.WRONG
    return replace(
        row,
        state=str(state),
        fraction=round(fraction, 7),
        mark=mark.quantize(MARK_STEP),
        source=SlotGrade.Source.DECISION.value,
    )


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
