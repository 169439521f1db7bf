"""Tables whose cells are texts of people: what is read in them may look like a number, a date or a formula."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from openpyxl.utils import get_column_letter

from common.dates import format_date
from common.decoding import legacy_font
from common.exceptions import LegacyFontText, TableProblem
from common.messages import filled
from common.tabular.formulas import unguarded
from common.tabular.pictures import CellPicture, sheet_pictures
from common.tabular.reading import MOST_COLUMNS, csv_text_rows, header_key, refuse_other_files
from common.tabular.xlsx import cell_rows, opened_workbook
from common.unicode import nfc

# So many filled rows may stand above the headings: a title, a school, a note.
MOST_ROWS_ABOVE = 15
MOST_UNPACKED = 300 * 1024 * 1024
MOST_STRINGS = 50 * 1024 * 1024
Message = str | Promise
IsHeading = Callable[[Sequence[str]], bool]


@dataclass(frozen=True, slots=True)
class TextRow:
    """A row: its number in the file, the texts of its filled cells by heading, and what is wrong with others.

    `marks` says how a cell stands out in a spreadsheet: "bold", "underline", "colour …", "fill …".
    `refusal` is set when nothing of the row can be used.
    """

    number: int
    cells: Mapping[str, str]
    marks: Mapping[str, frozenset[str]] = field(default_factory=dict)
    problems: Mapping[str, Message] = field(default_factory=dict)
    refusal: Message | None = None


@dataclass(frozen=True, slots=True)
class TextTable:
    """A sheet: its name ("" in CSV), the columns (key → heading and letter), and its rows, to be read once.

    Without columns it is a sheet that has no headings of those that were asked for; its rows are then empty. `pictures` are those that lie over
    its cells: row → heading ("" beside the headings) → pictures.
    """

    sheet: str
    columns: Mapping[str, tuple[str, str]]
    rows: Iterator[TextRow]
    pictures: Mapping[int, Mapping[str, Sequence[CellPicture]]] = field(default_factory=dict)


def read_text_tables(
    data: bytes, *, filename: str, is_heading: IsHeading, max_cell: int, max_rows: int, max_bytes: int
) -> Iterator[TextTable]:
    """Every visible sheet with something in it, one after the other; read the rows of each before the next.

    `is_heading` tells by the folded texts of a row whether it holds the headings. Cells are texts as a reader sees
    them; what cannot be used stands in `problems` of its row, which is otherwise whole. Raises TableProblem and
    UndecodableText as `read_table`.
    """
    refuse_other_files(data, filename, max_bytes)
    if not data.startswith(b"PK"):
        raw = ((number, [_Cell(text) for text in row]) for number, row in csv_text_rows(data))
        yield _table("", raw, is_heading, max_cell, max_rows)
        return
    workbook = opened_workbook(data, MOST_UNPACKED, max_string_bytes=MOST_STRINGS)
    try:
        looks: dict[int, frozenset[str]] = {}
        for sheet in workbook.worksheets:
            if sheet.sheet_state == "visible":
                table = _table(str(sheet.title), _xlsx_cells(sheet, looks), is_heading, max_cell, max_rows)
                yield replace(table, pictures=_pictures(workbook, sheet, table.columns))
    finally:
        workbook.close()


@dataclass(frozen=True, slots=True)
class _Cell:
    """A cell as it is read, or why it cannot be."""

    text: str
    problem: Message | None = None
    marks: frozenset[str] = frozenset()


_Raw = Iterator[tuple[int, list[_Cell]]]
_EMPTY = _Cell("")


def _table(sheet: str, raw: _Raw, is_heading: IsHeading, max_cell: int, max_rows: int) -> TextTable:
    above: list[TextRow] = []
    for number, cells in _filled(raw):
        keys = [header_key(cell.text[:500]) for cell in cells]
        if is_heading(keys):
            cells, raw = _with_second_row(cells, raw)
            keys = [header_key(cell.text[:500]) or _unnamed(place) for place, cell in enumerate(cells, start=1)]
            columns = _columns(number, cells, keys)
            return TextTable(sheet, columns, _rows(raw, keys, max_cell, max_rows))
        above.append(TextRow(number, {}))
        if len(above) > MOST_ROWS_ABOVE:
            break
    return TextTable(sheet, {}, iter(above))


def _with_second_row(cells: list[_Cell], raw: _Raw) -> tuple[list[_Cell], _Raw]:
    """The headings with those of the row below, where one heading stands over several columns (A, B, C, D)."""
    number, below = next(raw, (0, list[_Cell]()))
    if not number:
        return cells, raw
    rest = itertools.chain([(number, below)], raw)
    wide = [*cells, *[_EMPTY] * (len(below) - len(cells))]
    empty = [not cell.text.strip() for cell in wide]
    filled_in = [place for place, cell in enumerate(below) if cell.text.strip() or cell.problem]
    under_one = [place for place in filled_in if empty[place] or (place + 1 < len(empty) and empty[place + 1])]
    if under_one != filled_in or not any(empty[place] for place in filled_in):
        return cells, rest
    return [below[place] if place in filled_in else cell for place, cell in enumerate(wide)], raw


def _unnamed(place: int) -> str:
    """The key of a column without a heading: what stands in it is not passed over."""
    return f"column_{get_column_letter(place).lower()}"


def _filled(raw: _Raw) -> _Raw:
    return ((number, cells) for number, cells in raw if any(cell.text or cell.problem for cell in cells))


def _columns(number: int, cells: list[_Cell], keys: list[str]) -> dict[str, tuple[str, str]]:
    columns: dict[str, tuple[str, str]] = {}
    for index, (cell, key) in enumerate(zip(cells, keys, strict=True), start=1):
        heading = " ".join(nfc(cell.text).split())[:100] or get_column_letter(index)
        if key in columns:
            pair = {"first": columns[key][0], "second": heading}
            sentence = filled(_("The columns “%(first)s” and “%(second)s” have the same heading."), pair)
            raise TableProblem(sentence, row=number, column=heading)
        if key:
            columns[key] = (heading, get_column_letter(index))
    return columns


def _rows(raw: _Raw, keys: list[str], max_cell: int, max_rows: int) -> Iterator[TextRow]:
    for count, (number, cells) in enumerate(_filled(raw)):
        if count >= max_rows:
            sentence = filled(_("The table has more than %(most)d rows; split it."), {"most": max_rows})
            raise TableProblem(sentence, row=number)
        yield _row(number, cells, keys, max_cell)


def _row(number: int, cells: list[_Cell], keys: list[str], max_cell: int) -> TextRow:
    if any(cell.text.strip() for cell in cells[len(keys) :]):
        reason = _("The row has more cells than there are headings. Put texts with separators in quotes.")
        return TextRow(number, {}, refusal=reason)
    legacy = legacy_font(" ".join(cell.text for cell in cells if not cell.text.isascii()))
    if legacy is not None:
        return TextRow(number, {}, refusal=LegacyFontText(*legacy).message)
    texts: dict[str, str] = {}
    marks: dict[str, frozenset[str]] = {}
    problems: dict[str, Message] = {}
    for key, cell in zip(keys, cells, strict=False):
        if not key:
            continue
        if cell.problem is not None:
            problems[key] = cell.problem
        elif len(cell.text) > max_cell:
            problems[key] = filled(_("The cell is longer than %(most)d characters."), {"most": max_cell})
        else:
            text = unguarded(nfc(cell.text).strip())
            if text:
                texts[key] = text
            if cell.marks:
                marks[key] = cell.marks
    return TextRow(number, texts, marks, problems)


def _pictures(
    workbook: Any, sheet: Any, columns: Mapping[str, tuple[str, str]]
) -> dict[int, dict[str, list[CellPicture]]]:
    by_letter = {letter: key for key, (_heading, letter) in columns.items()}
    found: dict[int, dict[str, list[CellPicture]]] = {}
    for picture in sheet_pictures(workbook._archive, sheet._worksheet_path) if columns else ():
        key = by_letter.get(get_column_letter(min(picture.column, MOST_COLUMNS)), "")
        found.setdefault(picture.row, {}).setdefault(key, []).append(picture)
    return found


# Cells of a spreadsheet ---------------------------------------------------------------------------------------

_ZEROS = re.compile(r"0+")
_DAY_MONTH_YEAR = ("d", "m", "y")
_BLACK = frozenset(["FF000000", "00000000"])


def _xlsx_cells(sheet: Any, looks: dict[int, frozenset[str]]) -> _Raw:
    for number, cells in cell_rows(sheet, max_columns=MOST_COLUMNS):
        last = len(cells)
        while last and cells[last - 1].value is None:
            last -= 1
        if last:
            yield number, [_xlsx_cell(cell, looks) for cell in cells[:last]]


def _xlsx_cell(cell: Any, looks: dict[int, frozenset[str]]) -> _Cell:
    value = cell.value
    if value is None:
        return _EMPTY
    if cell.data_type == "f":
        return _Cell("", _("The cell holds a formula; put the value itself."))
    if cell.data_type == "e":
        return _Cell("", filled(_("The cell holds the error %(error)s."), {"error": str(value)[:20]}))
    if isinstance(value, str):
        shown: str | _Cell = value
    else:
        shown = _shown(value, cell.number_format or "General")
    if isinstance(shown, _Cell):
        return shown
    style = cell._style_id
    if style not in looks:
        looks[style] = _marks(cell)
    return _Cell(shown, None, looks[style])


def _shown(value: Any, number_format: str) -> str | _Cell:
    """What a reader sees of a value that is no text, or the problem with it."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return _number(value, number_format)
    if isinstance(value, datetime | date):
        if not all(letter in number_format.lower() for letter in _DAY_MONTH_YEAR):
            sentence = _("Excel made a date of what was typed. Set the format of the cell to Text and type it again.")
            return _Cell("", sentence)
        day = format_date(value.date() if isinstance(value, datetime) else value)
        if isinstance(value, datetime) and (value.hour or value.minute):
            return f"{day} {value.hour:02}:{value.minute:02}"
        return day
    if isinstance(value, time):
        seconds = f":{value.second:02}" if value.second else ""
        return f"{value.hour}:{value.minute:02}{seconds}"
    return _Cell("", _("The cell holds a duration; set its format to Text and type it again."))


