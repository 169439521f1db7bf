"""The access log, as administrators read it: filtered, newest first, never changed."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import URLPattern, path
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import Column
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet

from common.admin import TextColumn, moment_of
from people.models import AccessLog
from people.queries import search_people
from people.viewsets.actions import AdministratorView
from people.viewsets.scope import administered_log


class AccessLogFilterSet(WagtailFilterSet):
    """By what was done, when, by whom and about whom."""

    action = django_filters.ChoiceFilter(
        label=gettext_lazy("Action"), choices=AccessLog.Action.choices, empty_label=gettext_lazy("Any")
    )
    at = django_filters.DateFromToRangeFilter(label=gettext_lazy("Day"), widget=DateRangePickerWidget)
    by = django_filters.CharFilter(label=gettext_lazy("Read by (name or number)"), method="by_person")
    subject = django_filters.CharFilter(label=gettext_lazy("About (name or number)"), method="by_person")

    class Meta:
        model = AccessLog
        fields: list[str] = []

    def by_person(self, log: QuerySet[AccessLog], name: str, text: str) -> QuerySet[AccessLog]:
        """Entries whose reader or subject is found by these words, diacritics aside."""
        return log.filter(**{f"{name}__in": search_people(text).order_by().values("pk")})


class AccessLogView(AdministratorView, generic.IndexView):
    """What the reader may know of who read what."""

    page_title = gettext_lazy("Access log")
    filterset_class = AccessLogFilterSet

    @cached_property
    def columns(self) -> list[Column]:
        """When, who, what, whose."""
        return [
            TextColumn("at", label=_("When"), accessor=moment_of("at")),
            TextColumn("by", label=_("Read by")),
            TextColumn("action", label=_("Action"), accessor="get_action_display"),
            TextColumn("subject", label=_("About whom")),
            TextColumn("unit", label=_("Unit")),
            TextColumn("what", label=_("What"), accessor="what_shown"),
        ]

    def get_base_queryset(self) -> QuerySet[AccessLog]:
        """What the reader administers, newest first."""
        return administered_log(self.request.user).select_related("by", "subject", "unit").order_by("-at", "-pk")


class AccessLogViewSet(ModelViewSet):
    """The access log in the administration: one page."""

    model = AccessLog
    name = "access_log"
    url_prefix = "to-chuc/nhat-ky"
    icon = "view"
    menu_label = gettext_lazy("Access log")
    list_per_page = 50
    copy_view_enabled = False
    add_to_reference_index = False
    index_view_class = AccessLogView
    index_template_name = "people/admin/listing.html"

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """Reading only."""
        absent = {f"{name}_url_name": None for name in ("add", "edit", "delete", "history", "usage")}
        return super().get_common_view_kwargs(**{**absent, **kwargs})

    def register_admin_url_finder(self) -> None:
        """There is no editing to find."""

    def get_urlpatterns(self) -> list[URLPattern]:
        """The listing."""
        return [
            path("", self.index_view, name="index"),
            path("results/", self.index_results_view, name="index_results"),
        ]
