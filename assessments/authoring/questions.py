"""Questions in the administration: the listing, its filters, changing the status of many, and choosing one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.forms.choosers import BaseFilterForm
from wagtail.admin.ui.tables import BulkActionsCheckboxColumn, ButtonsColumnMixin, Column, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.views.bulk_action import BulkAction
from wagtail.admin.views.generic import chooser
from wagtail.admin.viewsets.chooser import ChooserViewSet
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.admin.widgets.button import Button

from assessments import services
from assessments.authoring.fields import CategoryField, categories_of
from assessments.authoring.question_views import CreateView, EditView, HistoryView, StartView
from assessments.authoring.scope import EXAM_OFFICER, INSTRUCTOR, RoleView, has_any_role
from assessments.authoring.trial import PreviewView
from assessments.models import Bank, Category, Question
from assessments.permissions import banks_for, banks_to_draw_from, questions_for
from assessments.question_types import all_types, get_type
from common.vietnamese import fold
from people.permissions import signed_in


def found_by(questions: QuerySet[Question], text: str) -> QuerySet[Question]:
    """Questions with every word of `text` in identifier, name or body, diacritics and order aside."""
    for word in fold(text).split()[:8]:
        questions = questions.filter(search_text__contains=word)
    return questions


def own_banks(request: Any) -> QuerySet[Bank]:
    """Banks of the reader."""
    return banks_for(request.user)


def own_categories(request: Any) -> QuerySet[Category]:
    """Their categories; of one bank when the listing is of one."""
    banks = banks_for(request.user)
    chosen = request.GET.get("bank", "")
    return categories_of(banks.filter(pk=chosen) if chosen.isascii() and chosen.isdigit() else banks)


class CategoryFilter(django_filters.ModelChoiceFilter):
    """A category, indented as in the tree."""

    field_class = CategoryField


class QuestionFilterSet(WagtailFilterSet):
    """By bank, category with what is below, kind, status, difficulty, nature, and reserved for exams or not."""

    bank = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Bank"), queryset=own_banks, empty_label=gettext_lazy("Any")
    )
    category = CategoryFilter(
        label=gettext_lazy("Category"), queryset=own_categories, method="below", empty_label=gettext_lazy("Any")
    )
    type = django_filters.ChoiceFilter(
        label=gettext_lazy("Kind of question"),
        field_name="current_version__type",
        choices=lambda: [(kind.name, kind.label) for kind in all_types()],
        empty_label=gettext_lazy("Any"),
    )
    status = django_filters.ChoiceFilter(
        label=gettext_lazy("Status"), choices=Question.Status.choices, empty_label=gettext_lazy("Any")
    )
    difficulty = django_filters.ChoiceFilter(
        label=gettext_lazy("Difficulty"), choices=Question.Difficulty.choices, empty_label=gettext_lazy("Any")
    )
    nature = django_filters.ChoiceFilter(
        label=gettext_lazy("Nature"), choices=Question.Nature.choices, empty_label=gettext_lazy("Any")
    )
    exam_only = django_filters.ChoiceFilter(
        label=gettext_lazy("Reserved for exams"),
        choices=[("true", gettext_lazy("Yes")), ("false", gettext_lazy("No"))],
        empty_label=gettext_lazy("Any"),
        method="reserved",
    )

    class Meta:
        model = Question
        fields: list[str] = []

    def below(self, questions: QuerySet[Question], name: str, category: Category) -> QuerySet[Question]:
        """In the category or below it."""
        return questions.filter(category__path__startswith=category.path)

    def reserved(self, questions: QuerySet[Question], name: str, value: str) -> QuerySet[Question]:
        """Reserved for exams, or not."""
        return questions.filter(exam_only=value == "true")


class TextColumn(Column):
    """A column whose cells name themselves, as a listing has no headings on a phone."""

    cell_template_name = "people/admin/cell.html"


class TitleWithButtons(ButtonsColumnMixin, TitleColumn):
    """The title of a row with the menu of what can be done with it."""

    def __init__(self, *args: Any, list_buttons: Callable[[Any], list[Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.list_buttons = list_buttons

    def get_buttons(self, instance: Any, parent_context: Any) -> list[Any]:
        """What the view offers."""
        return self.list_buttons(instance)


def kind_of(question: Question) -> str:
    """The kind of its current version."""
    return str(get_type(question.current_version.type).label) if question.current_version else ""


def status_of(question: Question) -> str:
    """Its status, and whether it is kept for exams."""
    status = question.get_status_display()
    return f"{status} · {_('exams only')}" if question.exam_only else status


class QuestionIndexView(RoleView, generic.IndexView):
    """Questions of the reader's banks."""

    page_title = gettext_lazy("Questions")
    add_item_label = gettext_lazy("Write a question")
    template_name = "assessments/admin/questions.html"
    search_fields = ["search_text"]
    filterset_class = QuestionFilterSet
    default_ordering = "idnumber"

    @cached_property
    def columns(self) -> list[Any]:
        """What is told of each."""
        return [
            BulkActionsCheckboxColumn("bulk_actions", obj_type="question"),
            TitleWithButtons(
                "name",
                list_buttons=self.get_list_buttons,
                label=_("Name"),
                sort_key="name",
                url_name=self.edit_url_name,
                get_title_id=lambda question: f"question_{question.pk}_title",
            ),
            TextColumn("idnumber", label=_("Identifier"), sort_key="idnumber"),
            TextColumn("bank", label=_("Bank")),
            TextColumn("category", label=_("Category")),
            TextColumn("type", label=_("Kind of question"), accessor=kind_of),
            TextColumn("difficulty", label=_("Difficulty"), accessor="get_difficulty_display", sort_key="difficulty"),
            TextColumn("nature", label=_("Nature"), accessor="get_nature_display", sort_key="nature"),
            TextColumn("status", label=_("Status"), accessor=status_of, sort_key="status"),
        ]

    def get_base_queryset(self) -> QuerySet[Question]:
        """Those that the reader may edit."""
        return questions_for(self.request.user).select_related("bank", "category", "current_version")

    def search_queryset(self, queryset: QuerySet[Question]) -> QuerySet[Question]:
        """Every word, diacritics and order aside."""
        return found_by(queryset, self.search_query) if self.is_searching else queryset

    def order_queryset(self, queryset: QuerySet[Question]) -> QuerySet[Question]:
        """As asked; equal ones in the order in which they were made."""
        return queryset.order_by(self.ordering or "idnumber", "pk")

    def get_list_more_buttons(self, instance: Question) -> list[Button]:
        """What can be done with one."""
        return [
            Button(_("Edit"), url=reverse("questions:edit", args=[instance.pk]), icon_name="edit", priority=10),
            Button(_("Try it"), url=reverse("try_question", args=[instance.pk]), icon_name="view", priority=20),
            Button(
                _("Versions"), url=reverse("questions:history", args=[instance.pk]), icon_name="history", priority=30
            ),
        ]


