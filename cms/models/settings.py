"""What an administrator sets for the whole portal."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting


@register_setting(icon="site")
class PortalSettings(BaseSiteSetting):
    """Name of the operator, contact, and the theme's two colours."""

    operator_name = models.CharField(_("operator"), max_length=200, blank=True)
    operator_name_en = models.CharField(_("operator in English"), max_length=200, blank=True)
    contact_email = models.EmailField(_("contact e-mail"), blank=True)
    contact_phone = models.CharField(_("contact telephone"), max_length=40, blank=True)
    address = models.CharField(_("address"), max_length=300, blank=True)
    notice = models.CharField(
        _("notice on every page"), max_length=300, blank=True, help_text=_("Empty: no notice is shown.")
    )

    panels: ClassVar[list[FieldPanel]] = [
        FieldPanel("operator_name"),
        FieldPanel("operator_name_en"),
        FieldPanel("contact_email"),
        FieldPanel("contact_phone"),
        FieldPanel("address"),
        FieldPanel("notice"),
    ]

    class Meta:
        verbose_name = _("portal settings")
