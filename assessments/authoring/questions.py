"""Questions in the administration: the listing with what can be done from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import BulkActionsCheckboxColumn, ButtonsColumnMixin, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.admin.widgets.button import Button

from assessments.authoring.bulk import BulkEditView
from assessments.authoring.history import CompareView, HistoryView, RestoreView
from assessments.authoring.pictures import PictureView
from assessments.authoring.question_filters import QuestionFilterSet, filters_of, found_by
from assessments.authoring.question_views import CreateView, EditView, StartView
from assessments.authoring.review import ReviewListView, ReviewView
from assessments.authoring.scope import RoleView
from assessments.authoring.trial import PreviewView
from assessments.models import Question
from assessments.permissions import questions_for
from assessments.question_types import get_type
from common.admin import TextColumn


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
    results_template_name = "assessments/admin/questions_results.html"
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
        rows = questions_for(self.request.user).select_related("bank", "category", "current_version")
        # Texts are wide: sorted along, they would make a deep page several times slower.
        return rows.defer("current_version__body", "search_text")

    def search_queryset(self, queryset: QuerySet[Question]) -> QuerySet[Question]:
        """Every word, diacritics and order aside."""
        return found_by(queryset, self.search_query) if self.is_searching else queryset

    def order_queryset(self, queryset: QuerySet[Question]) -> QuerySet[Question]:
        """As asked; equal ones in the order in which they were made."""
        return queryset.order_by(self.ordering or "idnumber", "pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the address of what is listed, for what is done with all of it."""
        return super().get_context_data(listed=filters_of(self.request.GET), **kwargs)

    @cached_property
    def header_more_buttons(self) -> list[Button]:
        """Beside the list."""
        return [
            Button(_("Waiting for my review"), url=reverse("questions:reviews"), icon_name="check", priority=10),
            Button(_("Proposed for withdrawal"), url=reverse("withdrawals"), icon_name="warning", priority=20),
        ]

    def get_list_more_buttons(self, instance: Question) -> list[Button]:
        """What can be done with one."""
        return [
            Button(_("Edit"), url=reverse("questions:edit", args=[instance.pk]), icon_name="edit", priority=10),
            Button(_("Try it"), url=reverse("try_question", args=[instance.pk]), icon_name="view", priority=20),
            Button(
                _("Versions"), url=reverse("questions:history", args=[instance.pk]), icon_name="history", priority=30
            ),
            Button(_("Review"), url=reverse("questions:review", args=[instance.pk]), icon_name="check", priority=40),
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
            path("<int:pk>/lich-su/so-sanh/", CompareView.as_view(), name="compare"),
            path("<int:pk>/lich-su/khoi-phuc/", RestoreView.as_view(), name="restore"),
            path("<int:pk>/duyet/", ReviewView.as_view(), name="review"),
            path("cho-duyet/", ReviewListView.as_view(), name="reviews"),
            path("sua-hang-loat/", BulkEditView.as_view(), name="bulk_edit"),
            path("hinh/<int:bank>/", PictureView.as_view(), name="pictures"),
        ]
