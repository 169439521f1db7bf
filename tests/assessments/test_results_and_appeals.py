"""Results are released, withheld and contested by decisions that are kept with reason and author."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from assessments.evidence.verify import verify_contents
from assessments.exceptions import AppealRefused, DecisionRefused
from assessments.models import Appeal, Quiz, ResultDecision, Sitting
from assessments.services.appeals import (
    accept_appeal,
    appeals_close_at,
    file_appeal,
    refusal_to_appeal,
    reject_appeal,
    withdraw_appeal,
)
from assessments.services.evidence import contents_of
from assessments.services.results import (
    give_result,
    moderate_result,
    release_results,
    take_back_release,
    withhold_result,
)
from common.messages import in_both
from tests.conftest import NOW
from tests.factories import make_person, make_quiz, sit

pytestmark = pytest.mark.django_db

WHY = "Hội đồng thi đã họp"
DAY = timedelta(days=1)


def contested(**rules: Any) -> Sitting:
    return sit(make_quiz(appeal_days=3, **rules), make_person(), right=2)


# Release ------------------------------------------------------------------------------------------------------


def test_results_are_released_once_and_taken_back_with_a_reason_each() -> None:
    quiz, officer = make_quiz(release=Quiz.Release.BY_DECISION), make_person()
    release_results(quiz=quiz, reason=WHY, decision_number="12/QĐ-HĐT", by=officer, at=NOW)
    with pytest.raises(DecisionRefused, match="rồi"):
        release_results(quiz=quiz, reason=WHY, by=officer, at=NOW)
    take_back_release(quiz=quiz, reason="Công bố nhầm ngày", by=officer, at=NOW + DAY)
    with pytest.raises(DecisionRefused, match="chưa được công bố"):
        take_back_release(quiz=quiz, reason=WHY, by=officer, at=NOW)
    quiz.refresh_from_db()
    assert quiz.released_at is None
    kept = quiz.result_decisions.values_list("kind", "reason", "decision_number", "by")
    assert list(kept) == [
        ("taken_back", "Công bố nhầm ngày", "", officer.pk),
        ("released", WHY, "12/QĐ-HĐT", officer.pk),
    ]


def test_a_result_is_withheld_and_given_whatever_the_quiz_says() -> None:
    sitting, officer = contested(), make_person()
    withhold_result(sitting=sitting, reason="Nghi dùng tài liệu", by=officer, at=NOW)
    sitting.refresh_from_db()
    assert (sitting.withheld_at, sitting.withheld_by, sitting.withheld_reason) == (NOW, officer, "Nghi dùng tài liệu")
    with pytest.raises(DecisionRefused):
        withhold_result(sitting=sitting, reason=WHY, by=officer, at=NOW)
    give_result(sitting=sitting, reason="Đã xác minh", by=officer, at=NOW)
    sitting.refresh_from_db()
    assert (sitting.withheld_at, sitting.withheld_reason) == (None, "")
    with pytest.raises(DecisionRefused):
        give_result(sitting=sitting, reason=WHY, by=officer, at=NOW)


@pytest.mark.parametrize("reason", ["", "   \n ", "x" * 501])
def test_a_decision_without_a_reason_is_refused_and_changes_nothing(reason: str) -> None:
    sitting, officer = contested(), make_person()
    for decide, what in (
        (release_results, {"quiz": sitting.quiz}),
        (withhold_result, {"sitting": sitting}),
    ):
        with pytest.raises(DecisionRefused) as refused:
            decide(**what, reason=reason, by=officer, at=NOW)  # type: ignore[operator]
        assert " / " in in_both(refused.value)
    assert not ResultDecision.objects.exists()


@pytest.mark.parametrize(
    "statement", ["UPDATE assessments_resultdecision SET reason = 'x'", "DELETE FROM assessments_resultdecision"]
)
def test_the_database_refuses_to_change_a_decision(statement: str) -> None:
    withhold_result(sitting=contested(), reason=WHY, by=make_person(), at=NOW)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_moderated_result_is_a_run_beside_the_old_one_that_can_be_replayed() -> None:
    sitting, officer = contested(), make_person()
    run = moderate_result(sitting=sitting, marks={3: Decimal("0.5")}, reason="Đề in mờ", by=officer, at=NOW)
    sitting.refresh_from_db()
    assert (run.number, run.reason, run.note, run.requested_by) == (2, "moderated", "Đề in mờ", officer)
    assert (sitting.score, sitting.current_run) == (Decimal("2.50"), run)
    assert ResultDecision.objects.get().kind == "moderated"
    assert [check.name for check in verify_contents(contents_of(sitting)) if not check.ok] == []


@pytest.mark.parametrize(
    ("marks", "vietnamese"),
    [({9: 1}, "không có câu hỏi"), ({1: 2}, "từ 0 đến 1"), ({1: 1}, "đã có điểm này"), ({}, "đã có điểm này")],
)
def test_marks_that_cannot_be_are_refused(marks: dict[int, int], vietnamese: str) -> None:
    sitting = contested()
    given = {slot: Decimal(mark) for slot, mark in marks.items()}
    with pytest.raises(DecisionRefused, match=vietnamese):
        moderate_result(sitting=sitting, marks=given, reason=WHY, by=make_person(), at=NOW)
    assert sitting.runs.count() == 1


# Appeals ------------------------------------------------------------------------------------------------------


def test_a_candidate_contests_a_question_and_reads_the_decision() -> None:
    sitting, officer = contested(), make_person()
    appeal = file_appeal(sitting=sitting, slot=2, text="  Đáp án B cũng đúng.\u0000 ", by=sitting.person, at=NOW)
    assert (appeal.text, appeal.question_version_id) == ("Đáp án B cũng đúng.", sitting.paper.slots[1]["version"])
    reject_appeal(appeal=appeal, decision="Luật quy định khác.", by=officer, at=NOW + DAY)
    appeal.refresh_from_db()
    assert (appeal.state, appeal.decision, appeal.decided_by) == (Appeal.State.REJECTED, "Luật quy định khác.", officer)
    with pytest.raises(AppealRefused):
        accept_appeal(appeal=appeal, decision=WHY, by=officer, at=NOW)


@pytest.mark.parametrize(
    ("after", "is_open"), [(timedelta(0), True), (3 * DAY - timedelta(seconds=1), True), (3 * DAY, False)]
)
def test_the_window_is_exact(after: timedelta, is_open: bool) -> None:
    sitting = contested()
    at = sitting.graded_at + after  # type: ignore[operator]
    assert (refusal_to_appeal(sitting=sitting, at=at) is None) is is_open


def test_where_results_wait_for_a_decision_the_window_opens_with_it() -> None:
    sitting = contested(release=Quiz.Release.BY_DECISION)
    assert refusal_to_appeal(sitting=sitting, at=NOW) is not None
    release_results(quiz=sitting.quiz, reason=WHY, by=make_person(), at=NOW + 10 * DAY)
    sitting.quiz.refresh_from_db()
    assert appeals_close_at(sitting) == NOW + 13 * DAY


def test_what_cannot_be_contested_is_said_in_both_languages() -> None:
    sitting, other = contested(), make_person(name="Trần Văn Bình")
    file_appeal(sitting=sitting, slot=1, text="Câu hỏi mơ hồ", by=sitting.person, at=NOW)
    cases: list[tuple[dict[str, Any], str, str]] = [
        ({"by": other}, "không phải bài làm của bạn", "not your sitting"),
        ({"slot": 9}, "không có câu hỏi", "no such question"),
        ({"slot": 1}, "đã khiếu nại câu này", "contested this question already"),
        ({"text": " \n"}, "sai ở đâu", "what is wrong"),
        ({"text": "x" * 2001}, "quá dài", "too long"),
        ({"at": NOW + 30 * DAY}, "hết thời gian", "is over"),
    ]
    for changed, vietnamese, english in cases:
        with pytest.raises(AppealRefused) as refused:
            file_appeal(**{"sitting": sitting, "slot": 2, "text": "Vì…", "by": sitting.person, "at": NOW, **changed})
        said = in_both(refused.value)
        assert vietnamese in said, said
        assert english in said, said
    assert Appeal.objects.count() == 1


def test_without_a_window_or_while_withheld_nothing_can_be_contested() -> None:
    free = sit(make_quiz(), make_person(), right=1)
    with pytest.raises(AppealRefused, match="không nhận khiếu nại"):
        file_appeal(sitting=free, slot=1, text="Vì…", by=free.person, at=NOW)
    held = contested()
    withhold_result(sitting=held, reason=WHY, by=make_person(), at=NOW)
    with pytest.raises(AppealRefused, match="Chưa có kết quả"):
        file_appeal(sitting=held, slot=1, text="Vì…", by=held.person, at=NOW)


def test_an_appeal_that_was_taken_back_can_be_filed_again() -> None:
    sitting = contested()
    appeal = file_appeal(sitting=sitting, slot=1, text="Vì…", by=sitting.person, at=NOW)
    withdraw_appeal(appeal=appeal, by=sitting.person)
    withdraw_appeal(appeal=appeal, by=sitting.person)
    again = file_appeal(sitting=sitting, slot=1, text="Vì khác…", by=sitting.person, at=NOW)
    accept_appeal(appeal=again, decision="Bạn đúng.", by=make_person(), at=NOW)
    with pytest.raises(AppealRefused):
        withdraw_appeal(appeal=again, by=sitting.person)


def test_a_decision_tells_the_candidate_why() -> None:
    sitting = contested()
    appeal = file_appeal(sitting=sitting, slot=2, text="Vì…", by=sitting.person, at=NOW)
    with pytest.raises(AppealRefused, match="lý do"):
        accept_appeal(appeal=appeal, decision=" ", by=make_person(), at=NOW)
    appeal.refresh_from_db()
    assert appeal.state == Appeal.State.OPEN
