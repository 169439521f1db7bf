"""Tables from strangers and for spreadsheets."""

from __future__ import annotations

import contextlib
import csv
import io
import tracemalloc
import uuid
import zipfile
from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from django.utils.translation import gettext_lazy
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.formula import ArrayFormula

from common.tabular import CellProblem, TableProblem, header_key, neutral, read_table, write_csv, write_xlsx
from common.vietnamese import LegacyFontText, UndecodableText

HEADER = "Họ và tên,Ngày sinh\n"


def make_xlsx(*rows: list, title: str = "Sheet") -> bytes:
    book = Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def changed_part(data: bytes, name: str, change) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            content = old.read(info)
            new.writestr(info.filename, change(content) if info.filename == name else content)
    return made.getvalue()


SHEET = "xl/worksheets/sheet1.xml"

# Reading --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["Họ và tên", "ho va ten", "HO_VA_TEN", " Họ  và-tên * ", "họ.và/tên:"])
def test_headings_are_compared_folded(text):
    assert header_key(text) == "ho_va_ten"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_csv_is_read_whatever_its_separator_and_encoding(separator, encoding):
    text = f'Họ và tên{separator}Ghi chú\r\nTrần Ân{separator}"a{separator}b ""c""\nd"\r\n\r\n  Lê Ý {separator}\r\n'
    table = read_table(text.encode(encoding), filename="ds.csv")
    assert table.columns == ["Họ và tên", "Ghi chú"]
    assert table.rows == [
        (2, {"ho_va_ten": "Trần Ân", "ghi_chu": f'a{separator}b "c"\nd'}),
        (4, {"ho_va_ten": "Lê Ý", "ghi_chu": ""}),
    ]


def test_a_separator_inside_a_quoted_heading_decides_nothing():
    table = read_table(b'"a,b,c";d\n1;2\n', filename="x.csv")
    assert table.columns == ["a,b,c", "d"]


def test_excels_separator_line_is_followed_and_not_counted():
    table = read_table(b"sep=;\nten;tuoi\nAn;5\n", filename="x.csv")
    assert table.rows == [(2, {"ten": "An", "tuoi": "5"})]


def test_xlsx_is_read_with_its_types_and_row_numbers():
    data = make_xlsx(
        [],
        ["Họ và tên", "Ngày sinh", None, "Điểm", "Đạt"],
        [" Hoa\u0300 ", datetime(1990, 5, 1), "x", 8.5, True],
        [],
        ["An"],
    )
    table = read_table(data, filename="ds.xlsx")
    assert table.columns == ["Họ và tên", "Ngày sinh", "", "Điểm", "Đạt"]
    assert table.encoding == "xlsx"
    assert table.rows == [
        (3, {"ho_va_ten": "Hoà", "ngay_sinh": datetime(1990, 5, 1), "diem": 8.5, "dat": True}),
        (5, {"ho_va_ten": "An", "ngay_sinh": "", "diem": "", "dat": ""}),
    ]


def test_xlsx_is_known_by_its_content_whatever_it_is_called():
    assert read_table(make_xlsx(["a"], ["1"]), filename="ds.csv").encoding == "xlsx"


def problem_of(data: bytes, name: str = "x.csv", **limits: int) -> TableProblem:
    with pytest.raises(TableProblem) as refused:
        read_table(data, filename=name, **limits)
    assert str(refused.value)
    return refused.value


@pytest.mark.parametrize(
    "text", ["=1+1", "＝1+1", "=cmd|' /C calc'!A0", "+A1", "@SUM(A1)", "-cmd|x", "+SUM(1)", "- A1*2"]
)
def test_formulas_stand_as_problems_in_their_cell(text):
    quoted = text.replace('"', '""')
    table = read_table(f'{HEADER}"{quoted}",1/1/2000\n'.encode(), filename="x.csv")
    ((number, row),) = table.rows
    assert number == 2
    assert isinstance(row["ho_va_ten"], CellProblem)
    assert row["ngay_sinh"] == "1/1/2000"


@pytest.mark.parametrize("text", ["+84 912 345 678", "-5", "+3,5", "@an.nguyen", "- Ghi chú", "a=b", "+", "-1-2"])
def test_numbers_and_notes_are_no_formulas(text):
    table = read_table(f'{HEADER}"{text}",\n'.encode(), filename="x.csv")
    assert table.rows[0][1]["ho_va_ten"] == text


