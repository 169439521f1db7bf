"""Deciding that a course is complete: once, from what is recorded."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from common.locking import lock_row
from courses import events
from courses.models import Activity, CourseCompletion, Enrolment
from courses.queries import live_activities


@transaction.atomic
def decide_completion(*, enrolment_id: int, at: datetime) -> CourseCompletion | None:
    """Complete the enrolment when every required activity is done; None when it is not, or was before.

    The completion keeps what it stands on. Safe to run twice or at once: the enrolment's row is locked and the
    completion is unique. `events.course_completed` is sent after commit.
    """
    enrolment = lock_row(Enrolment.objects.filter(pk=enrolment_id, state=Enrolment.State.ACTIVE))
    if enrolment is None:
        return None
    if enrolment.due_check:
        enrolment.due_check = False
        enrolment.save(update_fields=["due_check"])
    activities = list(live_activities(enrolment.course))
    progress = {row.activity_id: row for row in enrolment.progress.all()}
    needed = [a for a in activities if is_needed(a, lessons_needed=enrolment.course.require_lessons)]
    if not needed or any(a.pk not in progress or progress[a.pk].completed_at is None for a in needed):
        return None
    tests = [progress[a.pk] for a in needed if a.kind == Activity.Kind.TEST]
    fractions = [row.best_fraction for row in tests if row.best_fraction is not None]
    completion = CourseCompletion.objects.create(
        enrolment=enrolment,
        person_id=enrolment.person_id,
        course_id=enrolment.course_id,
        completed_at=at,
        fraction=min(fractions) if fractions else None,
        evidence={
            "activities": [
                {
                    "key": activity.key,
                    "kind": activity.kind,
                    "title": activity.title,
                    "completed_at": row.completed_at.isoformat() if row.completed_at else None,
                    "fraction": row.best_fraction,
                    "revision": row.revision_id,
                    "evidence": row.evidence,
                }
                for activity in activities
                if (row := progress.get(activity.pk)) is not None
            ]
        },
    )
    enrolment.state, enrolment.ended_at = Enrolment.State.COMPLETED, at
    enrolment.save(update_fields=["state", "ended_at"])
    transaction.on_commit(
        lambda: events.course_completed.send_robust(sender=CourseCompletion, completion_id=completion.pk),
        robust=True,
    )
    return completion


def is_needed(activity: Activity, *, lessons_needed: bool) -> bool:
    """Whether an activity must be done before the course is complete."""
    return activity.required and (lessons_needed or activity.kind != Activity.Kind.LESSON)
