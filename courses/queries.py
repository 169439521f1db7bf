"""Reads that more than one caller needs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from common.messages import filled
from common.vietnamese import fold
from courses.models import Activity, ActivityProgress, Course, CoursePage, Enrolment, LessonPage


class StepState(StrEnum):
    """Where a learner stands with one activity."""

    DONE = "done"
    OPEN = "open"
    LOCKED = "locked"


@dataclass(frozen=True, slots=True)
class PathStep:
    """One activity of a course as one learner meets it; `percent` is the best result of a check or test."""

    activity: Activity
    state: StepState
    reason: str | Promise
    percent: float | None

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do here."""
        return self.state is StepState.DONE


def live_activities(course: Course) -> QuerySet[Activity]:
    """What the course consists of today, in order; a check leaves the course with its lesson."""
    return course.activities.filter(retired_at__isnull=True, lesson__retired_at__isnull=True).order_by("position", "pk")


def course_path(*, course: Course, enrolment: Enrolment | None = None) -> list[PathStep]:
    """The course as a path: what is done, open, or locked and why. Two queries.

    In a gated course an activity is locked until every required activity before it is done; a check is locked until
    its lesson was read. The final tests come after everything required. Without an enrolment the first lesson is
    open to read and the rest is locked.
    """
    activities = list(live_activities(course))
    progress: dict[int, ActivityProgress] = {}
    if enrolment is not None:
        progress = {row.activity_id: row for row in enrolment.progress.all()}
    done = {pk for pk, row in progress.items() if row.completed_at is not None}
    steps: list[PathStep] = []
    reason: str | Promise
    blocking: Activity | None = None
    for activity in activities:
        row = progress.get(activity.pk)
        percent = None if row is None or row.best_fraction is None else row.best_fraction * 100
        if activity.pk in done:
            state, reason = StepState.DONE, ""
        elif enrolment is None:
            first = not steps and activity.kind == Activity.Kind.LESSON
            state = StepState.OPEN if first else StepState.LOCKED
            reason = "" if first else _("Enrol to go on.")
        elif activity.kind == Activity.Kind.CHECK and activity.lesson_id not in done:
            state, reason = StepState.LOCKED, _("Opens when you have read the lesson.")
        elif blocking is not None and (course.gated or activity.kind == Activity.Kind.TEST):
            state, reason = StepState.LOCKED, _lock_reason(blocking)
        else:
            state, reason = StepState.OPEN, ""
        if activity.required and activity.pk not in done and blocking is None:
            blocking = activity
        steps.append(PathStep(activity, state, reason, percent))
    return steps


def _lock_reason(blocking: Activity) -> str | Promise:
    if blocking.kind == Activity.Kind.CHECK:
        return filled(_("Opens when you have passed “%(title)s”."), {"title": blocking.title})
    return filled(_("Opens when you have finished “%(title)s”."), {"title": blocking.title})


def step_for(activity: Activity, *, enrolment: Enrolment | None) -> PathStep | None:
    """The learner's step for one activity; None when it is no longer part of the course."""
    for step in course_path(course=activity.course, enrolment=enrolment):
        if step.activity.pk == activity.pk:
            return step
    return None


def active_enrolment(person: Any, course: Course) -> Enrolment | None:
    """The enrolment in which this person is learning the course now."""
    if not getattr(person, "is_authenticated", False):
        return None
    return Enrolment.objects.filter(person=person, course=course, state=Enrolment.State.ACTIVE).first()


def latest_enrolment(person: Any, course: Course) -> Enrolment | None:
    """The active enrolment, else the last completed one."""
    if not getattr(person, "is_authenticated", False):
        return None
    return (
        Enrolment.objects.filter(person=person, course=course)
        .exclude(state=Enrolment.State.WITHDRAWN)
        .order_by("state", "-enrolled_at")
        .first()
    )


def is_learnt_from(page: Page) -> bool:
    """Whether somebody's progress stands on this page or on one below it."""
    lessons = LessonPage.objects.descendant_of(page, inclusive=True).filter(alias_of__isnull=True)
    if ActivityProgress.objects.filter(activity__in=lessons.values("activity")).exists():
        return True
    courses = CoursePage.objects.descendant_of(page, inclusive=True).filter(alias_of__isnull=True)
    return Enrolment.objects.filter(course__in=courses.values("course")).exists()


def progress_percent(enrolment: Enrolment) -> int:
    """Whole percent of the required activities that are done; 100 once the course is completed."""
    if enrolment.state == Enrolment.State.COMPLETED:
        return 100
    required = live_activities(enrolment.course).filter(required=True)
    counts = required.aggregate(
        total=Count("pk", distinct=True),
        done=Count(
            "pk",
            distinct=True,
            filter=Q(progress__enrolment=enrolment, progress__completed_at__isnull=False),
        ),
    )
    return counts["done"] * 100 // counts["total"] if counts["total"] else 0


def share_done(enrolment: Any) -> int:
    """Whole percent of an enrolment from `enrolments_with_progress`; below 100 until it is completed."""
    if enrolment.state == Enrolment.State.COMPLETED:
        return 100
    return min(99, enrolment.done_count * 100 // max(enrolment.required_count, 1))


def enrolments_with_progress(person: Any) -> QuerySet[Any]:
    """A person's enrolments, newest first, with course, and `required_count` and `done_count` of activities."""
    part_of_course = Q(
        course__activities__retired_at__isnull=True,
        course__activities__lesson__retired_at__isnull=True,
        course__activities__required=True,
    )
    done = Q(
        progress__completed_at__isnull=False,
        progress__activity__retired_at__isnull=True,
        progress__activity__lesson__retired_at__isnull=True,
        progress__activity__required=True,
    )
    return (
        Enrolment.objects.filter(person=person)
        .exclude(state=Enrolment.State.WITHDRAWN)
        .select_related("course", "course__subject", "completion")
        .annotate(
            required_count=Count("course__activities", filter=part_of_course, distinct=True),
            done_count=Count("progress", filter=done, distinct=True),
        )
        .order_by("state", "-enrolled_at")
    )


def catalogue(*, text: str = "", subject: str = "", audience: str = "", level: str = "") -> QuerySet[Course]:
    """Courses that are published, narrowed by facets and by every word of `text` (diacritics and order aside)."""
    courses = Course.objects.filter(pages__live=True).distinct()
    if subject:
        courses = courses.filter(subject__slug=subject)
    if audience:
        courses = courses.filter(audiences__slug=audience)
    if level in Course.Level.values:
        courses = courses.filter(level=level)
    for word in fold(text).split()[:8]:
        courses = courses.filter(search_text__contains=word)
    return (
        courses.select_related("subject")
        .prefetch_related(Prefetch("audiences"))
        .annotate(
            lesson_count=Count(
                "activities",
                filter=Q(activities__kind=Activity.Kind.LESSON, activities__retired_at__isnull=True),
                distinct=True,
            )
        )
        .order_by("code")
    )
