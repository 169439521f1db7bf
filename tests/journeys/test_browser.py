"""In a real browser, as the four people who use the platform: nothing mocked, real server, real worker."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lms.demo.people import PASSWORD
from tests.lms.served import ROOT, free_port, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.processes]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="module")
def played(tmp_path_factory: Any) -> Iterator[str]:
    """A platform on which the journey was played, being served; its address."""
    import signal
    import subprocess
    import sys
    import urllib.request

    folder: Path = tmp_path_factory.mktemp("played")
    environment = {
        **{k: v for k, v in os.environ.items() if k not in ("DJANGO_SETTINGS_MODULE", "TEST_DATABASE_URL")},
        "VAR_DIR": str(folder),
        "PORT": str(free_port()),
        "SWEEP_SECONDS": "2",
    }
    run = [sys.executable, str(ROOT / "manage.py")]
    subprocess.run([*run, "journey"], env=environment, check=True, stdout=subprocess.DEVNULL)
    server = subprocess.Popen([*run, "serve"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    base = f"http://127.0.0.1:{environment['PORT']}"

    def answers() -> bool:
        try:
            with urllib.request.urlopen(f"{base}/", timeout=5):
                return True
        except OSError:
            return False

    wait_until(answers, "the first page")
    yield base
    server.send_signal(signal.SIGTERM)
    server.wait(10)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """The system's Chromium."""
    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if path is None:
        reason = "no Chromium on this machine: the browser journeys are not played"
        pytest.fail(reason) if os.environ.get("REQUIRE_BROWSER") == "1" else pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(params=[(360, 740), (1280, 800)], ids=["phone", "desk"])
def page(browser: Any, request: Any) -> Iterator[Any]:
    """A fresh visitor, on a phone and on a desk; a script error fails the test."""
    width, height = request.param
    context = browser.new_context(viewport={"width": width, "height": height}, locale="vi-VN")
    visitor = context.new_page()
    errors: list[str] = []
    visitor.on("pageerror", lambda error: errors.append(str(error)))
    yield visitor
    context.close()
    assert errors == []


def sign_in(page: Any, base: str, login: str) -> None:
    page.goto(f"{base}/tai-khoan/login/")
    page.fill("[name=login]", login)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(re.compile(r"/(hoc|quan-tri)/"))


def no_sideways_scrolling(page: Any) -> None:
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), page.url


def test_a_citizen_enrols_reads_and_passes_a_check_that_saves_itself(page: Any, played: str) -> None:
    login = f"dan{page.viewport_size['width']}@example.vn"
    page.goto(f"{played}/tai-khoan/signup/")
    page.fill("[name=full_name]", "Đặng Thị Út")
    page.fill("[name=email]", login)
    page.fill("[name=password1]", PASSWORD)
    page.fill("[name=password2]", PASSWORD)
    page.press("[name=password2]", "Enter")
    page.wait_for_url(re.compile("/hoc/"))
    page.goto(f"{played}/khoa-hoc/dich-vu-cong-truc-tuyen/")
    no_sideways_scrolling(page)
    page.click("text=Ghi danh miễn phí")
    page.wait_for_url(re.compile("dich-vu-cong-la-gi"))
    no_sideways_scrolling(page)
    page.click("text=Tôi đã đọc xong")
    page.wait_for_url(re.compile("/bai-thi/"))
    page.click("main button.btn-primary")
    page.wait_for_url(re.compile("/bai/"))
    no_sideways_scrolling(page)
    for question in page.query_selector_all("[data-slot] .answer"):
        answer(question)
    page.wait_for_selector("#saved.is-saved")
    assert "Đã lưu 5/5" in page.inner_text("#saved")
    checked = page.evaluate("[...document.querySelectorAll('input:checked')].map(i => i.name + i.value)")
    page.reload()
    assert page.evaluate("[...document.querySelectorAll('input:checked')].map(i => i.name + i.value)") == checked
    page.click("#hand-in")
    assert "Bạn đã trả lời mọi câu" in page.inner_text("#confirm-text")
    page.click("#confirm-submit")
    page.click("#receipt a.btn-primary")
    page.wait_for_selector(".verdict", timeout=30_000)
    assert page.query_selector_all(".question .feedback")


def answer(place: Any, which: int = 0) -> None:
    """Give some answer: the first choice, the last, … of the question at `place`."""
    fields = place.query_selector_all("input, select")
    kind = fields[0].get_attribute("type")
    if kind in ("radio", "checkbox"):
        fields[which].check()
    elif kind == "text":
        fields[0].fill(f"thử {which}")
    else:
        for field in fields:
            field.select_option(index=1 if which == 0 else 2)


