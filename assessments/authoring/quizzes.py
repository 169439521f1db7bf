"""Quizzes and exams in the administration: the listing, editing and publishing, and a sample of the paper."""

from __future__ import annotations

import secrets
from typing import Any

import django_filters
from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.admin.widgets.button import Button, HeaderButton

from assessments import services
from assessments.authoring.form_fields import written
from assessments.authoring.questions import TitleWithButtons
from assessments.authoring.quiz_form import QUIZ_PANELS
from assessments.authoring.sample import sample_paper
from assessments.authoring.scope import EXAM_OFFICER, INSTRUCTOR, RoleView
from assessments.authoring.trial import as_candidate
from assessments.exceptions import InfeasibleMatrix
from assessments.models import Quiz
from assessments.permissions import banks_to_draw_from, quizzes_for
from common.admin import TextColumn
from common.locking import lock_row
from common.vietnamese import fold
from people.permissions import signed_in


class PaperView(RoleView):
    """A view for who puts quizzes together."""

    roles = (INSTRUCTOR, EXAM_OFFICER)


def own_banks(request: Any) -> QuerySet[Any]:
    """Banks that the reader draws from."""
    return banks_to_draw_from(request.user)


class QuizFilterSet(WagtailFilterSet):
    """By kind and bank."""

    kind = django_filters.ChoiceFilter(
        label=gettext_lazy("Kind"), choices=Quiz.Kind.choices, empty_label=gettext_lazy("Any")
    )
    bank = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Bank"), queryset=own_banks, empty_label=gettext_lazy("Any")
    )

    class Meta:
        model = Quiz
        fields: list[str] = []


def minutes_of(quiz: Quiz) -> str:
    """The time limit in words."""
    if quiz.time_limit_seconds is None:
        return _("no limit")
    return _("%(minutes)s minutes") % {"minutes": written(quiz.time_limit_seconds / 60)}


def state_of(quiz: Quiz) -> str:
    """Which version candidates get."""
    version = quiz.current_version
    return _("version %(number)d") % {"number": version.number} if version else _("not published")


class QuizIndexView(PaperView, generic.IndexView):
    """Quizzes of the reader's banks."""

    page_title = gettext_lazy("Quizzes and exams")
    add_item_label = gettext_lazy("Make a quiz or exam")
    search_fields = ["title", "slug"]
    filterset_class = QuizFilterSet
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
            TextColumn("kind", label=_("Kind"), accessor="get_kind_display", sort_key="kind"),
            TextColumn("bank", label=_("Bank")),
            TextColumn(
                "pass_percent", label=_("Pass mark (%)"), accessor=lambda quiz: written(float(quiz.pass_percent))
            ),
            TextColumn("time", label=_("Time"), accessor=minutes_of),
            TextColumn("published", label=_("Published"), accessor=state_of),
        ]

    def get_base_queryset(self) -> QuerySet[Quiz]:
        """Those that the reader may edit."""
        return quizzes_for(self.request.user).select_related("bank", "current_version")

    def search_queryset(self, queryset: QuerySet[Quiz]) -> QuerySet[Quiz]:
        """By the words of the title, diacritics aside. Quizzes are few: their titles are folded here."""
        if not self.is_searching:
            return queryset
        words = fold(self.search_query).split()[:8]
        titles = queryset.values_list("pk", "title", "slug")
        found = [key for key, title, slug in titles if all(word in fold(f"{title} {slug}") for word in words)]
        return queryset.filter(pk__in=found)

    def get_list_more_buttons(self, instance: Quiz) -> list[Button]:
        """What can be done with one."""
        return [
            Button(_("Edit"), url=reverse("quizzes:edit", args=[instance.pk]), icon_name="edit", priority=10),
            Button(_("Sample paper"), url=reverse("quizzes:paper", args=[instance.pk]), icon_name="view", priority=20),
            Button(_("Analysis"), url=reverse("quiz_analysis", args=[instance.pk]), icon_name="table", priority=30),
        ]


