"""The spreadsheet template as people fill it in, in XLSX and CSV."""

from __future__ import annotations

import csv
import io
import time as time_module
import zipfile
from datetime import date, datetime, time
from typing import Any

import pytest
from django.utils import translation
from openpyxl import Workbook, load_workbook
from openpyxl.drawing.image import Image
from openpyxl.styles import Font, PatternFill

from assessments.formats import ParsedQuestion, ReadProblem, Unreadable, get_format
from assessments.formats.base import Item
from assessments.formats.table.sample import write_sample
from tests.assessments.formats.strategies import PNG

HEADINGS = ["Mã", "Loại", "Câu hỏi", "Đáp án", "A", "B", "C", "D", "E", "F"]


def read_xlsx(*rows: list[Any], headings: list[str] | None = None) -> list[Item]:
    book = Workbook()
    for row in [headings or HEADINGS, *rows]:
        book.active.append(row)
    return read_book(book)


def read_book(book: Workbook) -> list[Item]:
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    return list(get_format("xlsx").read(file, "a.xlsx"))


def read_csv(*rows: list[str], headings: list[str] | None = None, separator: str = ",") -> list[Item]:
    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows([headings or HEADINGS, *rows])
    return list(get_format("csv").read(io.BytesIO(text.getvalue().encode()), "a.csv"))


def taken(items: list[Item]) -> list[ParsedQuestion]:
    assert all(isinstance(item, ParsedQuestion) for item in items), items
    return [item for item in items if isinstance(item, ParsedQuestion)]


def right(question: ParsedQuestion) -> list[str]:
    return [choice["text"] for choice in question.body["choices"] if choice["fraction"] > 0]


def reasons(items: list[Item]) -> list[tuple[str, str]]:
    with translation.override("en"):
        return [(item.ref, str(item.reason)) for item in items if isinstance(item, ReadProblem)]


# Types --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "choices", "kind"),
    [
        ("B", ["một", "hai", "ba"], "single_choice"),
        ("A;C", ["một", "hai", "ba"], "multiple_choice"),
        ("Đúng", [], "true_false"),
        ("FALSE", [], "true_false"),
        ("A", ["Đúng", "Sai"], "true_false"),
        ("Hà Nội | Thủ đô Hà Nội", [], "short_answer"),
        ("00123", [], "short_answer"),
        ("3,14 ± 0,01", [], "numerical"),
        ("-5", [], "numerical"),
        ("1/2", [], "short_answer"),
        ("chó -> dog\nmèo -> cat", [], "matching"),
        ("CPU là phần cứng -> Đúng\nWord là phần cứng -> Sai", [], "matrix"),
        ("Đ, S, Đ", ["một", "hai", "ba"], "matrix"),
        ("", [], "essay"),
    ],
)
def test_the_type_is_seen_from_what_is_filled_in(answer: str, choices: list[str], kind: str) -> None:
    (question,) = taken(read_csv(["", "", "Câu hỏi?", answer, *choices]))
    assert question.type == kind


@pytest.mark.parametrize("answer", ["B", "b", "B.", "(B)", "Đáp án B", "2", "hai", " HAI ", "B. hai"])
def test_an_answer_is_a_letter_a_number_or_the_text(answer: str) -> None:
    (question,) = taken(read_csv(["", "", "Số nào chẵn?", answer, "một", "hai", "ba"]))
    assert right(question) == ["hai"]


@pytest.mark.parametrize("answer", ["A,C", "A;C", "A C", "AC", "a và c", "1,3", "1;3", "một; ba"])
def test_several_answers_are_written_in_many_ways(answer: str) -> None:
    (question,) = taken(read_csv(["", "", "Số nào lẻ?", answer, "một", "hai", "ba"]))
    assert right(question) == ["một", "ba"]


def test_a_number_that_is_also_a_choice_is_not_guessed() -> None:
    row = ["", "", "2 + 1 = ?", "3", "4", "3", "2"]
    assert "several of the choices" in reasons(read_csv(row))[0][1]
    by_text = ["", "", "5 + 5 = ?", "10", "10", "11", "12"]
    assert right(taken(read_csv(by_text, row))[1]) == ["3"], "the rest of the file writes texts"


