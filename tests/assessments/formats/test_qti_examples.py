"""Items as the specification's examples and other programs have them, whose interactions become types of ours."""

from __future__ import annotations

import pytest
from django.utils import translation

from assessments.formats import ParsedQuestion
from assessments.question_types import get_type
from tests.assessments.formats.qti_files import (
    CORRECT,
    MAPPED,
    choices,
    declared,
    item,
    mapped,
    notes,
    package,
    problem,
    question,
    read,
)
from tests.assessments.formats.strategies import PNG

MISTAKE = (
    '<hottextInteraction responseIdentifier="RESPONSE" maxChoices="{most}"><prompt>Chỗ nào sai (hay <hottext identifier="E">không sai</hottext>)?'
    '</prompt><p>Các hãng <hottext identifier="A">mua</hottext> giờ <hottext identifier="B">gồm</hottext> nhiều nước.</p></hottextInteraction>'
)
RIVALS = "".join(
    f'<simpleAssociableChoice identifier="{name}" matchMax="1">{name} nói</simpleAssociableChoice>'
    for name in "ACDLMPX"
)
ASSOCIATE = f'<associateInteraction responseIdentifier="RESPONSE" shuffle="true" maxAssociations="3"><prompt>Ghép đôi</prompt>{RIVALS}</associateInteraction>'
SLIDER = '<sliderInteraction responseIdentifier="RESPONSE" lowerBound="0" upperBound="100" step="1"><prompt>Mấy phần trăm?</prompt></sliderInteraction>'
PAIRS = {"A P": 1, "C M": 1, "D L": 1}


def fraction(found: ParsedQuestion, response: dict[str, object]) -> float | None:
    kind = get_type(found.type)
    return kind.grade(
        kind.Body.model_validate(found.body), kind.Response.model_validate(response), {"language": "en"}
    ).fraction


def told(found: ParsedQuestion) -> str:
    with translation.override("en"):
        return notes(found)


def test_hot_text_is_a_choice_below_its_text() -> None:
    found = question(item(MISTAKE.format(most=1), declared("B"), CORRECT))
    assert found.type == "single_choice"
    assert (
        found.body["stem"]
        == "<p>Chỗ nào sai (hay <u>không sai</u>)?</p><p>Các hãng <u>mua</u> giờ <u>gồm</u> nhiều nước.</p>"
    )
    assert [row["text"] for row in found.body["choices"]] == ["không sai", "mua", "gồm"]
    assert [fraction(found, {"choice": key}) for key in "eab"] == [0, 0, 1]
    assert "underlined here" in told(found)


def test_hot_text_of_which_several_are_right_keeps_the_marks_of_its_mapping() -> None:
    mapping = mapped({"A": 1, "B": 2, "E": -1}, bounds='lowerBound="0"')
    found = question(item(MISTAKE.format(most=0), declared(cardinality="multiple", mapping=mapping), MAPPED))
    assert (found.type, found.body["mark"]) == ("multiple_choice", 3)
    assert fraction(found, {"choices": ["a", "b"]}) == 1
    assert fraction(found, {"choices": ["b", "e"]}) == pytest.approx(1 / 3)


def test_hot_texts_that_say_the_same_are_numbered() -> None:
    text = item(MISTAKE.format(most=1).replace(">gồm<", ">mua<"), declared("B"), CORRECT)
    assert [row["text"] for row in question(text).body["choices"]] == ["không sai (1)", "mua (2)", "mua (3)"]


def test_a_slider_is_a_number_with_its_bounds_in_the_text() -> None:
    found = question(item(SLIDER, declared("16", base="integer"), CORRECT))
    assert (found.type, found.body["stem"]) == ("numerical", "<p>Mấy phần trăm?</p><p>0 – 100</p>")
    assert [fraction(found, {"text": text}) for text in ("16", "17")] == [1, 0]
    assert "slider" in told(found)


def test_pairs_of_one_set_are_matched_when_nothing_is_in_two_of_them() -> None:
    found = question(
        item(ASSOCIATE, declared(*PAIRS, cardinality="multiple", base="pair", mapping=mapped(PAIRS)), MAPPED)
    )
    assert (found.type, found.body["mark"]) == ("matching", 3)
    assert [(row["prompt"], row["answer"]) for row in found.body["pairs"]] == [
        ("A nói", "P nói"),
        ("C nói", "M nói"),
        ("D nói", "L nói"),
    ]
    assert [row["answer"] for row in found.body["extra_answers"]] == ["X nói"]
    assert fraction(found, {"pairs": {"a": "a", "c": "x"}}) == pytest.approx(1 / 3)
    assert "one of each pair is given" in told(found)


def test_pairs_that_share_an_item_are_told() -> None:
    text = item(ASSOCIATE, declared("A P", "A M", cardinality="multiple", base="pair"), CORRECT)
    assert "several pairs" in _english(problem(text).reason)


