"""Aiken as people type it, with the line of each question that cannot be taken."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessments.formats import ParsedQuestion, ReadProblem, Unreadable, get_format
from tests.assessments.formats.strategies import questions

FORMAT = get_format("aiken")
GOOD = "Thủ đô nước ta?\nA. Hà Nội\nB. Huế\nANSWER: A\n"


@pytest.fixture(autouse=True)
def _in_english() -> Any:
    with translation.override("en"):
        yield


def read(text: str | bytes) -> list[ParsedQuestion | ReadProblem]:
    return list(FORMAT.read(io.BytesIO(text if isinstance(text, bytes) else text.encode())))


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        GOOD.replace(". ", ") "),
        GOOD.replace(". ", "."),
        GOOD.replace("\n", "\r\n"),
        GOOD.replace("\n", "\r"),
        GOOD.replace("\n", "\n\n"),
        "\n\n  " + GOOD.replace("\n", "\n  "),
        GOOD.replace("ANSWER: A", "Answer : a"),
        GOOD.rstrip("\n"),
        GOOD.replace("A. ", "a) ").replace("B. ", "b) "),
        GOOD.replace("ANSWER: A", "ANSWER: A."),
        GOOD.replace("ANSWER: A", "ANSWER: (a)"),
        GOOD.replace("ANSWER: A", "ANSWER: A) Hà  Nội"),
    ],
)
def test_letters_with_a_point_or_a_bracket_and_any_line_ends_are_read(text: str) -> None:
    (found,) = read(text)
    assert isinstance(found, ParsedQuestion)
    assert (found.type, found.name, found.body["stem"]) == ("single_choice", "Thủ đô nước ta?", "Thủ đô nước ta?")
    assert [(choice["text"], choice["fraction"]) for choice in found.body["choices"]] == [("Hà Nội", 1.0), ("Huế", 0.0)]


def test_signs_of_html_are_text_and_lines_stay_lines() -> None:
    (found,) = read("Thẻ nào\ntạo đoạn <p>?\nA) <p> & </p>\nB) <br>\n   xuống dòng\nANSWER: A")
    assert isinstance(found, ParsedQuestion)
    assert found.body["stem"] == "Thẻ nào<br>tạo đoạn &lt;p&gt;?"
    assert [choice["text"] for choice in found.body["choices"]] == [
        "&lt;p&gt; &amp; &lt;/p&gt;",
        "&lt;br&gt;<br>xuống dòng",
    ]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("Không có đáp án?\nA. a\nB. b\n", "No line ANSWER"),
        ("Sai chữ?\nA. a\nB. b\nANSWER: C\n", "names no choice"),
        ("Hai chữ?\nA. a\nB. b\nANSWER: A, B\n", "names no choice"),
        ("Sai lời?\nA. a\nB. b\nANSWER: A. b\n", "names no choice"),
        ("Không có lựa chọn\nANSWER: A\n", "It has no choices"),
        ("Một lựa chọn?\nA. a\nANSWER: A\n", "at least 2"),
        (
            "Hai mươi mốt?\n" + "".join(f"{letter}. x\n" for letter in "ABCDEFGHIJKLMNOPQRSTU") + "ANSWER: A\n",
            "at most 20",
        ),
    ],
)
def test_each_question_that_cannot_be_taken_is_told_with_its_line(bad: str, reason: str) -> None:
    first, problem, last = read(f"{GOOD}\n{bad}\n{GOOD}")
    assert isinstance(first, ParsedQuestion)
    assert isinstance(last, ParsedQuestion)
    assert isinstance(problem, ReadProblem)
    assert problem.ref == "line 6"
    assert problem.name == bad.split("\n")[0]
    assert reason in str(problem.reason)


def test_small_letters_are_choices_only_where_no_capital_ones_are() -> None:
    (found,) = read("Xét các ý\na) một\nb) hai\nA. chỉ a\nB. chỉ b\nANSWER: B\n")
    assert isinstance(found, ParsedQuestion)
    assert found.body["stem"] == "Xét các ý<br>a) một<br>b) hai"
    assert [choice["text"] for choice in found.body["choices"]] == ["chỉ a", "chỉ b"]


def test_a_forgotten_answer_takes_nothing_from_the_next_question() -> None:
    problem, found = read("Quên?\nA. a\nB. b\nTiếp theo?\nA. c\nB. d\nANSWER: B\n")
    assert isinstance(problem, ReadProblem)
    assert isinstance(found, ParsedQuestion)
    assert (found.body["stem"], found.ref) == ("Tiếp theo?", "line 4")


def test_twenty_choices_are_taken() -> None:
    (found,) = read("Nhiều?\n" + "".join(f"{letter}) x{letter}\n" for letter in "ABCDEFGHIJKLMNOPQRST") + "ANSWER: T\n")
    assert isinstance(found, ParsedQuestion)
    assert [choice["fraction"] for choice in found.body["choices"]][-1] == 1.0


def test_it_is_known_by_what_it_holds() -> None:
    assert FORMAT.recognises(GOOD.encode(), "x.txt")
    assert FORMAT.recognises(GOOD.encode("utf-16"), "x.txt")
    assert not FORMAT.recognises(b"A. mot\nB. hai\n", "x.aiken")
    assert not FORMAT.recognises(b"::a:: b {=c ~d}", "x.txt")


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(questions(("single_choice", "true_false")))
def test_what_aiken_can_say_comes_back_and_the_rest_is_given_back(question: ParsedQuestion) -> None:
    plain = replace(
        question,
        body={**question.body, "hints": [], "mark": 1.0, **dict.fromkeys(FEEDBACKS, "")},
        media={},
    )
    if plain.type == "single_choice":
        rows = [{**row, "feedback": "", "fraction": float(n == 0)} for n, row in enumerate(plain.body["choices"])]
        plain = replace(plain, body={**plain.body, "choices": rows, "shuffle": True})
    file = io.BytesIO()
    if FORMAT.write([plain], file):
        assert file.getvalue() == b""
        return
    (found,) = read(file.getvalue())
    assert isinstance(found, ParsedQuestion)
    assert found.body["stem"] == plain.body["stem"]
    assert [(row["text"], row["fraction"]) for row in found.body["choices"]] == [
        (row["text"], row["fraction"]) for row in plain.body["choices"]
    ]


FEEDBACKS = ("feedback", "feedback_right", "feedback_partial", "feedback_wrong")


def test_what_has_no_place_in_aiken_is_named() -> None:
    (found,) = read(GOOD)
    assert isinstance(found, ParsedQuestion)
    (problem,) = FORMAT.write([replace(found, body={**found.body, "hints": ["Miền Bắc"]})], io.BytesIO())
    assert "hints" in str(problem.reason)


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text("AB.) \nANSWER:x", max_size=120).map(str.encode)))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    FORMAT.recognises(data, "")
    try:
        items = read(data)
    except Unreadable:
        return
    assert all(item.ref.startswith("line ") for item in items)
