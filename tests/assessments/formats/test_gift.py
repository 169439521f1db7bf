"""GIFT in all of its forms, the line of every problem, and the way back."""

from __future__ import annotations

import io
import time
import unicodedata
from dataclasses import replace
from typing import Any

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessments.formats import ParsedQuestion, ReadProblem, Unreadable, get_format
from assessments.formats.lines import WHOLE_BYTES
from tests.assessments.formats.strategies import questions

FORMAT = get_format("gift")


@pytest.fixture(autouse=True)
def _in_english() -> Any:
    with translation.override("en"):
        yield


def read(text: str | bytes) -> list[ParsedQuestion | ReadProblem]:
    return list(FORMAT.read(io.BytesIO(text if isinstance(text, bytes) else text.encode())))


def one(text: str) -> ParsedQuestion:
    (item,) = read(text)
    assert isinstance(item, ParsedQuestion), item
    return item


def test_a_name_stands_between_colons_and_a_question_without_one_is_called_by_its_text() -> None:
    assert one("::Thủ đô:: Nước nào? {=Lào ~Mỹ}").name == "Thủ đô"
    assert one("Nước nào ở cạnh ta? {=Lào ~Mỹ}").name == "Nước nào ở cạnh ta?"


def test_one_equals_sign_makes_a_single_choice_and_none_a_multiple_one() -> None:
    single = one("Q {=đúng#Phải ~sai#Không ~%50%gần}")
    several = one("Q {~%33.33333%a ~%66.66667%b ~%-100%c#Không}")
    assert single.type == "single_choice"
    assert [(c["text"], c["fraction"], c["feedback"]) for c in single.body["choices"]] == [
        ("đúng", 1.0, "Phải"),
        ("sai", 0.0, "Không"),
        ("gần", 0.5, ""),
    ]
    assert several.type == "multiple_choice"
    assert [choice["fraction"] for choice in several.body["choices"]] == [0.3333333, 0.6666667, -1.0]


@pytest.mark.parametrize(("word", "answer"), [("T", True), ("TRUE", True), ("F", False), ("FALSE", False)])
def test_true_and_false_have_a_feedback_for_the_wrong_and_one_for_the_right(word: str, answer: bool) -> None:
    body = one(f"Câu. {{{word}#sai rồi#đúng rồi####Xem lại bài 2}}").body
    assert body["answer"] is answer
    assert body["feedback_true" if answer else "feedback_false"] == "đúng rồi"
    assert body["feedback_false" if answer else "feedback_true"] == "sai rồi"
    assert body["feedback"] == "Xem lại bài 2"


def test_short_answers_have_weights_and_feedback() -> None:
    found = one("Ai? {=Bác Hồ#Giỏi =%50%Hồ Chí Minh =%0%*#Chưa}")
    assert found.type == "short_answer"
    assert [(a["text"], a["fraction"], a["feedback"]) for a in found.body["answers"]] == [
        ("Bác Hồ", 1.0, "Giỏi"),
        ("Hồ Chí Minh", 0.5, ""),
        ("*", 0.0, "Chưa"),
    ]


@pytest.mark.parametrize(
    ("inside", "answers"),
    [
        ("#3", [(3.0, 0.0, 1.0)]),
        ("#3:0.5", [(3.0, 0.5, 1.0)]),
        ("#1..5", [(3.0, 2.0, 1.0)]),
        ("#-3..-1", [(-2.0, 1.0, 1.0)]),
        ("#3,5:0,25", [(3.5, 0.25, 1.0)]),
        ("#=%100%3.14:0.005#Đúng =%50%3.1:0.05", [(3.14, 0.005, 1.0), (3.1, 0.05, 0.5)]),
    ],
)
def test_numbers_have_a_tolerance_or_a_range_and_several_answers(
    inside: str, answers: list[tuple[float, float, float]]
) -> None:
    found = one(f"Bao nhiêu? {{{inside}}}")
    assert found.type == "numerical"
    assert [(a["value"], a["tolerance"], a["fraction"]) for a in found.body["answers"]] == answers


def test_any_other_number_has_its_own_feedback() -> None:
    body = one("Bao nhiêu? {#3:2~#Sai hẳn}").body
    assert (body["other_fraction"], body["other_feedback"]) == (0.0, "Sai hẳn")


def test_pairs_are_matched_and_an_answer_without_a_prompt_is_an_extra_one() -> None:
    found = one("Nối {=HTTP -> 80 =[html]<b>SSH</b> -> 22 = -> 25}")
    assert found.type == "matching"
    assert [(pair["prompt"], pair["answer"]) for pair in found.body["pairs"]] == [("HTTP", "80"), ("<b>SSH</b>", "22")]
    assert [extra["answer"] for extra in found.body["extra_answers"]] == ["25"]


