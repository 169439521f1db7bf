"""Marking again: reported before anything changes, applied by decision, kept beside what was before."""

from __future__ import annotations

from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError

from assessments import dependants
from assessments.dependants import Dependant, register_dependants
from assessments.evidence.verify import verify_contents
from assessments.exceptions import RegradeRefused
from assessments.models import GradingRun, Question, QuestionVersion, Quiz, Regrade, Sitting
from assessments.services import add_version, apply_regrade, cancel_regrade, request_regrade, retry_regrade
from assessments.services.evidence import contents_of
from assessments.services.regrading import work_on_regrade
from common.messages import in_both
from tests.conftest import NOW
from tests.factories import make_bank, make_person, make_quiz, sit

pytestmark = pytest.mark.django_db

WHY = "Đáp án câu này sai"


@pytest.fixture
def quiz() -> Quiz:
    return make_quiz(pass_percent=75)


def work(regrade: Regrade) -> Regrade:
    work_on_regrade(regrade_id=regrade.pk, worker="worker@test", at=NOW)
    regrade.refresh_from_db()
    return regrade


def asked(quiz: Quiz, *changes: dict[str, Any]) -> Regrade:
    return work(request_regrade(quiz=quiz, changes=changes, reason=WHY, by=make_person(), at=NOW))


def applied(regrade: Regrade) -> Regrade:
    return work(apply_regrade(regrade=regrade, by=make_person(), at=NOW))


def question_at(sitting: Sitting, slot: int) -> int:
    return int(sitting.paper.slots[slot - 1]["question"])


def corrected(question: int, right: str = "b") -> QuestionVersion:
    """A version of the question in which another choice is right."""
    row = Question.objects.get(pk=question)
    assert row.current_version is not None
    body = deepcopy(row.current_version.body)
    for choice in body["choices"]:
        choice["fraction"] = 1.0 if choice["id"] == right else 0.0
    return add_version(question=row, type="single_choice", body=body, by=None, at=NOW)


def test_the_report_says_who_changes_by_how_much_and_changes_nothing(quiz: Quiz) -> None:
    loses, keeps = sit(quiz, make_person(name="Lê Văn An"), right=3), sit(quiz, make_person(), right=0)
    question = question_at(loses, 1)
    regrade = asked(quiz, {"question": question, "action": "version", "to_version": corrected(question).pk})
    assert regrade.state == Regrade.State.REPORTED
    assert {name: count for name, count in regrade.totals.items() if count} == {
        "sittings": 2, "changed": 2, "up": 1, "down": 1, "no_longer_passed": 1,
    }  # fmt: skip
    item = regrade.items.get(sitting=loses)
    assert (item.old_score, item.new_score, item.old_passed, item.new_passed) == (3, 2, True, False)
    assert item.slots == [
        {"slot": 1, "old": "1.0000", "new": "0.0000", "state": "wrong", "version": corrected(question).pk}
    ]
    for sitting in (loses, keeps):
        before = (sitting.score, sitting.current_run)
        sitting.refresh_from_db()
        assert (sitting.score, sitting.current_run) == before
    assert GradingRun.objects.count() == 2


def test_applied_it_is_a_run_beside_the_old_one_and_can_be_replayed(quiz: Quiz) -> None:
    sitting = sit(quiz, make_person(), right=3)
    question = question_at(sitting, 4)
    version = corrected(question)
    regrade = applied(asked(quiz, {"question": question, "action": "version", "to_version": version.pk}))
    sitting.refresh_from_db()
    assert regrade.state == Regrade.State.APPLIED
    assert (sitting.score, sitting.passed) == (Decimal(4), True)
    first, second = sitting.runs.order_by("number")
    assert (first.score, second.score, second.reason, second.note) == (3, 4, "regrade", WHY)
    assert (second.requested_by, sitting.current_run) == (regrade.decided_by, second)
    assert second.slot_grades.get(slot=4).question_version == version
    assert [check.name for check in verify_contents(contents_of(sitting)) if not check.ok] == []


