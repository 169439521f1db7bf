"""Units and assignments: opened and closed, never overwritten."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from common.markdown import load_yaml
from common.messages import filled
from common.vietnamese import collation_key, fold, nfc
from people.exceptions import InvalidAssignment, InvalidUnit
from people.models import Assignment, OrganisationUnit, Person, RoleGrant
from people.services.roles import grant_role, revoke_role


@transaction.atomic
def open_unit(
    *,
    code: str,
    name: str,
    valid_from: date,
    parent: OrganisationUnit | None = None,
    kind: str = OrganisationUnit.Kind.OFFICE,
    name_en: str = "",
    by: Person | None,
) -> OrganisationUnit:
    """A new unit below `parent`. Raises InvalidUnit when the code is in use or the parent is closed before."""
    code, name = nfc(code).strip(), " ".join(nfc(name).split())
    if not code or not name:
        raise InvalidUnit(_("A unit needs a code and a name."))
    if not code[0].isalnum() or not all(sign.isalnum() or sign in ".-_" for sign in code):
        raise InvalidUnit(
            _("A unit code begins with a letter or digit and holds letters, digits and . - _ signs only.")
        )
    if OrganisationUnit.objects.filter(code=code, valid_to__isnull=True).exists():
        raise InvalidUnit(filled(_("The unit code %(code)s is in use."), {"code": code}))
    if parent is not None and parent.valid_to is not None and parent.valid_to < valid_from:
        raise InvalidUnit(_("The parent unit is closed before the new unit opens."))
    values: dict[str, Any] = {
        "code": code,
        "name": name,
        "name_en": name_en,
        "kind": OrganisationUnit.Kind(kind),
        "valid_from": valid_from,
        "sort_key": collation_key(name)[:500],
        "search_text": fold(f"{name} {code}")[:300],
    }
    if parent is None:
        return OrganisationUnit.add_root(**values)
    fresh = OrganisationUnit.objects.get(pk=parent.pk)  # treebeard needs the current child count
    return fresh.add_child(**values)


@transaction.atomic
def close_unit(*, unit: OrganisationUnit, last_day: date, by: Person | None) -> OrganisationUnit:
    """Close a unit after `last_day`, with the assignments in it.

    Raises InvalidUnit when it is closed already, `last_day` is before its first, or open units lie below it.
    """
    locked = OrganisationUnit.objects.select_for_update().get(pk=unit.pk)
    if locked.valid_to is not None:
        raise InvalidUnit(_("The unit is closed already."))
    if last_day < locked.valid_from:
        raise InvalidUnit(_("The last day is before the unit's first day."))
    if locked.get_descendants().filter(valid_to__isnull=True).exists():
        raise InvalidUnit(_("Close or move the units below it first."))
    locked.valid_to = last_day
    locked.save(update_fields=["valid_to"])
    for assignment in locked.assignments.filter(valid_to__isnull=True):
        close_assignment(assignment=assignment, last_day=max(last_day, assignment.valid_from), by=by)
    return locked


@transaction.atomic
def replace_unit(
    *,
    unit: OrganisationUnit,
    first_day: date,
    by: Person | None,
    name: str | None = None,
    parent: OrganisationUnit | None = None,
    code: str | None = None,
    name_en: str | None = None,
) -> OrganisationUnit:
    """Rename or move a unit from `first_day`: the old one is closed the day before and succeeded by a new one.

    Everybody assigned goes along, and so do the roles held in it and the open units below it. The code stays unless a
    new one is given; the English name stays while the name does. Raises InvalidUnit when the unit is closed, the new
    parent is the unit itself or below it, or `first_day` is not after its first.
    """
    unit = OrganisationUnit.objects.select_for_update().get(pk=unit.pk)
    if unit.valid_to is not None:
        raise InvalidUnit(_("The unit is closed already."))
    if parent is not None and parent.path.startswith(unit.path):
        raise InvalidUnit(_("A unit cannot be moved below itself."))
    children = list(unit.get_children().filter(valid_to__isnull=True))
    people = list(unit.assignments.filter(valid_to__isnull=True))
    grants = list(unit.role_grants.filter(valid_to__isnull=True))
    old_parent = unit.get_parent()
    last_day = first_day - timedelta(days=1)
    if last_day < unit.valid_from:
        raise InvalidUnit(_("The change must come after the unit's first day."))
    OrganisationUnit.objects.filter(pk=unit.pk).update(valid_to=last_day)
    successor = open_unit(
        code=code or unit.code,
        name=name or unit.name,
        name_en=name_en if name_en is not None else unit.name_en if name is None else "",
        kind=unit.kind,
        parent=parent or old_parent,
        valid_from=first_day,
        by=by,
    )
    unit.successors.add(successor)
    for assignment in people:
        start = max(first_day, assignment.valid_from)
        close_assignment(assignment=assignment, last_day=max(last_day, assignment.valid_from), by=by)
        assign_person(person=assignment.person, unit=successor, title=assignment.title, valid_from=start, by=by)
    for grant in grants:
        _carry_grant(grant, successor, last_day=last_day, first_day=first_day, by=by)
    for child in children:
        replace_unit(
            unit=child,
            first_day=max(first_day, child.valid_from + timedelta(days=1)),
            parent=successor,
            by=by,
        )
    return successor


def _carry_grant(
    grant: RoleGrant, successor: OrganisationUnit, *, last_day: date, first_day: date, by: Person | None
) -> None:
    """Who had a role in the unit has it in the successor: grants reach by place in the tree, and that has changed."""
    revoke_role(grant=grant, last_day=max(last_day, grant.valid_from), by=by)
    grant_role(person=grant.person, role=grant.role, unit=successor, valid_from=max(first_day, grant.valid_from), by=by)


@transaction.atomic
def assign_person(
    *, person: Person, unit: OrganisationUnit, title: str = "", valid_from: date, by: Person | None
) -> Assignment:
    """Put a person in a unit from a day on; the same again changes the title only.

    Raises InvalidAssignment when the unit does not exist on that day.
    """
    if valid_from < unit.valid_from or (unit.valid_to is not None and valid_from > unit.valid_to):
        raise InvalidAssignment(
            filled(
                _("The unit %(unit)s does not exist on %(day)s."),
                {"unit": unit.name, "day": valid_from.strftime("%d/%m/%Y")},
            )
        )
    assignment, created = Assignment.objects.select_for_update().get_or_create(
        person=person,
        unit=unit,
        valid_to=None,
        defaults={"title": title, "valid_from": valid_from},
    )
    if not created and assignment.title != title:
        assignment.title = title
        assignment.save(update_fields=["title"])
    return assignment


def close_assignment(*, assignment: Assignment, last_day: date, by: Person | None) -> Assignment:
    """End an assignment after `last_day`. Raises InvalidAssignment when that is before its first day."""
    if last_day < assignment.valid_from:
        raise InvalidAssignment(_("The last day is before the assignment's first day."))
    assignment.valid_to = last_day
    assignment.save(update_fields=["valid_to"])
    return assignment


@transaction.atomic
def import_units(*, path: Path, at: datetime) -> int:
    """Open the units of a YAML file (`units: [{code, name, name_en, kind, parent, valid_from}]`) that are not there.

    Parents come before their children in the file. Idempotent; returns how many were opened.
    """
    data = load_yaml(path.read_text(encoding="utf-8"), source=path.name)
    known = {unit.code: unit for unit in OrganisationUnit.objects.filter(valid_to__isnull=True)}
    opened = 0
    for row in data["units"]:
        if row["code"] in known:
            continue
        known[row["code"]] = open_unit(
            code=str(row["code"]),
            name=row["name"],
            name_en=row.get("name_en", ""),
            kind=row["kind"],
            parent=known[str(row["parent"])] if row.get("parent") else None,
            valid_from=row["valid_from"],
            by=None,
        )
        opened += 1
    return opened
