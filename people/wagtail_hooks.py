"""What administrators see of people and the organisation in the administration."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from wagtail import hooks
from wagtail.admin.views.account import NameEmailSettingsPanel
from wagtail.permissions import register_permission_policy
from wagtail.users.views.bulk_actions import AssignRoleBulkAction, DeleteBulkAction, SetActiveStateBulkAction

from people.models import AccessLog, OrganisationUnit, Person
from people.viewsets import OrganisationGroup
from people.viewsets.scope import AdministratorsOnly

register_permission_policy(Person, AdministratorsOnly(Person, {"add", "change", "view"}))
register_permission_policy(OrganisationUnit, AdministratorsOnly(OrganisationUnit, {"add", "view"}))
register_permission_policy(AccessLog, AdministratorsOnly(AccessLog, {"view"}))


@hooks.register("register_admin_viewset")
def organisation() -> OrganisationGroup:
    """Units and the access log."""
    return OrganisationGroup()


def refuse(self: Any, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """Wagtail's actions on many users write past the services: roles without dates, people deleted with history."""
    raise PermissionDenied(_("People are changed one by one."))


# The later registration of an action type takes its place.
for action in (AssignRoleBulkAction, DeleteBulkAction, SetActiveStateBulkAction):
    hooks.register("register_bulk_action", type(action.__name__, (action,), {"dispatch": refuse}), order=1000)


def has_no_panel(self: Any) -> bool:
    """Name, e-mail and language are changed on the person's page, through the services."""
    return False


# Wagtail's panel asks for a first and a last name, which nobody has here, and so no account setting could be saved;
# there is no hook that takes a panel away.
setattr(NameEmailSettingsPanel, "is_active", has_no_panel)  # noqa: B010
