"""Cloze: each part is marked as the simple type is, and weighed as the reference engine weighs it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.authoring.problems import read_source
from assessments.question_types import get_type
from tests.assessments.question_types.laws import (
    any_json,
    body_of,
    candidate,
    check_form,
    check_laws,
    check_total,
    marked,
    nearly,
    result,
)

SOURCE: dict[str, Any] = {
    "stem": "Thủ đô là {#1}. Số Pi là {#2}. Nó {#3}, và {#4}",
    "parts": [
        {
            "kind": "short_answer",
            "answers": [
                {"text": "Hà Nội", "fraction": 1.0, "feedback": "**Đúng** rồi"},
                {"text": "Hà*", "fraction": 0.5},
            ],
        },
        {
            "kind": "numerical",
            "weight": 2.0,
            "answers": [{"value": 3.14, "tolerance": 0.005, "fraction": 1.0}],
        },
        {
            "kind": "multiple_choice_one",
            "layout": "vertical",
            "choices": [
                {"text": "vô tỉ", "fraction": 1.0},
                {"text": "hữu tỉ", "fraction": -0.5},
                {"text": "nguyên", "fraction": 0.0},
            ],
        },
        {
            "kind": "multiple_response",
            "choices": [{"text": "dương", "correct": True}, {"text": "lẻ", "correct": True}, {"text": "âm"}],
            "shuffle": False,
        },
    ],
}
BODY = body_of("cloze", SOURCE)
RIGHT = {"1": {"text": "hà nội"}, "2": {"text": "3,14"}, "3": {"choice": "a"}, "4": {"choices": ["a", "b"]}}


@pytest.mark.parametrize(
    ("parts", "fraction", "state"),
    [
        (RIGHT, 1, "right"),
        ({"1": {"text": "Hà Nam"}}, 0.5 / 5, "partial"),
        ({"2": {"text": "3,14"}}, 2 / 5, "partial"),
        ({"3": {"choice": "b"}}, -0.5 / 5, "wrong"),
        ({"1": {"text": "Huế"}, "2": {"text": "x"}}, 0, "wrong"),
        ({"4": {"choices": ["a", "b", "c"]}}, 0.5 / 5, "partial"),
        ({"4": {"choices": ["c"]}}, 0, "wrong"),
        ({"4": {"choices": ["a"]}, "3": {"choice": "b"}}, 0, "partial"),
        ({"1": {"text": "  "}, "2": {}}, 0, "unanswered"),
        ({"5": {"text": "x"}}, None, "invalid"),
        ({"1": {"choice": "a"}}, None, "invalid"),
        ({"3": {"choice": "z"}}, None, "invalid"),
    ],
)
def test_parts_are_weighed_and_the_state_is_that_of_all_of_them(parts: Any, fraction: float | None, state: str) -> None:
    outcome = marked("cloze", BODY, {"parts": parts})
    assert outcome.fraction == (None if fraction is None else pytest.approx(fraction, abs=1e-7))
    assert outcome.state == state


def test_each_part_loses_the_penalty_for_every_try_before_its_last_change() -> None:
    kind = get_type("cloze")
    body = BODY.model_copy(update={"penalty": 0.2})
    tries = [
        kind.Response.model_validate({"parts": {"1": {"text": "Huế"}, "2": {"text": "3.14"}, "3": {"choice": "b"}}}),
        kind.Response.model_validate({"parts": {"1": {"text": "Hà Nội"}, "2": {"text": "3.14"}, "3": {"choice": "b"}}}),
        kind.Response.model_validate(
            {"parts": {"1": {"text": "Hà Nội"}, "2": {"text": "3.140"}, "3": {"choice": "b"}}}
        ),
    ]
    assert kind.final_fraction(body, tries[:2], {}) == pytest.approx((0.8 + 2 * 1) / 5)
    assert kind.final_fraction(body, tries, {}) == pytest.approx((0.8 + 2 * 0.6) / 5)


@settings(max_examples=400, deadline=None)
@given(
    any_json
    | st.builds(lambda parts: {"parts": parts}, nearly("1", "2", "3", "4", "9", values=[*RIGHT.values(), {"text": ""}]))
)
def test_any_json_gives_an_outcome(response: Any) -> None:
    check_total("cloze", BODY, response)


@settings(max_examples=60, deadline=None)
@given(st.permutations(range(4)), st.lists(st.sampled_from([0.5, 1.0, 3.0]), min_size=4, max_size=4))
def test_the_right_answers_earn_everything_and_nothing_is_lost_on_the_way(
    order: list[int], weights: list[float]
) -> None:
    parts = [{**SOURCE["parts"][n], "weight": weight} for n, weight in zip(order, weights, strict=True)]
    check_laws("cloze", body_of("cloze", {**SOURCE, "parts": parts}))


def test_packs_hold_the_parts_as_the_author_wrote_them() -> None:
    assert get_type("cloze").to_source(BODY) == SOURCE
    check_form("cloze", BODY, {"parts": {"2": {"text": "3"}, "4": {"choices": ["b"]}}})


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"stem": "Chỉ {#1} {#2} {#3}"}, ("stem",)),
        ({"stem": "Có {#1} {#2} {#3} {#4} {#5}"}, ("stem",)),
        ({"stem": "{#1} {#2} {#3} {#4} {#4}"}, ("stem",)),
        ({"parts": [{"kind": "essay"}]}, ("parts", 0, "kind")),
        ({"parts": [{"kind": "short_answer", "answers": []}]}, ("parts", 0, "answers")),
        ({"parts": [{"kind": "numerical", "answers": [{"text": "ba"}]}]}, ("parts", 0, "answers", 0, "value")),
        (
            {"parts": [{"kind": "multiple_choice_one", "choices": [{"text": "a"}, {"text": "b"}]}]},
            ("parts", 0, "choices"),
        ),
        (
            {"parts": [{"kind": "short_answer", "answers": [{"text": "a"}], "choices": [{"text": "b"}]}]},
            ("parts", 0, "choices"),
        ),
        (
            {"parts": [{"kind": "numerical", "answers": [{"value": 1, "tolerance": -1}]}]},
            ("parts", 0, "answers", 0, "tolerance"),
        ),
    ],
)
def test_what_does_not_fit_is_said_where_it_stands(change: dict[str, Any], place: tuple[Any, ...]) -> None:
    body, faults = read_source(get_type("cloze"), {**SOURCE, **change})
    assert body is None
    assert faults[0].place == place


def test_nothing_that_a_candidate_gets_tells_the_key_of_any_part() -> None:
    html, view, names = candidate("cloze", BODY, {"parts": {"3": {"choice": "a"}}})
    assert set(names) == {"3:a", "3:b", "3:c"}
    for secret in ("Hà Nội", "3,14", "Đúng", "accepted", "right", "feedback"):
        assert secret not in html.replace("part-", "")
        assert secret not in str(view)
    radios = re.findall(r'data-answer="parts.3.choice"\s+value="([^"]+)"', html)
    assert sorted(radios) == sorted(names.values())
    assert re.search(rf'value="{names["3:a"]}"\s+checked', html)


def test_equal_ids_in_two_parts_have_different_names() -> None:
    choices = [{"text": "a", "correct": True}, {"text": "b"}]
    parts = [{"kind": "multiple_choice_one", "choices": choices}] * 2
    _html, _view, names = candidate("cloze", body_of("cloze", {"stem": "{#1} {#2}", "parts": parts}))
    assert len(set(names.values())) == 4


def test_each_field_is_labelled_by_its_number_and_sentence() -> None:
    html, _view, _names = candidate("cloze", BODY)
    assert 'aria-label="Chỗ trống 1 trong câu “Thủ đô là ….”"' in html
    assert 'role="radiogroup"' in html


def test_the_result_shows_each_part_with_what_is_accepted() -> None:
    html = result("cloze", BODY, {"parts": {"1": {"text": "Huế"}, "2": {"text": "3,14"}}})
    assert "<del>Huế" in html
    assert "<strong>Hà Nội</strong>" in html
    assert html.count("is-right") == 1


def test_parts_are_answered_by_texts_as_the_simple_types_are() -> None:
    kind = get_type("cloze")
    named = kind.from_texts(BODY, {"parts": {"1": {"text": "x"}, "3": {"choice": "Vô tỉ"}, "4": {"choices": ["lẻ"]}}})
    assert named == {"parts": {"1": {"text": "x"}, "3": {"choice": "a"}, "4": {"choices": ["b"]}}}
    with pytest.raises(ValueError, match="9"):
        kind.from_texts(BODY, {"parts": {"9": {"text": "x"}}})
