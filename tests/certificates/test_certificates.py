"""Certificates: numbered without gaps, rendered once, verified by anybody, shown to nobody else."""

from __future__ import annotations

import io
import re
import threading
import unicodedata
from contextlib import closing
from dataclasses import replace
from datetime import date
from typing import Any

import pypdfium2
import pypdfium2.raw as raw
import pytest
from django.core.files.storage import storages
from django.db import DatabaseError, connection, connections, transaction
from PIL import Image

from certificates.codes import grouped, new_code, read_code
from certificates.exceptions import CertificateRefused
from certificates.models import Certificate, RegisterCounter
from certificates.queries import completions_due, public_view
from certificates.renderers import CertificateData, render_image, render_pdf
from certificates.services import (
    issue_for_completion,
    render_certificate,
    restore_certificate,
    retry_rendering,
    revoke_certificate,
    suspend_certificate,
)
from certificates.services.issue import add_months
from certificates.services.templates import COURSE_COMPLETION
from people.services import replace_unit
from tests.conftest import NOW
from tests.factories import complete, make_course, make_person, make_rule, make_unit

HARD_NAMES = [
    "Nguyễn Thị Hương",
    "Mai",
    "Ẩậẫởợữ Đặng Ưng Ỷ",
    "H'Hen Niê Kđăm",
    '#set text(red) $x$ "q" [b] <script>alert(1)</script>',
    "Công Tằng Tôn Nữ Nguyễn Thị Hồng Phượng Ngọc Ánh Dương Thảo",
]


@pytest.fixture
def certificate(db: Any) -> Certificate:
    unit, course = make_unit(code="TN"), make_course(checks=1)
    make_rule(course, unit, validity_months=24)
    person = make_person(birth_date=date(1990, 3, 5))
    issued = issue_for_completion(completion_id=complete(course, person).pk, at=NOW)
    assert issued is not None
    return issued


def data(name: str) -> CertificateData:
    return CertificateData(
        layout=COURSE_COMPLETION,
        number="TN-2026-000001",
        code="7K3QX-9M2PA-VB4TD-0WZ81",
        verify_url="https://hoc.so/kiem-tra/7K3QX9M2PAVB4TD0WZ81/",
        name=name,
        birth_date="1990-03-05",
        course_code="X",
        course_title="An toàn thông tin cho cán bộ, công chức",
        course_title_en="Information security for civil servants",
        hours="6.0",
        score="17.50",
        max_score="20.00",
        issuer="Tỉnh Tây Ninh",
        issuer_en="Tây Ninh Province",
        issued_on=date(2026, 11, 24),
        expires_on=None,
    )


def pdf_text(pdf: bytes) -> str:
    """What a reader would copy out of the first page, in NFC."""
    with closing(pypdfium2.PdfDocument(pdf)) as document:
        return unicodedata.normalize("NFC", document[0].get_textpage().get_text_range())


def test_issuing_twice_gives_the_same_certificate(certificate: Certificate) -> None:
    assert issue_for_completion(completion_id=certificate.completion_id, at=NOW) == certificate
    assert (certificate.number, certificate.snapshot["score"]) == ("TN-2026-000001", "18.00")
    assert certificate.expires_on == date(2028, 11, 24)
    assert not completions_due().exists()


def test_a_course_without_a_rule_earns_none(db: Any) -> None:
    completion = complete(make_course(checks=1), make_person())
    assert issue_for_completion(completion_id=completion.pk, at=NOW) is None
    assert RegisterCounter.objects.count() == 0


def test_a_crash_before_commit_gives_the_number_to_the_next(db: Any) -> None:
    unit, course = make_unit(code="TN"), make_course(checks=1)
    make_rule(course, unit)
    first, second = (complete(course, make_person()) for _ in range(2))
    with transaction.atomic():
        issue_for_completion(completion_id=first.pk, at=NOW)
        transaction.set_rollback(True)  # what the database does when its client is killed
    issued = [issue_for_completion(completion_id=row.pk, at=NOW) for row in (second, first)]
    assert [row.register_number for row in issued if row] == [1, 2]


@pytest.mark.django_db(transaction=True)
def test_workers_racing_leave_no_gap_and_no_double_number() -> None:
    unit, course = make_unit(code="TN"), make_course(checks=1)
    make_rule(course, unit)
    due = [complete(course, make_person()).pk for _ in range(8)]

    def work() -> None:
        try:
            for pk in due:
                issue_for_completion(completion_id=pk, at=NOW)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    numbers = sorted(Certificate.objects.values_list("register_number", flat=True))
    assert numbers == list(range(1, 9))


