"""Accommodations, passwords and rooms: who comes in, how long, how often, and what is refused."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from assessments.exceptions import AccessRefused, EntryRefused, SittingRefused
from assessments.models import Accommodation, PasswordGuard, Quiz, Sitting
from assessments.services import record_responses, start_sitting, submit_overdue, submit_sitting
from assessments.services.access import (
    MOST_WRONG,
    WAIT,
    give_extra_time,
    grant_accommodation,
    settle_extra_time,
    terms_for,
    withdraw_accommodation,
)
from assessments.services.registration import register_people
from common.messages import in_both
from people.models import Person
from tests.conftest import NOW
from tests.factories import make_officer, make_person, make_quiz, make_unit, put_to_work

pytestmark = pytest.mark.django_db
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
PLACE = {"address": "10.1.2.7"}


@pytest.fixture
def officer() -> Person:
    return make_officer(make_unit(), "exam_officer")


@pytest.fixture
def person() -> Person:
    return make_person()


def grant(quiz: Quiz, officer: Person, **what: Any) -> Accommodation:
    return grant_accommodation(quiz=quiz, by=officer, at=NOW, **{"reason": "Khiếm thị", **what})


# Starting on one's own terms ----------------------------------------------------------------------------------


def test_extra_time_is_in_the_deadline_of_who_has_it_and_of_nobody_else(officer: Person, person: Person) -> None:
    quiz = make_quiz(time_limit_seconds=3600)
    grant(quiz, officer, person=person, extra_minutes=15)
    mine = start_sitting(person=person, quiz=quiz, at=NOW)
    assert mine.deadline_at == NOW + 75 * MINUTE
    assert mine.granted_seconds == 900
    assert start_sitting(person=make_person(), quiz=quiz, at=NOW).deadline_at == NOW + 60 * MINUTE


def test_extra_time_goes_beyond_the_closing_that_the_others_have(officer: Person, person: Person) -> None:
    quiz = make_quiz(time_limit_seconds=3600, closes_at=NOW + 60 * MINUTE)
    grant(quiz, officer, person=person, time_factor=Decimal("1.5"))
    assert start_sitting(person=person, quiz=quiz, at=NOW).deadline_at == NOW + 90 * MINUTE


def test_a_unit_grants_to_who_works_in_it_or_below_it_now(officer: Person) -> None:
    quiz, above = make_quiz(time_limit_seconds=600), make_unit(name="Sở")
    below, beside = make_unit(parent=above), make_unit()
    people = [make_person(), make_person(), make_person(), make_person()]
    for who, unit in zip(people, (above, below, beside), strict=False):
        put_to_work(who, unit)
    grant(quiz, officer, unit=above, extra_minutes=5)
    extra = [terms_for(person=who, quiz=quiz, at=NOW).extra_seconds(600) for who in people]
    assert extra == [300, 300, 0, 0]


def test_a_room_grants_to_who_is_registered_in_it(officer: Person, person: Person) -> None:
    quiz, other = make_quiz(), make_person()
    register_people(quiz=quiz, people=[person], room="P1", by=officer, at=NOW)
    register_people(quiz=quiz, people=[other], room="P2", by=officer, at=NOW)
    grant(quiz, officer, room=" P1 ", extra_minutes=5)
    assert terms_for(person=person, quiz=quiz, at=NOW).extra_seconds(600) == 300
    assert terms_for(person=other, quiz=quiz, at=NOW).extra_seconds(600) == 0


def test_an_extra_attempt_is_one_more(officer: Person, person: Person) -> None:
    quiz = make_quiz(attempts_allowed=1)
    submit_sitting(sitting=start_sitting(person=person, quiz=quiz, at=NOW), by=person, at=NOW)
    with pytest.raises(SittingRefused):
        start_sitting(person=person, quiz=quiz, at=NOW)
    grant(quiz, officer, person=person, extra_attempts=1)
    submit_sitting(sitting=start_sitting(person=person, quiz=quiz, at=NOW), by=person, at=NOW)
    with pytest.raises(SittingRefused) as refusal:
        start_sitting(person=person, quiz=quiz, at=NOW)
    assert in_both(refusal.value).endswith("You have used all your attempts.")


@pytest.mark.parametrize(("seconds", "opens"), [(-1, False), (0, True), (599, True), (600, False), (601, False)])
def test_an_own_window_is_exact_at_both_ends(officer: Person, person: Person, seconds: int, opens: bool) -> None:
    quiz = make_quiz(opens_at=NOW + 99 * MINUTE, closes_at=NOW + 100 * MINUTE)
    quiz.closes_at = NOW + 5 * MINUTE
    quiz.opens_at = NOW + 4 * MINUTE
    quiz.save()
    grant(quiz, officer, person=person, opens_at=NOW, closes_at=NOW + 10 * MINUTE)
    if opens:
        assert start_sitting(person=person, quiz=quiz, at=NOW + seconds * SECOND).pk
    else:
        with pytest.raises(SittingRefused):
            start_sitting(person=person, quiz=quiz, at=NOW + seconds * SECOND)


def test_what_is_withdrawn_holds_no_more_and_stays_in_the_log(officer: Person, person: Person) -> None:
    quiz = make_quiz(time_limit_seconds=600)
    row = grant(quiz, officer, person=person, extra_minutes=5)
    withdraw_accommodation(accommodation=row, reason="Nhầm người", by=officer, at=NOW + MINUTE)
    again = withdraw_accommodation(accommodation=row, reason="Lần nữa", by=officer, at=NOW + 2 * MINUTE)
    assert (again.withdrawn_reason, again.withdrawn_at) == ("Nhầm người", NOW + MINUTE)
    assert terms_for(person=person, quiz=quiz, at=NOW).extra_seconds(600) == 0
    with pytest.raises(IntegrityError), transaction.atomic():
        row.delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        Accommodation.objects.filter(pk=row.pk).update(extra_minutes=90)


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ({"extra_minutes": 5, "reason": " "}, "an accommodation needs a reason"),
        ({}, "Nothing is granted yet"),
        ({"extra_minutes": 24 * 60 + 1}, "from 0 to 1440 minutes"),
        ({"extra_minutes": -1}, "from 0 to 1440 minutes"),
        ({"time_factor": Decimal("0.9")}, "multiplied by 1 to 10"),
        ({"extra_attempts": 101}, "from 0 to 100"),
        ({"ip_ranges": "phòng 1"}, "one network a line"),
        ({"opens_at": NOW, "closes_at": NOW}, "closes before it opens"),
        ({"extra_minutes": 5, "room": "P1"}, "a person, a unit or a room"),
    ],
)
def test_senseless_accommodations_are_refused_and_change_nothing(
    officer: Person, person: Person, what: dict[str, Any], said: str
) -> None:
    with pytest.raises(AccessRefused) as refusal:
        grant(make_quiz(), officer, person=person, **what)
    vietnamese, english = in_both(refusal.value).split(" / ")
    assert said in english
    assert vietnamese != english
    assert not Accommodation.objects.exists()


def test_asking_for_terms_takes_one_query_where_nothing_is_granted_and_few_elsewhere(
    officer: Person, person: Person
) -> None:
    quiz = Quiz.objects.select_related("current_version").get(pk=make_quiz().pk)
    with CaptureQueriesContext(connection) as plain:
        terms_for(person=person, quiz=quiz, at=NOW)
    for number in range(3):
        grant(quiz, officer, room=f"P{number}", extra_minutes=5)
        grant(quiz, officer, unit=make_unit(), extra_minutes=5)
    with CaptureQueriesContext(connection) as full:
        terms_for(person=person, quiz=quiz, at=NOW)
    assert (len(plain), len(full)) == (1, 3)


# A sitting that is running ------------------------------------------------------------------------------------


def test_extra_time_reaches_a_running_sitting_with_an_entry_in_its_log(officer: Person, person: Person) -> None:
    quiz = make_quiz(time_limit_seconds=3600, closes_at=NOW + 60 * MINUTE)
    sitting, other = (start_sitting(person=who, quiz=quiz, at=NOW) for who in (person, make_person()))
    grant(quiz, officer, person=person, extra_minutes=10)
    sitting.refresh_from_db()
    other.refresh_from_db()
    assert (sitting.deadline_at, sitting.granted_seconds) == (NOW + 70 * MINUTE, 600)
    assert (other.deadline_at, other.notice_count) == (NOW + 60 * MINUTE, 0)
    entry = sitting.supervision.get()
    assert (entry.kind, entry.seconds, entry.reason, entry.by) == ("extend", 600, "Khiếm thị", officer)
    assert sitting.notice_count == 1
    kept = record_responses(sitting=sitting, events=[], at=NOW + MINUTE)
    assert kept.deadline == NOW + 70 * MINUTE


def test_two_grants_to_a_running_sitting_do_not_add_up(officer: Person, person: Person) -> None:
    sitting = start_sitting(person=person, quiz=make_quiz(time_limit_seconds=3600), at=NOW)
    for minutes in (10, 5, 25):
        grant(sitting.quiz, officer, person=person, extra_minutes=minutes)
    sitting.refresh_from_db()
    assert sitting.deadline_at == NOW + 85 * MINUTE
    assert list(sitting.supervision.values_list("seconds", flat=True)) == [600, 900]


def test_a_later_own_closing_lets_a_running_sitting_have_its_whole_time(officer: Person, person: Person) -> None:
    quiz = make_quiz(time_limit_seconds=3600, closes_at=NOW + 20 * MINUTE)
    sitting = start_sitting(person=person, quiz=quiz, at=NOW)
    grant(quiz, officer, person=person, closes_at=NOW + 200 * MINUTE)
    sitting.refresh_from_db()
    assert sitting.deadline_at == NOW + 60 * MINUTE


@pytest.mark.parametrize(("seconds", "moves"), [(3629, True), (3630, True), (3631, False)])
def test_who_is_over_stays_over(officer: Person, person: Person, seconds: int, moves: bool) -> None:
    sitting = start_sitting(person=person, quiz=make_quiz(time_limit_seconds=3600), at=NOW)
    assert sitting.grace_seconds == 30
    grant_accommodation(
        quiz=sitting.quiz, person=person, extra_minutes=10, reason="x", by=officer, at=NOW + seconds * SECOND
    )
    sitting.refresh_from_db()
    assert sitting.deadline_at == NOW + (70 if moves else 60) * MINUTE


def test_withdrawing_takes_no_time_from_who_sits(officer: Person, person: Person) -> None:
    sitting = start_sitting(person=person, quiz=make_quiz(time_limit_seconds=3600), at=NOW)
    row = grant(sitting.quiz, officer, person=person, extra_minutes=10)
    withdraw_accommodation(accommodation=row, reason="Nhầm", by=officer, at=NOW)
    sitting.refresh_from_db()
    assert sitting.deadline_at == NOW + 70 * MINUTE


def test_a_sitting_that_slipped_between_is_settled_by_the_sweep_once(officer: Person, person: Person) -> None:
    quiz = make_quiz(time_limit_seconds=3600)
    row = grant(quiz, officer, person=person, extra_minutes=10)
    sitting = start_sitting(person=person, quiz=quiz, at=NOW)
    Sitting.objects.filter(pk=sitting.pk).update(deadline_at=NOW + 60 * MINUTE, granted_seconds=0)
    assert [settle_extra_time(at=NOW + MINUTE) for _ in range(2)] == [1, 0]
    assert give_extra_time(row, at=NOW) == 0
    sitting.refresh_from_db()
    assert sitting.deadline_at == NOW + 70 * MINUTE
    with CaptureQueriesContext(connection) as queries:
        settle_extra_time(at=NOW + 11 * MINUTE)
    assert len(queries) == 1


def test_the_sweep_hands_in_by_the_moved_deadline(officer: Person, person: Person) -> None:
    sitting = start_sitting(person=person, quiz=make_quiz(time_limit_seconds=3600), at=NOW)
    grant(sitting.quiz, officer, person=person, extra_minutes=10)
    grace = 30 * SECOND
    counts = [submit_overdue(at=NOW + 70 * MINUTE + grace + shift * SECOND) for shift in (-1, 0, 1)]
    assert counts == [0, 0, 1]


# Passwords ----------------------------------------------------------------------------------------------------


def test_the_password_opens_and_nothing_else_does(person: Person) -> None:
    quiz = make_quiz(password="hoa sen")
    with pytest.raises(EntryRefused) as refusal:
        start_sitting(person=person, quiz=quiz, at=NOW)
    assert refusal.value.code == "password"
    assert in_both(refusal.value) == (
        "Nhập mật khẩu được đọc tại phòng thi. / Enter the password that is read out in the room."
    )
    with pytest.raises(EntryRefused) as refusal:
        start_sitting(person=person, quiz=quiz, password="hoa senn", at=NOW)
    assert in_both(refusal.value).endswith("This is not the password. Ask the exam officer in the room.")
    assert not Sitting.objects.exists()
    running = start_sitting(person=person, quiz=quiz, password="hoa sen", at=NOW)
    assert start_sitting(person=person, quiz=quiz, at=NOW) == running  # a browser that fell over comes back


def test_guessing_is_slowed_down_for_one_person_and_not_for_others(person: Person) -> None:
    quiz = make_quiz(password="hoa sen")
    for _ in range(MOST_WRONG):
        with pytest.raises(EntryRefused):
            start_sitting(person=person, quiz=quiz, password="đoán", at=NOW)
    with pytest.raises(EntryRefused) as refusal:
        start_sitting(person=person, quiz=quiz, password="hoa sen", at=NOW + WAIT - SECOND)
    assert refusal.value.code == "wait"
    assert "Try again in 1 min" in in_both(refusal.value)
    assert start_sitting(person=make_person(), quiz=quiz, password="hoa sen", at=NOW).pk
    assert start_sitting(person=person, quiz=quiz, password="hoa sen", at=NOW + WAIT).pk
    assert PasswordGuard.objects.get().wrong == 0


def test_an_empty_password_counts_as_no_guess(person: Person) -> None:
    quiz = make_quiz(password="hoa sen")
    for _ in range(MOST_WRONG + 1):
        with pytest.raises(EntryRefused):
            start_sitting(person=person, quiz=quiz, at=NOW)
    assert start_sitting(person=person, quiz=quiz, password="hoa sen", at=NOW).pk


def test_why_nobody_may_start_is_said_before_a_password_is_asked_for(person: Person) -> None:
    quiz = make_quiz(password="hoa sen", opens_at=NOW + MINUTE)
    with pytest.raises(SittingRefused) as refusal:
        start_sitting(person=person, quiz=quiz, at=NOW)
    assert "not open yet" in in_both(refusal.value)


# Rooms and lists ----------------------------------------------------------------------------------------------


def test_the_paper_is_opened_in_its_rooms_only_and_gone_on_with_there_only(person: Person) -> None:
    quiz = make_quiz(ip_ranges="10.1.2.0/24")
    for address in ("", "10.1.3.7"):
        with pytest.raises(EntryRefused) as refusal:
            start_sitting(person=person, quiz=quiz, address=address, at=NOW)
        assert refusal.value.code == "place"
    assert "(10.1.3.7)" in in_both(refusal.value)
    assert start_sitting(person=person, quiz=quiz, at=NOW, **PLACE).pk
    with pytest.raises(EntryRefused):
        start_sitting(person=person, quiz=quiz, address="10.1.3.7", at=NOW)


def test_an_own_room_opens_for_its_candidate(officer: Person, person: Person) -> None:
    quiz = make_quiz(ip_ranges="10.1.2.0/24")
    grant(quiz, officer, person=person, ip_ranges="10.9.0.5")
    assert start_sitting(person=person, quiz=quiz, address="10.9.0.5", at=NOW).pk
    with pytest.raises(EntryRefused):
        start_sitting(person=make_person(), quiz=quiz, address="10.9.0.5", at=NOW)


def test_only_who_is_on_the_list_may_start_when_the_exam_asks_for_it(officer: Person, person: Person) -> None:
    quiz = make_quiz(registered_only=True)
    with pytest.raises(SittingRefused) as refusal:
        start_sitting(person=person, quiz=quiz, at=NOW)
    assert "not on the list of candidates" in in_both(refusal.value)
    register_people(quiz=quiz, people=[person], by=officer, at=NOW)
    assert start_sitting(person=person, quiz=quiz, at=NOW).pk


@pytest.mark.parametrize("text", ["10.1.2.0/33", "phòng 1", "10.1.2.0/24\n300.1.1.1"])
def test_what_is_no_network_is_said_at_its_field_of_the_quiz(text: str) -> None:
    quiz = make_quiz()
    quiz.ip_ranges = text
    with pytest.raises(ValidationError) as refused:
        quiz.full_clean()
    assert list(refused.value.message_dict) == ["ip_ranges"]
    assert "10.1.2.0/24" in refused.value.message_dict["ip_ranges"][0]
