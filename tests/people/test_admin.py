"""What administrators do with people's accounts in the administration, and what others cannot."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from common.vietnamese import nfc
from people.models import AccessLog, OrganisationUnit, Person
from people.queries import current_assignment
from people.services import grant_role, log_access
from tests.conftest import NOW
from tests.factories import START, make_officer, make_person, make_unit, put_to_work
from tests.people.administration import (
    CITIZEN_ID,
    LOG,
    UNITS,
    USERS,
    account,
    make_superuser,
    names_in,
    queries_of,
    signed_in,
)

pytestmark = pytest.mark.usefixtures("portal")


# Who gets in ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", [USERS, f"{USERS}new/", UNITS, f"{UNITS}mo/", LOG])
@pytest.mark.parametrize(
    ("role", "status"),
    [("superuser", 200), ("administrator", 200), ("hr_officer", 403), ("instructor", 403), ("nobody", 302)],
)
def test_people_units_and_log_are_for_administrators(
    unit: OrganisationUnit, address: str, role: str, status: int
) -> None:
    if role == "superuser":
        person = make_superuser()
    elif role == "nobody":
        person = make_person()
    else:
        person = make_officer(unit, role)
    client = signed_in(person)
    assert client.get(address).status_code == status
    menu = client.get("/quan-tri/").content.decode()
    assert (UNITS in menu) is (status == 200)
    assert (LOG in menu) is (status == 200)


def test_a_role_that_ended_yesterday_opens_nothing(administrator: Person) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    administrator.role_grants.update(valid_to=yesterday)  # the groups are still there: nothing has swept them
    for address in (USERS, UNITS, LOG):
        assert signed_in(administrator).get(address).status_code == 403


# The listing ---------------------------------------------------------------------------------------------------


def test_people_are_listed_by_ten_in_vietnamese_order_and_only_ones_own(administrator: Person, unit: Any) -> None:
    for name in ("Lê Văn Đức", "Lê Văn Dũng", "Bùi Thị Ánh", "Bùi Thị An"):
        put_to_work(make_person(name=name), unit)
    elsewhere = make_person(name="Người Đơn Vị Khác")
    put_to_work(elsewhere, make_unit())
    names = names_in(signed_in(administrator), USERS)
    assert names == ["Bùi Thị An", "Bùi Thị Ánh", "Lê Văn Dũng", "Lê Văn Đức"]


@pytest.mark.parametrize("words", ["dang ut", "UT@example", "Đặng Thị", "thi dang"])
def test_people_are_found_without_diacritics(administrator: Person, colleague: Person, unit: Any, words: str) -> None:
    put_to_work(make_person(name="Trần Văn Ba"), unit)
    for address in (f"{USERS}?q={words}", f"{USERS}results/?q={words}"):
        assert names_in(signed_in(administrator), address) == ["Đặng Thị Út"]


@pytest.mark.parametrize(
    "query", ["export=csv", "export=xlsx", "ordering=password", "ordering=-citizen_id_index", "p=99"]
)
def test_addresses_typed_by_hand_give_no_file_and_no_error(
    administrator: Person, colleague: Person, query: str
) -> None:
    client = signed_in(administrator)
    for address in (USERS, UNITS, LOG):
        response = client.get(f"{address}?{query}")
        assert response.status_code == 200
        if query.startswith("export"):
            assert b"ut@example.vn" not in b"".join(response)


def test_people_are_filtered_by_unit_role_and_activity(administrator: Person, colleague: Person, unit: Any) -> None:
    below = make_unit(parent=unit)
    officer = make_officer(below)
    put_to_work(officer, below)
    Person.objects.filter(pk=colleague.pk).update(is_active=False)
    client = signed_in(administrator)
    assert names_in(client, f"{USERS}?unit={below.pk}") == [officer.full_name]
    assert names_in(client, f"{USERS}?role=hr_officer") == [officer.full_name]
    assert names_in(client, f"{USERS}?is_active=false") == [colleague.full_name]
    assert names_in(client, f"{USERS}?unit={make_unit().pk}&is_active=") != []  # another's unit is no choice


def test_the_listings_ask_the_same_number_of_queries_for_3_and_30(administrator: Person, unit: Any) -> None:
    client = signed_in(administrator)

    def grow(count: int) -> None:
        for _ in range(count):
            person = make_person()
            put_to_work(person, make_unit(parent=unit))
            log_access(by=person, action="view", what="x", at=NOW, subject=administrator, unit=unit)

    grow(3)
    for address in (USERS, UNITS, LOG):
        client.get(address)
    few = [queries_of(client, address) for address in (USERS, UNITS, LOG)]
    grow(27)
    assert [queries_of(client, address) for address in (USERS, UNITS, LOG)] == few


# Making and editing --------------------------------------------------------------------------------------------


def test_a_unit_administrator_adds_a_person_to_their_unit_without_a_password(administrator: Person, unit: Any) -> None:
    decomposed = "Nguye\u0302\u0303n  Va\u0306n Bi\u0300nh"
    data = account(full_name=decomposed, citizen_id="072 090 004 215", unit=unit.pk, title="Chuyên viên")
    response = signed_in(administrator).post(f"{USERS}new/", data)
    person = Person.objects.get(staff_number="CC-7001")
    assert response.url == f"{USERS}inspect/{person.pk}/"
    assert (person.full_name, person.email) == (nfc("Nguyễn Văn Bình"), "binh@example.vn")
    assert person.citizen_id_encrypted
    assert "072090004215" not in person.citizen_id_encrypted
    assert not person.has_usable_password()
    assignment = current_assignment(person, on=date(2026, 1, 5))
    assert assignment is not None
    assert (assignment.unit, assignment.title) == (unit, "Chuyên viên")


def test_nobody_types_a_password_for_somebody_else(administrator: Person, colleague: Person) -> None:
    client = signed_in(administrator)
    for address in (f"{USERS}new/", f"{USERS}edit/{colleague.pk}/"):
        assert 'type="password"' not in client.get(address).content.decode()
    before = colleague.password
    client.post(
        f"{USERS}edit/{colleague.pk}/", account(password1="mot-mat-khau-khac-1", password2="mot-mat-khau-khac-1")
    )
    colleague.refresh_from_db()
    assert colleague.password == before


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"full_name": "Bình 2"}, "full_name"),
        ({"full_name": ""}, "full_name"),
        ({"email": "không phải"}, "email"),
        ({"email": "UT@example.vn"}, "email"),
        ({"staff_number": "a b"}, "staff_number"),
        ({"staff_number": "", "email": ""}, "staff_number"),
        ({"citizen_id": "12345"}, "citizen_id"),
        ({"citizen_id": CITIZEN_ID}, "citizen_id"),  # its year is another than the date of birth
        ({"birth_date": "hôm qua"}, "birth_date"),
        ({"unit": ""}, "unit"),
        ({"unit": "999999"}, "unit"),
    ],
)
def test_what_cannot_be_right_is_said_beside_its_field(
    administrator: Person, colleague: Person, unit: Any, changes: dict[str, str], field: str
) -> None:
    count = Person.objects.count()
    response = signed_in(administrator).post(f"{USERS}new/", account(**{"unit": unit.pk, **changes}))
    assert response.status_code == 200
    assert list(response.context["form"].errors) == [field]
    assert Person.objects.count() == count


def test_a_citizen_id_that_somebody_has_is_refused_and_nothing_is_made(
    administrator: Person, colleague: Person, unit: Any
) -> None:
    data = account(citizen_id=CITIZEN_ID, birth_date="1988-03-12", unit=unit.pk)
    response = signed_in(administrator).post(f"{USERS}new/", data)
    assert "khác" in str(response.context["form"].non_field_errors())
    assert not Person.objects.filter(staff_number="CC-7001").exists()


def test_an_administrator_of_one_unit_adds_nobody_to_another(administrator: Person) -> None:
    response = signed_in(administrator).post(f"{USERS}new/", account(unit=make_unit().pk))
    assert list(response.context["form"].errors) == ["unit"]


def test_who_administers_everything_may_add_a_citizen_without_a_unit(everywhere: Person) -> None:
    signed_in(everywhere).post(f"{USERS}new/", account(unit=""))
    assert not Person.objects.get(staff_number="CC-7001").assignments.exists()


def test_editing_keeps_the_citizen_id_unless_it_is_given_or_removed(administrator: Person, colleague: Person) -> None:
    client, address = signed_in(administrator), f"{USERS}edit/{colleague.pk}/"
    page = client.get(address).content.decode()
    assert "•••••••••215" in page
    assert CITIZEN_ID not in page
    kept = colleague.citizen_id_index
    data = account(birth_date="1988-03-12")
    assert client.post(address, data).status_code == 302
    colleague.refresh_from_db()
    assert (colleague.full_name, colleague.citizen_id_index) == ("Nguyễn Văn Bình", kept)
    client.post(address, {**data, "citizen_id": "072188004299"})
    colleague.refresh_from_db()
    assert colleague.citizen_id_index not in (None, kept)
    client.post(address, {**data, "remove_citizen_id": "on"})
    colleague.refresh_from_db()
    assert colleague.citizen_id_index is None


def test_a_person_is_made_inactive_and_never_deleted(administrator: Person, colleague: Person) -> None:
    client = signed_in(administrator)
    client.post(f"{USERS}edit/{colleague.pk}/", account(is_active=""))
    colleague.refresh_from_db()
    assert not colleague.is_active
    for address in (
        f"{USERS}delete/{colleague.pk}/",
        f"{USERS}history/{colleague.pk}/",
        f"{USERS}usage/{colleague.pk}/",
    ):
        assert client.post(address).status_code == 404


@pytest.mark.parametrize("action", ["assign_role", "delete", "set_active_state"])
def test_wagtails_actions_on_many_users_are_closed_even_to_superusers(colleague: Person, action: str) -> None:
    ensured = make_officer(make_unit()).groups.get()
    client = signed_in(make_superuser())
    address = f"/quan-tri/bulk/people/person/{action}/?id={colleague.pk}"
    for response in (client.get(address), client.post(address, {"role": ensured.pk, "mark_as_active": "False"})):
        assert response.status_code in (302, 403)
        assert colleague.full_name not in response.content.decode()
    colleague.refresh_from_db()
    assert colleague.is_active
    assert not colleague.groups.exists()


def test_people_of_other_units_are_not_there(administrator: Person) -> None:
    stranger = make_person(citizen_id=CITIZEN_ID, birth_date=date(1988, 3, 12))
    put_to_work(stranger, make_unit())
    client = signed_in(administrator)
    for part in ("inspect/{}/", "edit/{}/", "{}/assign/", "{}/grant/", "{}/citizen-id/"):
        assert client.get(USERS + part.format(stranger.pk)).status_code == 404, part
    assert client.post(f"{USERS}{stranger.pk}/activation/").status_code == 404


@pytest.mark.parametrize("rights", ["superuser", "role elsewhere", "role everywhere"])
def test_who_has_more_rights_than_the_administrator_is_seen_and_not_edited(
    administrator: Person, colleague: Person, rights: str
) -> None:
    if rights == "superuser":
        Person.objects.filter(pk=colleague.pk).update(is_superuser=True)
    else:
        where = make_unit() if rights == "role elsewhere" else None
        grant_role(person=colleague, role="instructor", unit=where, valid_from=START, by=None)
    client = signed_in(administrator)
    page = client.get(f"{USERS}inspect/{colleague.pk}/")
    assert page.status_code == 200
    assert f"{USERS}edit/{colleague.pk}/" not in page.content.decode()
    assert client.get(f"{USERS}edit/{colleague.pk}/").status_code == 403
    assert client.post(f"{USERS}edit/{colleague.pk}/", account()).status_code == 403
    assert client.get(f"{USERS}{colleague.pk}/citizen-id/").status_code == 403
    assert client.post(f"{USERS}{colleague.pk}/activation/").status_code == 403
    colleague.refresh_from_db()
    assert colleague.email == "ut@example.vn"


def test_only_superusers_make_superusers_and_set_groups(everywhere: Person, colleague: Person) -> None:
    group = Group.objects.create(name="Biên tập")
    role_group = make_officer(make_unit()).groups.get()
    address = f"{USERS}edit/{colleague.pk}/"
    data = account(is_superuser="on", groups=[group.pk])
    signed_in(everywhere).post(address, data)
    colleague.refresh_from_db()
    assert not colleague.is_superuser
    assert not colleague.groups.exists()
    client = signed_in(make_superuser())
    assert list(client.post(address, {**data, "groups": [role_group.pk]}).context["form"].errors) == ["groups"]
    client.post(address, data)
    colleague.refresh_from_db()
    assert (colleague.is_superuser, colleague.is_staff, list(colleague.groups.all())) == (True, True, [group])


def test_nobody_takes_their_own_superuser_right_or_makes_themselves_inactive() -> None:
    person = make_superuser()
    signed_in(person).post(f"{USERS}edit/{person.pk}/", account(is_active="", is_superuser=""))
    person.refresh_from_db()
    assert (person.is_active, person.is_superuser) == (True, True)


def test_reading_an_account_is_in_the_access_log(administrator: Person, colleague: Person) -> None:
    client = signed_in(administrator)
    client.get(f"{USERS}inspect/{colleague.pk}/")
    client.get(f"{USERS}edit/{colleague.pk}/")
    entries = AccessLog.objects.filter(by=administrator, subject=colleague, action="view")
    assert entries.count() == 2


def test_account_settings_of_the_administration_can_be_saved_without_first_and_last_name(
    administrator: Person,
) -> None:
    client = signed_in(administrator)
    page = client.get("/quan-tri/account/").content.decode()
    assert "name_email-" not in page
    data = {
        "locale-preferred_language": "en",
        "theme-theme": "dark",
        "theme-density": "default",
        "theme-contrast": "system",
    }
    data |= {"theme-keyboard_shortcuts": "on", "name_email-email": "khac@example.vn"}
    assert client.post("/quan-tri/account/", data).status_code == 302
    administrator.refresh_from_db()
    assert administrator.wagtail_userprofile.theme == "dark"
    assert administrator.email is None
