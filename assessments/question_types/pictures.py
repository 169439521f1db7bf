"""What questions on a picture share: the picture, and regions of it in its own pixels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Annotated, Any, Literal, TypeAlias

from django.utils.translation import gettext_lazy as _
from pydantic import Field, StringConstraints, field_validator, model_validator

from assessments.question_types.base import PlainLine, Shape
from assessments.question_types.editor import Choice, Fault, Line, Number, Numbers, Picture
from common.messages import filled

MOST_PIXELS = 20_000
SCHEMES = ("/", "media:", "https://", "http://")
Point: TypeAlias = tuple[float, float]
Pixel = Annotated[float, Field(ge=-MOST_PIXELS, le=2 * MOST_PIXELS, allow_inf_nan=False)]
Label = Annotated[PlainLine, Field(min_length=1, max_length=200)]
OptionalLabel = Annotated[PlainLine, Field(max_length=200)]


def checked_address(src: str) -> str:
    """An address of a picture: of this site, of a file that is being imported, or of the web. Raises Fault."""
    if src and (not src.startswith(SCHEMES) or src.startswith("//")):
        raise Fault(_("This is no address of a picture: choose an uploaded one."))
    return src


class Background(Shape):
    """The picture that is worked on; width and height are its own, in pixels, and every place counts in them."""

    src: Annotated[str, StringConstraints(max_length=500)]
    alt: Annotated[PlainLine, Field(max_length=500)] = ""
    width: Annotated[int, Field(ge=1, le=MOST_PIXELS)]
    height: Annotated[int, Field(ge=1, le=MOST_PIXELS)]

    @field_validator("src")
    @classmethod
    def _is_an_address(cls, src: str) -> str:
        if not src:
            raise Fault(_("The picture is missing: choose one."))
        return checked_address(src)


ShapeName: TypeAlias = Literal["circle", "rectangle", "polygon"]


class Region(Shape):
    """A part of the picture, its edge included.

    `coords`: circle x, y, radius; rectangle x, y (top left), width, height; polygon x, y of each corner.
    """

    shape: ShapeName
    coords: Annotated[tuple[Pixel, ...], Field(min_length=3, max_length=200)]

    @model_validator(mode="after")
    def _coords_fit_the_shape(self) -> Region:
        count = len(self.coords)
        if self.shape == "circle" and count != 3:
            raise Fault(_("A circle has three numbers: x, y of its centre and its radius."), "coords")
        if self.shape == "rectangle" and count != 4:
            raise Fault(
                _("A rectangle has four numbers: x, y of its corner at the top left, width and height."), "coords"
            )
        if self.shape == "polygon" and (count < 6 or count % 2):
            raise Fault(_("A polygon has two numbers, x and y, for each of three or more corners."), "coords")
        if self.shape != "polygon" and min(self.coords[2:]) < 0:
            raise Fault(_("Radius, width and height cannot be less than zero."), "coords")
        return self

    def contains(self, x: float, y: float) -> bool:
        """Whether a point lies in it or on its edge."""
        if self.shape == "circle":
            centre_x, centre_y, radius = self.coords
            return (x - centre_x) ** 2 + (y - centre_y) ** 2 <= radius**2
        if self.shape == "rectangle":
            left, top, width, height = self.coords
            return left <= x <= left + width and top <= y <= top + height
        return _winds_around(corners(self.coords), x, y)

    def inner_point(self) -> Point:
        """A point in it: the middle when that lies in it, else a corner."""
        if self.shape == "circle":
            return self.coords[0], self.coords[1]
        if self.shape == "rectangle":
            left, top, width, height = self.coords
            return left + width / 2, top + height / 2
        points = corners(self.coords)
        xs, ys = [x for x, _y in points], [y for _x, y in points]
        middle = round((min(xs) + max(xs)) / 2), round((min(ys) + max(ys)) / 2)
        return middle if self.contains(*middle) else points[0]

    def drawn(self) -> dict[str, Any]:
        """What a template needs to draw it: the shape and the attributes of SVG, a label's place among them."""
        x, y = self.inner_point()
        facts: dict[str, Any] = {"shape": self.shape, "label_x": plain(x), "label_y": plain(y)}
        if self.shape == "polygon":
            return {**facts, "points": " ".join(f"{plain(x)},{plain(y)}" for x, y in corners(self.coords))}
        names = ("cx", "cy", "r") if self.shape == "circle" else ("x", "y", "width", "height")
        return {**facts, **{name: plain(value) for name, value in zip(names, self.coords, strict=True)}}


def corners(coords: Sequence[float]) -> list[Point]:
    """The corners of a polygon, without the first one again at its end."""
    points = list(zip(coords[::2], coords[1::2], strict=True))
    return points[:-1] if len(points) > 1 and points[0] == points[-1] else points


