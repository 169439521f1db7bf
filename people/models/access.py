"""What people may do, where, and the log of who read whose data."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from people.models.organisation import OrganisationUnit


class RoleGrantQuerySet(models.QuerySet["RoleGrant"]):
    """Grants by day."""

    def valid_on(self, day: date) -> RoleGrantQuerySet:
        """Grants that held on `day`; `valid_to` is the last day."""
        return self.filter(valid_from__lte=day).filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day))


class RoleGrant(models.Model):
    """A person has a role in a unit and everything below it; no unit means everywhere."""

    class Role(models.TextChoices):
        INSTRUCTOR = "instructor", _("Instructor")
        HR_OFFICER = "hr_officer", _("HR officer")
        EXAM_OFFICER = "exam_officer", _("Exam officer")
        ADMINISTRATOR = "administrator", _("Administrator")

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="role_grants")
    role = models.CharField(_("role"), max_length=20, choices=Role)
    unit = models.ForeignKey(
        OrganisationUnit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="role_grants",
        verbose_name=_("unit"),
    )
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("to (last day)"), null=True, blank=True)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = RoleGrantQuerySet.as_manager()

    class Meta:
        verbose_name = _("role grant")
        verbose_name_plural = _("role grants")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "role", "unit"],
                condition=Q(valid_to__isnull=True),
                name="role_grant_open_once_in_unit",
            ),
            models.UniqueConstraint(
                fields=["person", "role"],
                condition=Q(valid_to__isnull=True, unit__isnull=True),
                name="role_grant_open_once_everywhere",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="role_grant_dates_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.role}"


class AccessLog(models.Model):
    """Somebody read or exported another person's data. Rows are only added (triggers refuse the rest).

    `what` is a phrase that is translated when it is shown, alone or before ": " and what exactly.
    """

    class Action(models.TextChoices):
        VIEW = "view", _("Viewed")
        EXPORT = "export", _("Exported")
        IMPORT = "import", _("Imported")
        REVEAL = "reveal", _("Citizen id shown")

    at = models.DateTimeField(default=timezone.now, db_index=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    action = models.CharField(max_length=20, choices=Action)
    subject = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="access_log", db_index=True
    )
    what = models.CharField(max_length=200)
    unit = models.ForeignKey(OrganisationUnit, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("access log entry")
        verbose_name_plural = _("access log")
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.by_id} {self.action}"

    @property
    def what_shown(self) -> str:
        """`what` with its phrase in the reader's language."""
        phrase, colon, exactly = self.what.partition(": ")
        return f"{gettext(phrase)}{colon}{exactly}"