def _english(text: object) -> str:
    with translation.override("en"):
        return str(text)


@pytest.mark.parametrize(
    ("math", "text"),
    [
        ("<msqrt><mi>x</mi><mo>+</mo><mn>1</mn></msqrt>", "√(x+1)"),
        ("<mroot><mi>x</mi><mn>3</mn></mroot>", "∛x"),
        ("<mfrac><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mi>c</mi></mfrac>", "(a+b)/c"),
        ("<msubsup><mi>x</mi><mn>1</mn><mn>2</mn></msubsup>", "x_1^2"),
        ("<munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></munderover><mi>i</mi>", "∑_(i=1)^ni"),
        ("<mfenced><mi>a</mi><mi>b</mi></mfenced>", "(a,b)"),
        ("<mtable><mtr><mtd><mn>1</mn></mtd><mtd><mn>2</mn></mtd></mtr><mtr><mtd><mn>3</mn></mtd><mtd><mn>4</mn></mtd></mtr></mtable>", "[1, 2; 3, 4]"),
    ],
)  # fmt: skip
def test_formulas_lose_none_of_their_signs(math: str, text: str) -> None:
    found = question(
        item(
            f"<p>Tính <m:math xmlns:m='urn:m'>{math}</m:math>.</p>".replace("<m", "<m:m")
            .replace("<m:m:", "<m:")
            .replace("</m", "</m:m")
            .replace("</m:m:", "</m:")
            + choices("A", "B", prompt=""),
            declared("A"),
            CORRECT,
        )
    )
    assert found.body["stem"] == f"<p>Tính {text}.</p>"
    assert "MathML" in told(found)


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        (
            "<itemBody>",
            '<itemBody><p>Điểm: <printedVariable identifier="SCORE"/></p>',
            "Not kept: printedVariable “SCORE”.",
        ),
        ("<itemBody>", '<stylesheet href="tao.css" type="text/css"/><itemBody>', "Its style sheet is not kept."),
        ("</assessmentItem>", "<apipAccessibility/></assessmentItem>", "Not kept: apipAccessibility."),
    ],
)
def test_what_stands_beside_the_question_is_told(before: str, after: str, sentence: str) -> None:
    text = item(choices("A", "B"), declared("A"), CORRECT)
    assert before in text
    assert sentence in told(question(text.replace(before, after)))


TEST = """<assessmentTest identifier="T" title="Đề"><testPart identifier="P" navigationMode="linear" submissionMode="individual">
<assessmentSection identifier="S" title="Phần A" visible="true"><rubricBlock view="candidate"><p>Đọc kỹ</p></rubricBlock>
<selection select="1"/><assessmentSection identifier="S2" title="Nhóm 1" visible="true"><assessmentItemRef identifier="a" href="../items/a/qti.xml">
<weight identifier="W" value="3"/></assessmentItemRef></assessmentSection><assessmentItemRef identifier="b" href="../items/b/qti.xml"/>
</assessmentSection></testPart></assessmentTest>"""
STIMULUS = '<assessmentStimulus identifier="s" title="s"><stimulusBody><p>Đọc <img src="pic.png" alt="sơ đồ"/></p></stimulusBody></assessmentStimulus>'


def test_a_package_of_tao_keeps_sections_weights_and_pictures_of_shared_texts() -> None:
    first = item(choices("A", "B"), declared("A"), CORRECT).replace(
        "<itemBody>", '<assessmentStimulusRef identifier="s" href="../../stim/s.xml"/><itemBody>'
    )
    second = item(choices("A", "B"), declared("B"), CORRECT).replace('"q1"', '"q2"')
    files = {
        "tests/test.xml": TEST,
        "items/a/qti.xml": first,
        "items/b/qti.xml": second,
        "stim/s.xml": STIMULUS,
        "stim/pic.png": PNG,
    }
    kinds = {"tests/test.xml": "test", "stim/s.xml": "stimulus"}
    rows = "".join(
        f'<resource identifier="r{number}" type="imsqti_{kinds.get(name, "item")}_xmlv2p2" href="{name}"/>'
        for number, name in enumerate(name for name in files if name.endswith(".xml"))
    )
    one, other = read(package(files, f"<manifest><resources>{rows}</resources></manifest>"))
    assert isinstance(one, ParsedQuestion)
    assert isinstance(other, ParsedQuestion)
    assert (one.category, one.body["mark"]) == (("Phần A", "Nhóm 1"), 3)
    assert (other.category, other.body["mark"]) == (("Phần A",), 1)
    assert one.media["pic.png"].content == PNG
    assert "Not kept of the test around it: rubricBlock “Phần A”, selection “Phần A”." in told(one)
    assert not other.notes