def test_rendering_twice_makes_the_files_once(certificate: Certificate) -> None:
    assert render_certificate(certificate_id=certificate.pk, at=NOW)
    assert not render_certificate(certificate_id=certificate.pk, at=NOW)
    certificate.refresh_from_db()
    assert certificate.pdf.read(5) == b"%PDF-"
    assert Image.open(certificate.image).size == (1600, 1131)


def test_dying_between_file_and_row_leaves_it_due_and_the_next_try_finishes(
    certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    from certificates.services import rendering

    with monkeypatch.context() as patch:
        patch.setattr(rendering, "render_image", lambda _data: (_ for _ in ()).throw(MemoryError("killed")))
        with pytest.raises(MemoryError):
            render_certificate(certificate_id=certificate.pk, at=NOW)
    certificate.refresh_from_db()
    assert certificate.rendering == "due"
    assert render_certificate(certificate_id=certificate.pk, at=NOW)
    folder = f"certificates/2026/{certificate.register_code}"
    assert len(storages["private"].listdir(folder)[1]) == 2


def test_a_rendering_that_keeps_failing_is_shown_and_can_be_retried(
    certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    from certificates.services import rendering

    with monkeypatch.context() as patch:
        patch.setattr(rendering, "render_pdf", lambda _data: (_ for _ in ()).throw(OSError("no space left")))
        for _ in range(rendering.MOST_ATTEMPTS):
            with pytest.raises(OSError, match="space"):
                render_certificate(certificate_id=certificate.pk, at=NOW)
        render_certificate(certificate_id=certificate.pk, at=NOW)
    certificate.refresh_from_db()
    assert certificate.rendering == "failed"
    assert "no space" in certificate.rendering_error
    retry_rendering(certificate=certificate, by=None)
    assert render_certificate(certificate_id=certificate.pk, at=NOW)


@pytest.mark.parametrize("name", HARD_NAMES)
def test_every_name_is_printed_as_text_and_never_run(name: str) -> None:
    pdf = render_pdf(data(name))
    assert pdf.startswith(b"%PDF-")
    assert Image.open(io.BytesIO(render_image(data(name)))).size == (1600, 1131)
    assert "".join(name.split()) in "".join(pdf_text(pdf).split())


@pytest.mark.parametrize("name", [*HARD_NAMES, "M" * 60, " ".join(["Ngưng"] * 33)])
@pytest.mark.parametrize("title", ["Tin học", "Kỹ năng số cơ bản cho cán bộ, công chức, viên chức cấp xã " * 3])
def test_the_longest_names_and_titles_stay_on_one_page(name: str, title: str) -> None:
    issuer = "Trung tâm Giáo dục nghề nghiệp và Giáo dục thường xuyên " * 3
    paper = replace(data(name), course_title=title.strip(), course_title_en=title.strip(), issuer=issuer.strip())
    with closing(pypdfium2.PdfDocument(render_pdf(paper))) as document:
        assert len(document) == 1
        left, bottom, right, top = document[0].get_bbox()
        assert (round(right - left), round(top - bottom)) == (842, 595)  # A4 landscape in points
        page = document[0].get_textpage()
        for index in range(page.count_rects()):
            x0, y0, x1, y1 = page.get_rect(index)
            assert 30 < x0 < x1 < 830, page.get_text_bounded(x0, y0, x1, y1)
            assert 20 < y0 < y1 < 580


def test_every_font_of_the_paper_is_embedded() -> None:
    with closing(pypdfium2.PdfDocument(render_pdf(data("Ẩậẫởợữ")))) as document:
        texts = list(document[0].get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT], max_depth=5))
        assert texts
        assert {raw.FPDFFont_GetIsEmbedded(raw.FPDFTextObj_GetFont(item.raw)) for item in texts} == {1}


def test_the_picture_is_the_same_bytes_each_time() -> None:
    assert render_image(data("Nguyễn Thị Hương")) == render_image(data("Nguyễn Thị Hương"))


def test_codes_are_random_and_forgiving_to_type() -> None:
    codes = {new_code() for _ in range(500)}
    assert len(codes) == 500
    code = "7K3QX9M2PAVB4TD0WZ81"
    for typed in (
        code,
        code.lower(),
        grouped(code),
        " 7k3qx 9m2pa-vb4td o wz8l ",
        f"https://x.vn/kiem-tra/{code}/?a=1",
    ):
        assert read_code(typed) == code
    for wrong in ("", "7K3QX", code + "A", "xyz!" * 5):
        assert read_code(wrong) is None


