"""Completion by unit as of any day, exports that are safe, and scope everywhere."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from typing import Any

import pytest
from openpyxl import load_workbook

from courses.models import Course
from people.models import AccessLog, OrganisationUnit, Person
from people.services import close_assignment
from records.exceptions import ReportRefused
from records.models import ReportExport
from records.queries import unit_completion
from records.services import build_export, request_export
from tests.conftest import NOW
from tests.factories import complete, load_small_pack, make_course, make_officer, make_person, make_unit, put_to_work

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 24)


@pytest.fixture
def unit() -> OrganisationUnit:
    return make_unit(name="Sở", code="SO")


@pytest.fixture
def course() -> Course:
    return make_course(checks=1)


def staff(unit: OrganisationUnit, *names: str) -> list[Person]:
    people = [make_person(name=name) for name in names]
    for person in people:
        put_to_work(person, unit, title="Chuyên viên")
    return people


def test_people_of_the_unit_and_below_in_vietnamese_order(unit: OrganisationUnit, course: Course) -> None:
    below = make_unit(parent=unit)
    first = staff(unit, "Nguyễn Văn Đức", "Lê Ánh")[0]
    staff(below, "Trần Dũng")
    staff(make_unit(), "Người Khác")
    complete(course, first)
    overview = unit_completion(unit=unit, course=course, as_of=TODAY)
    assert [row.name for row in overview.rows] == ["Lê Ánh", "Trần Dũng", "Nguyễn Văn Đức"]
    assert (overview.whole.people, overview.whole.completed) == (3, 1)
    assert [(part.pk, tally.people) for part, tally in overview.parts] == [(below.pk, 1)]


@pytest.mark.parametrize(("offset", "completed"), [(-1, 0), (0, 1), (1, 1)])
def test_a_report_can_be_asked_as_of_any_day(
    unit: OrganisationUnit, course: Course, offset: int, completed: int
) -> None:
    complete(course, staff(unit, "Lê Ánh")[0])
    overview = unit_completion(unit=unit, course=course, as_of=TODAY + timedelta(days=offset))
    assert overview.whole.completed == completed


@pytest.mark.parametrize(("offset", "people"), [(-1, 1), (0, 1), (1, 0)])
def test_who_has_left_counts_until_the_last_day(
    unit: OrganisationUnit, course: Course, offset: int, people: int
) -> None:
    person = staff(unit, "Lê Ánh")[0]
    close_assignment(assignment=person.assignments.get(), last_day=TODAY, by=None)
    assert unit_completion(unit=unit, course=course, as_of=TODAY + timedelta(days=offset)).whole.people == people


def test_queries_do_not_grow_with_people(
    unit: OrganisationUnit, course: Course, django_assert_num_queries: Any
) -> None:
    for count in (1, 20):
        staff(unit, *[f"Lê An {'abcdefghijklmnopqrst'[n]}" for n in range(count)])
        with django_assert_num_queries(2):
            unit_completion(unit=unit, course=course, as_of=TODAY)


HOSTILE = ["=1+1", "+cmd", "@SUM(A1)", "-2+3"]


@pytest.mark.parametrize("title", HOSTILE)
def test_exports_hold_no_formula(unit: OrganisationUnit, course: Course, title: str) -> None:
    person = make_person()
    put_to_work(person, unit, title=title)
    officer = make_officer(unit)
    export = request_export(
        report="unit-completion", parameters={"unit": "SO", "course": course.slug}, by=officer, at=NOW
    )
    assert build_export(export_id=export.pk, at=NOW)
    export.refresh_from_db()
    rows = list(csv.reader(io.StringIO(export.csv.read().decode("utf-8-sig"))))
    assert rows[1][3] == f"'{title}"
    sheet = load_workbook(io.BytesIO(export.xlsx.read())).active
    assert sheet["D2"].data_type == "s"
    assert export.row_count == 1


def test_an_export_is_built_once_and_logged(unit: OrganisationUnit, course: Course) -> None:
    officer = make_officer(unit)
    parameters = {"unit": "SO", "course": course.slug, "as_of": "2026-11-24"}
    export = request_export(report="unit-completion", parameters=parameters, by=officer, at=NOW)
    assert request_export(report="unit-completion", parameters=parameters, by=officer, at=NOW) == export
    assert build_export(export_id=export.pk, at=NOW)
    assert not build_export(export_id=export.pk, at=NOW)
    assert AccessLog.objects.filter(by=officer, action="export").count() == 1


def test_a_role_lost_meanwhile_stops_the_export(unit: OrganisationUnit, course: Course) -> None:
    officer = make_officer(unit)
    export = request_export(
        report="unit-completion", parameters={"unit": "SO", "course": course.slug}, by=officer, at=NOW
    )
    officer.role_grants.update(valid_to=date(2025, 12, 31))
    assert not build_export(export_id=export.pk, at=NOW)
    export.refresh_from_db()
    assert export.state == "failed"


@pytest.mark.parametrize(
    "parameters", [{"unit": "NOPE"}, {"unit": "SO", "course": "nope"}, {"unit": "SO", "as_of": "x"}]
)
def test_wrong_parameters_are_refused(unit: OrganisationUnit, course: Course, parameters: dict[str, str]) -> None:
    with pytest.raises(ReportRefused):
        request_export(
            report="unit-completion", parameters={"course": course.slug, **parameters}, by=make_officer(unit), at=NOW
        )


def test_pages_and_files_keep_to_the_officers_units(client: Any, unit: OrganisationUnit) -> None:
    load_small_pack()
    other = make_unit(code="KHAC")
    mine, theirs = staff(unit, "Lê Ánh")[0], staff(other, "Lê Bình")[0]
    officer, stranger = make_officer(unit), make_officer(other)
    export = request_export(
        report="unit-completion", parameters={"unit": "SO", "course": "mat-khau-tot"}, by=officer, at=NOW
    )
    build_export(export_id=export.pk, at=NOW)
    file = f"/nhan-su/xuat/{export.public_id}/tep.csv"
    table = [
        (officer, "/nhan-su/don-vi/SO/", 200),
        (officer, "/nhan-su/don-vi/KHAC/", 404),
        (officer, f"/nhan-su/ho-so/{mine.public_id}/", 200),
        (officer, f"/nhan-su/ho-so/{theirs.public_id}/", 404),
        (officer, file, 200),
        (stranger, file, 404),
        (stranger, "/nhan-su/don-vi/SO/", 404),
        (mine, "/nhan-su/don-vi/SO/", 404),
        (mine, "/nhan-su/don-vi/", 403),
        (mine, "/nhan-su/ho-so/", 200),
        (mine, f"/nhan-su/ho-so/{theirs.public_id}/", 404),
        (mine, file, 404),
        (None, "/nhan-su/don-vi/SO/", 302),
    ]
    for person, address, expected in table:
        client.logout()
        if person is not None:
            client.force_login(person)
        assert client.get(address).status_code == expected, (person, address)
    assert AccessLog.objects.filter(subject=mine, by=officer).count() == 1
    assert ReportExport.objects.count() == 1