def sit_exam(page: Any, base: str) -> None:
    """Start the exam, or go on with it."""
    page.goto(f"{base}/bai-thi/ky-nang-so-cong-chuc/")
    page.click("main button.btn-primary")
    page.wait_for_url(re.compile("/bai/"))
    go_on_here(page)


def go_on_here(page: Any) -> None:
    """Phone and desk are two devices, and two tabs are two: the candidate chooses the one at hand."""
    page.wait_for_selector("#paper.is-ready, #elsewhere[open]")
    if page.query_selector("#elsewhere[open]"):
        page.click("#elsewhere-here")
        page.wait_for_selector("#paper.is-ready:not([inert])")


def test_answers_given_without_network_are_kept_and_sent_later(page: Any, played: str) -> None:
    sign_in(page, played, "nguoidan@hocso.example")
    sit_exam(page, played)
    page.context.set_offline(True)
    # The desk goes on where the phone stopped, so it gives another answer.
    answer(page.query_selector("[data-slot='1'] .answer"), 0 if page.viewport_size["width"] == 360 else -1)
    page.wait_for_selector("#saved.is-offline", timeout=15_000)
    assert "1 câu trả lời còn trên máy này" in page.inner_text("#saved")
    page.context.set_offline(False)
    page.wait_for_selector("#saved.is-saved", timeout=15_000)
    assert ":" in page.inner_text("#clock")


def test_an_exam_survives_tabs_signing_out_and_no_network_at_its_end(page: Any, played: str) -> None:
    sign_in(page, played, "giangvien@hocso.example")
    sit_exam(page, played)
    address = page.url
    answer(page.query_selector("[data-slot='1'] .answer"))
    page.wait_for_selector("#saved.is-saved")
    other = page.context.new_page()
    other.goto(address)
    go_on_here(other)
    answer(other.query_selector("[data-slot='2'] .answer"))
    other.wait_for_selector("#saved.is-saved")
    page.bring_to_front()
    go_on_here(page)
    answer(page.query_selector("[data-slot='3'] .answer"))
    page.check("[data-slot='3'] .flag input")
    page.wait_for_selector("#saved.is-saved")

    page.context.clear_cookies()
    answer(page.query_selector("[data-slot='4'] .answer"))
    page.wait_for_selector("#sign-in:visible", timeout=40_000)
    assert "còn trên máy này" in page.inner_text("#saved")
    page.click("#sign-in")
    page.fill("[name=login]", "giangvien@hocso.example")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(address)
    page.wait_for_selector("#saved.is-saved", timeout=40_000)
    assert "Đã lưu 4/50" in page.inner_text("#saved")
    answer(page.query_selector("[data-slot='4'] .answer"), -1)
    page.wait_for_selector("#saved.is-saved")

    page.context.set_offline(True)
    answer(page.query_selector("[data-slot='5'] .answer"))
    page.click("#hand-in")
    assert "Đã trả lời 5/50" in page.inner_text("#confirm-text")
    assert page.inner_text("#confirm-flagged ul").strip() == "3"
    page.click("#confirm-submit")
    page.wait_for_selector("#saved.is-offline", timeout=15_000)
    assert "sẽ được nộp khi có mạng" in page.inner_text("#saved")
    page.context.set_offline(False)
    page.wait_for_selector("#receipt:visible", timeout=60_000)
    page.click("#receipt a.btn-primary")
    page.wait_for_selector(".verdict", timeout=60_000)
    other.bring_to_front()
    other.click("#elsewhere-here")
    other.wait_for_url(re.compile("/ket-qua/"), timeout=15_000)


def test_a_check_is_sat_with_the_keyboard_alone(page: Any, played: str) -> None:
    sign_in(page, played, "khaothi@hocso.example")
    sit_exam(page, played)
    page.wait_for_selector(".has-script")
    was_flagged = page.is_checked("[data-slot='1'] .flag input")
    page.focus("[data-slot='1'] .answer input, [data-slot='1'] .answer select")
    page.keyboard.press("Space")
    page.focus("[data-slot='1'] .flag input")
    page.keyboard.press("Space")
    page.wait_for_selector("#saved.is-saved")
    assert ("flagged" in (page.get_attribute("[data-nav='1']", "class") or "")) is not was_flagged
    page.focus("#hand-in")
    page.keyboard.press("Enter")
    page.wait_for_selector("#confirm[open]")
    page.keyboard.press("Escape")
    assert not page.query_selector("#confirm[open]")
    assert page.evaluate("document.activeElement.id") == "hand-in"