class QuestionViewSet(ModelViewSet):
    """Questions: found without diacritics, written in any of the kinds, tried, and never deleted."""

    model = Question
    name = "questions"
    url_prefix = "cau-hoi"
    icon = "help"
    menu_label = gettext_lazy("Questions")
    list_per_page = 50
    copy_view_enabled = False
    add_to_reference_index = False
    index_view_class = QuestionIndexView

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """Without deleting: a question that was asked is evidence."""
        absent = {"delete_url_name": None, "usage_url_name": None, "history_url_name": None}
        return super().get_common_view_kwargs(**{**absent, **kwargs})

    def get_urlpatterns(self) -> list[URLPattern]:
        """One address for each thing that can be done."""
        return [
            path("", self.index_view, name="index"),
            path("results/", self.index_results_view, name="index_results"),
            path("moi/", StartView.as_view(), name="add"),
            path("moi/<int:bank>/<slug:type_name>/", CreateView.as_view(), name="write"),
            path("xem-thu/", PreviewView.as_view(), name="preview"),
            path("<int:pk>/", EditView.as_view(), name="edit"),
            path("<int:pk>/lich-su/", HistoryView.as_view(), name="history"),
        ]


class StatusForm(forms.Form):
    """The status to give."""

    status = forms.ChoiceField(label=gettext_lazy("New status"), choices=Question.Status.choices)


