"""What we write as a table is read again as the same questions, and no spreadsheet runs any of it."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from assessments.formats import MediaFile, ParsedQuestion, ReadProblem, Unreadable, get_format
from assessments.formats.extra import STALE
from assessments.question_types import get_type
from common.tabular.formulas import is_formula
from tests.assessments.formats.strategies import OWN, PNG, questions

FORMATS = ["xlsx", "csv"]


def written(name: str, *items: ParsedQuestion) -> bytes:
    file = io.BytesIO()
    assert get_format(name).write(items, file, title="Ngân hàng") == []
    return file.getvalue()


def bare(item: object) -> ParsedQuestion:
    assert isinstance(item, ParsedQuestion), item
    return replace(item, ref="", notes=())


def single(stem: str, **facts: object) -> ParsedQuestion:
    body = {"stem": stem, "choices": [{"id": "a", "text": "1", "fraction": 1.0}, {"id": "b", "text": "2"}]}
    stored = get_type("single_choice").Body.model_validate(body).model_dump(mode="json")
    return ParsedQuestion(ref="", name="Câu", type="single_choice", body=stored, **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("kind", OWN)
def test_every_question_of_every_type_comes_back_equal(kind: str, name: str) -> None:
    @settings(max_examples=8 if name == "xlsx" else 30, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(questions((kind,)), min_size=1, max_size=2))
    def play(drawn: list[ParsedQuestion]) -> None:
        data = written(name, *drawn)
        assert get_format(name).recognises(data[:65536], f"a.{name}")
        assert [bare(item) for item in get_format(name).read(io.BytesIO(data))] == drawn

    play()


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(questions(), min_size=1, max_size=3))
def test_no_cell_that_we_write_runs(drawn: list[ParsedQuestion]) -> None:
    book = load_workbook(io.BytesIO(written("xlsx", *drawn)))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert all(cell.data_type != "f" for cell in cells)
    texts = [cell.value for cell in cells if isinstance(cell.value, str)]
    text = written("csv", *drawn).decode("utf-8-sig")
    texts += [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert not [text for text in texts if text.lstrip().startswith(("=", "@", "+", "-"))]
    others = [cell for separator in ";\t" for row in csv.reader(io.StringIO(text), delimiter=separator) for cell in row]
    assert not [cell for cell in others if is_formula(cell.lstrip())]


@pytest.mark.parametrize("name", FORMATS)
def test_two_pictures_of_one_name_stay_two(name: str) -> None:
    drawn = [
        single('<img src="media:a.png" alt="">', media={"a.png": MediaFile("a.png", PNG + bytes([number]) * 40_000)})
        for number in range(3)
    ]
    assert [bare(item) for item in get_format(name).read(io.BytesIO(written(name, *drawn)))] == drawn


def test_an_exported_row_that_was_edited_is_read_as_edited_and_says_so() -> None:
    question = single("Cũ?", difficulty="basic", tags=("a",))
    own = [{**choice, "fraction": [1.0, -0.25][place]} for place, choice in enumerate(question.body["choices"])]
    question = replace(question, nature="other", body={**question.body, "hints": ["Gợi ý"], "choices": own})
    text = written("csv", question).decode("utf-8-sig").replace("Cũ?", "Mới?")
    (item,) = get_format("csv").read(io.BytesIO(text.encode()))
    assert isinstance(item, ParsedQuestion)
    assert item.body["stem"] == "Mới?"
    assert item.body["hints"] == ["Gợi ý"], "what the columns say is kept"
    assert (item.body["choices"], item.nature) == (own, "")
    assert STALE in item.notes


def test_a_text_that_no_cell_of_excel_can_hold_is_reported_and_csv_takes_it() -> None:
    long = {"template": "a<br>" * 3_900, "grader_info": "b<br>" * 3_900, "hints": ["c<br>" * 3_900]}
    body = {"stem": "x", **long}
    stored = get_type("essay").Body.model_validate(body).model_dump(mode="json")
    question = ParsedQuestion(ref="7", name="Dài", type="essay", body=stored)
    file = io.BytesIO()
    (problem,) = get_format("xlsx").write([question], file)
    assert isinstance(problem, ReadProblem)
    assert problem.ref == "7"
    assert bare(next(iter(get_format("csv").read(io.BytesIO(written("csv", question)))))).body == question.body


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_cut_anywhere_is_read_or_refused_and_nothing_else(name: str) -> None:
    whole = written(name, single("a?"), single("b\nc?"))

    @settings(max_examples=80, deadline=None)
    @given(st.integers(0, len(whole) - 1), st.binary(max_size=8))
    def play(cut: int, noise: bytes) -> None:
        for data in (whole[:cut], whole[:cut] + noise + whole[cut + len(noise) :]):
            try:
                items = list(get_format(name).read(io.BytesIO(data), f"a.{name}"))
            except Unreadable:
                continue
            assert all(isinstance(item, ParsedQuestion | ReadProblem) for item in items)

    play()
