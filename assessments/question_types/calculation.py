"""What calculated questions share: variables, kept sets of values, and texts with values and formulas in them."""

from __future__ import annotations

import html as entities
import math
import random
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal, Self, TypeVar

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from pydantic import Field, StringConstraints, model_validator

from assessments.question_types.base import Body, Shape
from assessments.question_types.editor import Choice, Fault, Line, Lines, Number, Place, Rows
from assessments.question_types.formulas import NAME, FormulaError, parse
from assessments.question_types.numbers import read_number
from assessments.question_types.source import COMMON, listed
from common.messages import filled
from common.vietnamese import format_number

MOST_VARIABLES = 40
MOST_SETS = 500
MOST_DRAWS = 200
SHOWN_DIGITS = 14
FORMULA_IN_TEXT = re.compile(r"\{=([^{}]*(?:\{[^{}]+\}[^{}]*)*)\}")
NAME_IN_TEXT = re.compile(rf"\{{({NAME})\}}")
_SET_PIECE = re.compile(rf"\s*({NAME}?)\s*=\s*(\S+)\s*")
_HIDDEN = re.compile("\ue000(\\d+)\ue001")

Name = Annotated[str, StringConstraints(pattern=rf"^{NAME}$", max_length=40)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Decimals = Annotated[int, Field(ge=0, le=12)]
Significant = Annotated[int, Field(ge=1, le=15)]


class Variable(Shape):
    """A name and the range from which its values are drawn, rounded to `decimals`."""

    name: Name
    minimum: Finite = 1.0
    maximum: Finite = 10.0
    decimals: Decimals = 1
    distribution: Literal["uniform", "loguniform"] = "uniform"

    @model_validator(mode="after")
    def _is_a_range(self) -> Variable:
        if self.minimum > self.maximum:
            raise Fault(_("The least value is larger than the largest."), "maximum")
        if self.distribution == "loguniform" and self.minimum <= 0:
            raise Fault(_("Values that are even by magnitude must lie above zero."), "minimum")
        return self

    def draw(self, chance: random.Random) -> float:
        """A value of the range."""
        low, high = self.minimum, self.maximum
        if self.distribution == "loguniform":
            low, high = math.log(low), math.log(high)
        value = low + (high - low) * chance.random()
        return round(math.exp(value) if self.distribution == "loguniform" else value, self.decimals) + 0.0


class ShownNumber(Shape):
    """How a number is rounded where it is shown: after the decimal mark, or in significant figures."""

    decimals: Decimals | None = None
    significant: Significant | None = None

    @model_validator(mode="after")
    def _is_rounded_one_way(self) -> Self:
        if self.decimals is not None and self.significant is not None:
            raise Fault(_("Either decimals or significant figures, not both."), "significant")
        return self


class ValuesBody(Body):
    """A question whose texts and answers hold `{a}` and `{={a}*2}`.

    Kept sets of values come first: a paper gets one of them. Without them, values are drawn from the variables.
    """

    variables: Annotated[tuple[Variable, ...], Field(max_length=MOST_VARIABLES)] = ()
    datasets: Annotated[
        tuple[Annotated[dict[Name, Finite], Field(max_length=MOST_VARIABLES)], ...], Field(max_length=MOST_SETS)
    ] = ()

    @property
    def names(self) -> frozenset[str]:
        """Names that have a value in every variant."""
        if self.datasets:
            return frozenset(self.datasets[0]).intersection(*self.datasets)
        return frozenset(variable.name for variable in self.variables)

    def with_texts(self, change: Callable[[str], str]) -> Self:
        """The body with every rich text changed; those of the type's own rows are added by it."""
        update: dict[str, Any] = {key: change(getattr(self, key)) for key in ("stem", *COMMON)}
        return self.model_copy(update={**update, "hints": tuple(change(hint) for hint in self.hints)})

    def formulas(self) -> Iterable[tuple[str, Place]]:
        """Every formula, and where it stands in the source form; those of the type's own rows are added by it."""
        for key in ("stem", *COMMON):
            yield from ((formula, (key,)) for formula in formulas_in(getattr(self, key)))
        for number, hint in enumerate(self.hints):
            yield from ((formula, ("hints", number)) for formula in formulas_in(hint))

    @model_validator(mode="after")
    def _can_be_calculated(self) -> Self:
        if len({variable.name for variable in self.variables}) != len(self.variables):
            raise Fault(_("Two variables have the same name."), "variables")
        names = self.names
        for text, place in self.formulas():
            try:
                unknown = sorted(parse(text).names - names)
            except FormulaError as problem:
                raise Fault(problem.message, *place) from None
            if unknown:
                message = filled(_("{%(name)s} has no value: add it to the variables."), {"name": unknown[0]})
                raise Fault(message, *place)
        for number, values in enumerate(self.datasets):
            for sentence, place in problems_with(self, values):
                message = filled(
                    _("With the values of line %(line)d: %(problem)s"), {"line": number + 1, "problem": sentence}
                )
                raise Fault(message, *place)
        if not self.datasets:
            for sentence, place in problems_with(self, drawn_values(self, "")):
                raise Fault(filled(_("With values drawn from the ranges: %(problem)s"), {"problem": sentence}), *place)
        return self


V = TypeVar("V", bound=ValuesBody)


def formulas_in(html: str) -> list[str]:
    """The formulas of `{=…}` in a text."""
    return [entities.unescape(found[1]) for found in FORMULA_IN_TEXT.finditer(html)]


def problems_with(body: ValuesBody, values: Mapping[str, float]) -> Iterable[tuple[Promise, Place]]:
    """Every formula that has no result for these values."""
    for text, place in body.formulas():
        try:
            parse(text).value(values)
        except FormulaError as problem:
            yield problem.message, place


# Variants ------------------------------------------------------------------------------------------------------


def drawn_values(body: ValuesBody, seed: str) -> dict[str, float]:
    """The values of one paper: a kept set, else from the ranges, drawn anew while a formula has no result."""
    chance = random.Random(seed)  # noqa: S311  reproducible on purpose
    if body.datasets:
        return dict(chance.choice(body.datasets))
    values: dict[str, float] = {}
    for _draw in range(MOST_DRAWS):
        values = {variable.name: variable.draw(chance) for variable in body.variables}
        if not any(True for _problem in problems_with(body, values)):
            break
    return values


def values_of(body: ValuesBody, variant: Mapping[str, Any]) -> dict[str, float] | None:
    """The values of a variant; of the first kept set (else drawn without a seed) when it has none; None: unusable."""
    given = variant.get("values")
    if given is None:
        return dict(body.datasets[0]) if body.datasets else drawn_values(body, "")
    if not isinstance(given, Mapping):
        return None
    values = {}
    for name in body.names:
        value = given.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e300 or value != value:
            return None
        values[name] = float(value)
    return values


def with_values(body: V, variant: Mapping[str, Any]) -> V:
    """The body as one paper shows it: every text with its values, and these as the only kept set."""
    values = values_of(body, variant)
    if values is None:
        return body
    shown = body.with_texts(lambda html: filled_in(body, html, values))
    return shown.model_copy(update={"datasets": (values,)})


def filled_in(body: ValuesBody, html: str, values: Mapping[str, float], how: ShownNumber | None = None) -> str:
    """A text with values and results in the reader's notation; a formula without a result stays."""
    if "{" not in html:
        return html
    decimals = {variable.name: variable.decimals for variable in body.variables}

    def result(found: re.Match[str]) -> str:
        try:
            return shown_number(parse(entities.unescape(found[1])).value(values), how)
        except FormulaError:
            return found[0]

    def value(found: re.Match[str]) -> str:
        name = found[1]
        return shown_value(values[name], decimals.get(name)) if name in values else found[0]

    return NAME_IN_TEXT.sub(value, FORMULA_IN_TEXT.sub(result, html))


def shown_number(number: float, how: ShownNumber | None = None) -> str:
    """A number in the reader's notation, rounded as is wanted."""
    exact = Decimal(format(number, f".{SHOWN_DIGITS}g"))
    digits = None
    if how is not None and how.decimals is not None:
        exact, digits = Decimal(repr(number)), how.decimals
    elif how is not None and how.significant is not None:
        exact = Decimal(format(Decimal(repr(number)), f".{how.significant - 1}e"))
        digits = max(how.significant - 1 - exact.adjusted(), 0) if exact else 0
    return format_number(exact, digits=digits, language=get_language() or "vi", grouping=False)


def shown_value(value: float, decimals: int | None) -> str:
    """A value with all the decimals of its variable, or with its own when these are more."""
    digits = decimals if decimals is not None and round(value, decimals) == value else None
    return format_number(Decimal(repr(value)), digits=digits, language=get_language() or "vi", grouping=False)


# The form of packs ---------------------------------------------------------------------------------------------

VALUE_KEYS = frozenset({"variables", "datasets"})
VALUES = (
    Rows(
        name="variables",
        label=_("Variables"),
        row_label=_("Variable"),
        help=_(
            "Each paper gets values of its own. Write {a} in the text, and {={a}*2} for what is calculated from it."
        ),
        maximum=MOST_VARIABLES,
        spare=2,
        fields=(
            Line(name="name", label=_("Name"), help=_("Without braces."), required=True, max_length=40),
            Number(name="minimum", label=_("Least value"), initial=1),
            Number(name="maximum", label=_("Largest value"), initial=10),
            Number(name="decimals", label=_("Decimals"), integer=True, minimum=0, maximum=12, initial=1),
            Choice(
                name="distribution",
                label=_("Values are"),
                options=[("uniform", _("evenly spread")), ("loguniform", _("evenly spread by magnitude"))],
            ),
        ),
    ),
    Lines(
        name="datasets",
        label=_("Kept values"),
        help=_("One set a line: a = 3.5; b = 12. When there are any, each paper gets one of them."),
        maximum=MOST_SETS,
    ),
)
SHOWN = (
    Number(name="decimals", label=_("Shown with decimals"), integer=True, minimum=0, maximum=12, folded=True),
    Number(
        name="significant",
        label=_("Or with significant figures"),
        integer=True,
        minimum=1,
        maximum=15,
        folded=True,
    ),
)


def read_values(source: Mapping[str, Any]) -> dict[str, Any]:
    """Variables and kept sets of a pack. Raises ValueError and Fault."""
    body: dict[str, Any] = {}
    if source.get("variables"):
        body["variables"] = listed(source, "variables", {"name", "minimum", "maximum", "decimals", "distribution"})
    sets = source.get("datasets") or []
    if not isinstance(sets, list):
        raise Fault(_("This is no list of values."), "datasets")
    body["datasets"] = [_set(row, number) for number, row in enumerate(sets)]
    return body


def _set(row: Any, number: int) -> Any:
    if isinstance(row, Mapping):
        return dict(row)
    values: dict[str, float] = {}
    for piece in str(row).split(";"):
        if not piece.strip():
            continue
        found = _SET_PIECE.fullmatch(piece)
        value, rest = read_number(found[2]) if found else (None, "")
        if found is None or value is None or rest:
            message = _("Line %(line)d: “%(text)s” is not written as a = 3.5")
            raise Fault(filled(message, {"line": number + 1, "text": piece.strip()[:40]}), "datasets")
        values[found[1].strip()] = value
    return values


def write_values(body: ValuesBody) -> dict[str, Any]:
    """The form that packs use."""
    own: dict[str, Any] = {}
    if body.variables:
        own["variables"] = [
            {
                **row.model_dump(exclude={"distribution"}),
                **({} if row.distribution == "uniform" else {"distribution": row.distribution}),
            }
            for row in body.variables
        ]
    if body.datasets:
        own["datasets"] = ["; ".join(f"{name} = {value!r}" for name, value in row.items()) for row in body.datasets]
    return own


def hidden_formulas(value: Any, kept: list[str]) -> Any:
    """A source with each `{=…}` out of the way of Markdown, to which * and _ mean something else; they go to `kept`."""
    if isinstance(value, Mapping) and set(value) == {"html"}:
        return {"html": _hidden(str(value["html"]), kept, entities.unescape)}
    if isinstance(value, Mapping):
        return {key: hidden_formulas(item, kept) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [hidden_formulas(item, kept) for item in value]
    return _hidden(value, kept, str) if isinstance(value, str) else value


def hidden_in_html(html: str, kept: list[str]) -> str:
    """The same of a text of the body."""
    return _hidden(html, kept, str)


def _hidden(text: str, kept: list[str], written: Callable[[str], str]) -> str:
    def put(found: re.Match[str]) -> str:
        kept.append(written(found[0]))
        return f"\ue000{len(kept) - 1}\ue001"

    return FORMULA_IN_TEXT.sub(put, text)


def back_in_html(value: Any, kept: Sequence[str]) -> Any:
    """What was hidden, put back into HTML."""
    return _walk(value, lambda text: _HIDDEN.sub(lambda found: _nth(kept, found, entities.escape), text))


def back_in_source(value: Any, kept: Sequence[str]) -> Any:
    """What was hidden in HTML, put back into the source: into Markdown as it is read, into HTML as it was."""
    if isinstance(value, Mapping) and set(value) == {"html"}:
        return _walk(value, lambda text: _HIDDEN.sub(lambda found: _nth(kept, found, str), text))
    if isinstance(value, Mapping):
        return {key: back_in_source(item, kept) for key, item in value.items()}
    if isinstance(value, list):
        return [back_in_source(item, kept) for item in value]
    return _walk(value, lambda text: _HIDDEN.sub(lambda found: _nth(kept, found, entities.unescape), text))


def _nth(kept: Sequence[str], found: re.Match[str], written: Callable[[str], str]) -> str:
    number = int(found[1])
    return written(kept[number]) if number < len(kept) else found[0]


def _walk(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {key: _walk(item, change) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_walk(item, change) for item in value]
    return value
