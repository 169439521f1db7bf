"""What is written as QTI 3.0 is read again as the same questions, whatever they hold."""

from __future__ import annotations

import io
import zipfile
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessments.formats import ParsedQuestion, ReadProblem, Unreadable, get_format
from tests.assessments.formats import strategies
from tests.assessments.formats.strategies import feedbacks, fractions, html_texts, plain_lines, questions

FORMAT = get_format("qti")
_BACKGROUND = {"src": "media:hinh-1.png", "alt": "Hình", "width": 300, "height": 200}
_SHAPES = [("circle", [10, 20, 5.5]), ("rectangle", [1, 2, 30, 40]), ("polygon", [1, 2, 30, 40, 5, 60])]


def _spots(rows: list[tuple[float, str, str]], multiple: bool, scoring: str) -> dict[str, Any]:
    spots = [
        {"id": f"s{n}", "shape": shape, "coords": coords, "label": label, "fraction": fraction, "feedback": feedback}
        for n, ((fraction, label, feedback), (shape, coords)) in enumerate(zip(rows, _SHAPES, strict=False))
    ]
    spots[0]["fraction"] = 1.0
    return {"background": _BACKGROUND, "spots": spots, "multiple": multiple, "scoring": scoring}


def _matrix(texts: list[str], right: list[int], multiple: bool, scoring: str, shuffle: bool) -> dict[str, Any]:
    return {
        "rows": [{"id": f"r{n}", "text": text} for n, text in enumerate(texts)],
        "columns": [{"id": "true", "text": "Đúng"}, {"id": "2", "text": "Sai"}],
        "right": {
            f"r{n}": ["true", "2"] if multiple and right[n] else [["true"], ["2"]][right[n]] for n in range(len(texts))
        },
        "multiple": multiple,
        "scoring": scoring,
        "shuffle": shuffle,
    }


OWN = {
    "hotspot": st.builds(
        _spots,
        st.lists(st.tuples(fractions, plain_lines, feedbacks), min_size=2, max_size=3),
        st.booleans(),
        st.sampled_from(["partial", "all_or_nothing"]),
    ),
    "matrix": st.builds(
        _matrix,
        st.lists(html_texts, min_size=1, max_size=4),
        st.lists(st.integers(0, 1), min_size=4, max_size=4),
        st.booleans(),
        st.sampled_from(["per_row", "all_or_nothing"]),
        st.booleans(),
    ),
    "essay": st.fixed_dictionaries(
        {
            "format": st.sampled_from(["html", "plain", "monospaced"]),
            "lines": st.integers(1, 60),
            "min_words": st.sampled_from([None, 10]),
            "attachments_allowed": st.integers(0, 2),
            "template": feedbacks,
            "grader_info": feedbacks,
        }
    ),
    "file_upload": st.fixed_dictionaries(
        {
            "file_types": st.sampled_from([[], [".docx", ".pdf"], [".abc"]]),
            "most_files": st.integers(1, 3),
            "grader_info": feedbacks,
        }
    ),
    "description": st.just({}),
}
KINDS = sorted({*OWN, *strategies.OWN} - {"calculated", "calculated_choice"})


@pytest.fixture(autouse=True)
def every_type(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind, strategy in OWN.items():
        monkeypatch.setitem(strategies.OWN, kind, strategies.OWN.get(kind, strategy))


def written(*items: ParsedQuestion) -> bytes:
    file = io.BytesIO()
    assert FORMAT.write(items, file, title="Ngân hàng") == []
    return file.getvalue()


def bare(item: object) -> ParsedQuestion:
    assert isinstance(item, ParsedQuestion), item
    return replace(item, ref="", notes=())


def read_until_refused(data: bytes) -> list[ParsedQuestion | ReadProblem]:
    """What came before the refusal, if there is one; any other exception is a failure."""
    seen: list[ParsedQuestion | ReadProblem] = []
    with suppress(Unreadable):
        seen.extend(FORMAT.read(io.BytesIO(data)))
    return seen


@pytest.mark.parametrize("kind", KINDS)
def test_every_question_of_every_type_comes_back_equal(kind: str) -> None:
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(questions((kind,)), min_size=1, max_size=2, unique_by=lambda question: question.idnumber))
    def play(drawn: list[ParsedQuestion]) -> None:
        data = written(*drawn)
        assert FORMAT.recognises(data[:65536], "")
        assert [bare(item) for item in FORMAT.read(io.BytesIO(data))] == drawn

    play()


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(questions(tuple(KINDS)), st.data())
def test_a_package_cut_anywhere_is_refused(question: ParsedQuestion, data: st.DataObject) -> None:
    whole = written(question)
    cut = data.draw(st.integers(0, len(whole) - 1))
    assert read_until_refused(whole[:cut]) == []


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(questions(tuple(KINDS)), st.data())
def test_a_damaged_package_is_read_or_refused_and_nothing_else(question: ParsedQuestion, data: st.DataObject) -> None:
    broken = bytearray(written(question))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(broken) - 1))
        broken[at : at + data.draw(st.integers(0, 8))] = data.draw(st.binary(max_size=6))
    read_until_refused(bytes(broken))


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(questions(tuple(KINDS)), st.data())
def test_a_damaged_item_is_read_or_refused_and_nothing_else(question: ParsedQuestion, data: st.DataObject) -> None:
    with zipfile.ZipFile(io.BytesIO(written(question))) as archive:
        item = bytearray(archive.read("items/00001/item.xml"))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(item) - 1))
        item[at : at + data.draw(st.integers(0, 30))] = data.draw(
            st.sampled_from([b"", b"x", b"<p>", b"-9", b"qti-gap", b'"', b"</qti-value>", b"999999999999"])
        )
    read_until_refused(bytes(item))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_random_bytes_are_refused(data: bytes) -> None:
    assert not FORMAT.recognises(data, "x.xml")
    assert read_until_refused(data) == []
