"""Question banks in the administration: the list, making and editing; what else is done with one has views of its own."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.ui.tables import Column
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.admin.widgets.button import Button, HeaderButton

from assessments import services
from assessments.authoring.bank_files import (
    ExportDownloadView,
    ExportStartView,
    ExportView,
    ImportStartView,
    ImportView,
)
from assessments.authoring.categories import CategoriesView, CategoryView
from assessments.authoring.duplicates import DuplicatesView
from assessments.authoring.questions import TitleWithButtons
from assessments.authoring.scope import INSTRUCTOR, RoleView
from assessments.models import Bank, Question
from assessments.permissions import administers_everybody, banks_for, instructs_everybody
from common.admin import TextColumn
from people.models import OrganisationUnit, RoleGrant
from people.permissions import has_role, units_for_role


class BankForm(WagtailAdminModelForm):
    """A bank belongs to a unit of its author; to the whole province only when they are an instructor there."""

    class Meta:
        model = Bank
        fields = ["title", "slug", "unit", "self_approval"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["unit"]
        assert isinstance(field, forms.ModelChoiceField)
        units = units_for_role(self.for_user, INSTRUCTOR).filter(valid_to__isnull=True)
        if self.instance.unit_id:
            units = units | OrganisationUnit.objects.filter(pk=self.instance.unit_id)
        field.queryset = units.order_by("path")
        field.required = not instructs_everybody(self.for_user)
        field.error_messages["invalid_choice"] = _("Choose a unit of yours.")
        if self.instance.pk:
            del self.fields["slug"]
        if not (self.instance.pk and sets_approval(self.for_user, self.instance)):
            del self.fields["self_approval"]


def sets_approval(person: Any, bank: Bank) -> bool:
    """Whether `person` decides if authors approve their own questions: an administrator of the bank's unit."""
    if bank.unit is None:
        return administers_everybody(person)
    return has_role(person, RoleGrant.Role.ADMINISTRATOR, unit=bank.unit)


class BankIndexView(RoleView, generic.IndexView):
    """Banks of the reader."""

    page_title = gettext_lazy("Question banks")
    add_item_label = gettext_lazy("Make a bank")
    search_fields = ["title", "slug"]
    default_ordering = "title"

    @cached_property
    def columns(self) -> list[Column]:
        """What is told of each."""
        return [
            TitleWithButtons(
                "title",
                label=_("Title"),
                url_name=self.edit_url_name,
                sort_key="title",
                list_buttons=self.get_list_buttons,
            ),
            TextColumn("questions", label=_("Questions"), accessor="question_count"),
            TextColumn("slug", label=_("Address")),
            TextColumn("unit", label=_("Owning unit"), accessor=lambda bank: bank.unit or _("The whole province")),
        ]

    def get_base_queryset(self) -> QuerySet[Bank]:
        """Those that the reader may edit."""
        count = Question.objects.filter(bank=OuterRef("pk")).order_by().values("bank").annotate(n=Count("pk"))
        banks = banks_for(self.request.user).select_related("unit")
        return banks.annotate(question_count=Coalesce(Subquery(count.values("n")), 0))

    def get_list_more_buttons(self, instance: Bank) -> list[Button]:
        """What can be done with one."""
        return [
            Button(label, url=address, icon_name=icon, priority=number * 10)
            for number, (label, address, icon) in enumerate(links_of(instance), start=1)
        ]

    def search_queryset(self, queryset: QuerySet[Bank]) -> QuerySet[Bank]:
        """By title."""
        return queryset.filter(title__icontains=self.search_query) if self.is_searching else queryset


