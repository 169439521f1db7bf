"""Django's entry to the lms room."""

from django.apps import AppConfig
from django.db.models.signals import pre_migrate
from django.utils.translation import gettext_lazy as _


class LmsConfig(AppConfig):
    """The lms room."""

    name = "lms"
    verbose_name = _("Platform")

    def ready(self) -> None:
        """A database and the secret that reads it are made together."""
        from lms.secret import keep_secret

        pre_migrate.connect(keep_secret)  # sent once for each app with tables; the first one writes
