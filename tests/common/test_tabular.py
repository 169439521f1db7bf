"""Tables from strangers, and tables that no spreadsheet runs."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import pytest
from openpyxl import Workbook, load_workbook

from common.tabular import CellProblem, TableProblem, read_table, write_csv, write_xlsx
from common.tabular.formulas import guarded, is_formula, unguarded

FORMULAS = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "  =1"]


def xlsx(*rows: list[object]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_is_read_whatever_separates_it(separator: str) -> None:
    text = separator.join(["Họ và tên", "Ngày sinh"]) + "\n" + separator.join(["Lê An", "1/2/1990"])
    table = read_table(text.encode(), filename="a.csv")
    assert table.rows == [(2, {"ho_va_ten": "Lê An", "ngay_sinh": "1/2/1990"})]


def test_xlsx_keeps_dates_and_numbers() -> None:
    table = read_table(xlsx(["Tên", "Ngày"], ["An", date(1990, 2, 1)]), filename="a.xlsx")
    assert table.rows[0][1]["ten"] == "An"
    assert table.rows[0][1]["ngay"].date() == date(1990, 2, 1)


@pytest.mark.parametrize("content", ["=1+1", "+cmd|x", "@SUM(A1)", "#REF!", "x" * 40_000])
def test_a_formula_an_error_and_a_huge_cell_are_named_where_they_stand(content: str) -> None:
    table = read_table(f'Tên,Số\nAn,"{content}"\n'.encode(), filename="a.csv")
    assert isinstance(table.rows[0][1]["so"], CellProblem)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"", "a.csv"),
        (b"\xef\xbb\xbf  \n", "a.csv"),
        (b"PK\x03\x04 cut off", "a.xlsx"),
        (b"\xd0\xcf\x11\xe0old excel", "a.xls"),
        (b"T\xc3\xaan,T\xc3\xaan\na,b\n", "a.csv"),
        (b'T\xc3\xaan\n"open quote\n', "a.csv"),
        (b"not an xlsx", "a.xlsx"),
    ],
)
def test_a_file_that_is_no_table_is_refused_as_a_whole(data: bytes, name: str) -> None:
    with pytest.raises(TableProblem):
        read_table(data, filename=name)


def test_a_zip_bomb_called_xlsx_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 300_000_000)
    with pytest.raises(TableProblem):
        read_table(out.getvalue(), filename="a.xlsx")


def test_too_many_rows_are_refused() -> None:
    data = ("Tên\n" + "An\n" * 11).encode()
    assert len(read_table(data, filename="a.csv", max_rows=11).rows) == 11
    with pytest.raises(TableProblem):
        read_table(data, filename="a.csv", max_rows=10)


@pytest.mark.parametrize("text", FORMULAS)
def test_no_written_text_is_a_formula(text: str) -> None:
    csv_file, xlsx_file = io.BytesIO(), io.BytesIO()
    write_csv([[text]], ["Tên"], csv_file)
    write_xlsx([[text]], ["Tên"], xlsx_file, title="x")
    assert csv_file.getvalue().decode("utf-8-sig").splitlines()[1].lstrip('"').startswith("'")
    cell = load_workbook(io.BytesIO(xlsx_file.getvalue())).active["A2"]
    assert cell.data_type == "s"
    assert str(cell.value).startswith("'")


def test_negative_numbers_stay_numbers() -> None:
    out = io.BytesIO()
    assert write_xlsx([[-3.5, date(2026, 11, 24)]], ["Số", "Ngày"], out, title="x") == 1
    sheet = load_workbook(io.BytesIO(out.getvalue())).active
    assert sheet["A2"].value == -3.5
    assert sheet["B2"].value.date() == date(2026, 11, 24)


def test_a_workbook_that_is_damaged_in_its_middle_is_refused() -> None:
    whole = bytearray(xlsx(["Tên"], ["An"]))
    start = whole.index(b"[Content_Types].xml") if b"[Content_Types].xml" in whole[:100] else 40
    whole[start + 20 : start + 60] = bytes(40)
    with pytest.raises(TableProblem):
        read_table(bytes(whole), filename="a.xlsx")


@pytest.mark.parametrize("text", [*FORMULAS, "'", "'=1", "''+a", "it's", "", "a"])
def test_a_guarded_text_is_given_back_exactly(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert not is_formula(guarded(text).strip())
