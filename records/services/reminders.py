"""Reminding people of a course that they have not completed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.messages import filled
from courses.models import Course
from people.models import OrganisationUnit, OutgoingMail, Person
from people.services import queue_mail
from records.exceptions import ReportRefused
from records.reports.unit_completion import unit_rows

MOST_AT_ONCE = 2_000


@dataclass(slots=True)
class Sent:
    """What became of a reminder: written now, written to already this week, nowhere to write to."""

    written: int = 0
    before: int = 0
    without_address: int = 0


@transaction.atomic
def remind_unit(*, unit: OrganisationUnit, course: Course, by: Any, at: datetime) -> Sent:
    """Have an e-mail sent to everybody of the unit and below who has not completed the course, once a week at most.

    Raises ReportRefused when that is more than MOST_AT_ONCE people.
    """
    today = timezone.localtime(at).date()
    late = [row.person_id for row in unit_rows(unit=unit, course=course, as_of=today) if row.state != "completed"]
    if len(late) > MOST_AT_ONCE:
        raise ReportRefused(
            filled(_("That is more than %(most)d people; choose a unit below."), {"most": MOST_AT_ONCE})
        )
    sent, week = Sent(), "{}-{}".format(*today.isocalendar()[:2])
    people = Person.objects.filter(pk__in=late, is_active=True)
    keys = {person.pk: f"remind:{course.pk}:{person.pk}:{week}" for person in people}
    written = set(OutgoingMail.objects.filter(key__in=keys.values()).values_list("key", flat=True))
    for person in people:
        if not person.email:
            sent.without_address += 1
        elif keys[person.pk] in written:
            sent.before += 1
        else:
            _write(person, course, unit, key=keys[person.pk], at=at)
            sent.written += 1
    return sent


def _write(person: Person, course: Course, unit: OrganisationUnit, *, key: str, at: datetime) -> None:
    with translation.override(person.preferred_language):
        english = person.preferred_language == "en"
        title = course.title_en if english and course.title_en else course.title
        body = gettext(
            "Hello %(name)s,\n\nyou have not completed the course “%(course)s” yet. What you have done is saved; go on "
            "where you stopped:\n\n%(address)s\n\n%(unit)s"
        ) % {
            "name": person.full_name,
            "course": title,
            "address": f"{settings.WAGTAILADMIN_BASE_URL.rstrip('/')}{reverse('courses:my_learning')}",
            "unit": unit.name,
        }
        subject = gettext("Still to complete: %(course)s") % {"course": title}
        queue_mail(person=person, subject=subject, body=body, purpose="reminder", key=key, at=at)
