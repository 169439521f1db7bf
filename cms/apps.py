"""Django's entry to the portal room."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CmsConfig(AppConfig):
    """The portal room."""

    name = "cms"
    verbose_name = _("Portal")

    def ready(self) -> None:
        """Keep what is published findable, however it was published."""
        from cms import receivers

        receivers.connect()
