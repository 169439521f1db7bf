"""Answer files: what a candidate's device could not send, handed in by hand. Kept whatever is decided about them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from assessments.models.grading import GradingRun
from assessments.models.sitting import Sitting


class AnswerFile(models.Model):
    """A file that was opened and belongs to its sitting (triggers refuse delete, and update of what was received).

    `recorded`: it came while the sitting was open, and its events are in the log. `waiting`: an exam officer decides
    with a reason. `events` is what is not in the log yet, as `record_responses` takes it. `known_since` is the
    server's time of the event that the file's chain begins with: the answers were given after it, and before
    `received_at`.
    """

    class State(models.TextChoices):
        RECORDED = "recorded", _("Recorded")
        WAITING = "waiting", _("Waits for a decision")
        ACCEPTED = "accepted", _("Accepted")
        REFUSED = "refused", _("Refused")

    sitting = models.ForeignKey(Sitting, models.PROTECT, related_name="answer_files")
    content = models.BinaryField()
    digest = models.CharField(max_length=64, help_text=_("SHA-256 of the file."))
    device = models.CharField(max_length=64, blank=True)
    anchor_seq = models.PositiveIntegerField(help_text=_("The event of the log that the file's chain begins with."))
    known_since = models.DateTimeField()
    made_at = models.DateTimeField(null=True, help_text=_("By the device's own clock."))
    events = models.JSONField()
    received_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    received_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    run = models.ForeignKey(GradingRun, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("answer file")
        verbose_name_plural = _("answer files")
        ordering = [F("received_at").desc(), F("pk").desc()]
        constraints = [
            models.UniqueConstraint(fields=["sitting", "digest"], name="answer_file_once"),
            models.CheckConstraint(
                condition=~Q(state__in=["accepted", "refused"])
                | (Q(decided_by__isnull=False, decided_at__isnull=False) & ~Q(reason="")),
                name="answer_file_decided_with_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["received_at"], condition=Q(state="waiting"), name="answer_file_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.sitting_id} {self.digest[:8]}"
