"""Marking a whole sitting: exactly one first run, whatever is delivered twice."""

from __future__ import annotations

import logging
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db import transaction

from assessments import events
from assessments.grading.engine import ENGINE_VERSION
from assessments.grading.sitting import SittingOutcome, mark_sitting, run_digest
from assessments.models import GradingRun, ResponseEvent, Sitting, SlotGrade
from assessments.services.sheets import definitions_of
from common.locking import lock_row
from common.sweeps import nudge
from courses.services import record_activity_result

logger = logging.getLogger(__name__)
MOST_ATTEMPTS = 5


def grade_sitting(*, sitting_id: int, worker: str, at: datetime) -> GradingRun | None:
    """Mark a submitted sitting and tell the course; None when it is not due (marked already, or being marked).

    The attempt is counted before the work, so that a paper which kills its worker is not tried for ever: after
    MOST_ATTEMPTS the sitting is `failed` with the reason, and a person may have it marked again.
    """
    with transaction.atomic():
        sitting = lock_row(Sitting.objects.filter(pk=sitting_id, state=Sitting.State.SUBMITTED), skip_locked=True)
        if sitting is None:
            return None
        if sitting.grading_attempts >= MOST_ATTEMPTS:
            sitting.state = Sitting.State.FAILED
            sitting.grading_error = sitting.grading_error or "The worker died each time while marking."
            sitting.save(update_fields=["state", "grading_error"])
            return None
        sitting.grading_attempts += 1
        sitting.save(update_fields=["grading_attempts"])
    try:
        return _grade(sitting_id=sitting_id, worker=worker, at=at)
    except Exception as problem:
        logger.exception("Marking sitting %s failed", sitting_id)
        Sitting.objects.filter(pk=sitting_id, state=Sitting.State.SUBMITTED).update(
            grading_error=f"{type(problem).__name__}: {problem}"[:500]
        )
        raise


@transaction.atomic
def _grade(*, sitting_id: int, worker: str, at: datetime) -> GradingRun | None:
    sitting = lock_row(
        Sitting.objects.filter(pk=sitting_id, state=Sitting.State.SUBMITTED).select_related(
            "paper", "quiz", "quiz_version"
        ),
        skip_locked=True,
    )
    if sitting is None:
        return None
    run = store_run(sitting=sitting, outcome=marked(sitting), worker=worker, at=at)
    if sitting.state == Sitting.State.WAITING:
        from assessments.services.marking import open_marking

        open_marking(sitting=sitting, at=at)
    return run


def marked(sitting: Sitting) -> SittingOutcome:
    """What the engine makes of a sitting now; stores nothing."""
    return mark_sitting(
        sitting.quiz_version.blueprint,
        sitting.paper.slots,
        definitions_of(sitting.paper.slots),
        sitting.events.order_by("seq").values("seq", "kind", "slot", "response"),
    )


@transaction.atomic
def store_run(
    *,
    sitting: Sitting,
    outcome: SittingOutcome,
    worker: str,
    at: datetime,
    reason: str = GradingRun.Reason.INITIAL,
    number: int = 1,
    note: str = "",
    by: Any = None,
) -> GradingRun:
    """Keep a marking of a sitting (locked by the caller, with `quiz` and `quiz_version`) as the run that counts.

    When a person has still something to mark, the sitting is `waiting` and shows no score; otherwise it is `graded` and
    the course is told.
    """
    run = GradingRun.objects.create(
        sitting=sitting,
        number=number,
        reason=reason,
        note=note,
        requested_by=by,
        engine_version=ENGINE_VERSION,
        worker=worker,
        graded_at=at,
        score=outcome.score,
        max_score=outcome.max_score,
        passed=outcome.passed,
        digest=run_digest(
            engine=ENGINE_VERSION or "",
            paper=sitting.paper.digest,
            log=sitting.chain_head,
            marks=outcome.slots,
            score=outcome.score,
            max_score=outcome.max_score,
            passed=outcome.passed,
        ),
    )
    SlotGrade.objects.bulk_create(
        SlotGrade(
            run=run,
            slot=row.slot,
            question_version_id=row.version,
            event_seq=row.event_seq,
            state=row.state,
            fraction=row.fraction,
            mark=row.mark,
            max_mark=row.max_mark,
            source=row.source,
        )
        for row in outcome.slots
    )
    sitting.current_run, sitting.grading_error = run, ""
    if outcome.waiting:
        sitting.state = Sitting.State.WAITING
        sitting.save(update_fields=["state", "grading_error", "current_run"])
        return run
    sitting.state, sitting.graded_at = Sitting.State.GRADED, at
    sitting.score, sitting.max_score, sitting.passed = outcome.score, outcome.max_score, outcome.passed
    sitting.save(update_fields=["state", "graded_at", "grading_error", "score", "max_score", "passed", "current_run"])
    _tell_course(sitting, at=at)
    pk = sitting.pk
    transaction.on_commit(lambda: events.sitting_graded.send_robust(sender=Sitting, sitting_id=pk), robust=True)
    return run