def test_a_void_question_gives_everybody_its_mark_or_counts_for_nobody(quiz: Quiz) -> None:
    sitting = sit(quiz, make_person(), right=2)
    applied(asked(quiz, {"question": question_at(sitting, 4), "action": "full_marks"}))
    sitting.refresh_from_db()
    assert (sitting.score, sitting.max_score, sitting.passed) == (3, 4, True)
    applied(asked(quiz, {"question": question_at(sitting, 3), "action": "remove"}))
    sitting.refresh_from_db()
    assert (sitting.score, sitting.max_score, sitting.passed) == (3, 3, True)
    assert sitting.runs.count() == 3
    states = list(sitting.current_run.slot_grades.values_list("state", "source"))  # type: ignore[union-attr]
    assert states == [("right", "engine"), ("right", "engine"), ("removed", "decision"), ("right", "decision")]
    assert [check.name for check in verify_contents(contents_of(sitting)) if not check.ok] == []


def test_marked_again_by_what_each_candidate_saw_nothing_differs(quiz: Quiz) -> None:
    sitting = sit(quiz, make_person(), right=3)
    question = question_at(sitting, 1)
    corrected(question)
    regrade = asked(quiz, {"question": question, "action": "again"})
    assert (regrade.totals["sittings"], regrade.totals.get("changed", 0)) == (1, 0)
    assert not regrade.items.exists()


def test_a_change_can_be_for_those_only_who_saw_a_version() -> None:
    bank = make_bank(questions=4)
    quiz = make_quiz(bank=bank, pass_percent=50)
    before = sit(quiz, make_person(name="Lê Văn An"), right=4)
    question = question_at(before, 1)
    seen = before.paper.slots[0]["version"]
    after_correction = corrected(question)
    after = sit(quiz, make_person(), right=4)
    place = next(slot["slot"] for slot in after.paper.slots if slot["question"] == question)
    assert after.score == 3  # "a" is wrong now
    regrade = asked(
        quiz,
        {"question": question, "action": "version", "to_version": after_correction.pk, "from_versions": [seen]},
    )
    assert [item.sitting for item in regrade.items.all()] == [before]
    assert place


def test_what_hangs_on_the_results_is_counted_beforehand(quiz: Quiz) -> None:
    sitting = sit(quiz, make_person(), right=3)
    register_dependants("papers", lambda sittings, people: [Dependant("papers", one, "giấy") for one in sittings])
    try:
        regrade = asked(quiz, {"question": question_at(sitting, 4), "action": "full_marks"})
    finally:
        dependants._finders.pop("papers")
    assert regrade.totals["papers"] == 1


def test_a_message_delivered_twice_or_a_worker_that_died_applies_once(quiz: Quiz, monkeypatch: Any) -> None:
    monkeypatch.setattr("assessments.services.regrading.CHUNK", 2)
    sittings = [sit(quiz, make_person(name=f"Trần Văn {letter}"), right=2) for letter in "ABCDE"]
    regrade = asked(
        quiz, *[{"question": question_at(sittings[0], slot), "action": "full_marks"} for slot in (1, 2, 3, 4)]
    )
    assert regrade.totals["changed"] == 5
    apply_regrade(regrade=regrade, by=make_person(), at=NOW)
    calls = iter(range(10))

    def dies(*args: Any, **kwargs: Any) -> Any:
        if next(calls) == 3:
            raise RuntimeError("worker lost")
        return store(*args, **kwargs)

    from assessments.services import regrading

    store = regrading.store_run
    monkeypatch.setattr(regrading, "store_run", dies)
    with pytest.raises(RuntimeError):
        work(regrade)
    assert GradingRun.objects.filter(reason="regrade").count() == 2  # the first chunk stays, the second is undone
    for _again in range(3):
        work(regrade)
    assert regrade.state == Regrade.State.APPLIED
    assert GradingRun.objects.filter(reason="regrade").count() == 5
    assert set(Sitting.objects.values_list("score", flat=True)) == {Decimal(4)}


