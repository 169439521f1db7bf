"""People, units, roles, accounts."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core import mail
from django.utils import timezone

from people.exceptions import InvalidCitizenId, InvalidPerson, InvalidUnit
from people.models import AccessLog, OrganisationUnit, OutgoingMail, Person, RoleGrant
from people.permissions import has_role, may_see_person, units_for_role
from people.queries import current_assignment, people_in_unit, search_people, units_below
from people.services import (
    activation_path,
    close_unit,
    create_person,
    grant_role,
    queue_mail,
    replace_unit,
    reveal_citizen_id,
    revoke_role,
    send_due_mail,
)
from tests.conftest import NOW
from tests.factories import PASSWORD, START, make_officer, make_person, make_unit, put_to_work

pytestmark = pytest.mark.django_db


def test_a_name_is_kept_whole_in_nfc_and_found_without_diacritics() -> None:
    person = make_person(name="  Nguye\u0302\u0303n   Thi\u0323 Hoà ")
    assert person.full_name == "Nguyễn Thị Hoà"
    assert list(search_people("hoa nguyen")) == [person]


def test_somebody_needs_a_name_to_sign_in_with() -> None:
    with pytest.raises(InvalidPerson):
        create_person(full_name="Lê An", by=None)


def test_a_citizen_id_is_encrypted_unique_and_shown_only_with_a_trace() -> None:
    person = make_person(citizen_id="072188004215", birth_date=date(1988, 3, 12))
    with pytest.raises(InvalidPerson):
        make_person(citizen_id="072188004215", birth_date=date(1988, 3, 12))
    reader = make_person()
    assert reveal_citizen_id(person=person, by=reader, why="đối chiếu", at=NOW) == "072188004215"
    assert AccessLog.objects.get(subject=person).by == reader


@pytest.mark.parametrize("text", ["07218800421", "0721880042155", "09A188004215", "000188004215", "097188004215"])
def test_an_impossible_citizen_id_is_refused(text: str) -> None:
    with pytest.raises(InvalidCitizenId):
        make_person(citizen_id=text, birth_date=date(1988, 3, 12))


def test_a_renamed_unit_is_closed_and_followed_by_its_successor_with_its_people() -> None:
    top = make_unit()
    office = make_unit(parent=top)
    person = make_person()
    put_to_work(person, office)
    new = replace_unit(unit=office, first_day=date(2026, 1, 1), name="Phòng Chuyển đổi số", by=None)
    office.refresh_from_db()
    assert (office.valid_to, office.successors.get()) == (date(2025, 12, 31), new)
    assert current_assignment(person, on=date(2025, 12, 31)).unit == office
    assert current_assignment(person, on=date(2026, 1, 1)).unit == new
    assert set(units_below(top, on=date(2026, 1, 1))) == {top, new}


def test_a_unit_with_open_units_below_cannot_be_closed() -> None:
    top = make_unit()
    make_unit(parent=top)
    with pytest.raises(InvalidUnit):
        close_unit(unit=OrganisationUnit.objects.get(pk=top.pk), last_day=date(2026, 1, 1), by=None)


@pytest.mark.parametrize(("day", "there"), [(-1, False), (0, True), (1, True)])
def test_people_are_in_a_unit_from_their_first_day_on(day: int, there: bool) -> None:
    unit = make_unit()
    person = make_person()
    put_to_work(person, unit, valid_from=date(2026, 3, 1))
    assert people_in_unit(unit, on=date(2026, 3, 1) + timedelta(days=day)).filter(pk=person.pk).exists() is there


def test_roles_reach_down_and_not_sideways() -> None:
    top, other = make_unit(), make_unit()
    below = make_unit(parent=top)
    officer = make_officer(top)
    today = timezone.localdate()
    table = [
        (officer, RoleGrant.Role.HR_OFFICER, top, True),
        (officer, RoleGrant.Role.HR_OFFICER, below, True),
        (officer, RoleGrant.Role.HR_OFFICER, other, False),
        (officer, RoleGrant.Role.INSTRUCTOR, top, False),
        (make_officer(top, RoleGrant.Role.ADMINISTRATOR), RoleGrant.Role.HR_OFFICER, below, True),
        (make_person(), RoleGrant.Role.HR_OFFICER, top, False),
        (AnonymousUser(), RoleGrant.Role.HR_OFFICER, top, False),
    ]
    for person, role, unit, allowed in table:
        assert has_role(person, role, unit=unit, on=today) is allowed, (person, role, unit)
    assert set(units_for_role(officer, RoleGrant.Role.HR_OFFICER)) == {top, below}


def test_a_revoked_role_opens_nothing_any_more() -> None:
    unit = make_unit()
    officer = make_officer(unit)
    revoke_role(grant=officer.role_grants.get(), last_day=timezone.localdate() - timedelta(days=1), by=None)
    officer.refresh_from_db()
    assert not has_role(officer, RoleGrant.Role.HR_OFFICER, unit=unit)
    assert not officer.is_staff


def test_an_officer_sees_people_of_their_units_and_nobody_else() -> None:
    mine, other = make_unit(), make_unit()
    officer, inside, outside = make_officer(mine), make_person(), make_person()
    put_to_work(inside, mine)
    put_to_work(outside, other)
    assert may_see_person(officer, inside)
    assert may_see_person(officer, officer)
    assert not may_see_person(officer, outside)
    assert not may_see_person(inside, officer)


def test_the_same_grant_twice_is_one() -> None:
    unit, person = make_unit(), make_person()
    for _ in range(2):
        grant_role(person=person, role="instructor", unit=unit, valid_from=START, by=None)
    assert person.role_grants.count() == 1


@pytest.mark.parametrize("login", ["nv-dang-nhap", "dangnhap@example.vn", "NV-DANG-NHAP"])
def test_people_sign_in_with_staff_number_or_e_mail(client: Any, login: str) -> None:
    make_person(staff_number="NV-DANG-NHAP", email="dangnhap@example.vn")
    response = client.post("/tai-khoan/login/", {"login": login, "password": PASSWORD})
    assert response.status_code == 302
    assert "_auth_user_id" in client.session


def test_a_citizen_signs_up_with_a_name_that_is_one(client: Any) -> None:
    form = {"full_name": "Đặng Thị Út", "email": "ut@example.vn", "password1": PASSWORD, "password2": PASSWORD}
    assert client.post("/tai-khoan/signup/", {**form, "full_name": "<b>x</b>"}).status_code == 200
    assert client.post("/tai-khoan/signup/", form).status_code == 302
    person = Person.objects.get(email="ut@example.vn")
    assert person.full_name == "Đặng Thị Út"
    assert person.sort_key


def test_an_activation_address_works_once(client: Any) -> None:
    person = make_person(password=None)
    address = activation_path(person=person)
    passwords = {"password1": PASSWORD, "password2": PASSWORD}
    assert client.post(address, {"password1": "12345678", "password2": "12345678"}).status_code == 200
    assert client.post(address, passwords).status_code == 302
    client.logout()
    assert client.post(address, passwords).status_code == 404
    assert client.get(address.replace(address.split("/")[-2], "forged-token")).status_code == 404


def test_mail_is_sent_once_whatever_is_delivered_twice() -> None:
    person = make_person(email="thu@example.vn")
    for _ in range(2):
        queue_mail(person=person, subject="Chào", body="…", purpose="x", key="k1", at=NOW)
    row = OutgoingMail.objects.get()
    assert send_due_mail(mail_id=row.pk, at=NOW)
    assert not send_due_mail(mail_id=row.pk, at=NOW)
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(
    "address",
    ["/tai-khoan/login/", "/tai-khoan/signup/", "/tai-khoan/password/reset/", "/en/tai-khoan/login/"],
)
def test_account_pages_open_in_both_languages(client: Any, address: str) -> None:
    page = client.get(address).content.decode()
    assert ('lang="en"' if address.startswith("/en/") else 'lang="vi"') in page


def test_administration_lists_people_for_an_administrator(client: Any) -> None:
    boss = make_officer(make_unit(), RoleGrant.Role.ADMINISTRATOR)
    boss.is_superuser = True
    boss.save()
    client.force_login(boss)
    assert client.get("/quan-tri/").status_code == 200
    assert client.get("/quan-tri/users/").status_code == 200
