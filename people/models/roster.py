"""A roster file that an HR officer brought in."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from people.models.organisation import OrganisationUnit


class RosterImport(models.Model):
    """One roster file: checked whole, then applied whole or not at all."""

    class State(models.TextChoices):
        CHECKED = "checked", _("Checked, not yet applied")
        REFUSED = "refused", _("Refused")
        APPLIED = "applied", _("Applied")

    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    unit = models.ForeignKey(
        OrganisationUnit,
        models.PROTECT,
        null=True,
        related_name="+",
        help_text=_("Rows outside this unit are refused."),
    )
    file_name = models.CharField(max_length=200)
    file_digest = models.CharField(max_length=64)
    encoding = models.CharField(max_length=20, blank=True)
    state = models.CharField(max_length=20, choices=State, default=State.CHECKED)
    rows = models.JSONField(default=list, help_text=_("Normalised rows; emptied when applied."))
    problems = models.JSONField(default=list, help_text=_("[{row, column, message_vi, message_en}]"))
    created_count = models.PositiveIntegerField(default=0)
    updated_count = models.PositiveIntegerField(default=0)
    unchanged_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    applied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("roster import")
        verbose_name_plural = _("roster imports")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.file_name
