"""Multiple choice: any number may be chosen; fractions add up, not below nothing and not above everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from django.utils.translation import gettext_lazy as _
from pydantic import Field, model_validator

from assessments.question_types.base import (
    UNANSWERED,
    Key,
    Outcome,
    QuestionType,
    Shape,
    State,
    graded,
    invalid,
)
from assessments.question_types.choices import (
    ChoiceBody,
    choice_text,
    choice_views,
    choices_named,
    pinned_choices,
    read_choices,
    write_choices,
)
from assessments.question_types.editor import SHUFFLE, Choice, Fault, choices_field
from assessments.question_types.source import read_common, write_common


class MultipleChoiceBody(ChoiceBody):
    """Choices worth more than nothing are the right ones.

    `partial` adds the fractions of what was chosen and keeps the sum within 0 and 1; `all_or_nothing` gives everything
    for exactly the right ones and nothing else.
    """

    scoring: Literal["partial", "all_or_nothing"] = "partial"

    @model_validator(mode="after")
    def _somebody_can_be_right(self) -> MultipleChoiceBody:
        if not any(choice.fraction > 0 for choice in self.choices):
            raise Fault(_("No choice is right: tick one or more."), "choices")
        return self


class MultipleChoiceResponse(Shape):
    """Ids of the choices."""

    choices: Annotated[tuple[Key, ...], Field(max_length=20)] = ()


class MultipleChoice(QuestionType[MultipleChoiceBody, MultipleChoiceResponse]):
    """Pick all that apply."""

    name = "multiple_choice"
    label = _("Multiple choice")
    editor = (
        choices_field(help_text=_("Tick all that are right; tell with each why it is right or wrong.")),
        Choice(
            name="scoring",
            label=_("Marking"),
            options=[
                ("partial", _("In part: right choices add, wrong ones take away")),
                ("all_or_nothing", _("All or nothing: exactly the right choices")),
            ],
        ),
        SHUFFLE,
    )
    Body = MultipleChoiceBody
    Response = MultipleChoiceResponse

    def is_empty(self, response: MultipleChoiceResponse) -> bool:
        return not response.choices

    def is_same(self, one: MultipleChoiceResponse, other: MultipleChoiceResponse) -> bool:
        return set(one.choices) == set(other.choices)

    def grade(self, body: MultipleChoiceBody, response: MultipleChoiceResponse, variant: Mapping[str, Any]) -> Outcome:
        if not response.choices:
            return UNANSWERED
        chosen = set(response.choices)
        fractions = {choice.id: choice.fraction for choice in body.choices}
        if len(chosen) != len(response.choices) or not chosen <= set(fractions):
            return invalid("there is no such choice, or one is there twice")
        right = {key for key, fraction in fractions.items() if fraction > 0}
        if body.scoring == "all_or_nothing":
            fraction = 1.0 if chosen == right else 0.0
        else:
            fraction = min(max(sum(fractions[key] for key in fractions if key in chosen), 0.0), 1.0)
        parts = {key: State.RIGHT if key in right else State.WRONG for key in fractions if key in chosen}
        return graded(fraction, parts=parts, feedback=[c.feedback for c in body.choices if c.id in chosen])

    def parse_form(self, data: Mapping[str, Sequence[str]], prefix: str, body: MultipleChoiceBody) -> dict[str, Any]:
        values = [value for value in data.get(prefix) or [] if value]
        return {"choices": values} if values else {}

    def to_form(self, body: MultipleChoiceBody, response: MultipleChoiceResponse, prefix: str) -> dict[str, list[str]]:
        return {prefix: list(response.choices)} if response.choices else {}

    def from_texts(self, body: MultipleChoiceBody, response: Mapping[str, Any]) -> dict[str, Any]:
        texts = response.get("choices")
        if not isinstance(texts, list):
            return dict(response)
        return {**response, "choices": choices_named(body, texts)}

    def permutables(self, body: MultipleChoiceBody) -> dict[str, list[str]]:
        return {"choices": [choice.id for choice in body.choices]} if body.shuffle else {}

    def pinned(self, body: MultipleChoiceBody) -> dict[str, frozenset[str]]:
        return pinned_choices(body)

    def from_source(self, source: Mapping[str, Any]) -> MultipleChoiceBody:
        body = read_common(source, {"choices", "shuffle", "scoring"})
        body["choices"] = read_choices(source, right=None, wrong=None)
        for key in ("shuffle", "scoring"):
            if key in source:
                body[key] = source[key]
        return MultipleChoiceBody.model_validate(body)

    def to_source(self, body: MultipleChoiceBody) -> dict[str, Any]:
        before, after = write_common(body)
        extra: dict[str, Any] = {} if body.scoring == "partial" else {"scoring": body.scoring}
        if not body.shuffle:
            extra["shuffle"] = False
        return {**before, "choices": write_choices(body, right=None, wrong=None), **extra, **after}

    def correct_response(self, body: MultipleChoiceBody) -> dict[str, Any]:
        return {"choices": [choice.id for choice in body.choices if choice.fraction > 0]}

    def describe_response(self, body: MultipleChoiceBody, response: MultipleChoiceResponse) -> str:
        return "; ".join(choice_text(body, key) for key in response.choices)

    def view(
        self, body: MultipleChoiceBody, response: MultipleChoiceResponse | None, variant: Mapping[str, Any]
    ) -> dict[str, Any]:
        chosen = set(response.choices) if response else set()
        right = {choice.id for choice in body.choices if choice.fraction > 0}
        return {"choices": choice_views(body, chosen, variant, right=right)}


question_type = MultipleChoice()
