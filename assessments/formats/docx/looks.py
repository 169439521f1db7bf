"""How runs look and how paragraphs are numbered, out of a document's styles and lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from assessments.formats.docx.package import W

_OFF = frozenset(["0", "false", "off", "none"])
_PLAIN_COLOURS = frozenset(["auto", "000000", "", "FFFFFF"])
_TOGGLES = (("b", "bold"), ("i", "italic"), ("strike", "strike"), ("dstrike", "strike"), ("vanish", "hidden"))
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip
_MOST_STYLES = 12


def value(element: Any, default: str = "") -> str:
    """The attribute w:val."""
    return default if element is None else str(element.get(f"{W}val", default))


def with_looks(marks: frozenset[str], properties: Any) -> frozenset[str]:
    """The looks after a run's properties: what they say replaces what was there."""
    if properties is None:
        return marks
    found = set(marks)
    for tag, mark in _TOGGLES:
        element = properties.find(f"{W}{tag}")
        if element is not None:
            (found.discard if value(element, "1") in _OFF else found.add)(mark)
    for tag, mark, plain in (
        ("u", "underline", _OFF),
        ("color", "colour", _PLAIN_COLOURS),
        ("highlight", "highlight", _OFF),
    ):
        element = properties.find(f"{W}{tag}")
        if element is not None:
            says = value(element, "single" if tag == "u" else "")
            found = {each for each in found if not each.startswith(mark)}
            if says not in plain:
                found.add(mark)
    shade = properties.find(f"{W}shd")
    if shade is not None and str(shade.get(f"{W}fill", "auto")).lower() not in ("auto", "ffffff", ""):
        found.add("highlight")
    place = value(properties.find(f"{W}vertAlign"))
    if place:
        found -= {"sub", "sup"}
        found |= {"superscript": {"sup"}, "subscript": {"sub"}}.get(place, set())
    fonts = properties.find(f"{W}rFonts")
    if fonts is not None:
        found.discard("old font")
        name = str(fonts.get(f"{W}ascii", "") or fonts.get(f"{W}hAnsi", "")).lower()
        if name.startswith((".vn", "vni-", "vni ", ".vntime")):
            found.add("old font")
    return frozenset(found)


@dataclass(slots=True)
class Style:
    """What a style says: its looks, its list, how deep a heading it is."""

    based_on: str = ""
    name: str = ""
    run: Any = None
    paragraph: Any = None


class Looks:
    """The styles of a document."""

    def __init__(self, styles: Any) -> None:
        self._styles: dict[str, Style] = {}
        for element in styles if styles is not None else ():
            if element.tag == f"{W}style":
                self._styles[str(element.get(f"{W}styleId", ""))] = Style(
                    based_on=value(element.find(f"{W}basedOn")),
                    name=value(element.find(f"{W}name")).lower(),
                    run=element.find(f"{W}rPr"),
                    paragraph=element.find(f"{W}pPr"),
                )
        self._known: dict[str, frozenset[str]] = {}

    def chain(self, style: str) -> list[Style]:
        """The style and those that it is based on, the nearest first."""
        found: list[Style] = []
        while style in self._styles and len(found) < _MOST_STYLES:
            found.append(self._styles[style])
            style = self._styles[style].based_on
        return found

    def marks(self, style: str) -> frozenset[str]:
        """The looks of a style."""
        if style not in self._known:
            marks: frozenset[str] = frozenset()
            for each in reversed(self.chain(style)):
                marks = with_looks(marks, each.run)
            self._known[style] = marks
        return self._known[style]

    def heading(self, style: str, properties: Any) -> int | None:
        """How deep a heading is, from 0; None when it is none."""
        sources = [properties, *(each.paragraph for each in self.chain(style))]
        for source in sources:
            outline = source.find(f"{W}outlineLvl") if source is not None else None
            if outline is not None and value(outline).isdecimal():
                return int(value(outline)) if int(value(outline)) < 9 else None
        for each in self.chain(style):
            if each.name.startswith("heading ") and each.name[8:].isdecimal():
                return int(each.name[8:]) - 1
        return None

    def list_of(self, style: str, properties: Any) -> tuple[str, int] | None:
        """(list, level) that a paragraph belongs to."""
        for source in [properties, *(each.paragraph for each in self.chain(style))]:
            numbered = source.find(f"{W}numPr") if source is not None else None
            if numbered is not None:
                level = value(numbered.find(f"{W}ilvl"), "0")
                number = value(numbered.find(f"{W}numId"), "0")
                return None if number == "0" else (number, int(level) if level.isdecimal() else 0)
        return None


