"""A workbook or a CSV file into questions and problems."""

from __future__ import annotations

import base64
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from typing import IO

from django.utils.translation import gettext_lazy as _

from assessments.formats.base import MOST_FILE_BYTES, Item, ParsedQuestion, ReadProblem, Text, Unreadable
from assessments.formats.images import web_picture
from assessments.formats.keys import Convention
from assessments.formats.numbering import are_numbers, source_of
from assessments.formats.table.cells import HTML_MARK
from assessments.formats.table.columns import (
    BY_NAME,
    CHOICES,
    FILES_SHEET,
    GUIDE_SHEET,
    NUMBER,
    NUMBER_COLUMN,
    is_heading,
    names_of,
)
from assessments.formats.table.rows import Place, read_row
from assessments.formats.table.types import Row, key_of_row, with_choices
from assessments.formats.texts import decoded_base64, from_plain, reads_as_html
from common.exceptions import Refusal, TableProblem, UndecodableText
from common.messages import filled
from common.tabular import header_key
from common.tabular.pictures import CellPicture
from common.tabular.texts import TextRow, TextTable, read_text_tables

MOST_ROWS = 50_000
# A cell of a CSV may hold a picture.
MOST_CELL = 20 * 1024 * 1024
MOST_MEDIA = 150 * 1024 * 1024
_TYPES = {"jpg": "jpeg", "svg": "svg+xml"}
_FILE_KEYS = [header_key(heading) for heading in FILES_SHEET[1]]


@dataclass(slots=True)
class _Sheet:
    """A sheet with questions, its rows by our names of the columns."""

    name: str
    columns: dict[str, tuple[str, str]]
    rows: list[TextRow] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    numbered_in: str = ""


def read_items(file: IO[bytes], filename: str) -> Iterator[Item]:
    """The questions in the order of the rows. Raises Unreadable before the first of them."""
    data = file.read(MOST_FILE_BYTES + 1)
    sheets, files, problems = _read_all(data, filename)
    del data
    if not sheets:
        raise Unreadable(
            _("No row holds the headings of questions: there must be one for the question and one for the answer.")
        )
    several = len(sheets) > 1
    convention = Convention(
        (
            key
            for sheet in sheets
            for row in sheet.rows
            if (key := key_of_row(Row(row.cells, {}, str))) is not None and not row.refusal
        ),
        counts_from_one=True,
    )
    all_html = reads_as_html(row.cells.get("question", "") for sheet in sheets for row in sheet.rows)
    notes = _first_notes(sheets, convention, all_html)
    for sheet in sheets:
        sheet.numbered_in = _numbered_in(sheet, filename, several=several)
        while sheet.rows:
            batch, sheet.rows = sheet.rows[:500], sheet.rows[500:]
            for row in batch:
                item = _item(row, sheet, files, convention, several=several, all_html=all_html, notes=tuple(notes))
                notes = notes if isinstance(item, ReadProblem) else []
                yield item
    yield from problems


def _read_all(data: bytes, filename: str) -> tuple[list[_Sheet], dict[str, bytes], list[ReadProblem]]:
    sheets: list[_Sheet] = []
    files: dict[str, bytes] = {}
    problems: list[ReadProblem] = []
    try:
        for table in read_text_tables(
            data,
            filename=filename,
            is_heading=lambda keys: is_heading(keys) or list(keys)[:3] == _FILE_KEYS,
            max_cell=MOST_CELL,
            max_rows=MOST_ROWS,
            max_bytes=MOST_FILE_BYTES,
        ):
            if list(table.columns)[:3] == _FILE_KEYS:
                files |= _files_of(table)
            elif table.columns:
                sheets.append(_sheet(table))
            elif table.sheet != GUIDE_SHEET and any(True for _row in table.rows):
                reason = _("The sheet has no row with the headings of questions and was left out.")
                problems.append(ReadProblem(ref=f"sheet “{table.sheet}”", name=table.sheet, reason=reason))
    except TableProblem as problem:
        raise Unreadable(filled("%(problem)s", {"problem": problem})) from None
    except UndecodableText as problem:
        raise Unreadable(problem.message) from None
    except Refusal as problem:
        raise Unreadable(problem.message) from None
    return sheets, files, problems


