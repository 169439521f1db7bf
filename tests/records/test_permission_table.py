"""Who may open which address of the people, records and certificates rooms: one table, and no address without a row.

Two units, `mine` and `other`, have a member, an HR officer and an administrator each. Everything in the table is about
the member of `mine`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import get_resolver

from certificates.models import Certificate, CertificateRule
from certificates.services import issue_for_completion, render_certificate
from people.models import AccessLog, OrganisationUnit, Person
from people.services import activation_path, check_roster, grant_role, replace_unit
from records.services import build_export, request_export
from tests.conftest import NOW
from tests.factories import (
    START,
    complete,
    load_small_pack,
    make_course,
    make_officer,
    make_person,
    make_rule,
    make_unit,
    put_to_work,
)

READERS = [
    "anonymous",
    "member",
    "stranger",
    "hr",
    "hr_other",
    "instructor",
    "exam",
    "admin",
    "admin_other",
    "superuser",
]
ADMIN = "/quan-tri/"
USERS, UNITS, LOG = f"{ADMIN}users/", f"{ADMIN}to-chuc/don-vi/", f"{ADMIN}to-chuc/nhat-ky/"
CERTIFICATES = f"{ADMIN}snippets/certificates/certificate/"
RULES = f"{ADMIN}snippets/certificates/certificaterule/"
EXPORTS = f"{ADMIN}xuat-du-lieu/"

# name: (method, address, statuses in the order of READERS)
TABLE: dict[str, tuple[str, str, str]] = {
    # The people room
    "people:roster_list": ("GET", "/nhan-su/danh-sach/", "302 403 403 200 200 403 403 200 200 200"),
    "people:roster_upload": ("GET", "/nhan-su/danh-sach/tai-len/", "302 403 403 200 200 403 403 200 200 200"),
    "people:roster_sample": ("GET", "/nhan-su/danh-sach/mau.xlsx", "302 403 403 200 200 403 403 200 200 200"),
    "people:roster_detail": ("GET", "/nhan-su/danh-sach/{roster}/", "302 403 403 200 404 403 403 404 404 404"),
    "people:roster_apply": ("POST", "/nhan-su/danh-sach/{roster}/ap-dung/", "302 403 403 302 404 403 403 404 404 404"),
    "people:activate": ("GET", "{activation}", "200 200 200 200 200 200 200 200 200 200"),
    "people:profile": ("GET", "/nhan-su/toi/", "302 200 200 200 200 200 200 200 200 200"),
    "people:api_tokens": ("GET", "/nhan-su/toi/ma-truy-cap/", "302 200 200 200 200 200 200 200 200 200"),
    # The records room
    "records:units": ("GET", "/nhan-su/don-vi/", "302 403 403 302 302 403 403 302 302 200"),
    "records:unit": ("GET", "/nhan-su/don-vi/MINE/", "302 404 404 200 404 404 404 200 404 200"),
    "records:remind": ("POST", "/nhan-su/don-vi/MINE/nhac/", "302 404 404 302 404 404 404 302 404 302"),
    "records:my_transcript": ("GET", "/nhan-su/ho-so/", "302 200 200 200 200 200 200 200 200 200"),
    "records:person_transcript": ("GET", "/nhan-su/ho-so/{person}/", "302 200 404 200 404 404 404 200 404 200"),
    "records:export_request": ("POST", "/nhan-su/xuat/", "302 302 302 302 302 302 302 302 302 302"),
    "records:export_detail": ("GET", "/nhan-su/xuat/{export}/", "302 404 404 200 404 404 404 404 404 404"),
    "records:export_file": ("GET", "/nhan-su/xuat/{export}/tep.csv", "302 404 404 200 404 404 404 404 404 404"),
    # The certificates room
    "certificates:verify": ("GET", "/kiem-tra/", "200 200 200 200 200 200 200 200 200 200"),
    "certificates:verify_code": ("GET", "/kiem-tra/{code}/", "200 200 200 200 200 200 200 200 200 200"),
    "api-1.0.0:verify": ("GET", "/api/v1/certificates/verify/{code}", "200 200 200 200 200 200 200 200 200 200"),
    "certificates:mine": ("GET", "/chung-chi/", "302 200 200 200 200 200 200 200 200 200"),
    "certificates:detail": ("GET", "/chung-chi/{code}/", "302 200 404 200 404 404 404 200 404 200"),
    "certificates:file": ("GET", "/chung-chi/{code}/tep.pdf", "302 200 404 200 404 404 404 200 404 200"),
    # People in the administration
    "wagtailusers_users:index": ("GET", USERS, "302 302 302 403 403 403 403 200 200 200"),
    "wagtailusers_users:index_results": ("GET", f"{USERS}results/", "302 302 302 403 403 403 403 200 200 200"),
    "wagtailusers_users:add": ("GET", f"{USERS}new/", "302 302 302 403 403 403 403 200 200 200"),
    "wagtailusers_users:edit": ("GET", f"{USERS}edit/{{pk}}/", "302 302 302 403 403 403 403 200 404 200"),
    "wagtailusers_users:inspect": ("GET", f"{USERS}inspect/{{pk}}/", "302 302 302 404 404 404 404 200 404 200"),
    "wagtailusers_users:assign": ("GET", f"{USERS}{{pk}}/assign/", "302 302 302 403 403 403 403 200 404 200"),
    "wagtailusers_users:close_assignment": ("GET", f"{USERS}{{pk}}/assign/{{assignment}}/", "302 302 302 403 403 403 403 200 404 200"),
    "wagtailusers_users:grant": ("GET", f"{USERS}{{pk}}/grant/", "302 302 302 403 403 403 403 200 404 200"),
    "wagtailusers_users:revoke": ("GET", f"{USERS}{{officer}}/grant/{{grant}}/", "302 302 302 403 403 403 403 200 404 200"),
    "wagtailusers_users:reveal": ("GET", f"{USERS}{{pk}}/citizen-id/", "302 302 302 403 403 403 403 200 404 200"),
    "wagtailusers_users:activation": ("POST", f"{USERS}{{new}}/activation/", "302 302 302 403 403 403 403 200 404 200"),
    "organisation_units:index": ("GET", UNITS, "302 302 302 403 403 403 403 200 200 200"),
    "organisation_units:index_results": ("GET", f"{UNITS}results/", "302 302 302 403 403 403 403 200 200 200"),
    "organisation_units:inspect": ("GET", f"{UNITS}{{unit}}/", "302 302 302 404 404 404 404 200 404 200"),
    "organisation_units:add": ("GET", f"{UNITS}mo/", "302 302 302 403 403 403 403 200 200 200"),
    "organisation_units:replace": ("GET", f"{UNITS}{{unit}}/doi/", "302 302 302 403 403 403 403 200 404 200"),
    "organisation_units:close": ("GET", f"{UNITS}{{unit}}/dong/", "302 302 302 403 403 403 403 200 404 200"),
    "access_log:index": ("GET", LOG, "302 302 302 403 403 403 403 200 200 200"),
    "access_log:index_results": ("GET", f"{LOG}results/", "302 302 302 403 403 403 403 200 200 200"),
    # The register and its rules in the administration
    "wagtailsnippets_certificates_certificate:list": ("GET", CERTIFICATES, "302 302 302 302 302 302 302 200 200 200"),
    "wagtailsnippets_certificates_certificate:list_results": ("GET", f"{CERTIFICATES}results/", "302 302 302 302 302 302 302 200 200 200"),
    "wagtailsnippets_certificates_certificate:add": ("GET", f"{CERTIFICATES}add/", "302 302 302 302 302 302 302 302 302 302"),
    "wagtailsnippets_certificates_certificate:edit": ("GET", f"{CERTIFICATES}edit/{{certificate}}/", "302 302 302 302 302 302 302 302 302 302"),
    "wagtailsnippets_certificates_certificate:delete": ("POST", f"{CERTIFICATES}delete/{{certificate}}/", "302 302 302 302 302 302 302 302 302 302"),
    "wagtailsnippets_certificates_certificate:usage": ("GET", f"{CERTIFICATES}usage/{{certificate}}/", "302 302 302 302 302 302 302 302 302 302"),
    "wagtailsnippets_certificates_certificate:history": ("GET", f"{CERTIFICATES}history/{{certificate}}/", "302 302 302 302 302 302 302 302 302 302"),
    "wagtailsnippets_certificates_certificate:history_results": ("GET", f"{CERTIFICATES}history-results/{{certificate}}/", "302 302 302 302 302 302 302 302 302 302"),
    "wagtailsnippets_certificates_certificate:inspect": ("GET", f"{CERTIFICATES}inspect/{{certificate}}/", "302 302 302 302 404 404 404 200 404 200"),
    "wagtailsnippets_certificates_certificaterule:list": ("GET", RULES, "302 302 302 302 302 302 302 200 200 200"),
    "wagtailsnippets_certificates_certificaterule:list_results": ("GET", f"{RULES}results/", "302 302 302 302 302 302 302 200 200 200"),
    "wagtailsnippets_certificates_certificaterule:add": ("GET", f"{RULES}add/", "302 302 302 302 302 302 302 200 200 200"),
    "wagtailsnippets_certificates_certificaterule:edit": ("GET", f"{RULES}edit/{{rule}}/", "302 302 302 404 404 404 404 200 404 200"),
    "wagtailsnippets_certificates_certificaterule:delete": ("GET", f"{RULES}delete/{{rule}}/", "302 302 302 404 404 404 404 200 404 200"),
    "wagtailsnippets_certificates_certificaterule:usage": ("GET", f"{RULES}usage/{{rule}}/", "302 302 302 404 404 404 404 200 404 200"),
    "wagtailsnippets_certificates_certificaterule:history": ("GET", f"{RULES}history/{{rule}}/", "302 302 302 404 404 404 404 200 404 200"),
    "wagtailsnippets_certificates_certificaterule:history_results": ("GET", f"{RULES}history-results/{{rule}}/", "302 302 302 404 404 404 404 200 404 200"),
    "certificate_action": ("GET", f"{ADMIN}chung-chi/{{certificate}}/thu-hoi/", "302 302 302 403 404 404 404 200 404 200"),
    # Exports in the administration
    "record_exports": ("GET", EXPORTS, "302 302 302 200 200 403 403 200 200 200"),
    "record_exports_results": ("GET", f"{EXPORTS}ket-qua/", "302 302 302 200 200 403 403 200 200 200"),
    "record_export_again": ("POST", f"{EXPORTS}{{export}}/thu-lai/", "302 302 302 302 404 404 404 302 404 302"),
    "record_export_file": ("GET", f"{EXPORTS}{{export}}/tep.xlsx", "302 302 302 200 404 404 404 200 404 200"),
}  # fmt: skip

# Addresses of libraries that these rooms bring in, tested with signing in (tests/people/test_sign_in.py).
ELSEWHERE = "account_"
OURS = ("people", "records", "certificates", "organisation_units", "access_log", "wagtailusers_users", "record_export", "certificate_action", "wagtailsnippets_certificates", "wagtailsnippetchoosers_certificates")  # fmt: skip


def addresses(resolver: Any = None, namespaces: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """Name and module of every address of the site."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if hasattr(pattern, "url_patterns"):
            yield from addresses(pattern, (*namespaces, *([pattern.namespace] if pattern.namespace else [])))
        else:
            yield ":".join([*namespaces, pattern.name or ""]), getattr(pattern.callback, "__module__", "") or ""


