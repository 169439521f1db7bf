"""Word files in the forms that Vietnamese teachers use."""

from __future__ import annotations

import io
import time
import unicodedata
import zipfile
from typing import Any

import pytest
from django.utils import translation

from assessments.formats import ParsedQuestion, ReadProblem, Unreadable, get_format
from assessments.formats.base import Item
from tests.assessments.formats.strategies import PNG
from tests.assessments.formats.word import (
    BOLD,
    ITALIC,
    RED,
    SHADED,
    UNDERLINE,
    VNTIME,
    YELLOW,
    m,
    math,
    numbering,
    p,
    picture,
    r,
    table,
    word,
)

FORMAT = get_format("docx")
CAPITALS = ["Huế", "Hà Nội", "Đà Nẵng", "Cần Thơ"]
CHOICES = [f"{letter}. {name}" for letter, name in zip("ABCD", CAPITALS, strict=True)]


def read(data: bytes) -> list[Item]:
    assert FORMAT.recognises(data[:65536], "")
    return list(FORMAT.read(io.BytesIO(data)))


def taken(data: bytes) -> list[ParsedQuestion]:
    items = read(data)
    assert all(isinstance(item, ParsedQuestion) for item in items), items
    return [item for item in items if isinstance(item, ParsedQuestion)]


def one(*blocks: str, **parts: Any) -> ParsedQuestion:
    (question,) = taken(word(*blocks, **parts))
    return question


def texts(question: ParsedQuestion) -> list[str]:
    return [choice["text"] for choice in question.body["choices"]]


def right(question: ParsedQuestion) -> list[str]:
    return [choice["text"] for choice in question.body["choices"] if choice["fraction"] > 0]


def english(*said: Any) -> str:
    with translation.override("en"):
        return " ".join(map(str, said))


# Where questions and choices begin ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "label",
    [
        "Câu 1: ",
        "Câu 1. ",
        "Câu 1/ ",
        "CÂU 1 ",
        "Câu hỏi 1: ",
        "Câu số 1: ",
        "Câu 1 (NB): ",
        "1. ",
        "1) ",
        "Question 1: ",
    ],
)
def test_questions_are_numbered_in_many_ways(label: str) -> None:
    question = one(f"{label}Thủ đô nước ta?", *CHOICES, "Đáp án: B")
    assert (question.body["stem"], texts(question), right(question)) == ("Thủ đô nước ta?", CAPITALS, ["Hà Nội"])


@pytest.mark.parametrize(
    "lines",
    [
        ["A. Huế\tB. Hà Nội\tC. Đà Nẵng\tD. Cần Thơ"],
        ["A. Huế     B. Hà Nội", "C. Đà Nẵng     D. Cần Thơ"],
        ["A. Huế B. Hà Nội C. Đà Nẵng D. Cần Thơ"],
        ["A) Huế", "B) Hà Nội", "C) Đà Nẵng", "D) Cần Thơ"],
        ["a) Huế", "b) Hà Nội", "c) Đà Nẵng", "d) Cần Thơ"],
        ["A/ Huế", "B/ Hà Nội", "C/ Đà Nẵng", "D/ Cần Thơ"],
        ["A. Huế\nB. Hà Nội\nC. Đà Nẵng\nD. Cần Thơ"],
        [table(CHOICES)],
        [table(CHOICES[:2], CHOICES[2:])],
        [table([CHOICES[0], CHOICES[2]], [CHOICES[1], CHOICES[3]])],
        [table(*(choice.split(" ", 1) for choice in CHOICES))],
    ],
)
def test_choices_stand_in_lines_beside_each_other_or_in_tables(lines: list[str]) -> None:
    question = one("Câu 1: Thủ đô nước ta?", *lines, "Đáp án: B")
    assert (texts(question), right(question)) == (CAPITALS, ["Hà Nội"])


def test_word_may_count_questions_and_choices_itself() -> None:
    lists = numbering(
        [("decimal", "Câu %1:"), ("upperLetter", "%2.")], [("upperLetter", "%1.")], [("upperLetter", "%1.")]
    )
    first = [p("Thủ đô?", number=(1, 0))] + [p(name, number=(1, 1)) for name in CAPITALS]
    second = [p("Cố đô?", number=(1, 0))] + [
        p(r(name, *([UNDERLINE] if name == "Huế" else [])), number=(2, 0)) for name in CAPITALS
    ]
    questions = taken(word(*first, "Đáp án: B", *second, numbers=lists))
    assert [(texts(question), right(question)) for question in questions] == [
        (CAPITALS, ["Hà Nội"]),
        (CAPITALS, ["Huế"]),
    ]


