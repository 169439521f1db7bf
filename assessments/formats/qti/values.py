"""Values and declarations of QTI: what a response may be, what is right, and how responses are mapped to marks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from assessments.formats.base import Text
from assessments.formats.checking import NotTaken
from assessments.formats.qti.nodes import Node
from assessments.question_types.pictures import Region
from common.messages import filled

# A single value: identifier or string, number, boolean; a pair or point is a tuple of two.
Single: TypeAlias = str | bool | int | float | tuple[str, str] | tuple[float, float]
MOST_ENTRIES = 1_000


class Unsupported(NotTaken):
    """Marking rules that we do not know; `reason` names what."""


@dataclass(frozen=True, slots=True)
class Many:
    """A container of values, in an order that counts or in none."""

    items: tuple[Single, ...]
    is_ordered: bool = False

    def same(self, other: Many) -> bool:
        """Whether both hold the same values, in the same order where it counts."""
        if self.is_ordered and other.is_ordered:
            return self.items == other.items
        return sorted(self.items, key=repr) == sorted(other.items, key=repr)


Value: TypeAlias = Single | Many | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of a mapping: a value and its marks."""

    key: Single
    marks: float
    case_sensitive: bool


@dataclass(frozen=True, slots=True)
class Area:
    """A region and its marks."""

    region: Region
    marks: float


@dataclass(frozen=True, slots=True)
class Mapping:
    """Marks by value or by region: one each that was given, the default for any other, the sum within bounds."""

    entries: tuple[Entry, ...] = ()
    areas: tuple[Area, ...] = ()
    default: float = 0.0
    lower: float | None = None
    upper: float | None = None

    def marks_of(self, value: Value) -> float:
        """The marks of a response."""
        items = value.items if isinstance(value, Many) else () if value is None else (value,)
        if self.areas or (not self.entries and items and all(_is_point(item) for item in items)):
            return self._bounded(self._of_points(items))
        return self._bounded(sum(self._of_one(item) for item in dict.fromkeys(items)))

    def _of_one(self, item: Single) -> float:
        for entry in self.entries:
            if same_single(entry.key, item):
                return entry.marks
        if isinstance(item, str):
            for entry in self.entries:
                if not entry.case_sensitive and isinstance(entry.key, str) and entry.key.lower() == item.lower():
                    return entry.marks
        return self.default

    def _of_points(self, items: Iterable[Single]) -> float:
        """Each region counts once; points outside of every region count as the default."""
        total, hit = 0.0, set()
        for item in items:
            found = [n for n, area in enumerate(self.areas) if _is_point(item) and area.region.contains(*item)]  # type: ignore[misc]
            if not found:
                total += self.default
            elif found[0] not in hit:
                hit.add(found[0])
                total += self.areas[found[0]].marks
        return total

    def _bounded(self, marks: float) -> float:
        if self.lower is not None:
            marks = max(marks, self.lower)
        return min(marks, self.upper) if self.upper is not None else marks


@dataclass(frozen=True, slots=True)
class Declaration:
    """A response or outcome variable."""

    identifier: str
    cardinality: str
    base_type: str
    default: Value = None
    correct: Value = None
    mapping: Mapping | None = None
    table: Node | None = None

    @property
    def correct_items(self) -> tuple[Single, ...]:
        """The right values, none when none are named."""
        if isinstance(self.correct, Many):
            return self.correct.items
        return () if self.correct is None else (self.correct,)

    def of(self, items: Sequence[Single]) -> Value:
        """These values as this variable holds them; nothing is NULL."""
        if not items:
            return None
        return items[0] if self.cardinality == "single" else Many(tuple(items), self.cardinality == "ordered")


