"""Pages of the people room: rosters, first password, one's own profile."""

from __future__ import annotations

import io
from typing import Any

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import urlsafe_base64_decode
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from common.tabular import write_csv, write_xlsx
from people import permissions, services
from people.exceptions import InvalidPerson, InvalidRoster
from people.forms import ActivationForm, ProfileForm, RosterForm
from people.models import AccessLog, Assignment, Person, RoleGrant, RosterImport
from people.permissions import signed_in
from people.queries import people_in_unit, reads_of
from people.services.roster import COLUMNS

HR = RoleGrant.Role.HR_OFFICER
ROWS_SHOWN = 200


def _units(request: HttpRequest) -> Any:
    units = permissions.units_for_role(request.user, HR)
    if not units.exists():
        raise PermissionDenied(_("This page is for HR officers."))
    return units.filter(valid_to__isnull=True).order_by("depth", "sort_key")


@login_required
@require_GET
def roster_list(request: HttpRequest) -> HttpResponse:
    """The rosters that this officer brought in."""
    _units(request)
    mine = RosterImport.objects.filter(uploaded_by=signed_in(request))
    rosters = mine.select_related("unit").defer("rows", "problems")
    page = Paginator(rosters, 25).get_page(request.GET.get("page"))
    return render(request, "people/roster_list.html", {"page": page})


@login_required
@require_http_methods(["GET", "POST"])
def roster_upload(request: HttpRequest) -> HttpResponse:
    """Upload a roster; it is checked at once and applied on the next page."""
    units = _units(request)
    form = RosterForm(request.POST or None, request.FILES or None, units=units)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        roster = services.check_roster(
            data=file.read(),
            file_name=file.name,
            unit=form.cleaned_data["unit"],
            by=signed_in(request),
            at=timezone.now(),
        )
        return redirect("people:roster_detail", pk=roster.pk)
    return render(request, "people/roster_upload.html", {"form": form})


@login_required
@require_GET
def roster_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What the file says: the rows that will be applied, or everything that is wrong."""
    units = _units(request)
    roster = get_object_or_404(RosterImport, pk=pk, uploaded_by=signed_in(request))
    language = "en" if (get_language() or "vi").startswith("en") else "vi"
    problems = [{**problem, "message": problem[f"message_{language}"]} for problem in roster.problems]
    waiting = []
    if (
        roster.state == RosterImport.State.APPLIED
        and roster.unit is not None
        and units.filter(pk=roster.unit.pk).exists()
    ):
        waiting = _without_password(request, roster)
    context = {"roster": roster, "problems": problems, "rows": roster.rows[:ROWS_SHOWN], "waiting": waiting}
    return render(request, "people/roster_detail.html", context)


def _without_password(request: HttpRequest, roster: RosterImport) -> list[dict[str, Any]]:
    """People of the roster's unit who cannot sign in yet, with the address at which they set their first password.

    Not of those who hold a role: whoever has the address signs in as them.
    """
    assert roster.unit is not None
    never_signed_in = {"password__startswith": "!"}  # Django's mark for "no usable password"
    people = people_in_unit(roster.unit, on=timezone.localdate()).filter(
        is_active=True, is_superuser=False, role_grants=None, **never_signed_in
    )
    people = people.order_by("sort_key", "pk")[:500]
    if people:
        services.log_access(
            by=signed_in(request),
            action=AccessLog.Action.VIEW,
            what=gettext_noop("activation links of a unit"),
            at=timezone.now(),
            unit=roster.unit,
        )
    return [
        {"person": person, "url": request.build_absolute_uri(services.activation_path(person=person))}
        for person in people
    ]


@login_required
@require_POST
def roster_apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Apply a checked roster."""
    _units(request)
    roster = get_object_or_404(RosterImport, pk=pk, uploaded_by=signed_in(request))
    try:
        roster = services.apply_roster(roster=roster, by=signed_in(request), at=timezone.now())
    except InvalidRoster as problem:
        messages.error(request, str(problem))
    else:
        messages.success(
            request,
            _("Applied: %(created)d new, %(updated)d changed, %(unchanged)d as they were.")
            % {
                "created": roster.created_count,
                "updated": roster.updated_count,
                "unchanged": roster.unchanged_count,
            },
        )
    return redirect("people:roster_detail", pk=pk)


SAMPLE_ROW = [
    "CC0101",
    "Nguyễn Văn Bình",
    "05/03/1990",
    "binh@example.vn",
    "",
    "TN",
    "Chuyên viên",
    "01/07/2025",
]


@login_required
@require_GET
def roster_sample(request: HttpRequest, kind: str) -> HttpResponseBase:
    """An empty roster with one example row, as XLSX or CSV."""
    _units(request)
    out = io.BytesIO()
    columns = [names[0] for names in COLUMNS.values()]
    if kind == "xlsx":
        write_xlsx([SAMPLE_ROW], columns, out, title="Danh sách")
        content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    elif kind == "csv":
        write_csv([SAMPLE_ROW], columns, out)
        content_type = "text/csv; charset=utf-8"
    else:
        raise Http404
    response = HttpResponse(out.getvalue(), content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="mau-danh-sach.{kind}"'
    return response


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def activate(request: HttpRequest, uidb64: str, token: str) -> HttpResponse:
    """Set the first password; the address works once."""
    try:
        person = Person.objects.filter(pk=int(urlsafe_base64_decode(uidb64))).first()
    except (ValueError, OverflowError):
        person = None
    usable = person is not None and services.may_set_first_password(person=person, token=token)
    form = ActivationForm(request.POST or None)
    if usable and request.method == "POST" and form.is_valid():
        assert person is not None
        try:
            person = services.set_first_password(person=person, token=token, password=form.cleaned_data["password1"])
        except InvalidPerson as problem:
            form.add_error(None, str(problem))
        except ValidationError as problem:
            form.add_error("password1", problem)
        else:
            login(request, person, backend="django.contrib.auth.backends.ModelBackend")
            messages.success(request, _("Your password is set. Welcome, %(name)s!") % {"name": person.get_short_name()})
            return redirect("courses:my_learning")
    status = 200 if usable else 404
    return render(request, "people/activate.html", {"form": form, "person": person if usable else None}, status=status)


@login_required
@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """What is known about me, where I work, and who looked at it."""
    person = signed_in(request)
    form = ProfileForm(request.POST or None, initial={"preferred_language": person.preferred_language})
    if request.method == "POST" and form.is_valid():
        services.update_person(person=person, by=person, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("people:profile")
    context = {
        "form": form,
        "assignments": Assignment.objects.filter(person=person).select_related("unit").order_by("-valid_from"),
        "roles": RoleGrant.objects.valid_on(timezone.localdate()).filter(person=person).select_related("unit"),
        "access_log": reads_of(person)[:20],
    }
    return render(request, "people/profile.html", context)
