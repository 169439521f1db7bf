"""The editor of a question type is made from what the type declares, and loses nothing on the way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from django.http import QueryDict
from django.template.loader import render_to_string

from assessments.authoring.problems import read_source
from assessments.authoring.source_form import RowForm
from assessments.question_types import all_types, get_type
from assessments.question_types.editor import Choice, Field, Flag, Kept, Line, Lines, Number, Numbers, RichText, Rows
from tests.assessments.forms import form_data

PACKS = Path(__file__).resolve().parents[2] / "content" / "packs"
GAPS: tuple[Field, ...] = (
    RichText(name="stem", label="Câu hỏi", required=True),
    Numbers(name="area", label="Vùng", count=4),
    Lines(name="words", label="Từ"),
    Rows(
        name="gaps",
        label="Chỗ trống",
        row_label="Chỗ trống",
        minimum=1,
        fields=(
            Kept(name="id"),
            Choice(name="kind", label="Loại", options=[("text", "Chữ"), ("number", "Số")]),
            Rows(
                name="answers",
                label="Đáp án",
                row_label="Đáp án",
                fields=(
                    Line(name="text", label="Chữ", required=True),
                    Number(name="fraction", label="Điểm", initial=1),
                ),
            ),
        ),
    ),
    Flag(name="shuffle", label="Xáo trộn", initial=True),
)


def page_of(form: RowForm) -> str:
    """The fields as the author's page has them."""
    html = render_to_string("assessments/admin/parts.html", {"parts": [*form.open_parts, *form.folded_parts]})
    return f'<form id="question">{html}</form>'


def sent(form: RowForm, **changes: Any) -> QueryDict:
    """What the browser sends back."""
    data = QueryDict(mutable=True)
    for name, value in form_data(page_of(form), "question", **changes).items():
        data.setlist(name, value if isinstance(value, list) else [value])
    return data


def bound(fields: tuple[Field, ...], data: QueryDict) -> RowForm:
    return RowForm(data, declared=fields, prefix="body", initial={}, is_new=False)


def unbound(fields: tuple[Field, ...], source: Any = None) -> RowForm:
    return RowForm(None, declared=fields, prefix="body", initial=source or {}, is_new=source is None)


def every_question() -> list[Any]:
    return [
        pytest.param(row, id=row["id"])
        for file in sorted(PACKS.glob("*/questions/*.yaml"))
        for row in yaml.safe_load(file.read_text(encoding="utf-8"))["questions"]
    ][::7]


@pytest.mark.parametrize("row", every_question())
def test_every_question_of_the_packs_comes_out_of_its_form_as_it_went_in(row: dict[str, Any]) -> None:
    kind = get_type(row["type"])
    body = kind.from_source(row["body"])
    form = bound(kind.source_fields, sent(unbound(kind.source_fields, kind.to_source(body))))
    assert form.is_valid(), form.problems()
    assert kind.from_source(form.source()) == body


SOURCES: dict[str, dict[str, Any]] = {
    "single_choice": {
        "stem": {"html": '<p lang="en">What <u>is</u> it?</p>\n<p>Two</p>'},
        "choices": [
            {"id": "x9", "text": "1 < 2", "fraction": 1.0, "feedback": "**đúng**"},
            {"text": {"html": '<span lang="en">b</span>'}, "fraction": -0.3333333333333333},
        ],
        "shuffle": False,
        "hints": ["một", {"html": "<p><u>hai</u></p>"}],
        "penalty": 0.1,
    },
    "multiple_choice": {
        "stem": "Chọn\n\n- a\n- b",
        "choices": [{"text": "a", "correct": True}, {"text": "b", "correct": True}, {"text": "c"}],
        "scoring": "all_or_nothing",
        "feedback_partial": "gần đúng",
    },
    "true_false": {"stem": "Đúng không?", "answer": False, "feedback_true": "không"},
    "short_answer": {
        "stem": "Tên?",
        "answers": [{"text": "*tps*", "fraction": 0.5}, {"text": "https", "fraction": 1, "feedback": "tốt"}],
        "case_sensitive": True,
        "diacritics_sensitive": False,
    },
    "numerical": {
        "stem": "Bao nhiêu?",
        "answers": [
            {"value": 1e-7, "tolerance": 0.05, "fraction": 1},
            {"value": -1024.5, "tolerance": 0, "fraction": 0.25},
        ],
        "tolerance_type": "relative",
        "units": [{"symbol": "MB", "factor": 1}, {"symbol": "GB", "factor": 1024}],
        "unit_penalty": 0,
        "unit_penalty_of": "maximum",
    },
    "matching": {
        "stem": "Ghép",
        "pairs": [{"prompt": "a", "answer": "1", "feedback": "x"}, {"prompt": "b", "answer": "2"}],
        "extra_answers": ["3", "4"],
        "shuffle": False,
    },
}


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("name", sorted(SOURCES))
def test_nothing_that_a_type_can_say_is_lost_in_its_form(name: str, language: str, settings: Any) -> None:
    from django.utils import translation

    kind = get_type(name)
    body = kind.from_source(SOURCES[name])
    with translation.override(language):
        form = bound(kind.source_fields, sent(unbound(kind.source_fields, kind.to_source(body))))
        assert form.is_valid(), form.problems()
    assert kind.from_source(form.source()) == body


