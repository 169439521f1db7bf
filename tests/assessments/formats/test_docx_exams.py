"""Whole exams in Word as schools hand them out: parts, answer tables, shared texts, marks in every place."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.utils import translation

from assessments.formats import ParsedQuestion, ReadProblem, get_format
from assessments.formats.base import Item
from tests.assessments.formats.word import BOLD, VNTIME, p, r, table, word

CHOICES = ["A. một", "B. hai", "C. ba"]
STATEMENTS = ["a) Một.", "b) Hai.", "c) Ba.", "d) Bốn."]


def read(*blocks: str, **parts: Any) -> list[Item]:
    return list(get_format("docx").read(io.BytesIO(word(*blocks, **parts))))


def taken(*blocks: str, **parts: Any) -> list[ParsedQuestion]:
    items = read(*blocks, **parts)
    assert all(isinstance(item, ParsedQuestion) for item in items), items
    return [item for item in items if isinstance(item, ParsedQuestion)]


def right(question: ParsedQuestion) -> str:
    return "".join(choice["id"] for choice in question.body["choices"] if choice["fraction"] > 0)


def truths(question: ParsedQuestion) -> str:
    return "".join("Đ" if question.body["right"][row["id"]] == ["c1"] else "S" for row in question.body["rows"])


def english(*said: object) -> str:
    with translation.override("en"):
        return " ".join(map(str, said))


def exam_of_2025(*key: str) -> list[ParsedQuestion]:
    return taken(
        "PHẦN I. Câu trắc nghiệm nhiều phương án lựa chọn. Thí sinh trả lời từ câu 1 đến câu 2. Mỗi câu hỏi thí sinh chỉ chọn một phương án, "
        "sau đó tô vào phiếu trả lời trắc nghiệm theo hướng dẫn.",
        *("Câu 1. AI là gì?", *CHOICES, "Câu 2. HTML là gì?", *CHOICES),
        "PHẦN II. Câu trắc nghiệm đúng sai. Thí sinh trả lời câu 1.",
        *("Câu 1. Trường lập mạng LAN.", *STATEMENTS),
        "PHẦN III. Câu trắc nghiệm trả lời ngắn. Thí sinh trả lời từ câu 1 đến câu 2.",
        *("Câu 1. Đổi 1010 sang hệ thập phân?", "Câu 2. Tính 7,5 : 3."),
        *("------ HẾT ------", "ĐÁP ÁN", "PHẦN I"),
        table(["Câu", "1", "2"], ["Đáp án", "C", "A"]),
        "PHẦN II",
        *key,
        "PHẦN III",
        table(["Câu", "1", "2"], ["Đáp án", "10", "2,5"]),
    )


@pytest.mark.parametrize(
    "key",
    [
        table(["Câu", "1"], ["Đáp án", p(r("a) Đ\nb) S\nc) Đ\nd) S"))]),
        table(["Câu", "Đáp án"], ["1", "ĐSĐS"]),
        table(["Câu", "a", "b", "c", "d"], ["1", "Đ", "S", "Đ", "S"]),
        table(["Câu", "1"], ["a)", "Đúng"], ["b)", "Sai"], ["c)", "Đúng"], ["d)", "Sai"]),
        "Câu 1: a) Đúng; b) Sai; c) Đúng; d) Sai",
    ],
)
def test_the_three_parts_of_the_exam_of_2025_each_get_their_own_answers(key: str) -> None:
    single, other, statements, number, last = exam_of_2025(key)
    assert [right(single), right(other), truths(statements)] == ["c", "a", "ĐSĐS"]
    assert [question.body["answers"][0]["value"] for question in (number, last)] == [10, 2.5]
    assert [question.category for question in (single, statements, number)] == [
        ("PHẦN I. Câu trắc nghiệm nhiều phương án lựa chọn",),
        ("PHẦN II. Câu trắc nghiệm đúng sai",),
        ("PHẦN III. Câu trắc nghiệm trả lời ngắn",),
    ]
    assert "HẾT" not in last.body["stem"]


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (table(["1", "2", "3"], ["2", "5", "7"]), [2, 5, 7]),
        (table(["Câu", "Đáp án"], ["1", "2"], ["2", "5"], ["3", "7"]), [2, 5, 7]),
        (table(["Câu", "1", "2", "3"], ["ĐA", "4", "5", "6"]), [4, 5, 6]),
        ("Câu 1: 10    Câu 2: 2,5    Câu 3: -7", [10, 2.5, -7]),
    ],
)
def test_answers_that_are_numbers_are_not_taken_for_numbers_of_questions(key: str, expected: list[float]) -> None:
    found = taken("Câu 1. Một?", "Câu 2. Hai?", "Câu 3. Ba?", "ĐÁP ÁN", key)
    assert [question.body["answers"][0]["value"] for question in found] == expected


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [
        ([*STATEMENTS, "Đáp án: a) Đúng; b) Sai; c) Đúng; d) Sai"], "ĐSĐS"),
        ([*STATEMENTS, "Đáp án: a-Đ, b-S, c-S, d-Đ"], "ĐSSĐ"),
        ([table(["Phát biểu", "Đúng", "Sai"], ["a) Một", "X", ""], ["b) Hai", "", "✓"])], "ĐS"),
        ([table(["", "Ý", "Đúng", "Sai"], ["a", "Một", "", "x"], ["b", "Hai", "x", ""])], "SĐ"),
        ([table(["Phát biểu", "Đúng", "Sai"], ["Một", "", ""], ["Hai", "", ""]), "Đáp án: Đ, S"], "ĐS"),
    ],
)
def test_statements_are_read_with_their_truths(blocks: list[str], expected: str) -> None:
    (question,) = taken("Câu 1. Mỗi phát biểu sau đúng hay sai?", *blocks)
    assert (question.type, truths(question)) == ("matrix", expected)
    assert all("x" not in row["text"].lower().split() for row in question.body["rows"])


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["A. một", "B. hai *", "C. ba"], True),
        (["A. một", "B. hai ✓", "C. ba"], True),
        (["A. một", "B. hai (Đúng)", "C. ba"], True),
        (["A. một", "B. hai [x]", "C. ba"], True),
        (["[ ] A. một", "[x] B. hai", "[ ] C. ba"], False),
        (["☐ A. một", "☑ B. hai", "☐ C. ba"], False),
        (["A. một", "B. hai", "C. ba", "Đáp số: B"], False),
        (["A. một; B. hai; C. ba", "ĐA: B"], False),
    ],
)
def test_the_right_choice_is_marked_in_front_or_at_the_end(lines: list[str], told: bool) -> None:
    (question,) = taken("Câu 1. Chọn?", *lines)
    assert [choice["text"] for choice in question.body["choices"]] == ["một", "hai", "ba"]
    assert right(question) == "b"
    assert ("end of choice B" in english(*question.notes)) is told


def test_a_star_at_the_end_belongs_to_the_text_where_the_answer_is_told() -> None:
    (question,) = taken("Câu 1. Lệnh nào lấy mọi cột?", "A. SELECT", "B. SELECT *", "Đáp án: B")
    assert question.body["choices"][1]["text"] == "SELECT *"


@pytest.mark.parametrize(
    ("lines", "stem", "letters"),
    [
        (["Câu 1: Đơn vị nhỏ nhất? A. bit  B. byte  C. KB  D. MB", "Đáp án: A"], "Đơn vị nhỏ nhất?", "abcd"),
        (["Câu 1: Đơn vị nhỏ nhất?\tA. bit\tB. byte", "Đáp án: A"], "Đơn vị nhỏ nhất?", "ab"),
        (["Câu 1: Đơn vị nhỏ nhất? A. bit B. byte", "C. KB D. MB", "Đáp án: A"], "Đơn vị nhỏ nhất?", "abcd"),
        (["Câu 1: Theo A. Turing và B. Gates?", "A. bit", "B. byte", "Đáp án: A"], "Theo A. Turing và B. Gates?", "ab"),
        (["Câu 1: Theo A. Turing và B. Gates, thế nào?", "Đáp án: bit"], "Theo A. Turing và B. Gates, thế nào?", ""),
    ],
)
def test_choices_may_stand_behind_the_question(lines: list[str], stem: str, letters: str) -> None:
    (question,) = taken(*lines)
    assert question.body["stem"] == stem
    assert "".join(choice["id"] for choice in question.body.get("choices", ())) == letters


def test_a_shared_text_stands_before_each_of_its_questions_and_that_is_told() -> None:
    first, second, third = taken(
        "Đọc đoạn văn sau và trả lời các câu hỏi từ câu 1 đến câu 2:",
        *(
            "Internet ra đời năm 1969.",
            "Câu 1. Năm nào?",
            *CHOICES,
            "Đáp án: A",
            "Câu 2. Cái gì?",
            *CHOICES,
            "Đáp án: B",
        ),
        *("Câu 3. Riêng?", *CHOICES, "Đáp án: C"),
    )
    assert first.body["stem"] == "<p>Internet ra đời năm 1969.</p><p>Năm nào?</p>"
    assert second.body["stem"] == "<p>Internet ra đời năm 1969.</p><p>Cái gì?</p>"
    assert third.body["stem"] == "Riêng?"
    assert "share stands before each of them: “Đọc đoạn văn sau" in english(*second.notes)
    assert not third.notes


def test_a_shared_text_without_its_questions_is_told() -> None:
    (question,) = taken("Dựa vào bảng sau trả lời câu 7, 8: Bảng có 5 ô.", "Câu 1. Năm nào?", *CHOICES, "Đáp án: A")
    assert question.body["stem"] == "Năm nào?"
    assert "Bảng có 5 ô." in english(*question.notes)


@pytest.mark.parametrize(
    ("blocks", "category"),
    [
        (["Bài 1: Chọn ý đúng.", *CHOICES, "Đáp án: A"], ()),
        (["Bài 1 (2 điểm). Chọn ý đúng.", *CHOICES, "Đáp án: A"], ()),
        (["Bài 1: Thông tin", "Câu 1. Chọn ý đúng.", *CHOICES, "Đáp án: A"], ("Bài 1: Thông tin",)),
        (["[Câu 1] Chọn ý đúng.", *CHOICES, "Đáp án: A"], ()),
    ],
)
def test_a_bai_with_choices_is_a_question_and_one_with_questions_a_category(
    blocks: list[str], category: tuple[str, ...]
) -> None:
    (question,) = taken(*blocks)
    assert (question.body["stem"], question.category, right(question)) == ("Chọn ý đúng.", category, "a")


def test_questions_in_an_old_font_are_told_each_and_spoil_none_beside_them() -> None:
    first, second, third = read(
        *("Câu 1. Trình duyệt là gì?", *CHOICES, "Đáp án: A"),
        *(p(r("C©u 2. M¹ng m¸y tÝnh lµ g×?", VNTIME)), p(r("A. Mét", VNTIME)), p(r("B. Hai", VNTIME)), "Đáp án: A"),
        *("Caâu 3. Maïng maùy tính laø gì?", "A. Moät", "B. Hai", "Đáp án: A"),
    )
    assert isinstance(first, ParsedQuestion)
    assert not first.notes
    assert isinstance(second, ReadProblem)
    assert "TCVN3" in english(second.reason)
    assert isinstance(third, ReadProblem)
    assert "VNI" in english(third.reason)


def test_every_line_that_is_left_out_after_the_choices_is_told() -> None:
    (question,) = taken("Câu 1. Chọn?", *CHOICES, p(r("Ghi chú", BOLD)), "Trang sau", "Đáp án: A")
    assert "Ghi chú | Trang sau" in english(*question.notes)
