"""What learners do: lessons read, checks and tests passed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from common.sweeps import nudge
from courses.exceptions import LessonLocked, NotEnrolled
from courses.models import Activity, ActivityProgress, Enrolment, LessonPage
from courses.permissions import may_open_activity


@transaction.atomic
def open_lesson(*, enrolment: Enrolment, page: LessonPage, at: datetime) -> ActivityProgress:
    """Note that the lesson was opened, and which revision of its page was seen.

    Raises LessonLocked when it is not open to this learner yet.
    """
    activity = page.activity
    if activity is None or not may_open_activity(enrolment=enrolment, activity=activity):
        raise LessonLocked(_("This lesson is not open yet."))
    seen = (page.alias_of or page).live_revision_id  # an alias shows what its source says
    progress, _created = ActivityProgress.objects.get_or_create(
        enrolment=enrolment,
        activity=activity,
        defaults={"started_at": at, "revision_id": seen},
    )
    if progress.completed_at is None and progress.revision_id != seen:
        progress.revision_id = seen
        progress.save(update_fields=["revision"])
    return progress


@transaction.atomic
def complete_lesson(*, enrolment: Enrolment, activity: Activity, at: datetime) -> ActivityProgress:
    """The learner says that the lesson is read. Idempotent.

    Raises NotEnrolled when the enrolment is over, LessonLocked when the lesson is not open yet.
    """
    locked = _lock_active(enrolment)
    if activity.kind != Activity.Kind.LESSON or not may_open_activity(enrolment=locked, activity=activity):
        raise LessonLocked(_("This lesson is not open yet."))
    progress, _created = ActivityProgress.objects.get_or_create(
        enrolment=locked, activity=activity, defaults={"started_at": at}
    )
    if progress.completed_at is None:
        progress.completed_at = at
        progress.save(update_fields=["completed_at"])
        _mark_due(locked)
    return progress


@transaction.atomic
def record_activity_result(
    *,
    enrolment: Enrolment,
    activity: Activity,
    fraction: float | None,
    passed: bool,
    evidence: dict[str, Any],
    at: datetime,
) -> ActivityProgress | None:
    """A higher room reports the result of a check or test; the best counts, and what was passed stays passed.

    `fraction` is 0–1. `evidence` says what stands behind the result and is kept with the best one. Idempotent; a
    result that arrives after the enrolment has ended changes nothing and gives None.
    """
    locked = Enrolment.objects.select_for_update().get(pk=enrolment.pk)
    if locked.state != Enrolment.State.ACTIVE or activity.course_id != locked.course_id:
        return None
    progress, _created = ActivityProgress.objects.get_or_create(
        enrolment=locked, activity=activity, defaults={"started_at": at}
    )
    changed = False
    better = fraction is not None and (progress.best_fraction is None or fraction > progress.best_fraction)
    newly_passed = passed and progress.completed_at is None
    if better or newly_passed:
        if fraction is not None:
            progress.best_fraction = max(fraction, progress.best_fraction or 0.0)
        progress.evidence = evidence
        changed = True
    if newly_passed:
        progress.completed_at = at
    if changed:
        progress.save(update_fields=["best_fraction", "evidence", "completed_at"])
        _mark_due(locked)
    return progress


def _lock_active(enrolment: Enrolment) -> Enrolment:
    locked = Enrolment.objects.select_for_update().get(pk=enrolment.pk)
    if locked.state != Enrolment.State.ACTIVE:
        raise NotEnrolled(_("This enrolment is over already."))
    return locked


def _mark_due(enrolment: Enrolment) -> None:
    from courses.tasks import decide_completion

    if not enrolment.due_check:
        enrolment.due_check = True
        enrolment.save(update_fields=["due_check"])
    nudge(decide_completion, enrolment.pk)
