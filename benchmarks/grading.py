"""How fast responses are marked, pure: `python -m benchmarks.grading` measures this alone, without a database."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

SECONDS = 1.0
CHOICE_TYPES = ("single_choice", "multiple_choice", "true_false")
HANDED_IN: Mapping[str, Any] = {  # what only people mark
    "essay": {"text": "Một đoạn văn ngắn."},
    "file_upload": {"files": [{"name": "bang.xlsx", "sha256": "0" * 64, "size": 1000}]},
}
Asked = tuple[Any, Any, Any]


def measure_grading() -> dict[str, float]:
    """Responses marked per core-second: by type, all choice types, and all types mixed; right and wrong ones in turn.

    Whatever a paper draws (the values of calculated questions) is drawn before.
    """
    asked = {name: pairs for name in _bodies() if (pairs := _asked(name))}
    speeds = {name: _per_second(pairs) for name, pairs in asked.items()}
    choice = _per_second([pair for name in CHOICE_TYPES for pair in asked[name]])
    mixed = _per_second([pair for pairs in asked.values() for pair in pairs])
    return {"choice": choice, "mixed": mixed, "types": len(asked), **speeds}


def _bodies() -> Mapping[str, Any]:
    from tests.assessments.samples import BODIES

    return BODIES


def _asked(name: str) -> list[Asked]:
    from assessments.grading.engine import QuestionDefinition
    from assessments.question_types import get_type

    question_type, stored = get_type(name), _bodies()[name]
    body = question_type.Body.model_validate(stored)
    definition = QuestionDefinition(name, stored, f"benchmark {name}")
    if not question_type.is_answered:
        return []
    variant = question_type.make_variant(body, "benchmark")
    shown = question_type.drawn(body, variant)
    right = question_type.correct_response(shown) or HANDED_IN[name]
    wrong = _wrong(right, question_type.permutables(body))
    return [(definition, right, variant), (definition, wrong, variant)]


def _wrong(right: Any, ids: Mapping[str, list[str]]) -> Any:
    """A response of the same form that says something else."""
    if isinstance(right, bool):
        return not right
    if isinstance(right, dict):
        changed = {key: _wrong(value, ids) for key, value in right.items()}
        if len(changed) > 1 and all(isinstance(value, str) for value in right.values()) and "text" not in right:
            return dict(zip(right, [*list(right.values())[1:], next(iter(right.values()))], strict=True))
        return changed
    if isinstance(right, list):
        return right[::-1] if len(right) > 1 else [_wrong(value, ids) for value in right]
    if isinstance(right, str):
        others = [key for keys in ids.values() if right in keys for key in keys if key != right]
        return others[0] if others else f"{right}0"
    return right


def _per_second(pairs: list[Asked]) -> float:
    from assessments.grading.engine import grade

    for definition, response, variant in pairs:
        grade(definition, response, variant)
    count, begun = 0, time.process_time()
    while (spent := time.process_time() - begun) < SECONDS:
        for _ in range(100):
            for definition, response, variant in pairs:
                grade(definition, response, variant)
        count += 100 * len(pairs)
    return round(count / spent)


if __name__ == "__main__":
    from django.conf import settings

    settings.configure(USE_I18N=False)
    print(json.dumps(measure_grading(), indent=2))
