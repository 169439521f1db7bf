"""Question files on screen and by the API: checked first, applied whole and once, found again when a message is lost."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from assessments.exceptions import FileRefused
from assessments.models import Bank, Question, QuestionExport, QuestionImport, QuestionVersion
from assessments.services import (
    apply_import,
    build_question_export,
    create_question,
    ensure_category,
    read_file,
    request_question_export,
    retry_import,
    update_bank,
    upload_questions,
    work_on_import,
    write_questions,
)
from assessments.tasks import sweep_question_files
from people.models import OrganisationUnit, Person, RoleGrant
from tests.assessments.test_admin import signed_in, text_of
from tests.conftest import NOW
from tests.factories import make_bank, make_officer, make_person, make_portal, make_unit, single_choice_body

BANKS = "/quan-tri/ngan-hang-cau-hoi/"
XML = """<?xml version="1.0" encoding="UTF-8"?>
<quiz>
  <question type="truefalse">
    <name><text>Mật khẩu</text></name>
    <questiontext format="html"><text><![CDATA[<p>Mật khẩu nên dài?</p>]]></text></questiontext>
    <idnumber>mk-1</idnumber>
    <answer fraction="100"><text>true</text></answer>
    <answer fraction="0"><text>false</text></answer>
  </question>
  <question type="magic"><name><text>Lạ</text></name></question>