@pytest.mark.parametrize("kind", all_types(), ids=lambda kind: kind.name)
def test_every_type_declares_an_editor_whose_empty_form_says_what_is_missing(kind: Any) -> None:
    names = [field.name for field in kind.source_fields]
    assert len(set(names)) == len(names)
    form = bound(kind.source_fields, sent(unbound(kind.source_fields)))
    assert not form.is_valid()
    assert any(problem.id == "id_body-stem_0" for problem in form.problems())


def test_a_declared_type_needs_no_form_of_its_own_even_with_rows_in_rows() -> None:
    source = {
        "stem": "Thủ đô là ___",
        "area": [10, 20.5, 30, 40],
        "words": ["Hà Nội", "Huế"],
        "gaps": [
            {
                "id": "g1",
                "kind": "number",
                "answers": [{"text": "Hà Nội", "fraction": 1}, {"text": "HN", "fraction": 0.5}],
            },
            {"id": "g2", "kind": "text", "answers": [{"text": "x", "fraction": 1}]},
        ],
        "shuffle": False,
    }
    form = bound(GAPS, sent(unbound(GAPS, source)))
    assert form.is_valid(), form.problems()
    assert form.source() == source


def test_without_javascript_rows_are_ordered_by_their_place_and_removed_by_a_tick() -> None:
    fields = get_type("single_choice").source_fields
    source = {"stem": "?", "choices": [{"text": text, "correct": text == "b"} for text in "abc"]}
    changes = {
        "body-choices-0-row-order": "3",
        "body-choices-1-row-order": "2",
        "body-choices-2-row-remove": "on",
        "body-choices-3-text_0": "mới",
        "body-choices-3-row-order": "1",
    }
    form = bound(fields, sent(unbound(fields, source), **changes))
    assert form.is_valid(), form.problems()
    assert [row["text"] for row in form.source()["choices"]] == ["mới", "b", "a"]


def test_what_is_wrong_in_a_row_is_said_at_that_row() -> None:
    fields = get_type("numerical").source_fields
    source = {"stem": "?", "answers": [{"value": 1}, {"value": 2}]}
    form = bound(fields, sent(unbound(fields, source), **{"body-answers-1-value": "hai"}))
    assert not form.is_valid()
    assert [problem.id for problem in form.problems()] == ["id_body-answers-1-value"]
    assert "hai" in form.problems()[0].text


def test_what_only_the_type_knows_is_said_where_it_belongs() -> None:
    kind = get_type("single_choice")
    source = {"stem": "?", "choices": [{"text": "a"}, {"text": "b"}]}
    form = bound(kind.source_fields, sent(unbound(kind.source_fields, source)))
    assert form.is_valid()
    body, faults = read_source(kind, form.source())
    assert body is None
    for fault in faults:
        form.place_fault(fault)
    assert [(problem.id, problem.text) for problem in form.problems()] == [
        ("body-choices", "Chưa có phương án đúng: hãy đánh dấu một phương án.")
    ]


def test_a_choice_without_an_id_never_takes_one_that_another_has() -> None:
    kind = get_type("single_choice")
    rows = [{"text": "mới"}, {"id": "b", "text": "x", "correct": True}, {"id": "a", "text": "y"}]
    assert [choice.id for choice in kind.from_source({"stem": "?", "choices": rows}).choices] == ["c", "b", "a"]
