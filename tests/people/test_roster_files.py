"""Roster files as they really arrive, uploaded through the page: read rightly, or refused by row and column."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook

from people.models import OrganisationUnit, Person, RosterImport
from people.services.roster import MOST_ROWS
from tests.factories import make_officer, make_portal, make_unit

pytestmark = pytest.mark.django_db
HEAD = ["Mã nhân viên", "Họ và tên", "Ngày sinh", "Email", "Số CCCD", "Mã đơn vị", "Chức danh", "Từ ngày"]
ROW: list[Any] = [
    "CC1",
    "Nguyễn Thị Hương",
    "12/03/1988",
    "huong@example.vn",
    "072188004215",
    "PHONG",
    "Chuyên viên",
    "01/07/2025",
]


@pytest.fixture
def unit() -> OrganisationUnit:
    make_portal()
    top = make_unit(name="Tỉnh", code="TINH")
    make_unit(name="Phòng", code="PHONG", parent=top)
    return top


def but(**changes: Any) -> list[Any]:
    """ROW with other cells, by the first letters of their headings."""
    names = {"number": 0, "name": 1, "born": 2, "email": 3, "id": 4, "unit": 5, "title": 6, "start": 7}
    row = list(ROW)
    for name, value in changes.items():
        row[names[name]] = value
    return row


def csv(*rows: list[Any], separator: str = ",", head: list[str] = HEAD) -> str:
    return "".join(separator.join(map(str, row)) + "\r\n" for row in [head, *rows])


def xlsx(*rows: list[Any], head: list[str] = HEAD, prepare: Callable[[Workbook], None] = lambda book: None) -> bytes:
    book = Workbook()
    sheet: Any = book.active
    for row in [head, *rows]:
        sheet.append(row)
    prepare(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def second_sheet(book: Workbook) -> None:
    book.create_sheet("Ghi chú").append(["Không phải danh sách"])


def merged(book: Workbook) -> None:
    sheet: Any = book.active
    sheet.merge_cells("F2:F3")


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return out.getvalue()


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_x", ".x"), content)
    return out.getvalue()


def cp1258(text: str) -> bytes:
    """As Windows' Vietnamese code page writes it: tones as characters of their own after their letter."""
    shapes = {"\u0302", "\u0306", "\u031b"}
    parts = []
    for letter in unicodedata.normalize("NFC", text):
        base, *marks = unicodedata.normalize("NFD", letter)
        shape = "".join(mark for mark in marks if mark in shapes)
        tone = "".join(mark for mark in marks if mark not in shapes)
        whole = unicodedata.normalize("NFC", base + shape)
        parts.append((whole + tone).encode("cp1258"))
    return b"".join(parts)


READ: dict[str, tuple[str, bytes]] = {
    "CP1258": ("a.csv", cp1258(csv(ROW))),
    "UTF-8 with BOM": ("a.csv", csv(ROW).encode("utf-8-sig")),
    "UTF-16 with BOM": ("a.csv", csv(ROW).encode("utf-16")),
    "UTF-16 little-endian without BOM": ("a.csv", csv(ROW).encode("utf-16-le")),
    "UTF-16 big-endian without BOM": ("a.csv", csv(ROW).encode("utf-16-be")),
    "NFD, as macOS writes": ("a.csv", unicodedata.normalize("NFD", csv(ROW)).encode()),
    "semicolons": ("a.csv", csv(ROW, separator=";").encode()),
    "tabs": ("a.txt", csv(ROW, separator="\t").encode()),
    "a line break in quotes": ("a.csv", csv(but(title='"Chuyên\nviên"')).encode()),
    "texts in XLSX": ("a.xlsx", xlsx(ROW)),
    "dates of XLSX": ("a.xlsx", xlsx(but(born=date(1988, 3, 12), start=date(2025, 7, 1)))),
    "serial numbers for dates": ("a.xlsx", xlsx(but(born=32214, start=45839))),
    "the sheet in front of several": ("a.xlsx", xlsx(ROW, prepare=second_sheet)),
    "NFD in XLSX": ("a.xlsx", xlsx(but(name=unicodedata.normalize("NFD", "Nguyễn Thị Hương")))),
    "macros beside the sheet are not run": ("a.xlsm", with_part(xlsx(ROW), "xl/vbaProject.bin", b"Shell")),
    "a workbook called CSV": ("a.csv", xlsx(ROW)),
    "empty rows between and after": ("a.csv", (csv([""] * 8, ROW) + ",,,,,,,\r\n").encode()),
}