def test_questions_without_any_number_are_seen_by_their_choices() -> None:
    starred = ["A. Huế", "*B. Hà Nội", "C. Đà Nẵng"]
    questions = taken(word("Thủ đô nước ta?", *starred, "Thủ đô là thành phố nào?", *starred))
    assert [right(question) for question in questions] == [["Hà Nội"], ["Hà Nội"]]


@pytest.mark.parametrize("count", [2, 3, 4, 5, 6])
def test_any_two_to_six_choices_stand_in_one_file(count: int) -> None:
    lines = [f"{letter}. lựa chọn {letter}" for letter in "ABCDEF"[:count]]
    question = one("Câu 1: Chọn gì?", *lines, "Đáp án: B")
    assert len(texts(question)) == count


def test_text_that_goes_on_belongs_to_its_question_or_choice() -> None:
    question = one(
        "Câu 1: Cho các bước sau:", "– mở máy", "– đăng nhập", "Bước nào trước?",
        "A. mở máy", "và chờ", "B. đăng nhập", "Đáp án: A",
    )  # fmt: skip
    assert question.body["stem"] == "<p>Cho các bước sau:</p><p>– mở máy</p><p>– đăng nhập</p><p>Bước nào trước?</p>"
    assert texts(question)[0] == "<p>mở máy</p><p>và chờ</p>"


# The right answer ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("look", [UNDERLINE, BOLD, RED, YELLOW, SHADED, ITALIC])
@pytest.mark.parametrize("whole", [True, False])
def test_the_right_choice_stands_out_as_a_whole_or_by_its_letter(look: str, whole: bool) -> None:
    marked = p(r("B. Hà Nội", look)) if whole else p(r("B", look), r(". Hà Nội"))
    question = one("Câu 1: Thủ đô?", CHOICES[0], marked, *CHOICES[2:])
    assert (texts(question), right(question)) == (CAPITALS, ["Hà Nội"])


def test_bold_letters_of_all_choices_mark_nothing() -> None:
    lines = [
        p(r(f"{letter}.", BOLD), r(f" {name}", *([UNDERLINE] if letter == "C" else [])))
        for letter, name in zip("ABCD", CAPITALS, strict=True)
    ]
    assert right(one(p(r("Câu 1:", BOLD), r(" Miền Trung?", BOLD)), *lines)) == ["Đà Nẵng"]


def test_runs_that_word_cut_anywhere_are_one_text() -> None:
    question = one(
        p(r("Câ"), r("u 1", BOLD), r(": Th"), r("ủ đô?")),
        p(r("A"), r(". Hu"), r("ế")),
        p(r("B", RED), r(". H", RED), r("à Nội", RED)),
    )
    assert (question.body["stem"], right(question)) == ("Thủ đô?", ["Hà Nội"])


@pytest.mark.parametrize("star", ["*B. Hà Nội", "#B. Hà Nội", "B*. Hà Nội"])
def test_the_right_choice_is_starred(star: str) -> None:
    assert right(one("Câu 1: Thủ đô?", CHOICES[0], star, *CHOICES[2:])) == ["Hà Nội"]


@pytest.mark.parametrize(
    "line",
    [
        "Đáp án: B",
        "ĐÁP ÁN: B.",
        "Chọn B",
        "Chọn đáp án B.",
        "ĐA: B",
        "Answer: B",
        "=> Đáp án: B",
        "Đáp án đúng là: B",
        "Đáp án: Hà Nội",
    ],
)
def test_the_answer_stands_in_a_line_below(line: str) -> None:
    assert right(one("Câu 1: Thủ đô?", *CHOICES, line)) == ["Hà Nội"]


@pytest.mark.parametrize(
    "end",
    [
        ["ĐÁP ÁN", "1.B 2.A"],
        ["BẢNG ĐÁP ÁN", "1-B; 2-A"],
        ["ĐÁP ÁN THAM KHẢO", "Câu 1: B", "Câu 2: A"],
        ["----- ĐÁP ÁN -----", table(["1", "2"], ["B", "A"])],
        ["Đáp án", table(["Câu", "1", "2"], ["Đáp án", "B", "A"])],
        ["Đáp án:", table(["Câu", "Đáp án"], ["1", "B"], ["2", "A"])],
        ["ĐÁP ÁN", table(["1.B", "2.A"])],
        ["ĐÁP ÁN", table(["1", "B", "2", "A"])],
        ["HƯỚNG DẪN GIẢI", "Câu 1. Chọn B. Vì Hà Nội là thủ đô.", "Câu 2. Chọn A."],
        [table(["1", "2"], ["B", "A"])],
    ],
)
def test_the_answers_are_listed_at_the_end(end: list[str]) -> None:
    questions = taken(word("Câu 1: Thủ đô?", *CHOICES, "Câu 2: Cố đô?", *CHOICES, *end))
    assert [right(question) for question in questions] == [["Hà Nội"], ["Huế"]]
    if "GIẢI" in end[0]:
        assert questions[0].body["feedback"] == "Vì Hà Nội là thủ đô."