def test_formulas_and_errors_in_xlsx_stand_as_problems_in_their_cell():
    rows = [["a", "b", "c"], ["=A1", "#REF!", ArrayFormula("C2:C2", "=A1:A1")], ["ok", "#N/A", "x"]]
    table = read_table(make_xlsx(*rows), filename="x.xlsx")
    assert [number for number, _row in table.rows] == [2, 3]
    assert all(isinstance(value, CellProblem) for value in table.rows[0][1].values())
    assert [isinstance(value, CellProblem) for value in table.rows[1][1].values()] == [False, True, False]


def test_what_our_own_exports_mark_as_text_is_read_as_that_text():
    out = io.BytesIO()
    write_csv([["+84 912", "=1+1"]], ["Điện thoại", "Ghi chú"], out)
    table = read_table(out.getvalue(), filename="x.csv")
    assert table.rows == [(2, {"dien_thoai": "+84 912", "ghi_chu": "=1+1"})]


@pytest.mark.parametrize(("length", "taken"), [(32_766, True), (32_767, True), (32_768, False), (10_000_000, False)])
def test_a_cell_is_as_long_as_a_spreadsheet_cell_at_most(length, taken):
    table = read_table(f"a,b\n{'x' * length},y\n".encode(), filename="x.csv")
    assert isinstance(table.rows[0][1]["a"], str) is taken
    assert table.rows[0][1]["b"] == "y"


def test_rows_are_limited():
    data = ("a\n" + "x\n" * 3).encode()
    assert len(read_table(data, filename="x.csv", max_rows=3).rows) == 3
    assert problem_of(data, max_rows=2).row == 4


def test_the_file_is_limited():
    data = b"a\nxxxx\n"
    assert read_table(data, filename="x.csv", max_bytes=len(data)).rows
    problem_of(data, max_bytes=len(data) - 1)


def test_columns_are_limited():
    wide = ",".join(f"c{n}" for n in range(200))
    assert len(read_table(f"{wide}\n1\n".encode(), filename="x.csv").columns) == 200
    assert problem_of(f"{wide},c200\n1\n".encode()).row == 1
    assert problem_of(make_xlsx([f"c{n}" for n in range(201)]), "x.xlsx").row == 1


def test_two_columns_of_one_heading_are_refused():
    problem = problem_of("Họ và tên,STT,ho_va_ten\na,b,c\n".encode())
    assert (problem.row, problem.column) == (1, "ho_va_ten")


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"", "x.csv"),
        (b"\xef\xbb\xbf \r\n\n", "x.csv"),
        (b",,\n,,\n", "x.csv"),
        (b"---,...\n1,2\n", "x.csv"),
        (make_xlsx(), "x.xlsx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000), "x.xls"),
        (b"%PDF-1.7\n%\xe2\xe3", "x.csv"),
        (b"<html><table><tr><td>a</td></tr></table>", "x.csv"),
        (b"a,b\n1,2\n", "x.xlsx"),
        (b"{\\rtf1 a}", "x.csv"),
        (b"PK\x03\x04garbage", "x.xlsx"),
        (("x" * 501 + ",b\n1,2\n").encode(), "x.csv"),
    ],
)
def test_what_is_no_table_is_refused(data, name):
    problem_of(data, name)


