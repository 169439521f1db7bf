"""Django's entry to the lms room."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LmsConfig(AppConfig):
    """The lms room."""

    name = "lms"
    verbose_name = _("Platform")