def test_empty_braces_make_an_essay_and_no_braces_a_description() -> None:
    assert one("Kể về em {}").type == "essay"
    assert one("Kể về em {####Chấm 10 điểm}").body["feedback"] == "Chấm 10 điểm"
    assert one("Phần hai").type == "description"


def test_text_behind_the_answers_leaves_a_gap_where_they_stood() -> None:
    assert one("Hai cộng {=hai =2} là bốn.").body["stem"] == "Hai cộng _____ là bốn."


def test_escaped_signs_are_plain_and_n_is_a_new_line() -> None:
    found = one(r"::a\:\:b:: \{x\} \= \#1\~\n\\n {=\=5\# ~\~}")
    assert found.name == "a::b"
    assert found.body["stem"] == "{x} = #1~<br>\\n"
    assert [choice["text"] for choice in found.body["choices"]] == ["=5#", "~"]


def test_each_text_may_name_its_format_and_else_has_that_of_the_question() -> None:
    found = one("[plain]1 < 2 & <b> {=[html]<i>đúng</i> ~<s> ~[markdown]**x** ~[moodle]<u>y</u> ~[khác] z}")
    assert found.body["stem"] == "1 &lt; 2 &amp; &lt;b&gt;"
    assert [choice["text"] for choice in found.body["choices"]] == [
        "<i>đúng</i>",
        "&lt;s&gt;",
        "<p><strong>x</strong></p>",
        "<u>y</u>",
        "[khác] z",
    ]


def test_categories_hold_until_the_next_and_comments_name_identifiers_and_tags() -> None:
    first, second, third = read(
        "$CATEGORY: $course$/top/Tin//học/Mạng\n\n// ghi chú [id:m-1] [tag:mạng] [tag:a\\]b]\n::A::Q {T}\n\n"
        "$CATEGORY: Khác\n::B::Q {\n// trong câu\nF}\n\n// chỉ ghi chú\n\n::C::Q {T}"
    )
    assert isinstance(first, ParsedQuestion)
    assert isinstance(second, ParsedQuestion)
    assert isinstance(third, ParsedQuestion)
    assert (first.category, first.idnumber, first.tags) == (("Tin/học", "Mạng"), "m-1", ("mạng", "a]b"))
    assert (second.category, second.body["answer"]) == (("Khác",), False)
    assert (third.category, third.ref) == (("Khác",), "line 13")


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        ("Thiếu ngoặc {=a ~b", "no closing brace"),
        ("Thừa ngoặc =a}", "no opening one"),
        ("Ngoặc {=a {b} ~c}", "within the answers"),
        ("Số {#ba}", "not a number"),
        ("Nối {=a -> b =c}", "no arrow"),
        ("Một {=a ~}", "at least 2"),
        ("Không đúng {~a ~b}", "No choice is right"),
    ],
)
def test_what_cannot_be_taken_is_told_with_its_line_and_the_rest_is_read(block: str, reason: str) -> None:
    before, problem, after = read(f"Q1 {{T}}\n\n// chú thích\n::Tên::{block}\n\nQ3 {{F}}")
    assert isinstance(problem, ReadProblem)
    assert (problem.ref, problem.name) == ("line 4", "Tên")
    assert reason in str(problem.reason)
    assert isinstance(before, ParsedQuestion)
    assert isinstance(after, ParsedQuestion)


@pytest.mark.parametrize(
    "text",
    [
        "::A::Q {\n=a\n\n=b\n}\n\n::B::R {T}",
        "::A::Q {=a\n\n=b\n\n\n}\n\n::B::R {T}",
        "::A::Q {\n\n=a =b}\n\n::B::R {T}",
    ],
)
def test_a_blank_line_within_braces_divides_nothing(text: str) -> None:
    first, second = read(text)
    assert isinstance(first, ParsedQuestion)
    assert isinstance(second, ParsedQuestion)
    assert [answer["text"] for answer in first.body["answers"]] == ["a", "b"]
    assert second.name == "B"


def test_a_second_pair_of_braces_is_told() -> None:
    assert "first braces" in str(one("Hai {=2} và ba {=3}").notes[0])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1258"])
