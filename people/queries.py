"""Reads that more than one caller needs."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from common.vietnamese import fold
from people.models import AccessLog, Assignment, OrganisationUnit, Person


def find_unit(code: str, *, on: date) -> OrganisationUnit | None:
    """The unit that had this code on a day."""
    return OrganisationUnit.objects.valid_on(on).filter(code=code).order_by("-valid_from").first()


def units_below(unit: OrganisationUnit, *, on: date) -> QuerySet[OrganisationUnit]:
    """The unit and everything below it that existed on a day."""
    return OrganisationUnit.objects.valid_on(on).filter(path__startswith=unit.path)


def people_in_unit(unit: OrganisationUnit, *, on: date) -> QuerySet[Person]:
    """Everybody assigned to the unit or below it on a day, once each."""
    assigned = Assignment.objects.valid_on(on).filter(unit__in=units_below(unit, on=on))
    return Person.objects.filter(pk__in=assigned.values("person"))


def present_form(unit: OrganisationUnit, *, on: date) -> OrganisationUnit:
    """What the unit is called on a day: itself, or what followed it when it was renamed or moved before.

    A unit that was split, merged into an older one, or closed for good stays what it was.
    """
    while unit.valid_to is not None and unit.valid_to < on:
        after = list(unit.successors.filter(valid_from__lte=on)[:2])
        if len(after) != 1:
            return unit
        unit = after[0]
    return unit


def reads_of(person: Person) -> QuerySet[AccessLog]:
    """Who read the data of a person, newest first: the person's own pages, and those of a unit while they were in it."""
    condition = Q(subject=person)
    for row in Assignment.objects.filter(person=person).select_related("unit"):
        path, step = row.unit.path, OrganisationUnit.steplen
        above = [path[:end] for end in range(step, len(path) + 1, step)]
        then = Q(subject=None, unit__path__in=above, at__gte=start_of(row.valid_from))
        if row.valid_to is not None:
            then &= Q(at__lt=start_of(row.valid_to + timedelta(days=1)))
        condition |= then
    return AccessLog.objects.filter(condition).exclude(by=person).select_related("by", "unit").order_by("-at", "-pk")


def start_of(day: date) -> datetime:
    """The first moment of a day, local time."""
    return timezone.make_aware(datetime.combine(day, time.min))


def current_assignment(person: Person, *, on: date) -> Assignment | None:
    """Where a person worked on a day; the latest when there were several."""
    return person.assignments.valid_on(on).select_related("unit").order_by("-valid_from", "-pk").first()


def search_people(text: str, *, among: QuerySet[Person] | None = None) -> QuerySet[Person]:
    """People whose name, staff number or e-mail holds every word of `text`, diacritics and order aside."""
    found = Person.objects.all() if among is None else among
    condition = Q()
    for word in fold(text).split()[:8]:
        condition &= Q(search_text__contains=word)
    return found.filter(condition)
