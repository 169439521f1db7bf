"""What a roster may do, seen against the database: its units, its keys, and whom its officer may change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.crypto import keyed_index
from common.messages import filled
from people.models import Assignment, OrganisationUnit, Person, RoleGrant
from people.permissions import units_for_role
from people.services.roster.problems import Problems

KEYS = ("staff_number", "email", "citizen_id")
BATCH = 500


@dataclass(slots=True)
class Known:
    """Somebody of the file who is in the database already."""

    person: Person
    open: list[Assignment] = field(default_factory=list)
    has_role: bool = False


def check_rows(
    problems: Problems, rows: list[dict[str, Any]], *, unit: OrganisationUnit | None, by: Person, today: date
) -> dict[str, Known]:
    """Report what of `rows` cannot be applied by this officer today; who is known already, by staff number.

    A few queries for each 500 rows. Rows hold what check.py made of the cells; citizen ids are in clear.
    """
    units = {row.code: row for row in OrganisationUnit.objects.valid_on(today)}
    mine = set(units_for_role(by, RoleGrant.Role.HR_OFFICER).order_by().values_list("pk", flat=True))
    known = known_people({row["staff_number"] for row in rows if row["staff_number"]}, today=today)
    owners = _owners(rows)
    seen: dict[tuple[str, str], int] = {}
    for row in rows:
        _check_unit(problems, row, units, mine, unit)
        _check_dates(problems, row, units.get(row["unit"]), today)
        _check_keys(problems, row, seen, owners)
        if row["staff_number"] in known:
            _check_known(problems, row, known[row["staff_number"]], units.get(row["unit"]), mine, today)
    return known


def known_people(numbers: Iterable[str], *, today: date) -> dict[str, Known]:
    """Those who have these staff numbers, with their open assignments and whether they hold a role."""
    known: dict[str, Known] = {}
    for batch in in_batches(numbers):
        people = {person.pk: Known(person) for person in Person.objects.filter(staff_number__in=batch)}
        for row in Assignment.objects.filter(person__in=people, valid_to__isnull=True).select_related("unit"):
            people[row.person_id].open.append(row)
        not_ended = Q(valid_to__isnull=True) | Q(valid_to__gte=today)
        for pk in RoleGrant.objects.filter(not_ended, person__in=people).values_list("person_id", flat=True):
            people[pk].has_role = True
        for entry in people.values():
            entry.has_role = entry.has_role or entry.person.is_superuser
            known[entry.person.staff_number or ""] = entry
    return known


def in_batches(values: Iterable[str]) -> Iterator[list[str]]:
    """The values, sorted, BATCH at a time: databases limit the parameters of a query."""
    ordered = sorted(values)
    for start in range(0, len(ordered), BATCH):
        yield ordered[start : start + BATCH]


def _check_unit(
    problems: Problems,
    row: dict[str, Any],
    units: dict[str, OrganisationUnit],
    mine: set[int],
    within: OrganisationUnit | None,
) -> None:
    number, code = row["row"], row["unit"]
    if not code:
        problems.report(number, "unit", _("The unit code is missing."))
    elif code not in units:
        values = {"code": code[:40]}
        problems.report(number, "unit", filled(_("There is no open unit with the code “%(code)s”."), values))
    elif within is not None and not units[code].path.startswith(within.path):
        values = {"code": code, "unit": within.name}
        problems.report(number, "unit", filled(_("The unit %(code)s is not in %(unit)s."), values))
    elif units[code].pk not in mine:
        problems.report(number, "unit", filled(_("The unit %(code)s is not among your units."), {"code": code}))


def _check_dates(problems: Problems, row: dict[str, Any], unit: OrganisationUnit | None, today: date) -> None:
    born, start = day(row["birth_date"]), day(row["valid_from"])
    if born is not None and not today - timedelta(days=366 * 100) < born < today - timedelta(days=365 * 14):
        problems.report(row["row"], "birth_date", _("This date of birth is not plausible (age 14 to 100)."))
    if start is None:
        return
    if start > today + timedelta(days=366):
        problems.report(row["row"], "valid_from", _("The first day of work is more than a year ahead."))
    if born is not None and start <= born:
        problems.report(row["row"], "valid_from", _("The first day of work is before the date of birth."))
    if unit is not None and start < unit.valid_from:
        values = {"unit": unit.name, "day": unit.valid_from.strftime("%d/%m/%Y")}
        problems.report(row["row"], "valid_from", filled(_("The unit %(unit)s exists only from %(day)s."), values))
    if unit is not None and unit.valid_to is not None and start > unit.valid_to:
        values = {"unit": unit.name, "day": unit.valid_to.strftime("%d/%m/%Y")}
        problems.report(row["row"], "valid_from", filled(_("The unit %(unit)s exists only until %(day)s."), values))


def _owners(rows: list[dict[str, Any]]) -> dict[tuple[str, str], str]:
    """(kind, value) → staff number of the person in the database who has it, for the values in the file."""
    emails = {row["email"] for row in rows if row["email"]}
    indexes = {keyed_index(row["citizen_id"]) for row in rows if row["citizen_id"]}
    owners: dict[tuple[str, str], str] = {}
    for key, column, values in (("email", "email", emails), ("citizen_id", "citizen_id_index", indexes)):
        for batch in in_batches(values):
            found = Person.objects.filter(**{f"{column}__in": batch}).values_list(column, "staff_number")
            owners.update({(key, value): number or "" for value, number in found})
    return owners


def _check_keys(
    problems: Problems, row: dict[str, Any], seen: dict[tuple[str, str], int], owners: dict[tuple[str, str], str]
) -> None:
    for key in KEYS:
        value = row[key]
        if not value:
            continue
        stored = keyed_index(value) if key == "citizen_id" else value
        first = seen.setdefault((key, stored), row["row"])
        if first != row["row"]:
            problems.report(row["row"], key, filled(_("The same value is in row %(row)d."), {"row": first}))
        owner = owners.get((key, stored))
        if owner is not None and owner != row["staff_number"]:
            problems.report(row["row"], key, _("This belongs to another person in the system."))


def _check_known(
    problems: Problems, row: dict[str, Any], known: Known, unit: OrganisationUnit | None, mine: set[int], today: date
) -> None:
    """An officer changes people of their own units only, and nobody's way to sign in who has rights here."""
    number = row["row"]
    if not known.person.is_active:
        problems.report(
            number, "staff_number", _("This person's account is closed; an administrator can open it again.")
        )
    if any(assignment.unit_id not in mine for assignment in known.open):
        problems.report(
            number,
            "staff_number",
            _("This person works in a unit that is not yours; its HR officer must end that assignment first."),
        )
        return
    if known.has_role and row["email"] and row["email"] != known.person.email:
        problems.report(
            number, "email", _("This person has a role; only an administrator changes their e-mail address.")
        )
    if unit is None:
        return
    start = first_day(row, unit, today)
    for assignment in known.open:
        if assignment.unit_id != unit.pk and start <= assignment.valid_from:
            values = {"unit": assignment.unit.name, "day": assignment.valid_from.strftime("%d/%m/%Y")}
            problems.report(
                number,
                "valid_from",
                filled(_("They work in %(unit)s since %(day)s; the move must come after that day."), values),
            )


def day(text: str | None) -> date | None:
    """The day in an ISO text of a row."""
    return date.fromisoformat(text) if text else None


def first_day(row: dict[str, Any], unit: OrganisationUnit, today: date) -> date:
    """When the row's person begins in the unit: as written, else today or when the unit opens."""
    return day(row["valid_from"]) or max(today, unit.valid_from)
