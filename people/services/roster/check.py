"""Reading a roster file and saying everything that is wrong with it; no person is touched."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.crypto import encrypt
from common.decoding import legacy_font
from common.digests import sha256_hex
from common.exceptions import LegacyFontText
from common.messages import filled
from common.tabular import CellProblem, TableProblem, header_key, read_table
from common.vietnamese import InvalidDate, UndecodableText, parse_date
from people.citizen_id import check_citizen_id
from people.exceptions import InvalidPerson
from people.models import OrganisationUnit, Person, RosterImport
from people.services.person import check_email, check_name, check_staff_number
from people.services.roster.problems import COLUMNS, Problems
from people.services.roster.scope import check_rows

REQUIRED = ("staff_number", "full_name", "unit")
MOST_ROWS = 50_000


def check_roster(
    *, data: bytes, file_name: str, unit: OrganisationUnit | None, by: Person, at: datetime
) -> RosterImport:
    """Read and check a roster file and keep what was found; no person is touched.

    Rows outside `unit` and the units of which `by` is HR officer are refused. The result is `checked` when every row
    can be applied, else `refused` with each problem by row and column in Vietnamese and English.
    """
    problems = Problems()
    raw, encoding = _read(problems, data, file_name)
    rows = [_check_cells(problems, row) for row in raw]
    check_rows(problems, rows, unit=unit, by=by, today=timezone.localtime(at).date())
    if problems:
        rows = []
    for row in rows:  # they wait in the database until they are applied
        row["citizen_id"] = encrypt(row["citizen_id"]) if row["citizen_id"] else ""
    return RosterImport.objects.create(
        uploaded_by=by,
        unit=unit,
        file_name=file_name[:200],
        file_digest=sha256_hex(data),
        encoding=encoding,
        state=RosterImport.State.REFUSED if problems else RosterImport.State.CHECKED,
        rows=rows,
        problems=problems.listed(),
    )


def _read(problems: Problems, data: bytes, file_name: str) -> tuple[list[dict[str, Any]], str]:
    """Rows as they stand in the file by the names of COLUMNS, with their number under "row"; the file's encoding."""
    try:
        table = read_table(data, filename=file_name, max_rows=MOST_ROWS)
    except TableProblem as problem:
        problems.report(problem.row, problem.column, problem.args[0])
        return [], ""
    except UndecodableText as problem:
        problems.report(None, "", problem.args[0])
        return [], ""
    names = {header_key(synonym): key for key, synonyms in COLUMNS.items() for synonym in synonyms}
    found = {header_key(column): names[header_key(column)] for column in table.columns if header_key(column) in names}
    for key in REQUIRED:
        if key not in found.values():
            problems.report(None, key, filled(_("The column “%(name)s” is missing."), {"name": COLUMNS[key][0]}))
    if len(set(found.values())) != len(found):
        problems.report(None, "", _("Two columns mean the same; keep one of them."))
    if not table.rows and not problems:
        problems.report(None, "", _("The file has headings and no rows."))
    if problems:
        return [], table.encoding
    rows = []
    for number, cells in table.rows:
        row = {key: cells.get(column, "") for column, key in found.items()}
        rows.append({"row": number, **{key: row.get(key, "") for key in COLUMNS}})
    return rows, table.encoding


def _check_cells(problems: Problems, raw: dict[str, Any]) -> dict[str, Any]:
    """The row as it will be kept: texts, ISO days, and None or "" for what is missing or wrong."""
    number = raw["row"]
    row: dict[str, Any] = {"row": number}
    for key, value in raw.items():
        if isinstance(value, CellProblem):
            problems.report(number, key, value.message)
            raw[key] = ""

    def read(column: str, reader: Callable[[Any], Any]) -> Any:
        try:
            return reader(raw[column])
        except (InvalidPerson, InvalidDate) as problem:
            problems.report(number, column, problem.args[0])
            return None

    for column in ("full_name", "title"):
        found = legacy_font(_text(raw[column]))
        if found is not None:  # one such row among many good ones does not make the whole file suspect
            problems.report(number, column, LegacyFontText(*found).message)

    row["full_name"] = read("full_name", lambda value: check_name(_text(value)))
    row["staff_number"] = read("staff_number", lambda value: _required_number(_text(value)))
    row["email"] = read("email", lambda value: check_email(_text(value)))
    row["birth_date"] = read("birth_date", _iso)
    row["valid_from"] = read("valid_from", _iso)
    born = date.fromisoformat(row["birth_date"]) if row["birth_date"] else None
    row["citizen_id"] = read(
        "citizen_id", lambda value: check_citizen_id(_text(value), birth_date=born) if _text(value) else None
    )
    row["unit"] = _text(raw["unit"])
    row["title"] = " ".join(_text(raw["title"]).split())
    if len(row["title"]) > 200 or "<" in row["title"] or ">" in row["title"]:
        problems.report(number, "title", _("The title is longer than 200 characters or holds < or >."))
    return row


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip() if value is not None else ""


def _required_number(text: str) -> str:
    number = check_staff_number(text)
    if number is None:
        raise InvalidPerson(_("The staff number is missing."))
    return number


def _iso(value: Any) -> str | None:
    return parse_date(value).isoformat() if value not in ("", None) else None