@pytest.mark.parametrize("look", [Font(bold=True), Font(underline="single"), Font(color="FFFF0000")])
def test_the_right_choice_may_stand_out_instead(look: Font) -> None:
    book = Workbook()
    book.active.append(HEADINGS)
    book.active.append(["", "", "Thủ đô?", None, "Huế", "Hà Nội", "Đà Nẵng"])
    book.active["F2"].font = look
    (question,) = taken(read_book(book))
    assert right(question) == ["Hà Nội"]


def test_a_fill_marks_a_choice_and_what_all_choices_have_marks_none() -> None:
    book = Workbook()
    book.active.append(HEADINGS)
    for row in (2, 3):
        book.active.append(["", "", "Thủ đô?", None, "Huế", "Hà Nội", "Đà Nẵng"])
        for letter in "EFG":
            book.active[f"{letter}{row}"].font = Font(bold=True)
    book.active["F2"].fill = PatternFill("solid", start_color="FFFFFF00")
    first, second = read_book(book)
    assert isinstance(first, ParsedQuestion)
    assert right(first) == ["Hà Nội"]
    assert isinstance(second, ReadProblem)
    assert "“Đáp án” (D)" in str(second.reason)


def test_facts_are_said_in_vietnamese_or_english() -> None:
    headings = [
        "id",
        "question",
        "answer",
        "a",
        "b",
        "level",
        "topic",
        "tags",
        "Loại kiến thức",
        "Chuẩn đầu ra",
        "Chỉ thi",
        "points",
        "explanation",
    ]
    row = [
        "C1",
        "x?",
        "A",
        "1",
        "2",
        "Nâng cao",
        "Mạng / Wi-Fi",
        "wifi, nhà",
        "Tình huống",
        "IU02.1",
        "x",
        "0,5",
        "Vì thế.",
    ]
    (question,) = taken(read_csv(row, headings=headings))
    assert (question.idnumber, question.category, question.tags) == ("C1", ("Mạng", "Wi-Fi"), ("wifi", "nhà"))
    assert (question.difficulty, question.nature, question.outcome) == ("advanced", "situation", "IU02.1")
    assert question.exam_only
    assert (question.body["mark"], question.body["feedback"]) == (0.5, "Vì thế.")


@pytest.mark.parametrize("count", [2, 3, 4, 5, 6])
def test_any_two_to_six_choices_stand_in_one_file(count: int) -> None:
    texts = ["một", "hai", "ba", "bốn", "năm", "sáu"][:count]
    (question,) = taken(read_csv(["", "", "x?", "B", *texts]))
    assert [choice["text"] for choice in question.body["choices"]] == texts


def test_a_type_that_columns_cannot_say_has_a_body_of_its_own() -> None:
    body = "words:\n- {text: nhanh}\n- {text: chậm}\n"
    (question,) = taken(
        read_csv(["gap_select", "Mạng [[1]].", body], headings=["Loại", "Câu hỏi", "Nội dung (YAML/JSON)"])
    )
    assert (question.type, question.body["stem"]) == ("gap_select", "Mạng [[1]].")
    headings = ["Loại", "Câu hỏi", "Đáp án", "Nội dung (YAML/JSON)"]
    ((_ref, reason),) = reasons(read_csv(["gap_select", "Mạng [[1]].", "nhanh", body], headings=headings))
    assert "“Đáp án” (C)" in reason


# Cells --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["=SUM(A1:A5)", "-5", "+84", "@", "@echo", "1/2", "00123", "TRUE", "1-2", "2.0", "a;=b", "<b>", "a < b & c",
     "#REF!", "*", "'", "“trích”", "50%", "x\ny", "HTML là gì?", "_x0041_", "|", "->"],
)  # fmt: skip
def test_what_looks_like_something_else_is_text(text: str) -> None:
    from html import escape

    wanted = escape(text, quote=False).replace("\n", "<br>")
    (question,) = taken(read_csv(["", "Một đáp án", text, "B", text, "khác"]))
    assert question.body["stem"] == wanted
    assert question.body["choices"][0]["text"] == wanted
    book = Workbook()
    book.active.append(HEADINGS)
    book.active.append(["", "Một đáp án", "x", "B", "y", "khác"])
    book.active["C2"].value, book.active["C2"].data_type = text, "s"
    (question,) = taken(read_book(book))
    assert question.body["stem"] == wanted


