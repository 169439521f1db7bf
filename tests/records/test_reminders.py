"""HR reminds who has not completed; a transcript tells no more than its day knew."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from people.exceptions import InvalidUnit
from people.models import OutgoingMail
from records.exceptions import ReportRefused
from records.queries import transcript, unit_completion
from records.services import remind_unit, reminders
from tests.conftest import NOW
from tests.factories import complete, load_small_pack, make_course, make_officer, make_person, make_unit, put_to_work

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 24)


def test_who_has_not_completed_is_reminded_once_a_week_in_their_language() -> None:
    unit, course = make_unit(), make_course(checks=1)
    done, late, english, silent = (
        make_person(email="xong@example.vn"),
        make_person(email="cham@example.vn"),
        make_person(email="late@example.vn", preferred_language="en"),
        make_person(),
    )
    for person in (done, late, english, silent):
        put_to_work(person, unit)
    complete(course, done)
    officer = make_officer(unit)
    sent = remind_unit(unit=unit, course=course, by=officer, at=NOW)
    assert (sent.written, sent.before, sent.without_address) == (2, 0, 1)
    again = remind_unit(unit=unit, course=course, by=officer, at=NOW + timedelta(days=1))
    assert (again.written, again.before) == (0, 2)
    mails = {mail.to: mail for mail in OutgoingMail.objects.all()}
    assert set(mails) == {"cham@example.vn", "late@example.vn"}
    assert course.title in mails["cham@example.vn"].subject
    assert "bạn chưa hoàn thành" in mails["cham@example.vn"].body
    assert "you have not completed" in mails["late@example.vn"].body
    next_week = remind_unit(unit=unit, course=course, by=officer, at=NOW + timedelta(days=7))
    assert next_week.written == 2


def test_too_many_at_once_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    unit, course = make_unit(), make_course(checks=1)
    put_to_work(make_person(), unit)
    monkeypatch.setattr(reminders, "MOST_AT_ONCE", 0)
    with pytest.raises(ReportRefused):
        remind_unit(unit=unit, course=course, by=make_officer(unit), at=NOW)


@pytest.mark.parametrize(("offset", "state"), [(-1, None), (0, "completed"), (1, "completed")])
def test_a_transcript_is_as_of_its_day(offset: int, state: str | None) -> None:
    person = make_person()
    complete(make_course(checks=1), person)
    rows = transcript(person=person, as_of=TODAY + timedelta(days=offset))
    assert [row.state for row in rows] == ([state] if state else [])


def test_a_completion_of_later_is_still_learning_before() -> None:
    person = make_person()
    course = make_course(checks=1)
    complete(course, person)
    person.enrolments.update(enrolled_at=NOW - timedelta(days=10))
    row = transcript(person=person, as_of=TODAY - timedelta(days=1))[0]
    assert (row.state, row.completed_at, row.certificate) == ("learning", None, None)


def test_the_page_shows_the_number_then_who_is_late(client: Any) -> None:
    course = load_small_pack()
    unit = make_unit(code="SO")
    done, late = make_person(name="Lê Đã Xong"), make_person(name="Trần Chưa Xong")
    for person in (done, late):
        put_to_work(person, unit)
    complete(course, done)
    client.force_login(make_officer(unit))
    page = client.get("/nhan-su/don-vi/SO/").content.decode()
    assert "50,0%" in page
    assert "Trần Chưa Xong" in page
    assert "Lê Đã Xong" not in page
    assert "Nhắc qua email" in page
    assert "Lê Đã Xong" in client.get("/nhan-su/don-vi/SO/?state=completed").content.decode()
    assert unit_completion(unit=unit, course=course, as_of=TODAY + timedelta(days=1)).completed_lately == 1


@pytest.mark.parametrize("day", ["31/02/2026", "hôm qua", "01/01/2100"])
def test_a_day_that_is_none_or_still_to_come_is_said_and_today_is_shown(client: Any, day: str) -> None:
    load_small_pack()
    unit = make_unit(code="SO")
    client.force_login(make_officer(unit))
    page = client.get("/nhan-su/don-vi/SO/", {"as_of": day}).content.decode()
    assert "Đang hiện số liệu hôm nay" in page


@pytest.mark.parametrize("code", ["A/B", "../x", "<b>", "A B", ".x", ""])
def test_a_unit_code_fits_into_addresses_and_file_names(code: str) -> None:
    from people.services import open_unit

    with pytest.raises(InvalidUnit):
        open_unit(code=code, name="Đơn vị", valid_from=TODAY, by=None)
