"""Numerical: a number within a tolerance, with units when the question has them. The rules are in docs/grading.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from django.utils.translation import gettext_lazy as _
from pydantic import Field, StringConstraints

from assessments.question_types.base import (
    UNANSWERED,
    Body,
    Fraction,
    Html,
    Outcome,
    PlainLine,
    QuestionType,
    Shape,
    graded,
)
from assessments.question_types.editor import FEEDBACK, FRACTION_HELP, Choice, Flag, Line, Number, RichText, Rows
from assessments.question_types.numbers import read_number
from assessments.question_types.source import html_of, listed, read_common, source_of, write_common
from common.vietnamese import format_number, nfc

EPSILON = 1e-14  # PHP's precision, by which the reference engine widens every interval
Finite = Annotated[float, Field(allow_inf_nan=False)]


class AcceptedNumber(Shape):
    """A value with its tolerance; what it is worth and tells."""

    value: Finite
    tolerance: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    fraction: Fraction = 1.0
    feedback: Html = ""


class Unit(Shape):
    """A unit: the number is multiplied by `factor` before it is compared."""

    symbol: Annotated[PlainLine, Field(min_length=1, max_length=40)]
    factor: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1.0


class NumericalBody(Body):
    """Accepted numbers in the order in which they are tried; what any other number is worth and told."""

    answers: Annotated[tuple[AcceptedNumber, ...], Field(min_length=1, max_length=50)]
    other_fraction: Fraction = 0.0
    other_feedback: Html = ""
    tolerance_type: Literal["absolute", "relative", "geometric", "significant"] = "absolute"
    units: Annotated[tuple[Unit, ...], Field(max_length=20)] = ()
    units_left: bool = False
    unit_penalty: Annotated[float, Field(ge=0, le=1)] = 0.1
    unit_penalty_of: Literal["mark", "maximum"] = "mark"


class NumericalResponse(Shape):
    """What was typed, and the unit when it has a field of its own."""

    text: Annotated[str, StringConstraints(max_length=200)] | None = None
    unit: Annotated[str, StringConstraints(max_length=40)] | None = None


class Numerical(QuestionType[NumericalBody, NumericalResponse]):
    """Type a number."""

    name = "numerical"
    label = _("Numerical")
    editor = (
        Rows(
            name="answers",
            label=_("Accepted numbers"),
            row_label=_("Number"),
            help=_("The first one that fits counts."),
            minimum=1,
            maximum=50,
            spare=1,
            fields=(
                Number(name="value", label=_("Value"), required=True),
                Number(name="tolerance", label=_("Tolerance"), minimum=0, initial=0),
                Number(
                    name="fraction",
                    label=_("Part of the mark"),
                    help=FRACTION_HELP,
                    minimum=-1,
                    maximum=1,
                    initial=1,
                ),
                FEEDBACK,
            ),
        ),
        Number(
            name="other_fraction",
            label=_("Part of the mark for any other number"),
            help=FRACTION_HELP,
            minimum=-1,
            maximum=1,
            folded=True,
        ),
        RichText(name="other_feedback", label=_("Feedback for any other number"), folded=True),
        Choice(
            name="tolerance_type",
            label=_("The tolerance is"),
            options=[
                ("absolute", _("a number: value ± tolerance")),
                ("relative", _("a part of the value: 0.05 is 5 percent")),
                ("geometric", _("a factor: 0.05 is from the value divided by 1.05 to the value times 1.05")),
                ("significant", _("a count of significant figures")),
            ],
        ),
        Rows(
            name="units",
            label=_("Units of measurement"),
            row_label=_("Unit of measurement"),
            help=_("Without a unit here, the answer is a bare number. The number is multiplied by the factor."),
            maximum=20,
            folded=True,
            fields=(
                Line(name="symbol", label=_("Symbol"), required=True, max_length=40),
                Number(name="factor", label=_("Factor"), initial=1),
            ),
        ),
        Flag(name="units_left", label=_("The unit stands before the number, as in £ 5"), folded=True),
        Number(
            name="unit_penalty",
            label=_("Lost for a missing or unknown unit"),
            help=_("Part of the mark, 0 to 1; empty: 0.1."),
            minimum=0,
            maximum=1,
            folded=True,
        ),
        Choice(
            name="unit_penalty_of",
            label=_("It is a part of"),
            options=[("mark", _("what was earned")), ("maximum", _("the whole mark"))],
            folded=True,
        ),
    )
    Body = NumericalBody
    Response = NumericalResponse

    def is_empty(self, response: NumericalResponse) -> bool:
        return not (response.text or "").strip()

    def is_complete(self, body: NumericalBody, response: NumericalResponse, variant: Mapping[str, Any]) -> bool:
        number, rest = _read(body, response, variant)
        return number is not None and (bool(body.units) or not rest)

    def grade(self, body: NumericalBody, response: NumericalResponse, variant: Mapping[str, Any]) -> Outcome:
        if self.is_empty(response):
            return UNANSWERED
        number, rest = _read(body, response, variant)
        if number is None:
            return graded(0.0)
        factor = _factor(body, response.unit or rest) if body.units else None
        fraction, feedback, has_unit = _worth(body, number, factor)
        if not has_unit:
            if body.units:
                fraction -= body.unit_penalty * (fraction if body.unit_penalty_of == "mark" else 1.0)
            fraction = max(fraction, 0.0)
        return graded(fraction, feedback=(feedback,))

    def parse_form(self, data: Mapping[str, Sequence[str]], prefix: str, body: NumericalBody) -> dict[str, Any]:
        values = data.get(prefix) or []
        units = data.get(f"{prefix}-unit") or []
        if not values or not values[0].strip():
            return {}
        return {"text": values[0][:200], **({"unit": units[0][:40]} if units and units[0].strip() else {})}

    def to_form(self, body: NumericalBody, response: NumericalResponse, prefix: str) -> dict[str, list[str]]:
        fields = {prefix: [response.text]} if response.text else {}
        return {**fields, f"{prefix}-unit": [response.unit]} if response.unit else fields

    def from_texts(self, body: NumericalBody, response: Mapping[str, Any]) -> dict[str, Any]:
        """A number of JSON is the text that it is written with."""
        text = response.get("text")
        is_number = isinstance(text, int | float) and not isinstance(text, bool)
        return {**response, "text": repr(text)} if is_number else dict(response)

    def from_source(self, source: Mapping[str, Any]) -> NumericalBody:
        simple = ("other_fraction", "tolerance_type", "units_left", "unit_penalty", "unit_penalty_of")
        body = read_common(source, {"answers", "other_feedback", "units", *simple})
        rows = listed(source, "answers", {"value", "tolerance", "fraction", "feedback"})
        body["answers"] = [{**row, "feedback": html_of(row["feedback"]) if row.get("feedback") else ""} for row in rows]
        if source.get("units"):
            body["units"] = listed(source, "units", {"symbol", "factor"})
        if source.get("other_feedback"):
            body["other_feedback"] = html_of(source["other_feedback"], block=True)
        for key in simple:
            if key in source:
                body[key] = source[key]
        return NumericalBody.model_validate(body)

    def to_source(self, body: NumericalBody) -> dict[str, Any]:
        before, after = write_common(body)
        answers = []
        for answer in body.answers:
            row: dict[str, Any] = {
                "value": _plain(answer.value),
                "tolerance": _plain(answer.tolerance),
                "fraction": answer.fraction,
            }
            if answer.feedback:
                row["feedback"] = source_of(answer.feedback)
            answers.append(row)
        own: dict[str, Any] = {"answers": answers}
        fields = NumericalBody.model_fields
        for key in ("other_fraction", "tolerance_type", "units_left", "unit_penalty", "unit_penalty_of"):
            if getattr(body, key) != fields[key].default:
                own[key] = getattr(body, key)
        if body.other_feedback:
            own["other_feedback"] = source_of(body.other_feedback, block=True)
        if body.units:
            own["units"] = [{"symbol": unit.symbol, "factor": _plain(unit.factor)} for unit in body.units]
        return {**before, **own, **after}

    def correct_response(self, body: NumericalBody) -> dict[str, Any]:
        best = max(body.answers, key=lambda answer: answer.fraction)
        unit = next((unit for unit in body.units if unit.factor == 1), body.units[0] if body.units else None)
        value = best.value / unit.factor if unit else best.value
        return {"text": repr(value), **({"unit": unit.symbol} if unit else {})}

    def describe_response(self, body: NumericalBody, response: NumericalResponse) -> str:
        return f"{response.text or ''} {response.unit or ''}".strip()

    def view(
        self, body: NumericalBody, response: NumericalResponse | None, variant: Mapping[str, Any]
    ) -> dict[str, Any]:
        best = max(body.answers, key=lambda answer: answer.fraction)
        base = next((unit.symbol for unit in body.units if unit.factor == 1), "")
        number = format_number(best.value, grouping=False)
        return {
            "text": (response.text or "") if response else "",
            "unit": (response.unit or "") if response else "",
            "units": [unit.symbol for unit in body.units],
            "units_left": body.units_left,
            "accepted": [" ".join([base, number] if body.units_left else [number, base]).strip()],
        }


def _read(body: NumericalBody, response: NumericalResponse, variant: Mapping[str, Any]) -> tuple[float | None, str]:
    return read_number(response.text or "", language=variant.get("language", "vi"), units_left=body.units_left)


def _factor(body: NumericalBody, typed: str) -> float | None:
    """The factor of the unit that was typed, None when it is none of the question's."""
    typed = nfc("".join(typed.split()))
    return next((unit.factor for unit in body.units if nfc("".join(unit.symbol.split())) == typed), None)


