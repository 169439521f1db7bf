"""Which choices are right, as people write it: letters, numbers from 1 or 0, the text itself, or how it stands out.

What one question leaves open (is "1" the first choice, the second, or the text "1"?) the other questions of the file
decide; what they leave open as well is said and not guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from assessments.formats.base import Text
from assessments.formats.checking import NotTaken
from common.messages import filled
from common.vietnamese import nfc

MOST_CHOICES = 20
LETTERS = "ABCDEFGHIJKLMNOPQRST"
_BETWEEN = re.compile(r"\s*(?:[,;/&+|\n]|\bvà\b|\band\b)\s*|\s+", re.IGNORECASE)
_LETTER = re.compile(r"(?:(?:đáp án|phương án|answer|option|choice)\s*:?\s*)?\(?([A-Ta-t])\s*[.):]?", re.IGNORECASE)
_LETTERS_TOGETHER = re.compile(r"[A-T]{2,20}")
_NUMBER = re.compile(r"(\d{1,2})(?:[.,]0)?")  # Excel makes 3.0 of 3
_BRACKETS = re.compile(r"[\[({]\s*(.*?)\s*[\])}]", re.DOTALL)
_LETTERED = re.compile(r"\s*([A-Ta-t])\s*[.):\]/]\s*(?=\S)")


class Style(StrEnum):
    """A way to name choices."""

    LETTER = "letter"
    TEXT = "text"
    ONE = "one"
    ZERO = "zero"


_NUMBERS = frozenset([Style.ONE, Style.ZERO])


@dataclass(frozen=True, slots=True)
class Key:
    """The answer of one question as it is written (a list: each entry by itself), and its choices in plain text."""

    said: str | Sequence[str]
    choices: Sequence[str]

    def readings(self) -> dict[Style, tuple[int, ...]]:
        """Every way to understand it: style → places of the right choices from 0."""
        whole = [self.said] if isinstance(self.said, str) else list(self.said)
        found: dict[Style, tuple[int, ...]] = {}
        folded = [_folded(text) for text in self.choices]
        for style in Style:
            places = _places(whole, style, folded, self.choices)
            if places is None and isinstance(self.said, str):
                places = _places(_parted(self.said, style), style, folded, self.choices)
            if places:
                found[style] = tuple(sorted(set(places)))
        return found


class Convention:
    """What the answers of a whole file agree on."""

    def __init__(self, keys: Iterable[Key], *, counts_from_one: bool = False) -> None:
        """`counts_from_one`: numbers do so unless the file has a 0."""
        self.proofs: set[Style] = set()
        readings = [key.readings() for key in keys]
        for reading in readings:
            if len(reading) == 1:
                self.proofs |= set(reading)
        self.base = {Style.ONE, Style.ZERO} & self.proofs
        if counts_from_one and not self.base:
            self.base = {Style.ONE}
        self.numbers_were_needed = any(
            Style.ONE in reading and Style.ZERO in reading and reading[Style.ONE] != reading[Style.ZERO]
            for reading in readings
        )

    @property
    def note(self) -> Text | None:
        """How numbers were understood, when that had to be found out."""
        if not self.numbers_were_needed or len(self.base) != 1:
            return None
        if Style.ZERO in self.base:
            return _("Numbers of right answers count from 0 in this file.")
        return _("Numbers of right answers count from 1 in this file.")

    def right(self, key: Key) -> tuple[int, ...]:
        """Places of the right choices. Raises NotTaken when there are none, or when it stays open which."""
        readings = key.readings()
        said = key.said if isinstance(key.said, str) else ", ".join(key.said)
        if not readings:
            sentence = _("“%(answer)s” names none of the choices: write its letter or its text.")
            raise NotTaken(filled(sentence, {"answer": said[:80]}))
        if len(self.base) == 1:
            readings = {style: places for style, places in readings.items() if style not in _NUMBERS - self.base}
        if len(set(readings.values())) == 1:
            return next(iter(readings.values()))
        proven = {style: places for style, places in readings.items() if style in self.proofs}
        if Style.LETTER in readings and set(proven) != {Style.TEXT}:  # what nearly everybody means by a letter
            return readings[Style.LETTER]
        if len(set(proven.values())) == 1:
            return next(iter(proven.values()))
        sentence = _("“%(answer)s” can mean several of the choices: write the letter (A, B, C …).")
        raise NotTaken(filled(sentence, {"answer": said[:80]}))


def _places(parts: Sequence[str], style: Style, folded: list[str], choices: Sequence[str]) -> list[int] | None:
    """The places that all the parts name in this style, None when one of them names none."""
    places = []
    for part in parts:
        place = _place(part.strip(), style, folded, choices)
        if place is None:
            return None
        places.append(place)
    return places


def _place(part: str, style: Style, folded: list[str], choices: Sequence[str]) -> int | None:
    place: int | None = None
    if style is Style.LETTER:
        found = _LETTER.fullmatch(part)
        place = LETTERS.index(found[1].upper()) if found else None
    elif style is Style.TEXT:
        if list(choices).count(part) == 1:
            return list(choices).index(part)
        lettered = _LETTERED.match(part)
        for wanted in (_folded(part), _folded(part[lettered.end() :]) if lettered else ""):
            if wanted and folded.count(wanted) == 1:
                return folded.index(wanted)
    elif found := _NUMBER.fullmatch(part):
        place = int(found[1]) - (style is Style.ONE)
    return place if place is not None and 0 <= place < len(choices) else None


def _parted(said: str, style: Style) -> list[str]:
    said = "\n".join(" ".join(line.split()) for line in said.split("\n") if line.strip())
    if style is Style.TEXT:
        return [part for part in re.split(r"\s*[;|\n]\s*", said.strip()) if part]
    bracketed = _BRACKETS.fullmatch(said.strip())
    text = bracketed[1].replace('"', "").replace("'", "") if bracketed else said.strip()
    if style is Style.LETTER and _LETTERS_TOGETHER.fullmatch(text):
        return list(text)
    return [part for part in _BETWEEN.split(text) if part]


def _folded(text: str) -> str:
    return " ".join(nfc(text).casefold().split())


def distinguished(marks: Sequence[frozenset[str]]) -> tuple[int, ...]:
    """Places of the choices that stand out in a way that not all of them do; () when none or it is not clear."""
    found: set[tuple[int, ...]] = set()
    for mark in {mark for each in marks for mark in each}:
        places = tuple(place for place, each in enumerate(marks) if mark in each)
        if len(places) < len(marks):
            found.add(places)
    smallest = min(map(len, found), default=0)
    # A colour that all but one have says that the one is right; where two ways disagree, nothing is said.
    clear = {places for places in found if len(places) == smallest}
    return clear.pop() if len(clear) == 1 else ()


def without_letters(texts: Sequence[str]) -> list[str]:
    """Choices without “A. ”, “B) ” before them, when every one has its own letter in order; else as they are."""
    found = [_LETTERED.match(text) for text in texts]
    letters = "".join(match[1].upper() if match else "-" for match in found)
    if len(texts) < 2 or letters != LETTERS[: len(texts)]:
        return list(texts)
    return [text[match.end() :] for text, match in zip(texts, found, strict=True) if match]
