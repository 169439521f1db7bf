"""Marking by people: what waits for markers, what each of them gave, and samples to agree on before."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from assessments.models.bank import QuestionVersion
from assessments.models.quiz import Quiz
from assessments.models.sitting import Sitting


class QuizMarker(models.Model):
    """Somebody who marks answers of a quiz; taken off the list, not deleted."""

    quiz = models.ForeignKey(Quiz, models.PROTECT, related_name="markers")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("marker")
        verbose_name_plural = _("markers")
        constraints = [
            models.UniqueConstraint(
                fields=["quiz", "person"], condition=Q(ended_at__isnull=True), name="quiz_marker_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quiz_id}: {self.person_id}"


class MarkingItem(models.Model):
    """One answer that people mark: waiting → (second marker) → (third, when two disagree) → done."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waits for a marker")
        DISAGREEMENT = "disagreement", _("Two markers differ, waits for a third")
        DONE = "done", _("Marked")
        SET_ASIDE = "set_aside", _("Set aside")

    sitting = models.ForeignKey(Sitting, models.PROTECT, related_name="marking_items")
    slot = models.PositiveSmallIntegerField()
    question_version = models.ForeignKey(QuestionVersion, models.PROTECT, related_name="marking_items")
    code = models.CharField(
        max_length=12, unique=True, help_text=_("Marking number (số phách): all that a marker sees of the candidate.")
    )
    max_mark = models.DecimalField(max_digits=6, decimal_places=2)
    state = models.CharField(max_length=12, choices=State, default=State.WAITING)
    mark = models.DecimalField(max_digits=8, decimal_places=4, null=True, blank=True)
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("answer to mark")
        verbose_name_plural = _("answers to mark")
        ordering = ["question_version_id", "code"]
        constraints = [
            models.UniqueConstraint(fields=["sitting", "slot"], name="marking_item_once"),
            models.CheckConstraint(
                condition=~Q(state="done") | Q(mark__isnull=False, done_at__isnull=False),
                name="marking_item_done_has_mark",
            ),
            models.CheckConstraint(
                condition=Q(mark__isnull=True) | Q(mark__gte=0, mark__lte=F("max_mark")),
                name="marking_item_mark_in_range",
            ),
        ]
        indexes = [models.Index(fields=["question_version", "state"], name="marking_item_queue")]

    def __str__(self) -> str:
        return self.code


class Marking(models.Model):
    """What one marker gives to one answer: a claim first, a draft while they work, then handed in for good.

    `revision` grows with every saving, so that of two tabs the second is told and nothing is lost.
    """

    item = models.ForeignKey(MarkingItem, models.PROTECT, related_name="markings")
    marker = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    round = models.PositiveSmallIntegerField(help_text=_("1 and 2: markers on their own; 3: who reconciles them."))
    claimed_until = models.DateTimeField(help_text=_("Until then nobody else gets this answer for this round."))
    mark = models.DecimalField(_("mark"), max_digits=8, decimal_places=4, null=True, blank=True)
    levels = models.JSONField(default=dict, blank=True, help_text=_("{criterion: level} of the rubric."))
    comment = models.TextField(_("feedback for the candidate"), max_length=5000, blank=True)
    annotations = models.JSONField(default=list, blank=True, help_text=_("[{start, end, text}] on the answer."))
    revision = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField(null=True, blank=True)
    handed_in_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("marking")
        verbose_name_plural = _("markings")
        ordering = ["item_id", "round"]
        constraints = [
            models.UniqueConstraint(fields=["item", "round"], name="marking_round_once"),
            models.UniqueConstraint(fields=["item", "marker"], name="marking_each_marker_once"),
            models.CheckConstraint(condition=Q(round__gte=1, round__lte=3), name="marking_three_rounds"),
            models.CheckConstraint(
                condition=Q(handed_in_at__isnull=True) | Q(mark__isnull=False), name="marking_handed_in_has_mark"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id}/{self.round}"


class CalibrationSample(models.Model):
    """An answer whose mark was agreed on: markers mark it before they begin and see how far they are off."""

    item = models.OneToOneField(MarkingItem, models.PROTECT, related_name="sample")
    agreed_mark = models.DecimalField(_("agreed mark"), max_digits=8, decimal_places=4)
    explanation = models.TextField(_("why"), max_length=5000)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = _("calibration sample")
        verbose_name_plural = _("calibration samples")

    def __str__(self) -> str:
        return f"{self.item_id}"


class CalibrationMark(models.Model):
    """What a marker gave to a sample."""

    sample = models.ForeignKey(CalibrationSample, models.PROTECT, related_name="marks")
    marker = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    mark = models.DecimalField(max_digits=8, decimal_places=4)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("mark of a sample")
        verbose_name_plural = _("marks of samples")
        constraints = [models.UniqueConstraint(fields=["sample", "marker"], name="calibration_mark_once")]

    def __str__(self) -> str:
        return f"{self.sample_id}: {self.marker_id}"
