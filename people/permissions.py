"""Who may do what, where. Everything starts from no."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from people.models import Assignment, OrganisationUnit, Person, RoleGrant


def signed_in(request: HttpRequest) -> Person:
    """Who makes the request. Raises PermissionDenied for a visitor who has not signed in."""
    if not isinstance(request.user, Person):
        raise PermissionDenied(_("Sign in first."))
    return request.user


def _grants(person: Any, role: str, on: date) -> QuerySet[RoleGrant]:
    return RoleGrant.objects.valid_on(on).filter(person=person, role__in=[role, RoleGrant.Role.ADMINISTRATOR])


def units_for_role(person: Any, role: str, *, on: date | None = None) -> QuerySet[OrganisationUnit]:
    """Units in which `person` has `role` (an administrator has every role), with those below; maybe none."""
    everything, nothing = OrganisationUnit.objects.all(), OrganisationUnit.objects.none()
    if not getattr(person, "is_authenticated", False) or not person.is_active:
        return nothing
    if person.is_superuser:
        return everything
    paths = list(_grants(person, role, on or timezone.localdate()).values_list("unit__path", flat=True))
    if not paths:
        return nothing
    if None in paths:
        return everything
    within = Q()
    for path in paths:
        within |= Q(path__startswith=path)
    return everything.filter(within)


def has_role(person: Any, role: str, *, unit: OrganisationUnit | None = None, on: date | None = None) -> bool:
    """Whether `person` has `role` in `unit`; without a unit: anywhere at all."""
    units = units_for_role(person, role, on=on)
    if unit is not None:
        return units.filter(pk=unit.pk).exists()
    if not getattr(person, "is_authenticated", False) or not person.is_active:
        return False
    return person.is_superuser or _grants(person, role, on or timezone.localdate()).exists()


def may_read_unit(person: Any, role: str, unit: OrganisationUnit) -> bool:
    """Whether `person` has `role` in `unit` or in what it became: who answers for a unit today reads its history."""
    mine = set(units_for_role(person, role).order_by().values_list("pk", flat=True))
    waiting, seen = [unit], {unit.pk}
    while waiting:
        form = waiting.pop()
        if form.pk in mine:
            return True
        later = [row for row in form.successors.all() if row.pk not in seen]
        seen.update(row.pk for row in later)
        waiting += later
    return False


def require_role(person: Any, role: str, *, unit: OrganisationUnit | None = None) -> None:
    """Raise PermissionDenied unless `person` has `role` in `unit`."""
    if not has_role(person, role, unit=unit):
        raise PermissionDenied(_("You do not have the role that this needs here."))


def people_visible_to(viewer: Any, *, on: date | None = None) -> QuerySet[Person]:
    """Oneself, and for HR officers everybody assigned in their units on that day."""
    if not getattr(viewer, "is_authenticated", False):
        return Person.objects.none()
    if viewer.is_superuser:
        return Person.objects.all()
    day = on or timezone.localdate()
    units = units_for_role(viewer, RoleGrant.Role.HR_OFFICER, on=day)
    assigned = Assignment.objects.valid_on(day).filter(unit__in=units)
    return Person.objects.filter(Q(pk=viewer.pk) | Q(pk__in=assigned.values("person")))


def may_see_person(viewer: Any, person: Person) -> bool:
    """Whether `viewer` may read the record of `person`."""
    return people_visible_to(viewer).filter(pk=person.pk).exists()
