"""Mark on a picture: markers are put on points of it; a region is hit when the right marker lies in it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from django.utils.translation import gettext_lazy as _
from pydantic import Field, model_validator

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
from assessments.question_types.editor import SHUFFLE, Fault, Kept, Line, Number, Rows
from assessments.question_types.numbers import read_number
from assessments.question_types.pictures import (
    BACKGROUND,
    BACKGROUND_KEYS,
    REGION,
    Background,
    Label,
    Point,
    Region,
    background_view,
    plain,
    read_background,
    reference_to,
    referred,
    with_ids,
    write_background,
    written_coords,
)
from assessments.question_types.source import letters, listed, read_common, write_common

MOST = 60
MOST_POINTS = 40
FEWEST_ROWS = 3  # of a marker that may be put anywhere, so that the form does not tell how often it is right
Coordinate = Annotated[float, Field(ge=-100_000, le=100_000, allow_inf_nan=False)]


class Marker(Shape):
    """What is put on the picture; `count`: how often it is there, 0 for as often as one wants."""

    id: Key
    label: Label
    count: Annotated[int, Field(ge=0, le=MOST_POINTS)] = 1


class MarkedZone(Region):
    """A region and the id of the marker that belongs in it."""

    marker: Key


class MarkImageBody(Body):
    """Regions may overlap, and one marker may belong in several."""

    background: Background
    markers: Annotated[tuple[Marker, ...], Field(min_length=1, max_length=20)]
    zones: Annotated[tuple[MarkedZone, ...], Field(min_length=1, max_length=MOST)]
    shuffle: bool = True

    @model_validator(mode="after")
    def _zones_have_their_marker(self) -> MarkImageBody:
        markers = {marker.id for marker in self.markers}
        if len(markers) != len(self.markers):
            raise Fault(_("Two markers have the same id."), "markers")
        for number, zone in enumerate(self.zones):
            if zone.marker not in markers:
                raise Fault(_("There is no such marker."), "zones", number, "marker")
        return self


class MarkImageResponse(Shape):
    """Marker id → the points where it was put, in pixels of the picture."""

    points: Annotated[
        dict[Key, Annotated[tuple[tuple[Coordinate, Coordinate], ...], Field(max_length=MOST_POINTS)]],
        Field(max_length=20),
    ] = {}


class MarkImage(QuestionType[MarkImageBody, MarkImageResponse]):
    """Show the places."""

    name = "mark_image"
    label = _("Mark on a picture")
    counts_back = True
    editor = (
        *BACKGROUND,
        Rows(
            name="markers",
            label=_("Markers"),
            row_label=_("Marker"),
            help=_("Markers that belong nowhere may be among them."),
            minimum=1,
            maximum=20,
            spare=2,
            fields=(
                Kept(name="id"),
                Line(name="label", label=_("Text"), required=True, max_length=200),
                Number(
                    name="count",
                    label=_("How often it is there"),
                    help=_("0: as often as one wants."),
                    integer=True,
                    minimum=0,
                    maximum=MOST_POINTS,
                    initial=1,
                ),
            ),
        ),
        Rows(
            name="zones",
            label=_("Right places"),
            row_label=_("Place"),
            help=_(
                "Each weighs the same. Markers put elsewhere lower the mark when there are more of them than places."
            ),
            minimum=1,
            maximum=MOST,
            spare=2,
            fields=(
                Line(name="marker", label=_("Marker"), help=_("In the words of the marker."), required=True),
                *REGION,
            ),
        ),
        SHUFFLE,
    )
    Body = MarkImageBody
    Response = MarkImageResponse

    def is_empty(self, response: MarkImageResponse) -> bool:
        return not any(response.points.values())

    def is_same(self, one: MarkImageResponse, other: MarkImageResponse) -> bool:
        return _by_marker(one) == _by_marker(other)

    def grade(self, body: MarkImageBody, response: MarkImageResponse, variant: Mapping[str, Any]) -> Outcome:
        if self.is_empty(response):
            return UNANSWERED
        if not set(response.points) <= {marker.id for marker in body.markers}:
            return invalid("there is no such marker")
        hits = hits_of(body, response)
        parts = {str(number + 1): State.RIGHT if number in hits else State.WRONG for number in range(len(body.zones))}
        return graded(len(hits) / max(len(body.zones), marked(response)), parts=parts)

    def final_fraction(
        self, body: MarkImageBody, tries: Sequence[MarkImageResponse], variant: Mapping[str, Any]
    ) -> float:
        """A place counts from the try since which it is hit; shared by the places, or the most markers of any try."""
        since: dict[int, int] = {}
        most = 0
        for number, response in enumerate(tries):
            most = max(most, marked(response))
            hits = hits_of(body, response)
            since = {place: since.get(place, number) for place in hits}
        earned = len(since) - sum(since.values()) * body.cost
        return min(max(earned / max(most, len(body.zones)), 0.0), 1.0)

    def parse_form(self, data: Mapping[str, Sequence[str]], prefix: str, body: MarkImageBody) -> dict[str, Any]:
        points: dict[str, list[list[int | float]]] = {}
        for marker in body.markers:
            found = list(_typed_points(data, f"{prefix}-{marker.id}"))
            if found:
                points[marker.id] = found
        return {"points": points} if points else {}

    def to_form(self, body: MarkImageBody, response: MarkImageResponse, prefix: str) -> dict[str, list[str]]:
        fields = {}
        for key, points in response.points.items():
            if points:
                fields[f"{prefix}-{key}-x"] = [str(plain(x)) for x, _y in points]
                fields[f"{prefix}-{key}-y"] = [str(plain(y)) for _x, y in points]
        return fields

    def from_texts(self, body: MarkImageBody, response: Mapping[str, Any]) -> dict[str, Any]:
        points = response.get("points")
        if not isinstance(points, Mapping):
            return dict(response)
        labels = {marker.id: marker.label for marker in body.markers}
        return {**response, "points": {key_of(label, labels, "marker"): value for label, value in points.items()}}

    def permutables(self, body: MarkImageBody) -> dict[str, list[str]]:
        return {"markers": [marker.id for marker in body.markers]} if body.shuffle else {}

    def from_source(self, source: Mapping[str, Any]) -> MarkImageBody:
        body = read_common(source, {*BACKGROUND_KEYS, "markers", "zones", "shuffle"})
        body["background"] = read_background(source)
        markers = listed(source, "markers", {"id", "label", "count"})
        body["markers"] = with_ids(markers, letters(2 * len(markers)))
        labels = {str(row["id"]): str(row.get("label", "")) for row in body["markers"]}
        body["zones"] = [
            {**row, "marker": referred(row.get("marker"), labels, "zones", number, "marker")}
            for number, row in enumerate(listed(source, "zones", {"shape", "coords", "marker"}))
        ]
        if "shuffle" in source:
            body["shuffle"] = source["shuffle"]
        return MarkImageBody.model_validate(body)

    def to_source(self, body: MarkImageBody) -> dict[str, Any]:
        before, after = write_common(body)
        markers = []
        for key, marker in zip(letters(len(body.markers)), body.markers, strict=True):
            row: dict[str, Any] = {} if marker.id == key else {"id": marker.id}
            row["label"] = marker.label
            if marker.count != 1:
                row["count"] = marker.count
            markers.append(row)
        labels = {marker.id: marker.label for marker in body.markers}
        zones = [
            {
                "marker": reference_to(zone.marker, labels),
                "shape": zone.shape,
                "coords": written_coords(zone.coords),
            }
            for zone in body.zones
        ]
        own = {**write_background(body.background), "markers": markers, "zones": zones}
        return {**before, **own, **({} if body.shuffle else {"shuffle": False}), **after}

    def correct_response(self, body: MarkImageBody) -> dict[str, Any]:
        points: dict[str, list[list[int | float]]] = {}
        for zone in body.zones:
            points.setdefault(zone.marker, []).append([plain(value) for value in zone.inner_point()])
        return {"points": points}

    def describe_response(self, body: MarkImageBody, response: MarkImageResponse) -> str:
        return "; ".join(
            f"{marker.label}: " + ", ".join(f"({plain(x)}, {plain(y)})" for x, y in response.points[marker.id])
            for marker in body.markers
            if response.points.get(marker.id)
        )

    def view(
        self, body: MarkImageBody, response: MarkImageResponse | None, variant: Mapping[str, Any]
    ) -> dict[str, Any]:
        order = variant.get("order") if isinstance(variant.get("order"), Mapping) else {}
        markers = {marker.id: marker for marker in body.markers}
        response = response or MarkImageResponse()
        hits = hits_of(body, response)
        right = set(hits.values())
        rows = []
        for number, key in enumerate(ordered(list(markers), (order or {}).get("markers")), start=1):
            points = [
                {"x": plain(x), "y": plain(y), "right": (key, index) in right}
                for index, (x, y) in enumerate(response.points.get(key, ()))
            ]
            count = markers[key].count
            wanted = max(count or max(FEWEST_ROWS, len(points) + 1), len(points))
            places = [zone.inner_point() for zone in body.zones if zone.marker == key]
            rows.append(
                {
                    "id": key,
                    "number": number,
                    "label": markers[key].label,
                    "count": count,
                    "points": points,
                    "fields": [*points, *[{"x": "", "y": ""}] * (wanted - len(points))],
                    "answer": [{"x": plain(x), "y": plain(y)} for x, y in places],
                }
            )
        return {
            "background": background_view(body.background),
            "markers": rows,
            "most": MOST_POINTS,
            "answer": [{**zone.drawn(), "is_hit": index in hits} for index, zone in enumerate(body.zones)],
        }


def _typed_points(data: Mapping[str, Sequence[str]], prefix: str) -> Iterator[list[int | float]]:
    """Points of the pairs of fields in which both numbers were typed."""
    rows = zip(data.get(f"{prefix}-x") or [], data.get(f"{prefix}-y") or [], strict=False)
    for typed_x, typed_y in rows:
        x, y = read_number(typed_x)[0], read_number(typed_y)[0]
        if x is not None and y is not None:
            yield [plain(x), plain(y)]


def _by_marker(response: MarkImageResponse) -> dict[str, list[Point]]:
    return {key: sorted(points) for key, points in response.points.items() if points}


def _whole(pixels: float) -> int:
    """The pixel that a point lies on; halves go away from zero, as PHP rounds them."""
    return math.floor(abs(pixels) + 0.5) * (1 if pixels >= 0 else -1)


def marked(response: MarkImageResponse) -> int:
    """How many markers lie on the picture."""
    return sum(len(points) for points in response.points.values())


def hits_of(body: MarkImageBody, response: MarkImageResponse) -> dict[int, tuple[str, int]]:
    """Place → the (marker, number of the point) that counts for it, no point twice.

    Places hit by fewer points choose first, in the author's order, each the first point that is free: what the
    reference engine does, also where another choice would hit more.
    """
    candidates: list[tuple[int, list[int]]] = []
    for number, zone in enumerate(body.zones):
        points: tuple[Point, ...] = response.points.get(zone.marker, ())
        inside = [index for index, (x, y) in enumerate(points) if zone.contains(_whole(x), _whole(y))]
        if inside:
            candidates.append((number, inside))
    chosen: dict[int, tuple[str, int]] = {}
    taken: set[tuple[str, int]] = set()
    for number, inside in sorted(candidates, key=lambda row: len(row[1])):
        marker = body.zones[number].marker
        for index in inside:
            if (marker, index) not in taken:
                chosen[number] = (marker, index)
                taken.add((marker, index))
                break
    return chosen


question_type = MarkImage()
