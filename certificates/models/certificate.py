"""The certificate and the counter that numbers it without gaps."""

from __future__ import annotations

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from certificates.models.template import TemplateVersion


def private_storage() -> Storage:
    """Where files go that only their owner may open; chosen at run time, not in the migration."""
    return storages["private"]


class RegisterCounter(models.Model):
    """The last number given in a register and year; locked while a certificate is issued.

    A register belongs to a unit's code, which goes on when the unit is renamed or moved.
    """

    register_code = models.CharField(max_length=40)
    year = models.PositiveSmallIntegerField()
    last_number = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["register_code", "year"], name="register_counter_once")]

    def __str__(self) -> str:
        return f"{self.register_code}/{self.year}: {self.last_number}"


class Certificate(models.Model):
    """An issued certificate: its number, what it says, and where its files are.

    `snapshot` is what is printed, as it was at issue: {"name", "birth_date", "course_code", "course_title",
    "course_title_en", "hours", "score", "max_score", "percent", "completed_on", "sitting_digest", "unit",
    "issuer", …}. The files are made by Celery from snapshot and template version, and can be made again.
    """

    class Status(models.TextChoices):
        VALID = "valid", _("Valid")
        SUSPENDED = "suspended", _("Suspended")
        REVOKED = "revoked", _("Revoked")
        REPLACED = "replaced", _("Replaced")

    class Rendering(models.TextChoices):
        DUE = "due", _("Being made")
        DONE = "done", _("Ready")
        FAILED = "failed", _("Could not be made")

    number = models.CharField(_("number"), max_length=60, unique=True)
    code = models.CharField(_("verification code"), max_length=32, unique=True)
    issuing_unit = models.ForeignKey("people.OrganisationUnit", models.PROTECT, related_name="certificates")
    register_code = models.CharField(max_length=40, help_text=_("Code of the issuing unit at issue."))
    year = models.PositiveSmallIntegerField()
    register_number = models.PositiveIntegerField()
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="certificates")
    completion = models.OneToOneField(
        "courses.CourseCompletion", models.PROTECT, null=True, blank=True, related_name="certificate"
    )
    template_version = models.ForeignKey(TemplateVersion, models.PROTECT, related_name="certificates")
    snapshot = models.JSONField()
    snapshot_digest = models.CharField(max_length=64)
    issued_at = models.DateTimeField(_("issued at"))
    expires_on = models.DateField(_("valid until (last day)"), null=True, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.VALID)
    status_changed_at = models.DateTimeField(null=True, blank=True)
    status_reason = models.CharField(_("public reason"), max_length=300, blank=True)
    status_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    rendering = models.CharField(max_length=6, choices=Rendering, default=Rendering.DUE)
    rendering_attempts = models.PositiveSmallIntegerField(default=0)
    rendering_error = models.CharField(max_length=500, blank=True)
    rendered_at = models.DateTimeField(null=True, blank=True)
    pdf = models.FileField(storage=private_storage, max_length=200, blank=True)
    image = models.FileField(storage=private_storage, max_length=200, blank=True)

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        ordering = ["-issued_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["register_code", "year", "register_number"], name="certificate_register_number_unique"
            ),
            models.CheckConstraint(condition=Q(register_number__gte=1), name="certificate_register_number_from_one"),
            models.CheckConstraint(
                condition=~Q(rendering="done") | (~Q(pdf="") & ~Q(image="")),
                name="certificate_done_has_files",
            ),
            models.CheckConstraint(
                condition=Q(status="valid") | Q(status_changed_at__isnull=False),
                name="certificate_change_is_dated",
            ),
        ]
        indexes = [
            models.Index(fields=["person", "issued_at"], name="certificate_person_issued"),
            models.Index(fields=["issued_at"], condition=Q(rendering="due"), name="certificate_rendering_due"),
        ]

    def __str__(self) -> str:
        return self.number
