"""Which parts of the administration instructors and exam officers see; each view then asks which rows are theirs."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic.base import View
from wagtail.permission_policies.base import BasePermissionPolicy

from people.models import Person, RoleGrant
from people.permissions import has_role

INSTRUCTOR, EXAM_OFFICER = RoleGrant.Role.INSTRUCTOR, RoleGrant.Role.EXAM_OFFICER
WRITE = ("add", "change", "view")


def has_any_role(person: Any, roles: Iterable[str]) -> bool:
    """Whether `person` has one of the roles somewhere; asked once a request for each, as menus ask for every entry."""
    known: dict[str, bool] = person.__dict__.setdefault("_roles_in_administration", {})
    for role in roles:
        if role not in known:
            known[role] = has_role(person, role)
        if known[role]:
            return True
    return False


class RolePolicy(BasePermissionPolicy):
    """Who has one of `roles` somewhere may do `actions`, nobody anything else."""

    def __init__(self, model: type[Model], roles: Collection[str], actions: Collection[str] = WRITE) -> None:
        super().__init__(model)
        self.roles, self.actions = tuple(roles), frozenset(actions)

    def user_has_permission(self, user: Any, action: str) -> bool:
        """Whether `user` may do `action` with some row."""
        return self.user_has_any_permission(user, [action])

    def user_has_any_permission(self, user: Any, actions: Iterable[str]) -> bool:
        """Whether `user` may do any of `actions` with some row."""
        return not self.actions.isdisjoint(actions) and has_any_role(user, self.roles)

    def users_with_any_permission(self, actions: Iterable[str]) -> QuerySet[Person]:
        """Who may do any of `actions`."""
        if self.actions.isdisjoint(actions):
            return Person.objects.none()
        roles = [*self.roles, RoleGrant.Role.ADMINISTRATOR]
        grants = RoleGrant.objects.valid_on(timezone.localdate()).filter(role__in=roles)
        return Person.objects.filter(Q(is_superuser=True) | Q(pk__in=grants.values("person")), is_active=True)


class RoleView(View):
    """A view for some roles; anybody else gets 403 with the reason, as the administration would only lead elsewhere."""

    roles: Collection[str] = (INSTRUCTOR,)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Refuse on a page of its own."""
        if not has_any_role(request.user, self.roles):
            return refused(request)
        try:
            return super().dispatch(request, *args, **kwargs)
        except PermissionDenied as refusal:
            return refused(request, str(refusal))


def refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page that says why not."""
    reason = reason or _("This page is for instructors and exam officers.")
    return render(request, "403.html", {"reason": reason}, status=403)
