"""What officers and administrators see of exports in the administration."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import django_filters
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.db.models.fields.json import KT
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST
from wagtail import hooks
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic.base import BaseListingView

from people.models import AccessLog, OrganisationUnit, RoleGrant
from people.permissions import has_role, signed_in, units_for_role
from people.queries import find_unit
from people.services import log_access
from records import services
from records.models import ReportExport
from records.reports import get_report

HR, ADMINISTRATOR = RoleGrant.Role.HR_OFFICER, RoleGrant.Role.ADMINISTRATOR
KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


# Which exports are whose ---------------------------------------------------------------------------------------


def may_list(person: Any) -> bool:
    """Whether there can be anything to see: HR officers, administrators, and who asked for an export once."""
    return has_role(person, HR) or ReportExport.objects.filter(requested_by=person).exists()


def exports_for(person: Any) -> QuerySet[ReportExport]:
    """One's own, and for administrators those about their units."""
    if person.is_superuser:
        return ReportExport.objects.all()
    codes = units_for_role(person, ADMINISTRATOR).order_by().values("code")
    about = ReportExport.objects.annotate(about=KT("parameters__unit")).filter(about__in=codes)
    return ReportExport.objects.filter(Q(requested_by=person) | Q(pk__in=about.values("pk")))


def day_of(export: ReportExport) -> date | None:
    """The day as of which an export reports."""
    try:
        return date.fromisoformat(export.parameters["as_of"])
    except (KeyError, ValueError):
        return None


def unit_of(export: ReportExport) -> OrganisationUnit | None:
    """The unit that an export is about, in the form that it had on its day."""
    day = day_of(export)
    return find_unit(export.parameters.get("unit", ""), on=day) if day else None


def may_open(person: Any, export: ReportExport) -> bool:
    """Whether `person` may read the file today: its owner while an HR officer there, else an administrator there."""
    unit = unit_of(export)
    role = HR if export.requested_by_id == person.pk else ADMINISTRATOR
    return unit is not None and has_role(person, role, unit=unit)


# The listing ---------------------------------------------------------------------------------------------------


def what_of(export: ReportExport) -> str:
    """The report and what it is about."""
    try:
        title = str(get_report(export.report).title)
    except KeyError:
        title = export.report
    about = [str(export.parameters.get(name, "")) for name in ("unit", "course")]
    if day := day_of(export):
        about.append(date_format(day, "SHORT_DATE_FORMAT"))
    return " · ".join([title, *(part for part in about if part)])


def when_of(export: ReportExport) -> str:
    """When it was asked for."""
    return date_format(timezone.localtime(export.requested_at), "SHORT_DATETIME_FORMAT")


class TextColumn(Column):
    """A column whose cells name themselves, as a listing has no headings on a phone."""

    cell_template_name = "people/admin/cell.html"


class WhatColumn(Column):
    """What was asked for; files of a ready export, trying a failed one again."""

    cell_template_name = "records/admin/what_cell.html"

    def get_cell_context_data(self, instance: ReportExport, parent_context: Any) -> dict[str, Any]:
        """With the token that a form needs."""
        context: dict[str, Any] = super().get_cell_context_data(instance, parent_context)
        context["is_failed"] = instance.state == ReportExport.State.FAILED
        context["is_ready"] = instance.state == ReportExport.State.READY
        context["csrf_token"] = get_token(parent_context["request"])
        return context


class ExportFilterSet(WagtailFilterSet):
    """By state."""

    state = django_filters.ChoiceFilter(
        label=gettext_lazy("State"), choices=ReportExport.State.choices, empty_label=gettext_lazy("Any")
    )

    class Meta:
        model = ReportExport
        fields: list[str] = []


class ExportsView(BaseListingView):
    """Exports, newest first."""

    page_title = gettext_lazy("Exports")
    header_icon = "download"
    template_name = "records/admin/exports.html"
    index_url_name = "record_exports"
    index_results_url_name = "record_exports_results"
    filterset_class = ExportFilterSet
    verbose_name_plural = gettext_lazy("exports")
    paginate_by = 50

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """403 for who can have none."""
        if not may_list(request.user):
            return render(request, "403.html", {"reason": _("This page is for HR officers.")}, status=403)
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def columns(self) -> list[Column]:
        """What, who, when, and what came of it."""
        return [
            WhatColumn("what", label=_("What"), accessor=what_of),
            TextColumn("requested_by", label=_("Asked for by")),
            TextColumn("requested_at", label=_("When"), accessor=when_of),
            TextColumn("state", label=_("State"), accessor="get_state_display"),
            TextColumn("row_count", label=_("Rows")),
            TextColumn("error", label=_("Error")),
        ]

    def get_base_queryset(self) -> QuerySet[ReportExport]:
        """What the reader may see, newest first."""
        rows = exports_for(self.request.user).select_related("requested_by")
        return rows.order_by("-requested_at", "-pk")


@require_POST
def try_again(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Build a failed export again."""
    by = signed_in(request)
    export = get_object_or_404(exports_for(by), public_id=public_id)
    if export.state == ReportExport.State.FAILED:
        services.retry_export(export=export, by=by)
        messages.success(request, _("The export is being built again."))
    else:
        messages.error(request, _("Only a failed export can be tried again; this one has not failed."))
    return redirect("record_exports")


@require_GET
def download(request: HttpRequest, public_id: UUID, kind: str) -> HttpResponseBase:
    """The file; that an administrator reads what somebody else asked for is in the access log."""
    by = signed_in(request)
    export = get_object_or_404(exports_for(by), public_id=public_id, state=ReportExport.State.READY)
    if kind not in KINDS or not may_open(by, export):
        raise Http404
    if export.requested_by_id != by.pk:
        what = f"{export.report} {export.parameters.get('course', '')} {export.parameters.get('as_of', '')}"
        log_access(by=by, action=AccessLog.Action.EXPORT, what=what, at=timezone.now(), unit=unit_of(export))
    stored = export.csv if kind == "csv" else export.xlsx
    name = f"{export.report}-{export.parameters.get('unit')}-{export.parameters.get('as_of')}.{kind}"
    return FileResponse(stored.open("rb"), content_type=KINDS[kind], as_attachment=True, filename=name)


# The entries ---------------------------------------------------------------------------------------------------


@hooks.register("register_admin_urls")
def admin_urls() -> list[URLPattern]:
    """The listing and what is done from it."""
    return [
        path("xuat-du-lieu/", ExportsView.as_view(), name="record_exports"),
        path("xuat-du-lieu/ket-qua/", ExportsView.as_view(results_only=True), name="record_exports_results"),
        path("xuat-du-lieu/<uuid:public_id>/thu-lai/", try_again, name="record_export_again"),
        path("xuat-du-lieu/<uuid:public_id>/tep.<str:kind>", download, name="record_export_file"),
    ]


class ExportsMenuItem(MenuItem):
    """Shown to who may see exports."""

    def is_shown(self, request: HttpRequest) -> bool:
        """HR officers, administrators, and who asked for one."""
        return may_list(request.user)


@hooks.register("register_reports_menu_item")
def exports_menu_item() -> ExportsMenuItem:
    """In the menu of reports, first."""
    return ExportsMenuItem(
        gettext_lazy("Exports"), reverse("record_exports"), name="record-exports", icon_name="download", order=100
    )
