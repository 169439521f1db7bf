"""`grade`: pure, deterministic and total. Any JSON gives an outcome, never an exception."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pydantic import ValidationError

from assessments.question_types import Outcome, QuestionType, get_type
from assessments.question_types.base import UNANSWERED, Body, invalid
from common.digests import canonical_json

ENGINE_VERSION = "1.0"
_EMPTY: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class QuestionDefinition:
    """What is asked: type and stored body. `digest` identifies them; definitions with equal digests are equal."""

    type: str
    body: Any
    digest: str = ""


def grade(definition: QuestionDefinition, response: Any, variant: Any = None) -> Outcome:
    """Mark `response` (JSON) to a question. `variant` holds the orders and values of the paper.

    Unusable definitions and responses give the state `invalid` with the reason.
    """
    try:
        compiled = _compile(definition)
    except (KeyError, ValidationError, ValueError, TypeError, RecursionError) as problem:
        return invalid(f"the question cannot be read: {type(problem).__name__}")
    question_type, body = compiled
    if response is None or response == {}:
        return UNANSWERED
    try:
        answer = question_type.Response.model_validate(response)
    except (ValidationError, ValueError, TypeError, RecursionError):
        return invalid("the response does not have the form of this question type")
    if question_type.is_empty(answer):
        return UNANSWERED
    return question_type.grade(body, answer, variant if isinstance(variant, Mapping) else _EMPTY)


def _compile(definition: QuestionDefinition) -> tuple[QuestionType[Any, Any], Body]:
    if definition.digest:
        cached = _by_digest.get(definition.digest)
        if cached is not None:
            return cached
        compiled = _parse(definition.type, definition.body)
        if len(_by_digest) >= 20_000:
            _by_digest.clear()
        _by_digest[definition.digest] = compiled
        return compiled
    return _parse_text(definition.type, canonical_json(definition.body))


_by_digest: dict[str, tuple[QuestionType[Any, Any], Body]] = {}


@lru_cache(maxsize=1024)
def _parse_text(type_name: str, body: bytes) -> tuple[QuestionType[Any, Any], Body]:
    question_type = get_type(type_name)
    return question_type, question_type.Body.model_validate_json(body)


def _parse(type_name: str, body: Any) -> tuple[QuestionType[Any, Any], Body]:
    question_type = get_type(type_name)
    return question_type, question_type.Body.model_validate(body)
