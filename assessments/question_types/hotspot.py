"""Hotspot: choose one region of a picture, or all that apply."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from pydantic import Field, model_validator

from assessments.question_types.base import (
    ALMOST_ONE,
    UNANSWERED,
    Body,
    Fraction,
    Html,
    Key,
    Outcome,
    QuestionType,
    Shape,
    State,
    graded,
    invalid,
    key_of,
    ordered,
)
from assessments.question_types.editor import (
    FEEDBACK,
    FRACTION_HELP,
    SHUFFLE,
    Choice,
    Fault,
    Flag,
    Kept,
    Line,
    Number,
    Rows,
)
from assessments.question_types.pictures import (
    BACKGROUND,
    BACKGROUND_KEYS,
    REGION,
    Background,
    OptionalLabel,
    Region,
    background_view,
    read_background,
    with_ids,
    write_background,
    written_coords,
)
from assessments.question_types.source import html_of, letters, listed, read_common, source_of, write_common

MOST = 60


class Spot(Region):
    """A region that can be chosen, and what it is worth; without a label it is called by its number."""

    id: Key
    label: OptionalLabel = ""
    fraction: Fraction = 0.0
    feedback: Html = ""


class HotspotBody(Body):
    """`multiple` with `partial`: what is chosen adds up, within 0 and 1; else exactly the right ones earn all."""

    background: Background
    spots: Annotated[tuple[Spot, ...], Field(min_length=2, max_length=MOST)]
    multiple: bool = False
    scoring: Literal["partial", "all_or_nothing"] = "partial"
    shuffle: bool = True

    @model_validator(mode="after")
    def _somebody_can_be_right(self) -> HotspotBody:
        if len({spot.id for spot in self.spots}) != len(self.spots):
            raise Fault(_("Two regions have the same id."), "spots")
        if not any(spot.fraction > 0 for spot in self.spots):
            raise Fault(_("No region is right: give one or more a part of the mark."), "spots")
        if not self.multiple and max(spot.fraction for spot in self.spots) < ALMOST_ONE:
            raise Fault(_("No region earns the whole mark: give one the value 1."), "spots")
        return self


class HotspotResponse(Shape):
    """Ids of the regions."""

    spots: Annotated[tuple[Key, ...], Field(max_length=MOST)] = ()


class Hotspot(QuestionType[HotspotBody, HotspotResponse]):
    """Point at the right region."""

    name = "hotspot"
    label = _("Regions of a picture")
    editor = (
        *BACKGROUND,
        Rows(
            name="spots",
            label=_("Regions"),
            row_label=_("Region"),
            help=_("They are drawn on the picture, and listed beside it."),
            minimum=2,
            maximum=MOST,
            spare=3,
            fields=(
                Kept(name="id"),
                *REGION,
                Line(
                    name="label",
                    label=_("Name of the region"),
                    help=_("Read aloud and shown in the list; empty: its number."),
                    max_length=200,
                ),
                Number(
                    name="fraction",
                    label=_("Part of the mark"),
                    help=FRACTION_HELP,
                    minimum=-1,
                    maximum=1,
                    initial=0,
                ),
                FEEDBACK,
            ),
        ),
        Flag(name="multiple", label=_("Several may be chosen")),
        Choice(
            name="scoring",
            label=_("Marking when several may be chosen"),
            options=[
                ("partial", _("In part: the values of what was chosen add up")),
                ("all_or_nothing", _("All or nothing: exactly the right regions")),
            ],
            folded=True,
        ),
        SHUFFLE,
    )
    Body = HotspotBody
    Response = HotspotResponse

    def is_empty(self, response: HotspotResponse) -> bool:
        return not response.spots

    def grade(self, body: HotspotBody, response: HotspotResponse, variant: Mapping[str, Any]) -> Outcome:
        if not response.spots:
            return UNANSWERED
        chosen = set(response.spots)
        fractions = {spot.id: spot.fraction for spot in body.spots}
        if len(chosen) != len(response.spots) or not chosen <= set(fractions):
            return invalid("there is no such region, or one is there twice")
        if not body.multiple and len(chosen) > 1:
            return invalid("only one region may be chosen")
        right = _right(body)
        if not body.multiple:
            fraction = fractions[response.spots[0]]
        elif body.scoring == "all_or_nothing":
            fraction = 1.0 if chosen == right else 0.0
        else:
            fraction = min(max(sum(value for key, value in fractions.items() if key in chosen), 0.0), 1.0)
        parts = {key: State.RIGHT if key in right else State.WRONG for key in fractions if key in chosen}
        return graded(fraction, parts=parts, feedback=[spot.feedback for spot in body.spots if spot.id in chosen])

    def parse_form(self, data: Mapping[str, Sequence[str]], prefix: str, body: HotspotBody) -> dict[str, Any]:
        values = [value for value in data.get(prefix) or [] if value]
        return {"spots": values} if values else {}

    def to_form(self, body: HotspotBody, response: HotspotResponse, prefix: str) -> dict[str, list[str]]:
        return {prefix: list(response.spots)} if response.spots else {}

    def from_texts(self, body: HotspotBody, response: Mapping[str, Any]) -> dict[str, Any]:
        spots = response.get("spots")
        if not isinstance(spots, list):
            return dict(response)
        labels = _labels(body)
        return {**response, "spots": [key_of(text, labels, "region") for text in spots]}

    def permutables(self, body: HotspotBody) -> dict[str, list[str]]:
        return {"spots": [spot.id for spot in body.spots]} if body.shuffle else {}

    def from_source(self, source: Mapping[str, Any]) -> HotspotBody:
        body = read_common(source, {*BACKGROUND_KEYS, "spots", "multiple", "scoring", "shuffle"})
        body["background"] = read_background(source)
        rows = listed(source, "spots", {"id", "shape", "coords", "label", "fraction", "feedback"})
        body["spots"] = [
            {**row, "feedback": html_of(row["feedback"]) if row.get("feedback") else ""}
            for row in with_ids(rows, letters(2 * len(rows)))
        ]
        for key in ("multiple", "scoring", "shuffle"):
            if key in source:
                body[key] = source[key]
        return HotspotBody.model_validate(body)

    def to_source(self, body: HotspotBody) -> dict[str, Any]:
        before, after = write_common(body)
        spots = []
        for key, spot in zip(letters(len(body.spots)), body.spots, strict=True):
            row: dict[str, Any] = {} if spot.id == key else {"id": spot.id}
            row |= {"shape": spot.shape, "coords": written_coords(spot.coords)}
            if spot.label:
                row["label"] = spot.label
            if spot.fraction:
                row["fraction"] = spot.fraction
            if spot.feedback:
                row["feedback"] = source_of(spot.feedback)
            spots.append(row)
        own: dict[str, Any] = {**write_background(body.background), "spots": spots}
        for name in ("multiple", "scoring", "shuffle"):
            if getattr(body, name) != HotspotBody.model_fields[name].default:
                own[name] = getattr(body, name)
        return {**before, **own, **after}

    def correct_response(self, body: HotspotBody) -> dict[str, Any]:
        if body.multiple:
            return {"spots": [spot.id for spot in body.spots if spot.fraction > 0]}
        return {"spots": [max(body.spots, key=lambda spot: spot.fraction).id]}

    def describe_response(self, body: HotspotBody, response: HotspotResponse) -> str:
        labels = _labels(body)
        return "; ".join(labels.get(key, "?") for key in response.spots)

    def view(self, body: HotspotBody, response: HotspotResponse | None, variant: Mapping[str, Any]) -> dict[str, Any]:
        order = variant.get("order") if isinstance(variant.get("order"), Mapping) else {}
        spots = {spot.id: spot for spot in body.spots}
        chosen, right = set(response.spots) if response else set(), _right(body)
        rows = []
        for number, key in enumerate(ordered(list(spots), (order or {}).get("spots")), start=1):
            rows.append(
                {
                    **spots[key].drawn(),
                    "id": key,
                    "number": number,
                    "text": spots[key].label or gettext("Region %(number)d") % {"number": number},
                    "feedback": spots[key].feedback,
                    "chosen": key in chosen,
                    "right": key in right,
                }
            )
        return {"background": background_view(body.background), "choices": rows, "multiple": body.multiple}


def _right(body: HotspotBody) -> set[str]:
    """What is right: everything that adds, or where only one may be chosen what earns all."""
    least = 0.0 if body.multiple else ALMOST_ONE - 1e-12
    return {spot.id for spot in body.spots if spot.fraction > least}


def _labels(body: HotspotBody) -> dict[str, str]:
    """What each region is called: its label, else its number in the author's order."""
    return {spot.id: spot.label or str(number) for number, spot in enumerate(body.spots, start=1)}


question_type = Hotspot()
