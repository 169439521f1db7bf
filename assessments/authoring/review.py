"""Reviewing questions: the list of what waits for the reader, and deciding on one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments import services
from assessments.authoring.comparing import compare, fields_of
from assessments.authoring.history import steps_of
from assessments.authoring.question_views import QuestionPage, question_of
from assessments.exceptions import ReviewRefused
from assessments.models import Question, QuestionReview, QuestionVersion
from assessments.permissions import questions_for
from people.permissions import signed_in

PER_PAGE = 50


def waiting_for(person: Any) -> QuerySet[Question]:
    """Questions in review that this person may approve: written by somebody else, or in a bank that trusts authors."""
    waiting = questions_for(person).filter(status=Question.Status.IN_REVIEW, current_version__isnull=False)
    return waiting.filter(
        Q(bank__self_approval=True)
        | Q(current_version__created_by__isnull=True)
        | ~Q(current_version__created_by=person)
    )


class ReviewListView(QuestionPage):
    """What waits for the reader, longest first."""

    template_name = "assessments/admin/reviews.html"
    page_title = gettext_lazy("Waiting for my review")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The rows, and how many of one's own wait for others."""
        person = signed_in(self.request)
        rows = waiting_for(person).select_related("bank", "category", "current_version__created_by")
        mine = questions_for(person).filter(status=Question.Status.IN_REVIEW, current_version__created_by=person)
        page = Paginator(rows.order_by("updated_at", "pk"), PER_PAGE).get_page(self.request.GET.get("p"))
        own = mine.filter(bank__self_approval=False).count()
        return super().get_context_data(page=page, own=own, **kwargs)


class StepForm(forms.Form):
    """The next status, and why."""

    comment = forms.CharField(
        label=gettext_lazy("Comment"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("What the author should change, or what you looked at. It stays with the question."),
    )


STEPS = {
    Question.Status.DRAFT: [(Question.Status.IN_REVIEW, gettext_lazy("Send to review"))],
    Question.Status.IN_REVIEW: [
        (Question.Status.READY, gettext_lazy("Approve")),
        (Question.Status.DRAFT, gettext_lazy("Send back to the author")),
    ],
    Question.Status.READY: [
        (Question.Status.RETIRED, gettext_lazy("Retire")),
        (Question.Status.IN_REVIEW, gettext_lazy("Review again")),
    ],
    Question.Status.RETIRED: [(Question.Status.IN_REVIEW, gettext_lazy("Bring back to review"))],
}


class ReviewView(QuestionPage):
    """The question as it stands, what changed since it was last approved, what was said, and the next step."""

    template_name = "assessments/admin/review.html"
    page_title = gettext_lazy("Review")
    form: StepForm

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """To decide."""
        self.form = StepForm()
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Take a step about the version that was looked at."""
        question = question_of(request, self.kwargs["pk"])
        self.form = StepForm(request.POST)
        status = request.POST.get("step", "")
        if request.POST.get("version") != str(question.current_version_id):
            self.form.add_error(None, _("There is a newer version: look at it first."))
        elif status not in dict(STEPS[Question.Status(question.status)]):
            self.form.add_error(None, _("Somebody took a step meanwhile: look at the question as it is now."))
        elif self.form.is_valid():
            comment = self.form.cleaned_data["comment"]
            try:
                moved = services.set_status(
                    question=question, status=status, by=signed_in(request), at=timezone.now(), comment=comment
                )
            except ReviewRefused as refusal:
                self.form.add_error("comment" if status == Question.Status.DRAFT else None, str(refusal))
            else:
                facts = {"name": moved.name, "status": moved.get_status_display()}
                messages.success(request, _("“%(name)s” is “%(status)s” now.") % facts)
                return redirect("questions:review", pk=question.pk)
        return self.render_to_response(self.get_context_data(**kwargs))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the difference to the version that was approved last, when there is one."""
        question = question_of(self.request, self.kwargs["pk"])
        self.subtitle = question.name
        version = question.current_version
        assert version is not None
        approved = _approved_before(question, version)
        may = services.may_approve(bank=question.bank, version=version, by=signed_in(self.request))
        steps = [
            {"status": status, "label": label, "is_main": number == 0}
            for number, (status, label) in enumerate(STEPS[Question.Status(question.status)])
            if status != Question.Status.READY or may
        ]
        return super().get_context_data(
            question=question,
            version=version,
            approved=approved,
            changed=[row for row in compare(approved, version) if row.is_changed] if approved else [],
            fields=[{"label": label, "text": text} for label, text in fields_of(version).values()],
            log=steps_of(question),
            form=self.form,
            steps=steps,
            must_be_another=not may and question.status == Question.Status.IN_REVIEW,
            **kwargs,
        )


def _approved_before(question: Question, version: QuestionVersion) -> QuestionVersion | None:
    """The version before this one that was ready last; one that was imported ready has no step of its own."""
    ready = Q(to_status=Question.Status.READY) | Q(from_status=Question.Status.READY)
    steps = QuestionReview.objects.filter(ready, question=question).order_by("-at", "-pk")
    earlier = steps.filter(version__number__lt=version.number).select_related("version").first()
    if earlier is not None:
        return earlier.version
    if steps.filter(version=version, from_status=Question.Status.READY).exists():
        return question.versions.filter(number=version.number - 1).first()
    return None