class QuizWrite(PaperView):
    """What making and editing share: saving publishes what the bank can fill."""

    def save_instance(self) -> Quiz:
        """Save, publish, and say which; what the bank cannot fill is named, and sittings keep the version before."""
        quiz: Quiz = self.form.save()  # type: ignore[attr-defined]
        request: HttpRequest = self.request
        try:
            version = services.publish_quiz(quiz=quiz, by=signed_in(request), at=timezone.now())
        except InfeasibleMatrix as problem:
            messages.warning(request, _("Saved, but not published. %(reason)s") % {"reason": problem})
        else:
            messages.success(request, _("Saved and published as version %(number)d.") % {"number": version.number})
        return quiz

    def get_success_message(self, *args: Any) -> None:
        """Said when publishing."""

    def get_success_url(self) -> str:
        """The quiz again."""
        return reverse("quizzes:edit", args=[self.object.pk])  # type: ignore[attr-defined]


class QuizCreateView(QuizWrite, generic.CreateView):
    """A new quiz."""

    page_title = gettext_lazy("Make a quiz or exam")
    error_message = gettext_lazy("The quiz could not be made; see what is marked.")


class QuizEditView(QuizWrite, generic.EditView):
    """A quiz with what its bank lacks."""

    template_name = "assessments/admin/quiz_edit.html"
    error_message = gettext_lazy("The quiz could not be saved; see what is marked.")

    def get_object(self, queryset: Any = None) -> Quiz:
        """404 for quizzes of others."""
        return get_object_or_404(quizzes_for(self.request.user).select_related("current_version"), pk=self.kwargs["pk"])

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Under the row's lock, so that of two authors who save at once the second is told."""
        with transaction.atomic():
            lock_row(Quiz.objects.filter(pk=self.kwargs["pk"]))
            response: HttpResponse = super().post(request, *args, **kwargs)
        return response

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        """The sample."""
        url = reverse("quizzes:paper", args=[self.object.pk])
        analysis = reverse("quiz_analysis", args=[self.object.pk])
        return [
            HeaderButton(_("Sample paper"), url=url, icon_name="view", priority=10),
            HeaderButton(_("Analysis"), url=analysis, icon_name="table", priority=20),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the rows that cannot be filled."""
        saved = Quiz.objects.get(pk=self.object.pk)
        return super().get_context_data(lacks=services.named_shortages(saved), saved=saved, **kwargs)


class SamplePaperView(PaperView):
    """A paper as a candidate would get it, drawn for this page alone and stored nowhere."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """One draw; another with every visit."""
        quiz = get_object_or_404(quizzes_for(request.user), pk=pk)
        slots, refusal = [], ""
        try:
            slots = sample_paper(quiz, seed=secrets.token_hex(8))
        except InfeasibleMatrix as problem:
            refusal = str(problem)
        total = sum(1 for slot in slots if slot.number is not None)
        context = {"quiz": quiz, "slots": slots, "total": total, "refusal": refusal, "minutes": minutes_of(quiz)}
        return as_candidate(request, "assessments/admin/sample_paper.html", context)


class QuizViewSet(ModelViewSet):
    """Quizzes and exams."""

    model = Quiz
    name = "quizzes"
    url_prefix = "de-thi"
    icon = "form"
    menu_label = gettext_lazy("Quizzes and exams")
    add_to_admin_menu = True
    menu_order = 130
    list_per_page = 50
    copy_view_enabled = False
    add_to_reference_index = False
    index_view_class = QuizIndexView
    add_view_class = QuizCreateView
    edit_view_class = QuizEditView
    index_template_name = "people/admin/listing.html"
    edit_handler = QUIZ_PANELS

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """Without deleting: a quiz that was sat is evidence."""
        absent = {"delete_url_name": None, "usage_url_name": None, "history_url_name": None}
        return super().get_common_view_kwargs(**{**absent, **kwargs})

    def get_urlpatterns(self) -> list[URLPattern]:
        """The list, making, editing, the sample."""
        return [
            path("", self.index_view, name="index"),
            path("results/", self.index_results_view, name="index_results"),
            path("moi/", self.add_view, name="add"),
            path("<int:pk>/", self.edit_view, name="edit"),
            path("<int:pk>/de-mau/", SamplePaperView.as_view(), name="paper"),
        ]
