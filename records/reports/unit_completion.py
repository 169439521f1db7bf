"""Who in a unit, and below it, has completed a course as of a day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from certificates.models import Certificate
from courses.models import Course, CourseCompletion, Enrolment
from people.models import Assignment, OrganisationUnit, RoleGrant
from people.permissions import may_read_unit
from people.queries import find_unit, units_below
from records.exceptions import ReportRefused
from records.reports.base import Column

CHUNK = 500


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person of the unit; times and results as of the day that was asked for."""

    person_id: int
    public_id: str
    staff_number: str
    name: str
    unit: str
    unit_path: str
    title: str
    enrolled_at: datetime | None
    completed_at: datetime | None
    percent: float | None
    certificate: str

    @property
    def state(self) -> str:
        """completed, learning or not_started."""
        if self.completed_at is not None:
            return "completed"
        return "learning" if self.enrolled_at is not None else "not_started"


STATES = {"completed": _("Completed"), "learning": _("Learning"), "not_started": _("Not started")}


def end_of(day: date) -> datetime:
    """The first moment after `day`, local time."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


def unit_rows(*, unit: OrganisationUnit, course: Course, as_of: date) -> Iterator[PersonRow]:
    """Everybody assigned in the unit or below on `as_of`, in Vietnamese order of names; one query in chunks.

    Somebody assigned twice counts once, in the assignment that began last.
    """
    before = end_of(as_of)
    done = CourseCompletion.objects.filter(person=OuterRef("person"), course=course, completed_at__lt=before).order_by(
        "completed_at"
    )
    begun = (
        Enrolment.objects.filter(person=OuterRef("person"), course=course, enrolled_at__lt=before)
        .exclude(state=Enrolment.State.WITHDRAWN, ended_at__lt=before)
        .order_by("enrolled_at")
    )
    certificate = Certificate.objects.filter(
        person=OuterRef("person"), completion__course=course, issued_at__lt=before
    ).order_by("issued_at")
    latest = (
        Assignment.objects.valid_on(as_of)
        .filter(person=OuterRef("person"), unit__in=units_below(unit, on=as_of))
        .order_by("-valid_from", "-pk")
    )
    rows = (
        Assignment.objects.valid_on(as_of)
        .filter(unit__in=units_below(unit, on=as_of), pk=Subquery(latest.values("pk")[:1]))
        .order_by("person__sort_key", "person_id")
        .values_list(
            "person_id",
            "person__public_id",
            "person__staff_number",
            "person__full_name",
            "unit__name",
            "unit__path",
            "title",
            Subquery(begun.values("enrolled_at")[:1]),
            Subquery(done.values("completed_at")[:1]),
            Subquery(done.values("fraction")[:1]),
            Subquery(certificate.values("number")[:1]),
        )
    )
    for row in rows.iterator(chunk_size=CHUNK):
        fraction = row[9]
        yield PersonRow(
            person_id=row[0],
            public_id=str(row[1]),
            staff_number=row[2] or "",
            name=row[3],
            unit=row[4],
            unit_path=row[5],
            title=row[6],
            enrolled_at=row[7],
            completed_at=row[8],
            percent=None if fraction is None else round(fraction * 100, 2),
            certificate=row[10] or "",
        )


class UnitCompletion:
    """The completion table of a unit (records.reports.base.Report)."""

    name = "unit-completion"
    title = _("Completion by unit")
    title_for_log = gettext_noop("completion of a unit")
    columns = [
        Column(_("Staff number"), lambda row: row.staff_number),
        Column(_("Full name"), lambda row: row.name),
        Column(_("Unit"), lambda row: row.unit),
        Column(_("Title"), lambda row: row.title),
        Column(_("State"), lambda row: str(STATES[row.state])),
        Column(_("Enrolled on"), lambda row: _day(row.enrolled_at)),
        Column(_("Completed on"), lambda row: _day(row.completed_at)),
        Column(_("Final test (%)"), lambda row: row.percent),
        Column(_("Certificate number"), lambda row: row.certificate),
    ]

    def check(self, parameters: dict[str, Any], *, reader: Any) -> dict[str, Any]:
        """{"unit": code, "course": slug, "as_of": ISO day}. Raises ReportRefused outside the reader's units."""
        try:
            as_of = date.fromisoformat(str(parameters.get("as_of") or timezone.localdate()))
        except ValueError:
            raise ReportRefused(_("The day is not a date; write dd/mm/yyyy.")) from None
        unit = find_unit(str(parameters.get("unit", "")), on=as_of)
        if unit is None or not may_read_unit(reader, RoleGrant.Role.HR_OFFICER, unit):
            raise ReportRefused(_("This unit does not exist on that day, or is not among yours."))
        course = Course.objects.filter(slug=str(parameters.get("course", ""))).first()
        if course is None:
            raise ReportRefused(_("This course does not exist."))
        return {"unit": unit.code, "course": course.slug, "as_of": as_of.isoformat()}

    def rows(self, parameters: dict[str, Any]) -> Iterator[PersonRow]:
        """The people of the unit."""
        as_of = date.fromisoformat(parameters["as_of"])
        unit = find_unit(parameters["unit"], on=as_of)
        if unit is None:
            raise ReportRefused(_("This unit does not exist on that day, or is not among yours."))
        yield from unit_rows(unit=unit, course=Course.objects.get(slug=parameters["course"]), as_of=as_of)


def _day(moment: datetime | None) -> date | None:
    return timezone.localtime(moment).date() if moment else None
