"""Django's entry to the common room."""

from django.apps import AppConfig
from django.core.checks import register
from django.utils.translation import gettext_lazy as _


class CommonConfig(AppConfig):
    """The common room."""

    name = "common"
    verbose_name = _("Common")

    def ready(self) -> None:
        """Register the room's system checks."""
        from common.navigation import check_addresses

        register(check_addresses)