def _winds_around(points: Sequence[Point], x: float, y: float) -> bool:
    """The winding number, edges included, as the reference engine counts: a level edge counts along its whole line."""
    winding = 0
    for (x1, y1), (x2, y2) in pairwise([*points, points[0]]):
        side = (x2 - x1) * (y - y1) - (x - x1) * (y2 - y1)
        if y1 <= y:
            if y2 >= y:
                if side == 0:
                    return True
                winding += side > 0
        elif y2 <= y:
            if side == 0:
                return True
            winding -= side < 0
    return winding != 0


def plain(value: float) -> int | float:
    """A whole number without its point."""
    return int(value) if float(value).is_integer() else value


def background_view(background: Background) -> dict[str, Any]:
    """The picture as templates show it; `badge` is how large numbers on it are drawn, so that phones can show them."""
    badge = max(background.width, background.height) / 26
    return {
        **background.model_dump(),
        "badge": round(badge, 1),
        "badge_text": round(badge * 1.15, 1),
        "badge_line": round(max(background.width, background.height) / 300, 1),
    }


# The form of packs ---------------------------------------------------------------------------------------------

BACKGROUND_KEYS = frozenset({"picture", "alt", "width", "height"})
BACKGROUND = (
    Picture(name="picture", label=_("Picture"), required=True),
    Line(
        name="alt",
        label=_("What the picture shows"),
        help=_("For somebody who cannot see it; it must not give the answer away."),
        required=True,
    ),
    Number(
        name="width",
        label=_("Width of the picture"),
        help=_("In pixels. Every place counts in the picture’s own pixels, from its top left corner."),
        required=True,
        integer=True,
        minimum=1,
        maximum=MOST_PIXELS,
    ),
    Number(
        name="height", label=_("Height of the picture"), required=True, integer=True, minimum=1, maximum=MOST_PIXELS
    ),
)
REGION = (
    Choice(
        name="shape",
        label=_("Shape"),
        required=True,
        options=[("circle", _("Circle")), ("rectangle", _("Rectangle")), ("polygon", _("Polygon"))],
    ),
    Numbers(
        name="coords",
        label=_("Where"),
        required=True,
        help=_("Circle: x y radius. Rectangle: x y width height. Polygon: x y of each corner."),
    ),
)


def read_background(source: Mapping[str, Any]) -> Background:
    """The picture of a pack's question. Raises Fault and ValidationError at the fields of the source form."""
    src = source.get("picture")
    if not isinstance(src, str) or not src:
        raise Fault(_("The picture is missing: choose one."), "picture")
    try:
        checked_address(src)
    except Fault as fault:
        raise Fault(fault.message, "picture") from None
    return Background.model_validate(
        {"src": src, **{key: source[key] for key in ("alt", "width", "height") if key in source}}
    )


def write_background(background: Background) -> dict[str, Any]:
    """The form that packs use."""
    alt = {"alt": background.alt} if background.alt else {}
    return {"picture": background.src, **alt, "width": background.width, "height": background.height}


def written_coords(coords: Sequence[float]) -> list[int | float]:
    """Numbers as people write them."""
    return [plain(value) for value in coords]


def with_ids(rows: Sequence[Mapping[str, Any]], keys: Sequence[str]) -> list[dict[str, Any]]:
    """Rows with ids: their own, else the key of their place, else the first that is free. `keys` are enough for both."""
    taken = {str(row["id"]) for row in rows if row.get("id")}
    spare = [key for key in keys if key not in taken]
    found = []
    for key, row in zip(keys, rows, strict=False):
        own = str(row.get("id") or (key if key in spare else spare[0]))
        if own in spare:
            spare.remove(own)
        found.append({**row, "id": own})
    return found


def referred(text: Any, labels: Mapping[str, str], *place: str | int) -> str:
    """The id that a pack means: by its label when only one has it, else by `#id`. Raises Fault."""
    counts = Counter(labels.values())
    for key, label in labels.items():
        if label == text and counts[label] == 1:
            return key
    if isinstance(text, str) and text.removeprefix("#") in labels and text.startswith("#"):
        return text.removeprefix("#")
    if counts[text if isinstance(text, str) else ""] > 1:
        raise Fault(filled(_("More than one is called “%(name)s”: give them different words."), {"name": text}), *place)
    raise Fault(filled(_("There is no “%(name)s” above: write it in the same words."), {"name": text}), *place)


def reference_to(key: str, labels: Mapping[str, str]) -> str:
    """What a pack writes for an id, so that `referred` finds it."""
    return labels[key] if Counter(labels.values())[labels[key]] == 1 else f"#{key}"