def test_numbers_that_begin_anew_in_each_part_find_their_own_answers() -> None:
    questions = taken(
        word(
            "PHẦN I. Trắc nghiệm", "Câu 1: Thủ đô?", *CHOICES, "Câu 2: Cố đô?", *CHOICES,
            "PHẦN II. Trả lời ngắn", "Câu 1: Hai cộng ba?",
            "ĐÁP ÁN", "PHẦN I", "1.B 2.A", "PHẦN II", "Câu 1: 5",
        )
    )  # fmt: skip
    assert [question.type for question in questions] == ["single_choice", "single_choice", "numerical"]
    assert questions[2].body["answers"][0]["value"] == 5
    assert questions[2].category == ("PHẦN II. Trả lời ngắn",)


def test_two_answers_that_differ_are_told_and_not_chosen_from() -> None:
    (item,) = read(word("Câu 1: Thủ đô?", CHOICES[0], p(r(CHOICES[1], UNDERLINE)), *CHOICES[2:], "ĐÁP ÁN", "1.C"))
    assert isinstance(item, ReadProblem)
    assert "The answer says C, and B is marked" in english(item.reason)


def test_several_right_choices_make_a_multiple_choice() -> None:
    question = one("Câu 1: Ở miền Trung?", p(r(CHOICES[0], BOLD)), CHOICES[1], p(r(CHOICES[2], BOLD)), CHOICES[3])
    assert (question.type, right(question)) == ("multiple_choice", ["Huế", "Đà Nẵng"])


# Other types --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "blocks",
    [
        ["a) CPU là phần cứng. (Đ)", "b) Word là phần cứng. (S)"],
        ["a) CPU là phần cứng - Đúng", "b) Word là phần cứng - Sai"],
        ["a) CPU là phần cứng", "b) Word là phần cứng", "Đáp án: Đ, S"],
        ["a) CPU là phần cứng", "b) Word là phần cứng", "ĐÁP ÁN", "Câu 1: ĐS"],
        [p(r("a)", UNDERLINE), r(" CPU là phần cứng")), "b) Word là phần cứng"],
    ],
)
def test_statements_that_are_true_or_false(blocks: list[str]) -> None:
    question = one("Câu 1: Mỗi ý sau đúng hay sai?", *blocks)
    assert question.type == "matrix"
    assert [row["text"].rstrip(".") for row in question.body["rows"]] == ["CPU là phần cứng", "Word là phần cứng"]
    assert question.body["right"] == {"r1": ["c1"], "r2": ["c2"]}


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("Đáp án: Sai", "true_false"),
        ("Trả lời: 3,14", "numerical"),
        ("Đáp án: Hà Nội | Ha Noi", "short_answer"),
        ("Lời giải: tuỳ", "essay"),
    ],
)
def test_questions_without_choices(answer: str, kind: str) -> None:
    question = one("Câu 1: Hỏi gì đó?", answer)
    assert question.type == kind
    assert bool(question.notes) == (kind == "essay")


def test_explanations_headings_levels_and_marks_are_kept() -> None:
    question = one(
        p("Chương I: Mạng", style="Heading1"), p("Bài 2. Wi-Fi", style="u2"), "Câu 1 (VD) (0,5 điểm): Thủ đô?", *CHOICES,
        "Đáp án: B", "Giải thích: Hà Nội là thủ đô", "từ năm 1010.", "Mã câu: C7", "Thẻ: a, b",
    )  # fmt: skip
    assert question.category == ("Chương I: Mạng", "Bài 2. Wi-Fi")
    assert (question.difficulty, question.idnumber, question.tags) == ("intermediate", "C7", ("a", "b"))
    assert question.body["mark"] == 0.5
    assert question.body["feedback"] == "<p>Hà Nội là thủ đô</p><p>từ năm 1010.</p>"


def test_feedback_of_single_choices_stands_below_them() -> None:
    question = one("Câu 1: Thủ đô?", *CHOICES, "Đáp án: B", "Phản hồi A: Cố đô", "của nhà Nguyễn.", "Lời giải: Vậy.")
    assert question.body["choices"][0]["feedback"] == "<p>Cố đô</p><p>của nhà Nguyễn.</p>"
    assert question.body["feedback"] == "Vậy."


