"""Registering candidates: numbers in Vietnamese order, lists taken whole or not at all, nobody twice."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from assessments.exceptions import AccessRefused
from assessments.models import Quiz, Registration, RegistrationFile
from assessments.services import start_sitting
from assessments.services.registration import (
    place_candidates,
    register_people,
    register_unit,
    withdraw_registration,
)
from assessments.services.registration_files import apply_registration_file, check_registration_file
from common.messages import in_both
from common.tabular import write_xlsx
from people.models import Person
from tests.conftest import NOW
from tests.factories import make_officer, make_person, make_quiz, make_unit, put_to_work

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> Person:
    return make_officer(make_unit(), "exam_officer")


@pytest.fixture
def quiz() -> Quiz:
    return make_quiz()


def numbers(quiz: Quiz) -> dict[str, str]:
    rows = quiz.registrations.select_related("person").order_by("candidate_number")
    return {row.candidate_number: row.person.full_name for row in rows}


def test_numbers_follow_ten_first_then_ho_then_dem(quiz: Quiz, officer: Person) -> None:
    names = ["Trần Văn Bình", "Đỗ Thị Ánh", "Nguyễn Thị Đào", "Lê Văn An", "Nguyễn An", "Phạm Thị Dung"]
    register_people(quiz=quiz, people=[make_person(name=name) for name in names], by=officer, at=NOW)
    assert numbers(quiz) == {
        "0001": "Lê Văn An",
        "0002": "Nguyễn An",
        "0003": "Đỗ Thị Ánh",
        "0004": "Trần Văn Bình",
        "0005": "Phạm Thị Dung",
        "0006": "Nguyễn Thị Đào",
    }


def test_who_is_registered_keeps_the_number_and_newcomers_go_on_from_the_last(quiz: Quiz, officer: Person) -> None:
    first, second = make_person(name="Trần Yến"), make_person(name="Lê An")
    register_people(quiz=quiz, people=[first], by=officer, at=NOW)
    assert [row.candidate_number for row in register_people(quiz=quiz, people=[first, second], by=officer, at=NOW)] == [
        "0002"
    ]
    assert numbers(quiz) == {"0001": "Trần Yến", "0002": "Lê An"}


def test_a_unit_registers_who_works_in_it_or_below_and_can_sign_in(quiz: Quiz, officer: Person) -> None:
    unit = make_unit()
    people = [make_person(name=name) for name in ("Lê An", "Lê Bình", "Lê Cúc")]
    put_to_work(people[0], unit)
    put_to_work(people[1], make_unit(parent=unit))
    put_to_work(people[2], unit)
    Person.objects.filter(pk=people[2].pk).update(is_active=False)
    assert len(register_unit(quiz=quiz, unit=unit, by=officer, at=NOW)) == 2
    assert numbers(quiz) == {"0001": "Lê An", "0002": "Lê Bình"}


def test_marking_numbers_are_by_chance_of_one_length_and_each_once(quiz: Quiz, officer: Person) -> None:
    people = [make_person(name=f"Lê Văn {letter}") for letter in "ABCDEGHIKLMNOPQRSTUVXY"]
    register_people(quiz=quiz, people=people, by=officer, at=NOW)
    found = list(quiz.registrations.order_by("candidate_number").values_list("marking_number", flat=True))
    assert len(set(found)) == len(people)
    assert {len(number) for number in found} == {5}
    assert found != sorted(found)


def test_the_database_holds_numbers_and_people_together(quiz: Quiz, officer: Person) -> None:
    person, other = make_person(), make_person()
    (row,) = register_people(quiz=quiz, people=[person], by=officer, at=NOW)
    facts = {"quiz": quiz, "registered_by": officer, "registered_at": NOW}
    for clash in (
        {"person": person, "candidate_number": "9", "marking_number": "9"},
        {"person": other, "candidate_number": "0001", "marking_number": "9"},
        {"person": other, "candidate_number": "9", "marking_number": row.marking_number},
        {"person": other, "candidate_number": "", "marking_number": "9"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Registration.objects.create(**facts, **clash)
    for change in ({"candidate_number": "7"}, {"marking_number": "7"}, {"person": other}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Registration.objects.filter(pk=row.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.delete()


def test_who_is_withdrawn_comes_back_with_a_new_number(quiz: Quiz, officer: Person) -> None:
    person = make_person()
    (row,) = register_people(quiz=quiz, people=[person], by=officer, at=NOW)
    with pytest.raises(AccessRefused) as refusal:
        withdraw_registration(registration=row, reason=" ", by=officer, at=NOW)
    assert in_both(refusal.value).endswith("Say why the candidate is taken off the list.")
    assert withdraw_registration(registration=row, reason="Xin rút", by=officer, at=NOW).withdrawn_at == NOW
    (again,) = register_people(quiz=quiz, people=[person], by=officer, at=NOW)
    assert again.candidate_number == "0002"
    assert quiz.registrations.count() == 2


def test_nobody_is_taken_off_the_list_while_sitting(quiz: Quiz, officer: Person) -> None:
    person = make_person()
    (row,) = register_people(quiz=quiz, people=[person], by=officer, at=NOW)
    start_sitting(person=person, quiz=quiz, at=NOW)
    with pytest.raises(AccessRefused) as refusal:
        withdraw_registration(registration=row, reason="Vắng", by=officer, at=NOW)
    assert "is sitting the exam now" in in_both(refusal.value)


def test_rooms_are_filled_in_the_order_of_numbers_or_nobody_moves(quiz: Quiz, officer: Person) -> None:
    people = [make_person(name=f"Lê Văn {letter}") for letter in "ABCDE"]
    register_people(quiz=quiz, people=people[:1], room="P1", by=officer, at=NOW)
    register_people(quiz=quiz, people=people[1:], by=officer, at=NOW)
    with pytest.raises(AccessRefused) as refusal:
        place_candidates(quiz=quiz, rooms={"P1": 3, "P2": 1})
    assert "There are 3 free seats for 4 candidates" in in_both(refusal.value)
    assert place_candidates(quiz=quiz, rooms={"P1": 3, "P2": 2}) == 4
    places = list(quiz.registrations.order_by("candidate_number").values_list("room", "seat"))
    assert places == [("P1", ""), ("P1", "2"), ("P1", "3"), ("P2", "1"), ("P2", "2")]


# Lists in files -----------------------------------------------------------------------------------------------


def check(quiz: Quiz, officer: Person, text: str | bytes, name: str = "ds.csv") -> RegistrationFile:
    data = text.encode() if isinstance(text, str) else text
    return check_registration_file(quiz=quiz, data=data, file_name=name, by=officer, at=NOW)


def problems_of(file: RegistrationFile) -> list[tuple[Any, str, str]]:
    assert all(row["message_vi"] != row["message_en"] for row in file.problems)
    return [(row["row"], row["column"], row["message_en"]) for row in file.problems]


def test_a_list_is_checked_first_and_then_registers_everybody(quiz: Quiz, officer: Person) -> None:
    one = make_person(name="Trần Bình", staff_number="CB1", email="binh@tayninh.example")
    two = make_person(name="Lê An", staff_number="CB2")
    file = check(
        quiz,
        officer,
        "Mã nhân viên;Họ và tên;Nơi sinh;Giới tính;Phòng thi;Chỗ ngồi\nCB1;trần bình;Tây Ninh;Nam;P1;01\nCB2;;;nữ;P2;",
    )
    assert (file.state, file.problems, file.row_count) == ("checked", [], 2)
    assert not quiz.registrations.exists()
    for _ in range(2):
        applied = apply_registration_file(file=file, by=officer, at=NOW)
    assert (applied.state, applied.rows) == ("applied", [])
    rows = quiz.registrations.order_by("candidate_number")
    facts = list(rows.values_list("person", "candidate_number", "room", "seat", "birth_place", "gender"))
    assert facts == [(two.pk, "0001", "P2", "", "", "female"), (one.pk, "0002", "P1", "01", "Tây Ninh", "male")]


def test_an_xlsx_list_with_numbers_of_its_own_keeps_them(quiz: Quiz, officer: Person) -> None:
    make_person(staff_number="CB1"), make_person(staff_number="12")
    file = io.BytesIO()
    write_xlsx([["CB1", "TN-07"], [12, 8]], ["Mã số", "SBD"], file, title="DS")
    checked = check(quiz, officer, file.getvalue(), "ds.xlsx")
    assert checked.problems == []
    apply_registration_file(file=checked, by=officer, at=NOW)
    assert set(numbers(quiz)) == {"TN-07", "8"}
    (next_one,) = register_people(quiz=quiz, people=[make_person()], by=officer, at=NOW)
    assert next_one.candidate_number == "0009"


def test_everything_wrong_is_said_by_row_and_column_and_nobody_is_registered(quiz: Quiz, officer: Person) -> None:
    one = make_person(name="Lê An", staff_number="CB1", email="an@tayninh.example")
    make_person(staff_number="CB2", email="hai@tayninh.example")
    make_person(staff_number="CB3")
    register_people(quiz=quiz, people=[one], by=officer, at=NOW)
    lines = [
        "Mã nhân viên;Email;Họ và tên;Ngày sinh;Giới tính;SBD;Phòng thi",
        "CB9;;;;;1;P1",
        ";;;;;2;P1",
        "CB1;hai@tayninh.example;;;;3;P1",
        "CB1;an@tayninh.example;Lê Ân Tứ;31/02/1990;khác;0001;P1",
        "CB3;;;;;4;P1",
        "CB3;;;;;4;" + "P" * 61,
        "CB2;;;;;;P1",
    ]
    file = check(quiz, officer, "\n".join(lines))
    assert file.state == "refused"
    found = problems_of(file)
    assert [(row, column) for row, column, _text in found if row] == [
        (5, "Ngày sinh"),
        (5, "Giới tính"),
        (7, "Phòng thi"),
        (2, "Mã nhân viên"),
        (3, "Mã nhân viên"),
        (4, ""),
        (5, "Họ và tên"),
        (7, ""),
        (7, "Số báo danh"),
        (5, ""),
        (5, "Số báo danh"),
    ]
    assert (None, "Số báo danh", "Give every candidate a number, or none: then they are given here.") in found
    with pytest.raises(AccessRefused):
        apply_registration_file(file=file, by=officer, at=NOW)
    assert quiz.registrations.count() == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "The file is empty."),
        ("Họ và tên\nLê An", "Needed: a column with staff numbers, e-mail addresses or citizen ids."),
        ("Mã nhân viên;Mã số\nCB1;CB1", "Two columns mean the same; keep one of them."),
        ("Mã nhân viên\n", "The file has headings and no rows."),
    ],
)
def test_files_that_are_no_lists_are_refused_in_words(quiz: Quiz, officer: Person, text: str, said: str) -> None:
    assert [message for _row, _column, message in problems_of(check(quiz, officer, text))] == [said]


def test_a_list_that_no_longer_fits_is_not_applied_at_all(quiz: Quiz, officer: Person) -> None:
    one, two = make_person(staff_number="CB1"), make_person(staff_number="CB2")
    file = check(quiz, officer, "Mã nhân viên\nCB1\nCB2")
    register_people(quiz=quiz, people=[two], by=officer, at=NOW)
    with pytest.raises(AccessRefused) as refusal:
        apply_registration_file(file=file, by=officer, at=NOW)
    assert "registered since the list was checked" in in_both(refusal.value)
    assert not quiz.registrations.filter(person=one).exists()


def test_long_lists_take_queries_by_batches_and_not_by_rows(quiz: Quiz, officer: Person) -> None:
    counts = []
    for size in (5, 50):
        other = make_quiz()
        people = [make_person() for _ in range(size)]
        text = "Mã nhân viên\n" + "\n".join(str(person.staff_number) for person in people)
        with CaptureQueriesContext(connection) as queries:
            apply_registration_file(file=check(other, officer, text), by=officer, at=NOW)
        counts.append(len(queries))
    assert counts[0] == counts[1] < 20