def last_answers(sitting: Sitting) -> dict[int, ResponseEvent]:
    """The answer that counts for each slot: the last one in the log."""
    rows = sitting.events.filter(kind=ResponseEvent.Kind.ANSWER).order_by("seq")
    return {row.slot: row for row in rows if row.slot is not None}


def _tell_course(sitting: Sitting, *, at: datetime) -> None:
    """Report the grade of all attempts, by the quiz's rule, to the course activity that it decides."""
    if sitting.enrolment is None or sitting.quiz.activity is None:
        return
    rule = sitting.quiz_version.blueprint["attempt_grade"]
    attempts = list(
        Sitting.objects.filter(quiz=sitting.quiz, enrolment=sitting.enrolment, state=Sitting.State.GRADED).order_by(
            "attempt"
        )
    )
    fraction, counted = attempts_fraction(attempts, rule)
    if rule == "mean":
        passed = fraction * 100 >= Fraction(Decimal(str(sitting.quiz_version.blueprint["pass_percent"])))
    else:
        passed = bool(counted.passed)  # with the pass marks of its parts
    record_activity_result(
        enrolment=sitting.enrolment,
        activity=sitting.quiz.activity,
        fraction=float(fraction),
        passed=passed,
        evidence={
            "sitting": str(counted.public_id),
            "score": str(counted.score),
            "max_score": str(counted.max_score),
            "digest": counted.current_run.digest if counted.current_run else "",
        },
        at=at,
    )


def attempts_fraction(attempts: list[Sitting], rule: str) -> tuple[Fraction, Sitting]:
    """The grade of several attempts (0 to 1, exact) and the sitting that stands for it.

    The best attempt is one that was passed, when there is one: a higher one may have failed in a part. A paper of which
    every question was removed is worth 0.
    """
    fractions = [Fraction(s.score or 0) / Fraction(s.max_score) if s.max_score else Fraction(0) for s in attempts]
    if rule == "first":
        return fractions[0], attempts[0]
    if rule == "last":
        return fractions[-1], attempts[-1]
    best = max(range(len(attempts)), key=lambda index: (bool(attempts[index].passed), fractions[index], -index))
    if rule == "mean":
        return sum(fractions, Fraction(0)) / len(fractions), attempts[best]
    return fractions[best], attempts[best]


@transaction.atomic
def retry_grading(*, sitting: Sitting, by: Any) -> Sitting:
    """Have a sitting whose marking failed marked again."""
    locked = Sitting.objects.select_for_update().get(pk=sitting.pk)
    if locked.state == Sitting.State.FAILED:
        locked.state, locked.grading_attempts, locked.grading_error = Sitting.State.SUBMITTED, 0, ""
        locked.save(update_fields=["state", "grading_attempts", "grading_error"])
        from assessments.tasks import grade_sitting as task

        nudge(task, locked.pk)
    return locked
