"""The page of a sitting in a real browser: what it says is saved is saved, and what is not is never lost."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from assessments.models import AnswerFile, Sitting
from assessments.services import accept_answer_file, start_sitting, submit_overdue
from tests.factories import make_person, make_quiz
from tests.journeys.sitting_page import Candidate, logged, profile
from tests.lms.served import Served, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.processes]
# Failing as asked, also for what a page sends while it is left, which the driver cannot hold back.
FAILING = """
const real = window.fetch;
const said = (status, text, type) => new Response(text, {status, headers: {"Content-Type": type}});
const failures = {
  cut: () => Promise.reject(new TypeError("Failed to fetch")),
  error: async () => said(500, "<h1>Server Error</h1>", "text/html"),
  portal: async () => said(200, "<h1>Wi-Fi</h1>", "text/html"),
  redirect: () => real("/hoc", {redirect: "manual"}),
  less: async () => said(200, '{"acknowledged": 0, "server_time": "2026-11-25T02:00:00Z"}', "application/json"),
};
window.fetch = (url, options) => {
  const failure = failures[localStorage.getItem("failure")];
  return failure && String(url).includes("/api/") ? failure() : real(url, options);
};
"""
NO_STORAGE = "Object.defineProperty(window, 'indexedDB', {get() { throw new DOMException('off', 'SecurityError') }})"


def begin(**rules: Any) -> Sitting:
    """A sitting that has just begun."""
    rules.setdefault("count", 6)
    rules.setdefault("time_limit_seconds", 3600)
    return start_sitting(person=make_person(), quiz=make_quiz(**rules), at=timezone.now())


def fail(one: Candidate, how: str) -> None:
    """Let every request of the page to the API fail in this way from now on; "" ends it."""
    one.page.evaluate("how => localStorage.setItem('failure', how)", how)


def at_the_page(context: Any, platform: Served, sitting: Sitting) -> Candidate:
    """Signed in, with the paper open."""
    return Candidate(context.new_page(), platform, sitting).sign_in().open()


def test_a_failed_save_and_a_reload_mark_nothing_as_saved(driver: Any, platform: Served, tmp_path: Path) -> None:
    sitting = begin()
    platform.start()
    with profile(driver, tmp_path / "profile") as context:
        context.add_init_script(FAILING)
        one = at_the_page(context, platform, sitting)
        for slot, failure in enumerate(("cut", "error", "portal", "redirect", "less"), start=1):
            fail(one, failure)
            one.choose(slot, slot % 3)
            one.page.wait_for_selector("#saved.is-offline")
            assert f"{slot} câu trả lời còn trên máy này" in one.says()
            one.page.reload()
            one.ready()
            assert one.chosen(slot) == one.given[slot]
            assert not one.page.query_selector("#saved.is-saved"), one.says()
            assert logged(sitting) == {}
        fail(one, "")
        assert "Đã lưu 5/6" in one.wait_saved()
        assert logged(sitting) == one.given
        one.page.reload()
        assert "Đã lưu 5/6" in one.ready().wait_saved()
        assert one.errors == []


def test_without_storage_the_page_says_so_and_forgets_honestly(driver: Any, platform: Served, tmp_path: Path) -> None:
    sitting = begin()
    platform.start()
    with profile(driver, tmp_path / "profile") as context:
        context.add_init_script(f"{NO_STORAGE};{FAILING}")
        one = at_the_page(context, platform, sitting)
        assert "chỉ ở trong trang này" in one.page.inner_text("#storage-warning")
        one.choose(1, 0)
        one.wait_saved()
        fail(one, "cut")
        one.choose(2, 1)
        one.page.wait_for_selector("#saved.is-offline", timeout=40_000)
        assert "1 câu trả lời còn chỉ ở trong trang này" in one.says()
        one.page.once("dialog", lambda dialog: dialog.accept())  # the browser asks before such a page is left
        one.page.reload()
        one.ready()
        assert one.chosen(2) is None
        assert "Đã lưu 1/6" in one.says()
        assert logged(sitting) == {1: one.given[1]}


def test_answers_of_an_older_page_move_over(driver: Any, platform: Served, tmp_path: Path) -> None:
    sitting = begin()
    platform.start()
    with profile(driver, tmp_path / "profile") as context:
        one = at_the_page(context, platform, sitting)
        value = one.page.locator("#q3 .answer input").nth(2).get_attribute("value")
        old = {"kind": "answer", "slot": 3, "response": {"choice": value}, "client_time": "2026-11-25T01:00:00.000Z"}
        key = f"hocso-sitting-{sitting.public_id}:answer:3"
        one.page.evaluate("([key, text]) => localStorage.setItem(key, text)", [key, json.dumps(old)])
        one.page.reload()
        one.ready().wait_saved()
        assert logged(sitting) == {3: value}
        assert one.page.evaluate("key => localStorage.getItem(key)", key) is None


def test_thirty_questions_take_at_most_twelve_requests_and_end_with_a_receipt(
    driver: Any, platform: Served, tmp_path: Path
) -> None:
    quiz, person = make_quiz(count=30, time_limit_seconds=3600), make_person()
    platform.start()
    with profile(driver, tmp_path / "profile") as context:
        page = context.new_page()
        Candidate(page, platform, Sitting(person=person)).sign_in()
        requests: list[str] = []
        page.on("request", lambda request: requests.append(f"{request.method} {request.url}"))
        page.goto(f"http://127.0.0.1:{platform.port}/bai-thi/{quiz.slug}/")
        page.click("main button.btn-primary")
        page.wait_for_selector("#paper.is-ready")
        one = Candidate(page, platform, Sitting.objects.get())
        for slot in range(1, 31):
            one.choose(slot, slot % 3)
            page.wait_for_timeout(150)
        one.hand_in()
        digest = one.wait_receipt()
        with page.expect_download() as kept:
            page.click("[data-keep]")
        assert digest in Path(kept.value.path()).read_text("utf-8")
        graded = Sitting.objects.filter(state=Sitting.State.GRADED)
        wait_until(graded.exists, "the marking", pause=0.2)  # the result page would ask every two seconds
        page.click("#receipt a.btn-primary")
        page.wait_for_selector(".verdict")
        counted = [line for line in requests if not re.search("/static/|/pulse|/nhip/|favicon|blob:|/media/", line)]
        assert len(counted) <= 12, counted
        one.sitting.refresh_from_db()
        assert one.sitting.events.filter(kind="submit").get().digest == digest
        assert logged(one.sitting) == one.given
        assert len(one.given) == 30


def test_two_tabs_and_two_devices_are_noticed_and_the_candidate_chooses(
    driver: Any, platform: Served, tmp_path: Path
) -> None:
    sitting = begin()
    platform.start()
    with profile(driver, tmp_path / "one") as context, profile(driver, tmp_path / "two") as elsewhere:
        one = at_the_page(context, platform, sitting)
        one.choose(1, 0)
        one.wait_saved()
        # A second tab stands by until it is chosen, and then has what the first one had, sent or not.
        context.set_offline(True)
        one.choose(2, 1)
        one.page.wait_for_selector("#saved.is-offline")
        context.set_offline(False)
        tab = Candidate(context.new_page(), platform, sitting).open()
        tab.page.wait_for_selector("#elsewhere[open]")
        assert "một thẻ khác" in tab.page.inner_text("#elsewhere-text")
        tab.page.click("#elsewhere-here")
        tab.ready().wait_saved()
        assert tab.chosen(2) == one.given[2]
        one.page.wait_for_selector("#elsewhere[open]")

        # Another device, which answers while this one has no network and answers the same question.
        tab.choose(3, 0)
        tab.wait_saved()
        context.set_offline(True)
        tab.choose(4, 0)
        tab.choose(5, 0)
        tab.page.wait_for_selector("#saved.is-offline", timeout=40_000)
        other = at_the_page(elsewhere, platform, sitting)
        other.page.wait_for_selector("#elsewhere[open]")
        assert "máy hoặc trình duyệt khác" in other.page.inner_text("#elsewhere-text")
        other.page.click("#elsewhere-here")
        other.ready()
        other.page.wait_for_selector("#elsewhere", state="hidden")
        assert other.chosen(3) == tab.given[3]
        other.choose(4, 1)
        other.choose(6, 2)
        other.wait_saved()
        context.set_offline(False)
        tab.page.wait_for_selector("#elsewhere[open]", timeout=60_000)
        tab.page.click("#elsewhere-here")
        tab.page.wait_for_selector("#differences[open]")
        shown = tab.page.inner_text("#differences")
        assert "Câu 4" in shown
        assert "Câu 5" not in shown
        tab.page.click('#differences [value="other"]')
        tab.page.click("#differences [data-done]")
        tab.wait_saved()
        assert tab.chosen(6) == other.given[6]
        assert tab.chosen(4) == other.given[4]
        expected = {1: one.given[1], 2: one.given[2], 3: tab.given[3], 4: other.given[4], 5: tab.given[5]}
        assert logged(sitting) == {**expected, 6: other.given[6]}
        # Both answers stay in the log, and which device wrote when.
        assert sitting.events.filter(kind="answer", slot=4).count() == 3
        assert sitting.events.filter(kind="device").count() == 2
        assert one.errors == tab.errors == other.errors == []


def test_when_the_network_never_returns_the_answers_come_as_a_sealed_file(
    driver: Any, platform: Served, tmp_path: Path
) -> None:
    sitting = begin(time_limit_seconds=3600, grace_seconds=0)
    platform.start()
    with profile(driver, tmp_path / "profile") as context:
        context.add_init_script(FAILING)
        one = at_the_page(context, platform, sitting)
        one.choose(1, 0)
        one.wait_saved()
        # Twenty seconds before the end the network goes and stays away.
        Sitting.objects.update(deadline_at=timezone.now() + timedelta(seconds=20))
        one.page.reload()
        one.ready()
        fail(one, "cut")
        one.choose(2, 1)
        one.choose(3, 2)
        one.page.wait_for_selector("#keep-file-button:visible", timeout=40_000)
        wait_until(lambda: "Chưa nộp được" in one.says(), "the time is over", seconds=40, pause=0.3)
        assert "1 câu đã ở máy chủ, 2 câu còn trên máy này" in one.says()
        with one.page.expect_download() as kept:
            one.page.click("#keep-file-button")
        content = Path(kept.value.path()).read_bytes()
        assert kept.value.suggested_filename.endswith(".hocso")
        assert one.given[2].encode() not in content
        submit_overdue(at=timezone.now())
        sitting.refresh_from_db()
        assert logged(sitting) == {1: one.given[1]}

        # Back in the network, the page of the sitting leads to what is on this device only.
        fail(one, "")
        one.page.wait_for_url("**/tep-bai-lam/", timeout=60_000)
        assert "2 câu trả lời" in one.page.inner_text("#leftover-text")
        one.page.click("#leftover-send")
        one.page.wait_for_selector("text=Trình duyệt này không còn câu trả lời nào")
        row = AnswerFile.objects.get()
        assert row.state == AnswerFile.State.WAITING
        accept_answer_file(answer_file=row, reason="Mất mạng cả phòng", by=make_person(), at=timezone.now())
        assert logged(sitting) == one.given

        # The file says the same; by now it brings nothing new.
        one.page.set_input_files("#file", {"name": "b.hocso", "mimeType": "application/json", "buffer": content})
        one.page.click("form button[type=submit]")
        one.page.wait_for_load_state()
        assert AnswerFile.objects.count() in (1, 2)
        assert one.errors == []
