"""Enrolling and leaving."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from courses.exceptions import EnrolmentRefused, NotEnrolled
from courses.models import Course, Enrolment


def enrol(*, person: Any, course: Course, by: Any, at: datetime) -> Enrolment:
    """Enrol `person`; the running enrolment is returned when there is one, also when two requests race.

    Raises EnrolmentRefused when the course is closed for enrolment.
    """
    running = Enrolment.objects.filter(person=person, course=course, state=Enrolment.State.ACTIVE)
    current = running.first()
    if current is not None:
        return current
    if not course.is_open:
        raise EnrolmentRefused(_("This course is not open for enrolment at the moment."))
    try:
        with transaction.atomic():
            return Enrolment.objects.create(person=person, course=course, enrolled_by=by or person, enrolled_at=at)
    except IntegrityError:
        return running.get()


@transaction.atomic
def withdraw(*, enrolment: Enrolment, by: Any, at: datetime) -> Enrolment:
    """Leave the course; progress is kept. Raises NotEnrolled when the enrolment is over already."""
    locked = Enrolment.objects.select_for_update().get(pk=enrolment.pk)
    if locked.state != Enrolment.State.ACTIVE:
        raise NotEnrolled(_("This enrolment is over already."))
    locked.state, locked.ended_at = Enrolment.State.WITHDRAWN, at
    locked.save(update_fields=["state", "ended_at"])
    return locked
