"""Marking again: what is to change, what it would do, and what it did. Nothing is overwritten."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from assessments.models.grading import GradingRun
from assessments.models.quiz import Quiz
from assessments.models.sitting import Sitting


class Regrade(models.Model):
    """A decision to mark sittings of a quiz again: asked for → reported → decided → applied.

    `changes` is a list of {question, action, from_versions, to_version}; see assessments/grading/changes.py. The report
    is made before anything changes; applying makes a new run beside the old one for each sitting that differs.
    """

    class State(models.TextChoices):
        REQUESTED = "requested", _("Report is being made")
        REPORTED = "reported", _("Reported, waits for a decision")
        APPLYING = "applying", _("Being applied")
        APPLIED = "applied", _("Applied")
        CANCELLED = "cancelled", _("Cancelled")
        FAILED = "failed", _("Failed")

    DUE = (State.REQUESTED, State.APPLYING)

    quiz = models.ForeignKey(Quiz, models.PROTECT, related_name="regrades")
    changes = models.JSONField()
    reason = models.CharField(_("reason"), max_length=500)
    state = models.CharField(max_length=10, choices=State, default=State.REQUESTED)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    reported_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    applied_at = models.DateTimeField(null=True, blank=True)
    totals = models.JSONField(default=dict, blank=True, help_text=_("Counts for the report."))
    last_sitting = models.PositiveBigIntegerField(default=0, help_text=_("How far the report has come."))
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("regrade")
        verbose_name_plural = _("regrades")
        ordering = [F("requested_at").desc()]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="regrade_has_reason"),
            models.UniqueConstraint(
                fields=["quiz"],
                condition=Q(state__in=["requested", "reported", "applying"]),
                name="regrade_one_under_way_per_quiz",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["applying", "applied"]) | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="regrade_applied_by_decision",
            ),
        ]
        indexes = [models.Index(fields=["state", "requested_at"], name="regrade_state")]

    def __str__(self) -> str:
        return f"{self.quiz_id}: {self.reason}"


class RegradeItem(models.Model):
    """What a regrade does to one sitting: reported first, then applied as a run."""

    regrade = models.ForeignKey(Regrade, models.PROTECT, related_name="items")
    sitting = models.ForeignKey(Sitting, models.PROTECT, related_name="regrade_items")
    base_run = models.ForeignKey(GradingRun, models.PROTECT, related_name="+", help_text=_("The run it differs from."))
    slots = models.JSONField(
        help_text=_("[{slot, old, new, state, version}] of the places that change; marks as text.")
    )
    old_score = models.DecimalField(max_digits=8, decimal_places=2)
    new_score = models.DecimalField(max_digits=8, decimal_places=2)
    old_max = models.DecimalField(max_digits=8, decimal_places=2)
    new_max = models.DecimalField(max_digits=8, decimal_places=2)
    old_passed = models.BooleanField()
    new_passed = models.BooleanField()
    run = models.OneToOneField(GradingRun, models.PROTECT, null=True, blank=True, related_name="regrade_item")

    class Meta:
        verbose_name = _("regraded sitting")
        verbose_name_plural = _("regraded sittings")
        ordering = ["regrade_id", "sitting_id"]
        constraints = [models.UniqueConstraint(fields=["regrade", "sitting"], name="regrade_item_once")]
        indexes = [
            models.Index(fields=["regrade"], condition=Q(run__isnull=True), name="regrade_item_due"),
        ]

    def __str__(self) -> str:
        return f"{self.regrade_id}/{self.sitting_id}"
