"""The course as a fact: identity, rules and activities, apart from the pages that present it.

A page exists once per language and may be rewritten; what people enrol in, and what their records point
to, is the course and its activities.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel


class SubjectField(models.Model):
    """A field of knowledge, for the catalogue."""

    slug = models.SlugField(_("slug"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    name_en = models.CharField(_("name in English"), max_length=120, blank=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("subject field")
        verbose_name_plural = _("subject fields")
        ordering = ["order", "slug"]

    def __str__(self) -> str:
        return self.name


class Audience(models.Model):
    """Whom a course is for."""

    slug = models.SlugField(_("slug"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    name_en = models.CharField(_("name in English"), max_length=120, blank=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("audience")
        verbose_name_plural = _("audiences")
        ordering = ["order", "slug"]

    def __str__(self) -> str:
        return self.name


class Course(ClusterableModel):
    """A course: code, titles, level, and the rule that says when it is complete."""

    class Level(models.TextChoices):
        BASIC = "basic", _("Basic")
        INTERMEDIATE = "intermediate", _("Intermediate")
        ADVANCED = "advanced", _("Advanced")

    slug = models.SlugField(
        _("slug"),
        max_length=100,
        unique=True,
        help_text=_("The course's name in addresses and packs; made from the title."),
    )
    code = models.CharField(
        _("code"), max_length=40, unique=True, help_text=_("Short, as printed on lists and certificates: ATTT-CB.")
    )
    title = models.CharField(_("title"), max_length=200)
    title_en = models.CharField(_("title in English"), max_length=200, blank=True)
    summary = models.TextField(_("summary"), max_length=500, blank=True)
    summary_en = models.TextField(_("summary in English"), max_length=500, blank=True)
    outcome = models.TextField(_("outcome in one sentence"), max_length=500, blank=True)
    level = models.CharField(_("level"), max_length=20, choices=Level, default=Level.BASIC)
    hours = models.DecimalField(_("hours"), max_digits=5, decimal_places=1, default=1)
    subject = models.ForeignKey(SubjectField, models.PROTECT, related_name="courses", verbose_name=_("subject field"))
    audiences = models.ManyToManyField(Audience, related_name="courses", blank=True, verbose_name=_("audiences"))
    competences = models.ManyToManyField(
        "courses.Competence", related_name="courses", blank=True, verbose_name=_("competences")
    )
    author = models.CharField(_("author"), max_length=200, blank=True)
    licence = models.CharField(_("licence"), max_length=100, blank=True)
    gated = models.BooleanField(_("gated"), default=True, help_text=_("A passed check opens the next lesson."))
    require_lessons = models.BooleanField(_("every lesson must be read"), default=True)
    is_open = models.BooleanField(_("open for enrolment"), default=True)
    search_text = models.TextField(blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("course")
        verbose_name_plural = _("courses")
        ordering = ["code"]
        constraints = [models.CheckConstraint(condition=Q(hours__gt=0), name="course_hours_positive")]

    def __str__(self) -> str:
        return self.title


class LearningOutcome(models.Model):
    """What a learner can do afterwards; questions point here by code."""

    course = ParentalKey(Course, on_delete=models.CASCADE, related_name="outcomes")
    code = models.CharField(_("code"), max_length=40)
    text = models.CharField(_("what the learner can do"), max_length=500)
    order = models.PositiveSmallIntegerField(default=0, editable=False)

    sort_order_field = "order"

    class Meta:
        ordering = ["course_id", "order"]
        constraints = [models.UniqueConstraint(fields=["course", "code"], name="outcome_code_unique")]

    def __str__(self) -> str:
        return f"{self.code} {self.text}"


class Activity(models.Model):
    """One thing to do in a course: read a lesson, pass its check, pass the final test.

    Higher rooms attach to it (a quiz to a check or test) and report with `services.record_activity_result`.
    `key` is stable inside the course: the lesson's or the quiz's slug.
    """

    class Kind(models.TextChoices):
        LESSON = "lesson", _("Lesson")
        CHECK = "check", _("Check at the end of a lesson")
        TEST = "test", _("Test")

    course = models.ForeignKey(Course, models.PROTECT, related_name="activities")
    kind = models.CharField(max_length=10, choices=Kind)
    key = models.SlugField(max_length=100)
    title = models.CharField(max_length=200)
    position = models.PositiveSmallIntegerField(help_text=_("Order inside the course."))
    lesson = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="checks",
        help_text=_("For a check: the lesson that it closes."),
    )
    required = models.BooleanField(default=True)
    retired_at = models.DateTimeField(null=True, blank=True, help_text=_("No longer part of the course."))

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        ordering = ["course_id", "position"]
        constraints = [
            models.UniqueConstraint(fields=["course", "kind", "key"], name="activity_key_unique"),
            models.CheckConstraint(
                condition=(Q(kind="check") & Q(lesson__isnull=False)) | (~Q(kind="check") & Q(lesson__isnull=True)),
                name="activity_check_belongs_to_lesson",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.course_id}/{self.key}"
