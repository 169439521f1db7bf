"""Reads that more than one caller needs."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet

from certificates.models import Certificate
from courses.models import Course, Enrolment
from people.models import OrganisationUnit
from people.queries import units_below
from records.reports.unit_completion import PersonRow, end_of, unit_rows


@dataclass(slots=True)
class Tally:
    """How many people, and how many of them are where."""

    people: int = 0
    completed: int = 0
    learning: int = 0

    def add(self, row: PersonRow) -> None:
        """Count one person."""
        self.people += 1
        self.completed += row.state == "completed"
        self.learning += row.state == "learning"

    @property
    def percent(self) -> float:
        """Completed, in percent of all; 0 for nobody."""
        return self.completed * 100 / self.people if self.people else 0.0

    @property
    def remaining(self) -> int:
        """How many have not completed."""
        return self.people - self.completed


@dataclass(slots=True)
class UnitOverview:
    """A unit's way to 100 % in one course as of a day: the whole, each unit directly below, and the people."""

    unit: OrganisationUnit
    course: Course
    as_of: date
    whole: Tally = field(default_factory=Tally)
    parts: list[tuple[OrganisationUnit, Tally]] = field(default_factory=list)
    rows: list[PersonRow] = field(default_factory=list)


def unit_completion(*, unit: OrganisationUnit, course: Course, as_of: date) -> UnitOverview:
    """The overview of a unit; a constant number of queries, whatever its size."""
    overview = UnitOverview(unit, course, as_of)
    width = len(unit.path) + OrganisationUnit.steplen
    tallies: dict[str, Tally] = defaultdict(Tally)
    for row in unit_rows(unit=unit, course=course, as_of=as_of):
        overview.rows.append(row)
        overview.whole.add(row)
        tallies[row.unit_path[:width]].add(row)
    children = units_below(unit, on=as_of).filter(depth=unit.depth + 1).order_by("sort_key")
    overview.parts = [(child, tallies.get(child.path, Tally())) for child in children]
    return overview


def transcript(*, person: Any, as_of: date) -> QuerySet[Enrolment]:
    """What a person took and completed up to and on a day, newest first, with course, completion and certificate."""
    return (
        Enrolment.objects.filter(person=person, enrolled_at__lt=end_of(as_of))
        .select_related("course", "completion", "completion__certificate")
        .annotate(passed_parts=Count("progress", filter=Q(progress__completed_at__lt=end_of(as_of))))
        .order_by("-enrolled_at")
    )


def certificates_as_of(*, person: Any, as_of: date) -> QuerySet[Certificate]:
    """Certificates issued to a person up to and on a day."""
    return Certificate.objects.filter(person=person, issued_at__lt=end_of(as_of)).order_by("-issued_at")
