"""Who may open what in a course. Everything starts from no."""

from __future__ import annotations

from typing import Any

from courses.models import Activity, Enrolment
from courses.queries import StepState, course_path, step_for


def may_open_activity(*, enrolment: Enrolment, activity: Activity) -> bool:
    """Whether the learner may do this activity now: part of their course, enrolment running, not locked.

    What is done stays open while the enrolment is active; after completion, everything may be read again.
    """
    if activity.course_id != enrolment.course_id or activity.retired_at is not None:
        return False
    if enrolment.state == Enrolment.State.COMPLETED:
        return True
    if enrolment.state != Enrolment.State.ACTIVE:
        return False
    step = step_for(activity, enrolment=enrolment)
    return step is not None and step.state is not StepState.LOCKED


def may_read_lesson(person: Any, *, activity: Activity, enrolment: Enrolment | None) -> bool:
    """Whether a lesson may be read: by a learner when open, by anybody when it is the first of its course."""
    if enrolment is not None:
        return may_open_activity(enrolment=enrolment, activity=activity)
    for step in course_path(course=activity.course):
        if step.activity.pk == activity.pk:
            return step.state is StepState.OPEN
    return False


def enrolments_of(person: Any) -> Any:
    """The rows that a person may act on: their own enrolments."""
    if not getattr(person, "is_authenticated", False):
        return Enrolment.objects.none()
    return Enrolment.objects.filter(person=person)
