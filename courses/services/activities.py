"""Keeping the list of activities in step with lessons and quizzes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from courses.models import Activity, Course, Enrolment


@transaction.atomic
def sync_activity(
    *,
    course: Course,
    kind: str,
    key: str,
    title: str,
    position: int,
    lesson: Activity | None = None,
    required: bool = True,
) -> Activity:
    """Make or update the activity of `course` with this kind and key; a retired one comes back. Idempotent."""
    values = {
        "title": title[:200],
        "position": position,
        "lesson": lesson,
        "required": required,
        "retired_at": None,
    }
    activity, created = Activity.objects.select_for_update().get_or_create(
        course=course, kind=Activity.Kind(kind), key=key, defaults=values
    )
    if not created and any(getattr(activity, name) != value for name, value in values.items()):
        for name, value in values.items():
            setattr(activity, name, value)
        activity.save(update_fields=list(values))
    return activity


def retire_activities(*, course: Course, kind: str, keep: Iterable[str], at: datetime) -> int:
    """Take activities of one kind whose keys are not in `keep` out of the course; what was done stays recorded.

    Learners who had only these left are due for completion then.
    """
    gone = course.activities.filter(kind=kind, retired_at__isnull=True).exclude(key__in=list(keep))
    count = gone.update(retired_at=at)
    if count:
        recheck_enrolments(course=course)
    return count


def recheck_enrolments(*, course: Course) -> None:
    """The rules of the course changed: have completion decided again for everybody who is learning it."""
    course.enrolments.filter(state=Enrolment.State.ACTIVE, due_check=False).update(due_check=True)