def test_what_keeps_failing_is_shown_and_can_be_tried_again(quiz: Quiz, monkeypatch: Any) -> None:
    sitting = sit(quiz, make_person(), right=2)
    regrade = request_regrade(
        quiz=quiz,
        changes=[{"question": question_at(sitting, 4), "action": "again"}],
        reason=WHY,
        by=make_person(),
        at=NOW,
    )

    def broken(*args: Any) -> Any:
        raise ZeroDivisionError("no marks today")

    monkeypatch.setattr("assessments.services.regrading._remark", broken)
    for _attempt in range(5):
        with pytest.raises(ZeroDivisionError):
            work(regrade)
    work(regrade)
    assert (regrade.state, regrade.error) == (Regrade.State.FAILED, "ZeroDivisionError: no marks today")
    monkeypatch.undo()
    assert work(retry_regrade(regrade=regrade, by=make_person(), at=NOW)).state == Regrade.State.REPORTED


def test_one_regrade_of_a_quiz_at_a_time_and_one_that_was_applied_is_not_cancelled(quiz: Quiz) -> None:
    sitting = sit(quiz, make_person(), right=2)
    change = {"question": question_at(sitting, 4), "action": "full_marks"}
    regrade = asked(quiz, change)
    with pytest.raises(RegradeRefused, match="đang"):
        request_regrade(quiz=quiz, changes=[change], reason=WHY, by=make_person(), at=NOW)
    cancel_regrade(regrade=regrade, by=make_person(), at=NOW)
    again = applied(asked(quiz, change))
    with pytest.raises(RegradeRefused):
        cancel_regrade(regrade=again, by=make_person(), at=NOW)
    assert apply_regrade(regrade=again, by=make_person(), at=NOW).state == Regrade.State.APPLIED
    assert sitting.runs.count() == 2


def test_what_makes_no_sense_is_refused_in_both_languages(quiz: Quiz) -> None:
    sitting = sit(quiz, make_person(), right=2)
    question, stranger = question_at(sitting, 1), make_bank(questions=1).questions.get()
    essay = add_version(
        question=Question.objects.get(pk=question), type="essay", body={"stem": "Viết."}, by=None, at=NOW
    )
    again = {"question": question, "action": "again"}
    cases: list[tuple[list[dict[str, Any]], str, str, str]] = [
        ([again], " ", "lý do", "Say why"),
        ([], WHY, "Hãy chọn", "Choose what"),
        ([again, again], WHY, "Hãy chọn", "Choose what"),
        ([{"question": question, "action": "destroy"}], WHY, "Hãy chọn", "Choose what"),
        ([{"question": question, "action": "version"}], WHY, "Hãy chọn", "Choose what"),
        ([{"question": stranger.pk, "action": "again"}], WHY, stranger.idnumber, "Nobody had"),
        (
            [{"question": question, "action": "version", "to_version": stranger.current_version_id}],
            WHY, "không thuộc câu hỏi này", "not one of this question",
        ),
        ([{"question": question, "action": "version", "to_version": essay.pk}], WHY, "loại khác", "another type"),
    ]  # fmt: skip
    for changes, reason, vietnamese, english in cases:
        with pytest.raises(RegradeRefused) as refused:
            request_regrade(quiz=quiz, changes=changes, reason=reason, by=make_person(), at=NOW)
        said = in_both(refused.value)
        assert vietnamese in said, said
        assert english in said, said
    assert not Regrade.objects.exists()


def test_the_report_asks_the_same_number_of_queries_for_many_sittings(
    quiz: Quiz, django_assert_max_num_queries: Any
) -> None:
    sittings = [sit(quiz, make_person(name=f"Trần Văn {letter}"), right=2) for letter in "ABCDEFGHIJKL"]
    regrade = request_regrade(
        quiz=quiz,
        changes=[{"question": question_at(sittings[0], 4), "action": "full_marks"}],
        reason=WHY,
        by=make_person(),
        at=NOW,
    )
    with django_assert_max_num_queries(26):
        work(regrade)
    assert regrade.totals["changed"] == 12


def test_the_database_wants_a_decision_behind_what_is_applied(quiz: Quiz) -> None:
    sitting = sit(quiz, make_person(), right=2)
    regrade = asked(quiz, {"question": question_at(sitting, 4), "action": "again"})
    with pytest.raises(IntegrityError):
        Regrade.objects.filter(pk=regrade.pk).update(state=Regrade.State.APPLIED)