def read_declaration(node: Node) -> Declaration:
    """A responseDeclaration or outcomeDeclaration. Raises Unsupported."""
    cardinality, base_type = node.get("cardinality", "single"), node.get("baseType", "string")
    if cardinality == "record":
        raise Unsupported(_("It has a record as response, which no type here has."))
    bare = Declaration(node.get("identifier"), cardinality, base_type)

    def values(tag: str) -> Value:
        holder = node.child(tag)
        found = [] if holder is None else [one.text for one in holder.all("value")]
        return bare.of([single_of(text, base_type) for text in found if text or base_type == "string"])

    mapping, areas = node.child("mapping"), node.child("areaMapping")
    return Declaration(
        bare.identifier,
        cardinality,
        base_type,
        values("defaultValue"),
        values("correctResponse"),
        _mapping(mapping, base_type)
        if mapping is not None
        else _mapping(areas, base_type)
        if areas is not None
        else None,
        next((child for child in node.elements if child.tag in {"matchTable", "interpolationTable"}), None),
    )


def _mapping(node: Node, base_type: str) -> Mapping:
    if len(node.elements) > MOST_ENTRIES:
        raise Unsupported(_("Its marking has more rules than we try."))
    entries = tuple(
        Entry(
            single_of(row.get("mapKey"), base_type),
            number_of(row.get("mappedValue", "0")),
            row.get("caseSensitive", "true") in {"true", "1"},
        )
        for row in node.all("mapEntry")
    )
    areas = tuple(
        Area(region_of(row.get("shape"), row.get("coords")), number_of(row.get("mappedValue", "0")))
        for row in node.all("areaMapEntry")
    )
    lower, upper = node.get("lowerBound"), node.get("upperBound")
    return Mapping(
        entries,
        areas,
        number_of(node.get("defaultValue") or "0"),
        number_of(lower) if lower else None,
        number_of(upper) if upper else None,
    )


def single_of(text: str, base_type: str) -> Single:
    """A value as it stands in a file. Raises Unsupported."""
    try:
        if base_type == "integer":
            return int(float(text))
        if base_type in {"float", "duration"}:
            return number_of(text)
        if base_type == "boolean":
            return text.strip() in {"true", "1"}
        if base_type in {"pair", "directedPair"}:
            first, second = text.split()
            return (first, second) if base_type == "directedPair" or first <= second else (second, first)
        if base_type == "point":
            x, y = text.split()
            return float(x), float(y)
    except (ValueError, OverflowError):
        reason = _("“%(text)s” is no value of the type %(type)s.")
        raise Unsupported(filled(reason, {"text": text[:60], "type": base_type})) from None
    return text.strip() if base_type == "identifier" else text


def number_of(text: str) -> float:
    """A finite number. Raises Unsupported."""
    try:
        number = float(text.strip())
    except ValueError:
        number = float("nan")
    if not abs(number) < 1e300:
        raise Unsupported(filled(_("“%(text)s” is not a number."), {"text": text[:60]}))
    return number


def same_single(one: Single, other: Single) -> bool:
    """Whether two values are the same; whole numbers and fractions compare as numbers, booleans do not."""
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def is_number(value: Value) -> bool:
    """Whether it can be reckoned with."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_point(value: Single) -> bool:
    return isinstance(value, tuple) and len(value) == 2 and all(isinstance(part, int | float) for part in value)


_SHAPES = {"circle": "circle", "rect": "rectangle", "poly": "polygon"}


def region_of(shape: str, coords: str, size: tuple[int, int] | None = None) -> Region:
    """A region of a picture; `default` is all of it. Raises Unsupported."""
    reason: Text = filled(_("The shape “%(shape)s” of a region cannot be said here."), {"shape": shape[:30]})
    if shape == "default" and size:
        return Region(shape="rectangle", coords=(0, 0, *size))
    if shape == "ellipse":  # one with equal radii is a circle
        parts = [part.strip() for part in coords.split(",")]
        if len(parts) == 4 and parts[2] == parts[3]:
            shape, coords = "circle", ",".join(parts[:3])
    try:
        numbers = [float(part) for part in coords.replace(" ", ",").split(",") if part.strip()]
        if shape == "rect":
            left, top, right, bottom = numbers
            left, right, top, bottom = min(left, right), max(left, right), min(top, bottom), max(top, bottom)
            numbers = [left, top, right - left, bottom - top]
        return Region(shape=_SHAPES[shape], coords=tuple(numbers))  # type: ignore[arg-type]
    except (KeyError, ValueError, ValidationError):
        raise Unsupported(reason) from None
