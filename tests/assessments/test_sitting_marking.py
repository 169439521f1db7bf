"""A whole sitting marked without a database: by behaviour, certainty, parts, penalties, and the digest of a run."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.grading.engine import QuestionDefinition
from assessments.grading.sitting import SittingOutcome, mark_sitting, run_digest, total_of
from assessments.papers import Blueprint
from tests.assessments.papers import BODIES

CHOICE = {
    "stem": "<p>?</p>",
    "choices": [
        {"id": "a", "text": "Đúng", "fraction": 1.0},
        {"id": "b", "text": "Sai", "fraction": 0.0},
        {"id": "c", "text": "Một phần", "fraction": 0.5},
        {"id": "d", "text": "Trừ", "fraction": -0.5},
    ],
    "hints": ["<p>Gợi ý 1</p>", "<p>Gợi ý 2</p>"],
    "penalty": 0.25,
}
DEFINITIONS = {
    1: QuestionDefinition("single_choice", CHOICE, "digest of choice"),
    2: QuestionDefinition("essay", BODIES["essay"], "digest of essay"),
    3: QuestionDefinition("description", BODIES["description"], "digest of description"),
}
CERTAINTIES = ("deferred_certainty", "immediate_certainty")


def slot(number: int, *, version: int = 1, mark: str = "2", section: int = 1) -> dict[str, Any]:
    return {
        "slot": number,
        "version": version,
        "question": version,
        "type": DEFINITIONS[version].type,
        "digest": DEFINITIONS[version].digest,
        "mark": mark,
        "variant": {},
        "section": section,
    }


def log(*told: tuple[Any, ...]) -> list[dict[str, Any]]:
    """Events from (kind, slot, choice or response)."""
    return [
        {"seq": seq, "kind": kind, "slot": place, "response": {"choice": said} if isinstance(said, str) else said}
        for seq, (kind, place, said) in enumerate(told, start=1)
    ]


def marked(events: list[dict[str, Any]], *slots: dict[str, Any], **rules: Any) -> SittingOutcome:
    return mark_sitting({"pass_percent": "50", **rules}, slots or (slot(1), slot(2)), DEFINITIONS, events)


@pytest.mark.parametrize(
    ("behaviour", "told", "mark"),
    [
        ("deferred", [("answer", 1, "b"), ("answer", 1, "a")], "2.0000"),
        ("deferred", [("answer", 1, "a"), ("answer", 1, {})], "0.0000"),
        ("immediate", [("answer", 1, "b"), ("check", 1, None), ("answer", 1, "a")], "0.0000"),
        ("immediate", [("answer", 1, "b"), ("answer", 1, "a"), ("check", 1, None)], "2.0000"),
        ("immediate", [("check", 1, "a")], "2.0000"),
        ("immediate", [("answer", 1, "a")], "2.0000"),
        ("interactive", [("check", 1, "b"), ("check", 1, "a")], "1.5000"),
        ("interactive", [("check", 1, "b"), ("check", 1, "b"), ("check", 1, "b"), ("check", 1, "a")], "0.0000"),
        ("interactive", [("check", 1, "b"), ("answer", 1, "a")], "1.5000"),
        ("interactive", [("check", 1, "c"), ("answer", 1, "c")], "0.5000"),
        ("adaptive", [("check", 1, "b"), ("check", 1, "a"), ("check", 1, "b")], "1.5000"),
        ("adaptive_no_penalty", [("check", 1, "b"), ("check", 1, "a"), ("check", 1, "b")], "2.0000"),
        ("deferred_certainty", [("answer", 1, {"choice": "a", "certainty": 3})], "2.0000"),
        ("deferred_certainty", [("answer", 1, {"choice": "a", "certainty": 1})], "0.6667"),
        ("deferred_certainty", [("answer", 1, {"choice": "a"})], "0.6667"),
        ("deferred_certainty", [("answer", 1, {"choice": "b", "certainty": 1})], "0.0000"),
        ("deferred_certainty", [("answer", 1, {"choice": "b", "certainty": 2})], "-1.3333"),
        ("deferred_certainty", [("answer", 1, {"choice": "b", "certainty": 3})], "-4.0000"),
        ("immediate_certainty", [("check", 1, {"choice": "a", "certainty": 3}), ("answer", 1, "b")], "2.0000"),
    ],
)
def test_a_log_is_worth_what_its_behaviour_says(behaviour: str, told: Any, mark: str) -> None:
    outcome = marked(log(*told), slot(1), behaviour=behaviour)
    assert outcome.slots[0].mark == Decimal(mark)
    assert outcome.score == max(Decimal(mark).quantize(Decimal("0.01")), 0)


def test_the_best_try_says_what_became_of_the_question() -> None:
    told = [("check", 1, "b"), ("check", 1, "a"), ("check", 1, "b")]
    assert marked(log(*told), slot(1), behaviour="adaptive_no_penalty").slots[0].state == "right"
    assert marked(log(*told), slot(1), behaviour="adaptive").slots[0].state == "partial"


@pytest.mark.parametrize(
    ("choice", "mark"), [("a", "2.0000"), ("b", "-0.5000"), ("c", "1.0000"), ("d", "-1.0000"), (None, "0.0000")]
)
def test_a_wrong_answer_costs_its_part_and_none_costs_nothing(choice: str | None, mark: str) -> None:
    told = [("answer", 1, choice)] if choice else []
    assert marked(log(*told), slot(1), wrong_penalty="0.25").slots[0].mark == Decimal(mark)


def test_a_score_is_never_below_zero() -> None:
    outcome = marked(log(("answer", 1, "b"), ("answer", 2, "b")), wrong_penalty="1")
    assert (outcome.score, outcome.passed) == (0, False)


def test_every_part_with_a_pass_mark_must_be_passed() -> None:
    sections = [{"title": "A", "pass_percent": "50"}, {"title": "B", "pass_percent": "50"}, {"title": "C"}]
    slots = [slot(1), slot(2), slot(3, section=2), slot(4, section=2), slot(5, section=3)]
    first = [("answer", 1, "a"), ("answer", 2, "a")]
    outcome = marked(log(*first, ("answer", 3, "b"), ("answer", 5, "a")), *slots, sections=sections)
    assert [(row.score, row.max_score, row.passed) for row in outcome.sections] == [
        (4, 4, True),
        (0, 4, False),
        (2, 2, None),
    ]
    assert (outcome.score, outcome.max_score, outcome.passed) == (6, 10, False)
    assert marked(log(*first, ("answer", 4, "a")), *slots, sections=sections).passed


def test_what_a_person_has_to_mark_waits_and_a_text_to_read_counts_for_nothing() -> None:
    slots = (slot(1), slot(2, version=2), slot(3, version=3, mark="0"))
    outcome = marked(log(("answer", 1, "a"), ("answer", 2, {"text": "Một hai ba bốn năm sáu"})), *slots)
    assert (outcome.waiting, outcome.score, outcome.max_score, len(outcome.slots)) == ((2,), 2, 4, 2)
    assert marked(log(("answer", 1, "a")), *slots).waiting == ()


def test_rules_that_were_stored_before_behaviours_mark_as_before() -> None:
    rules = Blueprint(kind="exam", pass_percent=Decimal(50)).model_dump(mode="json")
    told = log(("answer", 1, "a"), ("check", 1, "b"), ("flag", 2, {"flagged": True}), ("answer", 2, "c"))
    assert mark_sitting(rules, [slot(1), slot(2)], DEFINITIONS, told) == marked(told)
    assert marked(told).score == 3


@given(
    told=st.lists(
        st.tuples(
            st.sampled_from(["answer", "check", "flag", "device", "submit"]),
            st.integers(1, 2),
            st.sampled_from(["a", "b", "c", "d", "z", None, {}, {"choice": "a", "certainty": 2}]),
        ),
        max_size=12,
    ),
    behaviour=st.sampled_from(list(Blueprint.model_fields["behaviour"].annotation.__args__)),  # type: ignore[union-attr]
    penalty=st.sampled_from(["0", "0.25", "1.0000"]),
)
def test_any_log_has_one_outcome_within_its_bounds(told: list[Any], behaviour: str, penalty: str) -> None:
    outcome = marked(log(*told), behaviour=behaviour, wrong_penalty=penalty)
    assert outcome == marked(log(*told), behaviour=behaviour, wrong_penalty=penalty)
    assert 0 <= outcome.score <= outcome.max_score == 4
    least = -2 if behaviour in CERTAINTIES else -1
    for row in outcome.slots:
        assert row.mark is None or least * row.max_mark <= row.mark <= row.max_mark
    assert total_of({"pass_percent": "50"}, outcome.slots) == outcome


def digest(outcome: SittingOutcome, engine: str = "1.2") -> str:
    return run_digest(
        engine=engine,
        paper="p" * 64,
        log="l" * 64,
        marks=outcome.slots,
        score=outcome.score,
        max_score=outcome.max_score,
        passed=outcome.passed,
    )


def test_the_digest_of_a_run_names_the_versions_and_that_of_an_old_one_stays() -> None:
    outcome = marked(log(("answer", 1, "a")))
    # The digest that engine 1.1 stored for these marks, computed when it was in use.
    assert digest(outcome, "1.1") == "722eb1ccce10a22babae7f3e20f280fbcdd3b445592cd33317a40fb3bc1f1311"
    other = QuestionDefinition("single_choice", CHOICE, "another version")
    changed = mark_sitting({"pass_percent": "50"}, [slot(1), slot(2)], {1: other}, log(("answer", 1, "a")))
    assert changed.score == outcome.score
    assert digest(changed) != digest(outcome)
    assert digest(changed, "1.1") == digest(outcome, "1.1")