def test_binary_data_is_refused_by_its_encoding():
    with pytest.raises(UndecodableText):
        read_table(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", filename="x.csv")


def test_old_fonts_are_refused_in_xlsx_too():
    with pytest.raises(LegacyFontText):
        read_table(make_xlsx(["Ten"], ["NguyÔn ThÞ TuyÕt"]), filename="x.xlsx")


def test_a_row_that_slipped_is_refused():
    assert problem_of(b"a,b\n1,2\n1,2,3\n").row == 3
    assert read_table(b"a,b\n1,2,,\n", filename="x.csv").rows


def test_a_csv_that_breaks_off_names_the_row():
    assert problem_of(b'a,b\n1,2\n3,"open').row == 3
    assert problem_of(b'a,b\n1,"2"x\n').row == 2


@pytest.mark.parametrize("part", [0.2, 0.5, 0.9, 0.99])
def test_an_xlsx_that_breaks_off_is_refused(part):
    data = make_xlsx(["a"], *[[f"row {n}"] for n in range(200)])
    problem_of(data[: int(len(data) * part)], "x.xlsx")


def test_a_zip_that_is_no_workbook_is_refused():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("content.xml", "<x/>")
    problem_of(file.getvalue(), "x.ods")


def test_a_zip_bomb_is_refused():
    bomb = changed_part(make_xlsx(["a"], ["b"]), SHEET, lambda xml: xml + b" " * 60_000_000)
    assert len(bomb) < 200_000
    problem_of(bomb, "x.xlsx")


def test_an_entity_bomb_is_refused():
    problem_of(
        changed_part(make_xlsx(["a"], ["b"]), SHEET, lambda xml: b'<!DOCTYPE x [<!ENTITY a "b">]>' + xml),
        "x.xlsx",
    )


def test_broken_xml_in_an_xlsx_is_refused():
    problem_of(changed_part(make_xlsx(["a"], ["b"]), SHEET, lambda xml: xml[:-30]), "x.xlsx")
    problem_of(changed_part(make_xlsx(["a"], ["b"]), "xl/workbook.xml", lambda xml: b"<x/>"), "x.xlsx")
    problem_of(changed_part(make_xlsx(["a"], ["b"]), SHEET, lambda xml: xml.replace(b'r="A2"', b'r="??"')), "x.xlsx")


def test_a_wrong_declared_size_cuts_nothing():
    data = changed_part(make_xlsx(["a"], ["1"], ["2"]), SHEET, lambda xml: xml.replace(b"A1:A3", b"A1:A1"))
    assert len(read_table(data, filename="x.xlsx").rows) == 2


def test_a_claimed_row_beyond_the_last_is_not_counted_up_to():
    data = changed_part(
        make_xlsx(["a"], ["1"]),
        SHEET,
        lambda xml: xml.replace(b'r="2"', b'r="99999999"').replace(b'"A2"', b'"A99999999"'),
    )
    assert read_table(data, filename="x.xlsx").rows == []


@given(st.binary(max_size=300) | st.text().map(str.encode), st.sampled_from(["a.csv", "a.xlsx", "a"]))
def test_any_file_is_a_table_or_refused(data, name):
    with contextlib.suppress(TableProblem, UndecodableText):
        read_table(data, filename=name)


cells = st.text(
    alphabet=st.characters(exclude_categories=["Cs", "Cc", "Cf", "Co", "Cn"], exclude_characters="=＝+-@＋－＠'#"),
    min_size=1,
    max_size=20,
).map(str.strip)


@given(st.lists(st.lists(cells, min_size=2, max_size=2), min_size=1, max_size=5))
def test_a_written_table_reads_back(rows):
    for write, name in ((write_csv, "x.csv"), (lambda r, c, f: write_xlsx(r, c, f, title="x"), "x.xlsx")):
        out = io.BytesIO()
        write(rows, ["Một", "Hai"], out)
        try:
            table = read_table(out.getvalue(), filename=name)
        except LegacyFontText:
            continue
        import unicodedata

        expected = [[unicodedata.normalize("NFC", cell).strip() for cell in row] for row in rows]
        assert [list(row.values()) for _number, row in table.rows] == [row for row in expected if any(row)]


# Writing --------------------------------------------------------------------------------------------------------

DANGEROUS = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1", "＋1", "－1", "＠x", "\ufeff=1", "\u200b=1",
    "\x00=1", '=HYPERLINK("http://x","a")', "=cmd|' /C calc'!A0", "\u00a0=1",
]  # fmt: skip


@pytest.mark.parametrize("text", DANGEROUS)
def test_texts_that_a_spreadsheet_could_run_are_neutralised(text):
    assert neutral(text).startswith("'")
    out = io.BytesIO()
    write_csv([[text]], [text], out)
    for row in csv.reader(io.StringIO(out.getvalue().decode("utf-8-sig"), newline="")):
        assert row[0].startswith("'")
    out = io.BytesIO()
    write_xlsx([[text]], [text], out, title="x")
    for row in load_workbook(out).active.iter_rows():
        assert row[0].data_type == "s"
        assert row[0].value.startswith("'")


@pytest.mark.parametrize("text", ["a", "Nguyễn - An", "a=b", "1", "", "'a", "2026-11-24", "12+3"])
def test_other_texts_stay_as_they_are(text):
    assert neutral(text) == text


