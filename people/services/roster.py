"""Rosters: a file of people and where they work, checked whole, then applied whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common.crypto import keyed_index
from common.digests import sha256_hex
from common.messages import filled
from common.tabular import CellProblem, TableProblem, header_key, read_table
from common.vietnamese import InvalidDate, UndecodableText, parse_date
from people.citizen_id import check_citizen_id
from people.exceptions import InvalidAssignment, InvalidPerson, InvalidRoster
from people.models import AccessLog, Assignment, OrganisationUnit, Person, RosterImport
from people.services.access import log_access
from people.services.organisation import assign_person, close_assignment
from people.services.person import (
    check_email,
    check_name,
    check_staff_number,
    create_person,
    update_person,
)

COLUMNS: dict[str, tuple[str, ...]] = {
    "staff_number": ("Mã nhân viên", "ma_nhan_vien", "mã số", "mã cán bộ", "mã công chức", "staff number"),
    "full_name": ("Họ và tên", "ho_va_ten", "họ tên", "full name", "name"),
    "birth_date": ("Ngày sinh", "ngay_sinh", "date of birth", "birth date"),
    "email": ("Email", "e-mail", "thư điện tử", "địa chỉ email"),
    "citizen_id": ("Số CCCD", "so_cccd", "cccd", "căn cước công dân", "số căn cước", "citizen id"),
    "unit": ("Mã đơn vị", "ma_don_vi", "unit code", "unit"),
    "title": ("Chức danh", "chuc_danh", "chức vụ", "title", "position"),
    "valid_from": ("Từ ngày", "tu_ngay", "from", "start date"),
}
REQUIRED = ("staff_number", "full_name", "unit")
MOST_ROWS = 20_000
KEYS = ("staff_number", "email", "citizen_id")


@dataclass
class RosterCheck:
    """What a reading of the file found: rows that could be applied, and everything that is wrong."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    problems: list[dict[str, Any]] = field(default_factory=list)
    encoding: str = ""

    def report(self, row: int | None, column: str, message: str | Promise) -> None:
        """Add a problem in both languages."""
        texts = {}
        for language in ("vi", "en"):
            with translation.override(language):
                texts[f"message_{language}"] = str(message)
        heading = COLUMNS[column][0] if column in COLUMNS else column
        self.problems.append({"row": row, "column": heading, **texts})


def check_roster(
    *, data: bytes, file_name: str, unit: OrganisationUnit | None, by: Person, at: datetime
) -> RosterImport:
    """Read and check a roster file and keep what was found; no person is touched.

    With `unit`, rows outside it and what is below are refused. The result is `checked` when every row can be applied,
    else `refused` with each problem by row and column in Vietnamese and English.
    """
    check = _read(data, file_name)
    if check.rows:
        _check_rows(check, unit=unit, today=timezone.localtime(at).date())
    return RosterImport.objects.create(
        uploaded_by=by,
        unit=unit,
        file_name=file_name[:200],
        file_digest=sha256_hex(data),
        encoding=check.encoding,
        state=RosterImport.State.REFUSED if check.problems else RosterImport.State.CHECKED,
        rows=[] if check.problems else check.rows,
        problems=check.problems[:1000],
    )


def _read(data: bytes, file_name: str) -> RosterCheck:
    check = RosterCheck()
    try:
        table = read_table(data, filename=file_name, max_rows=MOST_ROWS)
    except TableProblem as problem:
        check.report(problem.row, problem.column, problem.args[0])
        return check
    except UndecodableText as problem:
        check.report(None, "", problem.args[0])
        return check
    check.encoding = table.encoding
    names = {header_key(synonym): key for key, synonyms in COLUMNS.items() for synonym in synonyms}
    found = {header_key(column): names[header_key(column)] for column in table.columns if header_key(column) in names}
    for key in REQUIRED:
        if key not in found.values():
            check.report(None, key, filled(_("The column “%(name)s” is missing."), {"name": COLUMNS[key][0]}))
    if len(set(found.values())) != len(found):
        check.report(None, "", _("Two columns mean the same; keep one of them."))
    if not table.rows and not check.problems:
        check.report(None, "", _("The file has headings and no rows."))
    if check.problems:
        return check
    for number, cells in table.rows:
        row = {key: cells.get(column, "") for column, key in found.items()}
        check.rows.append({"row": number, **{key: row.get(key, "") for key in COLUMNS}})
    return check


