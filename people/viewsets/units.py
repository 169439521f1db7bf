"""Organisation units: the tree, and opening, changing and closing units. History is never edited."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.admin.widgets.button import HeaderButton

from common.admin import TextColumn, day_of
from common.vietnamese import fold
from people import services
from people.models import OrganisationUnit, Person
from people.permissions import signed_in
from people.queries import people_in_unit
from people.viewsets.actions import ActionView, AdministratorView
from people.viewsets.forms import LastDayForm, NewUnitForm, ReplaceUnitForm
from people.viewsets.scope import administered_units, administers_everything


class UnitFilterSet(WagtailFilterSet):
    """By kind, and open or closed; open ones unless said otherwise."""

    state = django_filters.ChoiceFilter(
        label=gettext_lazy("State"),
        choices=[("closed", gettext_lazy("Closed units")), ("all", gettext_lazy("Open and closed"))],
        empty_label=gettext_lazy("Open units"),
        method="by_state",
    )
    kind = django_filters.ChoiceFilter(
        label=gettext_lazy("Kind"), choices=OrganisationUnit.Kind.choices, empty_label=gettext_lazy("Any")
    )

    class Meta:
        model = OrganisationUnit
        fields: list[str] = []

    def by_state(self, units: QuerySet[OrganisationUnit], name: str, value: str) -> QuerySet[OrganisationUnit]:
        """Closed ones, or all: open ones are what the view shows by itself."""
        return units


def is_open() -> Q:
    """Units that exist today or are still to open."""
    return Q(valid_to__isnull=True) | Q(valid_to__gte=timezone.localdate())


def in_tree_order(units: QuerySet[OrganisationUnit]) -> list[OrganisationUnit]:
    """Parents before their children, siblings in Vietnamese order; each with its `parent_name`. Two queries."""
    rows = list(units)
    step = OrganisationUnit.steplen
    known = {path: (key, name) for path, key, name in OrganisationUnit.objects.values_list("path", "sort_key", "name")}

    def place(unit: OrganisationUnit) -> tuple[tuple[str, str], ...]:
        paths = [unit.path[:end] for end in range(step, len(unit.path) + 1, step)]
        return tuple((known[path][0], path) for path in paths)

    for row in rows:
        row.parent_name = known[row.path[:-step]][1] if row.depth > 1 else ""
    return sorted(rows, key=place)


class UnitColumn(TitleColumn):
    """A unit's name, indented by its depth."""

    cell_template_name = "people/admin/unit_cell.html"


class UnitIndexView(AdministratorView, generic.IndexView):
    """The tree of the units that the reader administers."""

    page_title = gettext_lazy("Organisation units")
    add_item_label = gettext_lazy("Open a unit")
    search_fields = ["search_text"]
    filterset_class = UnitFilterSet

    @cached_property
    def columns(self) -> list[Column]:
        """What is told of each; above whom it stands when the tree is not seen whole."""
        sifted = self.is_searching or self.is_filtering
        return [
            UnitColumn("name", label=_("Name"), url_name=self.inspect_url_name),
            *([TextColumn("parent_name", label=_("Below"))] if sifted else []),
            TextColumn("code", label=_("Code")),
            TextColumn("kind", label=_("Kind"), accessor="get_kind_display"),
            TextColumn("valid_from", label=_("From"), accessor=day_of("valid_from")),
            TextColumn("valid_to", label=_("To (last day)"), accessor=day_of("valid_to")),
        ]

    def get_base_queryset(self) -> QuerySet[OrganisationUnit]:
        """Units of the reader; open ones unless the filter says otherwise."""
        units = administered_units(self.request.user)
        state = self.request.GET.get("state", "")
        if state == "closed":
            return units.exclude(is_open())
        return units if state == "all" else units.filter(is_open())

    def search_queryset(self, queryset: QuerySet[OrganisationUnit]) -> QuerySet[OrganisationUnit]:
        """Every word of name or code, diacritics aside."""
        for word in fold(self.search_query).split()[:8] if self.is_searching else []:
            queryset = queryset.filter(search_text__contains=word)
        return queryset

    def get_queryset(self) -> list[OrganisationUnit]:
        """In the order of the tree."""
        return in_tree_order(super().get_queryset())


