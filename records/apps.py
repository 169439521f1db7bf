"""Django's entry to the records room."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RecordsConfig(AppConfig):
    """The records room."""

    name = "records"
    verbose_name = _("Records")

    def ready(self) -> None:
        """Put the HR officers' page in the menu."""
        from common.navigation import NavItem, register_nav
        from people.models import RoleGrant
        from people.permissions import has_role

        def is_hr_officer(request: object) -> bool:
            user = getattr(request, "user", None)
            return bool(user and user.is_authenticated and user.is_staff and has_role(user, RoleGrant.Role.HR_OFFICER))

        register_nav(NavItem(_("My units"), "records:units", 50, visible=is_hr_officer))