def upload(client: Client, unit: OrganisationUnit, name: str, data: bytes, *, prefix: str = "") -> str:
    """The page that follows an upload."""
    form = {"unit": unit.pk, "file": SimpleUploadedFile(name, data)}
    response = client.post(f"{prefix}/nhan-su/danh-sach/tai-len/", form, follow=True)
    assert response.status_code == 200
    return str(response.content.decode())


@pytest.mark.parametrize("case", READ)
def test_a_good_file_is_read_whatever_its_form(client: Client, unit: OrganisationUnit, case: str) -> None:
    client.force_login(make_officer(unit))
    page = upload(client, unit, *READ[case])
    assert "Tệp hợp lệ: 1 người" in page, page
    client.post(f"/nhan-su/danh-sach/{RosterImport.objects.get().pk}/ap-dung/")
    person = Person.objects.get(staff_number="CC1")
    assert (person.full_name, person.birth_date) == ("Nguyễn Thị Hương", date(1988, 3, 12))
    assignment = person.assignments.get()
    assert (assignment.unit.code, assignment.title) == ("PHONG", "Chuyên viên")
    assert assignment.valid_from == date(2025, 7, 1)


TCVN3 = "NguyÔn ThÞ H­¬ng"
VNI = "Nguyeãn Thò Höông"
DOCTYPE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><workbook/>'
# name, content, what the page says: row, column and words in Vietnamese; words in English
REFUSED: dict[str, tuple[str, bytes, str, str]] = {
    "TCVN3 letters": ("a.csv", csv(ROW, but(number="CC2", email="", id="", name=TCVN3)).encode(), "3 Họ và tên", "old TCVN3 font"),
    "TCVN3 bytes": ("a.csv", csv(but(name=TCVN3), head=["ma_nhan_vien", "ho_va_ten", "a", "b", "c", "ma_don_vi", "d", "e"]).replace("Chuyên viên", "").encode("latin-1"), "TCVN3", "old TCVN3 font"),
    "TCVN3 in XLSX": ("a.xlsx", xlsx(but(name=TCVN3)), "TCVN3", "old TCVN3 font"),
    "VNI letters": ("a.csv", csv(ROW, but(number="CC2", email="", id="", name=VNI)).encode(), "3 Họ và tên", "old VNI font"),
    "VNI in XLSX": ("a.xlsx", xlsx(but(name=VNI)), "VNI", "old VNI font"),
    "a formula in CSV": ("a.csv", csv(but(title="=1+1")).encode(), "2 Chức danh Ô chứa công thức", "holds a formula"),
    "a formula in XLSX": ("a.xlsx", xlsx(but(title='=HYPERLINK("http://x")')), "2 Chức danh Ô chứa công thức", "holds a formula"),
    "an error value": ("a.xlsx", xlsx(but(title="#REF!")), "2 Chức danh Ô chứa lỗi #REF!", "the error #REF!"),
    "a cell of 10 MB": ("a.csv", csv(but(title="x" * 10_000_000)).encode(), "2 Chức danh Ô dài hơn 32767", "longer than 32767"),
    "merged cells": ("a.xlsx", xlsx(ROW, but(number="CC2", email="", id=""), prepare=merged), "3 Mã đơn vị Thiếu mã đơn vị", "The unit code is missing"),
    "a Boolean for a date": ("a.xlsx", xlsx(but(born=True)), "2 Ngày sinh", "is not a date"),
    "29 February of a common year": ("a.csv", csv(but(born="29/02/1989")).encode(), "2 Ngày sinh", "is not a day of the calendar"),
    "a day in 1900 that never was": ("a.xlsx", xlsx(but(born=60)), "2 Ngày sinh", "is not a date"),
    "work that begins in 2190": ("a.csv", csv(but(start="01/01/2190")).encode(), "2 Từ ngày", "more than a year ahead"),
    "a citizen id that lost its zero": ("a.xlsx", xlsx(but(id=72188004215)), "2 Số CCCD Số CCCD phải có đúng 12 chữ số", "exactly 12 digits"),
    "no letter in a name": ("a.csv", csv(but(name="- -")).encode(), "2 Họ và tên", "signs that no name has"),
    "a quotation mark left open": ("a.csv", csv(but(title='"Chuyên viên')).encode(), "2", "quotation mark open"),
    "more cells than headings": ("a.csv", csv([*ROW, "thừa"]).encode(), "2", "more cells than there are headings"),
    "the same heading twice": ("a.csv", csv([*ROW, "x"], head=[*HEAD, "Email"]).encode(), "1 Email", "have the same heading"),
    "two headings that mean the same": ("a.csv", csv([*ROW, "x"], head=[*HEAD, "cccd"]).encode(), "Hai cột có cùng nghĩa", "Two columns mean the same"),
    "a missing column": ("a.csv", csv(ROW[:5], head=HEAD[:5]).encode(), "Mã đơn vị Thiếu cột", "is missing"),
    "nothing at all": ("a.csv", b"", "Tệp trống", "The file is empty"),
    "headings alone": ("a.csv", csv().encode(), "có dòng tiêu đề", "headings and no rows"),
    "CSV called XLS": ("a.xls", csv(ROW).encode(), "mang tên bảng tính", "called a spreadsheet and is none"),
    "a web page called XLS": ("a.xls", b"<html><table><tr><td>x", "mang tên bảng tính", "called a spreadsheet and is none"),
    "a real old XLS": ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "tệp Excel cũ", "old or encrypted Excel"),
    "a picture called CSV": ("a.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "Không đọc được", "not readable text"),
    "a PDF called XLSX": ("a.xlsx", b"%PDF-1.7\n", "mang tên bảng tính", "called a spreadsheet and is none"),
    "a Word file called XLSX": ("a.xlsx", zipped(word__document_xml=b"<w/>"), "ZIP", "no XLSX workbook"),
    "a cut-off XLSX": ("a.xlsx", xlsx(ROW)[:-400], "XLSX", "ZIP file, or it is damaged"),
    "a bomb": ("a.xlsx", zipped(xl__workbook_xml=b"<x/>", xl__sheet_xml=bytes(80_000_000)), "nén quá mức", "packed too tightly"),
    "entities in the XML": ("a.xlsx", zipped(xl__workbook_xml=DOCTYPE), "XLSX", "what no spreadsheet program writes"),
    "one row too many": ("a.csv", csv(*([["CC1"]] * (MOST_ROWS + 1))).encode(), f"{MOST_ROWS + 2} Bảng", "split it"),
}  # fmt: skip