def test_every_address_of_these_rooms_has_a_row() -> None:
    rooms = {"people", "records", "certificates"}
    ours = {
        name
        for name, module in addresses()
        if (name.startswith(OURS) or module.split(".")[0] in rooms) and not name.startswith(ELSEWHERE)
    }
    assert ours - set(TABLE) == set()
    assert set(TABLE) - ours - {"api-1.0.0:verify"} == set()


@pytest.fixture
def world(db: Any) -> dict[str, Any]:
    """The readers by name, and what the addresses are filled with."""
    load_small_pack()
    mine, other = make_unit(name="Sở", code="MINE"), make_unit(name="Phòng", code="OTHER")
    course = make_course(checks=1)
    make_rule(course, OrganisationUnit.objects.get(code="TN"))
    CertificateRule.objects.filter(course=course).update(issuing_unit=mine)
    member, stranger, new = make_person(), make_person(name="Trần Văn Lạ"), make_person(password=None)
    for person, unit in ((member, mine), (new, mine), (stranger, other)):
        put_to_work(person, unit)
    certificate = issue_for_completion(completion_id=complete(course, member).pk, at=NOW)
    assert certificate is not None
    render_certificate(certificate_id=certificate.pk, at=NOW)
    hr = make_officer(mine)
    put_to_work(hr, mine)
    export = request_export(report="unit-completion", parameters={"unit": "MINE", "course": course.slug}, by=hr, at=NOW)
    build_export(export_id=export.pk, at=NOW)
    roster = check_roster(
        data="Mã nhân viên,Họ và tên,Mã đơn vị\nCC1,Lê An,MINE\n".encode(), file_name="a.csv", unit=mine, by=hr, at=NOW
    )
    superuser = make_person(name="Quản Trị")
    Person.objects.filter(pk=superuser.pk).update(is_superuser=True, is_staff=True)
    superuser.refresh_from_db()
    readers = {
        "anonymous": None,
        "member": member,
        "stranger": stranger,
        "hr": hr,
        "hr_other": make_officer(other),
        "instructor": make_officer(mine, "instructor"),
        "exam": make_officer(mine, "exam_officer"),
        "admin": make_officer(mine, "administrator"),
        "admin_other": make_officer(other, "administrator"),
        "superuser": superuser,
    }
    values = {
        "roster": roster.pk,
        "activation": activation_path(person=new),
        "person": member.public_id,
        "export": export.public_id,
        "code": certificate.code,
        "pk": member.pk,
        "new": new.pk,
        "assignment": member.assignments.get().pk,
        "officer": hr.pk,
        "grant": hr.role_grants.get().pk,
        "unit": mine.pk,
        "certificate": certificate.pk,
        "rule": CertificateRule.objects.get(course=course).pk,
        "course": course.slug,
    }
    return {"readers": readers, "values": values}


