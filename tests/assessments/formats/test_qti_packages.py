"""Packages of QTI: manifests, tests, sections, metadata; and what a hostile or broken file gets."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from random import Random

import pytest
from django.utils import translation

from assessments.formats import MediaFile, ParsedQuestion, ReadProblem, Unreadable, get_format
from assessments.question_types import get_type
from tests.assessments.formats.qti_files import (
    CORRECT,
    choices,
    declared,
    item,
    notes,
    package,
    problem,
    question,
    read,
)
from tests.assessments.formats.strategies import PNG


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


SIMPLE = item(f"<p>Hỏi</p>{choices('A', 'B')}", declared("A"), CORRECT)


def numbered(number: int) -> str:
    return SIMPLE.replace('"q1"', f'"q{number}"')


def test_sections_of_a_test_are_categories_and_its_weights_count() -> None:
    test = (
        '<assessmentTest identifier="t" title="Đề"><testPart identifier="p"><assessmentSection identifier="s1" title="Mạng">'
        '<assessmentItemRef identifier="b" href="i/2.xml"><weight identifier="W" value="2"/></assessmentItemRef>'
        '<assessmentSection identifier="s2" title="An toàn"><assessmentItemRef identifier="a" href="i/1.xml"/>'
        '<assessmentItemRef identifier="c" href="i/gone.xml"/></assessmentSection></assessmentSection></testPart></assessmentTest>'
    )
    found = read(package({"i/1.xml": numbered(1), "i/2.xml": numbered(2), "i/3.xml": numbered(3), "test.xml": test}))
    assert [(one.ref, tuple(getattr(one, "category", ()))) for one in found] == [
        ("item q2", ("Mạng",)),
        ("item q1", ("Mạng", "An toàn")),
        ("item c", ()),
        ("item q3", ()),
    ]
    assert isinstance(found[0], ParsedQuestion)
    assert found[0].body["mark"] == 2.0
    assert isinstance(found[2], ReadProblem)
    assert "i/gone.xml" in str(found[2].reason)


def test_sections_in_files_of_their_own_are_followed_but_not_round_in_circles() -> None:
    test = '<assessmentTest identifier="t"><testPart identifier="p"><assessmentSectionRef identifier="s" href="s.xml"/></testPart></assessmentTest>'
    section = (
        '<assessmentSection identifier="s" title="Phần"><assessmentItemRef identifier="a" href="1.xml"/>'
        '<assessmentSectionRef identifier="s" href="s.xml"/></assessmentSection>'
    )
    manifest = '<manifest><resources><resource identifier="t" type="imsqti_test_xmlv2p1" href="test.xml"/></resources></manifest>'
    found = read(package({"test.xml": test, "s.xml": section, "1.xml": SIMPLE}, manifest))
    assert [one.ref for one in found] == ["item q1", "s.xml"]
    assert isinstance(found[0], ParsedQuestion)
    assert tuple(found[0].category) == ("Phần",)


def test_keywords_are_tags_and_the_difficulty_is_ours() -> None:
    manifest = (
        '<manifest xmlns:imsmd="http://www.imsglobal.org/xsd/imsmd_v1p2"><resources>'
        '<resource identifier="r" type="imsqti_item_xmlv2p1" href="q.xml"><metadata><imsmd:lom><imsmd:general>'
        "<imsmd:keyword><imsmd:langstring>mạng</imsmd:langstring></imsmd:keyword></imsmd:general><imsmd:educational>"
        "<imsmd:difficulty><imsmd:source>LOMv1.0</imsmd:source><imsmd:value>difficult</imsmd:value></imsmd:difficulty>"
        "</imsmd:educational></imsmd:lom></metadata></resource></resources></manifest>"
    )
    found = question(package({"q.xml": SIMPLE}, manifest))
    assert (found.tags, found.difficulty) == (("mạng",), "advanced")


def test_a_shared_text_and_pictures_in_other_folders_come_along() -> None:
    body = '<p>Xem <img src="../chung/s%C6%A1%20%C4%91%E1%BB%93.png" alt="Sơ đồ"/></p>' + choices("A", "B")
    text = item(body, declared("A") + '<assessmentStimulusRef identifier="s" href="../chung/s.xml"/>', CORRECT)
    stimulus = (
        '<assessmentStimulus identifier="s"><stimulusBody><p>Đọc đoạn sau.</p></stimulusBody></assessmentStimulus>'
    )
    found = question(
        package({"items/q.xml": text, "chung/s.xml": stimulus, "chung/sơ đồ.png": PNG}, manifest_of("items/q.xml"))
    )
    assert found.body["stem"].startswith('<p>Đọc đoạn sau.</p><p>Xem <img src="media:sơ_đồ.png" alt="Sơ đồ">')
    assert found.media["sơ_đồ.png"].content == PNG


def manifest_of(*names: str) -> str:
    rows = "".join(
        f'<resource identifier="r{n}" type="imsqti_item_xmlv2p2" href="{name}"/>' for n, name in enumerate(names)
    )
    return f"<manifest><resources>{rows}</resources></manifest>"


def test_a_package_without_a_manifest_gives_its_items() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("b/q.xml", numbered(2))
        archive.writestr("a.xml", numbered(1))
        archive.writestr("readme.xml", "<note/>")
    assert [one.ref for one in read(file.getvalue())] == ["item q1", "item q2"]


def test_one_broken_item_does_not_hide_the_others() -> None:
    found = read(package({"1.xml": numbered(1), "2.xml": "<assessmentItem", "3.xml": numbered(3)}))
    assert [type(one) for one in found] == [ParsedQuestion, ReadProblem, ParsedQuestion]
    assert found[1].ref == "2.xml"
    assert "well-formed" in str(found[1].reason)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "address", ["../../etc/passwd", "/etc/passwd", "file:///etc/passwd", "//host/a.png", "..%2f..%2fetc"]
)
def test_no_address_leads_out_of_the_package(address: str) -> None:
    text = SIMPLE.replace("<p>Hỏi</p>", f'<p>Hỏi <img src="{address}" alt="x"/></p>')
    found = question(package({"q.xml": text}))
    assert found.media == {}
    assert "is not in the file" in notes(found)
    gone = read(package({"q.xml": SIMPLE}, manifest_of(address, "q.xml")))
    assert [type(one) for one in gone] == [ReadProblem, ParsedQuestion]


DOCTYPES = [
    '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    '<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
    '<!DOCTYPE a SYSTEM "http://host/a.dtd">',
]


@pytest.mark.parametrize("doctype", DOCTYPES)
def test_document_types_are_refused_alone_and_in_packages(doctype: str) -> None:
    text = SIMPLE.replace("?>\n", f"?>\n{doctype}\n").replace("Hỏi", "&x;")
    with pytest.raises(Unreadable, match="DOCTYPE"):
        read(text)
    assert "DOCTYPE" in str(problem(package({"q.xml": text})).reason)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"<assessmentItem", "well-formed"),
        (b"<questestinterop><item/></questestinterop>", "QTI 1.2"),
        (b"<html/>", "no QTI"),
        (b"<?xml version='1.0' encoding='klingon'?><assessmentItem/>", "encoding"),
        (b"PK\x03\x04 and nothing else", "ZIP"),
        (package({}), "no QTI items"),
        (package({"q.xml": SIMPLE}, manifest="<manifest"), "imsmanifest.xml"),
        (package({"../q.xml": SIMPLE}), "leaves the folder"),
        (package({"a.bin": b"\0" * 5_000_000, "q.xml": SIMPLE}), "too tightly"),
        (("<assessmentItem>" + "<p>" * 500).encode(), "deep"),
    ],
)
def test_what_cannot_be_read_says_why(data: bytes, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        read(data)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "cp1258", "cp1252"])
def test_other_encodings_are_read_by_what_they_declare(encoding: str) -> None:
    declared_name = {"utf-8-sig": "utf-8"}.get(encoding, encoding)
    text = SIMPLE.replace('encoding="UTF-8"', f'encoding="{declared_name}"').replace("Câu", "Cau").replace("ỏ", "o")
    found = question(text.replace("ọ", "o").replace("ó", "o").encode(encoding))
    assert found.body["stem"].startswith("<p>Hoi</p>")


def test_scripts_in_texts_do_nothing_and_that_is_told() -> None:
    text = SIMPLE.replace(
        "<p>Hỏi</p>", '<p onclick="x()">Hỏi<script>alert(1)</script><a href="javascript:x()">y</a></p>'
    )
    found = question(text.replace("A nói", '<iframe src="http://x"/>A'))
    assert "script" not in found.body["stem"]
    assert "onclick" not in found.body["stem"]
    assert "javascript" not in found.body["stem"]
    assert "&lt;script&gt;" in notes(found) or "<script>" in notes(found)


def test_rules_without_an_end_are_not_tried() -> None:
    rule = '<setOutcomeValue identifier="SCORE"><baseValue baseType="float">1</baseValue></setOutcomeValue>'
    found = problem(item(choices("A", "B"), declared("A"), f"<responseProcessing>{rule * 2000}</responseProcessing>"))
    assert "more rules" in str(found.reason)


def test_a_large_package_is_read_item_by_item() -> None:
    picture = Random(1).randbytes(1_000_000)
    text = SIMPLE.replace("<p>Hỏi</p>", '<p>Hỏi <img src="a.png" alt="x"/></p>')
    files: dict[str, str | bytes] = {}
    for number in range(40):
        files[f"{number}/q.xml"] = text.replace('"q1"', f'"q{number}"')
        files[f"{number}/a.png"] = bytes([number]) + picture
    data = package(files)
    tracemalloc.start()
    try:
        assert sum(1 for _one in get_format("qti").read(io.BytesIO(data))) == 40
        assert tracemalloc.get_traced_memory()[1] < len(data) + 8_000_000
    finally:
        tracemalloc.stop()


# Writing ------------------------------------------------------------------------------------------------------------


def made(kind: str, **body: object) -> ParsedQuestion:
    stored = get_type(kind).Body.model_validate({"stem": "<p>Hỏi?</p>", **body}).model_dump(mode="json")
    return ParsedQuestion(ref="", name="Câu", type=kind, body=stored, idnumber="c1")


ANSWER = [{"text": "*phở\\**", "fraction": 1}]
CHOICES = [{"id": "a", "text": "Có", "fraction": 1}, {"id": "b", "text": "Không"}]


def documents(*questions: ParsedQuestion, name: str = "qti") -> dict[str, str]:
    file = io.BytesIO()
    assert get_format(name).write(questions, file, title="Đề") == []
    with zipfile.ZipFile(file) as archive:
        return {each: archive.read(each).decode() for each in archive.namelist() if each.endswith(".xml")}


def test_a_pattern_is_a_pattern_of_qti_and_comes_back_as_ours() -> None:
    text = documents(made("short_answer", answers=ANSWER))["items/00001/item.xml"]
    assert 'pattern=".*[Pp][Hh][Ởở]\\*.*"' in text
    assert question(text).body["answers"][0]["text"] == "*phở\\**"


def test_an_item_that_was_changed_since_is_read_by_what_it_says_now() -> None:
    text = documents(made("single_choice", choices=CHOICES, hints=["<p>Gợi ý</p>"]))["items/00001/item.xml"]
    assert question(text).body["hints"] == ["<p>Gợi ý</p>"]
    changed = question(text.replace("Hỏi?", "Hỏi khác?"))
    assert (changed.body["stem"], changed.body["hints"]) == ("<p>Hỏi khác?</p>", [])
    assert "left out" in notes(changed)


def test_2_2_is_written_without_anything_of_ours_and_read_again() -> None:
    found = documents(made("single_choice", choices=CHOICES, feedback_right="<p>Tốt</p>"), name="qti22")
    text = found["items/00001/item.xml"]
    assert "data-" not in "".join(found.values())
    assert "qti-" not in text
    assert question(text).body == made("single_choice", choices=CHOICES, feedback_right="<p>Tốt</p>").body


def test_what_qti_has_no_interaction_for_is_given_back() -> None:
    asked = replace(made("single_choice", choices=CHOICES), type="calculated", ref="c1")
    file = io.BytesIO()
    (left_out,) = get_format("qti").write([asked], file)
    assert (left_out.ref, left_out.type) == ("c1", "calculated")
    assert get_format("qti").recognises(file.getvalue(), "")


def test_identifiers_that_qti_does_not_allow_and_doubles_come_back_as_they_were() -> None:
    asked = [replace(made("single_choice", choices=CHOICES), idnumber=own) for own in ("1 câu", "a b", "a_b", "", "")]
    file = io.BytesIO()
    get_format("qti").write(asked, file)
    found: Iterable[ParsedQuestion | ReadProblem] = read(file.getvalue())
    assert [one.idnumber for one in found if isinstance(one, ParsedQuestion)] == ["1 câu", "a b", "a_b", "", ""]


def test_pictures_lie_beside_their_item_and_the_same_questions_make_the_same_file() -> None:
    asked = replace(
        made("description", stem='<p><img src="media:sơ_đồ.png" alt="Sơ đồ"></p>'),
        media={"sơ_đồ.png": MediaFile("sơ_đồ.png", PNG)},
    )
    files = [io.BytesIO(), io.BytesIO()]
    for file in files:
        get_format("qti").write([asked], file)
    assert files[0].getvalue() == files[1].getvalue()
    with zipfile.ZipFile(files[0]) as archive:
        assert archive.read("items/00001/media/sơ_đồ.png") == PNG
        assert 'href="items/00001/media/s%C6%A1_%C4%91%E1%BB%93.png"' in archive.read("imsmanifest.xml").decode()
    assert question(files[0].getvalue()).media == asked.media
