"""What a sitting's page does in an exam room: messages, pauses, more time, parts one after the other, single checks."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from assessments.models import Sitting
from assessments.services import start_sitting
from assessments.services.supervision import extend_sittings, message_sittings, pause_sittings, resume_sittings
from people.models import RoleGrant
from tests.assessments.test_sitting_behaviours import fixed_quiz
from tests.factories import make_officer, make_person, make_unit
from tests.journeys.sitting_page import logged, profile
from tests.journeys.test_sitting_browser import at_the_page, begin
from tests.lms.served import Served, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.processes]


def test_the_exam_room_is_heard_within_seconds(driver: Any, platform: Served, tmp_path: Path) -> None:
    sitting = begin(time_limit_seconds=1800)
    officer = make_officer(make_unit(), RoleGrant.Role.EXAM_OFFICER)
    rows = Sitting.objects.filter(pk=sitting.pk)
    platform.start()
    with profile(driver, tmp_path / "profile") as context:
        one = at_the_page(context, platform, sitting)
        assert one.page.inner_text("#clock") < "30:01"
        now = timezone.now()
        message_sittings(sittings=rows, text="Còn ít giấy nháp ở bàn đầu", by=officer, at=now, key="m1")
        one.page.wait_for_selector("#notices:visible")
        assert "Còn ít giấy nháp ở bàn đầu" in one.page.inner_text("#notices")
        one.page.click("#notices-read")
        extend_sittings(sittings=rows, minutes=30, reason="Mất điện", by=officer, at=now, key="e1")
        wait_until(lambda: one.page.inner_text("#clock") > "50", "more time on the clock", seconds=30, pause=0.3)
        assert "Bạn được thêm 30 phút" in one.page.inner_text("#notices")

        pause_sittings(sittings=rows, reason="Báo cháy", by=officer, at=timezone.now(), key="p1")
        one.page.wait_for_selector("#pause[open]")
        shown = one.page.inner_text("#clock")
        one.page.wait_for_timeout(2500)
        assert one.page.inner_text("#clock") == shown
        one.page.keyboard.press("Escape")
        assert one.page.query_selector("#pause[open]")
        resume_sittings(sittings=rows, reason="Hết báo cháy", by=officer, at=timezone.now(), key="r1")
        one.page.wait_for_selector("#pause", state="hidden")
        one.choose(1, 0)
        one.wait_saved()
        assert logged(sitting) == one.given

        # A pause that is longer than what was left hands nothing in, also where the page was opened in it.
        Sitting.objects.update(deadline_at=timezone.now() + timedelta(seconds=20))
        wait_until(lambda: one.page.inner_text("#clock") < "00:20", "the last seconds", seconds=15, pause=0.2)
        pause_sittings(sittings=rows, reason="Mất điện", by=officer, at=timezone.now(), key="p2")
        one.page.wait_for_selector("#pause[open]")
        sitting.refresh_from_db()
        wait_until(lambda: timezone.now() > sitting.deadline_at, "the old deadline", pause=0.2)  # type: ignore[operator]
        one.page.reload()
        one.page.wait_for_selector("#pause[open]")
        assert one.page.inner_text("#clock") > "00:00"
        resume_sittings(sittings=rows, reason="Có điện", by=officer, at=timezone.now(), key="r2")
        one.page.wait_for_selector("#pause", state="hidden")
        assert Sitting.objects.get().state == Sitting.State.OPEN
        one.wait_receipt(90)
        assert logged(sitting) == one.given
        assert one.errors == []


def test_parts_and_single_checks(driver: Any, platform: Served, tmp_path: Path) -> None:
    parts = [{"title": "Trắc nghiệm", "time_limit_seconds": 900}, {"title": "Thực hành", "time_limit_seconds": 900}]
    quiz = fixed_quiz(parts, [{}, {}, {"section": 2}], behaviour="immediate_certainty")
    sitting = start_sitting(person=make_person(), quiz=quiz, at=timezone.now())
    platform.start()
    with profile(driver, tmp_path / "profile") as context:
        one = at_the_page(context, platform, sitting)
        assert "Trắc nghiệm" in one.page.inner_text(".part-title")
        # Checked at once; how sure one is goes with the answer.
        one.choose(1, 0)
        one.page.select_option("#q1 [name=certainty-1]", "3")
        one.page.click("#q1 [name=check]")
        one.page.wait_for_selector("#q1 .try-outcome")
        assert one.page.evaluate("document.querySelector('#q1 .answer').inert")
        assert one.page.evaluate("document.activeElement.className") == "try-outcome"
        event = sitting.events.filter(kind="check", slot=1).get()
        assert (event.response or {}).get("certainty") == 3
        # Everything of a part is sent before it is left.
        one.choose(2, 1)
        one.page.select_option("#q2 [name=certainty-2]", "1")
        one.page.click("#next-part")
        assert "Kết thúc phần này" in one.page.inner_text("#confirm-title")
        one.page.click("#confirm-submit")
        one.page.wait_for_selector("#q3.question")
        one.ready()
        assert "Thực hành" in one.page.inner_text(".part-title")
        assert logged(sitting)[2] == one.given[2]
        # The time of the last part ends the sitting by itself.
        Sitting.objects.update(deadline_at=timezone.now() + timedelta(seconds=20), section_deadline_at=None)
        one.page.reload()
        one.ready()
        one.choose(3, 2)
        one.wait_receipt(90)
        assert logged(sitting)[3] == one.given[3]
        assert one.errors == []