def test_anybody_verifies_and_sees_only_what_the_paper_shows(client: Any, certificate: Certificate) -> None:
    person = certificate.person
    page = client.get(f"/kiem-tra/?code={grouped(certificate.code).lower()}", follow=True).content.decode()
    assert "status-valid" in page
    assert person.full_name in page
    for hidden in (person.staff_number, str(person.public_id), certificate.snapshot["sitting_digest"]):
        assert str(hidden) not in page
    answer = client.get(f"/api/v1/certificates/verify/{certificate.code}").json()
    assert set(answer) == {
        "status", "number", "name", "course_code", "course_title", "issuer", "issued_on", "expires_on",
    }  # fmt: skip


@pytest.mark.parametrize(("action", "status"), [(revoke_certificate, "revoked"), (suspend_certificate, "suspended")])
def test_a_certificate_out_of_force_says_so_with_day_and_reason(
    client: Any, certificate: Certificate, action: Any, status: str
) -> None:
    action(certificate=certificate, reason="Cấp nhầm người", by=make_person(), at=NOW)
    page = client.get(f"/kiem-tra/{certificate.code}/").content.decode()
    assert f"status-{status}" in page
    assert "Cấp nhầm người" in page
    certificate.refresh_from_db()
    restore_certificate(certificate=certificate, reason="Đã xem lại", by=make_person(), at=NOW)
    assert "status-valid" in client.get(f"/kiem-tra/{certificate.code}/").content.decode()


def test_a_change_needs_a_reason_and_a_state_that_allows_it(certificate: Certificate) -> None:
    with pytest.raises(CertificateRefused):
        revoke_certificate(certificate=certificate, reason="  ", by=None, at=NOW)
    with pytest.raises(CertificateRefused):
        restore_certificate(certificate=certificate, reason="x", by=None, at=NOW)


@pytest.mark.parametrize(
    ("day", "state"), [(date(2028, 11, 23), "valid"), (date(2028, 11, 24), "valid"), (date(2028, 11, 25), "expired")]
)
def test_the_last_day_is_still_valid(certificate: Certificate, day: date, state: str) -> None:
    assert public_view(certificate, on=day).state == state


def test_unknown_codes_are_404_and_many_attempts_429(client: Any, db: Any, settings: Any) -> None:
    from django.core.cache import cache

    cache.clear()
    assert client.get("/kiem-tra/00000000000000000000/").status_code == 404
    assert client.get("/kiem-tra/?code=abc").status_code == 404
    for _ in range(60):
        client.get("/kiem-tra/00000000000000000000/")
    assert client.get("/kiem-tra/00000000000000000000/").status_code == 429
    cache.clear()


def test_files_are_for_the_holder_and_nobody_else(client: Any, certificate: Certificate) -> None:
    render_certificate(certificate_id=certificate.pk, at=NOW)
    address = f"/chung-chi/{certificate.code}/tep.pdf"
    assert client.get(address).status_code == 302
    client.force_login(make_person())
    assert client.get(address).status_code == 404
    assert client.get(f"/chung-chi/{certificate.code}/").status_code == 404
    client.force_login(certificate.person)
    assert client.get(address)["Content-Type"] == "application/pdf"
    assert re.search(r'src="[^"]*tep.png"', client.get(f"/chung-chi/{certificate.code}/").content.decode())


def test_the_database_refuses_to_change_number_or_snapshot(certificate: Certificate) -> None:
    for statement in ("UPDATE certificates_certificate SET number = 'X'", "DELETE FROM certificates_certificate"):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_months_end_on_the_last_day_of_a_shorter_month() -> None:
    assert add_months(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert add_months(date(2026, 11, 24), 24) == date(2028, 11, 24)
    assert add_months(date(2026, 1, 1), None) is None


def test_a_renamed_unit_issues_under_its_new_name_and_its_register_goes_on(certificate: Certificate) -> None:
    unit = certificate.issuing_unit
    replace_unit(unit=unit, first_day=date(2026, 11, 1), name="Sở Khoa học và Công nghệ", by=None)
    course = certificate.completion.course
    later = issue_for_completion(completion_id=complete(course, make_person()).pk, at=NOW)
    assert later is not None
    assert (later.number, later.snapshot["issuer"]) == ("TN-2026-000002", "Sở Khoa học và Công nghệ")


def test_each_register_and_year_counts_from_one(certificate: Certificate) -> None:
    course = certificate.completion.course
    next_year = issue_for_completion(completion_id=complete(course, make_person()).pk, at=NOW.replace(year=2027))
    assert next_year is not None
    assert next_year.number == "TN-2027-000001"
