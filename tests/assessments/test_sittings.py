"""A sitting from start to grade: nothing lost, nothing forged, one grade."""

from __future__ import annotations

from datetime import timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import translation

from assessments.exceptions import (
    InfeasibleMatrix,
    ResponseRefused,
    SequenceConflict,
    SittingClosed,
    SittingRefused,
)
from assessments.grading.engine import QuestionDefinition, grade
from assessments.models import GradingRun, QuestionVersion, Quiz, QuizDraw, QuizSection, ResponseEvent, Sitting
from assessments.queries import flagged_slots
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
from assessments.services.grading import attempts_fraction
from assessments.services.responses import event_content
from common.digests import verify_chain
from courses.models import ActivityProgress
from courses.services import complete_lesson, enrol, withdraw
from tests.assessments.papers import quiz_of_every_type
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


def responded(response: Any, **more: Any) -> list[Any]:
    """An event that follows the two that are in the log, and one more that is in order."""
    return [{"seq": 3, "slot": 1, "response": response, **more}, answer(4, 2)]


def nested(levels: int) -> Any:
    """A list in a list in a list …"""
    value: Any = []
    for _ in range(levels):
        value = [value]
    return value


FORGED: dict[str, list[Any]] = {
    "another answer under a known number": [answer(2, 1, "b"), answer(3, 1)],
    "the same answer to another question under a known number": [answer(2, 3, "a"), answer(3, 1)],
    "a flag under the number of an answer": [{"seq": 2, "slot": 2, "kind": "flag", "response": {"flagged": True}}],
    "a gap": [answer(4, 1)],
    "a gap within the batch": [answer(3, 1), answer(5, 1)],
    "a question that is not in the paper": [answer(3, 99), answer(4, 1)],
    "a slot that is no number": [{"seq": 3, "slot": "1", "response": {}}],
    "a slot out of range": [{"seq": 3, "slot": 2**70, "response": {}}],
    "no number": [{"slot": 1, "response": {}}, answer(3, 1)],
    "number zero": [answer(0, 1), answer(3, 1)],
    "a number below zero": [answer(-1, 1), answer(3, 1)],
    "a number out of range": [answer(2**31, 1), answer(3, 1)],
    "a number that is a text": [{"seq": "3", "slot": 1, "response": {}}],
    "true for a number": [{"seq": True, "slot": 1, "response": {}}],
    "NaN for a number": [{"seq": float("nan"), "slot": 1, "response": {}}],
    "a response that is a list": responded([1]),
    "a response that is a text": responded("a"),
    "a response of another type of question": responded({"text": "a"}),
    "a response with one key more": responded({"choice": "a", "fraction": 1}),
    "a choice that is a number": responded({"choice": 1}),
    "a choice that is a list": responded({"choice": ["a"]}),
    "an unknown choice": responded({"choice": "z"}),
    "an oversized response": responded({"choice": "x" * 1_000_000}),
    "a deep response": responded({"choice": nested(500)}),
    "a bottomless response": responded({"choice": nested(100_000)}),
    "a null character": responded({"choice": "a\x00"}),
    "a null character in a key": responded({"a\x00": "a"}),
    "half a character": responded({"choice": "\ud800"}),
    "not a number at all": responded({"choice": float("nan")}),
    "infinity": responded({"choice": float("inf")}),
    "a kind that only the server writes": responded({}, kind="submit"),
    "a kind that is a list": responded({}, kind=["answer"]),
    "a kind that is nothing": responded({}, kind=""),
    "a flag that says something else": responded({"flagged": 1.5}, kind="flag"),
    "a flag with an answer": responded({"flagged": True, "choice": "a"}, kind="flag"),
    "no event": ["x"],
    "too many": [answer(n, 1) for n in range(3, 204)],
    "two answers under one number": [answer(3, 1, "a"), answer(3, 1, "b")],
}


@pytest.mark.parametrize("case", FORGED)
def test_forged_events_are_refused_and_nothing_of_the_batch_is_kept(case: str) -> None:
    sitting = start_sitting(person=make_person(), quiz=make_quiz(), at=NOW)
    record_responses(sitting=sitting, events=[answer(1, 1, "a"), answer(2, 2, "a")], at=NOW)
    before = Sitting.objects.values().get()
    with pytest.raises(ResponseRefused) as refused:
        record_responses(sitting=sitting, events=FORGED[case], at=NOW)
    assert Sitting.objects.values().get() == before
    assert sitting.events.count() == 2
    with translation.override("vi"):
        vietnamese = str(refused.value)
    with translation.override("en"):
        assert vietnamese != str(refused.value)


