"""Gaps with words to drag: marked as lists are, and answered without a pointer as well."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import given, settings

from assessments.question_types import get_type
from tests.assessments.question_types.laws import any_json, body_of, candidate, check_laws, check_total, marked, nearly

SOURCE = {
    "stem": "[[1]] vàng, [[2]] bạc, [[1]] nữa.",
    "words": [{"text": "Rừng"}, {"text": "Biển", "reusable": True}, {"text": "*Núi*"}],
    "shuffle": False,
}
BODY = body_of("gap_drag", SOURCE)


def test_the_right_words_earn_everything_and_nothing_is_lost_on_the_way() -> None:
    check_laws("gap_drag", BODY)
    assert get_type("gap_drag").to_source(BODY) == SOURCE


def test_a_word_that_several_gaps_want_may_be_used_in_each() -> None:
    view = get_type("gap_drag").view(BODY, None, {})
    assert [word["reusable"] for word in view["groups"][0]["options"]] == [True, True, False]
    assert marked("gap_drag", BODY, {"gaps": {"1": "1", "2": "2", "3": "1"}}).state == "right"


@settings(max_examples=200, deadline=None)
@given(any_json | nearly("gaps", values=[{"1": "2"}, {"1": "1", "3": "3"}]))
def test_any_json_gives_an_outcome(response: Any) -> None:
    check_total("gap_drag", BODY, response)


def test_words_to_drag_have_the_names_of_the_lists_and_no_order_that_tells() -> None:
    body = body_of("gap_drag", {**SOURCE, "shuffle": True})
    html, _view, names = candidate("gap_drag", body)
    assert set(re.findall(r'data-value="([^"]+)"', html)) == set(names.values())
    assert set(re.findall(r'<option value="([^"]+)"', html)) == set(names.values())
    assert "[[" not in html


def test_each_gap_has_a_labelled_list_for_who_uses_no_pointer() -> None:
    html, _view, _names = candidate("gap_drag", BODY)
    assert html.count("<select") == 3
    assert "Chỗ trống 3 trong câu" in html
