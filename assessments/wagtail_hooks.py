"""What instructors and exam officers see in the administration; the screens themselves are in `authoring`."""

from __future__ import annotations

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.viewsets.base import ViewSetGroup
from wagtail.permissions import register_permission_policy

from assessments.authoring.analysis import QuizAnalysisView
from assessments.authoring.analysis_item import ItemAnalysisView, QuestionStatisticsView, WithdrawalsView
from assessments.authoring.banks import BankViewSet
from assessments.authoring.bulk import EditBulkAction
from assessments.authoring.question_chooser import QuestionChooserViewSet, question_chooser
from assessments.authoring.questions import QuestionViewSet
from assessments.authoring.quizzes import QuizViewSet
from assessments.authoring.scope import EXAM_OFFICER, INSTRUCTOR, RolePolicy
from assessments.authoring.trial import TryView
from assessments.models import Bank, Question, Quiz
from assessments.supervising import addresses as addresses  # registers its hooks
from assessments.supervising import answer_files as answer_files  # registers its hook

register_permission_policy(Question, RolePolicy(Question, [INSTRUCTOR]))
register_permission_policy(Bank, RolePolicy(Bank, [INSTRUCTOR]))
register_permission_policy(Quiz, RolePolicy(Quiz, [INSTRUCTOR, EXAM_OFFICER]))


class QuestionsGroup(ViewSetGroup):
    """The question bank."""

    items = (QuestionViewSet, BankViewSet)
    menu_label = _("Question bank")
    menu_icon = "help"
    menu_order = 120


@hooks.register("register_admin_viewset")
def question_bank() -> QuestionsGroup:
    """Questions and banks."""
    return QuestionsGroup()


@hooks.register("register_admin_viewset")
def quizzes() -> QuizViewSet:
    """Quizzes and exams."""
    return QuizViewSet()


@hooks.register("register_admin_viewset")
def choosing_questions() -> QuestionChooserViewSet:
    """Choosing a question for a quiz."""
    return question_chooser


@hooks.register("register_admin_urls")
def analysis_urls() -> list[URLPattern]:
    """Item analysis: of a quiz, of a question in it, of a question over all quizzes, and what it proposes."""
    return [
        path("de-thi/<int:pk>/phan-tich/", QuizAnalysisView.as_view(), name="quiz_analysis"),
        path("de-thi/<int:pk>/phan-tich/<int:item>/", ItemAnalysisView.as_view(), name="item_analysis"),
        path("cau-hoi/<int:pk>/ket-qua/", QuestionStatisticsView.as_view(), name="question_statistics"),
        path("cau-hoi/de-xuat-rut/", WithdrawalsView.as_view(), name="withdrawals"),
    ]


@hooks.register("register_admin_urls")
def admin_urls() -> list[URLPattern]:
    """Trying a question."""
    return [path("cau-hoi/<int:pk>/thu/", TryView.as_view(), name="try_question")]


hooks.register("register_bulk_action", EditBulkAction)
