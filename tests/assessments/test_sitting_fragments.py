"""Questions put together from parts that were rendered once say exactly what the types' own templates say."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.utils import translation

from assessments import fragments
from assessments.grading.engine import QuestionDefinition, open_question
from assessments.papers.disguise import disguised_view
from assessments.papers.review import EVERYTHING
from assessments.showing import result_slots
from common.digests import digest_of
from tests.assessments.papers import BODIES
from tests.factories import make_person, make_quiz, sit

CHOICES = ["single_choice", "multiple_choice"]


def definition_of(name: str, body: dict[str, Any] | None = None) -> QuestionDefinition:
    stored = body or BODIES[name]
    return QuestionDefinition(name, stored, digest_of({"type": name, "body": stored}))


def folded(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r">\s+<", "><", html)).strip()


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("name", sorted(BODIES))
def test_an_untouched_form_is_that_of_the_template_in_every_order(name: str, language: str) -> None:
    definition = definition_of(name)
    question_type, body = open_question(definition)
    permutables = question_type.permutables(body)
    with translation.override(language):
        for number, turn in enumerate((1, 2, 1)):
            order = {key: [*ids[turn:], *ids[:turn]] for key, ids in permutables.items()}
            variant = {**question_type.make_variant(body, "x"), **({"order": order} if order else {})}
            names = {key: f"ten{key}" for ids in order.values() for key in ids}
            slot = {"slot": 40 + number, "variant": variant}
            drawn = question_type.drawn(body, variant)
            view = disguised_view(question_type.view(drawn, question_type.Response(), variant), names)
            plain = fragments.render(
                question_type.template, {"slot": {"slot": slot["slot"]}, "view": view, "body": drawn}
            )
            assert folded(fragments.untouched_html(slot, definition, names)) == folded(plain)


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("name", CHOICES)
@pytest.mark.parametrize("chosen", [[], ["a"], ["b"], ["b", "c"]])
def test_a_marked_answer_is_that_of_the_template_in_every_order(name: str, chosen: list[str], language: str) -> None:
    definition = definition_of(name)
    question_type, body = open_question(definition)
    ids = [choice.id for choice in body.choices]  # type: ignore[attr-defined]
    response = {"choices": chosen} if name == "multiple_choice" else {"choice": chosen[0]} if chosen else {}
    with translation.override(language):
        for turn in (0, 1, 2):
            variant = {"order": {"choices": [*ids[turn:], *ids[:turn]]}}
            view = question_type.view(body, question_type.Response.model_validate(response), variant)
            plain = fragments.render(question_type.result_template, {"slot": {"slot": 1}, "view": view, "body": body})
            assert folded(fragments.marked_html({"variant": variant}, definition, response)) == folded(plain)


@pytest.mark.parametrize("name", CHOICES)
def test_a_text_with_the_characters_of_placeholders_is_shown_as_it_is(name: str) -> None:
    body = {**BODIES[name], "stem": f"<p>{fragments.SLOT}{fragments.LETTER}</p>"}
    body["choices"] = [{**row, "text": f"{row['text']} {fragments.SLOT}"} for row in body["choices"]]
    definition = definition_of(name, body)
    html = fragments.untouched_html({"slot": 7, "variant": {}}, definition, {})
    assert html.count(fragments.SLOT) == len(body["choices"])
    assert fragments.marked_html({"variant": {}}, definition, {}) == ""


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize(
    "shown", [EVERYTHING, frozenset({"response", "marks"}), frozenset({"feedback"}), frozenset({"right_answer"})]
)
def test_a_marked_question_is_that_of_the_template(shown: frozenset[str], language: str) -> None:
    sitting = sit(make_quiz(count=3), make_person(), right=2)
    with translation.override(language):
        for _again in range(2):
            for slot in result_slots(sitting, shown=shown):
                plain = fragments.render(fragments.RESULT_QUESTION, {"slot": slot})
                assert folded(slot.marked_question) == folded(plain)
                assert fragments.OPEN not in slot.marked_question