@pytest.mark.parametrize(
    ("value", "number_format", "shown"),
    [
        (2.0, "General", "2"),
        (3.14, "General", "3.14"),
        (0.5, "0%", "50%"),
        (0.125, "0.0%", "12.5%"),
        (123, "00000", "00123"),
        (0.5, "# ?/?", "1/2"),
        (1e-7, "General", "0.0000001"),
        (10**12, "0.00E+00", "1000000000000"),
        (True, "General", "TRUE"),
        (date(1975, 4, 30), "dd/mm/yyyy", "30/04/1975"),
        (datetime(2026, 9, 2, 7, 30), "dd/mm/yyyy hh:mm", "02/09/2026 07:30"),
        (time(7, 5), "h:mm", "7:05"),
    ],
)
def test_a_number_or_date_is_what_a_reader_sees(value: Any, number_format: str, shown: str) -> None:
    book = Workbook()
    book.active.append(HEADINGS)
    book.active.append(["", "", "x?", "B", value, "khác"])
    book.active["E2"].number_format = number_format
    (question,) = taken(read_book(book))
    assert question.body["choices"][0]["text"] == shown


def test_a_date_that_excel_made_of_a_text_is_named_by_its_cell() -> None:
    book = Workbook()
    book.active.append(HEADINGS)
    book.active.append(["", "", "x?", "B", date(2026, 2, 1), "khác"])
    book.active["E2"].number_format = "d-mmm"
    ((ref, reason),) = reasons(read_book(book))
    assert ref == "row 2"
    assert "“A” (E)" in reason
    assert "Excel made a date" in reason


def test_a_formula_is_named_by_its_cell_and_the_other_rows_are_taken() -> None:
    items = read_xlsx(["", "", "x?", "B", "=1+1", "khác"], ["", "", "y?", "A", "1", "2"])
    assert reasons(items) == [("row 2", "Column “A” (E): The cell holds a formula; put the value itself.")]
    assert isinstance(items[1], ParsedQuestion)


def test_html_is_said_and_not_guessed() -> None:
    plain, rich = taken(
        read_csv(["", "", "Thẻ <b> là gì?", "A", "<p>", "<b>"], ["", "", "HTML: <p>a<sup>2</sup></p>", "A", "1", "2"])
    )
    assert plain.body["stem"] == "Thẻ &lt;b&gt; là gì?"
    assert rich.body["stem"] == "<p>a<sup>2</sup></p>"


def test_a_file_that_is_html_all_through_is_read_so_and_says_it() -> None:
    rows = [["", "", f"<p>Câu <strong>{n}</strong>?</p>", "A", "<p>x</p>", "y"] for n in range(3)]
    first, *_rest = taken(read_csv(*rows))
    assert first.body["stem"] == "<p>Câu <strong>0</strong>?</p>"
    assert any("HTML" in str(note) for note in first.notes)


def test_a_picture_over_a_cell_belongs_to_its_text() -> None:
    book = Workbook()
    book.active.append(HEADINGS)
    book.active.append(["", "", "Biểu tượng nào?", "A", None, "khác"])
    picture = Image(io.BytesIO(PNG))
    book.active.add_image(picture, "E2")
    (question,) = taken(read_book(book))
    (name,) = question.media
    assert question.media[name].content == PNG
    assert f'src="media:{name}"' in question.body["choices"][0]["text"]


# Sheets and rows ----------------------------------------------------------------------------------------------


def test_each_wrong_row_is_reported_by_column_and_the_rest_taken() -> None:
    items = read_csv(
        ["", "", "tốt?", "A", "1", "2"],
        ["", "", "thiếu đáp án?", "", "1", "2"],
        ["", "", "không có E?", "E", "1", "2"],
        ["", "Lạ", "loại gì?", "A", "1", "2"],
        ["", "", "hở?", "A", "1", "", "3"],
        ["", "", "", "A", "1", "2"],
        ["", "", "cũng tốt?", "2", "x", "y"],
    )
    assert [item.ref for item in items if isinstance(item, ParsedQuestion)] == ["row 2", "row 8"]
    told = reasons(items)
    assert [ref for ref, _reason in told] == ["row 3", "row 4", "row 5", "row 6", "row 7"]
    for (_ref, reason), column in zip(
        told, ["“Đáp án” (D)", "“Đáp án” (D)", "“Loại” (B)", "“B” (F)", "“Câu hỏi” (C)"], strict=True
    ):
        assert column in reason