def test_a_file_is_read_in_whatever_encoding_it_was_saved(encoding: str) -> None:
    text = "::Mạng:: Thiết bị nào nối các mạng với nhau?\r\n{=Bộ định tuyến ~Bàn phím}\r\n"
    if encoding == "cp1258":
        text = "".join(
            letter if letter.encode("cp1258", "ignore") else _with_tone(letter)
            for letter in unicodedata.normalize("NFC", text)
        )
    data = text.encode(encoding)
    assert FORMAT.recognises(data, "")
    (found,) = read(data)
    assert isinstance(found, ParsedQuestion)
    assert found.name == "Mạng"
    assert found.body["choices"][0]["text"] == "Bộ định tuyến"


def _with_tone(letter: str) -> str:
    base, *marks = unicodedata.normalize("NFD", letter)
    tone = next(mark for mark in marks if mark in "\u0300\u0301\u0303\u0309\u0323")
    return unicodedata.normalize("NFC", base + "".join(mark for mark in marks if mark != tone)) + tone


@pytest.mark.parametrize("data", [b"", b"\n \n", b"\x00\x01\x02", b"PK\x03\x04abc\x00d", b"a\x81\x8d\x0b"])
def test_what_is_no_text_is_refused(data: bytes) -> None:
    with pytest.raises(Unreadable):
        read(data)


def test_a_large_file_is_read_line_by_line_and_refused_where_its_encoding_breaks() -> None:
    block = f"::Câu::{'Đúng hay sai? ' * 200} {{T}}\n\n".encode()
    many = WHOLE_BYTES // len(block) + 1
    items = FORMAT.read(io.BytesIO(block * many + b"\xff\xfe\n\n" + block))

    assert {next(items).name for _number in range(many)} == {"Câu"}
    with pytest.raises(Unreadable, match=f"Line {2 * many + 1} "):
        next(items)


@pytest.mark.parametrize("hostile", ["=", "~", "{", "\\", "=a->b", "~%50%", "#", "<", "[html]"])
def test_no_block_takes_long(hostile: str) -> None:
    begun = time.process_time()
    for block in (f"Q {{{hostile * 100_000}}}", f"::{hostile * 100_000}::Q {{T}}", hostile * 100_000):
        assert len(read(block)) == 1
    assert time.process_time() - begun < 4


def test_json_xml_and_plain_prose_are_not_taken_for_gift() -> None:
    for text in ('{"a": [1, "{=x}"]}', "<quiz><a>{T}</a></quiz>", "Kính gửi: các bạn {như đã hẹn}", "a,b\n1,2\n"):
        assert not FORMAT.recognises(text.encode(), "x.txt")


# The way back ---------------------------------------------------------------------------------------------------

SAYABLE = (
    "single_choice",
    "multiple_choice",
    "true_false",
    "short_answer",
    "numerical",
    "matching",
    "essay",
    "description",
)


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(questions(SAYABLE), min_size=1, max_size=3))
def test_what_is_written_is_read_again_as_equal_questions_and_the_rest_is_given_back(
    drawn: list[ParsedQuestion],
) -> None:
    drawn = [replace(question, ref=str(number)) for number, question in enumerate(drawn)]
    file = io.BytesIO()
    refused = {problem.ref for problem in FORMAT.write(drawn, file)}
    said = [replace(question, ref="") for question in drawn if question.ref not in refused]

    again = read(file.getvalue()) if said else []

    assert [replace(item, ref="", notes=()) for item in again if isinstance(item, ParsedQuestion)] == said
    for question in drawn:
        unsayable = (
            question.media
            or question.body.get("units")
            or question.body.get("scoring") == "all_or_nothing"
            or any("->" in pair["prompt"] for pair in question.body.get("pairs", ()))
        )
        assert (question.ref in refused) == bool(unsayable)


def test_what_gift_cannot_say_is_given_back_with_the_reason() -> None:
    cloze = ParsedQuestion(ref="q1", name="Điền", type="cloze", body={})
    (problem,) = FORMAT.write([cloze], io.BytesIO())
    assert (problem.ref, problem.name) == ("q1", "Điền")
    assert "cloze" in str(problem.reason)


@settings(max_examples=500, deadline=None)
@given(st.text("::{}=~#%\\->.[]html$CATEGORY/ \nabTF1", max_size=120))
def test_any_text_is_read_or_told_and_nothing_else(text: str) -> None:
    try:
        items = read(text)
    except Unreadable:
        return
    assert all(item.ref.startswith("line ") for item in items)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_random_bytes_raise_nothing_but_unreadable(data: bytes) -> None:
    FORMAT.recognises(data, "")
    try:
        read(data)
    except Unreadable as refusal:
        assert refusal.message  # noqa: PT017
