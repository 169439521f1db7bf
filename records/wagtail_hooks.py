"""What officers and administrators see of exports in the administration."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import django_filters
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.db.models.fields.json import KT
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
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

from common.admin import TextColumn, moment_of
from people.models import RoleGrant
from people.permissions import has_role, signed_in, units_for_role
from records import services
from records.models import ReportExport
from records.reports import get_report
from records.views import send_export

HR, ADMINISTRATOR = RoleGrant.Role.HR_OFFICER, RoleGrant.Role.ADMINISTRATOR


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
            TextColumn("requested_at", label=_("When"), accessor=moment_of("requested_at")),
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
    """The file, to its owner and to administrators of the unit; the reading is logged."""
    by = signed_in(request)
    export = get_object_or_404(exports_for(by), public_id=public_id)
    return send_export(export, kind, by)


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
