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
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_language, gettext_lazy, gettext_noop
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from common.vietnamese import InvalidDate, parse_date
from courses.models import Course
from people.models import AccessLog, Person, RoleGrant
from people.permissions import has_role, may_read_unit, people_visible_to, signed_in, units_for_role
from people.queries import current_assignment, find_unit
from people.services import log_access
from records import queries, services
from records.exceptions import ReportRefused
from records.models import ReportExport
from records.reports import UnitCompletion

HR = RoleGrant.Role.HR_OFFICER
PER_PAGE = 100
LATE = "late"
STATES = [
    (LATE, gettext_lazy("Not completed yet")),
    ("not_started", gettext_lazy("Not started")),
    ("learning", gettext_lazy("Learning")),
    ("completed", gettext_lazy("Completed")),
    ("", gettext_lazy("Everybody")),
]


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


def _day(request: HttpRequest) -> date:
    """The day asked for; today, and a word about it, when it is no date or still to come."""
    today, text = timezone.localdate(), request.GET.get("as_of", "")
    try:
        day = parse_date(text) if text else today
    except InvalidDate as problem:
        messages.warning(request, _("%(problem)s Today is shown.") % {"problem": problem})
        return today
    if day > today:
        messages.warning(request, _("That day is still to come. Today is shown."))
        return today
    return day


@login_required
@never_cache
@require_GET
def unit(request: HttpRequest, code: str) -> HttpResponse:
    """One number, then who has not completed, then the units below; as of a day."""
    reader, as_of = signed_in(request), _day(request)
    row = find_unit(code, on=as_of)
    if row is None or not may_read_unit(reader, HR, row):
        raise Http404
    courses = list(Course.objects.filter(pages__live=True).distinct().order_by("code"))
    if not courses:
        return render(request, "records/unit.html", {"unit": row, "overview": None})
    course = next((item for item in courses if item.slug == request.GET.get("course")), courses[0])
    overview = queries.unit_completion(unit=row, course=course, as_of=as_of)
    log_access(
        by=reader,
        action=AccessLog.Action.VIEW,
        what=UnitCompletion.title_for_log,
        exactly=f"{course.slug} {as_of.isoformat()}",
        at=timezone.now(),
        unit=row,
    )
    state = request.GET.get("state", LATE)
    mine = set(units_for_role(reader, HR).order_by().values_list("pk", flat=True))
    context = {
        "unit": row,
        "ancestors": [item for item in row.get_ancestors() if item.pk in mine],
        "overview": overview,
        "courses": courses,
        "course": course,
        "as_of": as_of,
        "is_today": as_of == timezone.localdate(),
        "state": state,
        "states": STATES,
        "page": Paginator(overview.people_in(state), PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "records/unit.html", context)


@login_required
@require_POST
def remind(request: HttpRequest, code: str) -> HttpResponse:
    """Write to everybody of the unit who has not completed the course."""
    row = find_unit(code, on=timezone.localdate())
    if row is None or not has_role(request.user, HR, unit=row):
        raise Http404
    course = get_object_or_404(Course, slug=request.POST.get("course", ""))
    try:
        sent = services.remind_unit(unit=row, course=course, by=signed_in(request), at=timezone.now())
    except ReportRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request,
            _("Reminded: %(written)d. Reminded already this week: %(before)d. Without an e-mail address: %(without)d.")
            % {"written": sent.written, "before": sent.before, "without": sent.without_address},
        )
    return redirect(f"{reverse('records:unit', args=[row.code])}?{urlencode({'course': course.slug})}")


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
        by=signed_in(request),
        action=AccessLog.Action.VIEW,
        what=gettext_noop("transcript"),
        at=timezone.now(),
        subject=person,
    )
    return _transcript(request, person)


def _transcript(request: HttpRequest, person: Person | Any) -> HttpResponse:
    as_of = _day(request)
    context = {
        "person": person,
        "is_own": person.pk == request.user.pk,
        "assignment": current_assignment(person, on=as_of),
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
    return send_export(export, kind, signed_in(request))


def send_export(export: ReportExport, kind: str, by: Person) -> FileResponse:
    """The file as a download. Raises Http404 when there is none for this reader."""
    try:
        file = services.open_export(export=export, kind=kind, by=by, at=timezone.now())
    except ReportRefused as refusal:
        raise Http404(str(refusal)) from None
    return FileResponse(file.stored.open("rb"), content_type=file.content_type, as_attachment=True, filename=file.name)