class BankCreateView(RoleView, generic.CreateView):
    """A new bank."""

    page_title = gettext_lazy("Make a bank")
    success_message = gettext_lazy("The bank “%(object)s” is there; write its first question.")
    error_message = gettext_lazy("The bank could not be made; see what is marked.")

    def get_page_subtitle(self) -> str:
        """None: the title says it."""
        return ""

    def save_instance(self) -> Bank:
        """With its root category."""
        data = self.form.cleaned_data
        return services.create_bank(slug=data["slug"], title=data["title"], unit=data["unit"], by=self.request.user)

    def get_success_url(self) -> str:
        """The list."""
        return reverse("banks:index")


def links_of(bank: Bank) -> list[tuple[str, str, str]]:
    """Everything that is done with a bank: label, address, icon."""
    return [
        (_("Questions"), f"{reverse('questions:index')}?bank={bank.pk}", "help"),
        (_("Import questions"), reverse("banks:import", args=[bank.pk]), "upload"),
        (_("Export"), reverse("banks:export", args=[bank.pk]), "download"),
        (_("Categories"), reverse("banks:categories", args=[bank.pk]), "folder-open-inverse"),
        (_("Duplicates"), reverse("banks:duplicates", args=[bank.pk]), "copy"),
        (_("Edit"), reverse("banks:edit", args=[bank.pk]), "edit"),
    ]


class BankEditView(RoleView, generic.EditView):
    """A bank's title, unit and rule of approval."""

    success_message = gettext_lazy("The bank “%(object)s” is saved.")
    error_message = gettext_lazy("The bank could not be saved; see what is marked.")

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        """What is done with the bank."""
        return [
            HeaderButton(label, url=address, icon_name=icon, priority=number * 10)
            for number, (label, address, icon) in enumerate(links_of(self.object)[:-1], start=1)
        ]

    def get_object(self, queryset: Any = None) -> Bank:
        """404 for banks of others."""
        return get_object_or_404(banks_for(self.request.user), pk=self.kwargs["pk"])

    def save_instance(self) -> Bank:
        """Through the service."""
        data = self.form.cleaned_data
        return services.update_bank(
            bank=self.object,
            title=data["title"],
            unit=data["unit"],
            self_approval=data.get("self_approval"),
            by=self.request.user,
        )

    def get_success_url(self) -> str:
        """The list."""
        return reverse("banks:index")


class BankViewSet(ModelViewSet):
    """Banks."""

    model = Bank
    name = "banks"
    url_prefix = "ngan-hang-cau-hoi"
    icon = "folder-open-inverse"
    menu_label = gettext_lazy("Banks")
    list_per_page = 50
    copy_view_enabled = False
    add_to_reference_index = False
    index_view_class = BankIndexView
    add_view_class = BankCreateView
    edit_view_class = BankEditView
    index_template_name = "people/admin/listing.html"

    def get_form_class(self, for_update: bool = False) -> type[BankForm]:
        """The same form for both."""
        return BankForm

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """Without deleting."""
        absent = {"delete_url_name": None, "usage_url_name": None, "history_url_name": None}
        return super().get_common_view_kwargs(**{**absent, **kwargs})

    def get_urlpatterns(self) -> list[URLPattern]:
        """The list, making and editing."""
        return [
            path("", self.index_view, name="index"),
            path("results/", self.index_results_view, name="index_results"),
            path("moi/", self.add_view, name="add"),
            path("<int:pk>/", self.edit_view, name="edit"),
            path("<int:pk>/nhap/", ImportStartView.as_view(), name="import"),
            path("nhap/<uuid:public_id>/", ImportView.as_view(), name="import_file"),
            path("<int:pk>/xuat/", ExportStartView.as_view(), name="export"),
            path("xuat/<uuid:public_id>/", ExportView.as_view(), name="export_file"),
            path("xuat/<uuid:public_id>/tep/", ExportDownloadView.as_view(), name="export_download"),
            path("<int:pk>/chuyen-muc/", CategoriesView.as_view(), name="categories"),
            path("<int:pk>/chuyen-muc/<int:category_id>/", CategoryView.as_view(), name="category"),
            path("<int:pk>/trung-lap/", DuplicatesView.as_view(), name="duplicates"),
        ]
