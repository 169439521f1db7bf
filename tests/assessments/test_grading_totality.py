"""Marking is total: any question, response, variant and tries give an outcome or a refusal, the same each time, soon.

About 3,000 cases in every run; `make test ARGS="tests/assessments/test_grading_totality.py --hypothesis-profile=deep"`
tries more than 100,000. Each type has tests of its own: what Hypothesis remembers of one is free for the next.
"""

from __future__ import annotations

import json
import math
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessments.grading.batch import as_json, as_line
from assessments.grading.behaviours import BEHAVIOURS, play
from assessments.grading.engine import FAULT, QuestionDefinition, grade
from assessments.question_types import Outcome, all_types
from tests.assessments.samples import BODIES

IS_DEEP = settings.get_current_profile_name() == "deep"
MANY, SOME = (4_500, 1_000) if IS_DEEP else (120, 25)  # for each type
MOST_SECONDS = 2.0
TYPES = [one for one in all_types() if one.name in BODIES]
MODELS = {one.name: one.Body.model_validate(BODIES[one.name]) for one in TYPES}


def nested(levels: int) -> Any:
    """A list in a list in a list …"""
    value: Any = []
    for _ in range(levels):
        value = [value]
    return value


HOSTILE = [
    *["", "\0", "\ud800", "\u202e", "a" * 9_999, "a" * 100_000, "*a" * 200, "1" * 199, "9" * 400, "<" * 500, "&#0;"],
    *["1e999", "-1e-999", "0x1f", "٣٫١٤", "1.2.3.4", "½", "İ", "ß", "--1", "e", "{a}", "[[1]]"],
    *[float("nan"), float("inf"), -float("inf"), 1e308, -0.0, 5e-324, 10**400, -(10**400), 2**63, True],
    *[nested(50), [None] * 1_000, {"": ""}, {"x": {}}, {"__proto__": 1}],
]
letters = st.characters(exclude_categories=())
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(letters, max_size=20)
anything = st.recursive(
    scalars | st.sampled_from(HOSTILE),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(letters, max_size=8), inner, max_size=4),
    max_leaves=8,
)


def leaves(value: Any) -> list[Any]:
    """Every scalar in a value, and every key."""
    if isinstance(value, dict):
        return [*value, *[leaf for item in value.values() for leaf in leaves(item)]]
    if isinstance(value, list | tuple):
        return [leaf for item in value for leaf in leaves(item)]
    return [value]


def near(value: Any, known: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Values that look like this one: the same, with parts exchanged, left out, doubled or spoilt."""
    other = known | anything
    if isinstance(value, dict):
        kept = st.fixed_dictionaries({}, optional={key: near(item, known) for key, item in value.items()})
        return (
            st.just(value) | kept | st.builds(lambda a, b: {**a, **b}, kept, st.dictionaries(st.text(), other)) | other
        )
    if isinstance(value, list | tuple):
        items = st.one_of([near(item, known) for item in value[:6]]) if value else known
        return st.just(list(value)) | st.lists(items | known, max_size=len(value) + 2) | st.permutations(value) | other
    return st.just(value) | st.just(value) | known | other


def responses(name: str) -> st.SearchStrategy[Any]:
    """Responses to the sample of a type, from right ones to rubbish."""
    right = MODELS[name] and next(one for one in TYPES if one.name == name).correct_response(MODELS[name])
    body = MODELS[name].model_dump(mode="json")
    return near(right, st.sampled_from([leaf for leaf in leaves(body) if isinstance(leaf, str)] or [""])) | anything


RESPONSES = {name: responses(name) for name in MODELS}
STORED = {name: model.model_dump(mode="json") for name, model in MODELS.items()}
NEARLY = {name: near(body, st.sampled_from(leaves(body))) for name, body in STORED.items()}
VALUES = [drawn["values"] for one in TYPES if (drawn := one.make_variant(MODELS[one.name], "1"))]
values = st.sampled_from(VALUES or [{}]).flatmap(lambda drawn: st.just(drawn) | near(drawn, scalars))
variants = st.fixed_dictionaries(
    {}, optional={"language": st.sampled_from(["vi", "en"]) | anything, "values": values, "order": anything}
)
many = settings(max_examples=MANY, deadline=None, suppress_health_check=list(HealthCheck), print_blob=False)
some = settings(many, max_examples=SOME)
each_type = pytest.mark.parametrize("name", sorted(MODELS))


def agreed(first: Outcome, second: Outcome, begun: float, *, least: float = -1, most: float = 1) -> None:
    """What must hold of the two outcomes of the same."""
    assert time.process_time() - begun < MOST_SECONDS
    assert first == second
    assert (first.fraction is None) == (first.state in ("invalid", "needs_marking"))
    assert first.fraction is None or (math.isfinite(first.fraction) and least <= first.fraction <= most)
    assert bool(first.reason) == (first.state == "invalid")
    assert not first.reason.startswith(FAULT), first.reason
    json.loads(as_json(as_line("1", "2", first, 1.0)))


def test_every_type_takes_part() -> None:
    assert {one.name for one in all_types()} == set(BODIES)


@each_type
@many
@given(drawn=st.data(), variant=variants | anything)
def test_any_response_gives_an_outcome(name: str, drawn: st.DataObject, variant: Any) -> None:
    response = drawn.draw(RESPONSES[name])
    definition = QuestionDefinition(name, STORED[name], f"total-{name}")
    begun = time.process_time()
    agreed(grade(definition, response, variant), grade(definition, response, variant), begun)


@each_type
@some
@given(drawn=st.data(), variant=variants)
def test_any_question_gives_an_outcome(name: str, drawn: st.DataObject, variant: Any) -> None:
    body, response = drawn.draw(NEARLY[name]), drawn.draw(RESPONSES[name])
    definition = QuestionDefinition(name, body)
    begun = time.process_time()
    agreed(grade(definition, response, variant), grade(definition, response, variant), begun)


@each_type
@some
@given(
    drawn=st.data(),
    behaviour=st.sampled_from(sorted(BEHAVIOURS)),
    certainties=st.lists(st.sampled_from([None, 1, 2, 3]), max_size=4),
)
def test_any_tries_give_an_outcome(name: str, drawn: st.DataObject, behaviour: str, certainties: list[Any]) -> None:
    tries = drawn.draw(st.lists(RESPONSES[name], max_size=4))
    definition = QuestionDefinition(name, {**STORED[name], "hints": ["1", "2"]}, f"total-tries-{name}")
    begun = time.process_time()
    outcomes = [play(behaviour, definition, tries, {}, certainties) for _ in range(2)]
    least, most = (-6, 3) if behaviour.endswith("certainty") else (-1, 1)
    agreed(outcomes[0], outcomes[1], begun, least=least, most=most)


@each_type
def test_depth_and_size_are_refused_too(name: str) -> None:
    deep, begun = nested(50_000), time.process_time()
    definition = QuestionDefinition(name, STORED[name], f"total-{name}")
    fields = next(one for one in TYPES if one.name == name).Response.model_fields
    for response in [deep, *[{field: spoilt} for field in fields for spoilt in (deep, {"a": deep}, "a" * 10**7)]]:
        assert grade(definition, response, {"language": deep}).state in ("invalid", "wrong")
        assert play("interactive", definition, [response, deep]).fraction in (None, 0)
    assert grade(QuestionDefinition(name, deep), {}).state == "invalid"
    assert grade(QuestionDefinition(name, {**STORED[name], "stem": deep}), {}).state == "invalid"
    assert time.process_time() - begun < 10 * MOST_SECONDS