def ask(world: dict[str, Any], reader: str, method: str, address: str) -> Any:
    """The response; whatever the request changed is undone."""
    client, person = Client(), world["readers"][reader]
    with transaction.atomic():
        if person is not None:
            client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        data = {"course": world["values"]["course"]} if method == "POST" else None
        response = client.generic("GET", address) if data is None else client.post(address, data)
        transaction.set_rollback(True)
    return response


def test_each_reader_gets_what_the_table_says(world: dict[str, Any]) -> None:
    cache.clear()
    wrong = {}
    for name, (method, address, statuses) in TABLE.items():
        for reader, expected in zip(READERS, map(int, statuses.split()), strict=True):
            status = ask(world, reader, method, address.format(**world["values"])).status_code
            if status != expected:
                wrong[name, reader] = (status, expected)
    assert wrong == {}


def test_a_refused_export_request_makes_none(world: dict[str, Any]) -> None:
    client = Client()
    for reader in ("member", "stranger", "hr_other", "instructor", "exam", "admin_other"):
        client.force_login(world["readers"][reader], backend="django.contrib.auth.backends.ModelBackend")
        form = {"report": "unit-completion", "unit": "MINE", "course": world["values"]["course"]}
        client.post("/nhan-su/xuat/", form)
    assert not AccessLog.objects.filter(action="export").exclude(by=world["readers"]["hr"]).exists()


