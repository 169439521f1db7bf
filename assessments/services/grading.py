"""Marking a whole sitting: exactly one first run, whatever is delivered twice."""

from __future__ import annotations

import logging
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from django.db import transaction

from assessments import events
from assessments.grading.engine import ENGINE_VERSION, QuestionDefinition, grade
from assessments.models import GradingRun, QuestionVersion, ResponseEvent, Sitting, SlotGrade
from assessments.question_types import get_type
from common.digests import digest_of
from common.locking import lock_row
from common.sweeps import nudge
from courses.services import record_activity_result

logger = logging.getLogger(__name__)
MOST_ATTEMPTS = 5
SCORE_STEP = Decimal("0.01")
MARK_STEP = Decimal("0.0001")


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
    answers = last_answers(sitting)
    versions = QuestionVersion.objects.in_bulk([slot["version"] for slot in sitting.paper.slots])
    grades = [
        _slot_grade(slot, versions[slot["version"]], answers.get(slot["slot"]))
        for slot in sitting.paper.slots
        if get_type(slot["type"]).is_answered
    ]
    total = sum((row.mark or Decimal(0) for row in grades), Decimal(0))
    score = max(total, Decimal(0)).quantize(SCORE_STEP, ROUND_HALF_UP)
    score = min(score, sitting.max_score)
    passed = is_pass(score, sitting.max_score, Decimal(str(sitting.quiz_version.blueprint["pass_percent"])))
    run = GradingRun.objects.create(
        sitting=sitting,
        number=1,
        engine_version=ENGINE_VERSION,
        worker=worker,
        graded_at=at,
        score=score,
        max_score=sitting.max_score,
        passed=passed,
        digest=run_digest(sitting, grades, score, passed),
    )
    for row in grades:
        row.run = run
    SlotGrade.objects.bulk_create(grades)
    sitting.state, sitting.graded_at, sitting.grading_error = Sitting.State.GRADED, at, ""
    sitting.score, sitting.passed, sitting.current_run = score, passed, run
    sitting.save(update_fields=["state", "graded_at", "grading_error", "score", "passed", "current_run"])
    _tell_course(sitting, at=at)
    transaction.on_commit(lambda: events.sitting_graded.send_robust(sender=Sitting, sitting_id=sitting_id), robust=True)
    return run


def last_answers(sitting: Sitting) -> dict[int, ResponseEvent]:
    """The answer that counts for each slot: the last one in the log."""
    rows = sitting.events.filter(kind=ResponseEvent.Kind.ANSWER).order_by("seq")
    return {row.slot: row for row in rows if row.slot is not None}


def _slot_grade(slot: dict[str, Any], version: QuestionVersion, answer: ResponseEvent | None) -> SlotGrade:
    outcome = grade(
        QuestionDefinition(type=version.type, body=version.body, digest=version.digest),
        answer.response if answer is not None else {},
        slot["variant"],
    )
    mark = Decimal(slot["mark"])
    earned = None
    if outcome.fraction is not None:
        earned = (Decimal(repr(outcome.fraction)) * mark).quantize(MARK_STEP, ROUND_HALF_UP)
    return SlotGrade(
        slot=slot["slot"],
        question_version=version,
        event_seq=answer.seq if answer is not None else None,
        state=str(outcome.state),
        fraction=outcome.fraction,
        mark=earned,
        max_mark=mark,
    )


def is_pass(score: Decimal, max_score: Decimal, pass_percent: Decimal) -> bool:
    """Whether `score` reaches the pass mark, without rounding."""
    return max_score > 0 and score * 100 >= pass_percent * max_score


def run_digest(sitting: Sitting, grades: list[SlotGrade], score: Decimal, passed: bool) -> str:
    """What a run stands for: paper, log, engine and marks."""
    return digest_of(
        {
            "paper": sitting.paper.digest,
            "log": sitting.chain_head,
            "engine": ENGINE_VERSION,
            "marks": [[row.slot, row.state, None if row.mark is None else str(row.mark)] for row in grades],
            "score": str(score),
            "passed": passed,
        }
    )


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
    pass_percent = Decimal(str(sitting.quiz_version.blueprint["pass_percent"]))
    record_activity_result(
        enrolment=sitting.enrolment,
        activity=sitting.quiz.activity,
        fraction=float(fraction),
        passed=fraction * 100 >= Fraction(pass_percent),
        evidence={
            "sitting": str(counted.public_id),
            "score": str(counted.score),
            "max_score": str(counted.max_score),
            "digest": counted.current_run.digest if counted.current_run else "",
        },
        at=at,
    )


def attempts_fraction(attempts: list[Sitting], rule: str) -> tuple[Fraction, Sitting]:
    """The grade of several attempts (0 to 1, exact) and the sitting that stands for it."""
    fractions = [Fraction(s.score or 0) / Fraction(s.max_score) for s in attempts]
    if rule == "first":
        return fractions[0], attempts[0]
    if rule == "last":
        return fractions[-1], attempts[-1]
    best = max(range(len(attempts)), key=lambda index: (fractions[index], -index))
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
