"""Reads that more than one caller needs."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet

from common.vietnamese import fold
from people.models import Assignment, OrganisationUnit, Person


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