READ = [
    ("hr", "/nhan-su/don-vi/MINE/", "completion of a unit"),
    ("hr", "/nhan-su/ho-so/{person}/", "transcript"),
    ("hr", "/nhan-su/xuat/{export}/tep.csv", "completion of a unit"),
    ("hr", "/chung-chi/{code}/", "certificate"),
    ("hr", "/chung-chi/{code}/tep.pdf", "file of a certificate"),
    ("hr", "/chung-chi/{code}/tep.png", "file of a certificate"),
    ("admin", USERS, "list of people"),
    ("admin", f"{USERS}results/?q=huong", "list of people"),
    ("admin", f"{USERS}inspect/{{pk}}/", "account"),
    ("admin", f"{USERS}edit/{{pk}}/", "account"),
    ("admin", CERTIFICATES, "register of certificates"),
    ("admin", f"{CERTIFICATES}inspect/{{certificate}}/", "certificate"),
    ("admin", f"{EXPORTS}{{export}}/tep.xlsx", "completion of a unit"),
]


def test_every_reading_of_somebody_elses_data_is_in_the_log(world: dict[str, Any]) -> None:
    for reader, address, what in READ:
        client, person = Client(), world["readers"][reader]
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        before = set(AccessLog.objects.values_list("pk", flat=True))
        assert client.get(address.format(**world["values"])).status_code == 200
        entry = AccessLog.objects.exclude(pk__in=before).get()
        assert (entry.by, entry.what.partition(": ")[0]) == (person, what), address


