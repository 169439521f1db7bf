"""What papers are drawn from and for whom they wait: bases, counts, parallel papers, papers drawn beforehand."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from assessments.models.quiz import QuizVersion
from assessments.models.sitting import Paper


class PaperBasis(models.Model):
    """What many papers were drawn from: the questions of each row, groups, expected scores. Never changed (triggers).

    Named by its digest in `Paper.inputs`, so that a draw can be repeated however the bank has grown since.
    """

    digest = models.CharField(max_length=64, unique=True)
    content = models.JSONField(help_text=_("See basis_of in assessments/papers/policies.py."))
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("basis of papers")
        verbose_name_plural = _("bases of papers")

    def __str__(self) -> str:
        return self.digest


class PaperTally(models.Model):
    """What is counted of a version's papers, under the lock of this row: in how many of them each question is.

    `expected` holds the scores in percent that statistics expected when the version first asked for them, so that all
    papers of one version are balanced by the same figures.
    """

    quiz_version = models.OneToOneField(QuizVersion, models.PROTECT, related_name="tally")
    papers = models.PositiveIntegerField(default=0)
    used = models.JSONField(default=dict, blank=True)
    expected = models.JSONField(null=True, blank=True)

    class Meta:
        verbose_name = _("tally of papers")
        verbose_name_plural = _("tallies of papers")

    def __str__(self) -> str:
        return f"{self.quiz_version_id}: {self.papers}"


class PaperSet(models.Model):
    """Parallel papers of a quiz version (mã đề 101, 102 …): due → ready, or failed with the reason."""

    class Questions(models.TextChoices):
        DIFFERENT = "different", _("Each paper has questions of its own, as different as the bank allows")
        SAME = "same", _("All papers have the same questions, in different orders")

    class GivenBy(models.TextChoices):
        ROTATION = "rotation", _("In turn, by candidate number")
        SEAT = "seat", _("By the number of the seat, neighbours differing")

    class State(models.TextChoices):
        DUE = "due", _("Being drawn")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")

    quiz_version = models.ForeignKey(QuizVersion, models.PROTECT, related_name="paper_sets")
    seed = models.CharField(max_length=64)
    count = models.PositiveSmallIntegerField(_("how many papers"))
    first_number = models.PositiveIntegerField(_("first number"), default=101)
    questions = models.CharField(_("questions"), max_length=10, choices=Questions, default=Questions.DIFFERENT)
    given_by = models.CharField(_("who gets which"), max_length=10, choices=GivenBy, default=GivenBy.ROTATION)
    in_use = models.BooleanField(default=False, help_text=_("Candidates who start get one of these papers."))
    state = models.CharField(max_length=10, choices=State, default=State.DUE)
    basis = models.ForeignKey(PaperBasis, models.PROTECT, null=True, blank=True, related_name="+")
    made = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    requested_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("set of parallel papers")
        verbose_name_plural = _("sets of parallel papers")
        ordering = [F("requested_at").desc(), F("pk").desc()]
        constraints = [
            models.CheckConstraint(condition=Q(count__gte=2, count__lte=100), name="paper_set_2_to_100"),
            models.CheckConstraint(condition=Q(made__lte=F("count")), name="paper_set_made_up_to_count"),
            models.CheckConstraint(condition=~Q(state="ready") | Q(made=F("count")), name="paper_set_ready_is_whole"),
            models.CheckConstraint(condition=~Q(state="failed") | ~Q(error=""), name="paper_set_failed_says_why"),
            models.CheckConstraint(condition=Q(in_use=False) | Q(state="ready"), name="paper_set_in_use_is_ready"),
            models.UniqueConstraint(
                fields=["quiz_version"], condition=Q(in_use=True), name="paper_set_one_in_use_per_version"
            ),
        ]
        indexes = [models.Index(fields=["requested_at"], condition=Q(state="due"), name="paper_set_due")]

    def __str__(self) -> str:
        return f"{self.quiz_version_id}: {self.first_number}…"


class ParallelPaper(models.Model):
    """One paper of a set, under its number. Never changed (triggers)."""

    paper_set = models.ForeignKey(PaperSet, models.PROTECT, related_name="papers")
    number = models.PositiveIntegerField()
    paper = models.OneToOneField(Paper, models.PROTECT, related_name="parallel")

    class Meta:
        verbose_name = _("parallel paper")
        verbose_name_plural = _("parallel papers")
        ordering = ["paper_set_id", "number"]
        constraints = [models.UniqueConstraint(fields=["paper_set", "number"], name="parallel_paper_number_once")]

    def __str__(self) -> str:
        return f"{self.number}"


class ReservedPaper(models.Model):
    """The paper that waits for a person's attempt at a version of a quiz; another version is drawn anew."""

    quiz_version = models.ForeignKey(QuizVersion, models.PROTECT, related_name="reserved_papers")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    attempt = models.PositiveSmallIntegerField(default=1)
    paper = models.ForeignKey(Paper, models.PROTECT, related_name="reserved_for")
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("reserved paper")
        verbose_name_plural = _("reserved papers")
        constraints = [
            models.UniqueConstraint(fields=["quiz_version", "person", "attempt"], name="reserved_paper_once"),
            models.CheckConstraint(condition=Q(attempt__gte=1), name="reserved_paper_attempt_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.quiz_version_id}, {self.person_id}: {self.paper_id}"
