"""The rows of an XLSX file that may be hostile."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from openpyxl import load_workbook

from common.archives import DAMAGE, safe_members
from common.exceptions import ArchiveProblem, TableProblem
from common.messages import filled

# What Excel itself can number; a file may claim any row and make a reader count up to it.
LAST_ROW = 1_048_576
_HEAD_BYTES = 4_096


def xlsx_rows(data: bytes, *, max_bytes: int, max_columns: int) -> Iterator[tuple[int, Sequence[Any]]]:
    """Row numbers and cells of the sheet that was open when the file was saved; formulas as texts beginning
    with =.

    Raises TableProblem for a ZIP that is no workbook, damaged, or larger than `max_bytes` when unpacked.
    """
    workbook = opened_workbook(data, max_bytes)
    sheets = workbook.worksheets
    sheet: Any = workbook.active if workbook.active in sheets else next(iter(sheets), None)
    if sheet is None:
        raise TableProblem(_("The workbook has no sheet."))
    try:
        rows = _rows(sheet, max_columns + 1, values_only=True)
        for number, cells in rows:
            if cells.count(None) == len(cells):  # quick, for sheets with a million rows that are only coloured
                continue
            if len(cells) > max_columns and cells[max_columns] not in (None, ""):
                raise TableProblem(
                    filled(_("The row has more than %(most)d columns."), {"most": max_columns}), row=number
                )
            yield number, cells[:max_columns]
    finally:
        workbook.close()


def opened_workbook(data: bytes, max_bytes: int, *, max_string_bytes: int | None = None) -> Any:
    """The workbook, for reading row by row; its owner closes it. Raises TableProblem as `xlsx_rows`.

    `max_string_bytes` bounds the part with the shared texts, which the library holds in memory as a whole.
    """
    _check_package(data, max_bytes, max_string_bytes)
    try:
        return load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
    except Exception:  # noqa: BLE001  the library promises nothing about hostile files
        raise _damaged() from None


def cell_rows(sheet: Any, *, max_columns: int) -> Iterator[tuple[int, Sequence[Any]]]:
    """Row numbers and cells (value, data_type, number_format, font, fill) of a sheet, up to a column."""
    return _rows(sheet, max_columns, values_only=False)


def _rows(sheet: Any, max_column: int, *, values_only: bool) -> Iterator[tuple[int, Sequence[Any]]]:
    # The declared size of a sheet may be wrong, and would cut the table.
    sheet.reset_dimensions()
    rows = enumerate(sheet.iter_rows(max_row=LAST_ROW, max_col=max_column, values_only=values_only), start=1)
    while True:
        try:
            yield next(rows)
        except StopIteration:
            return
        except Exception:  # noqa: BLE001  the library promises nothing about hostile files
            raise _damaged() from None


def _damaged() -> TableProblem:
    return TableProblem(_("The XLSX file is damaged or cut off; save it again."))


def _check_package(data: bytes, max_bytes: int, max_string_bytes: int | None = None) -> None:
    """Refuse bombs, other kinds of ZIP, and XML with a document type before the library reads anything."""
    try:
        members = safe_members(io.BytesIO(data), max_total_bytes=max_bytes)
    except ArchiveProblem as problem:
        raise TableProblem(filled(_("The XLSX file cannot be read: %(reason)s"), {"reason": problem.message})) from None
    if not any(member.filename == "xl/workbook.xml" for member in members):
        raise TableProblem(_("The file is a ZIP but no XLSX workbook. Save it as XLSX."))
    strings = sum(member.file_size for member in members if member.filename.endswith("haredStrings.xml"))
    if max_string_bytes is not None and strings > max_string_bytes:
        facts = {"most": max_string_bytes // 1024**2}
        raise TableProblem(filled(_("The texts of the workbook are larger than %(most)d MB; split it."), facts))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for member in members:
            if not member.filename.endswith((".xml", ".rels")):
                continue
            try:
                with archive.open(member) as part:
                    head = part.read(_HEAD_BYTES)
            except DAMAGE:
                raise _damaged() from None
            if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
                raise TableProblem(_("The XLSX file holds what no spreadsheet program writes; save it again."))
