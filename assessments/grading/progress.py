"""How far a question is while it is answered: tries made and left, whether it is closed, what the last try came to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assessments.grading.engine import QuestionDefinition, Unusable, grade, open_question, read_response
from assessments.grading.sitting import DEFERRED, Tries
from assessments.question_types import Outcome, State

ONE_TRY = frozenset({"immediate", "immediate_certainty"})


@dataclass(frozen=True, slots=True)
class Progress:
    """`tries_left` is None where tries are not counted; `outcome` is that of the last try by itself, None before it."""

    tries: int
    tries_left: int | None
    is_closed: bool
    outcome: Outcome | None
    hint: str = ""


def progress_of(behaviour: str, definition: QuestionDefinition, variant: Mapping[str, Any], tries: Tries) -> Progress:
    """The progress of one question; a closed one takes no more answers. Raises Unusable for an unreadable question."""
    made = tries.committed
    if behaviour in DEFERRED:
        return Progress(0, None, False, None)
    outcome = grade(definition, tries.responses[made - 1], variant) if made else None
    is_right = outcome is not None and outcome.state is State.RIGHT
    if behaviour in ONE_TRY:
        return Progress(made, max(1 - made, 0), made > 0, outcome)
    if behaviour != "interactive":
        return Progress(made, None, is_right, outcome)
    hints = open_question(definition)[1].hints
    is_closed = is_right or made > len(hints)
    hint = hints[made - 1] if made and not is_closed else ""
    return Progress(made, 0 if is_closed else len(hints) + 1 - made, is_closed, outcome, hint)


def is_complete(definition: QuestionDefinition, response: Any, variant: Mapping[str, Any]) -> bool:
    """Whether an answer has all its parts, so that it can be checked."""
    try:
        question_type, body = open_question(definition)
        answer = read_response(question_type, response)
    except Unusable:
        return False
    return answer is not None and question_type.is_complete(body, answer, variant)
