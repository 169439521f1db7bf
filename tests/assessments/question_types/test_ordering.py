"""Ordering: scored as the reference engine scores it, shuffled for everybody, its order told by nothing."""

from __future__ import annotations

import re
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.papers.drawing import draw_order
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

TEXTS = ["Gieo hạt", "Tưới nước", "Nảy mầm", "Ra hoa", "Kết quả"]
BODY = body_of("ordering", {"stem": "Sắp xếp", "items": [{"text": text} for text in TEXTS]})


def scored(scoring: str, order: list[str]) -> float:
    body = BODY.model_copy(update={"scoring": scoring})
    fraction: float = marked("ordering", body, {"order": order}).fraction
    return fraction


@pytest.mark.parametrize(
    ("scoring", "order", "fraction"),
    [
        ("exact", "abcde", 1),
        ("exact", "abced", 0),
        ("position", "abced", 3 / 5),
        ("position", "bcdea", 0),
        ("pairwise", "bcdea", 6 / 10),
        ("pairwise", "edcba", 0),
        ("longest_run", "bcdea", 4 / 5),
        ("longest_run", "abdce", 3 / 5),
        ("longest_run", "edcba", 0),
        ("longest_subset", "abdce", 4 / 5),
        ("longest_subset", "edcba", 0),
        ("next", "bcdea", 3 / 4),
        ("next_and_last", "bcdea", 3 / 5),
        ("next_and_last", "abdce", 2 / 5),
        ("neighbours", "bcdea", 6 / 10),
        ("distance", "bcdea", 12 / 20),
        ("distance", "edcba", 8 / 20),
    ],
)
def test_each_way_of_scoring_gives_the_fractions_of_the_reference_engine(
    scoring: str, order: str, fraction: float
) -> None:
    assert scored(scoring, list(order)) == pytest.approx(fraction, abs=1e-7)


@pytest.mark.parametrize("scoring", ["position", "pairwise", "longest_run", "longest_subset", "next", "distance"])
def test_what_is_left_out_earns_nothing_and_takes_nothing(scoring: str) -> None:
    assert scored(scoring, ["", "", "", "", "a"]) < 1
    assert marked("ordering", BODY, {"order": ["", ""]}).state == "unanswered"
    assert 0 < scored(scoring, ["a", "b", "", "d"]) < 1


@pytest.mark.parametrize("order", [["z"], ["a"] * 6, [1], "abc", ["a", None]])
def test_what_is_no_order_of_the_items_is_invalid(order: Any) -> None:
    assert marked("ordering", BODY, {"order": order}).state == "invalid"


def test_an_item_chosen_twice_in_a_form_without_scripts_is_an_answer_and_not_right() -> None:
    assert marked("ordering", BODY, {"order": ["a", "a", "c"]}).fraction == pytest.approx(2 / 5)


@settings(max_examples=300, deadline=None)
@given(any_json | nearly("order", "x", values=[["a", "b"], ["e", "", "a"], ["a", "a"], ["z"]]), st.integers(0, 8))
def test_any_json_gives_an_outcome(response: Any, scoring: int) -> None:
    names = [value for value, _label in get_type("ordering").editor[1].options]
    check_total("ordering", BODY.model_copy(update={"scoring": names[scoring]}), response)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text("abc <&*_[]#Đặ", min_size=1, max_size=8).filter(str.strip), min_size=2, max_size=20))
def test_the_right_order_earns_everything_and_nothing_is_lost_on_the_way(texts: list[str]) -> None:
    items = [{"id": f"i{n}", "text": text.replace("<", "&lt;")} for n, text in enumerate(texts)]
    check_laws("ordering", get_type("ordering").Body.model_validate({"stem": "<p>?</p>", "items": items}))


def test_a_form_keeps_the_places_that_are_still_empty() -> None:
    check_form("ordering", BODY, {"order": ["b", "", "a"]})


def test_three_items_or_more_never_stand_in_the_right_order_by_chance() -> None:
    ids = ["a", "b", "c"]
    drawn = [draw_order({"items": ids}, chance=Random(n), shuffle_choices=False)["items"] for n in range(200)]
    assert ids not in drawn
    assert len({tuple(order) for order in drawn}) == 5
    pairs = [draw_order({"items": ["a", "b"]}, chance=Random(n))["items"] for n in range(50)]
    assert ["a", "b"] in pairs
    assert ["b", "a"] in pairs


def test_nothing_that_a_candidate_gets_tells_the_order() -> None:
    html, view, names = candidate("ordering", BODY, {"order": ["b"]})
    shown = re.findall(r'data-value="([^"]+)"', html)
    assert sorted(shown) == sorted(names.values())
    assert shown != sorted(shown)
    assert "right" not in view
    assert not re.search(r'value="[a-e]"', html)
    chosen = next(item["id"] for item in view["places"][0]["options"] if item["chosen"])
    assert chosen == names["b"]


def test_each_place_has_its_own_labelled_field_for_who_uses_no_pointer() -> None:
    html, _view, _names = candidate("ordering", BODY)
    assert html.count('data-answer="order[]"') == 5
    assert "Vị trí 3" in html
    assert html.count("<label") == 5


def test_the_result_shows_each_place_with_what_belongs_there() -> None:
    html = result("ordering", BODY, {"order": ["b", "a", "c", "d", "e"]})
    assert html.count("is-wrong") == 2
    assert html.count("is-right") == 3


def test_texts_name_the_items_and_what_is_none_is_named() -> None:
    kind = get_type("ordering")
    assert kind.from_texts(BODY, {"order": ["tưới  nước", "Gieo hạt"]}) == {"order": ["b", "a"]}
    with pytest.raises(ValueError, match="Bón phân"):
        kind.from_texts(BODY, {"order": ["Bón phân"]})
    picture = body_of("ordering", {"stem": "?", "items": [{"text": "![Hạt giống](/a.png)"}, {"text": "Cây"}]})
    assert kind.from_texts(picture, {"order": ["Hạt giống"]}) == {"order": ["a"]}
