"""What holds for every question on a picture and every calculated one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessments.grading.engine import QuestionDefinition, grade
from assessments.papers.disguise import disguised_response, disguised_view, names_of, revealed_response
from assessments.question_types import get_type
from tests.assessments.question_types.examples import EXAMPLES
from tests.assessments.test_editor import bound, sent, unbound

NAMES = sorted(EXAMPLES)
any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
keys = st.sampled_from(["a", "b", "c", "1", "2", "3", "4"])
number = st.integers(-50, 700) | st.floats(allow_nan=True, allow_infinity=True)
likely = st.fixed_dictionaries(
    {},
    optional={
        "drops": st.dictionaries(keys, keys, max_size=4),
        "points": st.dictionaries(keys, st.lists(st.lists(number, min_size=2, max_size=2), max_size=5), max_size=3),
        "spots": st.lists(keys, max_size=3),
        "choice": keys,
        "choices": st.lists(keys, max_size=2),
        "text": st.sampled_from(["5,5", "6 m", "550 cm", "x", "", "1e999"]) | st.text(max_size=8),
    },
)
variants = (
    st.none()
    | any_json
    | st.fixed_dictionaries({"values": any_json | st.dictionaries(st.sampled_from("ab"), number, max_size=2)})
)


def definition(name: str) -> QuestionDefinition:
    return QuestionDefinition(name, EXAMPLES[name])


@settings(max_examples=1500, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.sampled_from(NAMES), any_json | likely, variants)
def test_any_json_gives_an_outcome_and_the_same_one_each_time(name: str, response: Any, variant: Any) -> None:
    first, second = grade(definition(name), response, variant), grade(definition(name), response, variant)
    assert first == second
    assert first.fraction is None or -1 <= first.fraction <= 1


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("seed", ["", "1", "2", "3"])
def test_the_right_answer_of_each_paper_earns_everything(name: str, seed: str) -> None:
    kind = get_type(name)
    body = kind.Body.model_validate(EXAMPLES[name])
    variant = kind.make_variant(body, seed)
    right = kind.correct_response(kind.drawn(body, variant))
    assert grade(definition(name), right, variant).fraction == 1
    assert grade(definition(name), kind.correct_response(body)).fraction == 1


@pytest.mark.parametrize("name", NAMES)
def test_the_form_of_a_response_gives_the_response_back(name: str) -> None:
    kind = get_type(name)
    body = kind.Body.model_validate(EXAMPLES[name])
    raw = kind.correct_response(body)
    fields = kind.to_form(body, kind.Response.model_validate(raw), "q7")
    assert kind.parse_form(fields, "q7", body) == raw
    assert kind.parse_form({}, "q7", body) == {}


@pytest.mark.parametrize("name", NAMES)
def test_the_form_of_packs_and_the_authors_form_give_the_body_back(name: str) -> None:
    kind = get_type(name)
    body = kind.Body.model_validate(EXAMPLES[name])
    source = kind.to_source(body)
    assert kind.from_source(source) == body
    assert kind.from_source(json.loads(json.dumps(source))) == body
    form = bound(kind.source_fields, sent(unbound(kind.source_fields, source)))
    assert form.is_valid(), form.problems()
    assert kind.from_source(form.source()) == body


@pytest.mark.parametrize("name", NAMES)
def test_unknown_parts_of_a_picture_or_paper_are_refused_and_not_marked(name: str) -> None:
    strange = {
        "drag_image": {"drops": {"9": "a"}},
        "mark_image": {"points": {"z": [[1, 1]]}},
        "hotspot": {"spots": ["z"]},
        "calculated": {"text": "1", "nonsense": 1},
        "calculated_choice": {"choice": "z"},
    }
    assert grade(definition(name), strange[name]).state == "invalid"
    assert grade(definition(name), {}).state == "unanswered"


@pytest.mark.parametrize("name", NAMES)
def test_a_candidate_is_shown_no_key(name: str) -> None:
    kind = get_type(name)
    body = kind.Body.model_validate(EXAMPLES[name])
    order = {key: list(reversed(ids)) for key, ids in kind.permutables(body).items()}
    variant = {**kind.make_variant(body, "s"), "order": order}
    names = names_of(seed="secret", slot={"slot": 1, "variant": variant})
    right = kind.correct_response(kind.drawn(body, variant))
    shown = disguised_view(kind.view(kind.drawn(body, variant), kind.Response(), variant), names)
    said = json.dumps(shown, ensure_ascii=False)
    for secret in ("fraction", "feedback", '"right"', '"answer"', "accepted", "hits", "is_hit"):
        assert secret not in said
    assert revealed_response(disguised_response(right, names), names) == right
    if name in {"drag_image", "hotspot", "calculated_choice"}:
        offered = {row["id"] for row in shown["choices"]}
        assert offered == set(names.values())
    if name == "mark_image":
        assert "coords" not in said
        assert "100" not in json.dumps(shown["markers"])


@pytest.mark.parametrize("name", NAMES)
def test_everything_readable_is_found_and_a_response_can_be_told(name: str) -> None:
    kind = get_type(name)
    body = kind.Body.model_validate(EXAMPLES[name])
    assert kind.search_text(body)
    told = kind.describe_response(body, kind.Response.model_validate(kind.correct_response(body)))
    assert told
    assert "?" not in told or name == "calculated_choice"
