"""The versions of a question: listed, compared, and an old one taken up again."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments import services
from assessments.authoring.comparing import compare
from assessments.authoring.question_views import QuestionPage, in_review_again, question_of
from assessments.authoring.scope import RoleView
from assessments.exceptions import InvalidQuestion
from assessments.models import Question, QuestionVersion
from assessments.question_types import get_type
from people.permissions import signed_in

MOST_VERSIONS = 100


class HistoryView(QuestionPage):
    """The versions of a question, newest first, and the steps of its review."""

    template_name = "assessments/admin/question_history.html"
    page_title = gettext_lazy("Versions")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Who made which when, and why."""
        question = question_of(self.request, self.kwargs["pk"])
        self.subtitle = question.name
        versions = list(question.versions.select_related("created_by").order_by("-number")[:MOST_VERSIONS])
        rows = [
            {"version": row, "asks": get_type(row.type).search_text(get_type(row.type).Body.model_validate(row.body))}
            for row in versions
        ]
        return super().get_context_data(question=question, rows=rows, steps=steps_of(question), **kwargs)


def steps_of(question: Question) -> Any:
    """What the review did, newest first."""
    return question.reviews.select_related("by", "version").order_by("-at", "-pk")[:MOST_VERSIONS]


def _version(question: Question, number: str) -> QuestionVersion:
    if not (number.isascii() and number.isdigit() and len(number) < 8):
        raise Http404
    return get_object_or_404(question.versions.select_related("created_by"), number=int(number))


class CompareView(QuestionPage):
    """Two versions, field by field."""

    template_name = "assessments/admin/question_compare.html"
    page_title = gettext_lazy("What changed")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The earlier and the later one of the two."""
        question = question_of(self.request, self.kwargs["pk"])
        self.subtitle = question.name
        chosen = [_version(question, self.request.GET.get(name, "")) for name in ("from", "to")]
        before, after = sorted(chosen, key=lambda version: version.number)
        rows = compare(before, after)
        return super().get_context_data(
            question=question,
            before=before,
            after=after,
            changed=[row for row in rows if row.is_changed],
            same=[row for row in rows if not row.is_changed],
            **kwargs,
        )


class RestoreView(RoleView):
    """An old version becomes the newest."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A version more; nothing is lost."""
        question = question_of(request, pk)
        version = _version(question, request.POST.get("version", ""))
        facts = {"number": version.number}
        try:
            revision = services.restore_version(
                question=question, version=version, by=signed_in(request), at=timezone.now()
            )
        except InvalidQuestion as refusal:
            reason = _("Version %(number)d cannot be restored: %(reason)s") % {**facts, "reason": refusal}
            messages.error(request, reason)
            return redirect("questions:history", pk=pk)
        if revision.is_new_version:
            done = _("Version %(number)d is restored as version %(new)d.")
            messages.success(request, done % {**facts, "new": revision.version.number})
        else:
            messages.info(request, _("Version %(number)d says what the current one says.") % facts)
        if revision.is_in_review_again:
            messages.warning(request, in_review_again())
        return redirect("questions:history", pk=pk)