def _check_rows(check: RosterCheck, *, unit: OrganisationUnit | None, today: date) -> None:
    units = {row.code: row for row in OrganisationUnit.objects.valid_on(today)}
    known = _known_keys(check.rows)
    seen: dict[tuple[str, str], int] = {}
    good = []
    for raw in check.rows:
        before = len(check.problems)
        row = _check_cells(check, raw)
        _check_unit(check, row, units, unit)
        _check_dates(check, row, units, today)
        _check_keys(check, row, seen, known)
        if len(check.problems) == before:
            good.append(row)
    check.rows = good


def _check_cells(check: RosterCheck, raw: dict[str, Any]) -> dict[str, Any]:
    number = raw["row"]
    row: dict[str, Any] = {"row": number}
    for key, value in raw.items():
        if isinstance(value, CellProblem):
            check.report(number, key, value.message)
            raw[key] = ""
    row["full_name"] = _try(check, number, "full_name", lambda: check_name(_text(raw["full_name"])))
    row["staff_number"] = _try(check, number, "staff_number", lambda: _required_number(_text(raw["staff_number"])))
    row["email"] = _try(check, number, "email", lambda: check_email(_text(raw["email"])))
    row["birth_date"] = _try(check, number, "birth_date", lambda: _iso(raw["birth_date"]))
    row["valid_from"] = _try(check, number, "valid_from", lambda: _iso(raw["valid_from"]))
    born = date.fromisoformat(row["birth_date"]) if row["birth_date"] else None
    row["citizen_id"] = _try(
        check,
        number,
        "citizen_id",
        lambda: check_citizen_id(_text(raw["citizen_id"]), birth_date=born) if _text(raw["citizen_id"]) else None,
    )
    row["unit"] = _text(raw["unit"])
    row["title"] = " ".join(_text(raw["title"]).split())
    if len(row["title"]) > 200 or "<" in row["title"] or ">" in row["title"]:
        check.report(number, "title", _("The title is longer than 200 characters or holds < or >."))
    return row


def _try(check: RosterCheck, number: int, column: str, read: Any) -> Any:
    try:
        return read()
    except (InvalidPerson, InvalidDate) as problem:
        check.report(number, column, problem.args[0])
        return None


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


def _check_unit(
    check: RosterCheck,
    row: dict[str, Any],
    units: dict[str, OrganisationUnit],
    within: OrganisationUnit | None,
) -> None:
    if not row["unit"]:
        check.report(row["row"], "unit", _("The unit code is missing."))
    elif row["unit"] not in units:
        check.report(
            row["row"],
            "unit",
            filled(_("There is no open unit with the code “%(code)s”."), {"code": row["unit"][:40]}),
        )
    elif within is not None and not units[row["unit"]].path.startswith(within.path):
        check.report(
            row["row"],
            "unit",
            filled(_("The unit %(code)s is not in %(unit)s."), {"code": row["unit"], "unit": within.name}),
        )


def _check_dates(check: RosterCheck, row: dict[str, Any], units: dict[str, OrganisationUnit], today: date) -> None:
    born = date.fromisoformat(row["birth_date"]) if row["birth_date"] else None
    start = date.fromisoformat(row["valid_from"]) if row["valid_from"] else None
    if born is not None and not today - timedelta(days=366 * 100) < born < today - timedelta(days=365 * 14):
        check.report(row["row"], "birth_date", _("This date of birth is not plausible (age 14 to 100)."))
    if start is not None and born is not None and start <= born:
        check.report(row["row"], "valid_from", _("The first day of work is before the date of birth."))
    unit = units.get(row["unit"])
    if start is not None and unit is not None and start < unit.valid_from:
        check.report(
            row["row"],
            "valid_from",
            filled(
                _("The unit %(unit)s exists only from %(day)s."),
                {"unit": unit.name, "day": unit.valid_from.strftime("%d/%m/%Y")},
            ),
        )


def _known_keys(rows: Iterable[dict[str, Any]]) -> dict[tuple[str, str], str]:
    """(kind, value) → staff number of the person in the database who has it, for the values in the file."""
    emails = {_text(row["email"]).lower() for row in rows if row["email"]}
    indexes = {
        keyed_index("".join(_text(row["citizen_id"]).split()))
        for row in rows
        if row["citizen_id"] and not isinstance(row["citizen_id"], CellProblem)
    }
    known: dict[tuple[str, str], str] = {}
    for email, number in _in_batches(emails, "email__in", "email"):
        known[("email", email)] = number or ""
    for index, number in _in_batches(indexes, "citizen_id_index__in", "citizen_id_index"):
        known[("citizen_id", index)] = number or ""
    return known


