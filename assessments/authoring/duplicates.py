"""Questions of a bank that say the same: seen in groups, one kept and the others retired."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy, ngettext

from assessments import services
from assessments.authoring.bank_page import BankPage
from assessments.models import Bank, Question, QuizQuestion, SlotGrade
from assessments.services.bank import NOTHING_SAID
from people.permissions import signed_in

PER_PAGE = 20


def keys_twice(bank: Bank) -> Any:
    """Texts that more than one question of the bank has, retired ones aside."""
    rows = (
        Question.objects.filter(bank=bank)
        .exclude(text_key__in=["", NOTHING_SAID])
        .exclude(status=Question.Status.RETIRED)
    )
    return rows.order_by("text_key").values("text_key").annotate(count=Count("pk")).filter(count__gt=1)


class DuplicatesView(BankPage):
    """Group by group, which one to keep."""

    template_name = "assessments/admin/duplicates.html"
    page_title = gettext_lazy("Duplicates")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Keep one of a group."""
        keep = get_object_or_404(
            self.bank.questions.exclude(text_key__in=["", NOTHING_SAID]), pk=_number(request.POST.get("keep", ""))
        )
        retired = services.keep_one_of(keep=keep, by=signed_in(request), at=timezone.now())
        text = ngettext(
            "“%(name)s” stays; %(count)d question is retired.",
            "“%(name)s” stays; %(count)d questions are retired.",
            retired,
        )
        messages.success(request, text % {"name": keep.name, "count": retired})
        return redirect("banks:duplicates", pk=self.bank.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The groups of one page; the same number of queries for any number of them."""
        page = Paginator(keys_twice(self.bank), PER_PAGE).get_page(self.request.GET.get("p"))
        keys = [row["text_key"] for row in page]
        questions = (
            Question.objects.filter(bank=self.bank, text_key__in=keys)
            .exclude(status=Question.Status.RETIRED)
            .select_related("category", "current_version")
            .order_by("text_key", "created_at", "pk")
        )
        found = list(questions)
        pks = [question.pk for question in found]
        grades = SlotGrade.objects.filter(question_version__question__in=pks).order_by()
        answered = dict(grades.values_list("question_version__question").annotate(n=Count("pk")))
        fixed = dict(
            QuizQuestion.objects.filter(question__in=pks).order_by().values_list("question").annotate(n=Count("pk"))
        )
        groups: dict[str, list[dict[str, Any]]] = {key: [] for key in keys}
        for question in found:
            facts = {"question": question, "answered": answered.get(question.pk, 0), "fixed": fixed.get(question.pk, 0)}
            groups[question.text_key].append(facts)
        for rows in groups.values():
            best = max(rows, key=_worth)
            best["is_best"] = True
        return super().get_context_data(page=page, groups=list(groups.values()), **kwargs)


def _worth(row: dict[str, Any]) -> tuple[bool, bool, int]:
    """What speaks for keeping a question: a quiz names it, it is ready, it was answered; then the oldest."""
    return bool(row["fixed"]), row["question"].status == Question.Status.READY, row["answered"]


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0
