"""Questions on a picture are marked as the reference engine marks them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from assessments.authoring.problems import read_source
from assessments.grading.engine import QuestionDefinition, grade
from assessments.question_types import get_type
from assessments.question_types.pictures import Region
from tests.assessments.question_types.examples import EXAMPLES, PICTURE

DRAG, MARK, SPOT = (get_type(name) for name in ("drag_image", "mark_image", "hotspot"))


def fraction(name: str, response: dict[str, Any], **changes: Any) -> float | None:
    return grade(QuestionDefinition(name, {**EXAMPLES[name], **changes}), response).fraction


def final(name: str, *tries: dict[str, Any]) -> float:
    kind = get_type(name)
    body = kind.Body.model_validate(EXAMPLES[name])
    return kind.final_fraction(body, [kind.Response.model_validate(one) for one in tries], {})


# Dragging ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("drops", "earned"),
    [
        ({"1": "b"}, 0.25),
        ({"1": "b", "2": "a"}, 0.25),
        ({"1": "b", "2": "c", "3": "b", "4": "d"}, 1),
        ({"1": "a", "2": "a", "3": "a", "4": "a"}, 0),
        ({"1": "b", "2": "b", "3": "b"}, 0.5),
    ],
)
def test_each_zone_of_a_picture_weighs_the_same(drops: dict[str, str], earned: float) -> None:
    assert fraction("drag_image", {"drops": drops}) == pytest.approx(earned, abs=1e-7)


def test_with_several_tries_each_zone_counts_from_its_last_wrong_one() -> None:
    right = {"drops": {"1": "b", "2": "c", "3": "b", "4": "d"}}
    half = {"drops": {"1": "b", "2": "c"}}
    assert final("drag_image", right) == 1
    assert final("drag_image", half, right) == pytest.approx((2 + 2 * 0.75) / 4)
    assert final("drag_image", right, half, right) == pytest.approx((2 + 2 * 0.5) / 4)
    assert final("drag_image", half, half) == pytest.approx(0.5)
    assert final("drag_image") == 0


def test_drops_are_named_by_the_words_of_the_item_within_the_group_of_the_zone() -> None:
    body = DRAG.Body.model_validate(EXAMPLES["drag_image"])
    assert DRAG.from_texts(body, {"drops": {"1": "tường  lửa", "Bên trái": "Tường lửa", "4": "Cáp"}}) == {
        "drops": {"1": "b", "4": "d"}
    }
    with pytest.raises(ValueError, match="Cáp"):
        DRAG.from_texts(body, {"drops": {"1": "Cáp"}})


def test_a_zone_offers_only_the_items_of_its_group() -> None:
    body = DRAG.Body.model_validate(EXAMPLES["drag_image"])
    zones = DRAG.view(body, None, {})["zones"]
    assert [[option["id"] for option in zone["options"]] for zone in zones] == [["a", "b", "c"]] * 3 + [["d"]]


def test_items_that_are_called_the_same_are_told_apart_by_id_in_packs() -> None:
    drags = [{"id": "a", "label": "+"}, {"id": "b", "label": "+"}, {"id": "c", "label": "a"}]
    zones = [{"id": str(number + 1), "x": 1, "y": 1, "drag": key} for number, key in enumerate("abc")]
    body = DRAG.Body.model_validate({"stem": "?", "background": PICTURE, "drags": drags, "zones": zones})
    source = DRAG.to_source(body)
    assert [zone["drag"] for zone in source["zones"]] == ["#a", "#b", "a"]
    assert DRAG.from_source(source) == body


# Marking -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("points", "earned"),
    [
        ({"a": [[100, 100]]}, 1 / 3),
        ({"a": [[100, 100], [325, 120]], "b": [[480, 320]]}, 1),
        ({"a": [[100, 120], [350, 140]]}, 2 / 3),  # on the edge
        ({"a": [[100, 121], [351, 140]]}, 0),
        ({"a": [[100, 100], [100, 101]]}, 1 / 3),  # one place takes one marker
        ({"a": [[100, 100], [325, 120], [1, 1], [2, 2]], "b": [[480, 320]]}, 3 / 5),  # more markers than places
        ({"b": [[100, 100]]}, 0),
        ({"c": [[100, 100]], "a": [[100, 100]]}, 1 / 3),
    ],
)
def test_marks_are_hits_over_places_or_over_markers_when_these_are_more(points: Any, earned: float) -> None:
    assert fraction("mark_image", {"points": points}) == pytest.approx(earned, abs=1e-7)


def test_a_place_hit_by_fewer_points_chooses_first() -> None:
    zones = [
        {"shape": "rectangle", "coords": [0, 0, 100, 100], "marker": "a"},
        {"shape": "rectangle", "coords": [0, 0, 50, 50], "marker": "a"},
    ]
    assert fraction("mark_image", {"points": {"a": [[10, 10], [90, 90]]}}, zones=zones) == 1
    assert fraction("mark_image", {"points": {"a": [[90, 90], [91, 91]]}}, zones=zones) == 0.5


def test_with_several_tries_a_place_counts_since_it_is_hit_and_the_most_markers_share() -> None:
    right = {"points": {"a": [[100, 100], [325, 120]], "b": [[480, 320]]}}
    one = {"points": {"a": [[100, 100]]}}
    many = {"points": {"a": [[1, 1]] * 5}}
    assert final("mark_image", right) == 1
    assert final("mark_image", one, right) == pytest.approx((3 - (0 + 1 + 1) * 0.25) / 3)
    assert final("mark_image", right, one, right) == pytest.approx((3 - (0 + 2 + 2) * 0.25) / 3)
    assert final("mark_image", many, right) == pytest.approx((3 - 3 * 0.25) / 5)
    assert final("mark_image", right, one) == pytest.approx(1 / 3)
    assert final("mark_image") == 0


def test_points_in_another_order_are_the_same_try() -> None:
    one = MARK.Response.model_validate({"points": {"a": [[1, 2], [3, 4]], "b": []}})
    assert MARK.is_same(one, MARK.Response.model_validate({"points": {"a": [[3, 4], [1, 2]]}}))
    assert not MARK.is_same(one, MARK.Response.model_validate({"points": {"a": [[3, 4]]}}))


def test_points_are_typed_in_pairs_and_half_a_pair_is_none() -> None:
    body = MARK.Body.model_validate(EXAMPLES["mark_image"])
    fields = {"q1-a-x": ["10", "", "5,5", "x"], "q1-a-y": ["20", "3", "7.25", "1"], "q1-z-x": ["1"], "q1-z-y": ["1"]}
    assert MARK.parse_form(fields, "q1", body) == {"points": {"a": [[10, 20], [5.5, 7.25]]}}


def test_the_fields_do_not_tell_how_often_a_marker_is_right() -> None:
    body = MARK.Body.model_validate(EXAMPLES["mark_image"])
    rows = {row["id"]: len(row["fields"]) for row in MARK.view(body, None, {})["markers"]}
    assert rows == {"a": 3, "b": 1, "c": 1}


@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=3, max_size=8),
    st.integers(-5, 55),
    st.integers(-5, 55),
)
def test_a_polygon_holds_its_corners_and_nothing_beside_it(points: Any, x: int, y: int) -> None:
    region = Region(shape="polygon", coords=tuple(float(value) for point in points for value in point))
    assert all(region.contains(*point) for point in points)
    assert region.contains(*region.inner_point())
    heights = [point[1] for point in points]
    if not min(heights) <= y <= max(heights) or (y not in heights and not 0 <= x <= 50):
        assert not region.contains(x, y)


# Choosing regions ----------------------------------------------------------------------------------------------


def test_one_region_earns_what_it_is_worth() -> None:
    assert fraction("hotspot", {"spots": ["a"]}) == 1
    assert fraction("hotspot", {"spots": ["b"]}) == 0
    assert fraction("hotspot", {"spots": ["c"]}) == -0.5
    assert grade(QuestionDefinition("hotspot", EXAMPLES["hotspot"]), {"spots": ["a", "b"]}).state == "invalid"


def test_several_regions_add_up_within_bounds_or_must_be_exactly_right() -> None:
    spots = [
        {**row, "fraction": worth} for row, worth in zip(EXAMPLES["hotspot"]["spots"], [0.5, 0.5, -1], strict=True)
    ]
    assert fraction("hotspot", {"spots": ["a"]}, spots=spots, multiple=True) == 0.5
    assert fraction("hotspot", {"spots": ["a", "b"]}, spots=spots, multiple=True) == 1
    assert fraction("hotspot", {"spots": ["a", "c"]}, spots=spots, multiple=True) == 0
    exact = {"spots": spots, "multiple": True, "scoring": "all_or_nothing"}
    assert fraction("hotspot", {"spots": ["a"]}, **exact) == 0
    assert fraction("hotspot", {"spots": ["b", "a"]}, **exact) == 1


def test_regions_are_named_by_label_or_number() -> None:
    body = SPOT.Body.model_validate(EXAMPLES["hotspot"])
    assert SPOT.from_texts(body, {"spots": ["modem", "2"]}) == {"spots": ["a", "b"]}


# What authors are told -----------------------------------------------------------------------------------------

ROUND = {"marker": "Cổng", "shape": "circle", "coords": [9, 9, 3]}


@pytest.mark.parametrize(
    ("name", "change", "place"),
    [
        ("drag_image", {"picture": ""}, ("picture",)),
        ("drag_image", {"picture": "javascript:alert(1)"}, ("picture",)),
        ("drag_image", {"width": 0}, ("width",)),
        ("drag_image", {"zones": [{"x": 1, "y": 1, "drag": "Không có"}]}, ("zones", 0, "drag")),
        (
            "mark_image",
            {"zones": [{"marker": "Cổng", "shape": "circle", "coords": [1, 2]}, ROUND]},
            ("zones", 0, "coords"),
        ),
        (
            "mark_image",
            {"zones": [{"marker": "Cổng", "shape": "circle", "coords": [1, 2, 3, 4]}, ROUND]},
            ("zones", 0, "coords"),
        ),
        ("mark_image", {"zones": [{"marker": "x", "shape": "circle", "coords": [1, 2, 3]}]}, ("zones", 0, "marker")),
        ("hotspot", {"spots": [{"shape": "circle", "coords": [1, 2, 3]}] * 2}, ("spots",)),
    ],
)
def test_what_is_wrong_is_said_at_its_field(name: str, change: dict[str, Any], place: tuple[Any, ...]) -> None:
    kind = get_type(name)
    source = kind.to_source(kind.Body.model_validate(EXAMPLES[name]))
    body, faults = read_source(kind, {**source, **change})
    assert body is None
    assert [fault.place for fault in faults] == [place]


def test_a_background_that_was_lost_is_no_question() -> None:
    with pytest.raises(ValidationError):
        DRAG.Body.model_validate({**EXAMPLES["drag_image"], "background": {**PICTURE, "src": ""}})
