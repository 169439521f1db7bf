"""Vietnamese text: one form to store, one to search by, one to sort by; dates and numbers as people write
them.

Reading bytes of unknown encoding lives in `common.decoding`, dates and numbers in `common.dates`; both are
re-exported here, where other rooms look for them.
"""

from __future__ import annotations

import re
import sys
import unicodedata

from common.dates import format_date, format_number, long_date, official_date, parse_date
from common.decoding import decode_bytes, legacy_font, refuse_legacy_fonts
from common.exceptions import InvalidDate, LegacyFontText, UndecodableText
from common.unicode import nfc

__all__ = [
    "InvalidDate",
    "LegacyFontText",
    "UndecodableText",
    "collation_key",
    "decode_bytes",
    "fold",
    "format_date",
    "format_number",
    "legacy_font",
    "long_date",
    "name_sort_key",
    "nfc",
    "official_date",
    "parse_date",
    "refuse_legacy_fonts",
]

# Letters in dictionary order; f, j, w and z are not Vietnamese but occur in names and take their Latin
# places.
ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
TONE_MARKS = {
    "\u0300": "1",
    "\u0309": "2",
    "\u0303": "3",
    "\u0301": "4",
    "\u0323": "5",
}  # huyền hỏi ngã sắc nặng
SHAPE_MARKS = "\u0302\u0306\u031b"
SORT_KEY_LENGTH = 500

# Marks that only dress a letter: they vanish when folding. Đ has no decomposition; Ð (eth) and Ɖ are its
# look-alikes.
_MARKS = [
    range(0x0300, 0x0370),
    range(0x1AB0, 0x1B00),
    range(0x1DC0, 0x1E00),
    range(0x20D0, 0x2100),
    range(0xFE20, 0xFE30),
]
_DELETE_MARKS = dict.fromkeys(point for block in _MARKS for point in block)
_LOOK_ALIKES = {ord("ð"): "đ", ord("ɖ"): "đ"}


def _build_fold_table() -> dict[int, str]:
    table = {ord("đ"): "d", ord("ð"): "d", ord("ɖ"): "d"}
    for point in [*range(0xC0, 0x250), *range(0x1E00, 0x1F00)]:
        letter = chr(point)
        if letter.lower() != letter:
            continue
        base = unicodedata.normalize("NFD", letter).translate(_DELETE_MARKS)
        if base != letter:
            table[point] = base
    return table


_FOLD = _build_fold_table()


def fold(text: str) -> str:
    """The text for search and de-duplication: lower case, no tones, no marks, đ as d, white space single.

    Punctuation stays. Both tone placements (Hoà, Hòa), NFC and NFD, and all letter cases give the same;
    folding twice changes nothing.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.lower().split())
    lowered = nfc(text).lower().translate(_FOLD)
    if not lowered.isascii():
        bare = unicodedata.normalize("NFD", lowered).translate(_DELETE_MARKS).translate(_FOLD)
        lowered = unicodedata.normalize("NFC", bare)
    return " ".join(lowered.split())


# Sorting ----------------------------------------------------------------------------------------------------
#
# A key has three parts with one space between them: letters, tones, cases. A space is below every character
# used inside a part, so comparing bytes compares part by part. ă is "a~" and â "a~~": the tilde is above
# every character that can begin the next letter, so all words in "a" + anything come before those in "ă".
# Tones are gathered a syllable at a time (digits of its tones, then 0), which makes the two tone placements
# equal. What is below everything (0) is dropped from the end of a part.


def _build_letter_weights() -> dict[int, str]:
    weights: dict[int, str] = {ord(" "): "!", ord("\n"): "!", ord("\t"): "!", 0xA0: "!"}
    for letter in ALPHABET:
        base = fold(letter)
        rank = [other for other in ALPHABET if fold(other) == base].index(letter)
        weights[ord(letter)] = base + "~" * rank
    for digit in "0123456789":
        weights[ord(digit)] = digit
    return weights


_PLAIN_WEIGHTS = _build_letter_weights()


def _split_letter(char: str) -> tuple[str, str]:
    """The Vietnamese letter without its tone, and the tone's digit ('' for ngang, '6' for a foreign mark)."""
    base, *marks = list(unicodedata.normalize("NFD", char))
    if not all(map(unicodedata.combining, marks)):  # Hangul falls into letters, not into a letter and marks
        return char, ""
    shape = "".join(mark for mark in marks if mark in SHAPE_MARKS)
    letter = unicodedata.normalize("NFC", base + shape)
    tones = "".join(TONE_MARKS.get(mark, "6") for mark in marks if mark not in SHAPE_MARKS)
    if len(letter) > 1 or (shape and letter not in ALPHABET):  # a mark that Vietnamese does not put on this letter
        letter, tones = base, tones + "6"
    return letter, tones


