"""A sitting from start to grade: nothing lost, nothing forged, one grade."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from assessments.exceptions import InfeasibleMatrix, ResponseRefused, SittingClosed, SittingRefused
from assessments.grading.engine import QuestionDefinition, grade
from assessments.models import GradingRun, QuestionVersion, Quiz, QuizDraw, ResponseEvent, Sitting
from assessments.services import (
    add_version,
    grade_sitting,
    publish_quiz,
    record_responses,
    retry_grading,
    start_sitting,
    submit_overdue,
    submit_sitting,
)
from assessments.services.sitting import event_content
from common.digests import verify_chain
from courses.models import ActivityProgress
from courses.services import complete_lesson, enrol
from tests.conftest import NOW
from tests.factories import activity, make_bank, make_course, make_person, make_quiz, single_choice_body, sit

pytestmark = pytest.mark.django_db


def answer(seq: int, slot: int, choice: str = "a", **more: Any) -> dict[str, Any]:
    return {"seq": seq, "slot": slot, "response": {"choice": choice}, **more}


def test_starting_twice_gives_the_same_sitting() -> None:
    quiz, person = make_quiz(), make_person()
    first = start_sitting(person=person, quiz=quiz, at=NOW)
    assert start_sitting(person=person, quiz=quiz, at=NOW) == first
    assert first.max_score == Decimal("4.00")


@pytest.mark.parametrize(("right", "passed"), [(2, False), (3, True), (4, True)])
def test_the_mark_is_what_was_right_and_the_pass_mark_is_exact(right: int, passed: bool) -> None:
    sitting = sit(make_quiz(pass_percent=75), make_person(), right=right)
    assert (sitting.state, sitting.score, sitting.passed) == ("graded", Decimal(right), passed)
    assert sitting.current_run.worker == "worker@test"


def test_the_last_answer_counts_and_all_are_kept() -> None:
    quiz, person = make_quiz(count=1), make_person()
    sitting = start_sitting(person=person, quiz=quiz, at=NOW)
    record_responses(sitting=sitting, events=[answer(1, 1, "b"), answer(2, 1, "a")], at=NOW)
    submit_sitting(sitting=sitting, by=person, at=NOW)
    grade_sitting(sitting_id=sitting.pk, worker="w", at=NOW)
    sitting.refresh_from_db()
    assert sitting.score == 1
    assert sitting.events.count() == 3


def test_a_replayed_batch_is_acknowledged_and_written_once() -> None:
    sitting = start_sitting(person=make_person(), quiz=make_quiz(), at=NOW)
    batch = [answer(1, 1), answer(2, 2)]
    for _ in range(3):
        assert record_responses(sitting=sitting, events=batch, at=NOW).acknowledged == 2
    assert sitting.events.count() == 2


FORGED: dict[str, list[Any]] = {
    "another answer under a known number": [answer(2, 1, "b")],
    "a number before the last": [answer(1, 1)],
    "a question that is not in the paper": [answer(9, 99)],
    "no number": [{"slot": 1, "response": {}}],
    "number zero": [answer(0, 1)],
    "a number that is none": [{"seq": "7", "slot": 1, "response": {}}],
    "true for a number": [{"seq": True, "slot": 1, "response": {}}],
    "a response that is a list": [{"seq": 9, "slot": 1, "response": [1]}],
    "an oversized response": [{"seq": 9, "slot": 1, "response": {"text": "x" * 70_000}}],
    "a null character": [{"seq": 9, "slot": 1, "response": {"text": "a\x00b"}}],
    "not a number at all in JSON": [{"seq": 9, "slot": 1, "response": {"x": float("nan")}}],
    "another kind": [{"seq": 9, "slot": 1, "kind": "submit", "response": {}}],
    "no event": ["x"],
    "too many": [answer(n, 1) for n in range(10, 300)],
    "two answers under one number": [answer(9, 1, "a"), answer(9, 1, "b")],
}


@pytest.mark.parametrize("case", FORGED)
def test_forged_events_are_refused_and_nothing_of_the_batch_is_kept(case: str) -> None:
    sitting = start_sitting(person=make_person(), quiz=make_quiz(), at=NOW)
    record_responses(sitting=sitting, events=[answer(2, 1, "a")], at=NOW)
    with pytest.raises(ResponseRefused):
        record_responses(sitting=sitting, events=[*FORGED[case], answer(1000, 1)], at=NOW)
    assert sitting.events.count() == 1


@pytest.mark.parametrize(("late_by", "taken"), [(-1, True), (0, True), (30, True), (31, False)])
def test_answers_are_taken_until_deadline_and_grace_are_over(late_by: int, taken: bool) -> None:
    quiz = make_quiz(time_limit_seconds=600)
    sitting = start_sitting(person=make_person(), quiz=quiz, at=NOW)
    at = NOW + timedelta(seconds=600 + late_by)
    if taken:
        record_responses(sitting=sitting, events=[answer(1, 1)], at=at)
        assert sitting.events.get().late is (late_by > 0)
    else:
        with pytest.raises(SittingClosed):
            record_responses(sitting=sitting, events=[answer(1, 1)], at=at)


def test_a_deadline_passing_with_the_browser_closed_hands_in_what_was_saved() -> None:
    quiz, person = make_quiz(count=2, time_limit_seconds=600), make_person()
    sitting = start_sitting(person=person, quiz=quiz, at=NOW)
    record_responses(sitting=sitting, events=[answer(1, 1)], at=NOW)
    assert submit_overdue(at=NOW + timedelta(seconds=630)) == 0
    assert submit_overdue(at=NOW + timedelta(seconds=631)) == 1
    grade_sitting(sitting_id=sitting.pk, worker="w", at=NOW)
    sitting.refresh_from_db()
    assert (sitting.score, sitting.submitted_by) == (1, "deadline")


def test_after_handing_in_nothing_is_taken_and_handing_in_again_changes_nothing() -> None:
    person = make_person()
    sitting = start_sitting(person=person, quiz=make_quiz(), at=NOW)
    first = submit_sitting(sitting=sitting, by=person, at=NOW)
    again = submit_sitting(sitting=sitting, by=person, at=NOW + timedelta(hours=1))
    assert again.submitted_at == first.submitted_at
    with pytest.raises(SittingClosed):
        record_responses(sitting=sitting, events=[answer(9, 1)], at=NOW)


def test_each_message_delivered_twice_leaves_exactly_one_grade() -> None:
    sitting = sit(make_quiz(), make_person(), right=3)
    for _ in range(3):
        assert grade_sitting(sitting_id=sitting.pk, worker="w2", at=NOW) is None
    assert GradingRun.objects.filter(sitting=sitting).count() == 1


def test_marking_that_keeps_failing_is_shown_and_can_be_retried(monkeypatch: pytest.MonkeyPatch) -> None:
    from assessments.services import grading

    person = make_person()
    sitting = start_sitting(person=person, quiz=make_quiz(), at=NOW)
    submit_sitting(sitting=sitting, by=person, at=NOW)
    with monkeypatch.context() as patch:
        patch.setattr(grading, "ENGINE_VERSION", None)  # the row cannot be written
        for _ in range(grading.MOST_ATTEMPTS):
            with pytest.raises(DatabaseError):
                grade_sitting(sitting_id=sitting.pk, worker="w", at=NOW)
        assert grade_sitting(sitting_id=sitting.pk, worker="w", at=NOW) is None
    sitting.refresh_from_db()
    assert sitting.state == "failed"
    assert sitting.grading_error
    retry_grading(sitting=sitting, by=None)
    assert grade_sitting(sitting_id=sitting.pk, worker="w", at=NOW) is not None


def test_the_log_is_a_chain_that_shows_every_change() -> None:
    sitting = sit(make_quiz(), make_person(), right=2)
    links = [
        (
            event_content(
                sitting=str(sitting.public_id),
                seq=row.seq,
                kind=row.kind,
                slot=row.slot,
                response=row.response,
                client_time=row.client_time,
                server_time=row.server_time,
                late=row.late,
            ),
            row.digest,
        )
        for row in sitting.events.order_by("seq")
    ]
    assert verify_chain(sitting.paper.digest, links) is None
    links[1][0]["response"] = {"choice": "c"}
    assert verify_chain(sitting.paper.digest, links) == 1


@pytest.mark.parametrize(
    "statement", ["UPDATE assessments_responseevent SET slot = 9", "DELETE FROM assessments_slotgrade"]
)
def test_the_database_refuses_to_change_answers_and_marks(statement: str) -> None:
    sit(make_quiz(), make_person(), right=2)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_replaying_the_marks_gives_the_same_marks() -> None:
    sitting = sit(make_quiz(), make_person(), right=3)
    answers = {row.slot: row.response for row in sitting.events.filter(kind="answer")}
    for mark in sitting.current_run.slot_grades.select_related("question_version"):
        version: QuestionVersion = mark.question_version
        slot = sitting.paper.slots[mark.slot - 1]
        outcome = grade(QuestionDefinition(version.type, version.body), answers[mark.slot], slot["variant"])
        assert (str(outcome.state), outcome.fraction) == (mark.state, mark.fraction)


def test_editing_a_question_never_changes_a_past_sitting() -> None:
    bank = make_bank(questions=1)
    quiz = make_quiz(bank=bank, count=1)
    sitting = sit(quiz, make_person(), right=1)
    question = bank.questions.get()
    body = single_choice_body()
    body["choices"][0]["fraction"], body["choices"][1]["fraction"] = 0.0, 1.0
    old = question.current_version
    new = add_version(question=question, type="single_choice", body=body, by=None, at=NOW)
    assert new.number == old.number + 1
    assert add_version(question=question, type="single_choice", body=body, by=None, at=NOW) == new
    sitting.refresh_from_db()
    assert sitting.paper.slots[0]["version"] == old.pk
    assert sitting.score == 1


def test_attempts_run_out(now: Any) -> None:
    quiz, person = make_quiz(attempts_allowed=2), make_person()
    for _ in range(2):
        sit(quiz, person, right=0)
    with pytest.raises(SittingRefused):
        start_sitting(person=person, quiz=quiz, at=now)
    assert Sitting.objects.filter(person=person).count() == 2


def test_a_quiz_is_open_between_its_times() -> None:
    quiz = make_quiz(opens_at=NOW, closes_at=NOW + timedelta(hours=1), time_limit_seconds=7200)
    for offset in (-1, 3600):
        with pytest.raises(SittingRefused):
            start_sitting(person=make_person(), quiz=quiz, at=NOW + timedelta(seconds=offset))
    sitting = start_sitting(person=make_person(), quiz=quiz, at=NOW)
    assert sitting.deadline_at == quiz.closes_at


def test_an_unfillable_matrix_is_refused_and_the_shortage_named() -> None:
    bank = make_bank(questions=3)
    quiz = Quiz.objects.create(slug="thieu", title="Thiếu", bank=bank)
    QuizDraw.objects.create(quiz=quiz, bank=bank, count=4, mark=1)
    with pytest.raises(InfeasibleMatrix, match=r"4.*3"):
        publish_quiz(quiz=quiz, by=None, at=NOW)
    assert quiz.versions.count() == 0


def test_a_locked_check_cannot_be_started_and_an_open_one_reports_to_the_course() -> None:
    course, person = make_course(checks=1), make_person()
    check = activity(course, "kt-1")
    quiz = make_quiz(activity=check, kind="check", pass_percent=75)
    enrolment = enrol(person=person, course=course, by=person, at=NOW)
    with pytest.raises(SittingRefused):
        start_sitting(person=person, quiz=quiz, enrolment=enrolment, at=NOW)
    complete_lesson(enrolment=enrolment, activity=activity(course, "bai-1"), at=NOW)
    sit(quiz, person, right=2, enrolment=enrolment)
    progress = ActivityProgress.objects.get(enrolment=enrolment, activity=check)
    assert (progress.completed_at, progress.best_fraction) == (None, 0.5)
    sit(quiz, person, right=4, enrolment=enrolment)
    progress.refresh_from_db()
    assert progress.completed_at is not None


def test_somebody_elses_enrolment_opens_nothing() -> None:
    course, person = make_course(checks=1), make_person()
    quiz = make_quiz(activity=activity(course, "kt-1"), kind="check")
    foreign = enrol(person=make_person(), course=course, by=None, at=NOW)
    with pytest.raises(SittingRefused):
        start_sitting(person=person, quiz=quiz, enrolment=foreign, at=NOW)


def test_saving_costs_the_same_however_long_the_log_is(django_assert_num_queries: Any) -> None:
    sitting = start_sitting(person=make_person(), quiz=make_quiz(), at=NOW)
    record_responses(sitting=sitting, events=[answer(n, 1) for n in range(1, 100)], at=NOW)
    with django_assert_num_queries(5):
        record_responses(sitting=sitting, events=[answer(n, 2) for n in range(100, 110)], at=NOW)
    assert ResponseEvent.objects.count() == 109
