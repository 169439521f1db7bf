"""Sittings: the paper that was drawn, what was answered and when."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from assessments.models.quiz import Quiz, QuizVersion


class Paper(models.Model):
    """The questions of one or more sittings, drawn from a seed: reproducible, never changed (triggers).

    `slots` is a list of {slot, version, question, type, digest, mark, section, requires, variant}; `variant` holds the
    orders that were shuffled and values that were generated. `version` is the id of a QuestionVersion. Papers from
    before there were parts have no `section`: all of theirs is part 1. `requires`, where it is there, is the slot that
    must be answered before this one opens.
    """

    quiz_version = models.ForeignKey(QuizVersion, models.PROTECT, related_name="papers")
    seed = models.CharField(max_length=64)
    slots = models.JSONField()
    inputs = models.JSONField(
        default=dict, blank=True, help_text=_("What the draw depended on beside the seed; empty in old papers.")
    )
    max_score = models.DecimalField(max_digits=8, decimal_places=2)
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("paper")
        verbose_name_plural = _("papers")

    def __str__(self) -> str:
        return f"{self.pk}"


class Sitting(models.Model):
    """One attempt of one person: open → submitted → graded; `waiting` and `failed` wait for a person.

    A submitted sitting without a grade is due: the sweep finds it whatever happened to its message. The
    deadline is the server's; an open sitting past it is submitted by the sweep with what was saved.
    """

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        SUBMITTED = "submitted", _("Handed in, being marked")
        WAITING = "waiting", _("Waits for a marker")
        GRADED = "graded", _("Marked")
        FAILED = "failed", _("Marking failed")

    class SubmittedBy(models.TextChoices):
        CANDIDATE = "candidate", _("Candidate")
        DEADLINE = "deadline", _("Time was over")
        OFFICER = "officer", _("Exam officer")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="sittings")
    quiz = models.ForeignKey(Quiz, models.PROTECT, related_name="sittings")
    quiz_version = models.ForeignKey(QuizVersion, models.PROTECT, related_name="sittings")
    paper = models.ForeignKey(Paper, models.PROTECT, related_name="sittings")
    enrolment = models.ForeignKey("courses.Enrolment", models.PROTECT, null=True, blank=True, related_name="sittings")
    attempt = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    started_at = models.DateTimeField()
    deadline_at = models.DateTimeField(null=True, blank=True)
    grace_seconds = models.PositiveIntegerField(default=0)
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.CharField(max_length=10, choices=SubmittedBy, blank=True)
    last_seq = models.PositiveIntegerField(default=0, help_text=_("Highest acknowledged sequence number."))
    chain_head = models.CharField(max_length=64, blank=True, help_text=_("Digest of the last event."))
    grading_attempts = models.PositiveSmallIntegerField(default=0)
    grading_error = models.CharField(max_length=500, blank=True)
    current_run = models.OneToOneField(
        "assessments.GradingRun", models.PROTECT, null=True, blank=True, related_name="+"
    )
    score = models.DecimalField(max_digits=8, decimal_places=2, null=True, blank=True)
    max_score = models.DecimalField(max_digits=8, decimal_places=2)
    passed = models.BooleanField(null=True, blank=True)
    graded_at = models.DateTimeField(null=True, blank=True)
    last_seen_at = models.DateTimeField(
        null=True, blank=True, help_text=_("Last word from the candidate's device, to about 15 seconds.")
    )
    device = models.CharField(
        max_length=64, blank=True, help_text=_("The device or tab that the candidate chose to go on with.")
    )
    section = models.PositiveSmallIntegerField(default=1, help_text=_("The part being sat, when parts have times."))
    section_deadline_at = models.DateTimeField(null=True, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True, help_text=_("Since then its time stands still."))
    supervision_head = models.CharField(
        max_length=64, blank=True, help_text=_("Digest of the last entry of the officers' log.")
    )
    notice_count = models.PositiveIntegerField(
        default=0, help_text=_("How many entries of the officers' log the candidate is told of.")
    )
    granted_seconds = models.PositiveIntegerField(
        default=0, help_text=_("Extra time by accommodations that is in the deadline.")
    )
    withheld_at = models.DateTimeField(null=True, blank=True)
    withheld_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    withheld_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("sitting")
        verbose_name_plural = _("sittings")
        ordering = [F("started_at").desc()]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "quiz"], condition=Q(state="open"), name="sitting_open_once_per_quiz"
            ),
            models.UniqueConstraint(
                fields=["person", "quiz", "enrolment", "attempt"], name="sitting_attempt_unique_in_course"
            ),
            models.UniqueConstraint(
                fields=["person", "quiz", "attempt"],
                condition=Q(enrolment__isnull=True),
                name="sitting_attempt_unique_alone",
            ),
            models.CheckConstraint(
                condition=Q(state="open", submitted_at__isnull=True)
                | (~Q(state="open") & Q(submitted_at__isnull=False)),
                name="sitting_submitted_when_not_open",
            ),
            models.CheckConstraint(
                condition=~Q(state="graded")
                | Q(
                    score__isnull=False,
                    passed__isnull=False,
                    graded_at__isnull=False,
                    current_run__isnull=False,
                ),
                name="sitting_graded_has_result",
            ),
            models.CheckConstraint(
                condition=Q(score__isnull=True) | Q(score__gte=0, score__lte=F("max_score")),
                name="sitting_score_in_range",
            ),
            models.CheckConstraint(
                condition=Q(withheld_at__isnull=True) | ~Q(withheld_reason=""), name="sitting_withheld_with_reason"
            ),
            models.CheckConstraint(
                condition=Q(paused_at__isnull=True) | Q(state="open"), name="sitting_paused_only_when_open"
            ),
        ]
        indexes = [
            models.Index(fields=["state", "submitted_at"], name="sitting_state_submitted"),
            models.Index(fields=["deadline_at"], condition=Q(state="open"), name="sitting_open_deadline"),
            models.Index(fields=["person", "quiz"], name="sitting_person_quiz"),
        ]

    def __str__(self) -> str:
        return f"{self.public_id}"


class ResponseEvent(models.Model):
    """One thing that the candidate did, appended and chained (triggers refuse update and delete).

    The digest covers sitting, seq, slot, kind, response, both times and the digest before.
    """

    class Kind(models.TextChoices):
        START = "start", _("Started")
        ANSWER = "answer", _("Answered")
        FLAG = "flag", _("Flagged")
        CHECK = "check", _("Checked")
        SECTION = "section", _("Went on to the next part")
        DEVICE = "device", _("Went on with another device")
        SUBMIT = "submit", _("Handed in")

    sitting = models.ForeignKey(Sitting, models.PROTECT, related_name="events")
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.ANSWER)
    slot = models.PositiveSmallIntegerField(null=True)
    response = models.JSONField(null=True)
    client_time = models.DateTimeField(null=True)
    server_time = models.DateTimeField()
    late = models.BooleanField(default=False, help_text=_("Came after the deadline, within the grace."))
    previous_digest = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("response event")
        verbose_name_plural = _("response events")
        ordering = ["sitting_id", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["sitting", "seq"], name="response_event_seq_unique"),
            models.CheckConstraint(condition=Q(seq__gte=1), name="response_event_seq_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.sitting_id}#{self.seq}"
