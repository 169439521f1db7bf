"""What exam officers did with a running sitting: an append-only log, chained and bound to the candidate's own."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from assessments.models.sitting import Sitting


class SupervisionEntry(models.Model):
    """One thing that an officer did with a sitting (triggers refuse update and delete).

    `log_seq` and `log_digest` are the candidate's log at that moment. The digest covers both, all other fields and the
    digest before; the sitting holds the last one, and the event of handing in names it. `key` is chosen by who
    asks, so that the same click twice is one entry.
    """

    class Kind(models.TextChoices):
        PAUSE = "pause", _("Paused")
        RESUME = "resume", _("Goes on")
        EXTEND = "extend", _("Extra time")
        END = "end", _("Ended")
        MESSAGE = "message", _("Message")
        NOTE = "note", pgettext_lazy("supervision", "Note")
        RELEASE = "release", _("Device released")

    TOLD = (Kind.PAUSE, Kind.RESUME, Kind.EXTEND, Kind.END, Kind.MESSAGE)  # what the candidate is told of

    sitting = models.ForeignKey(Sitting, models.PROTECT, related_name="supervision")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=Kind)
    seconds = models.PositiveIntegerField(null=True, blank=True, help_text=_("How far the deadline was moved."))
    text = models.CharField(max_length=1000, blank=True, help_text=_("What the candidate reads."))
    reason = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    key = models.CharField(max_length=64)
    log_seq = models.PositiveIntegerField()
    log_digest = models.CharField(max_length=64)
    previous_digest = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("supervision entry")
        verbose_name_plural = _("supervision entries")
        ordering = ["sitting_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["sitting", "number"], name="supervision_number_unique"),
            models.UniqueConstraint(fields=["sitting", "key"], name="supervision_key_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="supervision_number_from_one"),
            models.CheckConstraint(condition=~Q(key=""), name="supervision_has_key"),
            models.CheckConstraint(condition=Q(kind="message") | ~Q(reason=""), name="supervision_has_reason"),
            models.CheckConstraint(condition=~Q(kind="message") | ~Q(text=""), name="supervision_message_has_text"),
        ]

    def __str__(self) -> str:
        return f"{self.sitting_id}#{self.number} {self.kind}"
