"""Calculated: a number that a formula gives for the values of the paper, marked as a numerical answer is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal, Self

from django.utils.translation import gettext_lazy as _
from pydantic import Field, StringConstraints, model_validator

from assessments.question_types.base import UNANSWERED, Fraction, Html, Outcome, QuestionType, invalid
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
    shown_number,
    values_of,
    with_values,
    write_values,
)
from assessments.question_types.editor import FEEDBACK, FRACTION_HELP, Choice, Fault, Line, Number, Place, Rows
from assessments.question_types.formulas import MOST_SIGNS, FormulaError, parse
from assessments.question_types.numerical import AcceptedNumber, NumericalBody, NumericalResponse, Unit
from assessments.question_types.numerical import question_type as numerical
from assessments.question_types.pictures import plain
from assessments.question_types.source import html_of, listed, read_common, source_of, write_common

ANYTHING = "*"
UNIT_KEYS = ("units_left", "unit_penalty", "unit_penalty_of")
UNITS = tuple(field for field in numerical.editor if field.name in {"units", *UNIT_KEYS})


class AcceptedFormula(ShownNumber):
    """A formula with the tolerance around its result; `*` accepts any number that no formula before it accepts.

    The tolerance is a number (absolute), a part of the result (relative) or a factor (geometric).
    """

    formula: Annotated[str, StringConstraints(min_length=1, max_length=MOST_SIGNS, strip_whitespace=True)]
    tolerance: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.01
    tolerance_type: Literal["absolute", "relative", "geometric"] = "relative"
    fraction: Fraction = 1.0
    feedback: Html = ""


class CalculatedBody(ValuesBody):
    """Accepted formulas in the order in which they are tried."""

    answers: Annotated[tuple[AcceptedFormula, ...], Field(min_length=1, max_length=50)]
    units: Annotated[tuple[Unit, ...], Field(max_length=20)] = ()
    units_left: bool = False
    unit_penalty: Annotated[float, Field(ge=0, le=1)] = 0.1
    unit_penalty_of: Literal["mark", "maximum"] = "mark"

    def with_texts(self, change: Callable[[str], str]) -> Self:
        """With the feedback of its answers, whose numbers are rounded as the answer is."""
        answers = tuple(row.model_copy(update={"feedback": change(row.feedback)}) for row in self.answers)
        return super().with_texts(change).model_copy(update={"answers": answers})

    def formulas(self) -> Iterable[tuple[str, Place]]:
        """With those of its answers."""
        yield from super().formulas()
        for number, row in enumerate(self.answers):
            if row.formula != ANYTHING:
                yield row.formula, ("answers", number, "formula")
            yield from ((formula, ("answers", number, "feedback")) for formula in formulas_in(row.feedback))

    @model_validator(mode="after")
    def _asks_for_a_number(self) -> Self:
        if all(row.formula == ANYTHING for row in self.answers):
            raise Fault(_("Give the formula of the right answer."), "answers")
        return self


class Calculated(QuestionType[CalculatedBody, NumericalResponse]):
    """Calculate a number."""

    name = "calculated"
    label = _("Calculated")
    editor = (
        *VALUES,
        Rows(
            name="answers",
            label=_("Accepted answers"),
            row_label=_("Answer"),
            help=_(
                "The first one that fits counts. A formula has variables in braces: {a} * 2 + sqrt({b}). * accepts any number."
            ),
            minimum=1,
            maximum=50,
            spare=1,
            fields=(
                Line(name="formula", label=_("Formula"), required=True, max_length=MOST_SIGNS),
                Number(name="tolerance", label=_("Tolerance"), minimum=0, initial=0.01),
                Choice(
                    name="tolerance_type",
                    label=_("The tolerance is"),
                    options=[
                        ("relative", _("a part of the value: 0.05 is 5 percent")),
                        ("absolute", _("a number: value ± tolerance")),
                        ("geometric", _("a factor: 0.05 is from the value divided by 1.05 to the value times 1.05")),
                    ],
                ),
                Number(
                    name="fraction",
                    label=_("Part of the mark"),
                    help=FRACTION_HELP,
                    minimum=-1,
                    maximum=1,
                    initial=1,
                ),
                *SHOWN,
                FEEDBACK,
            ),
        ),
        *UNITS,
    )
    Body = CalculatedBody
    Response = NumericalResponse

    def is_empty(self, response: NumericalResponse) -> bool:
        return numerical.is_empty(response)

    def is_complete(self, body: CalculatedBody, response: NumericalResponse, variant: Mapping[str, Any]) -> bool:
        values = values_of(body, variant)
        return values is not None and numerical.is_complete(as_numerical(body, values), response, variant)

    def grade(self, body: CalculatedBody, response: NumericalResponse, variant: Mapping[str, Any]) -> Outcome:
        if self.is_empty(response):
            return UNANSWERED
        values = values_of(body, variant)
        if values is None:
            return invalid("the values of the paper are not those of the question")
        try:
            accepted = as_numerical(body, values)
        except FormulaError as problem:
            return invalid(f"the formula has no result: {problem}")
        return numerical.grade(accepted, response, variant)

    def make_variant(self, body: CalculatedBody, seed: str) -> dict[str, Any]:
        return {"values": drawn_values(body, seed)}

    def drawn(self, body: CalculatedBody, variant: Mapping[str, Any]) -> CalculatedBody:
        values = values_of(body, variant)
        if values is None:
            return body
        answers = tuple(
            row.model_copy(update={"feedback": filled_in(body, row.feedback, values, row)}) for row in body.answers
        )
        return with_values(body.model_copy(update={"answers": answers}), variant)

    def parse_form(self, data: Mapping[str, Sequence[str]], prefix: str, body: CalculatedBody) -> dict[str, Any]:
        return numerical.parse_form(data, prefix, _without_answers(body))

    def to_form(self, body: CalculatedBody, response: NumericalResponse, prefix: str) -> dict[str, list[str]]:
        return numerical.to_form(_without_answers(body), response, prefix)

    def from_texts(self, body: CalculatedBody, response: Mapping[str, Any]) -> dict[str, Any]:
        return numerical.from_texts(_without_answers(body), response)

    def from_source(self, source: Mapping[str, Any]) -> CalculatedBody:
        kept: list[str] = []
        hidden = hidden_formulas(source, kept)
        body = read_common(hidden, {"answers", "units", *UNIT_KEYS, *VALUE_KEYS})
        body |= read_values(source)
        known = {"formula", "tolerance", "tolerance_type", "fraction", "decimals", "significant", "feedback"}
        body["answers"] = [
            {
                **row,
                "formula": str(row.get("formula", "")),
                "feedback": html_of(row["feedback"]) if row.get("feedback") else "",
            }
            for row in listed(hidden, "answers", known)
        ]
        if source.get("units"):
            body["units"] = listed(source, "units", {"symbol", "factor"})
        for key in UNIT_KEYS:
            if key in source:
                body[key] = source[key]
        return CalculatedBody.model_validate(back_in_html(body, kept))

    def to_source(self, body: CalculatedBody) -> dict[str, Any]:
        kept: list[str] = []
        hidden = body.with_texts(lambda html: hidden_in_html(html, kept))
        before, after = write_common(hidden)
        answers = []
        for row, shown in zip(body.answers, hidden.answers, strict=True):
            answer: dict[str, Any] = {"formula": row.formula}
            if row.formula != ANYTHING:
                answer |= {"tolerance": plain(row.tolerance), "tolerance_type": row.tolerance_type}
            answer["fraction"] = row.fraction
            for key in ("decimals", "significant"):
                if getattr(row, key) is not None:
                    answer[key] = getattr(row, key)
            if shown.feedback:
                answer["feedback"] = source_of(shown.feedback)
            answers.append(answer)
        own: dict[str, Any] = {**write_values(body), "answers": answers}
        if body.units:
            own["units"] = [{"symbol": unit.symbol, "factor": plain(unit.factor)} for unit in body.units]
        for key in UNIT_KEYS:
            if getattr(body, key) != CalculatedBody.model_fields[key].default:
                own[key] = getattr(body, key)
        written: dict[str, Any] = back_in_source({**before, **own, **after}, kept)
        return written

    def correct_response(self, body: CalculatedBody) -> dict[str, Any]:
        """For the first kept set, or the values drawn without a seed; of the body as drawn, for its paper."""
        values = values_of(body, {}) or {}
        best = _best(body)
        value = parse(best.formula).value(values)
        exact = NumericalBody.model_construct(answers=(AcceptedNumber(value=value),), units=body.units)
        return numerical.correct_response(exact)

    def describe_response(self, body: CalculatedBody, response: NumericalResponse) -> str:
        return numerical.describe_response(_without_answers(body), response)

    def view(
        self, body: CalculatedBody, response: NumericalResponse | None, variant: Mapping[str, Any]
    ) -> dict[str, Any]:
        values = values_of(body, variant)
        base = next((unit.symbol for unit in body.units if unit.factor == 1), "")
        accepted = []
        if values is not None:
            best = _best(body)
            try:
                accepted = [f"{shown_number(parse(best.formula).value(values), best)} {base}".strip()]
            except FormulaError:
                accepted = []
        return {
            "text": (response.text or "") if response else "",
            "unit": (response.unit or "") if response else "",
            "units": [unit.symbol for unit in body.units],
            "accepted": accepted,
        }


def _best(body: CalculatedBody) -> AcceptedFormula:
    return max((row for row in body.answers if row.formula != ANYTHING), key=lambda row: row.fraction)


def _without_answers(body: CalculatedBody) -> NumericalBody:
    return NumericalBody.model_construct(answers=(), units=body.units, units_left=body.units_left)


def as_numerical(body: CalculatedBody, values: Mapping[str, float]) -> NumericalBody:
    """The numerical question that this is for some values. Raises FormulaError.

    Each tolerance becomes a number around the middle of what it accepts, for which the numerical rules stand.
    """
    answers = []
    other: dict[str, Any] = {}
    for row in body.answers:
        if row.formula == ANYTHING:
            other = {"other_fraction": row.fraction, "other_feedback": row.feedback}
            break
        value = parse(row.formula).value(values)
        margin = row.tolerance if row.tolerance_type == "absolute" else row.tolerance * abs(value)
        if row.tolerance_type == "geometric":
            near, far = value / (1 + row.tolerance), value * (1 + row.tolerance)
            value, margin = (near + far) / 2, abs(far - near) / 2
        answers.append(
            AcceptedNumber.model_construct(value=value, tolerance=margin, fraction=row.fraction, feedback=row.feedback)
        )
    return NumericalBody.model_construct(
        answers=tuple(answers),
        units=body.units,
        units_left=body.units_left,
        unit_penalty=body.unit_penalty,
        unit_penalty_of=body.unit_penalty_of,
        **other,
    )


question_type = Calculated()
