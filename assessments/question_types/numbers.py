"""Numbers as people type them, with a unit or without one, in Vietnamese and English notation."""

from __future__ import annotations

import math
import re
import unicodedata

ENGLISH = "en"
_SIGNS = str.maketrans({"−": "-", "–": "-", "×": "x", "·": "*"})
_TIMES_TEN = r"(?:[eE]|[xX*]10(?:\^|\*\*))([+-]?\d+)"
_RUN = r"([+-]?)([.,]*\d[\d.,]*)"
_NUMBER_FIRST = re.compile(f"{_RUN}(?:{_TIMES_TEN})?")
_NUMBER_LAST = re.compile(f"{_RUN}(?:{_TIMES_TEN})?$")
_GROUPED = re.compile(r"[1-9]\d{0,2}([.,])\d{3}(?:\1\d{3})*")
_PLAIN = re.compile(r"\d*[.,]?\d*")


def read_number(text: str, *, language: object = "vi", units_left: bool = False) -> tuple[float | None, str]:
    """(number, its unit) of a typed text; (None, "") when it does not begin with a number.

    White space does not count. The unit is what follows, with `units_left` what comes before. When point and comma are
    there, the later one is the decimal mark. Several equal ones group thousands if they can. A single one is a decimal
    mark, except that in English a comma before three digits groups thousands.
    """
    cleaned = unicodedata.normalize("NFC", "".join(text.split()).translate(_SIGNS))
    found = _NUMBER_LAST.search(cleaned) if units_left else _NUMBER_FIRST.match(cleaned)
    if found is None:
        return None, ""
    sign, run, exponent = found.groups()
    digits, taken = _with_point(run, language)
    if taken < len(run):
        if units_left:
            return None, ""
        rest = cleaned[found.start(2) + taken :]
        exponent = None
    else:
        rest = cleaned[: found.start()] if units_left else cleaned[found.end() :]
    try:
        number = float(f"{sign}{digits}e{exponent}" if exponent else f"{sign}{digits}")
    except ValueError:
        return None, ""
    return (number, rest) if math.isfinite(number) else (None, "")


def _with_point(run: str, language: object) -> tuple[str, int]:
    """(the number that `run` begins with, its only mark a decimal point; how many signs of `run` it takes)."""
    points, commas = run.count("."), run.count(",")
    if not points and not commas:
        return run, len(run)
    if points and commas:
        decimal, other = (".", ",") if run.rfind(".") > run.rfind(",") else (",", ".")
        if run.count(decimal) == 1:
            return run.replace(other, "").replace(decimal, "."), len(run)
    elif (points + commas > 1 or (commas and language == ENGLISH)) and _GROUPED.fullmatch(run):
        return run.replace(".", "").replace(",", ""), len(run)
    found = _PLAIN.match(run)
    assert found is not None
    return found[0].replace(",", "."), found.end()