@pytest.mark.parametrize("text", ["x;=1+1", "x\t=1+1", "x\n=1+1", "x; @SUM(1)", "x;+cmd|'/C'!A0"])
def test_a_second_separator_begins_no_formula_in_csv(text):
    out = io.BytesIO()
    write_csv([[text]], ["a"], out)
    assert ";=" not in out.getvalue().decode()
    assert "'" in out.getvalue().decode()


def test_everything_that_is_no_number_or_date_is_text_and_neutral():
    class Formula:
        def __str__(self) -> str:
            return "=1+1"

    out = io.BytesIO()
    write_csv([[Formula(), gettext_lazy("=1")]], ["a", "b"], out)
    assert out.getvalue().decode("utf-8-sig").splitlines()[1] == "'=1+1,'=1"
    out = io.BytesIO()
    key = uuid.UUID(int=1)
    write_xlsx([[Formula(), key, time(7, 30)]], ["a", "b", "c"], out, title="x")
    assert [cell.value for cell in load_workbook(out).active[2]] == ["'=1+1", str(key), "07:30:00"]


def test_numbers_stay_numbers_and_dates_dates():
    row = [
        -5,
        1.5,
        Decimal("-2.25"),
        True,
        date(2026, 11, 24),
        datetime(2026, 11, 24, 1, 5, tzinfo=UTC),
        None,
        10**15,
    ]
    columns = [f"c{n}" for n in range(len(row))]
    out = io.BytesIO()
    assert write_csv([row], columns, out) == 1
    assert out.getvalue().startswith(b"\xef\xbb\xbf")
    assert out.getvalue().decode("utf-8-sig").splitlines()[1] == (
        "-5,1.5,-2.25,True,24/11/2026,24/11/2026 08:05,,1000000000000000"
    )
    out = io.BytesIO()
    assert write_xlsx([row], columns, out, title="Danh sách") == 1
    cells = load_workbook(out).active[2]
    assert [cell.value for cell in cells] == [
        -5, 1.5, -2.25, True, datetime(2026, 11, 24), datetime(2026, 11, 24, 8, 5), None, "1000000000000000",
    ]  # fmt: skip
    assert cells[4].number_format == "dd/mm/yyyy"
    assert cells[5].number_format == "dd/mm/yyyy hh:mm"


def test_what_a_spreadsheet_cannot_hold_is_written_as_text_or_left_out():
    row = [float("nan"), float("inf"), Decimal("NaN"), date(1890, 1, 2), "a\x0bb\ud800", "x" * 40_000]
    out = io.BytesIO()
    write_xlsx([row], list("abcdef"), out, title="a/b:c*d?e[f]" * 5)
    sheet = load_workbook(out).active
    values = [cell.value for cell in sheet[2]]
    assert values[:5] == [None, None, None, "02/01/1890", "ab"]
    assert len(values[5]) == 32_767
    assert values[5].endswith("…")
    assert len(sheet.title) <= 31
    out = io.BytesIO()
    write_csv([row], list("abcdef"), out)
    assert out.getvalue().decode("utf-8-sig").splitlines()[1].startswith(",,,02/01/1890,")


def test_the_heading_is_bold_frozen_and_wide_enough():
    out = io.BytesIO()
    write_xlsx([], ["Họ và tên đầy đủ của học viên", "A"], out, title="")
    sheet = load_workbook(out).active
    assert sheet["A1"].font.bold
    assert sheet.freeze_panes == "A2"
    assert sheet.column_dimensions["A"].width > sheet.column_dimensions["B"].width >= 12


def test_the_file_stays_open_for_its_owner():
    out = io.BytesIO()
    write_csv([], ["a"], out)
    out.write(b"more")
    assert out.getvalue().endswith(b"a\r\nmore")


@pytest.mark.parametrize("write", [write_csv, lambda r, c, f: write_xlsx(r, c, f, title="x")])
def test_rows_are_not_gathered_in_memory(write, tmp_path):
    def peak(count: int) -> int:
        with (tmp_path / "out").open("wb") as file:
            tracemalloc.start()
            write(([f"tên {n}", n] for n in range(count)), ["a", "b"], file)
            used = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        return used

    peak(10)
    assert peak(5_000) < peak(500) + 1_000_000
