"""`grade`: pure, deterministic and total. Any JSON gives an outcome, never an exception."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

from pydantic import ValidationError

from assessments.question_types import AnyType, Outcome, get_type
from assessments.question_types.base import UNANSWERED, Body, Shape, invalid
from common.digests import canonical_json

ENGINE_VERSION = "1.2"
FAULT = "the response cannot be marked: "
MOST_KEPT = 20_000
_EMPTY: Mapping[str, Any] = {}
# What a type may raise on a question or response that nobody foresaw. It is a defect of the type: the outcome says
# which (FAULT), so that one question spoils neither a paper nor a run, and the tests look for it.
_DEFECTS = (ArithmeticError, LookupError, ValueError, TypeError, AttributeError, RecursionError)


@dataclass(frozen=True, slots=True)
class QuestionDefinition:
    """What is asked: type and stored body. `digest` identifies them; definitions with equal digests are equal."""

    type: str
    body: Any
    digest: str = ""


class Unusable(Exception):
    """A question or a response that cannot be read; `outcome` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.outcome = invalid(reason)


def grade(definition: QuestionDefinition, response: Any, variant: Any = None) -> Outcome:
    """Mark `response` (JSON) to a question. `variant` holds the orders and values of the paper, and the `language`
    (vi, en) by whose notation numbers are read.

    Unusable definitions and responses give the state `invalid` with the reason.
    """
    try:
        question_type, body = open_question(definition)
        answer = read_response(question_type, response)
    except Unusable as problem:
        return problem.outcome
    if answer is None:
        return UNANSWERED
    return mark(question_type, body, answer, variant if isinstance(variant, Mapping) else _EMPTY)


Question: TypeAlias = tuple[AnyType, Body]


def open_question(definition: QuestionDefinition) -> Question:
    """The type and the body as its model, kept for the next time. Raises Unusable."""
    if definition.digest:
        cached = _by_digest.get(definition.digest)
        if cached is not None:
            return cached
    try:
        if not definition.digest:
            return _parse_text(definition.type, canonical_json(definition.body))
        question_type = get_type(definition.type)
        opened = question_type, question_type.Body.model_validate(definition.body)
    except (KeyError, ValidationError, ValueError, TypeError, RecursionError) as problem:
        raise Unusable(f"the question cannot be read: {type(problem).__name__}") from problem
    if len(_by_digest) >= MOST_KEPT:
        _by_digest.clear()
    _by_digest[definition.digest] = opened
    return opened


_by_digest: dict[str, Question] = {}


@lru_cache(maxsize=1024)
def _parse_text(type_name: str, body: bytes) -> Question:
    question_type = get_type(type_name)
    return question_type, question_type.Body.model_validate_json(body)


def read_response(question_type: AnyType, response: Any) -> Shape | None:
    """The response as the model of its type; None when nothing was answered. Raises Unusable."""
    if response is None or response == {}:
        return None
    try:
        answer: Shape = question_type.Response.model_validate(response)
        return None if question_type.is_empty(answer) else answer
    except (ValidationError, *_DEFECTS) as problem:
        raise Unusable("the response does not have the form of this question type") from problem


def mark(question_type: AnyType, body: Body, answer: Shape, variant: Mapping[str, Any]) -> Outcome:
    """What the type gives for an answer that has its form; the state `invalid` where it fails."""
    try:
        return question_type.grade(body, answer, variant)
    except _DEFECTS as problem:
        return invalid(f"{FAULT}{type(problem).__name__}")
