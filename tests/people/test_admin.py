"""What administrators do with people, units and the access log in the administration, and what others cannot."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from common.vietnamese import nfc
from people.models import AccessLog, OrganisationUnit, OutgoingMail, Person, RoleGrant
from people.permissions import has_role
from people.queries import current_assignment
from people.services import close_unit, grant_role, log_access, replace_unit
from tests.conftest import NOW
from tests.factories import START, make_officer, make_person, make_portal, make_unit, put_to_work

ADMINISTRATOR = RoleGrant.Role.ADMINISTRATOR
USERS = "/quan-tri/users/"
UNITS = "/quan-tri/to-chuc/don-vi/"
LOG = "/quan-tri/to-chuc/nhat-ky/"
CITIZEN_ID = "072188004215"


@pytest.fixture(autouse=True)
def _portal(db: Any) -> None:
    make_portal()


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def make_superuser() -> Person:
    person = make_person(name="Trần Minh Quân")
    Person.objects.filter(pk=person.pk).update(is_superuser=True, is_staff=True)
    person.refresh_from_db()
    return person


@pytest.fixture
def unit() -> OrganisationUnit:
    return make_unit(name="Sở Nội vụ")


@pytest.fixture
def administrator(unit: OrganisationUnit) -> Person:
    """Of one unit."""
    return make_officer(unit, ADMINISTRATOR)


@pytest.fixture
def everywhere() -> Person:
    """Of all units, and no superuser."""
    person = make_officer(make_unit(), ADMINISTRATOR)
    grant_role(person=person, role=ADMINISTRATOR, unit=None, valid_from=START, by=None)
    return person


@pytest.fixture
def colleague(unit: OrganisationUnit) -> Person:
    person = make_person(name="Đặng Thị Út", email="ut@example.vn", birth_date=date(1988, 3, 12), citizen_id=CITIZEN_ID)
    put_to_work(person, unit, title="Chuyên viên")
    return person


def account(**changes: Any) -> dict[str, Any]:
    """A filled-in form."""
    return {
        "full_name": "Nguyễn Văn Bình",
        "staff_number": "cc-7001",
        "email": "Binh@Example.vn",
        "birth_date": "1990-03-05",
        "citizen_id": "",
        "preferred_language": "vi",
        "is_active": "on",
        "valid_from": "2026-01-05",
        **changes,
    }


def queries_of(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def names_in(client: Client, address: str) -> list[str]:
    return [str(row) for row in client.get(address).context["object_list"]]


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


# Units ---------------------------------------------------------------------------------------------------------


def test_units_are_a_tree_in_vietnamese_order_and_only_ones_own(administrator: Person, unit: OrganisationUnit) -> None:
    later = make_unit(name="Phòng Y tế", parent=unit)
    first = make_unit(name="Phòng Ấn chỉ", parent=unit)
    deep = make_unit(name="Tổ", parent=later)
    make_unit(name="Của người khác")
    client = signed_in(administrator)
    assert [row.pk for row in client.get(UNITS).context["object_list"]] == [unit.pk, first.pk, later.pk, deep.pk]


def test_units_are_found_without_diacritics_and_filtered(administrator: Person, unit: OrganisationUnit) -> None:
    school = make_unit(name="Trường Chính trị", parent=unit)
    OrganisationUnit.objects.filter(pk=school.pk).update(kind="school")
    gone = make_unit(name="Phòng Cũ", parent=unit)
    close_unit(unit=gone, last_day=date(2026, 1, 1), by=None)
    client = signed_in(administrator)
    assert names_in(client, f"{UNITS}?q=truong chinh") == [school.name]
    assert names_in(client, f"{UNITS}?q={school.code}") == [school.name]
    assert names_in(client, f"{UNITS}?kind=school") == [school.name]
    assert names_in(client, f"{UNITS}?state=closed") == [gone.name]
    assert names_in(client, UNITS) == [unit.name, school.name]
    assert len(names_in(client, f"{UNITS}?state=all")) == 3


def test_a_unit_is_opened_below_ones_own(administrator: Person, unit: OrganisationUnit) -> None:
    client = signed_in(administrator)
    data = {"parent": unit.pk, "name": "Phòng Mới", "code": "PM", "kind": "office", "valid_from": "2026-01-01"}
    response = client.post(f"{UNITS}mo/?parent={unit.pk}", data)
    new = OrganisationUnit.objects.get(code="PM")
    assert response.url == f"{UNITS}{new.pk}/"
    assert new.get_parent().pk == unit.pk
    assert client.get(response.url).status_code == 200


@pytest.mark.parametrize("where", ["at the top", "another unit", "closed unit", "code in use", "older than above"])
def test_a_unit_is_not_opened_elsewhere_or_wrongly(administrator: Person, unit: OrganisationUnit, where: str) -> None:
    data = {"parent": unit.pk, "name": "Phòng Mới", "code": "PM", "kind": "office", "valid_from": "2026-01-01"}
    if where == "at the top":
        data["parent"] = ""
    elif where == "another unit":
        data["parent"] = make_unit().pk
    elif where == "closed unit":
        data["parent"] = close_unit(unit=make_unit(parent=unit), last_day=date(2026, 6, 1), by=None).pk
    elif where == "code in use":
        data["code"] = unit.code
    else:
        data["valid_from"] = "2025-06-30"
    count = OrganisationUnit.objects.count()
    response = signed_in(administrator).post(f"{UNITS}mo/", data)
    assert response.context["form"].errors
    assert OrganisationUnit.objects.count() == count


def test_who_administers_everything_opens_units_at_the_top(everywhere: Person) -> None:
    data = {"parent": "", "name": "Tỉnh Mới", "code": "TM", "kind": "province", "valid_from": "2026-01-01"}
    signed_in(everywhere).post(f"{UNITS}mo/", data)
    assert OrganisationUnit.objects.get(code="TM").depth == 1


def test_renaming_closes_the_unit_and_carries_people_and_roles_on(colleague: Person, unit: OrganisationUnit) -> None:
    administrator, officer = make_officer(unit, ADMINISTRATOR), make_officer(unit)
    day = timezone.localdate().isoformat()
    data = {
        "name": "Sở Nội vụ và Lao động",
        "name_en": "Home Affairs",
        "code": unit.code,
        "parent": "",
        "first_day": day,
    }
    response = signed_in(administrator).post(f"{UNITS}{unit.pk}/doi/", data)
    unit.refresh_from_db()
    new = unit.successors.get()
    assert (unit.valid_to, new.name, new.name_en) == (
        timezone.localdate() - timedelta(days=1), "Sở Nội vụ và Lao động", "Home Affairs"
    )  # fmt: skip
    assert current_assignment(colleague, on=timezone.localdate()).unit == new  # type: ignore[union-attr]
    assert has_role(officer, "hr_officer", unit=new)
    page = signed_in(administrator).get(response.url)
    assert page.status_code == 200
    assert "Sở Nội vụ" in page.content.decode()


def test_moving_stays_within_ones_units_and_outside_the_unit_itself(administrator: Person, unit: Any) -> None:
    office, target = make_unit(parent=unit), make_unit(parent=unit)
    inside = make_unit(parent=office)
    client = signed_in(administrator)
    data = {"name": office.name, "name_en": "", "code": office.code, "first_day": "2026-03-01"}
    for wrong in (inside, make_unit(), ""):
        response = client.post(f"{UNITS}{office.pk}/doi/", {**data, "parent": getattr(wrong, "pk", wrong)})
        assert response.context["form"].errors
    client.post(f"{UNITS}{office.pk}/doi/", {**data, "parent": target.pk})
    moved = OrganisationUnit.objects.get(pk=office.pk).successors.get()
    assert moved.get_parent().pk == target.pk
    assert OrganisationUnit.objects.get(pk=inside.pk).successors.get().get_parent().pk == moved.pk


def test_a_unit_is_closed_with_its_assignments_once_nothing_open_is_below(
    administrator: Person, colleague: Person, unit: OrganisationUnit
) -> None:
    below = make_unit(parent=unit)
    client = signed_in(administrator)
    refused = client.post(f"{UNITS}{unit.pk}/dong/", {"last_day": "2026-01-31"})
    assert refused.context["form"].non_field_errors()
    client.post(f"{UNITS}{below.pk}/dong/", {"last_day": "2026-01-31"})
    client.post(f"{UNITS}{unit.pk}/dong/", {"last_day": "2026-01-31"})
    assert OrganisationUnit.objects.get(pk=unit.pk).valid_to == date(2026, 1, 31)
    assert colleague.assignments.get().valid_to == date(2026, 1, 31)


def test_history_is_not_edited(administrator: Person, unit: OrganisationUnit) -> None:
    old = make_unit(parent=unit)
    replace_unit(unit=old, first_day=date(2026, 1, 1), name="Tên mới", by=None)
    client = signed_in(administrator)
    assert client.get(f"{UNITS}{old.pk}/").status_code == 200
    for part in ("doi", "dong"):
        assert client.post(f"{UNITS}{old.pk}/{part}/", {"last_day": "2026-02-01"}).status_code == 404


def test_units_of_others_are_not_there(administrator: Person) -> None:
    other = make_unit()
    client = signed_in(administrator)
    for part in ("", "doi/", "dong/"):
        assert client.get(f"{UNITS}{other.pk}/{part}").status_code == 404


# The access log ------------------------------------------------------------------------------------------------


def test_the_log_shows_ones_units_and_people_newest_first(administrator: Person, colleague: Person, unit: Any) -> None:
    reader, stranger = make_person(), make_person()
    for number, about in enumerate(
        [{"subject": colleague}, {"unit": unit}, {"subject": stranger}, {"unit": make_unit()}]
    ):
        log_access(by=reader, action="view", what=f"mục {number}", at=NOW + timedelta(minutes=number), **about)
    assert [row.what for row in signed_in(administrator).get(LOG).context["object_list"]] == ["mục 1", "mục 0"]
    assert len(signed_in(make_superuser()).get(LOG).context["object_list"]) == 4


def test_the_log_is_filtered_by_action_day_reader_and_subject(administrator: Person, colleague: Person) -> None:
    mai, ba = make_person(name="Lê Thị Mai"), make_person(name="Trần Văn Bả")
    log_access(by=mai, action="view", what="xem", at=NOW, subject=colleague)
    log_access(by=ba, action="export", what="xuất", at=NOW - timedelta(days=3), subject=colleague)
    client = signed_in(administrator)

    def found(query: str) -> list[str]:
        return [row.what for row in client.get(f"{LOG}?{query}").context["object_list"]]

    assert found("action=export") == ["xuất"]
    assert found("at_from=2026-11-24&at_to=2026-11-24") == ["xem"]
    assert found("at_to=2026-11-22") == ["xuất"]
    assert found("by=mai le") == ["xem"]
    assert found("subject=dang ut") == ["xem", "xuất"]
    assert found("subject=khong ai ca") == []
    assert found("action=nonsense") == ["xem", "xuất"]


def test_the_log_has_pages_and_nothing_that_changes_it(administrator: Person, unit: Any) -> None:
    reader = make_person()
    for number in range(51):
        log_access(by=reader, action="view", what=f"m{number}", at=NOW + timedelta(seconds=number), unit=unit)
    client = signed_in(administrator)
    assert [len(client.get(f"{LOG}?p={n}").context["object_list"]) for n in (1, 2)] == [50, 1]
    entry = AccessLog.objects.first()
    assert entry is not None
    for part in ("new/", f"edit/{entry.pk}/", f"delete/{entry.pk}/"):
        assert client.post(LOG + part).status_code == 404
    assert client.post(LOG).status_code == 405
