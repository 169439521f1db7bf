"""What is written as Moodle XML is read again as the same questions, whatever they hold."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessments.formats import ParsedQuestion, ReadProblem, Unreadable, get_format
from tests.assessments.formats.strategies import OWN, questions

FORMAT = get_format("moodle_xml")


def written(*items: ParsedQuestion) -> bytes:
    file = io.BytesIO()
    assert FORMAT.write(items, file) == []
    return file.getvalue()


def bare(item: object) -> ParsedQuestion:
    assert isinstance(item, ParsedQuestion), item
    return replace(item, ref="", notes=())


def read_until_refused(data: bytes) -> tuple[list[ParsedQuestion | ReadProblem], str]:
    """(items, why not more); any other exception is a failure."""
    seen: list[ParsedQuestion | ReadProblem] = []
    try:
        for item in FORMAT.read(io.BytesIO(data)):
            seen.append(replace(item, ref="", notes=()) if isinstance(item, ParsedQuestion) else item)
    except Unreadable as refusal:
        return seen, str(refusal)
    return seen, ""


@pytest.mark.parametrize("kind", OWN)
def test_every_question_of_every_type_comes_back_equal(kind: str) -> None:
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(questions((kind,)), min_size=1, max_size=2))
    def play(drawn: list[ParsedQuestion]) -> None:
        data = written(*drawn)
        assert FORMAT.recognises(data[:65536], "")
        assert [bare(item) for item in FORMAT.read(io.BytesIO(data))] == drawn

    play()


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(questions(), st.data())
def test_a_file_cut_anywhere_gives_what_came_before_and_then_says_so(
    question: ParsedQuestion, data: st.DataObject
) -> None:
    whole = written(question, question)
    cut = data.draw(st.integers(0, len(whole) - len("</quiz>\n") - 1))
    seen, refusal = read_until_refused(whole[:cut])
    assert seen == [question] * len(seen)
    assert refusal


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(questions(), st.data())
def test_a_damaged_file_is_read_or_refused_and_nothing_else(question: ParsedQuestion, data: st.DataObject) -> None:
    broken = bytearray(written(question))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(broken) - 1))
        broken[at : at + data.draw(st.integers(0, 8))] = data.draw(st.binary(max_size=6))
    read_until_refused(bytes(broken))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_random_bytes_are_refused(data: bytes) -> None:
    FORMAT.recognises(data, "x.xml")
    with pytest.raises(Unreadable):
        list(FORMAT.read(io.BytesIO(data)))
