"""Reading a table: what is wrong with the file is raised, what is wrong with a cell stands in its place."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from openpyxl.utils import get_column_letter

from common.decoding import decode_bytes, legacy_font
from common.exceptions import LegacyFontText, TableProblem
from common.messages import filled
from common.tabular.formulas import STARTS, is_formula
from common.tabular.xlsx import xlsx_rows
from common.unicode import nfc
from common.vietnamese import fold

MOST_BYTES = 20 * 1024 * 1024
MOST_ROWS = 50_000
MOST_CELL = 32_767
MOST_COLUMNS = 200
MOST_HEADING = 500

_ERRORS = frozenset(
    [
        "#REF!",
        "#N/A",
        "#VALUE!",
        "#DIV/0!",
        "#NAME?",
        "#NULL!",
        "#NUM!",
        "#SPILL!",
        "#CALC!",
        "#FIELD!",
        "#BLOCKED!",
        "#CONNECT!",
        "#UNKNOWN!",
        "#GETTING_DATA",
    ]
)
_KEY_SIGNS = re.compile(r"[\s_\-./]+")
_QUOTED = re.compile(r'"[^"]*"')
_SEPARATOR_LINE = re.compile(r"sep=([,;\t])\n", re.IGNORECASE)
# Files of other kinds whose first bytes are text, often sent with the ending of a table.
_OTHER_TEXT = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:%PDF-|\{\\rtf|<\?xml|<!doctype|<html|<table|<style)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CellProblem:
    """A cell that cannot be used, standing in its place in a row."""

    message: str | Promise


@dataclass(frozen=True, slots=True)
class Table:
    """A table: headings as written, the encoding, and rows as (row number in the file, {folded heading:
    value}).
    """

    columns: list[str]
    encoding: str
    rows: list[tuple[int, dict[str, Any]]]


def header_key(text: Any) -> str:
    """How headings are compared: `Họ và tên`, `ho va ten` and `HO_VA_TEN` are one."""
    return _KEY_SIGNS.sub("_", fold(str(text if text is not None else ""))).strip("_*: ")


def read_table(
    data: bytes,
    *,
    filename: str,
    max_rows: int = MOST_ROWS,
    max_cell: int = MOST_CELL,
    max_bytes: int = MOST_BYTES,
) -> Table:
    """The table in a CSV (comma, semicolon or tab) or XLSX file, its first filled row being the headings.

    Texts are NFC and trimmed; XLSX cells keep their type (int, float, bool, datetime); empty cells are "". A
    formula, an error value and a text over `max_cell` characters become a CellProblem where they stand. Rows
    count from 1 as the spreadsheet program shows them; empty rows are left out.

    Raises TableProblem when the file as a whole cannot be used, naming row and column where there is one, and
    UndecodableText or LegacyFontText for its encoding.
    """
    refuse_other_files(data, filename, max_bytes)
    if data.startswith(b"PK"):
        raw, encoding = xlsx_rows(data, max_bytes=10 * max_bytes, max_columns=MOST_COLUMNS), "xlsx"
    else:
        text, encoding = decode_bytes(data)
        raw = _csv_rows(text)
    return _table(raw, encoding, max_rows=max_rows, max_cell=max_cell)


def refuse_other_files(data: bytes, filename: str, max_bytes: int) -> None:
    """Raises TableProblem for bytes that are neither CSV nor XLSX by size, name or beginning."""
    if len(data) > max_bytes:
        raise TableProblem(filled(_("The file is larger than %(size)d MB."), {"size": max_bytes // 1024**2}))
    if not data.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0"):
        raise TableProblem(_("The file is empty."))
    if data.startswith(b"PK"):
        return
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise TableProblem(_("This is an old or encrypted Excel file. Save it as XLSX without a password."))
    if filename.lower().endswith((".xlsx", ".xlsm", ".xls", ".ods")):
        raise TableProblem(_("The file is called a spreadsheet and is none. Save it again as XLSX or CSV."))
    if _OTHER_TEXT.match(data):
        raise TableProblem(_("The file is no table. Save it as XLSX or CSV UTF-8."))


def csv_text_rows(data: bytes) -> Iterator[tuple[int, Sequence[str]]]:
    """Row numbers and cells of CSV as they are written. Raises TableProblem and UndecodableText."""
    text, _encoding = decode_bytes(data)
    yield from _csv_rows(text)


def _table(raw: Iterator[tuple[int, Sequence[Any]]], encoding: str, *, max_rows: int, max_cell: int) -> Table:
    columns: list[str] = []
    keys: list[str] = []
    rows: list[tuple[int, dict[str, Any]]] = []
    for number, cells in raw:
        if not any(cell not in (None, "") for cell in cells):
            continue
        if not keys:
            columns, keys = _headings(number, cells)
            continue
        if len(rows) >= max_rows:
            raise TableProblem(
                filled(_("The table has more than %(most)d rows; split it."), {"most": max_rows}), row=number
            )
        if encoding == "xlsx":
            _refuse_legacy_row(cells)
        elif any(cell.strip() for cell in cells[len(keys) :]):
            raise TableProblem(
                _("The row has more cells than there are headings. Put texts with separators in quotes."),
                row=number,
            )
        padded = [*cells[: len(keys)], *[None] * (len(keys) - len(cells))]
        values = {key: _value(cell, max_cell) for key, cell in zip(keys, padded, strict=True) if key}
        if any(value != "" for value in values.values()):
            rows.append((number, values))
    if not keys:
        raise TableProblem(_("The file is empty."))
    return Table(columns=columns, encoding=encoding, rows=rows)


def _headings(number: int, cells: Sequence[Any]) -> tuple[list[str], list[str]]:
    """Headings as written, and the keys that rows have; columns without a heading have the key ""."""
    columns = [" ".join(nfc(str(cell if cell is not None else "")).split()) for cell in cells]
    while columns and not columns[-1]:
        columns.pop()
    keys = [header_key(column) for column in columns]
    seen: dict[str, str] = {}
    for index, (column, key) in enumerate(zip(columns, keys, strict=True)):
        letter = get_column_letter(index + 1)
        if len(column) > MOST_HEADING:
            raise TableProblem(_("The heading is too long; is the first row the headings?"), row=number, column=letter)
        if key and key in seen:
            raise TableProblem(
                filled(
                    _("The columns “%(first)s” and “%(second)s” have the same heading."),
                    {"first": seen[key], "second": column},
                ),
                row=number,
                column=column,
            )
        seen[key] = column
    if not any(keys):
        raise TableProblem(_("The first row holds no headings."), row=number)
    return columns, keys


def _refuse_legacy_row(cells: Sequence[Any]) -> None:
    """A spreadsheet is Unicode by its form and may still hold texts typed in an old font."""
    found = legacy_font(" ".join(cell for cell in cells if isinstance(cell, str) and not cell.isascii()))
    if found is not None:
        raise LegacyFontText(*found)


def _value(cell: Any, max_cell: int) -> Any:
    if cell is None:
        return ""
    if not isinstance(cell, str):
        if is_formula(cell):
            return CellProblem(_("The cell holds a formula; put the value itself."))
        return cell
    if len(cell) > max_cell:
        return CellProblem(filled(_("The cell is longer than %(most)d characters."), {"most": max_cell}))
    text = nfc(cell).strip()
    if text in _ERRORS:
        return CellProblem(filled(_("The cell holds the error %(error)s."), {"error": text}))
    if text.startswith("'") and text[1:].startswith(STARTS):
        return text[1:]  # how spreadsheets, and our own exports, mark such a text as text
    if is_formula(text):
        return CellProblem(_("The cell holds a formula; put the value itself."))
    return text


def _csv_rows(text: str) -> Iterator[tuple[int, Sequence[str]]]:
    told = _SEPARATOR_LINE.match(text)
    if told:
        separator, text = told[1], text[told.end() :]
    else:
        first = _QUOTED.sub("", text.lstrip("\n").split("\n", 1)[0])
        separator = max(",;\t", key=first.count)
    csv.field_size_limit(max(MOST_BYTES, len(text)))
    reader = csv.reader(_lines(text), delimiter=separator, strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            if len(cells) > MOST_COLUMNS:
                raise TableProblem(
                    filled(_("The row has more than %(most)d columns."), {"most": MOST_COLUMNS}), row=number
                )
            yield number, cells
    except csv.Error:
        raise TableProblem(
            _("The CSV breaks off here: is a quotation mark open, or the file cut off?"), row=number + 1
        ) from None


def _lines(text: str) -> Iterator[str]:
    """The lines with their ends; a copy of the whole text would take four times its memory."""
    start = 0
    while start < len(text):
        end = text.find("\n", start) + 1 or len(text)
        yield text[start:end]
        start = end
