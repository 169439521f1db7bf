"""Who learns what, and how far they are."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from courses.models.catalogue import Activity, Course


class Enrolment(models.Model):
    """A person takes a course; after completing or leaving it they may enrol again."""

    class State(models.TextChoices):
        ACTIVE = "active", _("Learning")
        COMPLETED = "completed", _("Completed")
        WITHDRAWN = "withdrawn", _("Left")

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="enrolments")
    course = models.ForeignKey(Course, models.PROTECT, related_name="enrolments")
    state = models.CharField(max_length=10, choices=State, default=State.ACTIVE)
    enrolled_at = models.DateTimeField()
    enrolled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    due_check = models.BooleanField(
        default=False, help_text=_("Progress changed and completion has not been decided since.")
    )

    class Meta:
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "course"], condition=Q(state="active"), name="enrolment_active_once"
            ),
            models.CheckConstraint(
                condition=Q(state="active", ended_at__isnull=True) | (~Q(state="active") & Q(ended_at__isnull=False)),
                name="enrolment_ended_when_not_active",
            ),
        ]
        indexes = [
            models.Index(fields=["course", "state"], name="enrolment_course_state"),
            models.Index(fields=["due_check"], condition=Q(due_check=True), name="enrolment_due_check"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} → {self.course_id} ({self.state})"


class ActivityProgress(models.Model):
    """What somebody did in one activity; a lesson keeps the revision of the page that was seen."""

    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="progress")
    activity = models.ForeignKey(Activity, models.PROTECT, related_name="progress")
    revision = models.ForeignKey("wagtailcore.Revision", models.PROTECT, null=True, blank=True, related_name="+")
    started_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True, blank=True)
    best_fraction = models.FloatField(null=True, blank=True, help_text=_("0 to 1, for checks and tests."))
    evidence = models.JSONField(default=dict, blank=True, help_text=_("What completed it, e.g. {sitting: 12}."))

    class Meta:
        verbose_name = _("activity progress")
        verbose_name_plural = _("activity progress")
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "activity"], name="progress_once_per_activity"),
            models.CheckConstraint(
                condition=Q(best_fraction__isnull=True) | Q(best_fraction__gte=0, best_fraction__lte=1),
                name="progress_fraction_in_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment_id}/{self.activity_id}"


class CourseCompletion(models.Model):
    """A course was completed: the fact that certificates and records stand on. Never changed."""

    enrolment = models.OneToOneField(Enrolment, models.PROTECT, related_name="completion")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="completions")
    course = models.ForeignKey(Course, models.PROTECT, related_name="completions")
    completed_at = models.DateTimeField(db_index=True)
    fraction = models.FloatField(null=True, blank=True, help_text=_("Result of the final test, 0 to 1."))
    evidence = models.JSONField(default=dict, help_text=_("Activities with their times and results at completion."))

    class Meta:
        verbose_name = _("course completion")
        verbose_name_plural = _("course completions")
        indexes = [models.Index(fields=["course", "completed_at"], name="completion_course_at")]

    def __str__(self) -> str:
        return f"{self.person_id} ✓ {self.course_id}"
