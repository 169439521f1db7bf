"""A rubric (bảng tiêu chí chấm): criteria with levels, for the types that people mark. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Any

from django.utils.translation import gettext_lazy as _
from pydantic import Field, model_validator

from assessments.question_types.base import Key, PlainLine, Shape
from assessments.question_types.editor import Fault, Kept, Line, Number, Rows

MARK_STEP = Decimal("0.0001")
Text = Annotated[PlainLine, Field(min_length=1, max_length=300)]


class Level(Shape):
    """One level of a criterion and its points."""

    id: Key
    text: Text
    points: Annotated[float, Field(ge=0, le=1000)]


class Criterion(Shape):
    """What is looked at, and the levels to choose from."""

    id: Key
    text: Text
    levels: Annotated[tuple[Level, ...], Field(min_length=2, max_length=10)]

    @model_validator(mode="after")
    def _levels_differ(self) -> Criterion:
        if len({level.id for level in self.levels}) < len(self.levels):
            raise Fault(_("Two levels of a criterion have the same id."), "rubric")
        if max(level.points for level in self.levels) <= 0:
            raise Fault(_("The best level of a criterion is worth more than 0 points."), "rubric")
        return self


Rubric = Annotated[tuple[Criterion, ...], Field(max_length=20)]


class UnfitLevels(ValueError):
    """Levels that do not answer each criterion of the rubric, or answer with a level that it does not have."""


def rubric_mark(rubric: Sequence[Criterion], levels: Mapping[str, Any], *, max_mark: Decimal) -> Decimal:
    """The mark that the chosen levels ({criterion id: level id}) earn: points over the most points, of `max_mark`.

    Rounded half up to four decimals. Raises UnfitLevels.
    """
    if set(levels) != {criterion.id for criterion in rubric}:
        raise UnfitLevels("a level for each criterion")
    earned = most = Decimal(0)
    for criterion in rubric:
        points = {level.id: Decimal(repr(level.points)) for level in criterion.levels}
        if levels[criterion.id] not in points:
            raise UnfitLevels(criterion.id)
        earned += points[levels[criterion.id]]
        most += max(points.values())
    return (max_mark * earned / most).quantize(MARK_STEP, ROUND_HALF_UP)


RUBRIC = Rows(
    name="rubric",
    label=_("Rubric"),
    row_label=_("Criterion"),
    help=_("Markers choose a level for each criterion, and the mark follows; empty: they give a mark."),
    maximum=20,
    spare=0,
    folded=True,
    fields=(
        Kept(name="id"),
        Line(name="text", label=_("What is looked at"), required=True, max_length=300),
        Rows(
            name="levels",
            label=_("Levels"),
            row_label=_("Rubric level"),
            minimum=2,
            maximum=10,
            spare=3,
            fields=(
                Kept(name="id"),
                Line(name="text", label=_("Rubric level"), required=True, max_length=300),
                Number(name="points", label=_("Points"), required=True, minimum=0, maximum=1000),
            ),
        ),
    ),
)


def rubric_of(source: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rubric of a source form, with ids where none were written: c1, c2 … and l1, l2 …"""
    return [
        {
            "id": str(row.get("id") or f"c{number}"),
            "text": row.get("text", ""),
            "levels": [
                {"id": str(level.get("id") or f"l{at}"), "text": level.get("text", ""), "points": level.get("points")}
                for at, level in enumerate(row.get("levels") or [], start=1)
            ],
        }
        for number, row in enumerate(source, start=1)
    ]


def source_of_rubric(rubric: Sequence[Criterion]) -> list[dict[str, Any]]:
    """The rubric as a source form; ids stay, since markings name them."""
    return [criterion.model_dump(mode="json") for criterion in rubric]
