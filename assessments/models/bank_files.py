"""Question files on their way into a bank and out of it: each a row first, done by Celery."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from assessments.models.bank import Bank, Question


def private_storage() -> Storage:
    """Where files go that only their owners may open; chosen at run time, not in the migration."""
    return storages["private"]


class QuestionImport(models.Model):
    """A question file: checked without changing anything, then brought in by one decision, whole.

    `uploaded` and `importing` are due: the sweep finds them whatever happened to their message.
    """

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("Being checked")
        CHECKED = "checked", _("Checked, not yet imported")
        IMPORTING = "importing", _("Being imported")
        IMPORTED = "imported", _("Imported")
        REFUSED = "refused", _("Cannot be read")
        FAILED = "failed", _("Failed")

    DUE = (State.UPLOADED, State.IMPORTING)

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    bank = models.ForeignKey(Bank, models.PROTECT, related_name="imports", verbose_name=_("bank"))
    file = models.FileField(storage=private_storage, max_length=200)
    file_name = models.CharField(max_length=200)
    file_digest = models.CharField(max_length=64, help_text=_("SHA-256; what is imported is what was checked."))
    file_size = models.PositiveBigIntegerField()
    format = models.CharField(max_length=40, help_text=_("Name of a module in assessments/formats/."))
    new_status = models.CharField(max_length=12, choices=Question.Status, default=Question.Status.IN_REVIEW)
    is_decided = models.BooleanField(default=False, help_text=_("Imported as soon as it is checked, without asking."))
    state = models.CharField(max_length=10, choices=State, default=State.UPLOADED)
    attempts = models.PositiveSmallIntegerField(default=0)
    busy_until = models.DateTimeField(
        null=True, blank=True, help_text=_("A worker has it; after this it is due again.")
    )
    error = models.JSONField(default=dict, help_text=_("Why not, {vi, en}."))
    report = models.JSONField(default=list, help_text=_("[{ref, name, type, status, vi, en}], one for each item."))
    imported_count = models.PositiveIntegerField(default=0)
    updated_count = models.PositiveIntegerField(default=0)
    skipped_count = models.PositiveIntegerField(default=0)
    error_count = models.PositiveIntegerField(default=0)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="question_imports")
    uploaded_at = models.DateTimeField()
    checked_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("question import")
        verbose_name_plural = _("question imports")
        ordering = ["-uploaded_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="imported") | Q(decided_by__isnull=False, finished_at__isnull=False),
                name="question_import_done_by_somebody",
            )
        ]
        indexes = [
            models.Index(
                fields=["uploaded_at"], condition=Q(state__in=["uploaded", "importing"]), name="question_import_due"
            )
        ]

    def __str__(self) -> str:
        return self.file_name


class QuestionExport(models.Model):
    """A file of questions that somebody asked for. A requested one without a file is due."""

    class State(models.TextChoices):
        REQUESTED = "requested", _("Being built")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    bank = models.ForeignKey(Bank, models.PROTECT, related_name="exports", verbose_name=_("bank"))
    format = models.CharField(max_length=40)
    chosen = models.JSONField(null=True, help_text=_("Ids of questions; null: all of the bank that are not retired."))
    state = models.CharField(max_length=10, choices=State, default=State.REQUESTED)
    attempts = models.PositiveSmallIntegerField(default=0)
    busy_until = models.DateTimeField(
        null=True, blank=True, help_text=_("A worker has it; after this it is due again.")
    )
    error = models.CharField(max_length=500, blank=True)
    file = models.FileField(storage=private_storage, max_length=200, blank=True)
    count = models.PositiveIntegerField(default=0, help_text=_("Questions that are in the file."))
    left_out = models.JSONField(default=list, help_text=_("[{ref, name, type, vi, en}], what the format cannot say."))
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="question_exports")
    requested_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("question export")
        verbose_name_plural = _("question exports")
        ordering = ["-requested_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(state="ready") | ~Q(file=""), name="question_export_ready_has_file")
        ]
        indexes = [models.Index(fields=["requested_at"], condition=Q(state="requested"), name="question_export_due")]

    def __str__(self) -> str:
        return f"{self.bank_id} {self.format} {self.public_id}"
