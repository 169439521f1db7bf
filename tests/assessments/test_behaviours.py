"""Several tries are worth what Moodle's behaviours give for them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.grading.behaviours import BEHAVIOURS, play
from assessments.grading.engine import QuestionDefinition

RIGHT, HALF, WRONG, MINUS = ({"choice": key} for key in "abcd")
SINGLE = QuestionDefinition(
    "single_choice",
    {
        "stem": "?",
        "choices": [
            {"id": "a", "text": "a", "fraction": 1},
            {"id": "b", "text": "b", "fraction": 0.5},
            {"id": "c", "text": "c", "fraction": 0},
            {"id": "d", "text": "d", "fraction": -1},
        ],
        "hints": ["1", "2"],
        "penalty": 0.25,
    },
)
NUMBER = QuestionDefinition("numerical", {"stem": "?", "answers": [{"value": 3}], "hints": ["1"], "penalty": 0.25})
SEVERAL = QuestionDefinition(
    "multiple_choice",
    {"stem": "?", "choices": [{"id": k, "text": k, "fraction": f} for k, f in [("a", 0.5), ("b", 0.5), ("c", -0.5)]]},
)
PAIRS = QuestionDefinition(
    "matching",
    {
        "stem": "?",
        "pairs": [{"id": f"p{n}", "prompt": f"{n}", "answer": f"a{n}"} for n in range(4)],
        "hints": ["1", "2"],
        "penalty": 0.25,
    },
)


def pairs(*answers: int) -> dict[str, Any]:
    """A response to PAIRS: the answers of the prompts from the first on."""
    return {"pairs": {f"p{prompt}": f"p{answer}" for prompt, answer in enumerate(answers)}}


@pytest.mark.parametrize(
    ("behaviour", "tries", "state", "fraction"),
    [
        ("deferred", [RIGHT, HALF], "partial", 0.5),
        ("deferred", [MINUS], "wrong", -1),
        ("deferred", [RIGHT, {}], "unanswered", 0),
        ("deferred", [], "unanswered", 0),
        ("immediate", [HALF, RIGHT], "partial", 0.5),
        ("immediate", [{}, RIGHT], "right", 1),
        ("interactive", [RIGHT, WRONG], "right", 1),
        ("interactive", [WRONG, RIGHT], "right", 0.75),
        ("interactive", [WRONG, {}, None, RIGHT], "right", 0.75),
        ("interactive", [WRONG, WRONG, RIGHT], "right", 0.5),
        ("interactive", [WRONG, WRONG, HALF], "partial", 0),
        ("interactive", [WRONG, WRONG, MINUS], "wrong", 0),
        ("interactive", [WRONG, WRONG, WRONG, RIGHT], "wrong", 0),
        ("interactive", [{}, {}], "unanswered", 0),
        ("adaptive", [WRONG, RIGHT], "right", 0.75),
        ("adaptive", [HALF, WRONG], "wrong", 0.5),
        ("adaptive", [HALF, HALF, HALF, RIGHT], "right", 0.75),
        ("adaptive", [MINUS], "wrong", 0),
        ("adaptive", [RIGHT, WRONG], "wrong", 1),
        ("adaptive", [WRONG, WRONG, WRONG], "wrong", 0),
        ("adaptive_no_penalty", [WRONG, MINUS, RIGHT], "right", 1),
        ("adaptive_no_penalty", [HALF, WRONG], "wrong", 0.5),
    ],
)
def test_tries_are_worth(behaviour: str, tries: list[Any], state: str, fraction: float) -> None:
    outcome = play(behaviour, SINGLE, tries)
    assert (outcome.state, outcome.fraction) == (state, fraction)


def test_a_wrong_try_costs_its_penalty_even_when_the_question_is_left_after_it() -> None:
    assert play("interactive", SINGLE, [HALF]).fraction == 0.25
    assert play("deferred", SINGLE, [HALF]).fraction == 0.5


def test_what_is_no_number_is_no_try_until_nothing_follows() -> None:
    assert play("interactive", NUMBER, [{"text": "ba"}, {"text": "3"}]).fraction == 1
    assert play("interactive", NUMBER, [{"text": "4"}, {"text": "ba"}, {"text": "3"}]).fraction == 0.75
    assert play("interactive", NUMBER, [{"text": "ba"}]).state == "wrong"
    assert play("adaptive", NUMBER, [{"text": "ba"}, {"text": "3"}]).fraction == 1
    assert play("immediate", NUMBER, [{"text": "ba"}, {"text": "3"}]).fraction == 1


def test_the_same_choices_in_another_order_are_the_same_try() -> None:
    tries = [{"choices": ["a", "c"]}, {"choices": ["c", "a"]}, {"choices": ["a", "b"]}]
    assert play("adaptive", SEVERAL, tries).fraction == pytest.approx(2 / 3, abs=1e-7)


@pytest.mark.parametrize(
    ("tries", "fraction"),
    [
        ([pairs(0, 1, 2, 3)], 1),
        # right from the first, second and third try on; the last one never
        ([pairs(0, 0, 0, 0), pairs(0, 1, 0, 0), pairs(0, 1, 2, 0)], (1 + 0.75 + 0.5) / 4),
        # right, then wrong, then right again: by the last try
        ([pairs(0, 1, 0, 0), pairs(1, 1, 0, 0), pairs(0, 1, 0, 0)], (0.5 + 1) / 4),
        ([pairs(0, 1, 0, 0)], 0.5),
        # what leaves a prompt out is no try
        ([pairs(1, 1, 1), pairs(0, 1, 2, 3)], 1),
        ([pairs(0, 1)], 0.5),
    ],
)
def test_matching_counts_back_for_each_pair(tries: list[Any], fraction: float) -> None:
    assert play("interactive", PAIRS, tries).fraction == pytest.approx(fraction, abs=1e-7)


@pytest.mark.parametrize(
    ("response", "certainty", "fraction"),
    [
        (RIGHT, 1, 1),
        (RIGHT, 2, 2),
        (RIGHT, 3, 3),
        (RIGHT, None, 1),
        (HALF, 1, 0.5),
        (HALF, 2, 1),
        (HALF, 3, 1.5),
        (WRONG, 1, 0),
        (WRONG, 2, -2),
        (WRONG, 3, -6),
        (WRONG, None, 0),
        (MINUS, 2, -2),
        ({}, 3, 0),
    ],
)
def test_certainty_weighs_right_and_wrong(response: Any, certainty: int | None, fraction: float) -> None:
    assert play("deferred_certainty", SINGLE, [response], None, [certainty]).fraction == fraction
    assert play("immediate_certainty", SINGLE, [response], None, [certainty]).fraction == fraction


def test_an_answer_is_not_given_until_its_certainty_is_said() -> None:
    outcome = play("immediate_certainty", SINGLE, [WRONG, RIGHT, WRONG], None, [None, 3, 3])
    assert (outcome.state, outcome.fraction) == ("right", 3)


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_a_try_that_cannot_be_read_is_named(behaviour: str) -> None:
    assert play(behaviour, SINGLE, [{"choice": 1}]).reason.startswith("try 1: ")
    assert play(behaviour, SINGLE, [{"choice": "z"}]).state == "invalid"
    assert play(behaviour, QuestionDefinition("?", {}), [RIGHT]).state == "invalid"


def test_what_comes_after_the_last_allowed_try_is_not_even_read() -> None:
    assert play("interactive", SINGLE, [RIGHT, {"choice": 1}]).fraction == 1


json_like = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.lists(st.integers(), max_size=3)


@given(
    st.sampled_from(sorted(BEHAVIOURS)) | st.text(max_size=5),
    json_like | st.lists(json_like | st.sampled_from([RIGHT, HALF, WRONG, MINUS]), max_size=5),
    json_like,
    json_like | st.lists(json_like | st.integers(0, 4), max_size=5),
)
def test_any_tries_give_an_outcome(behaviour: str, tries: Any, variant: Any, certainties: Any) -> None:
    outcome = play(behaviour, SINGLE, tries, variant, certainties)
    assert outcome == play(behaviour, SINGLE, tries, variant, certainties)
    least, most = (-6, 3) if behaviour.endswith("certainty") else (-1, 1)
    assert outcome.fraction is None or least <= outcome.fraction <= most
