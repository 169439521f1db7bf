"""Contested questions, and decisions about results."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from assessments.models.bank import QuestionVersion
from assessments.models.quiz import Quiz
from assessments.models.regrading import Regrade
from assessments.models.sitting import Sitting


class Appeal(models.Model):
    """A candidate contests the mark of one question of their sitting; an officer decides with a reason."""

    class State(models.TextChoices):
        OPEN = "open", _("Waits for a decision")
        ACCEPTED = "accepted", _("Accepted")
        REJECTED = "rejected", _("Rejected")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    sitting = models.ForeignKey(Sitting, models.PROTECT, related_name="appeals")
    slot = models.PositiveSmallIntegerField()
    question_version = models.ForeignKey(QuestionVersion, models.PROTECT, related_name="appeals")
    text = models.TextField(_("what is contested and why"), max_length=2000)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    filed_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decision = models.CharField(_("reason of the decision"), max_length=1000, blank=True)
    regrade = models.ForeignKey(
        Regrade, models.PROTECT, null=True, blank=True, related_name="appeals", verbose_name=_("regrade that follows")
    )

    class Meta:
        verbose_name = _("appeal")
        verbose_name_plural = _("appeals")
        ordering = ["filed_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["sitting", "slot"], condition=~Q(state="withdrawn"), name="appeal_once_per_question"
            ),
            models.CheckConstraint(condition=~Q(text=""), name="appeal_says_why"),
            models.CheckConstraint(
                condition=~Q(state__in=["accepted", "rejected"])
                | (Q(decided_by__isnull=False, decided_at__isnull=False) & ~Q(decision="")),
                name="appeal_decided_with_reason",
            ),
        ]
        indexes = [models.Index(fields=["state", "filed_at"], name="appeal_state")]

    def __str__(self) -> str:
        return f"{self.sitting_id}/{self.slot}"


class ResultDecision(models.Model):
    """What was decided about results, added only: released or taken back for a quiz, withheld or given for a sitting."""

    class Kind(models.TextChoices):
        RELEASED = "released", _("Results released")
        TAKEN_BACK = "taken_back", _("Release taken back")
        WITHHELD = "withheld", _("Result withheld")
        GIVEN = "given", _("Result given")
        MODERATED = "moderated", _("Result moderated")

    quiz = models.ForeignKey(Quiz, models.PROTECT, related_name="result_decisions")
    sitting = models.ForeignKey(Sitting, models.PROTECT, null=True, blank=True, related_name="result_decisions")
    kind = models.CharField(max_length=10, choices=Kind)
    decision_number = models.CharField(_("decision number"), max_length=60, blank=True)
    reason = models.CharField(_("reason"), max_length=500)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("decision about results")
        verbose_name_plural = _("decisions about results")
        ordering = [F("at").desc(), F("pk").desc()]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="result_decision_has_reason"),
            models.CheckConstraint(
                condition=Q(kind__in=["released", "taken_back"], sitting__isnull=True)
                | Q(kind__in=["withheld", "given", "moderated"], sitting__isnull=False),
                name="result_decision_of_quiz_or_sitting",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quiz_id}: {self.kind}"