def test_a_sheet_for_each_chapter_and_a_title_above_the_headings() -> None:
    book = Workbook()
    book.active.title = "Ghi chú"
    book.active.append(["Ngân hàng của tổ Tin"])
    for title in ("Chương 1", "Chương 2"):
        sheet = book.create_sheet(title)
        sheet.append(["NGÂN HÀNG CÂU HỎI"])
        sheet.append([])
        sheet.append(HEADINGS)
        sheet.append(["", "", f"{title}?", "A", "1", "2"])
    items = read_book(book)
    assert [item.ref for item in items] == ["sheet “Chương 1”, row 4", "sheet “Chương 2”, row 4", "sheet “Ghi chú”"]
    assert isinstance(items[2], ReadProblem)


def test_unknown_columns_are_told_and_numbered_empty_rows_passed_over() -> None:
    items = read_csv(
        ["1", "x?", "A", "1", "2", "Lan"], ["2", "", "", "", "", ""],
        headings=["STT", "Nội dung câu hỏi", "Đáp án đúng", "A", "B", "Người soạn"],
    )  # fmt: skip
    (question,) = taken(items)
    assert question.idnumber == ""
    assert "Người soạn" in " ".join(map(str, question.notes))


def test_numbers_of_answers_from_zero_are_found_out() -> None:
    headings = ["question", "option1", "option2", "option3", "correct_index"]
    rows = [["a?", "x", "y", "z", "0"], ["b?", "x", "y", "z", "2"], ["c?", "x", "y", "z", "1"]]
    questions = taken(read_csv(*rows, headings=headings))
    assert [right(question) for question in questions] == [["x"], ["z"], ["y"]]
    with translation.override("en"):
        assert any("count from 0" in str(note) for note in questions[0].notes)


# Sample -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["xlsx", "csv"])
def test_the_sample_has_a_row_for_each_simple_type_and_can_be_imported(name: str) -> None:
    file = io.BytesIO()
    write_sample(file, csv=name == "csv")
    assert get_format(name).recognises(file.getvalue()[:65536], f"mau.{name}")
    file.seek(0)
    questions = taken(list(get_format(name).read(file)))
    assert {question.type for question in questions} == {
        "single_choice", "multiple_choice", "true_false", "short_answer", "numerical", "matching", "ordering",
        "matrix", "essay",
    }  # fmt: skip
    assert not any(question.notes for question in questions)


def test_the_second_sheet_of_the_sample_explains_every_column() -> None:
    file = io.BytesIO()
    write_sample(file)
    book = load_workbook(file)
    first, guide = book.worksheets
    explained = " ".join(str(row[0]) for row in guide.iter_rows(values_only=True))
    for (heading,) in zip(next(first.iter_rows(max_row=1, values_only=True)), strict=True):
        assert len(heading) == 1 or heading.startswith("Phản hồi") or heading in explained
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)


# Hostile ------------------------------------------------------------------------------------------------------


def test_cp1258_and_utf16_and_bom_are_read() -> None:
    text = "Câu hỏi;Đáp án;A;B\nViệt Nam ở đâu?;A;châu Á;châu Âu\n"
    for data in (text.encode("utf-16"), text.encode("utf-8-sig"), text.encode("utf-16-le")):
        assert get_format("csv").recognises(data, "a.csv")
        assert taken(list(get_format("csv").read(io.BytesIO(data))))[0].body["stem"] == "Việt Nam ở đâu?"


def test_a_row_in_an_old_font_is_refused_alone() -> None:
    items = read_csv(["", "", "NguyÔn V¨n ®­îc gäi lµ g×?", "A", "mét", "hai"], ["", "", "Tốt?", "A", "1", "2"])
    assert "old TCVN3 font" in reasons(items)[0][1]
    assert isinstance(items[1], ParsedQuestion)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("csv", b""),
        ("csv", b"a,b\n1,2\n"),
        ("csv", 'Câu hỏi,Đáp án\n"mở'.encode()),
        ("csv", b"%PDF-1.7 x"),
        ("csv", b"\x00\x01\x02\xff" * 100),
        ("xlsx", b"PK\x03\x04 cut off"),
        ("xlsx", b"\xd0\xcf\x11\xe0old"),
        ("xlsx", b"question,answer\n"),
    ],
)
def test_what_is_no_table_of_questions_is_unreadable(name: str, data: bytes) -> None:
    with pytest.raises(Unreadable):
        list(get_format(name).read(io.BytesIO(data), f"a.{name}"))