class _Table(dict[int, str]):
    """A translation table that works out a character when it is first met; one entry a code point."""

    def __missing__(self, point: int) -> str:
        value = self[point] = sys.intern(self.weigh(chr(point)))
        return value

    def weigh(self, char: str) -> str:
        raise NotImplementedError


class _Letters(_Table):
    def weigh(self, char: str) -> str:
        known = _PLAIN_WEIGHTS.get(ord(char))
        if known is not None:
            return known
        if unicodedata.combining(char):
            return ""
        letter, _tones = _split_letter(char)
        if letter != char or ord(letter) in _PLAIN_WEIGHTS:
            return "".join(self[ord(part)] for part in letter)
        if " " < char <= "~":
            return "#" + char
        kind = "{" if unicodedata.category(char)[0] in "LMN" else "$"
        return f"{kind}{ord(char):06x}"


class _Tones(_Table):
    def weigh(self, char: str) -> str:
        if unicodedata.combining(char):
            return TONE_MARKS.get(char, "6")
        if not char.isalpha():
            return "0"
        return _split_letter(char)[1]


class _Cases(_Table):
    def weigh(self, char: str) -> str:
        if char.isupper() or char.istitle():
            return "1"
        return "0" if char.isalpha() else ""


_LETTERS, _TONES, _CASES = _Letters(), _Tones(), _Cases()
_TONE_BEFORE_SHAPE = re.compile("([\u0300\u0301\u0303\u0309\u0323]+)([\u0302\u0306\u031b]+)")


def _levels(text: str) -> tuple[str, str, str]:
    """Letters, tones and cases of a text whose white space is single."""
    lowered = text.lower().translate(_LOOK_ALIKES)
    if not lowered.isascii():
        decomposed = unicodedata.normalize("NFD", lowered)
        # é + circumflex is not canonically ế, but nobody means anything else.
        lowered = unicodedata.normalize("NFC", _TONE_BEFORE_SHAPE.sub(r"\2\1", decomposed))
    letters = lowered.translate(_LETTERS)
    tones = "" if lowered.isascii() else lowered.translate(_TONES).rstrip("0")
    cases = "" if text.islower() else text.translate(_CASES).rstrip("0")
    return letters, tones, cases


def collation_key(text: str) -> str:
    """A string whose plain byte order is Vietnamese dictionary order (CLDR `vi`): letters, then tone, then
    case.

    White space and punctuation come before digits, digits before letters, other scripts after. ASCII only, so
    that SQLite BINARY and PostgreSQL "C" agree. Hoà and Hòa have the same key.
    """
    letters, tones, cases = _levels(" ".join(nfc(text).split()))
    return f"{letters} {tones} {cases}".rstrip(" ")


def name_sort_key(full_name: str) -> str:
    """The key that lists of people are sorted by: TÊN (last word), then HỌ (first), then đệm (the rest).

    Letters and tones of all three decide before letter case does, so that names in capitals fall in with the
    others. A one-word name is a TÊN. At most 500 characters.
    """
    words = nfc(full_name).split()
    given, family, middle = (
        " ".join(words[-1:]),
        " ".join(words[:1] if len(words) > 1 else []),
        " ".join(words[1:-1]),
    )
    parts = [_levels(part) for part in (given, family, middle)]
    places = " ".join(f"{letters} {tones}" for letters, tones, _cases in parts)
    cases = f"{given} {family} {middle}".translate(_CASES).rstrip("0")
    return f"{places} {cases}".rstrip(" ")[:SORT_KEY_LENGTH].rstrip(" ")