def test_an_untimed_check_is_sat_without_javascript(browser: Any, played: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740}, locale="vi-VN")
    page = context.new_page()
    page.goto(f"{played}/tai-khoan/signup/")
    page.fill("[name=full_name]", "Đặng Văn Tư")
    page.fill("[name=email]", "khong-script@example.vn")
    page.fill("[name=password1]", PASSWORD)
    page.fill("[name=password2]", PASSWORD)
    page.press("[name=password2]", "Enter")
    page.goto(f"{played}/khoa-hoc/dich-vu-cong-truc-tuyen/")
    page.click("text=Ghi danh miễn phí")
    page.click("text=Tôi đã đọc xong")
    page.click("main button.btn-primary")
    page.wait_for_url(re.compile("/bai/"))
    places = page.query_selector_all("[data-slot] .answer")
    answer(places[0])
    page.click("button[name=save]")
    assert "Đã trả lời 1/5" in " ".join(page.inner_text("#saved").split())
    for place in page.query_selector_all("[data-slot] .answer"):
        answer(place)
    page.click("#hand-in")
    page.wait_for_url(re.compile("/ket-qua/"))
    wait_until(lambda: page.reload() and page.query_selector(".verdict"), "the verdict", pause=1)
    assert not page.query_selector_all(".outcome-unanswered")
    context.close()


def test_an_hr_officer_sees_the_unit_and_its_people(page: Any, played: str) -> None:
    sign_in(page, played, "nhansu@hocso.example")
    page.goto(f"{played}/nhan-su/don-vi/TN/?course=an-toan-thong-tin")
    assert "Tôn Nữ Diệu Ái" in page.inner_text("#people")  # who is late comes first
    page.click("main a:text-is('Đã hoàn thành')")
    page.wait_for_url(re.compile("state=completed"))
    assert "Nguyễn Thị Hương" in page.inner_text("#people")
    no_sideways_scrolling(page)


def test_an_instructor_finds_and_tries_a_question(page: Any, played: str) -> None:
    sign_in(page, played, "giangvien@hocso.example")
    listing = page.context.request.get(f"{played}/quan-tri/cau-hoi/?q=mat+khau").text()
    link = re.search(r'href="([^"]*/cau-hoi/\d+/thu/)"', listing)  # in a menu that the page builds when it is opened
    assert link is not None
    page.goto(f"{played}{link.group(1)}")
    assert page.query_selector(".stem")
    page.query_selector("main form input:not([type=hidden]), main form select").focus()
    page.click("main form button")
    assert "Điểm" in page.inner_text("main")


def test_an_instructor_writes_a_question_and_sees_it_as_a_candidate_will(page: Any, played: str) -> None:
    sign_in(page, played, "giangvien@hocso.example")
    page.goto(f"{played}/quan-tri/cau-hoi/moi/")
    page.check("[value=single_choice]")
    page.click("form.hs-form button")
    page.wait_for_url(re.compile("/single_choice/"))
    page.fill("[name=body-stem_0]", "Mật khẩu nào **mạnh** hơn?")
    page.fill("[name=body-choices-0-text_0]", "123456")
    page.fill("[name=body-choices-1-text_0]", "một câu dài")
    page.click("[data-row]:nth-child(2) [data-move='-1']")
    preview = page.frame_locator("[name=preview]")
    preview.locator("text=Chưa có phương án đúng").wait_for()
    page.check("[name=body-choices-1-correct]")
    assert preview.locator(".stem strong").inner_text() == "mạnh"
    preview.locator(".choice", has_text="một câu dài").click()  # the preview shuffles
    preview.locator("button").click()
    preview.locator("text=Điểm: 1 trên 1").wait_for()
    page.click("form.hs-form button:text-is('Lưu')")
    assert "“Tên gọi” còn trống" in page.inner_text("#problems")
    page.fill("[name=name]", "Mật khẩu mạnh")
    page.select_option("[name=status]", "in_review")
    page.click("form.hs-form button:text-is('Lưu')")
    page.wait_for_url(re.compile(r"/cau-hoi/\d+/$"))
    assert page.input_value("[data-row]:nth-child(1) textarea") == "một câu dài"
    no_sideways_scrolling(page)


def test_anybody_verifies_a_certificate_without_an_account(page: Any, played: str) -> None:
    sign_in(page, played, "CC0001")
    page.goto(f"{played}/chung-chi/")
    page.click("main .card a")
    page.wait_for_url(re.compile("/chung-chi/.+"))
    page.wait_for_selector("h1")
    no_sideways_scrolling(page)
    code = re.search(r"[0-9A-Z]{5}(-[0-9A-Z]{5}){3}", page.inner_text("main"))
    assert code is not None
    page.context.clear_cookies()
    page.goto(f"{played}/kiem-tra/")
    page.fill("#code", code.group(0).lower())
    page.press("#code", "Enter")
    assert "Có giá trị" in page.inner_text(".verify-answer")
    no_sideways_scrolling(page)