@pytest.mark.parametrize(
    "row",
    [
        ["", "", "x?", "A" + " " * 200_000 + "B", "1", "2"],
        ["", "", "x?", " ->" * 50_000, ""],
        ["", "", "HTML: " + "<div " * 200_000, "A", "1", "2"],
        ["", "", "x?", "1" + " " * 200_000 + "2", ""],
        ["", "", "x" * 3_000_000, "A", "1", "2"],
    ],
    ids=range(5),
)
def test_a_text_made_to_take_long_does_not(row: list[str]) -> None:
    started = time_module.process_time()
    items = read_csv(row, ["", "", "tốt?", "A", "1", "2"])
    assert time_module.process_time() - started < 10
    assert isinstance(items[1], ParsedQuestion)


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/styles.xml", "xl/workbook.xml"])
@pytest.mark.parametrize("content", [b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', b"\0" * 400_000_000, b"<broken"])
def test_a_part_of_a_workbook_that_is_hostile_makes_it_unreadable(part: str, content: bytes) -> None:
    whole, out = io.BytesIO(), io.BytesIO()
    write_sample(whole)
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name != part:
                new.writestr(name, old.read(name))
        new.writestr(part, content)
    out.seek(0)
    with pytest.raises(Unreadable):
        list(get_format("xlsx").read(out, "a.xlsx"))


# Tables that others made --------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", ["A|C", "[A, C]", "{A;C}", "1.0;3.0", '["A", "C"]', "A và C", "AC"])
def test_answers_may_stand_in_brackets_or_be_numbers_as_excel_writes_them(answer: str) -> None:
    (question,) = taken(read_xlsx(["Chọn?", "một", "hai", "ba", answer], headings=["Câu hỏi", "A", "B", "C", "Đáp án"]))
    assert right(question) == ["một", "ba"]


@pytest.mark.parametrize(
    ("headings", "row"),
    [
        (["Câu hỏi", "Phương án", "Đáp án"], ["Chọn?", "A. một\nB. hai\nC. ba", "B"]),
        (["Câu hỏi", "Các lựa chọn", "Đáp án"], ["Chọn?", "một; hai; ba", "B"]),
        (["Question", "Options", "Answer"], ["Chọn?", "một\nhai\nba", "2"]),
        (["Câu hỏi", "Đáp án"], ["Chọn?\nA. một\nB. hai\nC. ba", "B"]),
    ],
)
def test_choices_may_be_lines_of_one_cell(headings: list[str], row: list[str]) -> None:
    (question,) = taken(read_xlsx(row, headings=headings))
    assert question.body["stem"] == "Chọn?"
    assert [choice["text"] for choice in question.body["choices"]] == ["một", "hai", "ba"]
    assert right(question) == ["hai"]


def test_headings_in_two_rows_are_read_as_one() -> None:
    (question,) = taken(
        read_xlsx(
            ["", "", "A", "B", "C", ""],
            ["1", "Chọn?", "một", "hai", "ba", "B"],
            headings=["TT", "Câu hỏi", "Các phương án trả lời", "", "", "Đáp án"],
        )
    )
    assert (question.body["stem"], right(question)) == ("Chọn?", ["hai"])


def test_what_stands_below_no_heading_is_told_by_its_letter() -> None:
    headings = ["Câu hỏi", "A", "B", "", "Đáp án"]
    (question,) = taken(read_xlsx(["Chọn?", "một", "hai", "ghi chú", "A"], headings=headings))
    with translation.override("en"):
        assert "The column “D” is not known here and was left out." in map(str, question.notes)


def test_a_letter_is_no_short_answer_where_the_choices_were_not_found() -> None:
    (item,) = read_xlsx(["Chọn?", "B"], headings=["Câu hỏi", "Đáp án"])
    assert isinstance(item, ReadProblem)
    with translation.override("en"):
        assert "there are no choices" in str(item.reason)
