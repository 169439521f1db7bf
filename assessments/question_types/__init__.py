"""Question types: each one module with `question_type` in this package. Pure: no ORM, no Celery, no settings.

A type says how its body and response look (pydantic), how a response is marked, how an HTML form becomes a
response, which fields its author fills in, and which templates show it. Adding one touches nothing else.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import lru_cache
from typing import Any

from assessments.question_types.base import Outcome, QuestionType, State

__all__ = ["Outcome", "QuestionType", "State", "all_types", "get_type"]

AnyType = QuestionType[Any, Any]


@lru_cache(maxsize=1)
def _registry() -> dict[str, AnyType]:
    found: dict[str, AnyType] = {}
    for module_info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{module_info.name}")
        question_type: AnyType | None = getattr(module, "question_type", None)
        if question_type is not None:
            found[question_type.name] = question_type
    return found


def get_type(name: str) -> AnyType:
    """The question type with this name. Raises KeyError."""
    return _registry()[name]


def all_types() -> list[AnyType]:
    """Every question type, by name."""
    return [_registry()[name] for name in sorted(_registry())]