def _in_batches(values: set[str], lookup: str, column: str) -> Iterable[tuple[str, str | None]]:
    ordered = sorted(values)
    for start in range(0, len(ordered), 500):
        yield from Person.objects.filter(**{lookup: ordered[start : start + 500]}).values_list(column, "staff_number")


def _check_keys(
    check: RosterCheck,
    row: dict[str, Any],
    seen: dict[tuple[str, str], int],
    known: dict[tuple[str, str], str],
) -> None:
    for key in KEYS:
        value = row[key]
        if not value:
            continue
        stored = keyed_index(value) if key == "citizen_id" else value
        first = seen.setdefault((key, stored), row["row"])
        if first != row["row"]:
            check.report(row["row"], key, filled(_("The same value is in row %(row)d."), {"row": first}))
        owner = known.get((key, stored))
        if owner is not None and owner != row["staff_number"]:
            check.report(row["row"], key, _("This belongs to another person in the system."))


# Applying -----------------------------------------------------------------------------------------------------


@transaction.atomic
def apply_roster(*, roster: RosterImport, by: Person, at: datetime) -> RosterImport:
    """Make and change people and assignments as the checked file says, in one transaction; applied twice, nothing
    changes.

    A person who moves has the former assignment closed the day before. Raises InvalidRoster when the file was
    refused or something has changed since it was checked.
    """
    locked = RosterImport.objects.select_for_update().get(pk=roster.pk)
    if locked.state == RosterImport.State.APPLIED:
        return locked
    if locked.state != RosterImport.State.CHECKED:
        raise InvalidRoster(_("This file has errors; mend them and upload it again."))
    today = timezone.localtime(at).date()
    units = {row.code: row for row in OrganisationUnit.objects.valid_on(today)}
    numbers = [row["staff_number"] for row in locked.rows]
    existing: dict[str, Person] = {}
    for start in range(0, len(numbers), 500):
        batch = Person.objects.filter(staff_number__in=numbers[start : start + 500])
        existing.update({person.staff_number or "": person for person in batch})
    for row in locked.rows:
        try:
            outcome = _apply_row(row, existing.get(row["staff_number"]), units, by=by, today=today)
        except (InvalidPerson, InvalidAssignment, KeyError) as problem:
            raise InvalidRoster(
                filled(
                    _("Row %(row)d can no longer be applied: %(reason)s Upload the file again."),
                    {"row": row["row"], "reason": str(problem)},
                )
            ) from problem
        setattr(locked, outcome, getattr(locked, outcome) + 1)
    locked.state, locked.applied_at, locked.rows = RosterImport.State.APPLIED, at, []
    locked.save()
    log_access(by=by, action=AccessLog.Action.IMPORT, what=f"roster {locked.file_name}", at=at, unit=locked.unit)
    return locked


def _apply_row(
    row: dict[str, Any],
    person: Person | None,
    units: dict[str, OrganisationUnit],
    *,
    by: Person,
    today: date,
) -> str:
    """Apply one row; the name of the counter that it adds to."""
    born = date.fromisoformat(row["birth_date"]) if row["birth_date"] else None
    start = date.fromisoformat(row["valid_from"]) if row["valid_from"] else max(today, units[row["unit"]].valid_from)
    outcome = "unchanged_count"
    if person is None:
        person = create_person(
            full_name=row["full_name"],
            staff_number=row["staff_number"],
            email=row["email"],
            birth_date=born,
            citizen_id=row["citizen_id"],
            by=by,
        )
        outcome = "created_count"
    else:
        given = {"full_name": row["full_name"], "email": row["email"], "birth_date": born}
        changes = {key: value for key, value in given.items() if value and getattr(person, key) != value}
        if row["citizen_id"] and person.citizen_id_index != keyed_index(row["citizen_id"]):
            changes["citizen_id"] = row["citizen_id"]
        if changes:
            update_person(person=person, by=by, **changes)
            outcome = "updated_count"
    if _assign(person, units[row["unit"]], row["title"], start, by=by, today=today) and outcome == "unchanged_count":
        outcome = "updated_count"
    return outcome


def _assign(person: Person, unit: OrganisationUnit, title: str, start: date, *, by: Person, today: date) -> bool:
    """Put the person in the unit; True when that changed something."""
    current = list(Assignment.objects.filter(person=person, valid_to__isnull=True).select_related("unit"))
    same = next((row for row in current if row.unit_id == unit.pk), None)
    if same is not None and same.title == title and len(current) == 1:
        return False
    for row in current:
        if row.unit_id != unit.pk:
            close_assignment(assignment=row, last_day=max(start - timedelta(days=1), row.valid_from), by=by)
    assign_person(person=person, unit=unit, title=title, valid_from=start, by=by)
    return True
