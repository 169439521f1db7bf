"""Questions of a Moodle file earn what they earn in Moodle. The rule of each table stands in its test's name."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import pytest

from assessments.formats import get_format
from assessments.grading.batch import Questions, grade_lines
from tests.assessments.formats.strategies import PNG

P = 0.3333333
TWO_HINTS = '<hint format="html"><text>một</text></hint><hint format="html"><text>hai</text></hint>'


def answers(*rows: tuple[Any, str]) -> str:
    return "".join(
        f'<answer fraction="{percent}" format="html"><text><![CDATA[{text}]]></text></answer>' for percent, text in rows
    )


def question(kind: str, inner: str = "", text: str = "Câu hỏi") -> str:
    return (
        f'<question type="{kind}"><name><text>Q</text></name><questiontext format="html"><text><![CDATA[{text}]]></text>'
        f"</questiontext>{inner}</question>"
    )


def marked(xml: str, response: Any) -> tuple[str, float | None]:
    """(state, fraction) of a response, or of a list of tries."""
    key = "tries" if isinstance(response, list) else "response"
    line = json.dumps({"attempt": 1, "question": "Q", key: response}).encode()
    bank = Questions(get_format("moodle_xml").read(io.BytesIO(f"<quiz>{xml}</quiz>".encode())))
    (found,) = grade_lines(bank, io.BytesIO(line), language="vi")
    return found["state"], found["fraction"]


NO_HUNDRED = question(
    "multichoice",
    answers((50, "<p>nửa   <b>đúng</b></p>"), ("-33.33333", "x &lt;b&gt;"), ("33.33333", "ba")) + TWO_HINTS,
)


@pytest.mark.parametrize(
    ("response", "state", "fraction"),
    [
        ({"choice": "nửa đúng"}, "partial", 0.5),
        ({"choice": "NỬA ĐÚNG "}, "partial", 0.5),
        ({"choice": "x <b>"}, "wrong", -0.3333333),
        ({"choice": ""}, "unanswered", 0),
        ({"choice": None}, "unanswered", 0),
        ({"choice": "khác"}, "invalid", None),
        ([{"choice": "ba"}, {"choice": "nửa đúng"}], "partial", 0.5 - 2 * P),
    ],
)
def test_a_single_choice_without_a_full_one_is_worth_what_its_choices_say(
    response: Any, state: str, fraction: float | None
) -> None:
    got = marked(NO_HUNDRED, response)
    expected = None if fraction is None else max(fraction, 0) if isinstance(response, list) else fraction
    assert got == (state, pytest.approx(expected, abs=1e-9))


@pytest.mark.parametrize(
    ("percents", "chosen", "state", "fraction"),
    [
        (["33.33333", "33.3333333", "33.333333333333336"], "abc", "right", 0.9999999),
        (["14.28571"] * 7, "abcdefg", "right", 0.9999997),
        (["100", "50", "-50"], "ab", "right", 1),
        (["100", "50", "-50"], "bc", "wrong", 0),
        (["100", "50", "-50"], "ac", "partial", 0.5),
        (["50", "50", "-100", "0"], "abcd", "wrong", 0),
    ],
)
def test_parts_have_seven_decimals_and_their_sum_stays_between_nothing_and_all(
    percents: list[str], chosen: str, state: str, fraction: float
) -> None:
    rows = [(percent, letter) for percent, letter in zip(percents, "abcdefgh", strict=False)]
    xml = question("multichoice", "<single>false</single>" + answers(*rows))
    assert marked(xml, {"choices": list(chosen)}) == (state, fraction)


@pytest.mark.parametrize(
    ("text", "parts", "state", "fraction"),
    [
        ("{1:MR:=a~=b~=c~d}", {"1": {"choices": ["a", "b", "c"]}}, "right", 0.9999999),
        (
            "{1:MR:" + "~".join(f"={c}" for c in "abcdefg") + "}",
            {"1": {"choices": list("abcdefg")}},
            "right",
            0.9999997,
        ),
        ("{1:MRH:%60%a~%60%b~%-30%c}", {"1": {"choices": ["a", "b", "c"]}}, "partial", 0.7),
        ("{1:MC:=a~%-50%b} {3:SA:=z}", {"1": {"choice": "b"}}, "wrong", -0.125),
        ("{1:MC:=a~%-50%b} {0:SA:=z}", {"1": {"choice": "a"}}, "partial", 1),
        ("{1:MC:%50%a~%25%b}", {"1": {"choice": "a"}}, "partial", 0.5),
        ("{1:MC:=a~b}", {"1": {"choice": ""}}, "unanswered", 0),
        ("{1:SAC:=A\\}b}{1:NM:=1,5:0,1}", {"1": {"text": "a}b"}, "2": {"text": "1.6"}}, "partial", 0.5),
    ],
)
def test_parts_of_a_text_weigh_what_they_say(text: str, parts: Any, state: str, fraction: float) -> None:
    assert marked(question("cloze", text=text), {"parts": parts}) == (state, pytest.approx(fraction, abs=1e-9))


SHORT = answers((100, "đúng"))


@pytest.mark.parametrize(
    ("hints", "tries_allowed"),
    [
        ("", 1),
        ("<hint><text>a</text></hint>", 2),
        ("<hint><text><![CDATA[<p><br></p>]]></text></hint>", 1),
        ("<hint><text></text></hint>", 1),
        ('<hint><text><![CDATA[<img src="x.png">]]></text></hint>', 2),
        ("<hint><text></text><clearwrong/></hint>", 1),
    ],
)
def test_a_hint_that_shows_nothing_gives_no_try(hints: str, tries_allowed: int) -> None:
    wrong = [{"text": "sai"}] * tries_allowed
    assert marked(question("shortanswer", SHORT + hints), [*wrong[1:], {"text": "đúng"}])[0] == "right"
    assert marked(question("shortanswer", SHORT + hints), [*wrong, {"text": "đúng"}])[0] == "wrong"


def test_an_empty_hint_that_clears_what_is_wrong_gives_a_try_where_there_are_parts() -> None:
    hint = "<hint><text></text><clearwrong/></hint>"
    xml = question("multichoice", answers((100, "a"), (0, "b")) + hint)
    assert marked(xml, [{"choice": "b"}, {"choice": "a"}]) == ("right", 1 - P)


@pytest.mark.parametrize("penalty", ["", "<penalty>0.3333333</penalty>", f"<penalty>{1 / 3!r}</penalty>"])
def test_a_third_as_penalty_has_seven_decimals(penalty: str) -> None:
    xml = question("shortanswer", penalty + SHORT + TWO_HINTS)
    assert marked(xml, [{"text": "x"}, {"text": "y"}, {"text": "đúng"}]) == ("right", 0.3333334)


CALCULATED = question(
    "calculatedmulti",
    "".join(
        f'<answer fraction="{percent}"><text>{text}</text><correctanswerformat>1</correctanswerformat>'
        "<correctanswerlength>2</correctanswerlength></answer>"
        for percent, text in ((100, "Tổng là {={a}+{b}}"), (0, "Hiệu là {={a}-{b}} hay {a}"))
    )
    + "<dataset_definitions>"
    + "".join(
        f"<dataset_definition><name><text>{name}</text></name><dataset_items><dataset_item><number>1</number>"
        f"<value>{value}</value></dataset_item></dataset_items></dataset_definition>"
        for name, value in (("a", "3.0"), ("b", "4.5"))
    )
    + "</dataset_definitions>",
)


@pytest.mark.parametrize(
    ("choice", "state"),
    [
        ("Tổng là 7.50", "right"),
        ("Tổng là 7,50", "right"),
        ("Tổng là 7.5", "right"),
        ("Hiệu là -1.50 hay 3", "wrong"),
        ("Tổng là 75", "invalid"),
    ],
)
def test_a_calculated_choice_is_named_in_either_notation(choice: str, state: str) -> None:
    assert marked(CALCULATED, {"choice": choice})[0] == state


MARKERS = question(
    "ddmarker",
    f'<file name="nen.png" encoding="base64">{base64.b64encode(PNG).decode()}</file>'
    "<drag><no>1</no><text>A</text><noofdrags>1</noofdrags></drag>"
    "<drag><no>2</no><text>B</text><noofdrags>1</noofdrags><infinite/></drag>"
    "<drop><no>1</no><shape>circle</shape><coords>100,100;10</coords><choice>1</choice></drop>"
    "<drop><no>2</no><shape>rectangle</shape><coords>200,200;20,10</coords><choice>2</choice></drop>",
)


@pytest.mark.parametrize(
    ("points", "fraction"),
    [
        ({"A": [[100, 110]], "B": [[220, 210]]}, 1),
        ({"A": [[100, 110.4]], "B": [[199.6, 210.4]]}, 1),
        ({"A": [[100, 110.5]]}, 0),
        ({"A": [[100, 100]], "B": [[210, 205], [1, 1]]}, 2 / 3),
    ],
)
def test_a_marker_lies_on_the_pixel_that_is_nearest(points: Any, fraction: float) -> None:
    assert marked(MARKERS, {"points": points})[1] == pytest.approx(fraction, abs=1e-7)


TABLE = (
    "".join(f'<row number="{n}"><optiontext><text>Ý {n}</text></optiontext></row>' for n in (1, 2, 3, 4))
    + "".join(f'<column number="{n}"><responsetext><text>{t}</text></responsetext></column>' for n, t in ((1, "Đ"), (2, "S")))
    + "".join(
        f'<weight rownumber="{row}" columnnumber="{column}"><value>\n {float(row % 2 == column % 2)} </value></weight>'
        for row in (1, 2, 3, 4)
        for column in (1, 2)
    )
)  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "method", "wrong", "fraction"),
    [
        ("mtf", "subpoints", 1, 0.75),
        ("mtf", "mtfonezero", 1, 0),
        ("kprime", "subpoints", 2, 0.5),
        ("kprime", "kprimeonezero", 0, 1),
        ("kprime", "kprime", 1, None),
        ("mtf", "subpoints</text></scoringmethod><deduction>0.5</deduction><scoringmethod><text>", 1, None),
    ],
)
def test_statements_of_the_plugins_mtf_and_kprime_are_a_matrix_where_we_can_mark_as_they_do(
    kind: str, method: str, wrong: int, fraction: float | None
) -> None:
    xml = question(kind, f"<scoringmethod><text>{method}</text></scoringmethod>" + TABLE)
    said = {f"ý {n}": "Đ" if n % 2 == (0 if n <= wrong else 1) else "S" for n in (1, 2, 3, 4)}
    assert marked(xml, {"cells": said})[1] == fraction


def test_what_has_the_same_text_is_taken_in_its_order_and_a_picture_is_called_by_its_alternative_text() -> None:
    rows = answers((50, "cú"), (50, "cú"), (0, '<img src="x.png" alt="Con cú">'))
    xml = question("multichoice", "<single>false</single>" + rows)
    assert marked(xml, {"choices": ["cú", "cú"]}) == ("right", 1)
    assert marked(xml, {"choices": ["cú", "con cú"]}) == ("partial", 0.5)
    assert marked(xml, {"choices": ["cú", "cú", "cú"]}) == ("invalid", None)
