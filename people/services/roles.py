"""Roles in a unit and below."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from people.exceptions import InvalidAssignment, InvalidPerson
from people.models import OrganisationUnit, Person, RoleGrant
from people.services.groups import group_name


@transaction.atomic
def grant_role(
    *, person: Person, role: str, unit: OrganisationUnit | None = None, valid_from: date, by: Person | None
) -> RoleGrant:
    """Give `person` a role in `unit` and everything below (no unit: everywhere). Idempotent."""
    grant, _created = RoleGrant.objects.get_or_create(
        person=person,
        role=RoleGrant.Role(role),
        unit=unit,
        valid_to=None,
        defaults={"valid_from": valid_from, "granted_by": by},
    )
    sync_admin_rights(person=person)
    return grant


@transaction.atomic
def revoke_role(*, grant: RoleGrant, last_day: date, by: Person | None) -> RoleGrant:
    """End a role after `last_day`. Raises InvalidAssignment when that is before its first day."""
    if last_day < grant.valid_from:
        raise InvalidAssignment(_("The last day is before the first day of the role."))
    grant.valid_to = last_day
    grant.save(update_fields=["valid_to"])
    sync_admin_rights(person=grant.person)
    return grant


@transaction.atomic
def set_account_rights(*, person: Person, is_superuser: bool, groups: Iterable[Group], by: Person) -> Person:
    """Make `person` a superuser or not and put them in exactly these groups; the roles' own groups stay as they are.

    Raises InvalidPerson when `by` is no superuser or takes the right from themselves.
    """
    if not by.is_superuser:
        raise InvalidPerson(_("Only a superuser may change superusers and groups."))
    locked = Person.objects.select_for_update().get(pk=person.pk)
    if locked.pk == by.pk and not is_superuser:
        raise InvalidPerson(_("You cannot take the superuser right from yourself; another superuser can."))
    if locked.is_superuser != is_superuser:
        locked.is_superuser = is_superuser
        locked.save(update_fields=["is_superuser"])
    own = Group.objects.exclude(name__in=[group_name(role) for role in RoleGrant.Role.values])
    wanted = {group.pk for group in groups}
    locked.groups.remove(*own.exclude(pk__in=wanted))
    locked.groups.add(*own.filter(pk__in=wanted))
    sync_admin_rights(person=locked)
    return locked


def sync_admin_rights(*, person: Person) -> None:
    """Make the person's groups in the administration what their roles of today say."""
    today = timezone.localdate()
    roles = set(RoleGrant.objects.valid_on(today).filter(person=person).values_list("role", flat=True))
    wanted = {group_name(role) for role in roles}
    groups = Group.objects.filter(name__in=[group_name(role) for role in RoleGrant.Role.values])
    person.groups.remove(*groups.exclude(name__in=wanted))
    person.groups.add(*groups.filter(name__in=wanted))
    is_staff = bool(roles) or person.is_superuser
    if person.is_staff != is_staff:
        person.is_staff = is_staff
        person.save(update_fields=["is_staff"])