def _number(value: int | float, number_format: str) -> str:
    exact = Decimal(repr(value))
    if not exact.is_finite():
        return str(value)
    if "%" in number_format:
        return f"{_plain(exact * 100)}%"
    if "?/" in number_format and value != int(value):
        near = Fraction(exact).limit_denominator(999)
        whole = int(near)
        rest = abs(near - whole) if whole else near
        return f"{whole} {rest}" if whole else f"{rest}"
    if _ZEROS.fullmatch(number_format) and value == int(value) and value >= 0:
        return _plain(exact).zfill(len(number_format))
    return _plain(exact)


def _plain(number: Decimal) -> str:
    """The number without exponent and idle zeros; 2.0 is 2."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _marks(cell: Any) -> frozenset[str]:
    try:
        font, fill = cell.font, cell.fill
    except Exception:  # noqa: BLE001  a style that the workbook does not have
        return frozenset()
    found = set()
    if font is not None:
        found |= {"bold"} if font.b else set()
        found |= {"underline"} if font.u and font.u != "none" else set()
        colour = getattr(font, "color", None)
        if colour is not None and colour.type == "rgb" and colour.rgb not in _BLACK:
            found.add(f"colour {colour.rgb}")
        elif colour is not None and colour.type == "theme" and colour.theme not in (0, 1):
            found.add(f"colour {colour.theme}")
    if fill is not None and getattr(fill, "fill_type", None) not in (None, "none"):
        start = fill.start_color if hasattr(fill, "start_color") else None
        found.add(f"fill {start.rgb if start is not None and start.type == 'rgb' else start and start.theme}")
    return frozenset(found)
