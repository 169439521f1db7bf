"""Django's entry to the people room."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    """The people room."""

    name = "people"
    verbose_name = _("People")

    def ready(self) -> None:
        """Put the HR officers' entry in the menu; keep the roles' groups in step with the code."""
        from common.navigation import NavItem, register_nav

        register_nav(NavItem(_("Rosters"), "people:roster_list", 60, visible=is_hr_officer))
        post_migrate.connect(make_groups, sender=self, dispatch_uid="people.make_groups")


def is_hr_officer(request: HttpRequest) -> bool:
    """Whether the visitor is an HR officer anywhere."""
    from people.models import RoleGrant
    from people.permissions import has_role

    if not request.user.is_authenticated or not request.user.is_staff:
        return False
    return has_role(request.user, RoleGrant.Role.HR_OFFICER)


def make_groups(sender: Any, **kwargs: Any) -> None:
    """After migrating, when the administration's own permissions are there."""
    from django.contrib.auth.models import Permission

    from people.services import ensure_groups

    if Permission.objects.filter(content_type__app_label="wagtailadmin", codename="access_admin").exists():
        ensure_groups()
