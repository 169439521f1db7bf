"""What a question type refuses, said to its author: where, what, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from pydantic import ValidationError

from assessments.authoring.form_fields import out_of_bounds, written
from assessments.question_types import AnyType
from assessments.question_types.editor import Fault

_Context = Mapping[str, Any]
_SENTENCES: dict[str, Callable[[_Context], str]] = {
    "missing": lambda facts: _("This is missing: fill it in."),
    "string_too_short": lambda facts: _("This is empty: fill it in."),
    "string_too_long": lambda facts: (
        _("The text is too long: at most %(most)s signs.") % {"most": written(facts["max_length"])}
    ),
    "too_short": lambda facts: (
        _("At least %(least)s are needed; there are %(number)s.")
        % {"least": facts["min_length"], "number": facts["actual_length"]}
    ),
    "too_long": lambda facts: (
        _("There may be at most %(most)s: take some away.") % {"most": written(facts["max_length"])}
    ),
    "greater_than": lambda facts: _("Type a number above %(least)s.") % {"least": written(facts["gt"])},
    "greater_than_equal": lambda facts: str(out_of_bounds(facts["ge"], None)),
    "less_than": lambda facts: _("Type a number below %(most)s.") % {"most": written(facts["lt"])},
    "less_than_equal": lambda facts: str(out_of_bounds(None, facts["le"])),
    "finite_number": lambda facts: _("Type a number that is not infinite."),
    "int_from_float": lambda facts: _("A whole number is needed here."),
    "bool_type": lambda facts: _("Choose one of the two."),
    "literal_error": lambda facts: _("Choose one of the list."),
}


def read_source(question_type: AnyType, source: Mapping[str, Any]) -> tuple[Any, list[Fault]]:
    """(the body, nothing) of a source form, or (None, everything that is wrong with it)."""
    try:
        return question_type.from_source(source), []
    except ValidationError as problem:
        return None, [_fault(error) for error in problem.errors()]
    except Fault as fault:
        return None, [fault]
    except ValueError as problem:
        return None, [Fault(_("The question cannot be saved like this: %(reason)s.") % {"reason": problem})]


def _fault(error: Any) -> Fault:
    facts = error.get("ctx") or {}
    raised = facts.get("error")
    if isinstance(raised, Fault):
        # A body says the whole path; a row of it says the rest.
        place = raised.place if raised.place and raised.place[: len(error["loc"])] == error["loc"] else None
        return Fault(raised.message, *(place or (*error["loc"], *raised.place)))
    sentence = _SENTENCES.get(error["type"])
    text = sentence(facts) if sentence else _("This does not fit: %(reason)s.") % {"reason": raised or error["msg"]}
    return Fault(text, *error["loc"])
