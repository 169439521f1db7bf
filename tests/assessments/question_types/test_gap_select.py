"""Gaps filled from lists: right gaps of all gaps, several tries counted back gap by gap."""

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

SOURCE = {
    "stem": "Con [[2]] **nâu** nhảy qua con [[1]]. Trời [[3]].",
    "words": [{"text": "chó"}, {"text": "cáo"}, {"text": "nắng", "group": 2}, {"text": "mưa", "group": 2}],
}
BODY = body_of("gap_select", SOURCE)


@pytest.mark.parametrize(
    ("gaps", "fraction", "state"),
    [
        ({"1": "2", "2": "1", "3": "3"}, 1, "right"),
        ({"1": "2", "2": "1", "3": "4"}, 2 / 3, "partial"),
        ({"1": "2"}, 1 / 3, "partial"),
        ({"1": "1", "2": "2"}, 0, "wrong"),
        ({}, 0, "unanswered"),
        ({"4": "1"}, None, "invalid"),
        ({"1": "9"}, None, "invalid"),
    ],
)
def test_the_fraction_is_that_of_the_gaps_filled_right(gaps: Any, fraction: float | None, state: str) -> None:
    outcome = marked("gap_select", BODY, {"gaps": gaps})
    assert outcome.fraction == (None if fraction is None else pytest.approx(fraction, abs=1e-7))
    assert outcome.state == state


def test_several_tries_count_back_gap_by_gap() -> None:
    kind = get_type("gap_select")
    body = BODY.model_copy(update={"penalty": 0.25})
    tries = [
        kind.Response(gaps={"1": "2", "2": "2", "3": "4"}),
        kind.Response(gaps={"1": "2", "2": "1", "3": "4"}),
        kind.Response(gaps={"1": "2", "2": "1", "3": "3"}),
    ]
    assert kind.final_fraction(body, tries, {}) == pytest.approx((1 + 0.75 + 0.5) / 3)
    assert kind.final_fraction(body, [tries[2], tries[0]], {}) == pytest.approx(1 / 3)
    assert kind.final_fraction(body, [], {}) == 0


def test_a_word_that_says_the_same_in_the_same_group_is_as_right() -> None:
    body = body_of("gap_select", {"stem": "[[1]] và [[2]]", "words": ["một", "hai", "một"]})
    assert marked("gap_select", body, {"gaps": {"1": "3", "2": "2"}}).state == "right"


@settings(max_examples=300, deadline=None)
@given(any_json | nearly("gaps", "x", values=[{"1": "2"}, {"1": "1", "3": "3"}, {"9": "1"}, {"1": "9"}, {"1": 1}]))
def test_any_json_gives_an_outcome(response: Any) -> None:
    check_total("gap_select", BODY, response)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 5), min_size=1, max_size=8), st.booleans())
def test_the_right_words_earn_everything_and_nothing_is_lost_on_the_way(numbers: list[int], shuffle: bool) -> None:
    stem = "<p>" + " và ".join(f"[[{number}]]" for number in numbers) + "</p>"
    words = [{"id": str(n), "text": f"từ <em>{n}</em>", "group": 1 + n % 2} for n in range(1, 6)]
    body = get_type("gap_select").Body.model_validate({"stem": stem, "words": words, "shuffle": shuffle})
    check_laws("gap_select", body)


def test_packs_hold_the_text_as_the_author_wrote_it() -> None:
    assert get_type("gap_select").to_source(BODY) == SOURCE
    check_form("gap_select", BODY, {"gaps": {"2": "1"}})


@pytest.mark.parametrize(
    ("stem", "said"),
    [("Không có gì", "[[1]]"), ("Đây là [[7]]", "[[7]]")],
)
def test_what_does_not_fit_is_said_at_the_text(stem: str, said: str) -> None:
    body, faults = read_source(get_type("gap_select"), {**SOURCE, "stem": stem})
    assert body is None
    assert [fault.place for fault in faults] == [("stem",)]
    assert said in str(faults[0])


def test_nothing_that_a_candidate_gets_tells_which_word_belongs_where() -> None:
    html, view, names = candidate("gap_select", BODY, {"gaps": {"1": "2"}})
    assert "[[" not in html
    assert "[[2]]" not in get_type("gap_select").shown_stem(BODY, {}).split("nâu")[0]
    values = set(re.findall(r'<option value="([^"]+)"', html))
    assert values == set(names.values())
    assert "answer" not in str(view)
    assert "right" not in str(view)
    first = view["pieces"][0]["gap"]["options"]
    assert [word["id"] for word in first if word["chosen"]] == [names["2"]]
    assert {word["name"] for word in first} == {"chó", "cáo"}


def test_each_gap_is_labelled_by_its_number_and_sentence() -> None:
    html, _view, _names = candidate("gap_select", BODY)
    assert 'aria-label="Chỗ trống 2 trong câu “Con … nâu nhảy qua con ….”"' in html
    assert 'aria-label="Chỗ trống 3 trong câu “Trời ….”"' in html


def test_a_placeholder_inside_a_tag_is_none_and_breaks_nothing() -> None:
    body = body_of("gap_select", {"stem": {"html": '<p><img src="/a.png" alt="[[1]] > x"> [[1]]</p>'}, "words": ["a"]})
    assert len(body.gaps) == 1
    html, _view, _names = candidate("gap_select", body)
    assert html.count("<select") == 1


def test_the_result_shows_what_was_chosen_and_what_was_right() -> None:
    html = result("gap_select", BODY, {"gaps": {"1": "2", "2": "2"}})
    assert html.count("is-right") == 1
    assert html.count("is-wrong") == 2
    assert "<del>cáo</del>" in html


def test_gaps_are_named_by_their_place_and_words_by_their_text() -> None:
    kind = get_type("gap_select")
    assert kind.from_texts(BODY, {"gaps": {"1": "cáo", "3": "Mưa", "2": ""}}) == {"gaps": {"1": "2", "3": "4"}}
    for gaps in ({"1": "mưa"}, {"8": "cáo"}):
        with pytest.raises(ValueError, match=r"mưa|8"):
            kind.from_texts(BODY, {"gaps": gaps})
    assert "Con cáo nâu nhảy qua con chó" in kind.search_text(BODY)
