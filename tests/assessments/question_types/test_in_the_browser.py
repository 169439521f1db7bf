"""The candidate's forms in a real browser: what scripts read is the response, and dragging only sets the fields."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assessments.papers.disguise import disguised_response
from assessments.question_types import get_type
from tests.assessments.papers import BODIES
from tests.assessments.question_types.laws import body_of, candidate

pytestmark = [pytest.mark.browser]
STATIC = Path(__file__).resolve().parents[3] / "static"
ORIGIN = "http://hoc-so.example"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
READ = "import('/static/js/responses.js').then((m) => m.readResponse(document.querySelector('fieldset')))"
WRITE = "(r) => import('/static/js/responses.js').then((m) => m.writeResponse(document.querySelector('fieldset'), r))"


@pytest.fixture(scope="module")
def page() -> Iterator[Any]:
    """A page whose scripts come from static/; a script error fails the module."""
    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if path is None:
        reason = "no Chromium on this machine"
        pytest.fail(reason) if os.environ.get("REQUIRE_BROWSER") == "1" else pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        tab = chromium.new_page(viewport={"width": 900, "height": 900})
        errors: list[str] = []
        tab.on("pageerror", lambda error: errors.append(str(error)))
        yield tab
        chromium.close()
        assert errors == []


def show(page: Any, html: str) -> None:
    """Open the form of a question as a sitting shows it."""

    def answer(route: Any) -> None:
        path = route.request.url.removeprefix(ORIGIN).partition("?")[0]
        if path.startswith("/static/"):
            route.fulfill(path=str(STATIC / path.removeprefix("/static/")))
        elif path == "/":
            style = '<link rel="stylesheet" href="/static/dist/hocso.css">'
            place = f'<fieldset data-slot="7"><div class="answer">{html}</div></fieldset>'
            route.fulfill(body=f"<!doctype html>{style}{place}", content_type="text/html; charset=utf-8")
        else:
            route.fulfill(status=404)

    page.unroute_all()
    page.route(f"{ORIGIN}/**", answer)
    page.goto(f"{ORIGIN}/", wait_until="networkidle")


def drag(page: Any, source: Any, target: Any, *, up: int = 0) -> None:
    """From the middle of one element to the other's, or `up` pixels above it."""
    begin, end = source.bounding_box(), target.bounding_box()
    page.mouse.move(begin["x"] + begin["width"] / 2, begin["y"] + begin["height"] / 2)
    page.mouse.down()
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + end["height"] / 2 - up, steps=12)
    page.mouse.up()


@pytest.mark.parametrize("name", sorted(name for name in BODIES if get_type(name).is_answered))
def test_what_a_script_writes_into_a_form_it_reads_again(page: Any, name: str) -> None:
    kind = get_type(name)
    body = kind.Body.model_validate(BODIES[name])
    html, _view, names = candidate(name, body)
    show(page, html)
    assert page.evaluate(READ) == {}
    response = disguised_response(kind.correct_response(body) or {"text": "Bài làm\nhai dòng"}, names)
    response.pop("unit", None)  # a candidate types the unit behind the number
    if name == "file_upload":  # its fields come with the files that were handed in
        return
    page.evaluate(WRITE, response)
    assert page.evaluate(READ) == response
    page.evaluate(WRITE, {})
    assert page.evaluate(READ) == {}


def ordering(page: Any) -> list[str]:
    """Open an ordering question; the ids in the order that is shown."""
    html, view, _names = candidate(
        "ordering", body_of("ordering", {"stem": "?", "items": [{"text": t} for t in "abcd"]})
    )
    show(page, html)
    return [item["id"] for item in view["options"]]


def test_items_are_put_in_order_by_dragging(page: Any) -> None:
    a, b, c, d = ordering(page)
    items = page.locator(".order-item")
    assert not page.locator("select").first.is_visible()
    drag(page, items.nth(3).locator(".order-grip"), items.nth(0), up=8)
    assert page.evaluate(READ) == {"order": [d, a, b, c]}
    drag(page, items.nth(0).locator(".order-grip"), items.nth(2))
    assert page.evaluate(READ) == {"order": [a, b, d, c]}


def test_items_are_put_in_order_by_keyboard_and_it_is_said_where_they_are(page: Any) -> None:
    a, b, c, d = ordering(page)
    page.locator(".order-item").nth(0).get_by_role("button", name="Đưa xuống").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    assert page.evaluate(READ) == {"order": [b, c, a, d]}
    assert page.locator("[data-order-says]").inner_text().endswith("vị trí 3 trên 4")
    assert page.evaluate("document.activeElement.closest('.order-item').dataset.value") == a


def test_who_finds_the_order_right_as_it_stands_can_say_so(page: Any) -> None:
    shown = ordering(page)
    page.get_by_role("button", name="Đây là thứ tự tôi chọn").click()
    assert page.evaluate(READ) == {"order": shown}
    page.evaluate(WRITE, {"order": shown[::-1]})
    assert [item.get_attribute("data-value") for item in page.locator(".order-item").all()] == shown[::-1]


def test_words_are_dragged_or_tapped_into_gaps_and_stand_in_one_at_a_time(page: Any) -> None:
    source = {"stem": "[[1]] rồi [[2]] rồi [[3]]", "words": ["một", "hai", "ba", {"text": "x", "reusable": True}]}
    html, view, _names = candidate("gap_drag", body_of("gap_drag", source))
    show(page, html)
    ids = {word["name"]: word["id"] for word in view["groups"][0]["options"]}
    words, gaps = page.locator(".word"), page.locator("select")
    drag(page, words.get_by_text("hai"), gaps.nth(0))
    words.get_by_text("ba").click()
    gaps.nth(1).click()
    assert page.evaluate(READ) == {"gaps": {"1": ids["hai"], "2": ids["ba"]}}
    drag(page, words.get_by_text("hai"), gaps.nth(2))
    assert page.evaluate(READ) == {"gaps": {"2": ids["ba"], "3": ids["hai"]}}
    gaps.nth(0).select_option(label="ba")
    assert page.evaluate(READ) == {"gaps": {"1": ids["ba"], "3": ids["hai"]}}
    for number in (0, 1):
        drag(page, words.get_by_text("x", exact=True), gaps.nth(number))
    assert page.evaluate(READ)["gaps"] == {"1": ids["x"], "2": ids["x"], "3": ids["hai"]}


def test_words_are_counted_while_an_essay_is_written(page: Any) -> None:
    html, _view, _names = candidate("essay", body_of("essay", {"stem": "?", "min_words": 2, "max_words": 3}))
    show(page, html)
    said = page.locator(".word-count")
    assert said.inner_text() == "0 từ: còn thiếu 2 từ"
    page.locator("textarea").fill("một hai ba bốn")
    assert said.inner_text() == "4 từ: thừa 1 từ"
    page.locator("textarea").fill("một hai")
    assert said.inner_text() == "2 từ"