def _worth(body: NumericalBody, number: float, factor: float | None) -> tuple[float, str, bool]:
    """(fraction, feedback, whether the unit is right) by the first answer that fits.

    The bare number fits too when the unit is wrong for it: then only the unit is lost.
    """
    scaled = number if factor is None else number * factor
    for answer in body.answers:
        if within(scaled, answer.value, answer.tolerance, body.tolerance_type):
            return answer.fraction, answer.feedback, factor is not None
        if factor is not None and within(number, answer.value, answer.tolerance, body.tolerance_type):
            return answer.fraction, answer.feedback, False
    return body.other_fraction, body.other_feedback, factor is not None


def within(number: float, value: float, tolerance: float, kind: str) -> bool:
    """Whether `number` lies in the interval of an accepted value, its ends included."""
    if kind == "significant":
        return _significant(number, int(tolerance) or 1) == _significant(value, int(tolerance) or 1)
    if kind == "relative":
        margin = (tolerance + EPSILON) * abs(value)
    elif kind == "geometric":
        quotient = 1 + tolerance + EPSILON
        ends = (value / quotient, value * quotient)
        return min(ends) <= number <= max(ends)
    else:
        margin = tolerance + EPSILON * max(abs(tolerance), abs(value), EPSILON)
    return value - margin <= number <= value + margin


def _significant(number: float, figures: int) -> str:
    return f"{number:.{min(figures, 15) - 1}e}"


def _plain(value: float) -> int | float:
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


question_type = Numerical()
