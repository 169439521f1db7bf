"""What we write as a Word file is read again as the same questions; what it cannot say is given back."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from typing import Any
from xml.etree.ElementTree import fromstring

from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessments.formats import MediaFile, ParsedQuestion, ReadProblem, Unreadable, get_format
from assessments.question_types import get_type
from tests.assessments.formats.strategies import PNG, inline, questions

FORMAT = get_format("docx")
words = st.sampled_from(
    ["Hà Nội", "HTTPS", "80 KB", "a & b", "x < y", "mạng LAN", "10<sup>3</sup>", "<em>RAM</em> là gì"]
).map(lambda text: text.replace("& ", "&amp; ").replace("< ", "&lt; "))
texts = st.lists(words, min_size=1, max_size=3).map(" ".join)


def question_of(kind: str, **body: Any) -> ParsedQuestion:
    facts = {
        key: body.pop(key) for key in ("name", "idnumber", "category", "tags", "difficulty", "media") if key in body
    }
    stored = get_type(kind).Body.model_validate(body).model_dump(mode="json")
    return ParsedQuestion(ref="", type=kind, body=stored, **{"name": "Câu của tôi", **facts})


def written(*items: ParsedQuestion, title: str = "Ngân hàng") -> tuple[bytes, list[ReadProblem]]:
    file = io.BytesIO()
    problems = FORMAT.write(items, file, title=title)
    return file.getvalue(), problems


def back(data: bytes) -> list[ParsedQuestion]:
    items = list(FORMAT.read(io.BytesIO(data)))
    assert all(isinstance(item, ParsedQuestion) for item in items), items
    return [replace(item, ref="", notes=()) for item in items if isinstance(item, ParsedQuestion)]


@st.composite
def simple_questions(draw: st.DrawFn) -> ParsedQuestion:
    """Questions that the form can say."""
    kind = draw(st.sampled_from(["single_choice", "multiple_choice", "true_false", "numerical", "essay", "matrix"]))
    body: dict[str, Any] = {
        "stem": draw(st.sampled_from(["<p>{}?</p>", "{}?", "<p>{}</p><p>và?</p>", "{}<br>hay?"])).format(draw(texts)),
        "mark": draw(st.sampled_from([1.0, 0.5])),
    }
    body["feedback"] = draw(st.one_of(st.just(""), texts.map("<p>{}</p>".format)))
    count = draw(st.integers(2, 6))
    names = [f"{draw(texts)} {number}" for number in range(count)]
    if kind == "single_choice":
        right = draw(st.integers(0, count - 1))
        body["choices"] = [{"id": "abcdef"[n], "text": t, "fraction": float(n == right)} for n, t in enumerate(names)]
    elif kind == "multiple_choice":
        body["choices"] = [
            {"id": "abcdef"[n], "text": t, "fraction": 0.5 if n < 2 else -0.5} for n, t in enumerate(names)
        ]
    elif kind == "true_false":
        body["answer"] = draw(st.booleans())
    elif kind == "numerical":
        body["answers"] = [
            {"value": draw(st.sampled_from([3.0, -1.25, 1e6])), "tolerance": draw(st.sampled_from([0.0, 0.5]))}
        ]
    elif kind == "matrix":
        body["columns"] = [{"id": "c1", "text": "Đúng"}, {"id": "c2", "text": "Sai"}]
        body["rows"] = [{"id": f"r{n}", "text": t} for n, t in enumerate(names, 1)]
        body["right"] = {f"r{n}": [draw(st.sampled_from(["c1", "c2"]))] for n in range(1, count + 1)}
    for each in body.get("choices", ()) or body.get("rows", ()) or body.get("answers", ()):
        each["feedback"] = draw(st.one_of(st.just(""), texts))
    facts = {
        "name": draw(st.sampled_from(["Câu riêng", "X1"])),
        "idnumber": draw(st.sampled_from(["", "C-1"])),
        "category": draw(st.sampled_from([(), ("Chương 1",), ("Chương 1", "Bài 2"), ("A / B",)])),
        "tags": draw(st.sampled_from([(), ("a", "b, c")])),
        "difficulty": draw(st.sampled_from(["", "basic", "advanced"])),
    }
    return question_of(kind, **body, **facts)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(simple_questions(), min_size=1, max_size=4))
def test_what_the_form_can_say_comes_back_equal(drawn: list[ParsedQuestion]) -> None:
    data, problems = written(*drawn)
    assert not problems
    assert back(data) == drawn


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(questions(), min_size=1, max_size=2))
def test_any_question_comes_back_as_it_was_or_is_given_back_with_the_reason(drawn: list[ParsedQuestion]) -> None:
    data, problems = written(*drawn)
    assert all(str(problem.reason) for problem in problems)
    if len(problems) < len(drawn):
        read = back(data)
        assert len(read) == len(drawn) - len(problems)
        assert all(question in drawn for question in read)


def test_pictures_go_with_their_questions_under_their_names() -> None:
    body = {"stem": '<p>Hình <img src="media:sơ_đồ.png" alt="sơ đồ &quot;mạng&quot;"> là gì?</p>', "answer": True}
    drawn = question_of("true_false", **body, media={"sơ_đồ.png": MediaFile("sơ_đồ.png", PNG)})
    data, problems = written(drawn, drawn)
    assert not problems
    assert back(data) == [drawn, drawn]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert [name for name in archive.namelist() if "media" in name] == ["word/media/image1.png"]


def test_what_the_form_has_no_place_for_is_named() -> None:
    fine = question_of("true_false", stem="<p>Đúng?</p>", answer=True)
    hints = question_of("true_false", stem="<p>Gợi ý?</p>", answer=True, hints=["x"])
    order = question_of("ordering", stem="<p>Thứ tự?</p>", items=[{"id": "a", "text": "1"}, {"id": "b", "text": "2"}])
    listed = question_of("essay", stem="<ul><li>x</li></ul>")
    data, problems = written(hints, fine, order, listed)
    assert back(data) == [fine]
    with translation.override("en"):
        told = [str(problem.reason) for problem in problems]
    assert "“hints”" in told[0]
    assert "“ordering”" in told[1]
    assert "<ul>" in told[2]


def test_every_part_is_xml_that_word_can_read() -> None:
    drawn = question_of("essay", stem="<p>a &amp; b ]]&gt; \"x\" 'y'</p>", name='<tên> & "x"')
    data, problems = written(drawn, title="A & B <c>")
    assert not problems
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        for name in archive.namelist():
            fromstring(archive.read(name))


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(inline, st.data())
def test_a_damaged_file_is_read_or_refused_and_nothing_else(text: str, data: st.DataObject) -> None:
    whole, _problems = written(question_of("true_false", stem="<p>Đúng?</p>", answer=True, feedback=f"<p>{text}</p>"))
    broken = bytearray(whole)
    if data.draw(st.booleans()):
        del broken[data.draw(st.integers(0, len(broken) - 1)) :]
    for _ in range(data.draw(st.integers(0, 3))):
        at = data.draw(st.integers(0, max(len(broken) - 1, 0)))
        broken[at : at + data.draw(st.integers(0, 8))] = data.draw(st.binary(max_size=6))
    try:
        items = list(FORMAT.read(io.BytesIO(bytes(broken))))
    except Unreadable:
        return
    assert all(isinstance(item, ParsedQuestion | ReadProblem) for item in items)
