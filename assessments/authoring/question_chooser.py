"""Choosing a question for a quiz: ready ones of the banks that the reader draws from."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import URLPattern
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.forms.choosers import BaseFilterForm
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import chooser
from wagtail.admin.viewsets.chooser import ChooserViewSet

from assessments.authoring.question_filters import found_by
from assessments.authoring.scope import EXAM_OFFICER, INSTRUCTOR, RoleView
from assessments.models import Question
from assessments.permissions import banks_to_draw_from


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
