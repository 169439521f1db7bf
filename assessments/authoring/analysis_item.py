"""One question in the analysis: in a quiz, over all its quizzes, and what its figures propose."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments import services
from assessments.analysis.distractors import choice_figures, choices_of, curve, right_choices
from assessments.analysis.following import follow
from assessments.analysis.tally import NO_ANSWER, item_from_json
from assessments.authoring.analysis import AnalysisPage, percent_of, said
from assessments.authoring.analysis_charts import SHARES, characteristic, choice_lines, group_ticks
from assessments.authoring.question_views import QuestionPage, question_of
from assessments.exceptions import ReviewRefused
from assessments.models import ItemAnalysis, QuestionVersion, QuizAnalysis, WithdrawalProposal
from assessments.permissions import questions_for, quizzes_for
from assessments.question_types import get_type
from common.html import plain_text
from people.permissions import signed_in

PER_PAGE = 50


def choice_texts(version: QuestionVersion) -> dict[str, tuple[str, str]]:
    """(letter, text) of each choice as its author wrote them; of no answer too."""
    texts: dict[str, tuple[str, str]] = {NO_ANSWER: ("–", _("No answer"))}
    if version.type == "true_false":
        texts |= {"true": (_("True"), ""), "false": (_("False"), "")}
    for place, choice in enumerate(version.body.get("choices", ()) if version.type != "true_false" else ()):
        if isinstance(choice, dict) and "id" in choice:
            texts[choice["id"]] = (chr(ord("A") + place), plain_text(choice.get("text", "")))
    return texts


class DecisionForm(forms.Form):
    """Why it stays, or goes."""

    comment = forms.CharField(
        label=gettext_lazy("Comment"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Needed when the question stays."),
    )


class ItemAnalysisView(AnalysisPage):
    """A version of a question in a version of a quiz."""

    template_name = "assessments/admin/analysis_item.html"
    page_title = gettext_lazy("Analysis of a question")

    @cached_property
    def item(self) -> ItemAnalysis:
        """The row; 404 when it is of another quiz."""
        rows = ItemAnalysis.objects.select_related("analysis__quiz_version", "question_version__question__category")
        return get_object_or_404(rows, pk=self.kwargs["item"], analysis__quiz_version__quiz=self.quiz)

    @cached_property
    def may_decide(self) -> bool:
        """Whether the question is one of the reader's own banks."""
        return questions_for(self.request.user).filter(pk=self.item.question_version.question_id).exists()

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """With the analysis of the quiz before the question."""
        *above, _last = super().get_breadcrumbs_items()
        number = self.item.analysis.quiz_version.number
        url = f"{reverse('quiz_analysis', args=[self.quiz.pk])}?version={number}"
        return [
            *above,
            {"url": url, "label": _("Analysis")},
            {"url": "", "label": self.item.question_version.question.name},
        ]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Decide on the proposal."""
        proposal = get_object_or_404(
            WithdrawalProposal,
            pk=request.POST.get("proposal") if str(request.POST.get("proposal")).isdecimal() else 0,
            question_version=self.item.question_version,
            question_version__question__in=questions_for(request.user),
        )
        withdraw = request.POST.get("decision") == "withdraw"
        form = DecisionForm(request.POST)
        if form.is_valid():
            try:
                services.decide_withdrawal(
                    proposal=proposal,
                    withdraw=withdraw,
                    by=signed_in(request),
                    at=timezone.now(),
                    comment=form.cleaned_data["comment"],
                )
            except ReviewRefused as refusal:
                form.add_error("comment", str(refusal))
            else:
                done = _("The question is withdrawn: no new paper gets it.") if withdraw else _("The question stays.")
                messages.success(request, done)
                return redirect(request.path)
        return self.render_to_response(self.get_context_data(decision=form, **kwargs))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Figures, both charts with their tables, and the proposal."""
        kwargs.pop("item", None)  # the one of the address; what is shown is the row
        item, version = self.item, self.item.question_version
        counts = item_from_json(item.counts)
        texts = choice_texts(version)
        choices = choices_of(version.type, version.body)
        chosen = choice_figures(counts, choices) if choices is not None else []
        right = right_choices(version.type, version.body) if choices is not None else set()
        groups = curve(counts)
        letters = {key: letter for key, (letter, _text) in texts.items()}
        lines = choice_lines(chosen, letters, right)
        proposals = WithdrawalProposal.objects.filter(question_version=version).select_related("decided_by")
        kwargs.setdefault("decision", DecisionForm())
        return super().get_context_data(
            quiz=self.quiz,
            item=item,
            version=version,
            question=version.question,
            kind=get_type(version.type).label,
            asks=plain_text(version.body.get("stem", "")),
            facility=percent_of(item.facility, 1),
            guess=percent_of(item.random_guess, 1),
            flags=said(item.flags, letters),
            choices=[
                {
                    "figures": one,
                    "letter": texts[one.choice][0],
                    "text": texts[one.choice][1],
                    "is_right": one.choice in right,
                    "share": 100 * one.share,
                    "by_group": [100 * share for share in one.by_group],
                    "line": line,
                }
                for one, line in zip(chosen, lines, strict=True)
            ],
            groups=[
                {"number": number, "n": group.n, "mean_rest": group.mean_rest, "facility": 100 * group.facility}
                for number, group in enumerate(groups, start=1)
            ],
            group_ticks=group_ticks(len(chosen[0].by_group)) if chosen else [],
            group_count=len(chosen[0].by_group) if chosen else 0,
            shares=SHARES,
            curve=characteristic(groups, item.calibration),
            models=sorted(item.calibration.items()),
            proposals=list(proposals),
            may_decide=self.may_decide,
            **kwargs,
        )


