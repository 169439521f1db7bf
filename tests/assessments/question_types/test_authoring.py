"""The author's form of each of these types loses nothing, and says at its field what does not fit."""

from __future__ import annotations

from typing import Any

import pytest

from assessments.authoring.problems import read_source
from assessments.question_types import get_type
from tests.assessments.question_types import test_cloze, test_essay, test_file_upload, test_gap_drag, test_matrix
from tests.assessments.question_types.laws import marked, result
from tests.assessments.test_editor import bound, sent, unbound

SOURCES: dict[str, dict[str, Any]] = {
    "ordering": {
        "stem": "Sắp xếp",
        "items": [{"id": "x", "text": "**một**", "feedback": "đầu"}, {"id": "y", "text": "hai"}],
        "scoring": "longest_run",
        "hints": ["nghĩ kỹ"],
    },
    "gap_select": {
        "stem": "Con [[2]] và con [[1]]",
        "words": [{"text": "mèo"}, {"text": "chó", "group": 3}, {"text": "1 < 2"}],
        "shuffle": False,
    },
    "gap_drag": test_gap_drag.SOURCE,
    "cloze": test_cloze.SOURCE,
    "matrix": {**test_matrix.SOURCE, "scoring": "all_or_nothing", "shuffle": True},
    "essay": test_essay.SOURCE,
    "file_upload": test_file_upload.SOURCE,
    "description": {"stem": "Đọc\n\n- một\n- hai", "feedback": "nhớ"},
}


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_nothing_is_lost_in_the_form_of_the_author(name: str) -> None:
    kind = get_type(name)
    body = kind.from_source(SOURCES[name])
    form = bound(kind.source_fields, sent(unbound(kind.source_fields, kind.to_source(body))))
    assert form.is_valid(), form.problems()
    assert kind.from_source(form.source()) == body


def test_units_and_scoring_of_parts_survive_the_form_too() -> None:
    kind = get_type("cloze")
    numerical = {"kind": "numerical", "answers": [{"value": 5}], "units": [{"symbol": "m", "factor": 1}]}
    ticked = {**test_cloze.SOURCE["parts"][3], "scoring": "all_or_nothing"}
    body = kind.from_source({"stem": "{#1} {#2}", "parts": [{**numerical, "unit_penalty": 0.5}, ticked]})
    form = bound(kind.source_fields, sent(unbound(kind.source_fields, kind.to_source(body))))
    assert form.is_valid(), form.problems()
    assert kind.from_source(form.source()) == body


def test_a_fault_in_a_part_stands_at_its_field() -> None:
    kind = get_type("cloze")
    source = {"stem": "{#1}", "parts": [{"kind": "numerical", "answers": [{"text": "ba"}]}]}
    form = bound(kind.source_fields, sent(unbound(kind.source_fields, source)))
    assert form.is_valid(), form.problems()
    _body, faults = read_source(kind, form.source())
    for fault in faults:
        form.place_fault(fault)
    assert [problem.id for problem in form.problems()] == ["id_body-parts-0-answers-0-value"]


def test_an_accepted_number_is_shown_as_it_may_be_typed() -> None:
    body = get_type("numerical").from_source({"stem": "?", "answers": [{"value": 1024.5}]})
    assert "1024,5" in result("numerical", body, {"text": "1"})
    assert marked("numerical", body, {"text": "1024,5"}).state == "right"


@pytest.mark.parametrize("name", ["essay", "file_upload"])
def test_feedback_for_wrong_answers_is_not_told_while_an_answer_waits(name: str) -> None:
    body = get_type(name).from_source({"stem": "?", "feedback_wrong": "Sai rồi"})
    assert body.feedback_for("needs_marking") == ""
    assert body.feedback_for("unanswered") == "<p>Sai rồi</p>"
