"""Single choice: exactly one may be chosen; its fraction is the mark, which may be negative."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from pydantic import model_validator

from assessments.question_types.base import UNANSWERED, Key, Outcome, QuestionType, Shape, graded, invalid
from assessments.question_types.choices import (
    ChoiceBody,
    best_choice,
    choice_named,
    choice_text,
    choice_views,
    pinned_choices,
    read_choices,
    right_choices,
    write_choices,
)
from assessments.question_types.editor import SHUFFLE, Fault, choices_field
from assessments.question_types.source import read_common, write_common


class SingleChoiceBody(ChoiceBody):
    """One choice at least is worth something; where none is worth everything, nobody can earn the whole mark."""

    @model_validator(mode="after")
    def _somebody_can_be_right(self) -> SingleChoiceBody:
        if not any(choice.fraction > 0 for choice in self.choices):
            raise Fault(_("No choice is right: tick one."), "choices")
        return self


class SingleChoiceResponse(Shape):
    """The id of the choice."""

    choice: Key | None = None


class SingleChoice(QuestionType[SingleChoiceBody, SingleChoiceResponse]):
    """Pick one."""

    name = "single_choice"
    label = _("Single choice")
    editor = (
        choices_field(help_text=_("Tick the one that is right; tell with each why it is right or wrong.")),
        SHUFFLE,
    )
    Body = SingleChoiceBody
    Response = SingleChoiceResponse

    def is_empty(self, response: SingleChoiceResponse) -> bool:
        return response.choice is None

    def grade(self, body: SingleChoiceBody, response: SingleChoiceResponse, variant: Mapping[str, Any]) -> Outcome:
        if response.choice is None:
            return UNANSWERED
        for choice in body.choices:
            if choice.id == response.choice:
                outcome = graded(choice.fraction, feedback=[choice.feedback])
                return Outcome(outcome.state, outcome.fraction, {choice.id: outcome.state}, outcome.feedback)
        return invalid("there is no such choice")

    def parse_form(self, data: Mapping[str, Sequence[str]], prefix: str, body: SingleChoiceBody) -> dict[str, Any]:
        values = data.get(prefix) or []
        return {"choice": values[0]} if values and values[0] else {}

    def to_form(self, body: SingleChoiceBody, response: SingleChoiceResponse, prefix: str) -> dict[str, list[str]]:
        return {prefix: [response.choice]} if response.choice is not None else {}

    def from_texts(self, body: SingleChoiceBody, response: Mapping[str, Any]) -> dict[str, Any]:
        if response.get("choice") in (None, ""):
            return {**response, "choice": None}
        return {**response, "choice": choice_named(body, response["choice"])}

    def permutables(self, body: SingleChoiceBody) -> dict[str, list[str]]:
        return {"choices": [choice.id for choice in body.choices]} if body.shuffle else {}

    def pinned(self, body: SingleChoiceBody) -> dict[str, frozenset[str]]:
        return pinned_choices(body)

    def from_source(self, source: Mapping[str, Any]) -> SingleChoiceBody:
        body = read_common(source, {"choices", "shuffle"})
        body["choices"] = read_choices(source, right=1.0, wrong=0.0)
        if "shuffle" in source:
            body["shuffle"] = source["shuffle"]
        model = SingleChoiceBody.model_validate(body)
        if sum(1 for row in source["choices"] if row.get("correct")) > 1:
            raise Fault(
                _("More than one choice is right: tick only one, or take the type “Multiple choice”."), "choices"
            )
        return model

    def to_source(self, body: SingleChoiceBody) -> dict[str, Any]:
        before, after = write_common(body)
        rows = write_choices(body, right=1.0, wrong=0.0)
        if sum(1 for row in rows if row.get("correct")) > 1:
            rows = [
                {
                    **{key: value for key, value in row.items() if key != "correct"},
                    "fraction": choice.fraction,
                }
                for row, choice in zip(rows, body.choices, strict=True)
            ]
        shuffle = {} if body.shuffle else {"shuffle": False}
        return {**before, "choices": rows, **shuffle, **after}

    def correct_response(self, body: SingleChoiceBody) -> dict[str, Any]:
        return {"choice": best_choice(body).id}

    def describe_response(self, body: SingleChoiceBody, response: SingleChoiceResponse) -> str:
        return choice_text(body, response.choice) if response.choice else ""

    def view(
        self, body: SingleChoiceBody, response: SingleChoiceResponse | None, variant: Mapping[str, Any]
    ) -> dict[str, Any]:
        chosen = {response.choice} if response and response.choice else set()
        return {"choices": choice_views(body, chosen, variant, right=right_choices(body))}


question_type = SingleChoice()