class QuestionStatisticsView(QuestionPage):
    """A question through its versions and quizzes, practice and exams apart."""

    template_name = "assessments/admin/analysis_question.html"
    page_title = gettext_lazy("How it did")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """A row for each version in each quiz, and each version over all of them."""
        question = question_of(self.request, self.kwargs["pk"])
        self.subtitle = question.name
        rows = ItemAnalysis.objects.filter(question_version__question=question).select_related(
            "question_version", "analysis__quiz_version__quiz"
        )
        rows = rows.order_by("-question_version__number", "-analysis__quiz_version__published_at", "-pk")
        mine = set(quizzes_for(self.request.user).values_list("pk", flat=True))
        apart: dict[tuple[int, str], list[Any]] = {}
        listed = []
        for item in rows:
            version, analysis = item.question_version, item.analysis
            apart.setdefault((version.number, analysis.context), []).append(item_from_json(item.counts))
            quiz = analysis.quiz_version.quiz
            listed.append(
                {
                    "item": item,
                    "quiz": quiz,
                    "may_open": quiz.pk in mine,
                    "facility": percent_of(item.facility, 1),
                    "flags": said(item.flags),
                }
            )
        contexts = dict(QuizAnalysis.Context.choices)
        followed = []
        for (number, context), items in sorted(apart.items(), key=lambda pair: (-pair[0][0], pair[0][1])):
            figures = follow(items)
            followed.append(
                {
                    "number": number,
                    "context": contexts[context],
                    "quizzes": len(items),
                    "figures": figures,
                    "facility": percent_of(figures.facility, 1),
                    "sd": percent_of(figures.sd, 1),
                }
            )
        return super().get_context_data(question=question, rows=listed, followed=followed, **kwargs)


class WithdrawalsView(QuestionPage):
    """Proposals to withdraw questions of the reader, newest first."""

    template_name = "assessments/admin/analysis_withdrawals.html"
    page_title = gettext_lazy("Proposed for withdrawal")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The rows, with the page where each is decided."""
        rows = WithdrawalProposal.objects.filter(
            state=WithdrawalProposal.State.PROPOSED, question_version__question__in=questions_for(self.request.user)
        ).select_related("question_version__question__bank", "quiz_version__quiz")
        page = Paginator(rows.order_by("-proposed_at", "-pk"), PER_PAGE).get_page(self.request.GET.get("p"))
        found = ItemAnalysis.objects.filter(
            question_version__in=[row.question_version_id for row in page],
            analysis__quiz_version__in=[row.quiz_version_id for row in page],
        ).values_list("question_version_id", "analysis__quiz_version_id", "pk")
        items = {(version, quiz): pk for version, quiz, pk in found}
        mine = set(quizzes_for(self.request.user).values_list("pk", flat=True))
        listed = [
            {
                "proposal": row,
                "item": items.get((row.question_version_id, row.quiz_version_id))
                if row.quiz_version.quiz_id in mine
                else None,
                "flags": said(
                    row.flags, {key: letter for key, (letter, _) in choice_texts(row.question_version).items()}
                ),
            }
            for row in page
        ]
        return super().get_context_data(page=page, rows=listed, before="", **kwargs)