# Pictures, equations, tables ----------------------------------------------------------------------------------


def test_pictures_between_words_and_below_letters_are_kept() -> None:
    question = one(
        p(r("Câu 1: Biểu tượng "), picture("rId9", "thùng rác"), r(" là gì?")),
        "A. Thùng rác", "B.", p(picture("rId9")), "Đáp án: A",
        pictures={"rId9": ("image1.png", PNG)},
    )  # fmt: skip
    assert question.body["stem"] == 'Biểu tượng <img src="media:image1.png" alt="thùng rác"> là gì?'
    assert texts(question)[1] == '<img src="media:image1.png" alt="">'
    assert question.media["image1.png"].content == PNG


def test_a_picture_that_no_browser_shows_is_told_at_its_question() -> None:
    good = ["Câu 1: Thủ đô?", *CHOICES, "Đáp án: B"]
    blocks = [
        *good,
        p(r("Câu 2: Hình?"), picture("rId9")),
        *CHOICES,
        "Đáp án: A",
        "Câu 3: Hình",
        p(picture("rId9")),
        *CHOICES,
    ]
    first, second, third = read(word(*blocks, pictures={"rId9": ("image1.wmf", b"\xd7\xcd\xc6\x9a wmf")}))
    assert isinstance(first, ParsedQuestion)
    for item in (second, third):
        assert isinstance(item, ReadProblem)
        assert "image1.wmf" in english(item.reason)


@pytest.mark.parametrize(
    ("inside", "html"),
    [
        (m("x"), "x"),
        (f"<m:sSup><m:e>{m('x')}</m:e><m:sup>{m('2')}</m:sup></m:sSup>", "x<sup>2</sup>"),
        (f"<m:f><m:num>{m('a+b')}</m:num><m:den>{m('c')}</m:den></m:f>", "(a+b)/c"),
        (f"<m:rad><m:deg/><m:e>{m('x+1')}</m:e></m:rad>", "√(x+1)"),
        (f"<m:sSub><m:e>{m('H')}</m:e><m:sub>{m('2')}</m:sub></m:sSub>{m('O')}", "H<sub>2</sub>O"),
        (f"<m:d><m:e>{m('x<y')}</m:e></m:d>", "(x&lt;y)"),
        (
            f"<m:nary><m:naryPr><m:chr m:val='∑'/></m:naryPr><m:sub>{m('i=1')}</m:sub><m:sup>{m('n')}</m:sup><m:e>{m('i')}</m:e></m:nary>",
            "∑<sub>i=1</sub><sup>n</sup> i",
        ),
    ],
)
def test_equations_become_text_that_keeps_their_notation(inside: str, html: str) -> None:
    question = one(p(r("Câu 1: Tính "), math(inside), r(" bằng mấy?")), *CHOICES, "Đáp án: A")
    assert question.body["stem"] == f"Tính {html} bằng mấy?"


def test_an_equation_that_is_no_text_is_told() -> None:
    items = read(word(p(r("Câu 1: "), math("<m:unknown/>")), *CHOICES, "Đáp án: A"))
    assert "formula" in english(items[0].reason) if isinstance(items[0], ReadProblem) else False


def test_a_table_of_data_stays_in_its_question() -> None:
    question = one(
        "Câu 1: Theo bảng, ai cao hơn?", table(["Tên", "Cao"], ["An", "160"]), "A. An", "B. Bình", "Đáp án: A"
    )
    assert "<table><tbody><tr><td>Tên</td>" in question.body["stem"]


def test_what_is_raised_bold_or_tagged_in_a_text_stays_so() -> None:
    raised = '<w:vertAlign w:val="superscript"/>'
    question = one(
        p(r("Câu 1: Thẻ <b> và 10"), r("3", raised), r(" "), r("không", BOLD), r(" là gì?")), *CHOICES, "Đáp án: A"
    )
    assert question.body["stem"] == "Thẻ &lt;b&gt; và 10<sup>3</sup> <strong>không</strong> là gì?"


# Word's own things --------------------------------------------------------------------------------------------


def test_tracked_changes_are_read_as_accepted_and_comments_left_out() -> None:
    changed = p(
        r("Câu 1: Thủ đô "),
        f"<w:ins>{r('nước ta')}</w:ins>",
        "<w:del><w:r><w:delText>cũ</w:delText></w:r></w:del>",
        '<w:r><w:commentReference w:id="1"/></w:r>',
        r("?"),
    )
    question = one(changed, *CHOICES, "Đáp án: B")
    assert question.body["stem"] == "Thủ đô nước ta?"
    assert "Tracked changes" in english(*question.notes)
    assert "Comments" in english(*question.notes)


