"""Drag onto a picture: words or small pictures belong to zones of a large one; every zone weighs the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from django.utils.translation import gettext_lazy as _
from pydantic import Field, StringConstraints, field_validator, model_validator

from assessments.question_types.base import (
    UNANSWERED,
    Body,
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
from assessments.question_types.editor import SHUFFLE, Fault, Flag, Kept, Line, Number, Picture, Rows
from assessments.question_types.parts import match_fraction
from assessments.question_types.pictures import (
    BACKGROUND,
    BACKGROUND_KEYS,
    Background,
    Label,
    OptionalLabel,
    Pixel,
    background_view,
    checked_address,
    plain,
    read_background,
    reference_to,
    referred,
    with_ids,
    write_background,
)
from assessments.question_types.source import letters, listed, read_common, write_common

MOST = 60


class Drag(Shape):
    """What is dragged: its words (also of a picture), its picture if it has one; `reusable`: to several zones."""

    id: Key
    label: Label
    src: Annotated[str, StringConstraints(max_length=500)] = ""
    group: Annotated[int, Field(ge=1, le=20)] = 1
    reusable: bool = False

    @field_validator("src")
    @classmethod
    def _is_an_address(cls, src: str) -> str:
        return checked_address(src)


class Zone(Shape):
    """A place of the picture by its top left corner, and the id of what belongs there."""

    id: Key
    x: Pixel
    y: Pixel
    label: OptionalLabel = ""
    drag: Key


class DragImageBody(Body):
    """A zone takes what is in the group of its right answer."""

    background: Background
    drags: Annotated[tuple[Drag, ...], Field(min_length=1, max_length=MOST)]
    zones: Annotated[tuple[Zone, ...], Field(min_length=1, max_length=MOST)]
    shuffle: bool = True

    @model_validator(mode="after")
    def _zones_have_what_belongs_there(self) -> DragImageBody:
        drags = {drag.id for drag in self.drags}
        if len(drags) != len(self.drags):
            raise Fault(_("Two items have the same id."), "drags")
        if len({zone.id for zone in self.zones}) != len(self.zones):
            raise Fault(_("Two zones have the same id."), "zones")
        for number, zone in enumerate(self.zones):
            if zone.drag not in drags:
                raise Fault(_("There is no such item to drag here."), "zones", number, "drag")
        return self


class DragImageResponse(Shape):
    """Zone id → id of what was put there."""

    drops: Annotated[dict[Key, Key], Field(max_length=MOST)] = {}


class DragImage(QuestionType[DragImageBody, DragImageResponse]):
    """Put each where it belongs."""

    name = "drag_image"
    label = _("Drag onto a picture")
    counts_back = True
    editor = (
        *BACKGROUND,
        Rows(
            name="drags",
            label=_("Items to drag"),
            row_label=_("Item"),
            help=_("Items that belong nowhere may be among them."),
            minimum=1,
            maximum=MOST,
            spare=3,
            fields=(
                Kept(name="id"),
                Line(name="label", label=_("Text"), required=True, max_length=200),
                Picture(name="src", label=_("Picture, if it is one"), folded=True),
                Number(
                    name="group",
                    label=_("Group"),
                    help=_("A zone offers only items of one group; empty: 1."),
                    integer=True,
                    minimum=1,
                    maximum=20,
                    folded=True,
                ),
                Flag(name="reusable", label=_("May be put in several zones")),
            ),
        ),
        Rows(
            name="zones",
            label=_("Zones of the picture"),
            row_label=_("Zone"),
            help=_("Each weighs the same."),
            minimum=1,
            maximum=MOST,
            spare=3,
            fields=(
                Kept(name="id"),
                Number(name="x", label=_("Pixels from the left"), required=True),
                Number(name="y", label=_("Pixels from the top"), required=True),
                Line(name="drag", label=_("What belongs here"), help=_("In the words of the item."), required=True),
                Line(
                    name="label",
                    label=_("Name of the zone"),
                    help=_("Read aloud and shown in the list; empty: its number."),
                    max_length=200,
                    folded=True,
                ),
            ),
        ),
        SHUFFLE,
    )
    Body = DragImageBody
    Response = DragImageResponse

    def is_empty(self, response: DragImageResponse) -> bool:
        return not response.drops

    def is_complete(self, body: DragImageBody, response: DragImageResponse, variant: Mapping[str, Any]) -> bool:
        return {zone.id for zone in body.zones} <= set(response.drops)

    def grade(self, body: DragImageBody, response: DragImageResponse, variant: Mapping[str, Any]) -> Outcome:
        if not response.drops:
            return UNANSWERED
        zones = {zone.id for zone in body.zones}
        if not set(response.drops) <= zones or not set(response.drops.values()) <= {drag.id for drag in body.drags}:
            return invalid("there is no such zone or item")
        parts = {
            zone.id: State.RIGHT if response.drops[zone.id] == zone.drag else State.WRONG
            for zone in body.zones
            if zone.id in response.drops
        }
        right = sum(1 for state in parts.values() if state is State.RIGHT)
        return graded(right / len(body.zones), parts=parts)

    def final_fraction(
        self, body: DragImageBody, tries: Sequence[DragImageResponse], variant: Mapping[str, Any]
    ) -> float:
        """Each zone counts by how many tries it took to be right for good."""
        right = [{zone.id for zone in body.zones if given.drops.get(zone.id) == zone.drag} for given in tries]
        return match_fraction([zone.id for zone in body.zones], right, body.cost)

    def parse_form(self, data: Mapping[str, Sequence[str]], prefix: str, body: DragImageBody) -> dict[str, Any]:
        drops = {}
        for zone in body.zones:
            values = data.get(f"{prefix}-{zone.id}") or []
            if values and values[0]:
                drops[zone.id] = values[0]
        return {"drops": drops} if drops else {}

    def to_form(self, body: DragImageBody, response: DragImageResponse, prefix: str) -> dict[str, list[str]]:
        return {f"{prefix}-{key}": [value] for key, value in response.drops.items()}

    def from_texts(self, body: DragImageBody, response: Mapping[str, Any]) -> dict[str, Any]:
        """`{"drops": {"1": "label"}}`: the zone by its id or its name."""
        drops = response.get("drops")
        if not isinstance(drops, Mapping):
            return dict(response)
        ids = {zone.id: zone.id for zone in body.zones}
        named = ids | {zone.label: zone.id for zone in body.zones if zone.label and zone.label not in ids}
        groups = {drag.id: drag.group for drag in body.drags}
        found = {}
        for place, text in drops.items():
            zone = named[key_of(place, {name: name for name in named}, "zone")]
            group = groups[next(row.drag for row in body.zones if row.id == zone)]
            found[zone] = key_of(text, {drag.id: drag.label for drag in body.drags if drag.group == group}, "item")
        return {**response, "drops": found}

    def permutables(self, body: DragImageBody) -> dict[str, list[str]]:
        return {"drags": [drag.id for drag in body.drags]} if body.shuffle else {}

    def from_source(self, source: Mapping[str, Any]) -> DragImageBody:
        body = read_common(source, {*BACKGROUND_KEYS, "drags", "zones", "shuffle"})
        body["background"] = read_background(source)
        drags = listed(source, "drags", {"id", "label", "src", "group", "reusable"})
        body["drags"] = with_ids(drags, letters(2 * len(drags)))
        labels = {str(row["id"]): str(row.get("label", "")) for row in body["drags"]}
        zones = listed(source, "zones", {"id", "x", "y", "drag", "label"})
        body["zones"] = [
            {**row, "drag": referred(row.get("drag"), labels, "zones", number, "drag")}
            for number, row in enumerate(with_ids(zones, [str(place + 1) for place in range(2 * len(zones))]))
        ]
        if "shuffle" in source:
            body["shuffle"] = source["shuffle"]
        return DragImageBody.model_validate(body)

    def to_source(self, body: DragImageBody) -> dict[str, Any]:
        before, after = write_common(body)
        drags = []
        for key, drag in zip(letters(len(body.drags)), body.drags, strict=True):
            row: dict[str, Any] = {} if drag.id == key else {"id": drag.id}
            row["label"] = drag.label
            if drag.src:
                row["src"] = drag.src
            if drag.group != 1:
                row["group"] = drag.group
            if drag.reusable:
                row["reusable"] = True
            drags.append(row)
        labels = {drag.id: drag.label for drag in body.drags}
        zones = []
        for number, zone in enumerate(body.zones, start=1):
            row = {} if zone.id == str(number) else {"id": zone.id}
            row |= {"x": plain(zone.x), "y": plain(zone.y), "drag": reference_to(zone.drag, labels)}
            if zone.label:
                row["label"] = zone.label
            zones.append(row)
        own = {**write_background(body.background), "drags": drags, "zones": zones}
        return {**before, **own, **({} if body.shuffle else {"shuffle": False}), **after}

    def correct_response(self, body: DragImageBody) -> dict[str, Any]:
        return {"drops": {zone.id: zone.drag for zone in body.zones}}

    def describe_response(self, body: DragImageBody, response: DragImageResponse) -> str:
        labels = {drag.id: drag.label for drag in body.drags}
        return "; ".join(
            f"{zone.label or zone.id} → {labels[response.drops[zone.id]]}"
            for zone in body.zones
            if response.drops.get(zone.id) in labels
        )

    def view(
        self, body: DragImageBody, response: DragImageResponse | None, variant: Mapping[str, Any]
    ) -> dict[str, Any]:
        order = variant.get("order") if isinstance(variant.get("order"), Mapping) else {}
        drags = {drag.id: drag for drag in body.drags}
        shown = [drags[key] for key in ordered(list(drags), (order or {}).get("drags"))]
        given = dict(response.drops) if response else {}
        picture = background_view(body.background)
        zones = []
        for number, zone in enumerate(body.zones, start=1):
            chosen = drags.get(given.get(zone.id, ""))
            zones.append(
                {
                    "id": zone.id,
                    "number": number,
                    "label": zone.label,
                    "x": plain(zone.x),
                    "y": plain(zone.y),
                    "badge_x": round(zone.x + picture["badge"], 1),
                    "badge_y": round(zone.y + picture["badge"], 1),
                    "group": drags[zone.drag].group,
                    "chosen": chosen.label if chosen else "",
                    "right": chosen is not None and chosen.id == zone.drag,
                    "answer": drags[zone.drag].label,
                    "options": [
                        {"id": drag.id, "text": drag.label, "chosen": drag is chosen}
                        for drag in shown
                        if drag.group == drags[zone.drag].group
                    ],
                }
            )
        return {
            "background": picture,
            "zones": zones,
            "choices": [
                {"id": drag.id, "text": drag.label, "src": drag.src, "group": drag.group, "reusable": drag.reusable}
                for drag in shown
            ],
            "has_pictures": any(drag.src for drag in shown),
        }


question_type = DragImage()
