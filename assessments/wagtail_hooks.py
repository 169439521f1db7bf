"""What instructors and exam officers see in the administration."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods
from wagtail import hooks
from wagtail.admin.panels import FieldPanel, InlinePanel, MultiFieldPanel
from wagtail.admin.widgets.button import Button
from wagtail.snippets import widgets as snippet_widgets
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from assessments.exceptions import InfeasibleMatrix
from assessments.grading.engine import QuestionDefinition, grade
from assessments.models import Bank, Question, Quiz
from assessments.permissions import banks_for, questions_for
from assessments.question_types import get_type
from assessments.services import publish_quiz
from common.vietnamese import fold


class QuestionViewSet(SnippetViewSet):
    """Questions: found without diacritics, sorted into categories, given a status; each can be tried."""

    model = Question
    icon = "help"
    menu_label = _("Questions")
    list_display = ["idnumber", "name", "category", "difficulty", "nature", "status"]
    list_filter = ["bank", "status", "difficulty", "nature", "exam_only"]
    search_fields = ["search_text"]
    list_per_page = 50
    copy_view_enabled = False
    panels = [
        MultiFieldPanel([FieldPanel("name"), FieldPanel("category"), FieldPanel("status")], heading=_("What it is")),
        MultiFieldPanel(
            [FieldPanel("difficulty"), FieldPanel("nature"), FieldPanel("outcome"), FieldPanel("competences")],
            heading=_("What it is for"),
        ),
        FieldPanel("exam_only"),
        FieldPanel("tags"),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Question]:
        """Questions of the banks that this person may edit."""
        return questions_for(request.user).select_related("category", "bank")


class BankViewSet(SnippetViewSet):
    """Banks."""

    model = Bank
    icon = "folder-open-inverse"
    menu_label = _("Banks")
    list_display = ["title", "slug", "unit"]
    panels = [FieldPanel("title"), FieldPanel("slug"), FieldPanel("unit")]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Bank]:
        """Banks that this person may edit."""
        return banks_for(request.user).select_related("unit")


class QuestionsGroup(SnippetViewSetGroup):
    """The question bank."""

    items = (QuestionViewSet, BankViewSet)
    menu_label = _("Question bank")
    menu_icon = "help"
    menu_order = 120


class QuizViewSet(SnippetViewSet):
    """Quizzes: rules, fixed questions and the matrix; saving publishes what the bank can fill."""

    model = Quiz
    icon = "form"
    menu_label = _("Quizzes and exams")
    add_to_admin_menu = True
    menu_order = 130
    list_display = ["title", "kind", "pass_percent", "time_limit_seconds", "attempts_allowed"]
    list_filter = ["kind", "bank"]
    search_fields = ["title", "slug"]
    copy_view_enabled = False
    panels = [
        MultiFieldPanel(
            [FieldPanel(name) for name in ("title", "title_en", "slug", "kind", "bank")], heading=_("What it is")
        ),
        MultiFieldPanel(
            [
                FieldPanel(name)
                for name in (
                    "pass_percent",
                    "time_limit_seconds",
                    "grace_seconds",
                    "attempts_allowed",
                    "attempt_grade",
                    "opens_at",
                    "closes_at",
                    "shuffle_questions",
                    "shuffle_choices",
                    "feedback",
                )
            ],
            heading=_("Rules"),
        ),
        InlinePanel(
            "draws",
            heading=_("Matrix"),
            panels=[
                FieldPanel(name) for name in ("bank", "category", "difficulty", "nature", "outcome", "count", "mark")
            ],
        ),
        InlinePanel(
            "fixed_questions",
            heading=_("Fixed questions"),
            panels=[
                FieldPanel("question", widget=snippet_widgets.AdminSnippetChooser(Question)),
                FieldPanel("mark"),
            ],
        ),
    ]


register_snippet(QuestionsGroup)
register_snippet(QuizViewSet)


@hooks.register("after_create_snippet")
@hooks.register("after_edit_snippet")
def publish_saved_quiz(request: HttpRequest, instance: object) -> None:
    """A saved quiz is published; what the bank cannot fill is named, and sittings keep the version before."""
    if isinstance(instance, Quiz):
        try:
            version = publish_quiz(quiz=instance, by=request.user, at=timezone.now())
        except InfeasibleMatrix as problem:
            messages.error(request, str(problem))
        else:
            messages.success(request, _("Published as version %(number)d.") % {"number": version.number})


@hooks.register("after_edit_snippet")
def keep_question_search_text(request: HttpRequest, instance: object) -> None:
    """A renamed question is found by its new name."""
    if isinstance(instance, Question) and instance.current_version is not None:
        question_type = get_type(instance.current_version.type)
        text = question_type.search_text(question_type.Body.model_validate(instance.current_version.body))
        Question.objects.filter(pk=instance.pk).update(search_text=fold(f"{instance.idnumber} {instance.name} {text}"))


@hooks.register("register_admin_urls")
def admin_urls() -> list[URLPattern]:
    """Trying a question."""
    return [path("cau-hoi/<int:pk>/thu/", try_question, name="try_question")]


@hooks.register("construct_snippet_listing_buttons")
def offer_trial(buttons: list[Any], snippet: Any, user: Any) -> None:
    """A button beside each question."""
    if isinstance(snippet, Question):
        url = reverse("try_question", args=[snippet.pk])
        buttons.append(Button(_("Try it"), url, priority=15, icon_name="view"))


@require_http_methods(["GET", "POST"])
def try_question(request: HttpRequest, pk: int) -> HttpResponse:
    """The question exactly as a candidate sees it; an answer is marked on the spot and kept nowhere."""
    question = get_object_or_404(
        questions_for(request.user).select_related("current_version"), pk=pk, current_version__isnull=False
    )
    version = question.current_version
    assert version is not None
    question_type = get_type(version.type)
    body = question_type.Body.model_validate(version.body)
    raw: dict[str, Any] = {}
    outcome = None
    if request.method == "POST":
        raw = question_type.parse_form({key: request.POST.getlist(key) for key in request.POST}, "q1", body)
        outcome = grade(QuestionDefinition(version.type, version.body, version.digest), raw)
    view = question_type.view(body, question_type.Response.model_validate(raw), {})
    context = {
        "question": question,
        "version": version,
        "body": body,
        "view": view,
        "slot": {"slot": 1, "body": body},
        "outcome": outcome,
        "template": question_type.result_template if outcome else question_type.template,
    }
    return render(request, "assessments/try_question.html", context)
