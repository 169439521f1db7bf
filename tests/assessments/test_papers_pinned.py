"""A pinned choice: written by its author, stored, carried by every file, and last in every paper."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
from django.http import QueryDict
from django.template.loader import render_to_string

from assessments.authoring.source_form import RowForm
from assessments.formats import ParsedQuestion, all_formats
from assessments.models import Question
from assessments.question_types import get_type
from assessments.services import create_bank, create_question, ensure_category
from assessments.services.papers import load_candidates
from tests.assessments.forms import form_data
from tests.conftest import NOW

CHOICES = [
    {"text": "Bàn phím", "correct": True},
    {"text": "Màn hình"},
    {"text": "Không thiết bị nào ở trên", "pinned": True},
]
SOURCES: dict[str, dict[str, Any]] = {
    "single_choice": {"stem": "Thiết bị vào?", "choices": CHOICES},
    "multiple_choice": {"stem": "Những thiết bị vào?", "choices": CHOICES},
    "calculated_choice": {"stem": "{a} gấp đôi?", "variables": [{"name": "a"}], "choices": CHOICES},
    "cloze": {"stem": "Chọn {#1}.", "parts": [{"kind": "multiple_choice_one", "choices": CHOICES}]},
}


def pinned_of(name: str) -> dict[str, frozenset[str]]:
    kind = get_type(name)
    return kind.pinned(kind.from_source(SOURCES[name]))


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_a_pinned_choice_comes_back_from_what_its_author_wrote(name: str) -> None:
    kind = get_type(name)
    body = kind.from_source(SOURCES[name])
    assert kind.from_source(kind.to_source(body)) == body
    assert list(pinned_of(name).values()) == [frozenset("c")]
    assert set(pinned_of(name)) <= set(kind.permutables(body))


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_the_editor_of_choices_has_a_field_for_it(name: str) -> None:
    kind = get_type(name)
    form = RowForm(
        None,
        declared=kind.source_fields,
        prefix="body",
        initial=kind.to_source(kind.from_source(SOURCES[name])),
        is_new=False,
    )
    page = render_to_string("assessments/admin/parts.html", {"parts": [*form.open_parts, *form.folded_parts]})
    assert "Giữ nguyên chỗ" in page
    data = QueryDict(mutable=True)
    for key, value in form_data(f'<form id="question">{page}</form>', "question").items():
        data.setlist(key, value if isinstance(value, list) else [value])
    sent = RowForm(data, declared=kind.source_fields, prefix="body", initial={}, is_new=False)
    assert sent.is_valid(), sent.problems()
    assert kind.pinned(kind.from_source(sent.source())) == pinned_of(name)


def test_choices_without_a_pin_are_stored_as_they_were_before_there_were_pins() -> None:
    kind = get_type("single_choice")
    body = kind.from_source({**SOURCES["single_choice"], "choices": CHOICES[:2]}).model_dump(mode="json")
    assert all(set(choice) == {"id", "text", "fraction", "feedback"} for choice in body["choices"])
    stored = kind.from_source(SOURCES["single_choice"]).model_dump(mode="json")
    assert [choice.get("pinned") for choice in stored["choices"]] == [None, None, True]


def test_what_is_not_shuffled_has_no_pins() -> None:
    kind = get_type("single_choice")
    assert kind.pinned(kind.from_source({**SOURCES["single_choice"], "shuffle": False})) == {}
    with pytest.raises(ValueError, match="pinned"):
        kind.from_source({**SOURCES["single_choice"], "choices": [*CHOICES, {"text": "x", "pinned": "yes"}]})


@pytest.mark.parametrize("name", ["single_choice", "multiple_choice", "cloze"])
@pytest.mark.parametrize("form", sorted(set(all_formats()) - {"aiken"}))
def test_files_bring_a_pinned_choice_back(name: str, form: str) -> None:
    kind = all_formats()[form]
    body = get_type(name).from_source(SOURCES[name])
    question = ParsedQuestion(ref="", name="Thiết bị", type=name, body=body.model_dump(mode="json"))
    file = io.BytesIO()
    refused = kind.write([question], file, title="Ngân hàng")
    if refused:
        pytest.skip(f"{form} does not write {name}")
    (found,) = [replace(item, ref="", notes=()) for item in kind.read(io.BytesIO(file.getvalue()))]  # type: ignore[type-var]
    assert isinstance(found, ParsedQuestion)
    read = get_type(found.type)
    assert read.pinned(read.Body.model_validate(found.body)) == pinned_of(name)


@pytest.mark.django_db
def test_a_question_of_the_bank_brings_its_pins_into_the_draw() -> None:
    bank = create_bank(slug="ghim", title="Ghim", by=None)
    body = get_type("single_choice").from_source(SOURCES["single_choice"]).model_dump(mode="json")
    question: Question = create_question(
        bank=bank,
        category=ensure_category(bank=bank, path=["Chương"]),
        idnumber="g1",
        name="Thiết bị",
        type="single_choice",
        body=body,
        status="ready",
        by=None,
        at=NOW,
    )
    assert load_candidates([question.pk])[question.pk].pinned == {"choices": frozenset("c")}