def text_of(page: str) -> str:
    """The words of the list of problems, single-spaced."""
    table = re.search(r'id="problems".*?</table>', page, re.S)
    assert table, page
    return " ".join(re.sub(r"<[^>]+>", " ", table[0]).split()).replace("&#x27;", "'")


@pytest.mark.parametrize("case", REFUSED)
def test_a_bad_file_is_refused_by_row_and_column_in_both_languages_and_nobody_is_touched(
    client: Client, unit: OrganisationUnit, case: str
) -> None:
    name, data, vietnamese, english = REFUSED[case]
    client.force_login(make_officer(unit))
    before = Person.objects.count()
    assert vietnamese in text_of(upload(client, unit, name, data))
    assert english in text_of(upload(client, unit, name, data, prefix="/en"))
    for roster in RosterImport.objects.all():
        client.post(f"/nhan-su/danh-sach/{roster.pk}/ap-dung/")
    assert Person.objects.count() == before
    assert set(RosterImport.objects.values_list("state", flat=True)) == {"refused"}


def test_a_file_over_20_mb_is_refused_before_it_is_read(client: Client, unit: OrganisationUnit) -> None:
    client.force_login(make_officer(unit))
    page = upload(client, unit, "a.csv", b"x" * (20 * 1024 * 1024 + 1))
    assert "20 MB" in page
    assert not RosterImport.objects.exists()


def test_the_first_thousand_problems_are_listed_and_the_rest_counted(client: Client, unit: OrganisationUnit) -> None:
    client.force_login(make_officer(unit))
    page = upload(client, unit, "a.csv", csv(*([["CC1", "An", "", "", "", "NOPE"]] * 1200)).encode())
    assert "Còn 1399 lỗi nữa" in text_of(page)
