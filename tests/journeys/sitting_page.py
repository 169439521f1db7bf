"""A candidate at the page of a sitting, in a real browser, and what the server really has of it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from assessments.models import Sitting
from tests.lms.served import PATIENCE, Served

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
LETTERS = "abc"


def chromium_path() -> str:
    """The system's Chromium; skips or, with REQUIRE_BROWSER=1, fails where there is none."""
    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if path is None:
        reason = "no Chromium on this machine: the browser journeys are not played"
        pytest.fail(reason) if os.environ.get("REQUIRE_BROWSER") == "1" else pytest.skip(reason)
    return path


@contextmanager
def profile(driver: Any, folder: Path, **options: Any) -> Iterator[Any]:
    """A browser with a profile on the disk, so that it can be killed and opened again."""
    context = driver.chromium.launch_persistent_context(
        str(folder),
        executable_path=chromium_path(),
        args=["--no-sandbox"],
        viewport={"width": 1280, "height": 900},
        locale="vi-VN",
        **options,
    )
    context.set_default_timeout(PATIENCE * 1000)
    try:
        yield context
    finally:
        with suppress(Exception):  # a test may have killed it
            context.close()


class Candidate:
    """Somebody at the page of their sitting. `given` is what they chose last, `promised` what the page said is saved."""

    def __init__(self, page: Any, platform: Served, sitting: Sitting) -> None:
        self.page, self.sitting = page, sitting
        self.base = f"http://127.0.0.1:{platform.port}"
        self.given: dict[int, str] = {}
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    @property
    def address(self) -> str:
        """Of the page."""
        return f"{self.base}/bai-thi/bai/{self.sitting.public_id}/"

    def sign_in(self) -> Candidate:
        """With a session of the server's own; the form is tried in test_browser.py."""
        client = Client()
        client.force_login(self.sitting.person)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        self.page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": self.base}])
        return self

    def open(self) -> Candidate:
        """Open the page and wait until it listens."""
        self.page.goto(self.address)
        return self.ready()

    def ready(self) -> Candidate:
        """Wait until the page has looked at what the device kept."""
        self.page.wait_for_selector("#paper.is-ready, #elsewhere[open]")
        return self

    def choose(self, slot: int, letter: int) -> None:
        """Choose the first, second or third answer as it is shown."""
        choice = self.page.locator(f"#q{slot} .answer input").nth(letter)
        choice.check(force=True)
        self.given[slot] = choice.get_attribute("value")

    def chosen(self, slot: int) -> str | None:
        """The value that the form shows."""
        value: str | None = self.page.evaluate(
            f"document.querySelector('#q{slot} .answer input:checked')?.value ?? null"
        )
        return value

    def says(self) -> str:
        """The line that says what is saved where."""
        return " ".join(self.page.inner_text("#saved").split())

    def wait_saved(self, seconds: float = 40) -> str:
        """Wait until the page says that everything is saved; what it said."""
        self.page.wait_for_selector("#saved.is-saved", timeout=seconds * 1000)
        return self.says()

    def hand_in(self) -> None:
        """Press the button and confirm."""
        self.page.click("#hand-in")
        self.page.click("#confirm-submit")

    def wait_receipt(self, seconds: float = 40) -> str:
        """Wait for the receipt; the digest on it."""
        self.page.wait_for_selector("#receipt:visible", timeout=seconds * 1000)
        return str(self.page.inner_text('[data-receipt="digest"]')).strip()


def logged(sitting: Sitting) -> dict[int, str]:
    """The answers that count in the log, by the names that the paper gives them."""
    from assessments.papers.disguise import disguised_response, names_of

    slots = {slot["slot"]: names_of(seed=sitting.paper.seed, slot=slot) for slot in sitting.paper.slots}
    rows = sitting.events.filter(kind="answer").order_by("seq")
    return {row.slot: disguised_response(row.response or {}, slots[row.slot]).get("choice", "") for row in rows}