@dataclass(slots=True)
class Level:
    """One level of a list: how it counts and what it writes."""

    kind: str = "decimal"
    text: str = "%1."
    start: int = 1


@dataclass(slots=True)
class Numbering:
    """The lists of a document and how far each has counted."""

    levels: Mapping[str, Mapping[int, Level]] = field(default_factory=dict)
    same: Mapping[str, str] = field(default_factory=dict)
    counts: dict[str, dict[int, int]] = field(default_factory=dict)

    def label(self, number: str, level: int) -> str:
        """What stands before the next paragraph of a list; "" for bullets."""
        levels = self.levels.get(number, {})
        own = levels.get(level, Level())
        counts = self.counts.setdefault(self.same.get(number, number), {})
        counts[level] = counts.get(level, own.start - 1) + 1
        for deeper in [each for each in counts if each > level]:
            del counts[deeper]
        if own.kind in ("bullet", "none"):
            return ""
        text = own.text
        for each in range(level + 1):
            shape = levels.get(each, Level())
            text = text.replace(f"%{each + 1}", _counted(counts.get(each, shape.start), shape.kind))
        return text.strip()


def read_numbering(root: Any) -> Numbering:
    """The lists of numbering.xml."""
    if root is None:
        return Numbering()
    abstract: dict[str, dict[int, Level]] = {}
    for element in root.findall(f"{W}abstractNum"):
        abstract[str(element.get(f"{W}abstractNumId", ""))] = dict(map(_level, element.findall(f"{W}lvl")))
    levels: dict[str, dict[int, Level]] = {}
    same: dict[str, str] = {}
    for element in root.findall(f"{W}num"):
        number, base = str(element.get(f"{W}numId", "")), value(element.find(f"{W}abstractNumId"))
        levels[number] = dict(abstract.get(base, {}))
        overrides = element.findall(f"{W}lvlOverride")
        if not overrides:
            same[number] = f"abstract {base}"
        for override in overrides:
            place = int(override.get(f"{W}ilvl", "0")) if override.get(f"{W}ilvl", "0").isdecimal() else 0
            shape = override.find(f"{W}lvl")
            if shape is not None:
                levels[number][place] = _level(shape)[1]
            start = value(override.find(f"{W}startOverride"))
            if start.isdecimal():
                old = levels[number].get(place, Level())
                levels[number][place] = Level(old.kind, old.text, int(start))
    return Numbering(levels, same)


def _level(element: Any) -> tuple[int, Level]:
    place = element.get(f"{W}ilvl", "0")
    start = value(element.find(f"{W}start"), "1")
    return int(place) if place.isdecimal() else 0, Level(
        value(element.find(f"{W}numFmt"), "decimal"),
        value(element.find(f"{W}lvlText"))[:40],
        int(start) if start.isdecimal() and len(start) < 6 else 1,
    )


def _counted(number: int, kind: str) -> str:
    if kind in ("upperLetter", "lowerLetter"):
        letter = chr(ord("A") + (number - 1) % 26) * min((number - 1) // 26 + 1, 4) if number > 0 else "A"
        return letter if kind == "upperLetter" else letter.lower()
    if kind in ("upperRoman", "lowerRoman") and 0 < number < 4000:
        roman = ""
        for worth, sign in _ROMAN:
            while number >= worth:
                roman, number = roman + sign, number - worth
        return roman.upper() if kind == "upperRoman" else roman
    return f"{number:02}" if kind == "decimalZero" else str(number)
