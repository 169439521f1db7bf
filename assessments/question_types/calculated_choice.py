"""Calculated choice: choices whose texts hold values and results, marked as single or multiple choice."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal, Self

from django.utils.translation import gettext_lazy as _
from pydantic import Field, model_validator

from assessments.question_types.base import UNANSWERED, Key, Outcome, QuestionType, Shape, invalid
from assessments.question_types.calculation import (
    SHOWN,
    VALUE_KEYS,
    VALUES,
    ShownNumber,
    ValuesBody,
    back_in_html,
    back_in_source,
    drawn_values,
    filled_in,
    formulas_in,
    hidden_formulas,
    hidden_in_html,
    read_values,
    values_of,
    with_values,
    write_values,
)
from assessments.question_types.choices import (
    Choice,
    ChoiceBody,
    best_choice,
    choice_text,
    choice_views,
    choices_named,
    pinned_choices,
    read_choices,
    right_choices,
    write_choices,
)
from assessments.question_types.editor import SHUFFLE, Fault, Flag, Place, choices_field
from assessments.question_types.editor import Choice as Option
from assessments.question_types.multiple_choice import MultipleChoiceBody, MultipleChoiceResponse
from assessments.question_types.multiple_choice import question_type as multiple_choice
from assessments.question_types.single_choice import SingleChoiceBody, SingleChoiceResponse
from assessments.question_types.single_choice import question_type as single_choice
from assessments.question_types.source import listed, read_common, write_common

_DECIMALS = re.compile(r"([0-9]+)[.,]([0-9]+)(?![.,]?[0-9])")
CHOICES = choices_field(help_text=_("Write {a} for a value and {={a}*2} for a result. Tick what is right."))


class CalculatedChoiceRow(Choice, ShownNumber):
    """A choice, and how the results in it are rounded."""


class CalculatedChoiceBody(ValuesBody, ChoiceBody):
    """One choice is right, or with `multiple` those that are worth more than nothing."""

    choices: Annotated[tuple[CalculatedChoiceRow, ...], Field(min_length=2, max_length=20)]
    multiple: bool = False
    scoring: Literal["partial", "all_or_nothing"] = "partial"

    def with_texts(self, change: Callable[[str], str]) -> Self:
        """With those of its choices."""
        choices = tuple(
            row.model_copy(update={"text": change(row.text), "feedback": change(row.feedback)}) for row in self.choices
        )
        return super().with_texts(change).model_copy(update={"choices": choices})

    def formulas(self) -> Iterable[tuple[str, Place]]:
        """With those of its choices."""
        yield from super().formulas()
        for number, row in enumerate(self.choices):
            for key in ("text", "feedback"):
                yield from ((formula, ("choices", number, key)) for formula in formulas_in(getattr(row, key)))

    @model_validator(mode="after")
    def _somebody_can_be_right(self) -> Self:
        if not any(choice.fraction > 0 for choice in self.choices):
            one_or_more = _("No choice is right: tick one or more.")
            raise Fault(one_or_more if self.multiple else _("No choice is right: tick one."), "choices")
        return self


class CalculatedChoiceResponse(Shape):
    """The id of the choice, or with `multiple` those of the choices."""

    choice: Key | None = None
    choices: Annotated[tuple[Key, ...], Field(max_length=20)] = ()


class CalculatedChoice(QuestionType[CalculatedChoiceBody, CalculatedChoiceResponse]):
    """Pick what is calculated right."""

    name = "calculated_choice"
    label = _("Calculated choice")
    editor = (
        *VALUES,
        replace(CHOICES, fields=(*CHOICES.fields, *SHOWN)),
        Flag(name="multiple", label=_("Several may be chosen")),
        Option(
            name="scoring",
            label=_("Marking when several may be chosen"),
            options=[
                ("partial", _("In part: right choices add, wrong ones take away")),
                ("all_or_nothing", _("All or nothing: exactly the right choices")),
            ],
            folded=True,
        ),
        SHUFFLE,
    )
    Body = CalculatedChoiceBody
    Response = CalculatedChoiceResponse

    def is_empty(self, response: CalculatedChoiceResponse) -> bool:
        return response.choice is None and not response.choices

    def grade(
        self, body: CalculatedChoiceBody, response: CalculatedChoiceResponse, variant: Mapping[str, Any]
    ) -> Outcome:
        if self.is_empty(response):
            return UNANSWERED
        if body.multiple != (response.choice is None) or (response.choices and not body.multiple):
            return invalid("the response does not have the form of this question")
        if body.multiple:
            many = MultipleChoiceBody.model_construct(choices=body.choices, scoring=body.scoring)
            return multiple_choice.grade(many, MultipleChoiceResponse(choices=response.choices), variant)
        one = SingleChoiceBody.model_construct(choices=body.choices)
        return single_choice.grade(one, SingleChoiceResponse(choice=response.choice), variant)

    def make_variant(self, body: CalculatedChoiceBody, seed: str) -> dict[str, Any]:
        return {"values": drawn_values(body, seed)}

    def drawn(self, body: CalculatedChoiceBody, variant: Mapping[str, Any]) -> CalculatedChoiceBody:
        values = values_of(body, variant)
        if values is None:
            return body
        choices = tuple(
            row.model_copy(
                update={key: filled_in(body, getattr(row, key), values, row) for key in ("text", "feedback")}
            )
            for row in body.choices
        )
        return with_values(body.model_copy(update={"choices": choices}), variant)

    def parse_form(self, data: Mapping[str, Sequence[str]], prefix: str, body: CalculatedChoiceBody) -> dict[str, Any]:
        values = [value for value in data.get(prefix) or [] if value]
        if not values:
            return {}
        return {"choices": values} if body.multiple else {"choice": values[0]}

    def to_form(
        self, body: CalculatedChoiceBody, response: CalculatedChoiceResponse, prefix: str
    ) -> dict[str, list[str]]:
        chosen = _chosen(response)
        return {prefix: chosen} if chosen else {}

    def from_texts(self, body: CalculatedChoiceBody, response: Mapping[str, Any]) -> dict[str, Any]:
        """By the texts as they are shown: of the body as drawn, or else with the values that stand for none.

        The numbers in them may be written in either notation, and with fewer zeros at their ends.
        """
        shown = self.drawn(body, {})
        if isinstance(response.get("choices"), list):
            return {**response, "choices": _named(shown, response["choices"])}
        if response.get("choice") is not None:
            return {**response, "choice": _named(shown, [response["choice"]])[0]}
        return dict(response)

    def permutables(self, body: CalculatedChoiceBody) -> dict[str, list[str]]:
        return {"choices": [choice.id for choice in body.choices]} if body.shuffle else {}

    def pinned(self, body: CalculatedChoiceBody) -> dict[str, frozenset[str]]:
        return pinned_choices(body)

    def from_source(self, source: Mapping[str, Any]) -> CalculatedChoiceBody:
        kept: list[str] = []
        hidden = hidden_formulas(source, kept)
        body = read_common(hidden, {"choices", "shuffle", "multiple", "scoring", *VALUE_KEYS})
        body |= read_values(source)
        known = {"text", "correct", "fraction", "feedback", "id", "pinned", "decimals", "significant"}
        rows = listed(hidden, "choices", known)
        right, wrong = (None, None) if source.get("multiple") is True else (1.0, 0.0)
        bare = [{key: value for key, value in row.items() if key not in ShownNumber.model_fields} for row in rows]
        body["choices"] = [
            {**choice, **{key: row[key] for key in ShownNumber.model_fields if key in row}}
            for choice, row in zip(read_choices({"choices": bare}, right=right, wrong=wrong), rows, strict=True)
        ]
        for key in ("shuffle", "multiple", "scoring"):
            if key in source:
                body[key] = source[key]
        return CalculatedChoiceBody.model_validate(back_in_html(body, kept))

    def to_source(self, body: CalculatedChoiceBody) -> dict[str, Any]:
        kept: list[str] = []
        hidden = body.with_texts(lambda html: hidden_in_html(html, kept))
        before, after = write_common(hidden)
        right, wrong = (None, None) if body.multiple else (1.0, 0.0)
        rows = write_choices(hidden, right=right, wrong=wrong)
        own: dict[str, Any] = {
            **write_values(body),
            "choices": [
                {**row, **choice.model_dump(include=set(ShownNumber.model_fields), exclude_none=True)}
                for row, choice in zip(rows, body.choices, strict=True)
            ],
        }
        for key in ("multiple", "scoring", "shuffle"):
            if getattr(body, key) != CalculatedChoiceBody.model_fields[key].default:
                own[key] = getattr(body, key)
        written: dict[str, Any] = back_in_source({**before, **own, **after}, kept)
        return written

    def correct_response(self, body: CalculatedChoiceBody) -> dict[str, Any]:
        if body.multiple:
            return {"choices": [choice.id for choice in body.choices if choice.fraction > 0]}
        return {"choice": best_choice(body).id}

    def describe_response(self, body: CalculatedChoiceBody, response: CalculatedChoiceResponse) -> str:
        return "; ".join(choice_text(body, key) for key in _chosen(response))

    def view(
        self, body: CalculatedChoiceBody, response: CalculatedChoiceResponse | None, variant: Mapping[str, Any]
    ) -> dict[str, Any]:
        shown = self.drawn(body, variant)
        right = {row.id for row in body.choices if row.fraction > 0} if body.multiple else right_choices(body)
        chosen = set(_chosen(response)) if response else set()
        return {"choices": choice_views(shown, chosen, variant, right=right), "multiple": body.multiple}


def _chosen(response: CalculatedChoiceResponse) -> list[str]:
    return [response.choice] if response.choice is not None else list(response.choices)


def _named(shown: CalculatedChoiceBody, texts: Sequence[Any]) -> list[str]:
    try:
        return choices_named(shown, texts)
    except ValueError:
        plain = shown.model_copy(
            update={"choices": tuple(row.model_copy(update={"text": _bare_numbers(row.text)}) for row in shown.choices)}
        )
        return choices_named(plain, [_bare_numbers(text) if isinstance(text, str) else text for text in texts])


def _bare_numbers(text: str) -> str:
    """The text with its numbers as a program writes them: 7,00 is 7."""
    return _DECIMALS.sub(lambda found: f"{found[1]}.{found[2]}".rstrip("0").rstrip("."), text)


question_type = CalculatedChoice()