def test_text_above_the_first_question_is_told() -> None:
    question = one("SỞ GIÁO DỤC VÀ ĐÀO TẠO", "Thời gian: 45 phút", "Câu 1: Thủ đô?", *CHOICES, "Đáp án: B")
    assert "SỞ GIÁO DỤC VÀ ĐÀO TẠO | Thời gian: 45 phút" in english(*question.notes)


def test_decomposed_letters_and_typographic_quotes_are_read() -> None:
    decomposed = [unicodedata.normalize("NFD", text) for text in ["Câu 1: “Thủ đô” là gì?", *CHOICES, "Đáp án: B"]]
    question = one(*decomposed)
    assert (question.body["stem"], right(question)) == ("“Thủ đô” là gì?", ["Hà Nội"])


@pytest.mark.parametrize("look", [(), (VNTIME,)])
def test_a_question_in_an_old_font_is_refused_alone(look: tuple[str, ...]) -> None:
    old = [
        p(r("Câu 1: "), r("NguyÔn V¨n ®­îc gäi lµ g×?", *look)),
        p(r("A. "), r("mét m«n häc", *look)),
        "B. khác",
        "Đáp án: A",
    ]
    first, second = read(word(*old, "Câu 2: Thủ đô?", *CHOICES, "Đáp án: B"))
    assert isinstance(first, ReadProblem)
    assert "Unicode" in english(first.reason)
    assert isinstance(second, ParsedQuestion)


def test_hidden_text_is_left_out_and_told() -> None:
    question = one(p(r("Câu 1: Thủ đô?"), r("[0.25]", "<w:vanish/>")), *CHOICES, "Đáp án: B")
    assert question.body["stem"] == "Thủ đô?"
    assert "Hidden text" in english(*question.notes)


def test_each_question_that_cannot_be_taken_is_told_and_the_rest_taken() -> None:
    items = read(
        word(
            "Câu 1: Không đáp án?",
            *CHOICES,
            "Câu 2: Thủ đô?",
            *CHOICES,
            "Đáp án: B",
            "Câu 3: Lạ?",
            *CHOICES,
            "Đáp án: F",
        )
    )
    assert [(type(item).__name__, item.ref) for item in items] == [
        ("ReadProblem", "question 1"), ("ParsedQuestion", "question 2"), ("ReadProblem", "question 3"),
    ]  # fmt: skip


# Hostile ------------------------------------------------------------------------------------------------------


def _zip(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/"), content)
    return out.getvalue()


GOOD = ["Câu 1: Thủ đô?", *CHOICES, "Đáp án: B"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x03\x04",
        b"{\\rtf1 x}",
        b"\xd0\xcf\x11\xe0 old",
        b"<html>",
        word("Không có câu nào."),
        word(*GOOD)[:-40],
        word(*GOOD, parts={"word/vbaProject.bin": b"x"}),
        word(*GOOD, prefix='<!DOCTYPE x [<!ENTITY a "b">]>'),
        word(*GOOD, parts={"word/styles.xml": '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'}),
        word(*GOOD, parts={"../x": b"x"}),
        word(*GOOD, parts={"word/document.xml": b"<w:document"}),
        word("<w:sdt>" * 500 + "</w:sdt>" * 500),
        _zip(xl__workbook=b"<x/>"),
        _zip(bomb=b"\0" * 400_000_000),
    ],
    ids=range(15),
)
def test_what_is_no_document_of_questions_is_unreadable(data: bytes) -> None:
    with pytest.raises(Unreadable):
        list(FORMAT.read(io.BytesIO(data)))


@pytest.mark.parametrize(
    "block",
    [
        p(r("Câu 2: " + " " * 300_000 + "x")),
        p(*(r(" ", *([BOLD] if n % 2 else [])) for n in range(20_000)), r("x")),
        p(r("A. " * 100_000)),
        p(r("1.A " * 50_000 + "?")),
        table(*([str(n), "x"] for n in range(2_000))),
    ],
    ids=range(5),
)
def test_a_text_made_to_take_long_does_not(block: str) -> None:
    started = time.process_time()
    try:
        items = read(word(*GOOD, block, "ĐÁP ÁN", block))
    except Unreadable:
        items = []
    assert time.process_time() - started < 10
    assert all(isinstance(item, ParsedQuestion | ReadProblem) for item in items)
