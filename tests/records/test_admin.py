"""Exports in the administration: whose are seen, tried again and read by whom."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from courses.models import Course
from people.models import AccessLog, OrganisationUnit, Person
from people.services import grant_role
from records.models import ReportExport
from records.services import build_export, request_export
from tests.conftest import NOW
from tests.factories import START, make_course, make_officer, make_person, make_portal, make_unit, put_to_work

EXPORTS = "/quan-tri/xuat-du-lieu/"


@pytest.fixture(autouse=True)
def _portal(db: Any) -> None:
    make_portal()


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def unit() -> OrganisationUnit:
    return make_unit(name="Sở", code="SO")


@pytest.fixture
def course() -> Course:
    return make_course(checks=1)


@pytest.fixture
def officer(unit: OrganisationUnit) -> Person:
    return make_officer(unit)


def ask(officer: Person, unit: OrganisationUnit, course: Course, *, days_ago: int = 0) -> ReportExport:
    """An export that was asked for."""
    parameters = {
        "unit": unit.code,
        "course": course.slug,
        "as_of": (NOW - timedelta(days=days_ago)).date().isoformat(),
    }
    return request_export(
        report="unit-completion", parameters=parameters, by=officer, at=NOW - timedelta(days=days_ago)
    )


def failed(export: ReportExport) -> ReportExport:
    ReportExport.objects.filter(pk=export.pk).update(state="failed", attempts=5, error="OSError: đĩa đầy")
    export.refresh_from_db()
    return export


def listed(person: Person, query: str = "") -> list[int]:
    return [row.pk for row in signed_in(person).get(f"{EXPORTS}{query}").context["object_list"]]


def test_one_sees_ones_own_and_administrators_those_of_their_units(
    officer: Person, unit: OrganisationUnit, course: Course
) -> None:
    below, other = make_unit(parent=unit), make_unit()
    colleague, stranger = make_officer(below), make_officer(other)
    mine, theirs = ask(officer, unit, course), ask(colleague, below, course)
    foreign = ask(stranger, other, course)
    assert listed(officer) == [mine.pk]
    assert listed(colleague) == [theirs.pk]
    assert set(listed(make_officer(unit, "administrator"))) == {mine.pk, theirs.pk}
    assert listed(make_officer(below, "administrator")) == [theirs.pk]
    superuser = make_person()
    Person.objects.filter(pk=superuser.pk).update(is_superuser=True, is_staff=True)
    superuser.refresh_from_db()
    assert set(listed(superuser)) == {mine.pk, theirs.pk, foreign.pk}


@pytest.mark.parametrize(
    ("role", "status"),
    [("hr_officer", 200), ("administrator", 200), ("instructor", 403), ("exam_officer", 403), ("", 302)],
)
def test_the_page_and_its_entry_are_for_who_can_have_exports(unit: OrganisationUnit, role: str, status: int) -> None:
    client = signed_in(make_officer(unit, role) if role else make_person())
    assert client.get(EXPORTS).status_code == status
    assert (EXPORTS in client.get("/quan-tri/").content.decode()) is (status == 200)


def test_the_listing_tells_who_what_when_state_rows_and_error(officer: Person, unit: Any, course: Course) -> None:
    put_to_work(make_person(), unit)
    ready, broken = ask(officer, unit, course), failed(ask(officer, unit, course, days_ago=3))
    assert build_export(export_id=ready.pk, at=NOW)
    assert listed(officer) == [ready.pk, broken.pk]  # newest first
    page = signed_in(officer).get(EXPORTS).content.decode()
    for text in (str(officer), unit.code, course.slug, "OSError: đĩa đầy", "09:00 24/11/2026"):
        assert text in page
    assert listed(officer, "?state=failed") == [broken.pk]
    assert listed(officer, "ket-qua/?state=ready") == [ready.pk]


def test_a_failed_export_is_tried_again_and_comes_out(officer: Person, unit: Any, course: Course) -> None:
    export = failed(ask(officer, unit, course))
    client, address = signed_in(officer), f"{EXPORTS}{export.public_id}/thu-lai/"
    assert address in client.get(EXPORTS).content.decode()
    assert client.post(address).url == EXPORTS
    export.refresh_from_db()
    assert (export.state, export.attempts, export.error) == ("requested", 0, "")
    assert address not in client.get(EXPORTS).content.decode()
    assert build_export(export_id=export.pk, at=NOW)


@pytest.mark.parametrize("state", ["requested", "ready"])
def test_what_has_not_failed_is_not_tried_again(officer: Person, unit: Any, course: Course, state: str) -> None:
    export = ask(officer, unit, course)
    if state == "ready":
        build_export(export_id=export.pk, at=NOW)
    response = signed_in(officer).post(f"{EXPORTS}{export.public_id}/thu-lai/", follow=True)
    assert [message.level_tag for message in response.context["messages"]] == ["error"]
    export.refresh_from_db()
    assert export.state == state


def test_trying_again_is_a_post_by_who_sees_the_export(officer: Person, unit: Any, course: Course) -> None:
    export = failed(ask(officer, unit, course))
    address = f"{EXPORTS}{export.public_id}/thu-lai/"
    assert signed_in(officer).get(address).status_code == 405
    table = [
        (make_officer(make_unit(), "administrator"), 404),
        (make_officer(unit), 404),  # an HR officer of the same unit
        (make_officer(unit, "instructor"), 404),
        (make_person(), 302),
    ]
    for person, status in table:
        assert signed_in(person).post(address).status_code == status
    export.refresh_from_db()
    assert export.state == "failed"
    signed_in(make_officer(unit, "administrator")).post(address)
    export.refresh_from_db()
    assert export.state == "requested"


def test_files_are_read_by_their_owner_and_by_administrators_with_a_trace(
    officer: Person, unit: Any, course: Course
) -> None:
    export = ask(officer, unit, course)
    address = f"{EXPORTS}{export.public_id}/tep.xlsx"
    assert signed_in(officer).get(address).status_code == 404  # not built yet
    build_export(export_id=export.pk, at=NOW)
    before = AccessLog.objects.filter(by=officer).count()
    response = signed_in(officer).get(address)
    assert b"".join(response.streaming_content).startswith(b"PK")
    assert AccessLog.objects.filter(by=officer).count() == before + 1
    administrator = make_officer(unit, "administrator")
    assert address in signed_in(administrator).get(EXPORTS).content.decode()
    assert signed_in(administrator).get(address.replace("xlsx", "csv")).status_code == 200
    entry = AccessLog.objects.get(by=administrator)
    assert (entry.action, entry.unit) == ("export", unit)
    assert signed_in(administrator).get(address.replace("xlsx", "exe")).status_code == 404
    for person in (make_officer(make_unit(), "administrator"), make_officer(unit), make_officer(unit, "instructor")):
        assert signed_in(person).get(address).status_code == 404


def test_who_is_no_officer_there_any_more_sees_the_row_and_reads_no_file(
    officer: Person, unit: Any, course: Course
) -> None:
    export = ask(officer, unit, course)
    build_export(export_id=export.pk, at=NOW)
    grant_role(person=officer, role="hr_officer", unit=make_unit(), valid_from=START, by=None)
    officer.role_grants.filter(unit=unit).update(valid_to=timezone.localdate() - timedelta(days=1))
    assert listed(officer) == [export.pk]
    assert signed_in(officer).get(f"{EXPORTS}{export.public_id}/tep.csv").status_code == 404


def test_an_unknown_report_or_odd_parameters_do_not_break_the_page(officer: Person) -> None:
    ReportExport.objects.create(report="khong-con", parameters={"as_of": "?"}, requested_by=officer, requested_at=NOW)
    assert "khong-con" in signed_in(officer).get(EXPORTS).content.decode()


def test_the_listing_asks_the_same_number_of_queries_for_3_and_30(officer: Person, unit: Any, course: Course) -> None:
    administrator = signed_in(make_officer(unit, "administrator"))

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert administrator.get(EXPORTS).status_code == 200
        return len(queries)

    for number in range(3):
        failed(ask(officer, unit, course, days_ago=number))
    count()
    few = count()
    for number in range(3, 30):
        failed(ask(make_officer(unit), unit, course, days_ago=number))
    assert count() == few
