"""What we write as QTI keeps to the content model of the specifications (qti_rules.py), and tells what QTI 2.2 loses."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring
from django.utils import translation
from hypothesis import HealthCheck, given, settings

from assessments.formats import MediaFile, ParsedQuestion, get_format
from assessments.question_types import get_type
from tests.assessments.formats import qti_files, strategies
from tests.assessments.formats.qti_rules import faults_of_item, faults_of_test
from tests.assessments.formats.strategies import PNG, questions
from tests.assessments.formats.test_qti_round_trip import KINDS, OWN

VERSIONS = {"2.2": "qti22", "3.0": "qti"}


@pytest.fixture(autouse=True)
def every_type(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind, strategy in OWN.items():
        monkeypatch.setitem(strategies.OWN, kind, strategies.OWN.get(kind, strategy))


def made(kind: str, **body: object) -> ParsedQuestion:
    stored = get_type(kind).Body.model_validate({"stem": "<p>Hỏi?</p>", **body}).model_dump(mode="json")
    return ParsedQuestion(ref="c1", name="Câu", type=kind, body=stored, idnumber="c1")


def written(name: str, *asked: ParsedQuestion) -> tuple[dict[str, str], list[str]]:
    """(documents of a package by name, what is told of its questions)."""
    file = io.BytesIO()
    problems = get_format(name).write(asked, file, title="Đề")
    with zipfile.ZipFile(file) as archive, translation.override("en"):
        documents = {each: archive.read(each).decode() for each in archive.namelist() if each.endswith(".xml")}
        return documents, [str(problem.reason) for problem in problems]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("kind", KINDS)
def test_items_keep_to_the_content_model(kind: str, version: str) -> None:
    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(questions((kind,)))
    def play(question: ParsedQuestion) -> None:
        documents, _told = written(VERSIONS[version], question)
        assert faults_of_item(documents["items/00001/item.xml"], version) == []
        assert faults_of_test(documents["test.xml"], version) == []

    play()


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("<itemBody>", "<itemBody>loose", "itemBody: text"),
        ('title="Câu 1" ', "", "assessmentItem: no title"),
        ('responseIdentifier="RESPONSE"', 'responseIdentifier="OTHER"', "OTHER is not declared"),
        ('identifier="A"', 'identifier="1 a"', "identifier=1 a"),
        (
            "<itemBody>",
            '<modalFeedback outcomeIdentifier="SCORE" identifier="x" showHide="show"/><itemBody>',
            "assessmentItem: [",
        ),
        ("<prompt>Chọn?</prompt>", "<prompt><p>Chọn?</p></prompt>", "prompt: ['p']"),
    ],
)
def test_the_rules_find_what_the_specification_does_not_allow(before: str, after: str, fault: str) -> None:
    text = qti_files.item(qti_files.choices("A", "B"), qti_files.declared("A"))
    assert faults_of_item(text, "2.2") == []
    assert before in text
    assert fault in " ".join(faults_of_item(text.replace(before, after), "2.2"))


def test_the_manifest_has_its_parts_in_order_and_names_every_file() -> None:
    question = replace(
        made("description", stem='<img src="media:a.png" alt="A">'),
        tags=("mạng",),
        media={"a.png": MediaFile("a.png", PNG)},
    )
    for name in VERSIONS.values():
        documents, _told = written(name, question)
        root = fromstring(documents["imsmanifest.xml"])
        assert [_local(child) for child in root] == ["metadata", "organizations", "resources"]
        test, item = root[2]
        assert [_local(child) for child in item] == ["metadata", "file", "file"]
        assert [_local(child) for child in test] == ["file", "dependency"]
        assert test[1].get("identifierref") == item.get("identifier")


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]


CHOICES = [{"id": "a", "text": "Có", "fraction": 1}, {"id": "b", "text": "Không"}]


@pytest.mark.parametrize(
    ("question", "lost"),
    [
        (made("single_choice", choices=CHOICES, hints=["<p>Gợi ý</p>"]), "hint"),
        (made("single_choice", choices=CHOICES, penalty=0.5), "penalty"),
        (made("numerical", answers=[{"value": 2, "tolerance": 0, "fraction": 1}], units=[{"symbol": "m", "factor": 1}]), "unit"),
        (made("essay", min_words=20), "fewest words"),
        (made("ordering", items=[{"id": "a", "text": "1"}, {"id": "b", "text": "2"}, {"id": "c", "text": "3"}], scoring="longest_run"), "scoring"),
        (replace(made("single_choice", choices=CHOICES), exam_only=True, outcome="IU01.2"), "learning outcome, for exams only"),
        (made("single_choice", choices=CHOICES), ""),
    ],
)  # fmt: skip
def test_2_2_tells_of_each_question_what_it_cannot_say(question: ParsedQuestion, lost: str) -> None:
    documents, told = written("qti22", question)
    assert "items/00001/item.xml" in documents
    assert told == ([f"It is written, but QTI 2.2 cannot say its: {lost}."] if lost else [])
    assert written("qti", question)[1] == []


def test_a_word_is_text_or_a_picture_as_the_schemas_want_it() -> None:
    words = [{"id": "1", "text": "<strong>một</strong>"}, {"id": "2", "text": '<img src="media:a.png" alt="Hai">'}]
    question = replace(
        made("gap_drag", stem="<p>[[1]] [[2]]</p>", words=words), media={"a.png": MediaFile("a.png", PNG)}
    )
    documents, told = written("qti22", question)
    text = documents["items/00001/item.xml"]
    assert '<gapText identifier="W1" matchMax="1">một</gapText>' in text
    assert '<object data="media/a.png" type="image/png">Hai</object>' in text
    assert told == ["It is written, but QTI 2.2 cannot say its: word."]
