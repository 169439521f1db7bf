"""Item analysis: what is counted of marked sittings, the figures that come of it, and what they propose."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from assessments.models.bank import QuestionVersion
from assessments.models.grading import GradingRun
from assessments.models.quiz import QuizVersion
from assessments.models.sitting import Sitting


class QuizAnalysis(models.Model):
    """The analysis of one version of a quiz. All of it is derived and can be made anew from runs and answers.

    `due_at` says when it is to be brought up to date; the sweep finds it whatever happened to a message.
    """

    class Context(models.TextChoices):
        PRACTICE = "practice", _("Practice")
        EXAM = "exam", _("Tests and exams")

    quiz_version = models.OneToOneField(QuizVersion, models.CASCADE, related_name="analysis")
    context = models.CharField(max_length=8, choices=Context)
    due_at = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField(help_text=_("When it was last looked for sittings that are not counted."))
    computed_at = models.DateTimeField(null=True, blank=True)
    high_water = models.PositiveBigIntegerField(default=0, help_text=_("The newest grading run that is counted."))
    counted_as = models.PositiveSmallIntegerField(default=1, help_text=_("COUNTING_VERSION of the counts."))
    sittings = models.PositiveIntegerField(default=0)
    totals = models.JSONField(default=list, help_text=_("[[total in ten-thousandths, sittings], …]."))
    figures = models.JSONField(default=dict, help_text=_("Of the quiz, as `manage.py analyse_items` writes them."))
    calibration = models.JSONField(default=dict, help_text=_("{models: [{name, aic, …}], problem}."))
    calibration_due = models.BooleanField(default=False)
    calibrated_sittings = models.PositiveIntegerField(default=0)
    calibrated_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("analysis of a quiz")
        verbose_name_plural = _("analyses of quizzes")
        ordering = ["quiz_version_id"]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="quiz_analysis_due"),
            models.Index(fields=["checked_at"], name="quiz_analysis_checked"),
        ]

    def __str__(self) -> str:
        return f"{self.quiz_version_id}"


class ItemAnalysis(models.Model):
    """A version of a question in a version of a quiz: its counts and the figures that come of them."""

    analysis = models.ForeignKey(QuizAnalysis, models.CASCADE, related_name="items")
    question_version = models.ForeignKey(QuestionVersion, models.CASCADE, related_name="analyses")
    counts = models.JSONField(help_text=_("See item_as_json in assessments/analysis/tally.py."))
    n = models.PositiveIntegerField(default=0)
    facility = models.FloatField(null=True)
    sd = models.FloatField(null=True)
    discrimination_index = models.FloatField(null=True)
    discriminative_efficiency = models.FloatField(null=True)
    effective_weight = models.FloatField(null=True)
    intended_weight = models.FloatField(null=True)
    random_guess = models.FloatField(null=True)
    median_seconds = models.PositiveIntegerField(null=True)
    flags = models.JSONField(default=list, help_text=_("[{code, choice}], the gravest first."))
    calibration = models.JSONField(default=dict, help_text=_("{model: {slope, difficulty, …}}."))

    class Meta:
        verbose_name = _("analysis of a question")
        verbose_name_plural = _("analyses of questions")
        ordering = ["analysis_id", "question_version_id"]
        constraints = [models.UniqueConstraint(fields=["analysis", "question_version"], name="item_analysis_once")]

    def __str__(self) -> str:
        return f"{self.analysis_id}/{self.question_version_id}"


class AnalysedSitting(models.Model):
    """Which run of a sitting is in the counts, so that another one can take its place."""

    sitting = models.OneToOneField(Sitting, models.CASCADE, related_name="analysed")
    run = models.ForeignKey(GradingRun, models.CASCADE, related_name="+")
    analysis = models.ForeignKey(QuizAnalysis, models.CASCADE, related_name="counted")

    class Meta:
        verbose_name = _("analysed sitting")
        verbose_name_plural = _("analysed sittings")

    def __str__(self) -> str:
        return f"{self.sitting_id}"


class WithdrawalProposal(models.Model):
    """The figures of a question speak against it: its author accepts, and it is retired, or says why not."""

    class State(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        ACCEPTED = "accepted", _("Withdrawn")
        REJECTED = "rejected", _("Kept")
        LAPSED = "lapsed", _("No longer so")

    question_version = models.ForeignKey(QuestionVersion, models.CASCADE, related_name="withdrawal_proposals")
    quiz_version = models.ForeignKey(QuizVersion, models.CASCADE, related_name="withdrawal_proposals")
    flags = models.JSONField(help_text=_("[{code, choice}], why it is proposed."))
    figures = models.JSONField(help_text=_("The figures at that time."))
    n = models.PositiveIntegerField(help_text=_("Attempts at that time."))
    state = models.CharField(max_length=8, choices=State, default=State.PROPOSED)
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    comment = models.CharField(_("comment"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("proposal to withdraw a question")
        verbose_name_plural = _("proposals to withdraw questions")
        ordering = [F("proposed_at").desc(), "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["question_version"], condition=Q(state="proposed"), name="withdrawal_proposed_once"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["accepted", "rejected"])
                | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="withdrawal_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state="rejected") | ~Q(comment=""), name="withdrawal_kept_with_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.question_version_id}: {self.state}"
