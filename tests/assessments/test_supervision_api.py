"""What a candidate's page is told of officers' acts: by notices, by a header, by a pulse without a session."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments.models import Quiz, Sitting
from assessments.services import start_sitting
from assessments.services.access import grant_accommodation
from assessments.services.supervision import extend_sittings, message_sittings, note_sittings, pause_sittings
from assessments.supervision_api import pulse_url
from people.models import Person
from tests.assessments.test_sitting_api import address_of, post, signed_in
from tests.factories import make_officer, make_person, make_quiz, make_unit

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> Person:
    return make_person()


@pytest.fixture
def officer() -> Person:
    return make_officer(make_unit(), "exam_officer")


@pytest.fixture
def sitting(person: Person) -> Sitting:
    return start_sitting(person=person, quiz=make_quiz(time_limit_seconds=3600), at=timezone.now())


def act(does: Any, sitting: Sitting, officer: Person, key: str, **more: Any) -> None:
    rows = Sitting.objects.filter(pk=sitting.pk)
    does(sittings=rows, by=officer, at=timezone.now(), key=key, **{"reason": "Mất điện", **more})


def notices(client: Client, sitting: Sitting, after: int = 0) -> Any:
    return client.get(address_of(sitting, "sitting_notices"), {"after": after})


def test_notices_are_told_in_order_after_the_last_one_known(person: Person, officer: Person, sitting: Sitting) -> None:
    act(message_sittings, sitting, officer, "1", text="Còn 15 phút")
    act(note_sittings, sitting, officer, "2", reason="Nhìn bài bên cạnh")
    act(extend_sittings, sitting, officer, "3", minutes=5)
    act(pause_sittings, sitting, officer, "4")
    client = signed_in(person)
    answer = notices(client, sitting).json()
    assert [(row["number"], row["kind"], row["text"], row["seconds"]) for row in answer["notices"]] == [
        (1, "message", "Còn 15 phút", None),
        (3, "extend", "", 300),
        (4, "pause", "", None),
    ]
    assert answer["paused"] is True
    assert "Mất điện" not in str(answer)
    assert "Nhìn bài" not in str(answer)
    assert [row["number"] for row in notices(client, sitting, after=3).json()["notices"]] == [4]
    assert notices(client, sitting, after=99).json()["notices"] == []
    assert notices(client, sitting, after=10**30).status_code == 200


def test_notices_are_for_the_candidate_alone(officer: Person, sitting: Sitting) -> None:
    assert notices(signed_in(make_person()), sitting).status_code == 404
    assert notices(signed_in(officer), sitting).status_code == 404
    assert notices(Client(), sitting).status_code == 401


def test_an_acknowledgement_says_how_many_notices_there_are_and_the_new_deadline(
    person: Person, officer: Person, sitting: Sitting
) -> None:
    client = signed_in(person)
    before = post(client, address_of(sitting), {"events": []})
    act(extend_sittings, sitting, officer, "1", minutes=5)
    after = post(client, address_of(sitting), {"events": [{"seq": 1, "slot": 1, "response": {"choice": None}}]})
    assert (before["X-Notices"], after["X-Notices"]) == ("0", "1")
    assert before.json()["deadline"] < after.json()["deadline"]


def test_the_pulse_needs_no_session_and_at_most_two_queries_by_key(officer: Person, sitting: Sitting) -> None:
    address, stranger = pulse_url(sitting), Client()
    for queries in (2, 1):  # that it was heard of is written down every fifteen seconds only
        with CaptureQueriesContext(connection) as seen:
            answer = stranger.get(address)
        assert len(seen) == queries
    sitting.refresh_from_db()
    assert answer.json() == {
        "notices": 0,
        "deadline": sitting.deadline_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "paused": False,
    }
    assert answer["Cache-Control"] == "no-store"
    assert not answer.cookies
    act(pause_sittings, sitting, officer, "1")
    assert stranger.get(address).json()["notices"] == 1
    assert stranger.get(address).json()["paused"] is True
    sitting.refresh_from_db()
    assert timezone.now() - sitting.last_seen_at < timedelta(seconds=60)


@pytest.mark.parametrize("token", ["1", "1:x", "x", "9999999:abc", "1:" + "a" * 43])
def test_a_pulse_that_was_made_up_is_not_there(sitting: Sitting, token: str) -> None:
    assert Client().get(reverse("assessments:pulse", args=[token])).status_code == 404
    assert Client().post(pulse_url(sitting)).status_code == 405


def test_starting_tells_of_the_pulse_and_asks_for_password_and_place(person: Person, officer: Person) -> None:
    quiz = make_quiz(password="hoa sen", ip_ranges="10.1.2.0/24", time_limit_seconds=600)
    client, address = signed_in(person), reverse("api:start_sitting", args=[quiz.pk])
    outside = post(client, address, {"password": "hoa sen"})
    assert (outside.status_code, outside.json()["code"]) == (409, "place")
    room = {"REMOTE_ADDR": "10.1.2.9"}
    for given, code in (({}, "password"), ({"password": "hoa"}, "password")):
        refused = post(client, address, given, **room)
        assert (refused.status_code, refused.json()["code"]) == (409, code)
    assert post(client, address, b"", **room).json()["code"] == "password"  # with no body at all
    grant_accommodation(quiz=quiz, person=person, extra_minutes=5, reason="Khiếm thị", by=officer, at=timezone.now())
    started = post(client, address, {"password": "hoa sen"}, **room).json()
    assert (started["notices"], started["paused"]) == (0, False)
    assert Client().get(started["pulse_url"]).status_code == 200


def test_the_page_asks_for_the_password_and_tells_the_time_with_the_extra(person: Person, officer: Person) -> None:
    quiz = make_quiz(password="hoa sen", time_limit_seconds=3600)
    grant_accommodation(quiz=quiz, person=person, extra_minutes=30, reason="Khiếm thị", by=officer, at=timezone.now())
    client, address = signed_in(person), reverse("assessments:quiz_start", args=[quiz.slug])
    page = client.get(address).content.decode()
    assert 'name="password"' in page
    assert "1 giờ 30 phút" in page
    assert "Đã tính cả thời gian được thêm của bạn." in page
    wrong = client.post(address, {"password": "sen"}, follow=True).content.decode()
    assert "Mật khẩu không đúng." in wrong
    right = client.post(address, {"password": "hoa sen"})
    sitting = Sitting.objects.get()
    assert right.headers["Location"] == reverse("assessments:sitting", args=[sitting.public_id])
    paper = client.get(right.headers["Location"]).content.decode()
    assert pulse_url(sitting) in paper
    assert address_of(sitting, "sitting_notices") in paper


def test_outside_its_room_a_paper_is_not_shown(person: Person) -> None:
    quiz = make_quiz(ip_ranges="10.1.2.0/24")
    sitting = start_sitting(person=person, quiz=quiz, address="10.1.2.9", at=timezone.now())
    client, address = signed_in(person), reverse("assessments:sitting", args=[sitting.public_id])
    assert client.get(address, REMOTE_ADDR="10.1.2.10").status_code == 200
    outside = client.get(address, follow=True)
    assert "máy này (127.0.0.1) không thuộc phòng nào" in outside.content.decode()
    assert "Tiếp tục" not in outside.content.decode()


def test_a_quiz_that_asks_for_nothing_starts_as_before(person: Person) -> None:
    quiz: Quiz = make_quiz()
    assert post(signed_in(person), reverse("api:start_sitting", args=[quiz.pk]), b"").status_code == 200
