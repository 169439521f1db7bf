"""What the pages about one exam share: whose it is, and where one is."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from assessments.authoring.scope import EXAM_OFFICER, RoleView
from assessments.models import Quiz
from assessments.permissions import boards_for, quizzes_to_supervise
from people.models import Person
from people.permissions import signed_in


class OfficerPage(RoleView, WagtailAdminTemplateMixin, TemplateView):
    """A page for exam officers; anybody else gets 403."""

    roles = (EXAM_OFFICER,)

    @cached_property
    def by(self) -> Person:
        """Who looks or acts."""
        return signed_in(self.request)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Exams, this."""
        return [
            *self.breadcrumbs_items,
            {"url": reverse("supervision"), "label": _("Exam supervision")},
            {"url": "", "label": self.get_page_title()},
        ]


class ExamPage(OfficerPage):
    """A page about one exam that the officer has a board of; 404 for others."""

    whole = False  # whether it is only for who supervises everybody in the exam

    @cached_property
    def quiz(self) -> Quiz:
        """The exam."""
        quiz = get_object_or_404(
            boards_for(self.request.user).select_related("current_version", "bank__unit"), pk=self.kwargs["quiz"]
        )
        if self.whole and not self.is_whole:
            raise PermissionDenied(_("Only who supervises the whole exam may do this."))
        return quiz

    @cached_property
    def is_whole(self) -> bool:
        """Whether the officer supervises everybody in it."""
        return quizzes_to_supervise(self.request.user).filter(pk=self.kwargs["quiz"]).exists()

    def get_page_subtitle(self) -> str:
        """Which exam."""
        return self.quiz.title

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Exams, the board, this."""
        *above, here = super().get_breadcrumbs_items()
        board = {"url": reverse("supervision_board", args=[self.quiz.pk]), "label": self.quiz.title}
        return [*above, board, here]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the exam."""
        # The address brings the number of the exam under the same name.
        return super().get_context_data(**{**kwargs, "quiz": self.quiz, "is_whole": self.is_whole})