def test_a_batch_that_comes_before_the_one_before_it_is_asked_for_again() -> None:
    sitting = start_sitting(person=make_person(), quiz=make_quiz(), at=NOW)
    with pytest.raises(SequenceConflict) as refused:
        record_responses(sitting=sitting, events=[answer(3, 3), answer(4, 4)], at=NOW)
    assert (refused.value.seq, refused.value.last_seq) == (3, 0)
    record_responses(sitting=sitting, events=[answer(2, 2), answer(1, 1)], at=NOW)
    assert record_responses(sitting=sitting, events=[answer(3, 3), answer(4, 4)], at=NOW).acknowledged == 4


def test_a_batch_of_old_and_new_events_writes_only_the_new() -> None:
    sitting = start_sitting(person=make_person(), quiz=make_quiz(), at=NOW)
    record_responses(sitting=sitting, events=[answer(1, 1)], at=NOW)
    assert record_responses(sitting=sitting, events=[answer(1, 1), answer(2, 2)], at=NOW).acknowledged == 2
    assert list(sitting.events.values_list("seq", flat=True)) == [1, 2]


def test_what_a_person_can_type_is_taken_as_typed() -> None:
    quiz, person = quiz_of_every_type(), make_person()
    sitting = start_sitting(person=person, quiz=quiz, at=NOW)
    slot = next(slot["slot"] for slot in sitting.paper.slots if slot["type"] == "short_answer")
    for seq, text in enumerate(["\\u0000", "\\\\u0000", "Hà\tNội\n", "😀", "á", "<script>"], start=1):
        record_responses(sitting=sitting, events=[{"seq": seq, "slot": slot, "response": {"text": text}}], at=NOW)
        assert sitting.events.get(seq=seq).response == {"text": text}


def test_an_answer_can_be_cleared_and_counts_as_none() -> None:
    quiz, person = make_quiz(count=1), make_person()
    sitting = start_sitting(person=person, quiz=quiz, at=NOW)
    record_responses(sitting=sitting, events=[answer(1, 1), {"seq": 2, "slot": 1, "response": {}}], at=NOW)
    submit_sitting(sitting=sitting, by=person, at=NOW)
    run = grade_sitting(sitting_id=sitting.pk, worker="w", at=NOW)
    assert run is not None
    assert run.slot_grades.get().state == "unanswered"


def test_flags_are_kept_and_earn_nothing() -> None:
    quiz, person = make_quiz(count=1), make_person()
    sitting = start_sitting(person=person, quiz=quiz, at=NOW)
    flag = {"slot": 1, "kind": "flag"}
    record_responses(sitting=sitting, events=[answer(1, 1), {**flag, "seq": 2, "response": {"flagged": True}}], at=NOW)
    assert flagged_slots(sitting) == {1}
    record_responses(sitting=sitting, events=[{**flag, "seq": 3, "response": {"flagged": False}}], at=NOW)
    assert flagged_slots(sitting) == set()
    submit_sitting(sitting=sitting, by=person, at=NOW)
    run = grade_sitting(sitting_id=sitting.pk, worker="w", at=NOW)
    assert run is not None
    assert run.score == 1


def test_a_question_for_the_time_changes_nothing() -> None:
    sitting = start_sitting(person=make_person(), quiz=make_quiz(time_limit_seconds=600), at=NOW)
    kept = record_responses(sitting=sitting, events=[], at=NOW)
    assert (kept.acknowledged, kept.server_time, kept.deadline) == (0, NOW, NOW + timedelta(seconds=600))
    assert sitting.events.count() == 0


def test_what_was_acknowledged_is_acknowledged_again_after_handing_in() -> None:
    person = make_person()
    sitting = start_sitting(person=person, quiz=make_quiz(), at=NOW)
    record_responses(sitting=sitting, events=[answer(1, 1)], at=NOW)
    submit_sitting(sitting=sitting, by=person, at=NOW)
    assert record_responses(sitting=sitting, events=[answer(1, 1)], at=NOW).acknowledged == 2
    assert sitting.events.count() == 2


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
    sitting = start_sitting(person=make_person(), quiz=make_quiz(), at=NOW)
    own_times = ["2026-11-24T09:00:00+07:00", "2026-11-23T21:00:00.123456789-05:00", "lúc chín giờ"]
    events = [answer(n, n, client_time=text) for n, text in enumerate(own_times, start=1)]
    record_responses(sitting=sitting, events=events, at=NOW.astimezone(timezone(timedelta(hours=7))))
    submit_sitting(sitting=sitting, by=None, at=NOW)
    sitting.refresh_from_db()
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
    assert verify_chain(sitting.paper.digest, links, head=sitting.chain_head) is None
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


def test_one_open_sitting_a_person_and_quiz_is_held_by_the_database() -> None:
    sitting = start_sitting(person=make_person(), quiz=make_quiz(), at=NOW)
    sitting.pk, sitting.attempt = None, 2
    sitting.public_id = uuid4()
    with pytest.raises(IntegrityError), transaction.atomic():
        sitting.save(force_insert=True)


