"""Reads that more than one caller needs."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from certificates.models import Certificate
from courses.models import Course, Enrolment
from people.models import OrganisationUnit
from people.queries import units_below
from records.reports.unit_completion import PersonRow, end_of, unit_rows

LATELY = 30


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

    def people_in(self, state: str) -> list[PersonRow]:
        """Those in one state; "late" is who has not completed, not started first; "" is everybody."""
        if state == "late":
            late = [row for row in self.rows if row.state != "completed"]
            return sorted(late, key=lambda row: row.state != "not_started")
        return [row for row in self.rows if state in ("", row.state)]

    @property
    def completed_lately(self) -> int:
        """How many completed within the last LATELY days of the report."""
        since = end_of(self.as_of - timedelta(days=LATELY))
        return sum(row.completed_at is not None and row.completed_at >= since for row in self.rows)


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


@dataclass(frozen=True, slots=True)
class TranscriptRow:
    """One course that a person took, as of a day; `state` is completed, learning or withdrawn."""

    course: Course
    enrolled_at: datetime
    state: str
    completed_at: datetime | None
    percent: float | None
    certificate: Certificate | None


def transcript(*, person: Any, as_of: date) -> list[TranscriptRow]:
    """What a person took and completed up to and on a day, newest first; what came later is not told."""
    before = end_of(as_of)
    enrolments = (
        Enrolment.objects.filter(person=person, enrolled_at__lt=before)
        .select_related("course", "completion", "completion__certificate")
        .order_by("-enrolled_at", "-pk")
    )
    return [_transcript_row(row, before) for row in enrolments]


def _transcript_row(row: Enrolment, before: datetime) -> TranscriptRow:
    completion = getattr(row, "completion", None)
    if completion is not None and completion.completed_at >= before:
        completion = None
    certificate = getattr(completion, "certificate", None)
    if certificate is not None and certificate.issued_at >= before:
        certificate = None
    withdrawn = row.state == Enrolment.State.WITHDRAWN and row.ended_at is not None and row.ended_at < before
    return TranscriptRow(
        course=row.course,
        enrolled_at=row.enrolled_at,
        state="completed" if completion else "withdrawn" if withdrawn else "learning",
        completed_at=completion.completed_at if completion else None,
        percent=None if completion is None or completion.fraction is None else completion.fraction * 100,
        certificate=certificate,
    )


def certificates_as_of(*, person: Any, as_of: date) -> QuerySet[Certificate]:
    """Certificates issued to a person up to and on a day."""
    return Certificate.objects.filter(person=person, issued_at__lt=end_of(as_of)).order_by("-issued_at")
