"""Pages of the records room: a unit's way to 100 %, transcripts, exports."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from common.vietnamese import InvalidDate, parse_date
from courses.models import Course
from people.models import AccessLog, Person, RoleGrant
from people.permissions import people_visible_to, signed_in, units_for_role
from people.queries import find_unit
from people.services import log_access
from records import queries, services
from records.exceptions import ReportRefused
from records.models import ReportExport

HR = RoleGrant.Role.HR_OFFICER
PER_PAGE = 100


@login_required
@require_GET
def units(request: HttpRequest) -> HttpResponse:
    """The units that I am an HR officer of; straight to it when there is one at the top."""
    mine = units_for_role(request.user, HR).filter(valid_to__isnull=True).order_by("path")
    tops: list[Any] = []
    for row in mine:
        if not any(row.path.startswith(top.path) for top in tops):
            tops.append(row)
    if not tops:
        raise PermissionDenied(_("This page is for HR officers."))
    if len(tops) == 1:
        return redirect("records:unit", code=tops[0].code)
    return render(request, "records/units.html", {"units": tops})


def _day(text: str) -> date:
    """The day asked for; today when there is none or it is not a date."""
    if not text:
        return timezone.localdate()
    try:
        return parse_date(text)
    except InvalidDate:
        return timezone.localdate()


@login_required
@never_cache
@require_GET
def unit(request: HttpRequest, code: str) -> HttpResponse:
    """One number, the units below, and who is where; as of a day."""
    as_of = _day(request.GET.get("as_of", ""))
    row = find_unit(code, on=as_of)
    if row is None or not units_for_role(request.user, HR).filter(pk=row.pk).exists():
        raise Http404
    courses = list(Course.objects.filter(pages__live=True).distinct().order_by("code"))
    if not courses:
        return render(request, "records/unit.html", {"unit": row, "overview": None})
    course = next((item for item in courses if item.slug == request.GET.get("course")), courses[0])
    overview = queries.unit_completion(unit=row, course=course, as_of=as_of)
    state = request.GET.get("state", "")
    rows = [person for person in overview.rows if not state or person.state == state]
    log_access(
        by=signed_in(request),
        action=AccessLog.Action.VIEW,
        what=f"unit-completion {course.slug} {as_of.isoformat()}",
        at=timezone.now(),
        unit=row,
    )
    context = {
        "unit": row,
        "ancestors": [
            item for item in row.get_ancestors() if units_for_role(request.user, HR).filter(pk=item.pk).exists()
        ],
        "overview": overview,
        "courses": courses,
        "course": course,
        "as_of": as_of,
        "is_today": as_of == timezone.localdate(),
        "state": state,
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "records/unit.html", context)


@login_required
@require_GET
def my_transcript(request: HttpRequest) -> HttpResponse:
    """What I took and completed."""
    return _transcript(request, signed_in(request))


@login_required
@never_cache
@require_GET
def person_transcript(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What somebody of my units took and completed; the reading is logged."""
    person = get_object_or_404(people_visible_to(request.user), public_id=public_id)
    log_access(
        by=signed_in(request), action=AccessLog.Action.VIEW, what="transcript", at=timezone.now(), subject=person
    )
    return _transcript(request, person)


def _transcript(request: HttpRequest, person: Person | Any) -> HttpResponse:
    as_of = _day(request.GET.get("as_of", ""))
    context = {
        "person": person,
        "as_of": as_of,
        "rows": queries.transcript(person=person, as_of=as_of),
        "certificates": queries.certificates_as_of(person=person, as_of=as_of),
    }
    return render(request, "records/transcript.html", context)


@login_required
@require_POST
def export_request(request: HttpRequest) -> HttpResponse:
    """Ask for a report as files; Celery builds them."""
    parameters = {key: request.POST.get(key, "") for key in ("unit", "course", "as_of")}
    try:
        export = services.request_export(
            report=request.POST.get("report", ""),
            parameters=parameters,
            by=signed_in(request),
            at=timezone.now(),
            language=(get_language() or "vi")[:2],
        )
    except ReportRefused as problem:
        messages.error(request, str(problem))
        return redirect("records:units")
    return redirect("records:export_detail", public_id=export.public_id)


def _own_export(request: HttpRequest, public_id: UUID) -> ReportExport:
    return get_object_or_404(ReportExport, public_id=public_id, requested_by=signed_in(request))


@login_required
@never_cache
@require_GET
def export_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Being built, ready or failed."""
    export = _own_export(request, public_id)
    return render(request, "records/export_detail.html", {"export": export})


@login_required
@never_cache
@require_GET
def export_file(request: HttpRequest, public_id: UUID, kind: str) -> HttpResponseBase:
    """The file, to who asked for it and is still an HR officer there."""
    export = _own_export(request, public_id)
    files = {
        "csv": (export.csv, "text/csv; charset=utf-8"),
        "xlsx": (export.xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    }
    if kind not in files or export.state != ReportExport.State.READY:
        raise Http404
    unit_row = find_unit(export.parameters.get("unit", ""), on=date.fromisoformat(export.parameters["as_of"]))
    if unit_row is None or not units_for_role(request.user, HR).filter(pk=unit_row.pk).exists():
        raise Http404
    stored, content_type = files[kind]
    name = f"{export.report}-{export.parameters.get('unit')}-{export.parameters.get('as_of')}.{kind}"
    return FileResponse(stored.open("rb"), content_type=content_type, as_attachment=True, filename=name)
