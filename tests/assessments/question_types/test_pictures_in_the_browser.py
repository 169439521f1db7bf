"""Pictures in a real browser: pointer, taps and arrow keys set the fields that are the answer, and nothing else does."""

from __future__ import annotations

from typing import Any

import pytest

from assessments.papers.disguise import revealed_response
from assessments.question_types import get_type
from tests.assessments.question_types.examples import EXAMPLES
from tests.assessments.question_types.laws import candidate
from tests.assessments.question_types.test_in_the_browser import READ, WRITE, drag, page, show

pytestmark = [pytest.mark.browser]
__all__ = ["page"]


def opened(page: Any, name: str) -> dict[str, str]:
    """The form in the browser; the names of its answers."""
    html, _view, names = candidate(name, get_type(name).Body.model_validate(EXAMPLES[name]))
    show(page, html)
    return names


def test_items_are_dragged_or_tapped_onto_their_places_and_moved_from_one_to_another(page: Any) -> None:
    names = opened(page, "drag_image")
    zones = page.locator(".drop-zone")
    item = lambda text: page.locator(".drag-item", has_text=text)  # noqa: E731
    drag(page, item("Máy chủ"), zones.nth(0))
    item("Tường lửa").click()
    zones.nth(1).click()
    item("Tường lửa").click()
    zones.nth(2).click()
    assert revealed_response(page.evaluate(READ), names) == {"drops": {"1": "a", "2": "b", "3": "b"}}
    drag(page, zones.nth(0), zones.nth(1))
    assert revealed_response(page.evaluate(READ), names) == {"drops": {"2": "a", "3": "b"}}
    item("Cáp").click()
    zones.nth(0).click()  # another group: the place does not take it
    assert revealed_response(page.evaluate(READ), names) == {"drops": {"2": "a", "3": "b"}}
    zones.nth(2).click()
    assert revealed_response(page.evaluate(READ), names) == {"drops": {"2": "a"}}
    page.locator("select").nth(0).select_option(label="Máy chủ")  # it leaves the place where it was
    assert revealed_response(page.evaluate(READ), names) == {"drops": {"1": "a"}}
    assert zones.nth(0).inner_text().split() == ["1", "Máy", "chủ"]


def test_markers_are_put_by_tap_or_keyboard_and_moved_by_arrow_keys_or_pointer(page: Any) -> None:
    opened(page, "mark_image")
    put = page.locator("[data-place]")
    put.nth(1).focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowUp")
    assert page.evaluate(READ) == {"points": {"b": [[301, 190]]}}
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement === document.querySelectorAll('[data-place]')[1]")
    put.nth(0).click()
    picture = page.locator(".picture img")
    picture.click(position={"x": 100, "y": 120})
    found = page.evaluate(READ)["points"]
    assert abs(found["a"][0][0] - 100) <= 1
    assert abs(found["a"][0][1] - 120) <= 1
    drag(page, page.locator(".pin", has_text="1"), picture)
    assert page.evaluate(READ)["points"]["a"] == [[300, 200]]
    page.locator("[data-marker=a] input[type=number]").nth(0).fill("12")
    assert page.evaluate(READ)["points"]["a"] == [[12, 200]]
    page.locator(".pin", has_text="1").focus()
    page.keyboard.press("Delete")
    assert page.evaluate(READ) == {"points": {"b": [[301, 190]]}}


def test_a_marker_that_may_be_put_anywhere_gets_further_fields(page: Any) -> None:
    opened(page, "mark_image")
    for x in (10, 20, 30, 40, 50):
        page.locator("[data-marker=a] [data-place]").click()
        page.locator(".picture img").click(position={"x": 5 * x, "y": 300})
    assert len(page.evaluate(READ)["points"]["a"]) == 5


def test_what_is_restored_lies_on_the_picture(page: Any) -> None:
    opened(page, "mark_image")
    page.evaluate(WRITE, {"points": {"b": [[30, 40]]}})
    pin = page.locator(".pin:visible")
    assert pin.count() == 1
    assert "30" in str(pin.get_attribute("aria-label"))
    assert page.locator("[data-marker=b] input[type=number]").nth(1).input_value() == "40"


def test_a_tap_on_a_region_chooses_it_in_the_list(page: Any) -> None:
    names = opened(page, "hotspot")
    page.locator(".picture img").click(position={"x": 80, "y": 100}, force=True)
    assert revealed_response(page.evaluate(READ), names) == {"spots": ["a"]}
    page.locator("input").nth(0).check()
    assert page.locator(".picture-region.is-chosen").count() == 1
