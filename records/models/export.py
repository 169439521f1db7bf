"""A report that somebody asked to have as a file."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


def private_storage() -> Storage:
    """Where files go that only their owner may open; chosen at run time, not in the migration."""
    return storages["private"]


class ReportExport(models.Model):
    """A report as CSV and XLSX: a row first, built by Celery, readable only by who asked.

    A requested export without files is due; the sweep finds it.
    """

    class State(models.TextChoices):
        REQUESTED = "requested", _("Being built")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    report = models.SlugField(max_length=60, help_text=_("Name of a module in records/reports/."))
    parameters = models.JSONField(default=dict, help_text=_("As checked by the report, e.g. {unit, course, as_of}."))
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="report_exports")
    language = models.CharField(max_length=8, default="vi")
    state = models.CharField(max_length=10, choices=State, default=State.REQUESTED)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    row_count = models.PositiveIntegerField(null=True, blank=True)
    csv = models.FileField(storage=private_storage, max_length=200, blank=True)
    xlsx = models.FileField(storage=private_storage, max_length=200, blank=True)
    requested_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("report export")
        verbose_name_plural = _("report exports")
        ordering = ["-requested_at"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="ready") | (~Q(csv="") & ~Q(xlsx="") & Q(row_count__isnull=False)),
                name="report_export_ready_has_files",
            ),
        ]
        indexes = [models.Index(fields=["requested_at"], condition=Q(state="requested"), name="report_export_due")]

    def __str__(self) -> str:
        return f"{self.report} {self.public_id}"
