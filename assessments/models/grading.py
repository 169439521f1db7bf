"""Grades: one run over a sitting, kept beside the others when there are more."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from assessments.models.bank import QuestionVersion
from assessments.models.sitting import Sitting


class GradingRun(models.Model):
    """A replayable marking of a whole sitting; number 1 is the first, later ones are regrades."""

    class Reason(models.TextChoices):
        INITIAL = "initial", _("First marking")
        MARKED = "marked", _("Marked by people")
        REGRADE = "regrade", _("Marked again")
        MODERATED = "moderated", _("Moderated")

    sitting = models.ForeignKey(Sitting, models.PROTECT, related_name="runs")
    number = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=10, choices=Reason, default=Reason.INITIAL)
    engine_version = models.CharField(max_length=20)
    worker = models.CharField(max_length=200, help_text=_("Name of the worker that graded."))
    note = models.CharField(max_length=500, blank=True, help_text=_("Why, when a person decided it."))
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    graded_at = models.DateTimeField()
    score = models.DecimalField(max_digits=8, decimal_places=2)
    max_score = models.DecimalField(max_digits=8, decimal_places=2)
    passed = models.BooleanField()
    digest = models.CharField(max_length=64, help_text=_("SHA-256 over the paper, the chain head and the marks."))

    class Meta:
        verbose_name = _("grading run")
        verbose_name_plural = _("grading runs")
        ordering = ["sitting_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["sitting", "number"], name="grading_run_number_unique"),
            models.CheckConstraint(
                condition=Q(score__gte=0, score__lte=F("max_score")), name="grading_run_score_in_range"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sitting_id} run {self.number}"


class SlotGrade(models.Model):
    """The mark of one slot in one run."""

    class Source(models.TextChoices):
        ENGINE = "engine", _("Marking engine")
        PERSON = "person", _("Marker")
        DECISION = "decision", _("Decision")

    run = models.ForeignKey(GradingRun, models.PROTECT, related_name="slot_grades")
    slot = models.PositiveSmallIntegerField()
    question_version = models.ForeignKey(QuestionVersion, models.PROTECT, related_name="slot_grades")
    event_seq = models.PositiveIntegerField(null=True, help_text=_("The answer that was marked; empty: none."))
    state = models.CharField(max_length=14)
    fraction = models.FloatField(null=True)
    mark = models.DecimalField(max_digits=8, decimal_places=4, null=True)
    max_mark = models.DecimalField(max_digits=6, decimal_places=2)
    source = models.CharField(max_length=8, choices=Source, default=Source.ENGINE)

    class Meta:
        verbose_name = _("slot grade")
        verbose_name_plural = _("slot grades")
        ordering = ["run_id", "slot"]
        constraints = [
            models.UniqueConstraint(fields=["run", "slot"], name="slot_grade_once"),
            models.CheckConstraint(
                # By certainty, to be quite sure of what is wrong costs twice the mark.
                condition=Q(mark__isnull=True) | Q(mark__gte=-2 * F("max_mark"), mark__lte=F("max_mark")),
                name="slot_grade_mark_in_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run_id}/{self.slot}"
