"""What holds of every question type, whatever the body and the response."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

from django.template.loader import render_to_string
from hypothesis import strategies as st

from assessments.grading.engine import QuestionDefinition, grade
from assessments.papers.disguise import disguised_response, disguised_view, names_of, revealed_response
from assessments.papers.drawing import draw_order
from assessments.question_types import get_type

any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=10), inner, max_size=5),
    max_leaves=12,
)


def nearly(*keys: str, values: list[Any]) -> st.SearchStrategy[Any]:
    """Responses that have the right keys, and values of which some fit."""
    return st.dictionaries(st.sampled_from(keys), any_json | st.sampled_from(values), max_size=len(keys))


def body_of(type_name: str, source: Mapping[str, Any]) -> Any:
    """The body from the form of packs."""
    return get_type(type_name).from_source(source)


def marked(type_name: str, body: Any, response: Any, variant: Any = None) -> Any:
    """The outcome as the engine gives it."""
    return grade(QuestionDefinition(type_name, body.model_dump(mode="json")), response, variant)


def check_total(type_name: str, body: Any, response: Any) -> None:
    """Any response gives an outcome, and the same one each time; tries count back to a fraction."""
    kind = get_type(type_name)
    outcome = marked(type_name, body, response)
    assert outcome == marked(type_name, body, response)
    assert outcome.fraction is None or -1 <= outcome.fraction <= 1
    assert (outcome.fraction is None) == (outcome.state in ("invalid", "needs_marking"))
    if outcome.state != "invalid" and isinstance(response, dict):
        answer = kind.Response.model_validate(response)
        assert isinstance(kind.describe_response(body, answer), str)
        kind.view(body, answer, {})
        if kind.counts_back:
            assert 0 <= kind.final_fraction(body, [answer, answer], {}) <= 1 + 1e-9


def check_laws(type_name: str, body: Any) -> None:
    """The right answer earns everything and goes through the form; sources and JSON give the body back."""
    kind = get_type(type_name)
    right = kind.correct_response(body)
    outcome = marked(type_name, body, right)
    assert (outcome.state, outcome.fraction) == ("right", 1.0)
    check_form(type_name, body, right)
    assert kind.from_source(kind.to_source(body)) == body
    assert kind.Body.model_validate_json(body.model_dump_json()) == body
    if kind.counts_back:
        model = kind.Response.model_validate(right)
        assert abs(kind.final_fraction(body, [model], {}) - 1) < 1e-9


def check_form(type_name: str, body: Any, response: Mapping[str, Any]) -> None:
    """What the form says of a response is the response."""
    kind = get_type(type_name)
    form = kind.to_form(body, kind.Response.model_validate(response), "q7")
    assert kind.parse_form(form, "q7", body) == response


def candidate(type_name: str, body: Any, response: Mapping[str, Any] | None = None, seed: str = "s") -> Any:
    """(the page, the view, names) that a candidate gets in a paper drawn from `seed`."""
    kind = get_type(type_name)
    order = draw_order(kind.permutables(body), chance=Random(seed))
    slot = {"slot": 7, "variant": {"order": order}}
    names = names_of(seed=seed, slot=slot)
    answer = kind.Response.model_validate(response or {})
    view = disguised_view(kind.view(body, answer, slot["variant"]), names)
    html = render_to_string(kind.template, {"slot": {"slot": 7, "body": body}, "view": view})
    sent = disguised_response(response or {}, names)
    assert revealed_response(sent, names) == (response or {})
    return html, view, names


def result(type_name: str, body: Any, response: Mapping[str, Any]) -> str:
    """The page of the marked answer."""
    kind = get_type(type_name)
    view = kind.view(body, kind.Response.model_validate(response), {})
    return render_to_string(kind.result_template, {"slot": {"slot": 7, "body": body}, "view": view})
