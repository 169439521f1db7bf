"""What an administrator administers: units, the people in them, and what may be done with each."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import Model, Q, QuerySet
from django.utils import timezone
from wagtail.permission_policies.base import BasePermissionPolicy

from people.models import AccessLog, Assignment, OrganisationUnit, Person, RoleGrant
from people.permissions import has_role, units_for_role

ADMINISTRATOR = RoleGrant.Role.ADMINISTRATOR


def administers_everything(person: Any) -> bool:
    """Whether `person` is a superuser or an administrator without a unit."""
    if not getattr(person, "is_authenticated", False) or not person.is_active:
        return False
    if person.is_superuser:
        return True
    grants = RoleGrant.objects.valid_on(timezone.localdate())
    return grants.filter(person=person, role=ADMINISTRATOR, unit__isnull=True).exists()


def administered_units(person: Any) -> QuerySet[OrganisationUnit]:
    """Units that `person` administers, closed ones too, parents before their children."""
    return units_for_role(person, ADMINISTRATOR).order_by("path")


def administered_people(person: Any) -> QuerySet[Person]:
    """Whom `person` administers: everybody, or who is or will be assigned in their units."""
    if administers_everything(person):
        return Person.objects.all()
    units = administered_units(person).order_by()
    assigned = Assignment.objects.filter(not_ended(), unit__in=units)
    return Person.objects.filter(pk__in=assigned.values("person"))


def may_change_person(viewer: Any, person: Person) -> bool:
    """Whether `viewer` may edit the account of `person`.

    Not that of somebody who has more rights than the viewer: who changes an e-mail address can ask for its password.
    """
    if viewer.is_superuser:
        return True
    if person.is_superuser or not administered_people(viewer).filter(pk=person.pk).exists():
        return False
    if administers_everything(viewer) or viewer.pk == person.pk:
        return True
    held = RoleGrant.objects.filter(not_ended(), person=person)
    return not held.exclude(unit__in=administered_units(viewer).order_by()).exists()


def administered_log(person: Any) -> QuerySet[AccessLog]:
    """Entries that `person` may read: everything, or what was read of their units and of the people in them."""
    if administers_everything(person):
        return AccessLog.objects.all()
    units = administered_units(person).order_by()
    people = administered_people(person)
    return AccessLog.objects.filter(Q(unit__in=units) | Q(subject__in=people))


def not_ended() -> Q:
    """A condition on `valid_to`: holds today or is still to come."""
    return Q(valid_to__isnull=True) | Q(valid_to__gte=timezone.localdate())


class AdministratorsOnly(BasePermissionPolicy):
    """Administrators of any unit may do `actions`, nobody anything else; each view then asks which rows."""

    permission_cache_name = "_is_administrator"

    def __init__(self, model: type[Model], actions: Collection[str]) -> None:
        super().__init__(model)
        self.actions = frozenset(actions)

    def user_has_permission(self, user: Any, action: str) -> bool:
        """Whether `user` may do `action` with some row."""
        return self.user_has_any_permission(user, [action])

    def user_has_any_permission(self, user: Any, actions: Iterable[str]) -> bool:
        """Whether `user` may do any of `actions` with some row; asked once a request, as menus ask for every entry."""
        if self.actions.isdisjoint(actions):
            return False
        if not hasattr(user, self.permission_cache_name):
            setattr(user, self.permission_cache_name, has_role(user, ADMINISTRATOR))
        return bool(getattr(user, self.permission_cache_name))

    def users_with_any_permission(self, actions: Iterable[str]) -> QuerySet[Person]:
        """Who may do any of `actions`."""
        if self.actions.isdisjoint(actions):
            return Person.objects.none()
        grants = RoleGrant.objects.valid_on(timezone.localdate()).filter(role=ADMINISTRATOR)
        return Person.objects.filter(Q(is_superuser=True) | Q(pk__in=grants.values("person")), is_active=True)
