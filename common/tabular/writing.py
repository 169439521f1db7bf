"""Writing tables, row by row in constant memory, so that no spreadsheet runs what people typed."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any

from django.utils import timezone
from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from common.dates import format_date
from common.tabular.formulas import neutral, neutral_csv

__all__ = ["Sheet", "neutral", "write_csv", "write_xlsx"]

MOST_CELL = 32_767
# Excel keeps fifteen digits of a number: longer ones (account numbers) must be texts.
LARGEST_EXACT = 10**15
FIRST_XLSX_DAY = date(1900, 3, 1)  # before it Excel's calendar is a day off

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_WRAPPED = Alignment(wrap_text=True, vertical="top")
_SHEET_SIGNS = re.compile(r"[\[\]:*?/\\\x00-\x1f]")


def write_csv(rows: Iterable[Sequence[Any]], columns: Sequence[Any], file: IO[bytes]) -> int:
    """Write UTF-8 CSV with a byte-order mark (Excel needs it) to a binary file, row by row; how many rows.

    Dates are dd/mm/yyyy, times local. Texts that a spreadsheet could run get an apostrophe before them.
    """
    stream = io.TextIOWrapper(file, encoding="utf-8", errors="replace", newline="", write_through=True)
    stream.write("\ufeff")
    writer = csv.writer(stream)
    writer.writerow([_csv_value(column) for column in columns])
    count = 0
    for row in rows:
        writer.writerow([_csv_value(value) for value in row])
        count += 1
    stream.flush()
    stream.detach()  # the file stays open for its owner
    return count


def _csv_value(value: Any) -> Any:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    if isinstance(value, datetime):
        return _datetime_text(value)
    if isinstance(value, date):
        return format_date(value)
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, Decimal):
        return f"{value:f}" if value.is_finite() else ""
    return neutral_csv(str(value))


def _datetime_text(value: datetime) -> str:
    local = _local(value)
    return f"{format_date(local.date())} {local.hour:02}:{local.minute:02}"


def _local(value: datetime) -> datetime:
    return timezone.localtime(value).replace(tzinfo=None) if timezone.is_aware(value) else value


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: what it is called, its headings and its rows, which are asked for after those of the sheets before.

    With `widths` (in characters, 0 hides a column) long texts are wrapped.
    """

    title: str
    columns: Sequence[Any]
    rows: Iterable[Sequence[Any]]
    widths: Sequence[int] = ()


def write_xlsx(
    rows: Iterable[Sequence[Any]],
    columns: Sequence[Any],
    file: IO[bytes],
    *,
    title: str,
    widths: Sequence[int] = (),
    more: Sequence[Sheet] = (),
) -> int:
    """Write XLSX to a binary file in constant memory, `more` sheets after it; how many rows the first one has.

    Dates and numbers are real dates and numbers, times local; the heading is bold and stays in view. Texts
    that a spreadsheet could run get an apostrophe before them; texts over 32,767 characters are cut, ending
    in “…”.
    """
    workbook = Workbook(write_only=True)
    first, *_others = [_write_sheet(workbook, sheet) for sheet in (Sheet(title, columns, rows, widths), *more)]
    workbook.save(file)
    return first


def _write_sheet(workbook: Any, written: Sheet) -> int:
    title = _SHEET_SIGNS.sub(" ", written.title).strip(" '")[:31] or "1"
    sheet: Any = workbook.create_sheet(title)
    sheet.freeze_panes = "A2"
    header = []
    for index, column in enumerate(written.columns, start=1):
        heading = _xlsx_text(str(column))
        dimension = sheet.column_dimensions[get_column_letter(index)]
        dimension.width = min(max(len(heading) + 4, 12), 40)
        if index <= len(written.widths):
            dimension.width = written.widths[index - 1] or dimension.width
            dimension.hidden = not written.widths[index - 1]
        cell = WriteOnlyCell(sheet, value=heading)
        cell.font = Font(bold=True)
        header.append(cell)
    sheet.append(header)
    count = 0
    for row in written.rows:
        values = [_xlsx_value(sheet, value) for value in row]
        sheet.append([_wrapped(sheet, value) for value in values] if written.widths else values)
        count += 1
    return count


def _wrapped(sheet: Any, value: Any) -> Any:
    if value in (None, ""):
        return None
    cell = value if isinstance(value, Cell) else WriteOnlyCell(sheet, value=value)
    cell.alignment = _WRAPPED
    return cell


def _xlsx_value(sheet: Any, value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, datetime):
        local = _local(value)
        if local.date() < FIRST_XLSX_DAY:
            return _datetime_text(value)
        return _dated(sheet, local, "dd/mm/yyyy hh:mm")
    if isinstance(value, date):
        return format_date(value) if value < FIRST_XLSX_DAY else _dated(sheet, value, "dd/mm/yyyy")
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Decimal):
        if not value.is_finite():
            return None
        return f"{value:f}" if abs(value) >= LARGEST_EXACT else float(value)
    if isinstance(value, int):
        return str(value) if abs(value) >= LARGEST_EXACT else value
    return _xlsx_text(str(value))


def _dated(sheet: Any, value: date, number_format: str) -> Any:
    cell = WriteOnlyCell(sheet, value=value)
    cell.number_format = number_format
    return cell


def _xlsx_text(text: str) -> str:
    safe: str = neutral(_ILLEGAL.sub("", text))
    return safe if len(safe) <= MOST_CELL else f"{safe[: MOST_CELL - 1]}…"
