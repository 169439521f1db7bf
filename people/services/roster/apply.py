"""Applying a checked roster: whole, in one transaction, some statements for each 500 rows."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext_lazy as _

from common.crypto import decrypt, keyed_index
from common.messages import filled
from people.exceptions import InvalidPerson, InvalidRoster
from people.models import AccessLog, Assignment, OrganisationUnit, Person, RosterImport
from people.services.access import log_access
from people.services.person import apply_fields, forget_addresses
from people.services.roster.problems import Problems
from people.services.roster.scope import BATCH, Known, check_rows, day, first_day


@dataclass(slots=True)
class Plan:
    """Everything that the roster changes."""

    new_people: list[Person] = field(default_factory=list)
    changed_people: list[Person] = field(default_factory=list)
    other_address: list[Person] = field(default_factory=list)
    new_assignments: list[Assignment] = field(default_factory=list)
    changed_assignments: list[Assignment] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)


def apply_roster(*, roster: RosterImport, by: Person, at: datetime) -> RosterImport:
    """Make and change people and assignments as the checked file says, in one transaction; applied twice, nothing
    changes.

    A person who moves has the former assignment closed the day before. Raises InvalidRoster when the file was refused,
    or when a row can no longer be applied: people, units or the officer's own role have changed since.
    """
    try:
        return _apply(roster, by=by, at=at)
    except IntegrityError:
        raise InvalidRoster(_("People were changed at the same moment; nothing was applied. Try again.")) from None


@transaction.atomic
def _apply(roster: RosterImport, *, by: Person, at: datetime) -> RosterImport:
    locked = RosterImport.objects.select_for_update().get(pk=roster.pk)
    if locked.state == RosterImport.State.APPLIED:
        return locked
    if locked.state != RosterImport.State.CHECKED:
        raise InvalidRoster(_("This file has errors; mend them and upload it again."))
    today = timezone.localtime(at).date()
    rows = [{**row, "citizen_id": decrypt(row["citizen_id"]) if row["citizen_id"] else None} for row in locked.rows]
    problems = Problems()
    known = check_rows(problems, rows, unit=locked.unit, by=by, today=today)
    if problems:
        raise _no_longer(problems.first())
    units = {row.code: row for row in OrganisationUnit.objects.valid_on(today)}
    plan = Plan()
    for row in rows:
        _plan_row(plan, row, known.get(row["staff_number"]), units[row["unit"]], today)
    _write(plan)
    locked.created_count = len(plan.new_people)
    locked.updated_count = len(plan.touched)
    locked.unchanged_count = len(rows) - locked.created_count - locked.updated_count
    locked.state, locked.applied_at, locked.rows = RosterImport.State.APPLIED, at, []
    locked.save()
    log_access(
        by=by,
        action=AccessLog.Action.IMPORT,
        what=gettext_noop("roster"),
        exactly=locked.file_name,
        at=at,
        unit=locked.unit,
    )
    return locked


def _no_longer(problem: dict[str, Any]) -> InvalidRoster:
    language = "en" if (get_language() or "vi").startswith("en") else "vi"
    values = {"row": problem["row"], "column": problem["column"], "reason": problem[f"message_{language}"]}
    return InvalidRoster(
        filled(_("Row %(row)d, %(column)s can no longer be applied: %(reason)s Upload the file again."), values)
    )


def _plan_row(plan: Plan, row: dict[str, Any], known: Known | None, unit: OrganisationUnit, today: date) -> None:
    person = _plan_person(plan, row, known)
    assignments = known.open if known else []
    same = next((item for item in assignments if item.unit_id == unit.pk), None)
    if same is not None and same.title == row["title"] and len(assignments) == 1:
        return
    start = first_day(row, unit, today)
    for item in assignments:
        if item.unit_id != unit.pk:
            item.valid_to = max(start - timedelta(days=1), item.valid_from)
            plan.changed_assignments.append(item)
    if same is None:
        plan.new_assignments.append(Assignment(person=person, unit=unit, title=row["title"], valid_from=start))
    elif same.title != row["title"]:
        same.title = row["title"]
        plan.changed_assignments.append(same)
    if known is not None:
        plan.touched.add(row["staff_number"])


def _plan_person(plan: Plan, row: dict[str, Any], known: Known | None) -> Person:
    """The person of the row, new or with what the row changes; what is empty in the row stays as it is."""
    given = {
        "full_name": row["full_name"],
        "email": row["email"],
        "birth_date": day(row["birth_date"]),
        "citizen_id": row["citizen_id"],
    }
    person = known.person if known else Person()
    changes = {key: value for key, value in given.items() if value and not _has(person, key, value)}
    if known is None:
        changes["staff_number"] = row["staff_number"]
        person.set_unusable_password()
        plan.new_people.append(person)
    elif changes:
        plan.changed_people.append(person)
        plan.touched.add(row["staff_number"])
        if "email" in changes:
            plan.other_address.append(person)
    if changes:
        try:
            apply_fields(person, changes)
        except InvalidPerson as problem:
            raise _no_longer(
                {"row": row["row"], "column": "", "message_vi": str(problem), "message_en": str(problem)}
            ) from problem
    return person


def _has(person: Person, key: str, value: Any) -> bool:
    if key == "citizen_id":
        return person.citizen_id_index == keyed_index(value)
    return bool(getattr(person, key) == value)


PERSON_FIELDS = (
    "full_name",
    "email",
    "birth_date",
    "citizen_id_encrypted",
    "citizen_id_index",
    "sort_key",
    "search_text",
)


def _write(plan: Plan) -> None:
    Person.objects.bulk_create(plan.new_people, batch_size=BATCH)
    _update(Person, plan.changed_people, PERSON_FIELDS)
    forget_addresses(plan.other_address)
    _update(Assignment, plan.changed_assignments, ("title", "valid_to"))
    Assignment.objects.bulk_create(plan.new_assignments, batch_size=BATCH)


def _update(model: Any, rows: Collection[Any], fields: Collection[str]) -> None:
    if rows:
        model.objects.bulk_update(rows, fields, batch_size=100)