class StatusBulkAction(BulkAction):
    """Give many questions of one's own a status."""

    display_name = gettext_lazy("Change status")
    action_type = "status"
    aria_label = gettext_lazy("Change the status of the selected questions")
    template_name = "assessments/admin/bulk_status.html"
    models = [Question]
    form_class = StatusForm

    def get_actionable_objects(self) -> tuple[list[Question], dict[str, Any]]:
        """The chosen ones that this person may edit; others are as if they were not there."""
        keys = [int(key) for key in self.request.GET.getlist("id") if key.isascii() and key.isdigit()]
        questions = questions_for(self.request.user).filter(pk__in=keys[:1000]).order_by("idnumber")
        return list(questions), {"items_with_no_access": []}

    def get_execution_context(self) -> dict[str, Any]:
        """Who, and what to give."""
        assert self.cleaned_form is not None
        return {"status": self.cleaned_form.cleaned_data["status"], "by": signed_in(self.request)}

    @classmethod
    def execute_action(cls, objects: list[Question], **kwargs: Any) -> tuple[int, int]:
        """Through the service, one by one."""
        for question in objects:
            services.set_status(question=question, status=kwargs["status"], by=kwargs["by"])
        return len(objects), 0

    def get_success_message(self, num_parent_objects: int, num_child_objects: int) -> str:
        """How many have which status now."""
        assert self.cleaned_form is not None
        label = Question.Status(self.cleaned_form.cleaned_data["status"]).label
        text = ngettext(
            "%(count)d question is “%(status)s” now.", "%(count)d questions are “%(status)s” now.", num_parent_objects
        )
        return text % {"count": num_parent_objects, "status": label}


# Choosing a question for a quiz ---------------------------------------------------------------------------------


class ChooserFilterForm(BaseFilterForm):
    """Found by its words."""

    q = forms.CharField(
        label=gettext_lazy("Search term"),
        widget=forms.TextInput(attrs={"placeholder": gettext_lazy("Search")}),
        required=False,
    )

    def filter(self, objects: QuerySet[Question]) -> QuerySet[Question]:
        """Diacritics aside."""
        self.is_searching = bool(self.cleaned_data["q"])
        self.search_query = self.cleaned_data["q"]
        return found_by(super().filter(objects), self.cleaned_data["q"])


def questions_to_choose(person: Any) -> QuerySet[Question]:
    """Ready questions of the banks that this person draws from."""
    banks = banks_to_draw_from(person)
    ready = Question.objects.filter(bank__in=banks, status=Question.Status.READY, current_version__isnull=False)
    return ready.select_related("bank", "category").order_by("bank", "idnumber")


class ChooseMixin:
    """The listing in the chooser."""

    filter_form_class = ChooserFilterForm

    def get_object_list(self) -> QuerySet[Question]:
        """What this person may put into a quiz."""
        return questions_to_choose(self.request.user)  # type: ignore[attr-defined]

    @property
    def columns(self) -> list[Column]:
        """With bank and category."""
        return [
            *super().columns,  # type: ignore[misc]
            Column("bank", label=_("Bank")),
            Column("category", label=_("Category")),
            Column("difficulty", label=_("Difficulty"), accessor="get_difficulty_display"),
        ]


class PaperRoles(RoleView):
    """For who puts quizzes together."""

    roles = (INSTRUCTOR, EXAM_OFFICER)


class ChooseView(PaperRoles, ChooseMixin, chooser.ChooseView):
    """The chooser."""


class ChooseResultsView(PaperRoles, ChooseMixin, chooser.ChooseResultsView):
    """Its results."""


class ChosenView(PaperRoles, chooser.ChosenView):
    """What was chosen; 404 for questions of others."""

    def get_object(self, pk: Any) -> Question:
        """One of those that may be chosen."""
        return get_object_or_404(questions_to_choose(self.request.user), pk=pk)


class QuestionChooserViewSet(ChooserViewSet):
    """Choosing a question for a quiz."""

    model = Question
    icon = "help"
    choose_one_text = gettext_lazy("Choose a question")
    choose_another_text = gettext_lazy("Choose another question")
    edit_item_text = gettext_lazy("Edit the question")
    register_widget = False
    per_page = 20
    choose_view_class = ChooseView
    choose_results_view_class = ChooseResultsView
    chosen_view_class = ChosenView

    def get_urlpatterns(self) -> list[URLPattern]:
        """Choosing one; nothing is made here."""
        wanted = {"choose", "choose_results", "chosen"}
        return [pattern for pattern in super().get_urlpatterns() if pattern.name in wanted]


question_chooser = QuestionChooserViewSet("question_chooser", url_prefix="cau-hoi/chon")


def may_edit_questions(request: HttpRequest) -> bool:
    """Whether the reader writes questions at all."""
    return has_any_role(request.user, [INSTRUCTOR])
