"""The listing of people: found without diacritics, in Vietnamese order, with where they work today."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views import generic

from common.admin import TextColumn, moment_of
from people import queries, services
from people.models import AccessLog, Assignment, OrganisationUnit, Person, RoleGrant
from people.permissions import signed_in
from people.viewsets.actions import AdministratorView
from people.viewsets.forms import UnitFilterField, only_open
from people.viewsets.scope import administered_people, administered_units


def open_units(request: Any) -> QuerySet[OrganisationUnit]:
    """Open units that the reader administers."""
    return only_open(administered_units(request.user))


class UnitFilter(django_filters.ModelChoiceFilter):
    """A unit of the reader, indented as in the tree."""

    field_class = UnitFilterField


class PersonFilterSet(WagtailFilterSet):
    """By unit, role, and whether they can sign in."""

    unit = UnitFilter(
        label=gettext_lazy("Unit"), queryset=open_units, method="in_unit", empty_label=gettext_lazy("Any")
    )
    role = django_filters.ChoiceFilter(
        label=gettext_lazy("Role"), choices=RoleGrant.Role.choices, method="with_role", empty_label=gettext_lazy("Any")
    )
    is_active = django_filters.ChoiceFilter(
        label=gettext_lazy("Active"),
        choices=[("true", gettext_lazy("Yes")), ("false", gettext_lazy("No"))],
        method="by_activity",
        empty_label=gettext_lazy("Any"),
    )

    class Meta:
        model = Person
        fields: list[str] = []

    def in_unit(self, people: QuerySet[Person], name: str, unit: Any) -> QuerySet[Person]:
        """Who works in the unit or below it today."""
        return people.filter(pk__in=queries.people_in_unit(unit, on=timezone.localdate()).values("pk"))

    def with_role(self, people: QuerySet[Person], name: str, role: str) -> QuerySet[Person]:
        """Who has the role somewhere today."""
        grants = RoleGrant.objects.valid_on(timezone.localdate()).filter(role=role)
        return people.filter(pk__in=grants.values("person"))

    def by_activity(self, people: QuerySet[Person], name: str, value: str) -> QuerySet[Person]:
        """Who can sign in, or who cannot."""
        return people.filter(is_active=value == "true")


def units_today(person: Person) -> str:
    """Where a person of the listing works today."""
    return ", ".join(row.unit.name for row in person.current)  # type: ignore[attr-defined]


def yes_or_no(person: Person) -> str:
    """Whether a person can sign in, in a word."""
    return _("Yes") if person.is_active else _("No")


class PersonIndexView(AdministratorView, generic.IndexView):
    """People in Vietnamese order, TÊN first; found without diacritics."""

    page_title = gettext_lazy("Users")
    add_item_label = gettext_lazy("Add a person")
    search_fields = ["search_text"]
    show_other_searches = True

    @cached_property
    def columns(self) -> list[Column]:
        """What is told of each."""
        return [
            TitleColumn("full_name", label=_("Full name"), sort_key="sort_key", url_name=self.inspect_url_name),
            TextColumn("staff_number", label=_("Staff number"), sort_key="staff_number"),
            TextColumn("email", label=_("E-mail"), sort_key="email"),
            TextColumn("units", label=_("Unit"), accessor=units_today),
            TextColumn("is_active", label=_("Active"), accessor=yes_or_no, sort_key="is_active"),
            TextColumn("last_login", label=_("Last login"), accessor=moment_of("last_login"), sort_key="last_login"),
        ]

    def get_base_queryset(self) -> QuerySet[Person]:
        """Whom the reader administers, with where they work today."""
        today = Assignment.objects.valid_on(timezone.localdate()).select_related("unit").order_by("valid_from")
        return administered_people(self.request.user).prefetch_related(
            Prefetch("assignments", queryset=today, to_attr="current")
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The listing; that it was read is logged."""
        services.log_access(
            by=signed_in(self.request),
            action=AccessLog.Action.VIEW,
            what=gettext_noop("list of people"),
            exactly=self.search_query or "",
            at=timezone.now(),
        )
        return super().get_context_data(**kwargs)

    def search_queryset(self, queryset: QuerySet[Person]) -> QuerySet[Person]:
        """Every word, diacritics and order aside."""
        return queries.search_people(self.search_query, among=queryset) if self.is_searching else queryset

    def order_queryset(self, queryset: QuerySet[Person]) -> QuerySet[Person]:
        """As asked; people of the same name in the order of their accounts."""
        return super().order_queryset(queryset).order_by(self.ordering or "sort_key", "pk")