</quiz>
""".encode()


@pytest.fixture(autouse=True)
def _portal(db: Any) -> None:
    make_portal()


@pytest.fixture
def unit() -> OrganisationUnit:
    return make_unit(parent=make_unit(name="Tỉnh"))


@pytest.fixture
def instructor(unit: OrganisationUnit) -> Person:
    return make_officer(unit, RoleGrant.Role.INSTRUCTOR)


@pytest.fixture
def bank(unit: OrganisationUnit) -> Bank:
    return update_bank(bank=make_bank(questions=2), title="Ngân hàng", unit=unit, by=None)


def the_file(content: bytes = XML, name: str = "cau-hoi.xml") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def uploaded(bank: Bank, by: Person, content: bytes = XML, **facts: Any) -> QuestionImport:
    return upload_questions(bank=bank, file=ContentFile(content, "cau-hoi.xml"), by=by, at=NOW, **facts)


def work(row: QuestionImport) -> QuestionImport:
    work_on_import(import_id=row.pk, at=NOW)
    row.refresh_from_db()
    return row


# In ------------------------------------------------------------------------------------------------------------


def test_a_file_is_checked_first_and_applied_by_one_decision(bank: Bank, instructor: Person) -> None:
    row = work(uploaded(bank, instructor))
    assert (row.state, row.imported_count, row.error_count) == ("checked", 1, 1)
    assert bank.questions.count() == 2
    apply_import(row=row, by=instructor, at=NOW)
    row = work(row)
    assert (row.state, row.decided_by, row.imported_count) == ("imported", instructor, 1)
    question = bank.questions.get(idnumber="mk-1")
    assert (question.status, question.current_version.created_by) == ("in_review", instructor)


def test_a_message_delivered_twice_or_asked_for_twice_imports_once(bank: Bank, instructor: Person) -> None:
    row = work(uploaded(bank, instructor))
    for _time in range(2):
        apply_import(row=row, by=instructor, at=NOW)
    assert work_on_import(import_id=row.pk, at=NOW)
    assert not work_on_import(import_id=row.pk, at=NOW)
    apply_import(row=row, by=instructor, at=NOW)
    assert not work_on_import(import_id=row.pk, at=NOW)
    assert bank.questions.filter(idnumber="mk-1").count() == 1


def test_a_file_that_cannot_be_read_to_its_end_changes_nothing(bank: Bank, instructor: Person) -> None:
    row = work(uploaded(bank, instructor, XML[:-20]))
    assert row.state == "refused"
    assert row.error["vi"] != row.error["en"]
    assert bank.questions.count() == 2
    with pytest.raises(FileRefused):
        apply_import(row=row, by=instructor, at=NOW)


def test_what_is_imported_is_byte_for_byte_what_was_checked(bank: Bank, instructor: Person) -> None:
    row = work(uploaded(bank, instructor))
    apply_import(row=row, by=instructor, at=NOW)
    storage, name = row.file.storage, row.file.name
    storage.delete(name)
    storage.save(name, ContentFile(XML.replace(b"mk-1", b"mk-2")))
    with pytest.raises(ValueError, match="not the one that was uploaded"):
        work_on_import(import_id=row.pk, at=NOW)
    assert bank.questions.count() == 2


def test_a_file_that_keeps_failing_is_shown_as_failed_and_can_be_tried_again(bank: Bank, instructor: Person) -> None:
    row = uploaded(bank, instructor)
    QuestionImport.objects.filter(pk=row.pk).update(attempts=5)
    assert not work_on_import(import_id=row.pk, at=NOW)
    row.refresh_from_db()
    assert row.state == "failed"
    client, url = signed_in(instructor), f"{BANKS}nhap/{row.public_id}/"
    assert "Chưa thực hiện được. Ngân hàng chưa thay đổi gì." in text_of(client.get(url))
    client.post(url, {"again": "1"})
    assert work(row).state == "checked"
    assert retry_import(row=row, by=instructor).state == "checked"


def test_a_file_that_a_worker_reads_is_nobody_elses_until_its_time_is_over(
    bank: Bank, instructor: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = uploaded(bank, instructor)
    second: list[bool] = []

    def twice(**facts: Any) -> None:
        second.append(work_on_import(import_id=row.pk, at=NOW + timedelta(minutes=1)))
        read_file(**facts)

    monkeypatch.setattr("assessments.services.bank_files.read_file", twice)
    assert work(row).state == "checked"
    assert (second, row.attempts) == ([False], 1)


def test_a_worker_that_died_is_followed_by_another_and_comes_too_late(
    bank: Bank, instructor: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = uploaded(bank, instructor)
    later = NOW + timedelta(minutes=4)

    def slow(**facts: Any) -> None:
        monkeypatch.setattr("assessments.services.bank_files.read_file", read_file)
        assert work_on_import(import_id=row.pk, at=later)
        read_file(**facts)

    monkeypatch.setattr("assessments.services.bank_files.read_file", slow)
    assert not work_on_import(import_id=row.pk, at=NOW)
    row.refresh_from_db()
    assert (row.state, row.attempts, row.checked_at, row.busy_until) == ("checked", 2, later, None)


def test_lost_messages_are_found_by_the_sweep(bank: Bank, instructor: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    row = uploaded(bank, instructor)
    done = work(uploaded(bank, instructor))
    export = request_question_export(bank=bank, format_name="moodle_xml", questions=None, by=instructor, at=NOW)
    sent: list[tuple[str, int]] = []
    monkeypatch.setattr("common.sweeps._send", lambda task, pk: sent.append((task.name, pk)) or True)
    sweep_question_files()
    assert ("assessments.tasks.work_on_import", row.pk) in sent
    assert ("assessments.tasks.work_on_import", done.pk) not in sent
    assert ("assessments.tasks.build_question_export", export.pk) in sent
    sent.clear()
    QuestionImport.objects.filter(pk=row.pk).update(busy_until=timezone.now() + timedelta(minutes=1))
    sweep_question_files()
    assert ("assessments.tasks.work_on_import", row.pk) not in sent


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"", "trong.xml", "“trong.xml” trống."),
        (b"\x89PNG\r\n\x1a\n....", "anh.xml", "không phải tệp câu hỏi"),
        (XML, "cau-hoi.xlsx", "có đuôi .xlsx nhưng nội dung là Moodle XML"),
    ],
)
def test_files_that_are_empty_unknown_or_lie_are_refused_in_words(
    bank: Bank, instructor: Person, content: bytes, name: str, sentence: str
) -> None:
    page = text_of(
        signed_in(instructor).post(
            f"{BANKS}{bank.pk}/nhap/", {"file": the_file(content, name), "format": "auto", "status": "draft"}
        )
    )
    assert sentence in page or "Tệp này trống." in page
    assert not QuestionImport.objects.exists()


def test_a_file_above_the_limit_is_refused_with_the_limit(
    bank: Bank, instructor: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assessments.services.bank_files.MOST_FILE_BYTES", len(XML))
    uploaded(bank, instructor)
    with pytest.raises(FileRefused, match="tối đa"):
        uploaded(bank, instructor, XML + b"\n")


def test_questions_come_in_ready_only_where_authors_may_approve(bank: Bank, instructor: Person) -> None:
    with pytest.raises(FileRefused):
        uploaded(bank, instructor, new_status="ready")
    bank = update_bank(bank=bank, title=bank.title, unit=bank.unit, self_approval=True, by=None)
    row = work(uploaded(bank, instructor, new_status="ready", is_decided=True))
    assert (work(row).state, bank.questions.get(idnumber="mk-1").status) == ("imported", "ready")


def test_the_page_lists_every_item_with_its_reason_and_filters_by_status(bank: Bank, instructor: Person) -> None:
    client = signed_in(instructor)
    data = {"file": the_file(), "format": "auto", "status": "in_review"}
    page = client.post(f"{BANKS}{bank.pk}/nhap/", data, follow=True)
    assert "Đang đọc tệp" in text_of(page)
    assert 'http-equiv="refresh"' in text_of(page)
    row = work(QuestionImport.objects.get())
    url = f"{BANKS}nhap/{row.public_id}/"
    page = text_of(client.get(url))
    assert "Đã kiểm tra, chưa thay đổi gì: 1 câu mới, 0 câu có thay đổi." in page
    assert "Mật khẩu" in page
    assert 'http-equiv="refresh"' not in page
    only = text_of(client.get(url, {"status": "error"}))
    assert "magic" in only
    assert "Mật khẩu" not in only
    client.post(url)
    assert "Đã nhập: 1 câu mới" in text_of(client.get(url)) or work(row).state == "imported"
    assert "Giữ nguyên (0)" in text_of(client.get(url))


# Out -----------------------------------------------------------------------------------------------------------


def test_a_bank_goes_out_and_comes_in_again_unchanged(bank: Bank, instructor: Person) -> None:
    client = signed_in(instructor)
    url = f"{BANKS}{bank.pk}/xuat/"
    assert "2 câu hỏi chưa ngừng dùng" in text_of(client.get(url))
    assert "Đang ghi tệp" in text_of(client.post(url, {"format": "moodle_xml"}, follow=True))
    row = QuestionExport.objects.get()
    assert client.get(f"{BANKS}xuat/{row.public_id}/tep/").status_code == 404
    assert build_question_export(export_id=row.pk, at=NOW)
    assert not build_question_export(export_id=row.pk, at=NOW)
    assert "Tệp có 2 câu hỏi." in text_of(client.get(f"{BANKS}xuat/{row.public_id}/"))
    answer: Any = client.get(f"{BANKS}xuat/{row.public_id}/tep/")
    content = b"".join(answer.streaming_content)
    again = work(uploaded(bank, instructor, content))
    assert (again.skipped_count, again.imported_count, again.updated_count) == (2, 0, 0)


def test_what_the_list_was_filtered_to_goes_out_and_nothing_else(bank: Bank, instructor: Person) -> None:
    client = signed_in(instructor)
    client.post(f"{BANKS}{bank.pk}/xuat/?q=cau+1", {"format": "moodle_xml"})
    row = QuestionExport.objects.get()
    assert row.chosen == [bank.questions.get(idnumber="c1").pk]
    build_question_export(export_id=row.pk, at=NOW)
    row.refresh_from_db()
    assert row.count == 1
    chapter = bank.categories.get(name="Chương 1")
    client.post(f"{BANKS}{bank.pk}/xuat/", {"format": "moodle_xml", "category": chapter.pk})
    assert len(QuestionExport.objects.first().chosen) == 2  # type: ignore[union-attr]
    assert "Không có câu hỏi nào để xuất." in text_of(
        client.post(f"{BANKS}{bank.pk}/xuat/?q=khong+co", {"format": "moodle_xml"})
    )


def test_versions_written_before_their_type_got_a_field_go_out_whole_and_come_in_as_known(
    bank: Bank, instructor: Person
) -> None:
    question = bank.questions.get(idnumber="c1")
    older = {key: value for key, value in single_choice_body(50).items() if key != "feedback"}
    version = QuestionVersion.objects.create(
        question=question, number=2, type="single_choice", body=older, digest="0" * 64, created_at=NOW
    )
    Question.objects.filter(pk=question.pk).update(current_version=version)
    file = io.BytesIO()
    write_questions(bank=bank, format_name="gift", chosen=None, file=file)
    file = io.BytesIO()
    write_questions(bank=bank, format_name="moodle_xml", chosen=None, file=file)
    again = work(uploaded(bank, instructor, file.getvalue()))
    assert (again.skipped_count, again.updated_count) == (2, 0)


# The API -------------------------------------------------------------------------------------------------------


def test_the_api_checks_imports_and_exports(bank: Bank, instructor: Person) -> None:
    client = signed_in(instructor)
    base = f"/api/v1/banks/{bank.slug}"
    answer = client.post(f"{base}/imports", {"file": the_file(), "dry_run": "true"})
    assert answer.status_code == 202
    told = answer.json()
    assert (told["state"], told["items"]) == ("uploaded", [])
    row = work(QuestionImport.objects.get())
    told = client.get(f"{base}/imports/{told['id']}").json()
    assert (told["state"], told["imported"], told["errors"]) == ("checked", 1, 1)
    assert [item["status"] for item in told["items"]] == ["imported", "error"]
    assert "/" in told["items"][1]["reason"]
    only = client.get(f"{base}/imports/{told['id']}?status=error").json()
    assert [item["status"] for item in only["items"]] == ["error"]
    assert client.post(f"{base}/imports/{told['id']}/apply").status_code == 202
    assert work(row).state == "imported"


def test_the_api_gives_a_file_that_a_worker_wrote(bank: Bank, instructor: Person) -> None:
    client = signed_in(instructor)
    answer = ask_for(client, bank, format="gift")
    assert answer.status_code == 202
    told = answer.json()
    assert (told["state"], told["file_url"]) == ("requested", None)
    early = client.get(f"{told['status_url']}/file")
    assert early.status_code == 409
    assert early.json()["detail"]
    build_question_export(export_id=QuestionExport.objects.get().pk, at=NOW)
    told = client.get(told["status_url"]).json()
    assert (told["state"], told["count"], told["left_out_count"]) == ("ready", 2, 0)
    content = b"".join(client.get(told["file_url"]).streaming_content)  # type: ignore[attr-defined]
    assert content.count(b"[id:c") == 2


def test_the_api_gives_one_category_and_names_one_that_is_not_there(bank: Bank, instructor: Person) -> None:
    client = signed_in(instructor)
    bring_into(bank, "Chương 2", "Bài 1")
    assert ask_for(client, bank, format="gift", category="Chương 2").status_code == 202
    row = QuestionExport.objects.get()
    assert row.chosen == [bank.questions.get(category__name="Bài 1").pk]
    answer = ask_for(client, bank, format="gift", category="Chương 9")
    assert answer.status_code == 400
    assert "Chương 9" in answer.json()["detail"]
    assert QuestionExport.objects.count() == 1


def ask_for(client: Client, bank: Bank, **facts: str) -> Any:
    return client.post(f"/api/v1/banks/{bank.slug}/exports", facts, content_type="application/json")


def bring_into(bank: Bank, *path: str) -> None:
    create_question(
        bank=bank,
        category=ensure_category(bank=bank, path=path),
        idnumber="them-1",
        name="Thêm",
        type="single_choice",
        body=single_choice_body(77),
        by=None,
        at=NOW,
    )


def test_the_api_imports_at_once_when_it_is_no_dry_run(bank: Bank, instructor: Person) -> None:
    client = signed_in(instructor)
    client.post(f"/api/v1/banks/{bank.slug}/imports", {"file": the_file(), "dry_run": "false", "status": "draft"})
    row = work(QuestionImport.objects.get())
    assert row.state == "importing"
    assert work(row).state == "imported"
    assert bank.questions.get(idnumber="mk-1").status == "draft"


def test_the_api_refuses_in_words(bank: Bank, instructor: Person) -> None:
    client = signed_in(instructor)
    base = f"/api/v1/banks/{bank.slug}"
    for data in (
        {"file": the_file(b"PK\x03\x04", "a.xml")},
        {"file": the_file(), "format": "khong-co"},
        {"file": the_file(), "status": "retired"},
    ):
        answer = client.post(f"{base}/imports", data)
        assert answer.status_code == 400, data
        assert answer.json()["detail"]
    assert client.post(f"{base}/imports", {}).status_code == 422
    assert ask_for(client, bank, format="khong-co").status_code == 400
    row = uploaded(bank, instructor)
    assert client.post(f"{base}/imports/{row.public_id}/apply").status_code == 409


def test_the_api_wants_a_token_of_the_page(bank: Bank, instructor: Person) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(instructor, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(f"/api/v1/banks/{bank.slug}/imports", {"file": the_file()}).status_code == 403


# Whose ---------------------------------------------------------------------------------------------------------

TABLE = [
    ("GET", f"{BANKS}{{bank}}/nhap/", "200 200 403 404 302"),
    ("POST", f"{BANKS}{{bank}}/nhap/", "200 200 403 404 302"),
    ("GET", f"{BANKS}nhap/{{row}}/", "200 200 403 404 302"),
    ("POST", f"{BANKS}nhap/{{row}}/", "302 302 403 404 302"),
    ("GET", f"{BANKS}{{bank}}/xuat/", "200 200 403 404 302"),
    ("POST", f"{BANKS}{{bank}}/xuat/", "200 200 403 404 302"),
    ("GET", f"{BANKS}xuat/{{export}}/", "200 200 403 404 302"),
    ("POST", f"{BANKS}xuat/{{export}}/", "302 302 403 404 302"),
    ("GET", f"{BANKS}xuat/{{export}}/tep/", "200 200 403 404 302"),
    ("GET", f"{BANKS}{{bank}}/chuyen-muc/", "200 200 403 404 302"),
    ("POST", f"{BANKS}{{bank}}/chuyen-muc/", "200 200 403 404 302"),
    ("GET", f"{BANKS}{{bank}}/chuyen-muc/{{category}}/", "200 200 403 404 302"),
    ("POST", f"{BANKS}{{bank}}/chuyen-muc/{{category}}/", "200 200 403 404 302"),
    ("GET", f"{BANKS}{{bank}}/trung-lap/", "200 200 403 404 302"),
    ("POST", f"{BANKS}{{bank}}/trung-lap/", "404 404 403 404 302"),
    ("GET", "/quan-tri/cau-hoi/{question}/duyet/", "200 200 403 404 302"),
    ("POST", "/quan-tri/cau-hoi/{question}/duyet/", "200 200 403 404 302"),
    ("GET", "/quan-tri/cau-hoi/{question}/lich-su/so-sanh/?from=1&to=1", "200 200 403 404 302"),
    ("POST", "/quan-tri/cau-hoi/{question}/lich-su/khoi-phuc/", "404 404 403 404 302"),
    ("GET", "/quan-tri/cau-hoi/cho-duyet/", "200 200 403 200 302"),
    ("GET", "/quan-tri/cau-hoi/sua-hang-loat/?id={question}", "200 200 403 200 302"),
    ("GET", "/quan-tri/cau-hoi/hinh/{bank}/", "200 200 403 404 302"),
    ("POST", "/quan-tri/cau-hoi/hinh/{bank}/", "400 400 403 404 302"),
    ("GET", "/api/v1/banks/{slug}/imports/{row}", "200 200 404 404 401"),
    ("POST", "/api/v1/banks/{slug}/imports", "422 422 422 422 401"),
    ("POST", "/api/v1/banks/{slug}/imports/{row}/apply", "202 202 404 404 401"),
    ("POST", "/api/v1/banks/{slug}/exports", "400 400 400 400 401"),
    ("GET", "/api/v1/banks/{slug}/exports/{export}", "200 200 404 404 401"),
    ("GET", "/api/v1/banks/{slug}/exports/{export}/file", "200 200 404 404 401"),
]


def test_each_address_of_banks_is_for_its_roles_and_units_only(
    bank: Bank, instructor: Person, unit: OrganisationUnit
) -> None:
    row = work(uploaded(bank, instructor))
    export = request_question_export(bank=bank, format_name="moodle_xml", questions=None, by=instructor, at=NOW)
    build_question_export(export_id=export.pk, at=NOW)
    keys = {
        "bank": bank.pk,
        "slug": bank.slug,
        "row": row.public_id,
        "export": export.public_id,
        "category": bank.categories.get(name="Chương 1").pk,
        "question": Question.objects.filter(bank=bank).earliest("pk").pk,
    }
    readers = [
        signed_in(instructor),
        signed_in(make_officer(unit, RoleGrant.Role.ADMINISTRATOR)),
        signed_in(make_officer(unit, RoleGrant.Role.EXAM_OFFICER)),
        signed_in(make_officer(make_unit(), RoleGrant.Role.INSTRUCTOR)),
        signed_in(make_person()),
    ]
    wrong = []
    for method, address, expected in TABLE:
        url = address.format(**keys)
        learner = (
            "404" if url.startswith("/api/") and expected.split()[0] not in {"400", "422"} else expected.split()[-1]
        )
        malformed = url.startswith("/api/") and expected.startswith(("400", "422"))
        wanted = [*expected.split()[:4], expected.split()[0] if malformed else learner]
        for number, client in enumerate(readers):
            status = getattr(client, method.lower())(url).status_code
            if str(status) != wanted[number]:
                wrong.append((number, method, url, status, wanted[number]))
        status = getattr(Client(), method.lower())(url).status_code
        if str(status) != expected.split()[-1]:
            wrong.append(("visitor", method, url, status, expected.split()[-1]))
    assert not wrong


def test_an_upload_by_api_into_the_bank_of_another_unit_is_refused(bank: Bank) -> None:
    stranger = signed_in(make_officer(make_unit(), RoleGrant.Role.INSTRUCTOR))
    answer = stranger.post(f"/api/v1/banks/{bank.slug}/imports", {"file": the_file()})
    assert answer.status_code == 404
    assert json.loads(answer.content)["detail"]
    assert not QuestionImport.objects.exists()
