"""What administrators do with units and the access log in the administration, and what others cannot."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from people.models import AccessLog, OrganisationUnit, Person
from people.permissions import has_role
from people.queries import current_assignment
from people.services import close_unit, log_access, replace_unit
from tests.conftest import NOW
from tests.factories import make_officer, make_person, make_unit
from tests.people.administration import (
    ADMINISTRATOR,
    LOG,
    UNITS,
    make_superuser,
    names_in,
    signed_in,
)

pytestmark = pytest.mark.usefixtures("portal")


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
