"""Questions that are checked one by one, parts with times, questions that depend on another, devices and pauses."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from assessments.exceptions import AnotherDevice, ResponseRefused, SectionOver, SittingClosed, SittingPaused
from assessments.models import Quiz, QuizQuestion, QuizSection, Sitting
from assessments.services import (
    create_bank,
    create_question,
    ensure_category,
    go_to_section,
    grade_sitting,
    leave_overdue_sections,
    publish_quiz,
    record_responses,
    start_sitting,
    submit_overdue,
    submit_sitting,
    take_over,
)
from assessments.services.responses import deadline_of
from common.digests import verify_chain
from common.messages import in_both
from tests.conftest import NOW
from tests.factories import make_person, make_quiz, numbers, single_choice_body

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def event(seq: int, slot: int, said: Any = "a", kind: str = "answer") -> dict[str, Any]:
    return {"seq": seq, "slot": slot, "kind": kind, "response": {"choice": said} if isinstance(said, str) else said}


def fixed_quiz(
    sections: list[dict[str, Any]] | None = None, rows: list[dict[str, Any]] | None = None, **rules: Any
) -> Quiz:
    """A published quiz of fixed questions in their order, two hints each."""
    rows = rows or [{}, {}]
    bank = create_bank(slug=f"nh-{next(numbers)}", title="Ngân hàng", by=None)
    category = ensure_category(bank=bank, path=["Chương 1"])
    rules = {"kind": "test", "shuffle_questions": False, **rules}
    quiz = Quiz.objects.create(slug=f"de-{next(numbers)}", title="Đề", bank=bank, **rules)
    for order, part in enumerate(sections or []):
        QuizSection.objects.create(quiz=quiz, sort_order=order, **{"shuffle_questions": False, **part})
    for order, row in enumerate(rows):
        question = create_question(
            bank=bank,
            category=category,
            idnumber=f"c{order}",
            name=f"Câu {order}",
            type="single_choice",
            body={**single_choice_body(order), "hints": ["<p>Gợi ý 1</p>", "<p>Gợi ý 2</p>"], "penalty": 0.25},
            status="ready",
            by=None,
            at=NOW,
        )
        QuizQuestion.objects.create(quiz=quiz, question=question, sort_order=order, **row)
    publish_quiz(quiz=quiz, by=None, at=NOW)
    return Quiz.objects.get(pk=quiz.pk)


def started(quiz: Quiz, **more: Any) -> Sitting:
    return start_sitting(person=make_person(), quiz=quiz, at=NOW, **more)


def record(sitting: Sitting, *events: dict[str, Any], at: Any = NOW, **more: Any) -> Any:
    return record_responses(sitting=sitting, events=events, at=at, **more)


def refusal(sitting: Sitting, *events: dict[str, Any], at: Any = NOW, **more: Any) -> ResponseRefused:
    before = Sitting.objects.values().get(pk=sitting.pk)
    with pytest.raises(ResponseRefused) as refused:
        record(sitting, *events, at=at, **more)
    assert Sitting.objects.values().get(pk=sitting.pk) == before
    return refused.value


def score_of(sitting: Sitting) -> Any:
    submit_sitting(sitting=sitting, by=None, at=NOW)
    grade_sitting(sitting_id=sitting.pk, worker="w", at=NOW)
    sitting.refresh_from_db()
    return sitting.score


# Checking -----------------------------------------------------------------------------------------------------


def test_a_checked_question_is_closed_and_only_the_checked_answer_counts() -> None:
    sitting = started(fixed_quiz(behaviour="immediate"))
    record(sitting, event(1, 1, "b"), event(2, 1, None, "check"))
    for late in (event(3, 1, "a"), event(3, 1, "a", "check"), event(3, 1, None, "check")):
        refused = refusal(sitting, late)
        assert (refused.code, refused.seq) == ("invalid", 3)
        assert "Question 1 is closed" in in_both(refused.message)
    record(sitting, event(3, 2, "a", "check"))
    assert score_of(sitting) == 1


def test_several_tries_cost_their_penalty_until_none_is_left() -> None:
    sitting = started(fixed_quiz(behaviour="interactive"))
    record(sitting, event(1, 1, "b", "check"), event(2, 1, "c", "check"))
    record(sitting, event(3, 1, "a", "check"))
    assert "closed" in in_both(refusal(sitting, event(4, 1, "a")).message)
    assert score_of(sitting) == 0.5


def test_within_a_batch_the_first_check_closes() -> None:
    sitting = started(fixed_quiz(behaviour="immediate"))
    assert refusal(sitting, event(1, 1, "b", "check"), event(2, 1, "a", "check")).seq == 2


@pytest.mark.parametrize("said", [None, {}])
def test_what_is_not_answered_cannot_be_checked(said: Any) -> None:
    sitting = started(fixed_quiz(behaviour="immediate"))
    assert "cannot be checked" in in_both(refusal(sitting, event(1, 1, said, "check")).message)


def test_by_certainty_a_check_says_how_sure() -> None:
    sitting = started(fixed_quiz(behaviour="immediate_certainty"))
    assert "how sure" in in_both(refusal(sitting, event(1, 1, "a", "check")).message)
    for odd in (0, 4, "3", True, 1.0, [1]):
        refusal(sitting, event(1, 1, {"choice": "a", "certainty": odd}, "check"))
    record(sitting, event(1, 1, {"choice": "a", "certainty": 3}, "check"))
    assert score_of(sitting) == 1


@pytest.mark.parametrize("behaviour", ["deferred", "deferred_certainty"])
def test_nothing_is_checked_where_marks_come_after_handing_in(behaviour: str) -> None:
    sitting = started(fixed_quiz(behaviour=behaviour))
    assert "before this paper is handed in" in in_both(refusal(sitting, event(1, 1, "a", "check")).message)


def test_how_sure_one_is_is_no_answer_where_nobody_asks() -> None:
    sitting = started(fixed_quiz())
    refusal(sitting, event(1, 1, {"choice": "a", "certainty": 3}))


# Questions that depend on another -----------------------------------------------------------------------------


def test_a_question_that_depends_on_another_opens_when_that_is_answered() -> None:
    sitting = started(fixed_quiz(rows=[{}, {"requires_previous": True}]))
    assert "Question 2 opens when question 1 is answered" in in_both(refusal(sitting, event(1, 2)).message)
    record(sitting, event(1, 1), event(2, 2))
    record(sitting, event(3, 1, {}))
    assert refusal(sitting, event(4, 2, "b")).seq == 4


# Parts --------------------------------------------------------------------------------------------------------

PARTS = [
    {"title": "Lý thuyết", "time_limit_seconds": 600},
    {"title": "Thực hành", "time_limit_seconds": 1200},
]
ROWS = [{"section": 1}, {"section": 2}]


def test_parts_are_sat_one_after_the_other_each_in_its_time() -> None:
    sitting = started(fixed_quiz(PARTS, ROWS))
    assert (sitting.section, deadline_of(sitting)) == (1, NOW + 10 * MINUTE)
    assert record(sitting, event(1, 1)).deadline == NOW + 10 * MINUTE
    assert "not begun yet" in in_both(refusal(sitting, event(2, 2)).message)
    later = NOW + 4 * MINUTE
    for _ in range(2):
        sitting = go_to_section(sitting=sitting, section=2, at=later)
    assert (sitting.section, sitting.last_seq, deadline_of(sitting)) == (2, 2, later + 20 * MINUTE)
    assert sitting.events.get(seq=2).response == {"section": 2, "by": "candidate"}
    assert "finished" in in_both(refusal(sitting, event(3, 1, "b"), at=later).message)
    record(sitting, event(3, 2), at=later)
    assert score_of(sitting) == 2


def test_when_the_time_of_a_part_is_over_its_answers_are_late_then_refused_and_the_sweep_goes_on() -> None:
    sitting = started(fixed_quiz(PARTS, ROWS, grace_seconds=30))
    record(sitting, event(1, 1), at=NOW + 10 * MINUTE)
    record(sitting, event(2, 1, "b"), at=NOW + 10 * MINUTE + timedelta(seconds=30))
    assert list(sitting.events.values_list("late", flat=True)) == [False, True]
    after = NOW + 10 * MINUTE + timedelta(seconds=31)
    refused = refusal(sitting, event(3, 1), at=after)
    assert isinstance(refused, SectionOver)
    assert refused.code == "section"
    assert leave_overdue_sections(at=after - timedelta(seconds=1)) == 0
    assert leave_overdue_sections(at=after) == 1
    assert leave_overdue_sections(at=after) == 0
    sitting.refresh_from_db()
    assert sitting.events.get(seq=3).response == {"section": 2, "by": "time"}
    assert (sitting.section, sitting.deadline_at) == (2, NOW + 30 * MINUTE)
    assert submit_overdue(at=NOW + 30 * MINUTE + timedelta(seconds=31)) == 1


def test_a_part_that_is_not_the_next_cannot_be_gone_to() -> None:
    sitting = started(fixed_quiz([*PARTS, {"title": "Vấn đáp"}], [*ROWS, {"section": 3}]))
    for section in (3, 0, 99):
        with pytest.raises(ResponseRefused):
            go_to_section(sitting=sitting, section=section, at=NOW)
    plain = started(make_quiz())
    with pytest.raises(ResponseRefused):
        go_to_section(sitting=plain, section=2, at=NOW)


# Devices and pauses -------------------------------------------------------------------------------------------


def test_the_device_that_was_left_is_refused_and_both_stay_in_the_log() -> None:
    sitting = started(make_quiz())
    record(sitting, event(1, 1), device="A1")
    refused = refusal(sitting, event(2, 1, "b"), device="B2")
    assert isinstance(refused, AnotherDevice)
    assert refused.code == "device"
    flag = {"seq": 2, "slot": 3, "kind": "flag", "response": {"flagged": True}}
    record(sitting, flag, device="A1")
    for _ in range(2):
        sync = take_over(sitting=sitting, device="B2", agent="Firefox", address="10.0.0.7", at=NOW)
    assert (sync.last_seq, sync.flags, list(sync.responses)) == (3, [3], [1])
    assert sync.responses[1] != {"choice": "a"}  # as the form names it
    told = sitting.events.get(seq=3).response
    assert (told["device"], told["before"]) == ("B2", "A1")
    assert "10.0.0.7" not in str(told)
    assert "Firefox" not in str(told)
    record(sitting, event(4, 1, "b"), device="B2")
    assert isinstance(refusal(sitting, event(5, 1), device="A1"), AnotherDevice)
    record(sitting, event(5, 2))  # a client that names no device


@pytest.mark.parametrize("name", ["", "a" * 65, "a b", "é", "../x"])
def test_a_device_has_a_name_of_letters_and_digits(name: str) -> None:
    sitting = started(make_quiz())
    with pytest.raises(ResponseRefused):
        take_over(sitting=sitting, device=name, agent="", address="", at=NOW)
    if name:
        refusal(sitting, event(1, 1), device=name)


def test_a_paper_that_was_handed_in_is_not_taken_over() -> None:
    sitting = started(make_quiz())
    submit_sitting(sitting=sitting, by=None, at=NOW)
    with pytest.raises(SittingClosed):
        take_over(sitting=sitting, device="B2", agent="", address="", at=NOW)


def test_while_the_time_stands_still_answers_wait() -> None:
    sitting = started(make_quiz(time_limit_seconds=600))
    Sitting.objects.filter(pk=sitting.pk).update(paused_at=NOW)
    refused = refusal(sitting, event(1, 1))
    assert isinstance(refused, SittingPaused)
    assert refused.code == "paused"
    assert record(sitting).acknowledged == 0


def test_a_sign_of_life_is_written_at_most_every_fifteen_seconds() -> None:
    sitting = started(make_quiz())
    seen = []
    for seconds in (0, 14, 15, 20):
        record(sitting, at=NOW + timedelta(seconds=seconds))
        sitting.refresh_from_db()
        seen.append(sitting.last_seen_at - NOW)
    assert [moment.total_seconds() for moment in seen] == [0, 0, 15, 15]


def test_the_devices_clock_decides_nothing() -> None:
    sitting = started(make_quiz(time_limit_seconds=600))
    early = {**event(1, 1), "client_time": (NOW + 5 * MINUTE).isoformat()}
    with pytest.raises(SittingClosed):
        record(sitting, early, at=NOW + 11 * MINUTE)
    late = {**event(1, 1), "client_time": (NOW + timedelta(days=1)).isoformat()}
    record(sitting, late, at=NOW + MINUTE)
    assert sitting.events.get().late is False


def test_events_of_the_server_are_links_of_the_chain() -> None:
    from assessments.services.event_log import event_content

    sitting = started(fixed_quiz(PARTS, ROWS))
    record(sitting, event(1, 1), device="A1")
    take_over(sitting=sitting, device="B2", agent="x", address="y", at=NOW)
    go_to_section(sitting=sitting, section=2, at=NOW)
    submit_sitting(sitting=sitting, by=None, at=NOW)
    sitting.refresh_from_db()
    names = ("seq", "kind", "slot", "response", "client_time", "server_time", "late")
    links = [
        (event_content(sitting=str(sitting.public_id), **{name: getattr(row, name) for name in names}), row.digest)
        for row in sitting.events.order_by("seq")
    ]
    assert [link[0]["kind"] for link in links] == ["answer", "device", "section", "submit"]
    assert verify_chain(sitting.paper.digest, links, head=sitting.chain_head) is None
