"""What administrators do about issued certificates in the administration, and what others cannot."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from certificates.models import Certificate
from certificates.services import issue_for_completion, render_certificate, revoke_certificate, suspend_certificate
from people.models import AccessLog, OrganisationUnit, Person
from people.services import grant_role
from tests.conftest import NOW
from tests.factories import (
    START,
    complete,
    make_course,
    make_officer,
    make_person,
    make_portal,
    make_rule,
    make_unit,
    put_to_work,
)

REGISTER = "/quan-tri/snippets/certificates/certificate/"
ACTIONS = "/quan-tri/chung-chi/"
CHANGES = ("tam-dinh-chi", "khoi-phuc", "thu-hoi", "tao-lai-tep")
REASON = "Cấp nhầm người"


@pytest.fixture(autouse=True)
def _portal(db: Any) -> None:
    make_portal()


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def issue(unit: OrganisationUnit, *, name: str = "Nguyễn Thị Hương") -> Certificate:
    course = make_course(checks=1)
    make_rule(course, unit)
    if course.certificate_rule.issuing_unit_id != unit.pk:
        course.certificate_rule.issuing_unit = unit
        course.certificate_rule.save()
    issued = issue_for_completion(completion_id=complete(course, make_person(name=name)).pk, at=NOW)
    assert issued is not None
    return issued


@pytest.fixture
def unit() -> OrganisationUnit:
    return make_unit(code="TN")


@pytest.fixture
def administrator(unit: OrganisationUnit) -> Person:
    return make_officer(unit, "administrator")


@pytest.fixture
def certificate(unit: OrganisationUnit) -> Certificate:
    return issue(unit)


def superuser() -> Person:
    person = make_person()
    Person.objects.filter(pk=person.pk).update(is_superuser=True, is_staff=True)
    return Person.objects.get(pk=person.pk)


def test_a_certificate_is_suspended_restored_and_revoked_and_each_is_remembered(
    client: Client, administrator: Person, certificate: Certificate
) -> None:
    admin, page = signed_in(administrator), f"{REGISTER}inspect/{certificate.pk}/"
    steps = [
        ("tam-dinh-chi", "Chờ xác minh", "suspended"),
        ("khoi-phuc", "Đã xác minh", "valid"),
        ("thu-hoi", REASON, "revoked"),
    ]
    for key, reason, status in steps:
        assert admin.get(f"{ACTIONS}{certificate.pk}/{key}/").status_code == 200
        response = admin.post(f"{ACTIONS}{certificate.pk}/{key}/", {"reason": reason})
        assert response.url == page
        certificate.refresh_from_db()
        assert (certificate.status, certificate.status_reason, certificate.status_by) == (status, reason, administrator)
    shown = admin.get(page)
    assert [row["reason"] for row in shown.context["history"]] == [REASON, "Đã xác minh", "Chờ xác minh", ""]
    assert {row["by"] for row in shown.context["history"][:3]} == {administrator}
    assert REASON in client.get(f"/kiem-tra/{certificate.code}/").content.decode()


def test_a_change_made_elsewhere_is_in_the_history_too(administrator: Person, certificate: Certificate) -> None:
    changed_by = make_person(name="Phạm Văn Dũng")
    suspend_certificate(certificate=certificate, reason=REASON, by=changed_by, at=NOW + timedelta(days=1))
    history = signed_in(administrator).get(f"{REGISTER}inspect/{certificate.pk}/").context["history"]
    assert [(row["by"], row["reason"]) for row in history] == [(changed_by, REASON), (None, "")]


@pytest.mark.parametrize("reason", ["", "   ", "x" * 301])
@pytest.mark.parametrize("key", ["tam-dinh-chi", "thu-hoi"])
def test_without_a_reason_nothing_changes(
    administrator: Person, certificate: Certificate, key: str, reason: str
) -> None:
    response = signed_in(administrator).post(f"{ACTIONS}{certificate.pk}/{key}/", {"reason": reason})
    assert response.status_code == 200
    assert list(response.context["form"].errors) == ["reason"]
    certificate.refresh_from_db()
    assert certificate.status == "valid"


@pytest.mark.parametrize(
    ("before", "key"),
    [("valid", "khoi-phuc"), ("suspended", "tam-dinh-chi"), ("revoked", "tam-dinh-chi"), ("revoked", "thu-hoi")],
)
def test_an_impossible_change_gives_the_services_sentence_and_is_not_offered(
    administrator: Person, certificate: Certificate, before: str, key: str
) -> None:
    if before != "valid":
        change = suspend_certificate if before == "suspended" else revoke_certificate
        change(certificate=certificate, reason=REASON, by=administrator, at=NOW)
    client = signed_in(administrator)
    response = client.post(f"{ACTIONS}{certificate.pk}/{key}/", {"reason": "Lý do"})
    assert certificate.number in str(response.context["form"].non_field_errors())
    certificate.refresh_from_db()
    assert certificate.status == before
    for page in (REGISTER, f"{REGISTER}inspect/{certificate.pk}/"):
        assert f"{ACTIONS}{certificate.pk}/{key}/" not in client.get(page).content.decode()


@pytest.mark.parametrize(
    ("status", "rendering", "offered"),
    [
        ("valid", "due", {"tam-dinh-chi", "thu-hoi"}),
        ("suspended", "due", {"khoi-phuc", "thu-hoi"}),
        ("revoked", "due", {"khoi-phuc"}),
        ("replaced", "due", set()),
        ("valid", "failed", {"tam-dinh-chi", "thu-hoi", "tao-lai-tep"}),
    ],
)
def test_listing_and_page_offer_what_the_state_allows(
    administrator: Person, certificate: Certificate, status: str, rendering: str, offered: set[str]
) -> None:
    Certificate.objects.filter(pk=certificate.pk).update(status=status, status_changed_at=NOW, rendering=rendering)
    client = signed_in(administrator)
    for page in (REGISTER, f"{REGISTER}inspect/{certificate.pk}/"):
        text = client.get(page).content.decode()
        assert {key for key in CHANGES if f"{ACTIONS}{certificate.pk}/{key}/" in text} == offered


def test_failed_files_are_made_again_and_ready_ones_are_not(administrator: Person, certificate: Certificate) -> None:
    Certificate.objects.filter(pk=certificate.pk).update(rendering="failed", rendering_error="no space left")
    client, address = signed_in(administrator), f"{ACTIONS}{certificate.pk}/tao-lai-tep/"
    page = f"{REGISTER}inspect/{certificate.pk}/"
    assert "no space left" in client.get(page).content.decode()
    assert client.post(address).status_code == 302
    certificate.refresh_from_db()
    assert (certificate.rendering, certificate.rendering_error) == ("due", "")
    render_certificate(certificate_id=certificate.pk, at=NOW)
    text = client.get(page).content.decode()
    assert f"/chung-chi/{certificate.code}/tep.pdf" in text
    assert f"/chung-chi/{certificate.code}/tep.png" in text
    assert client.get(f"/chung-chi/{certificate.code}/tep.pdf").status_code == 200
    assert client.post(address).context["form"].non_field_errors()


def test_nobody_without_the_right_sees_a_button_or_changes_anything(certificate: Certificate, unit: Any) -> None:
    put_to_work(certificate.person, unit)
    elsewhere = make_officer(make_unit(), "administrator")
    below = make_officer(make_unit(parent=unit), "administrator")
    both = make_officer(make_unit(), "administrator")
    grant_role(person=both, role="hr_officer", unit=unit, valid_from=START, by=None)  # sees, may not change
    table = [
        (elsewhere, 404, 404),
        (below, 404, 404),
        (both, 200, 403),
        (make_officer(unit, "hr_officer"), None, 403),
        (make_officer(unit, "instructor"), None, 404),
        (certificate.person, None, 302),
        (make_person(), None, 302),
    ]
    for person, inspect, change in table:
        client = signed_in(person)
        if inspect is not None:
            page = client.get(f"{REGISTER}inspect/{certificate.pk}/")
            assert page.status_code == inspect
            assert f"{ACTIONS}{certificate.pk}/" not in page.content.decode()
            assert f"{ACTIONS}{certificate.pk}/" not in client.get(REGISTER).content.decode()
        for key in CHANGES:
            for response in (
                client.get(f"{ACTIONS}{certificate.pk}/{key}/"),
                client.post(f"{ACTIONS}{certificate.pk}/{key}/", {"reason": REASON}),
            ):
                assert response.status_code == change, (person, key)
    certificate.refresh_from_db()
    assert (certificate.status, certificate.rendering) == ("valid", "due")


@pytest.mark.parametrize("role", ["hr_officer", "instructor", "exam_officer"])
def test_the_register_is_for_administrators(certificate: Certificate, unit: Any, role: str) -> None:
    client = signed_in(make_officer(unit, role))
    for page in (REGISTER, f"{REGISTER}inspect/{certificate.pk}/"):
        response = client.get(page)
        assert response.status_code in (302, 403, 404)
        assert certificate.number not in response.content.decode()
    assert REGISTER not in client.get("/quan-tri/").content.decode()


def test_the_register_holds_what_ones_units_issued(administrator: Person, certificate: Certificate) -> None:
    issue(make_unit())
    assert list(signed_in(administrator).get(REGISTER).context["object_list"]) == [certificate]


def test_nobody_writes_into_the_register_or_deletes_from_it(certificate: Certificate) -> None:
    client = signed_in(superuser())
    for part in ("add/", f"edit/{certificate.pk}/", f"delete/{certificate.pk}/", f"history/{certificate.pk}/"):
        assert client.get(REGISTER + part).status_code in (302, 403, 404), part
        client.post(REGISTER + part, {"status_reason": "x"})
    client.post(f"/quan-tri/bulk/certificates/certificate/delete/?id={certificate.pk}")
    assert Certificate.objects.get(pk=certificate.pk).status_reason == ""
    assert client.get("/quan-tri/snippets/choose/certificates/certificate/").status_code == 404


@pytest.mark.parametrize("words", ["huong nguyen", "HƯƠNG", "number", "code"])
def test_a_certificate_is_found_by_holder_number_or_code(
    administrator: Person, unit: Any, certificate: Certificate, words: str
) -> None:
    issue(unit, name="Trần Văn Ba")
    text = {"number": certificate.number[-5:], "code": certificate.code.lower()}.get(words, words)
    assert list(signed_in(administrator).get(f"{REGISTER}?q={text}").context["object_list"]) == [certificate]


def test_reading_somebodys_certificate_is_in_the_access_log(administrator: Person, certificate: Certificate) -> None:
    signed_in(administrator).get(f"{REGISTER}inspect/{certificate.pk}/")
    entry = AccessLog.objects.get(by=administrator, subject=certificate.person)
    assert certificate.number in entry.what


def test_unknown_actions_and_certificates_are_not_there(administrator: Person, certificate: Certificate) -> None:
    client = signed_in(administrator)
    for path in (f"{certificate.pk}/xoa/", "999999/thu-hoi/"):
        assert client.post(ACTIONS + path, {"reason": REASON}).status_code == 404


def test_the_register_asks_the_same_number_of_queries_for_3_and_30(administrator: Person, unit: Any) -> None:
    client = signed_in(administrator)

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(REGISTER).status_code == 200
        return len(queries)

    for _ in range(3):
        issue(unit)
    count()
    few = count()
    for _ in range(27):
        issue(unit)
    assert count() == few