def test_who_was_read_as_one_of_a_unit_sees_it_too(world: dict[str, Any]) -> None:
    ask_and_keep = Client()
    ask_and_keep.force_login(world["readers"]["hr"], backend="django.contrib.auth.backends.ModelBackend")
    ask_and_keep.get("/nhan-su/don-vi/MINE/")
    for reader, told in (("member", True), ("stranger", False)):
        page = ask(world, reader, "GET", "/nhan-su/toi/").content.decode()
        assert ("mức hoàn thành của đơn vị" in page) is told


def test_reading_ones_own_leaves_no_entry(world: dict[str, Any]) -> None:
    client = Client()
    client.force_login(world["readers"]["member"], backend="django.contrib.auth.backends.ModelBackend")
    for address in ("/nhan-su/ho-so/", "/nhan-su/ho-so/{person}/", "/chung-chi/{code}/", "/chung-chi/{code}/tep.pdf"):
        assert client.get(address.format(**world["values"])).status_code == 200
    assert not AccessLog.objects.filter(by=world["readers"]["member"]).exists()


def test_rules_of_other_units_are_not_deleted_in_bulk(world: dict[str, Any]) -> None:
    client, rule = Client(), world["values"]["rule"]
    client.force_login(world["readers"]["admin_other"], backend="django.contrib.auth.backends.ModelBackend")
    client.post(f"{ADMIN}bulk/certificates/certificaterule/delete/?id={rule}&next=/quan-tri/")
    assert CertificateRule.objects.filter(pk=rule).exists()


def test_an_administrator_of_one_unit_lets_no_other_unit_issue(world: dict[str, Any]) -> None:
    client, rule = Client(), CertificateRule.objects.get(pk=world["values"]["rule"])
    client.force_login(world["readers"]["admin"], backend="django.contrib.auth.backends.ModelBackend")
    other = OrganisationUnit.objects.get(code="OTHER")
    form = {"course": rule.course_id, "template": rule.template_id, "issuing_unit": other.pk, "is_active": "on"}
    assert client.post(f"{RULES}edit/{rule.pk}/", form).status_code == 200
    rule.refresh_from_db()
    assert rule.issuing_unit.code == "MINE"


def test_a_role_in_the_renamed_unit_reads_what_was_before(world: dict[str, Any]) -> None:
    mine = OrganisationUnit.objects.get(code="MINE")
    replace_unit(unit=mine, first_day=date(2026, 11, 1), name="Sở mới", by=None)
    client = Client()
    for reader, status in (("hr", 200), ("hr_other", 404)):
        client.force_login(world["readers"][reader], backend="django.contrib.auth.backends.ModelBackend")
        assert client.get("/nhan-su/don-vi/MINE/?as_of=31/10/2026").status_code == status
    client.force_login(world["readers"]["admin"], backend="django.contrib.auth.backends.ModelBackend")
    address = f"{CERTIFICATES}inspect/{Certificate.objects.get().pk}/"
    assert client.get(address).status_code == 200


def test_a_role_that_begins_tomorrow_opens_nothing_today(world: dict[str, Any]) -> None:
    stranger = world["readers"]["stranger"]
    mine = OrganisationUnit.objects.get(code="MINE")
    grant_role(person=stranger, role="hr_officer", unit=mine, valid_from=START.replace(year=2100), by=None)
    assert ask(world, "stranger", "GET", "/nhan-su/don-vi/MINE/").status_code == 404