def test_a_sitting_left_open_in_an_earlier_enrolment_gives_way_to_the_new_one() -> None:
    course, person = make_course(checks=0), make_person()
    quiz = make_quiz(activity=activity(course, "thi"))
    earlier = enrol(person=person, course=course, by=person, at=NOW)
    old = start_sitting(person=person, quiz=quiz, enrolment=earlier, at=NOW)
    withdraw(enrolment=earlier, by=person, at=NOW)
    assert start_sitting(person=person, quiz=quiz, enrolment=None, at=NOW) == old
    later = enrol(person=person, course=course, by=person, at=NOW)
    new = start_sitting(person=person, quiz=quiz, enrolment=later, at=NOW)
    old.refresh_from_db()
    assert (new.enrolment, new.attempt, old.state) == (later, 1, "submitted")


def test_a_deadline_that_passed_is_handed_in_before_the_next_attempt_starts() -> None:
    quiz, person = make_quiz(time_limit_seconds=600), make_person()
    first = start_sitting(person=person, quiz=quiz, at=NOW)
    second = start_sitting(person=person, quiz=quiz, at=NOW + timedelta(hours=1))
    first.refresh_from_db()
    assert (first.state, first.submitted_by, second.attempt) == ("submitted", "deadline", 2)
    assert first.submitted_at == NOW + timedelta(seconds=630)


def test_the_mean_of_attempts_is_exact() -> None:
    course, person = make_course(checks=0), make_person()
    quiz = make_quiz(activity=activity(course, "thi"), count=6, pass_percent=50, attempt_grade="mean")
    enrolment = enrol(person=person, course=course, by=person, at=NOW)
    for right in (2, 2, 5):
        sit(quiz, person, right=right, enrolment=enrolment)
    progress = ActivityProgress.objects.get(enrolment=enrolment, activity=quiz.activity)
    assert progress.completed_at is not None


def test_a_total_above_the_pass_mark_does_not_pass_a_course_when_a_part_was_failed() -> None:
    course, person = make_course(checks=0), make_person()
    bank = make_bank(questions=4)
    quiz = Quiz.objects.create(
        slug="hai-phan", title="Đề", bank=bank, activity=activity(course, "thi"), pass_percent=50
    )
    for order, title in enumerate(["Trắc nghiệm", "Thực hành"]):
        QuizSection.objects.create(quiz=quiz, title=title, sort_order=order, pass_percent=50)
        QuizDraw.objects.create(quiz=quiz, bank=bank, count=1, mark=3 - 2 * order, section=order + 1)
    publish_quiz(quiz=quiz, by=None, at=NOW)
    quiz.refresh_from_db()
    enrolment = enrol(person=person, course=course, by=person, at=NOW)
    failed = sit(quiz, person, right=1, enrolment=enrolment)
    assert (failed.score, failed.passed) == (Decimal(3), False)
    progress = ActivityProgress.objects.get(enrolment=enrolment, activity=quiz.activity)
    assert (progress.completed_at, progress.best_fraction) == (None, 0.75)
    sit(quiz, person, right=2, enrolment=enrolment)
    progress.refresh_from_db()
    assert progress.completed_at is not None


def test_a_paper_whose_every_question_was_removed_is_worth_nothing_and_breaks_nothing() -> None:
    empty = Sitting(attempt=1, score=Decimal(0), max_score=Decimal(0), passed=False)
    for rule in ("best", "last", "first", "mean"):
        assert attempts_fraction([empty], rule) == (0, empty)


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


def test_a_paper_that_a_person_has_to_mark_waits_and_shows_no_score() -> None:
    course, person = make_course(checks=0), make_person()
    quiz = quiz_of_every_type(activity=activity(course, "thi"))
    enrolment = enrol(person=person, course=course, by=person, at=NOW)
    sitting = start_sitting(person=person, quiz=quiz, enrolment=enrolment, at=NOW)
    essay = next(slot["slot"] for slot in sitting.paper.slots if slot["type"] == "essay")
    response = {"text": "Một hai ba bốn năm sáu bảy."}
    record_responses(sitting=sitting, events=[{"seq": 1, "slot": essay, "response": response}], at=NOW)
    submit_sitting(sitting=sitting, by=person, at=NOW)
    run = grade_sitting(sitting_id=sitting.pk, worker="w", at=NOW)
    sitting.refresh_from_db()
    assert (sitting.state, sitting.score, sitting.passed, sitting.current_run) == ("waiting", None, None, run)
    assert not ActivityProgress.objects.filter(enrolment=enrolment, activity=quiz.activity).exists()
    waiting = run.slot_grades.get(slot=essay)  # type: ignore[union-attr]
    assert (waiting.state, waiting.mark, waiting.source) == ("needs_marking", None, "engine")
    assert grade_sitting(sitting_id=sitting.pk, worker="w", at=NOW) is None
