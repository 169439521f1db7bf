"""What a spreadsheet would run."""

from __future__ import annotations

import re
from typing import Any

from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula

# The full-width forms are typed by East Asian keyboards and understood by some spreadsheets.
STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

_SIGNS = "=+\\-@＝＋－＠"
# + and - also begin telephone numbers and amounts, @ begins names; a call, a reference or DDE makes them a
# formula.
_FORMULA = re.compile(r"[=＝]|[+\-@＋－＠]\s*(?:[A-Za-z_.]+[\w.]*\s*[(!|]|\$?[A-Za-z]{1,3}\$?\d+\s*(?:$|[-+*/^&:]))")
_RUNS_AT_START = re.compile(rf"[\s\x00-\x1f\ufeff\u200b-\u200f\u2060]*[{_SIGNS}]|[\t\r\n]")
# In a country whose list separator is not ours, the text after one is a cell of its own.
_RUNS_AFTER_SEPARATOR = re.compile(r"([;\t\n])(\s*)(?=[=@＝＠]|[+\-＋－]\s*[A-Za-z($])")


def is_formula(value: Any) -> bool:
    """Whether a cell read from a file is a formula rather than a value."""
    if isinstance(value, ArrayFormula | DataTableFormula):
        return True
    return isinstance(value, str) and _FORMULA.match(value) is not None


def neutral(value: Any) -> Any:
    """A value that no spreadsheet runs: a text that could be a formula has an apostrophe before it; numbers
    stay.
    """
    if not isinstance(value, str):
        return value
    text = value.replace("\0", "")
    return f"'{text}" if _RUNS_AT_START.match(text) else text


def neutral_csv(value: Any) -> Any:
    """As `neutral`, also for the places where another list separator would begin a cell."""
    made = neutral(value)
    return _RUNS_AFTER_SEPARATOR.sub(r"\1\2'", made) if isinstance(made, str) else made


def guarded(text: str) -> str:
    """As `neutral`, so that `unguarded` gives the text back: one that begins like a guarded one is guarded as well."""
    text = text.replace("\0", "")
    return f"'{text}" if _RUNS_AT_START.match(text.lstrip("'")) else text


def unguarded(text: str) -> str:
    """The text without the apostrophe that marks it as text; any other apostrophe belongs to it."""
    return text[1:] if text.startswith("'") and _RUNS_AT_START.match(text.lstrip("'")) else text


def guarded_csv(text: str) -> str:
    """As `guarded` and as it is written into CSV; `unguarded` gives it back unless `runs_inside`."""
    return _RUNS_AFTER_SEPARATOR.sub(r"\1\2'", guarded(text))


def runs_inside(text: str) -> bool:
    """Whether a CSV with this text has a place where another list separator would begin a cell that runs."""
    return _RUNS_AFTER_SEPARATOR.search(text) is not None
