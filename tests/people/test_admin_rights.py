"""What administrators do with citizen ids, first passwords, assignments and roles, and what others cannot."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from people.models import AccessLog, OutgoingMail, Person
from people.permissions import has_role
from people.services import grant_role
from tests.conftest import NOW
from tests.factories import START, make_officer, make_person, make_unit, put_to_work
from tests.people.administration import (
    ADMINISTRATOR,
    CITIZEN_ID,
    USERS,
    signed_in,
)

pytestmark = pytest.mark.usefixtures("portal")


# Citizen id and first password ---------------------------------------------------------------------------------


def test_the_citizen_id_is_shown_by_post_with_a_reason_and_leaves_a_trace(
    administrator: Person, colleague: Person
) -> None:
    client, address = signed_in(administrator), f"{USERS}{colleague.pk}/citizen-id/"
    assert CITIZEN_ID not in client.get(address).content.decode()
    assert CITIZEN_ID not in client.post(address, {"why": ""}).content.decode()
    assert not AccessLog.objects.filter(action="reveal").exists()
    response = client.post(address, {"why": "Đối chiếu hồ sơ"})
    assert CITIZEN_ID in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    entry = AccessLog.objects.get(action="reveal")
    assert (entry.by, entry.subject, "Đối chiếu hồ sơ" in entry.what) == (administrator, colleague, True)


def test_the_activation_link_is_mailed_once_a_minute_and_works(
    client: Client, administrator: Person, unit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from people.viewsets import person_actions

    monkeypatch.setattr(person_actions.timezone, "now", lambda: NOW)
    person = make_person(password=None, email="moi@example.vn")
    put_to_work(person, unit)
    for _ in range(2):
        signed_in(administrator).post(f"{USERS}{person.pk}/activation/")
    mail = OutgoingMail.objects.get(purpose="activation")
    assert mail.to == "moi@example.vn"
    address = next(line for line in mail.body.splitlines() if line.startswith("http"))
    path = "/" + address.split("/", 3)[3]
    assert client.get(path).status_code == 200


def test_who_has_no_address_is_handed_the_link(administrator: Person, unit: Any) -> None:
    person = make_person(password=None)
    put_to_work(person, unit)
    page = signed_in(administrator).post(f"{USERS}{person.pk}/activation/").content.decode()
    assert "/nhan-su/kich-hoat/" in page
    assert AccessLog.objects.filter(subject=person, what="activation link").exists()


@pytest.mark.parametrize("why_not", ["has a password", "inactive", "get"])
def test_no_activation_link_for_who_has_a_password_or_is_not_active(
    administrator: Person, unit: Any, why_not: str
) -> None:
    person = make_person(password=None, email="moi@example.vn")
    put_to_work(person, unit)
    if why_not == "has a password":
        person.set_password("mot-mat-khau-dai-2027")
    person.is_active = why_not != "inactive"
    person.save()
    client, address = signed_in(administrator), f"{USERS}{person.pk}/activation/"
    response = client.get(address) if why_not == "get" else client.post(address)
    assert response.status_code == (405 if why_not == "get" else 302)
    assert not OutgoingMail.objects.exists()


# Assignments and roles -----------------------------------------------------------------------------------------


def test_an_assignment_is_opened_and_closed_and_stays_in_the_history(
    administrator: Person, colleague: Person, unit: Any
) -> None:
    below = make_unit(name="Phòng", parent=unit)
    client = signed_in(administrator)
    client.post(
        f"{USERS}{colleague.pk}/assign/", {"unit": below.pk, "title": "Trưởng phòng", "valid_from": "2026-02-01"}
    )
    old = colleague.assignments.get(unit=unit)
    client.post(f"{USERS}{colleague.pk}/assign/{old.pk}/", {"last_day": "2026-01-31"})
    old.refresh_from_db()
    assert old.valid_to == date(2026, 1, 31)
    page = client.get(f"{USERS}inspect/{colleague.pk}/").content.decode()
    for text in (unit.name, below.name, "Trưởng phòng", "31/01/2026", "01/02/2026"):
        assert text in page
    assert client.post(f"{USERS}{colleague.pk}/assign/{old.pk}/", {"last_day": "2026-03-01"}).status_code == 404


def test_who_leaves_the_last_unit_leaves_the_administrators_listing(administrator: Person, colleague: Person) -> None:
    row = colleague.assignments.get()
    client = signed_in(administrator)
    yesterday = (timezone.localdate() - timedelta(days=1)).isoformat()
    response = client.post(f"{USERS}{colleague.pk}/assign/{row.pk}/", {"last_day": yesterday}, follow=True)
    assert (response.status_code, response.request["PATH_INFO"]) == (200, USERS)
    assert colleague.full_name not in [str(person) for person in response.context["object_list"]]


@pytest.mark.parametrize("day", ["2025-06-30", "không phải ngày", ""])
def test_an_assignment_before_the_unit_or_without_a_day_is_refused_in_a_sentence(
    administrator: Person, colleague: Person, unit: Any, day: str
) -> None:
    response = signed_in(administrator).post(
        f"{USERS}{colleague.pk}/assign/", {"unit": unit.pk, "title": "", "valid_from": day}
    )
    assert response.status_code == 200
    assert response.context["form"].errors


def test_an_assignment_cannot_end_before_it_began(administrator: Person, colleague: Person) -> None:
    row = colleague.assignments.get()
    response = signed_in(administrator).post(f"{USERS}{colleague.pk}/assign/{row.pk}/", {"last_day": "2025-06-30"})
    assert response.context["form"].non_field_errors()
    row.refresh_from_db()
    assert row.valid_to is None


def test_an_assignment_to_another_administrators_unit_is_not_ended(administrator: Person, colleague: Person) -> None:
    other = make_unit()
    put_to_work(colleague, other)
    row = colleague.assignments.get(unit=other)
    client = signed_in(administrator)
    assert client.get(f"{USERS}{colleague.pk}/assign/{row.pk}/").status_code == 404
    assert client.post(f"{USERS}{colleague.pk}/assign/{row.pk}/", {"last_day": "2026-01-01"}).status_code == 404
    assert f"assign/{row.pk}/" not in client.get(f"{USERS}inspect/{colleague.pk}/").content.decode()


def test_a_role_is_given_and_revoked_within_ones_units(administrator: Person, colleague: Person, unit: Any) -> None:
    client = signed_in(administrator)
    data = {"role": "administrator", "unit": unit.pk, "valid_from": "2026-01-01"}
    client.post(f"{USERS}{colleague.pk}/grant/", data)
    grant = colleague.role_grants.get()
    assert (grant.granted_by, has_role(colleague, ADMINISTRATOR, unit=unit)) == (administrator, True)
    yesterday = (timezone.localdate() - timedelta(days=1)).isoformat()
    client.post(f"{USERS}{colleague.pk}/grant/{grant.pk}/", {"last_day": yesterday})
    assert not has_role(colleague, ADMINISTRATOR, unit=unit)


@pytest.mark.parametrize("where", ["everywhere", "another unit", "the unit above"])
def test_an_administrator_of_one_unit_gives_no_role_outside_it(colleague: Person, unit: Any, where: str) -> None:
    below = make_unit(parent=unit)
    administrator = make_officer(below, ADMINISTRATOR)
    put_to_work(colleague, below)
    choice = {"everywhere": "", "another unit": make_unit().pk, "the unit above": unit.pk}[where]
    response = signed_in(administrator).post(
        f"{USERS}{colleague.pk}/grant/", {"role": "hr_officer", "unit": choice, "valid_from": "2026-01-01"}
    )
    assert list(response.context["form"].errors) == ["unit"]
    assert not colleague.role_grants.exists()


def test_who_administers_everything_gives_roles_everywhere(everywhere: Person, colleague: Person) -> None:
    client = signed_in(everywhere)
    client.post(f"{USERS}{colleague.pk}/grant/", {"role": "hr_officer", "unit": "", "valid_from": "2026-01-01"})
    assert colleague.role_grants.get().unit is None


def test_roles_outside_ones_units_are_seen_and_not_revoked(administrator: Person, colleague: Person) -> None:
    grant = grant_role(person=colleague, role="instructor", unit=None, valid_from=START, by=None)
    client = signed_in(administrator)
    assert f"grant/{grant.pk}/" not in client.get(f"{USERS}inspect/{colleague.pk}/").content.decode()
    assert client.post(f"{USERS}{colleague.pk}/grant/{grant.pk}/", {"last_day": "2026-01-01"}).status_code == 404


@pytest.mark.parametrize("role", ["hr_officer", "instructor", "exam_officer"])
def test_other_roles_give_no_roles_and_open_no_accounts(colleague: Person, unit: Any, role: str) -> None:
    client = signed_in(make_officer(unit, role))
    data = {"role": "administrator", "unit": unit.pk, "valid_from": "2026-01-01"}
    assert client.post(f"{USERS}{colleague.pk}/grant/", data).status_code == 403
    assert client.post(f"{USERS}{colleague.pk}/citizen-id/", {"why": "tò mò"}).status_code == 403
    assert client.post(f"{USERS}{colleague.pk}/activation/").status_code == 403
    assert client.get(f"{USERS}inspect/{colleague.pk}/").status_code == 404
    assert not colleague.role_grants.exists()