class UnitInspectView(AdministratorView, generic.InspectView):
    """One unit: what it is, what came before and after, what is below, who works there."""

    page_title = gettext_lazy("Organisation unit")
    template_name = "people/admin/unit.html"

    def get_object(self, queryset: QuerySet[OrganisationUnit] | None = None) -> OrganisationUnit:
        """404 for units that the reader does not administer."""
        return get_object_or_404(administered_units(self.request.user), pk=self.pk)

    def get_fields_context(self) -> list[dict[str, Any]]:
        """Nothing beside the template's own."""
        return []

    @cached_property
    def header_more_buttons(self) -> list[Any]:
        """None: every button is in sight."""
        return []

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        """What can still be done with an open unit."""
        if self.object.valid_to is not None:
            return []
        add = f"{reverse('organisation_units:add')}?parent={self.object.pk}"
        return [HeaderButton(_("Open a unit below"), url=add, icon_name="plus", priority=10)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The facts."""
        context = super().get_context_data(**kwargs)
        unit, today = self.object, timezone.localdate()
        mine = administered_units(self.request.user).order_by()
        context.update(
            unit=unit,
            parent=mine.filter(path=unit.path[: -OrganisationUnit.steplen]).first(),
            parent_name=parent.name if (parent := unit.get_parent()) else "",
            children=unit.get_children().filter(valid_to__isnull=True).order_by("sort_key"),
            before=unit.predecessors.order_by("path"),
            after=unit.successors.order_by("path"),
            mine=set(mine.values_list("pk", flat=True)),
            people_count=people_in_unit(unit, on=today).count(),
        )
        return context


class UnitAction(ActionView):
    """An action on a unit that the administrator administers."""

    header_icon = "group"

    @cached_property
    def by(self) -> Person:
        """Who does it."""
        return signed_in(self.request)

    @cached_property
    def unit(self) -> OrganisationUnit:
        """An open unit of the administrator; history is not edited."""
        return get_object_or_404(administered_units(self.by), pk=self.kwargs["pk"], valid_to__isnull=True)

    def get_page_subtitle(self) -> str:
        """The unit's name."""
        return self.unit.name

    def get_success_url(self) -> str:
        """The unit's page."""
        return reverse("organisation_units:inspect", args=[self.unit.pk])

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Units, the unit, this."""
        return [
            *self.breadcrumbs_items,
            {"url": reverse("organisation_units:index"), "label": _("Organisation units")},
            {"url": self.get_success_url(), "label": self.unit.name},
            {"url": "", "label": self.get_page_title()},
        ]


class OpenUnitView(UnitAction):
    """Open a unit below another."""

    page_title = gettext_lazy("Open a unit")
    form_class = NewUnitForm
    submit_button_label = gettext_lazy("Open the unit")
    opened: OrganisationUnit | None = None

    def get_page_subtitle(self) -> str:
        """None yet."""
        return ""

    def get_success_url(self) -> str:
        """The new unit's page; the tree when there is none."""
        if self.opened is None:
            return reverse("organisation_units:index")
        return reverse("organisation_units:inspect", args=[self.opened.pk])

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Units, this."""
        return [
            *self.breadcrumbs_items,
            {"url": reverse("organisation_units:index"), "label": _("Organisation units")},
            {"url": "", "label": self.get_page_title()},
        ]

    def get_form_kwargs(self) -> dict[str, Any]:
        """Below the units of the administrator; at the top only for who administers everything."""
        everywhere = administers_everything(self.by)
        return {**super().get_form_kwargs(), "units": administered_units(self.by), "everywhere": everywhere}

    def get_initial(self) -> dict[str, Any]:
        """Below the unit from whose page one comes."""
        return {"parent": self.request.GET.get("parent")}

    def perform(self, data: dict[str, Any]) -> str:
        """Open."""
        self.opened = services.open_unit(by=self.by, **data)
        return _("%(unit)s is open from %(day)s.") % {
            "unit": self.opened.name,
            "day": self.opened.valid_from.strftime("%d/%m/%Y"),
        }


class ReplaceUnitView(UnitAction):
    """Rename or move a unit: it is closed and followed by its new form."""

    page_title = gettext_lazy("Rename or move")
    form_class = ReplaceUnitForm
    submit_button_label = gettext_lazy("Rename or move")
    explanation = gettext_lazy(
        "The unit is closed the day before and followed by its new form. Its people, roles and the units below go "
        "along; reports of earlier days stay as they were."
    )
    successor: OrganisationUnit | None = None

    def get_form_kwargs(self) -> dict[str, Any]:
        """To other units of the administrator."""
        return {**super().get_form_kwargs(), "unit": self.unit, "units": administered_units(self.by)}

    def get_success_url(self) -> str:
        """The page of the new form."""
        return reverse("organisation_units:inspect", args=[(self.successor or self.unit).pk])

    def perform(self, data: dict[str, Any]) -> str:
        """Replace."""
        self.successor = services.replace_unit(unit=self.unit, by=self.by, **data)
        return _("%(old)s is followed by %(new)s from %(day)s.") % {
            "old": self.unit.name,
            "new": self.successor.name,
            "day": self.successor.valid_from.strftime("%d/%m/%Y"),
        }


class CloseUnitView(UnitAction):
    """Close a unit, with the assignments in it."""

    page_title = gettext_lazy("Close the unit")
    form_class = LastDayForm
    submit_button_label = gettext_lazy("Close the unit")
    is_serious = True

    def get_explanation(self) -> str | Promise:
        """What goes with it."""
        count = self.unit.assignments.filter(valid_to__isnull=True).count()
        return _("The assignments of %(count)d people here end with it. The unit stays in the history.") % {
            "count": count
        }

    def get_form_kwargs(self) -> dict[str, Any]:
        """Not before the first day."""
        return {**super().get_form_kwargs(), "first_day": self.unit.valid_from}

    def perform(self, data: dict[str, Any]) -> str:
        """Close."""
        unit = services.close_unit(unit=self.unit, last_day=data["last_day"], by=self.by)
        return _("%(unit)s is closed after %(day)s.") % {
            "unit": unit.name,
            "day": data["last_day"].strftime("%d/%m/%Y"),
        }


class UnitViewSet(ModelViewSet):
    """Units in the administration."""

    model = OrganisationUnit
    name = "organisation_units"
    url_prefix = "to-chuc/don-vi"
    icon = "group"
    menu_label = gettext_lazy("Units")
    list_per_page = 100
    inspect_view_enabled = True
    copy_view_enabled = False
    add_to_reference_index = False
    index_view_class = UnitIndexView
    index_template_name = "people/admin/listing.html"
    inspect_view_class = UnitInspectView

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """Without editing and deleting: units are closed and followed."""
        absent = {"edit_url_name": None, "delete_url_name": None, "history_url_name": None, "usage_url_name": None}
        return super().get_common_view_kwargs(**{**absent, **kwargs})

    def register_admin_url_finder(self) -> None:
        """There is no editing to find."""

    def get_urlpatterns(self) -> list[URLPattern]:
        """The tree, a unit's page, and one address for each thing that can be done."""
        return [
            path("", self.index_view, name="index"),
            path("results/", self.index_results_view, name="index_results"),
            path("<int:pk>/", self.inspect_view, name="inspect"),
            path("mo/", OpenUnitView.as_view(), name="add"),
            path("<int:pk>/doi/", ReplaceUnitView.as_view(), name="replace"),
            path("<int:pk>/dong/", CloseUnitView.as_view(), name="close"),
        ]