def _sheet(table: TextTable) -> _Sheet:
    names = names_of(table.columns)
    pictures = dict(table.pictures)
    columns = {name: table.columns[key] for key, name in names.items()}
    unknown: set[str] = set()
    rows = []
    for row in table.rows:
        unknown |= set(row.cells) - set(names)
        if _is_only_numbered(row, names):
            continue
        cells = {names[key]: text for key, text in row.cells.items() if key in names}
        if "id" not in cells and (counted := next((row.cells[key] for key in NUMBER_COLUMN if key in row.cells), "")):
            cells[NUMBER] = counted.strip(" .")
        if "extra" not in cells:
            cells = with_choices(cells)
        problems = {names[key]: reason for key, reason in row.problems.items() if key in names}
        for key, shown in pictures.pop(row.number, {}).items():
            _lay(shown, names.get(key, "question"), cells, problems)
        marks = {names[key]: look for key, look in row.marks.items() if key in names}
        rows.append(TextRow(row.number, cells, marks, problems, row.refusal))
    for number in sorted(pictures):
        reason = _("A picture lies here beside the rows of questions; move it into the cell that it belongs to.")
        if number > min((row.number for row in rows), default=0):
            rows.append(TextRow(number, {}, refusal=reason))
    headings = [table.columns[key][0] for key in table.columns if key in unknown - NUMBER_COLUMN]
    return _Sheet(table.sheet, columns, rows, headings)


def _numbered_in(sheet: _Sheet, filename: str, *, several: bool) -> str:
    """What the bare numbers of a sheet count in; "" when its identifiers are more than numbers, or we wrote them."""
    own = any("extra" in row.cells for row in sheet.rows)
    numbers = [row.cells.get("id") or row.cells.get(NUMBER, "") for row in sheet.rows]
    return source_of(filename, sheet.name if several else "") if not own and are_numbers(numbers) else ""


def _is_only_numbered(row: TextRow, names: Mapping[str, str]) -> bool:
    """Whether a row was prepared and not filled in."""
    if row.refusal or row.problems.keys() & names.keys() or row.cells.keys() & names.keys():
        return False
    return all(row.cells[key].strip(". ").isdigit() for key in row.cells.keys() & NUMBER_COLUMN)


def _lay(pictures: Sequence[CellPicture], column: str, cells: dict[str, str], problems: dict[str, Text]) -> None:
    """Put pictures that lie over a cell behind its text."""
    for picture in pictures:
        shown = web_picture(picture.content) if picture.content is not None else None
        if shown is None:
            problems[column] = _("The picture that lies over the cell cannot be shown; insert it again as PNG or JPEG.")
            continue
        ending, content = shown
        text = cells.get(column, "")
        html = text[len(HTML_MARK) :].strip() if text.startswith(HTML_MARK) else from_plain(text)
        encoded = base64.b64encode(content).decode("ascii")
        image = (
            f'<img src="data:image/{_TYPES.get(ending, ending)};base64,{encoded}" alt="{escape(picture.description)}">'
        )
        cells[column] = f"{HTML_MARK} {html} {image}"


def _files_of(table: TextTable) -> dict[str, bytes]:
    """The files in the sheet that we write for them: each in one or more rows of Base64."""
    parts: dict[str, list[str]] = defaultdict(list)
    size = 0
    for row in table.rows:
        name, _part, data = (row.cells.get(key, "") for key in _FILE_KEYS)
        size += len(data)
        if size > MOST_MEDIA:
            raise TableProblem(_("The files in the workbook are too large."), row=row.number)
        parts[name].append(data)
    found = {}
    for name, texts in parts.items():
        content = decoded_base64("".join(texts))
        if content is not None:
            found[name] = content
    return found


def _first_notes(sheets: Sequence[_Sheet], convention: Convention, all_html: bool) -> list[Text]:
    """What is to be known about the file as a whole; the first question carries it."""
    notes: list[Text] = []
    for heading in dict.fromkeys(heading for sheet in sheets for heading in sheet.unknown):
        notes.append(filled(_("The column “%(heading)s” is not known here and was left out."), {"heading": heading}))
    if convention.note:
        notes.append(convention.note)
    if all_html:
        notes.append(_("The texts of this file were read as HTML."))
    return notes


def _item(
    row: TextRow,
    sheet: _Sheet,
    files: Mapping[str, bytes],
    convention: Convention,
    *,
    several: bool,
    all_html: bool,
    notes: tuple[Text, ...],
) -> Item:
    ref = f"sheet “{sheet.name}”, row {row.number}" if several else f"row {row.number}"
    place = Place(ref, sheet.columns, files)
    name = row.cells.get("name") or row.cells.get("id") or ""
    if row.refusal:
        return ReadProblem(ref=ref, name=name, reason=row.refusal)
    for column in (*BY_NAME, CHOICES):  # in the order of the template
        if column in row.problems:
            reason = place.told(column, row.problems[column])
            return ReadProblem(ref=ref, name=name, type=row.cells.get("type", ""), reason=reason)
    if not row.cells:
        return ReadProblem(ref=ref, name="", reason=_("The row holds nothing in the columns of questions."))
    item = read_row(row.cells, row.marks, place, convention, all_html=all_html, notes=notes)
    number = row.cells.get("id") or row.cells.get(NUMBER, "")
    if sheet.numbered_in and number and isinstance(item, ParsedQuestion):
        return replace(item, idnumber="", number=number, numbered_in=sheet.numbered_in)
    return item
