"""Writing a question: choosing where and what kind, and the form with its preview."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.widgets.button import HeaderButton

from assessments.authoring.question_form import QuestionEditor
from assessments.authoring.scope import RoleView
from assessments.authoring.usage import usage_of
from assessments.models import Bank, Question
from assessments.permissions import banks_for, questions_for
from assessments.question_types import all_types, get_type
from people.permissions import signed_in


class QuestionPage(RoleView, WagtailAdminTemplateMixin, TemplateView):
    """A page about questions."""

    page_title: Any = gettext_lazy("Question")
    subtitle = ""

    def get_page_subtitle(self) -> str:
        """Which question, or in which bank."""
        return self.subtitle

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Questions, this."""
        questions = {"url": reverse("questions:index"), "label": _("Questions")}
        return [*self.breadcrumbs_items, questions, {"url": "", "label": self.subtitle or self.get_page_title()}]


class StartForm(forms.Form):
    """Where a new question goes and what kind it is."""

    bank = forms.ModelChoiceField(label=gettext_lazy("Bank"), queryset=Bank.objects.none(), empty_label=None)
    type = forms.ChoiceField(label=gettext_lazy("Kind of question"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, banks: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["bank"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = banks
        field.error_messages["invalid_choice"] = _("Choose a bank of yours.")
        kinds = self.fields["type"]
        assert isinstance(kinds, forms.ChoiceField)
        kinds.choices = [(kind.name, kind.label) for kind in all_types()]


class StartView(QuestionPage):
    """First step: bank and kind; with both the form follows."""

    template_name = "assessments/admin/question_start.html"
    page_title = gettext_lazy("New question")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The choice, or the form that it leads to."""
        self.form = StartForm(request.GET if "type" in request.GET else None, banks=banks_for(request.user))
        if self.form.is_bound and self.form.is_valid():
            data = self.form.cleaned_data
            return redirect("questions:write", bank=data["bank"].pk, type_name=data["type"])
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The form."""
        return super().get_context_data(form=self.form, has_banks=banks_for(self.request.user).exists(), **kwargs)


class WritingView(QuestionPage):
    """The form of a question with its preview."""

    template_name = "assessments/admin/question_form.html"
    editor: QuestionEditor

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The form as it stands."""
        self.editor = self.make_editor(None)
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Save, or say what is wrong; nothing is saved then."""
        self.editor = self.make_editor(request.POST)
        revision = self.editor.save(by=signed_in(request))
        if revision is None:
            return self.render_to_response(self.get_context_data(**kwargs))
        messages.success(request, self.saved_message(revision))
        if revision.is_in_review_again:
            messages.warning(request, in_review_again())
        question = self.editor.question
        assert question is not None
        if "another" in request.POST:
            return redirect("questions:write", bank=question.bank_id, type_name=self.editor.type.name)
        return redirect("questions:edit", pk=question.pk)

    def make_editor(self, data: Any) -> QuestionEditor:
        """The forms."""
        raise NotImplementedError

    def saved_message(self, revision: Any) -> str:
        """What saving did."""
        raise NotImplementedError

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The forms, and what they are about."""
        return super().get_context_data(
            editor=self.editor,
            details=self.editor.details,
            source=self.editor.source,
            problems=self.editor.problems if self.editor.details.is_bound else [],
            outcomes=outcomes_in(self.editor.bank),
            **kwargs,
        )


class CreateView(WritingView):
    """A new question."""

    page_title = gettext_lazy("New question")

    def make_editor(self, data: Any) -> QuestionEditor:
        """In a bank of the author."""
        bank = get_object_or_404(banks_for(self.request.user), pk=self.kwargs["bank"])
        if self.kwargs["type_name"] not in {kind.name for kind in all_types()}:
            raise Http404
        kind = get_type(self.kwargs["type_name"])
        self.subtitle = f"{kind.label} · {bank.title}"
        return QuestionEditor(bank=bank, type_name=kind.name, data=data, author=signed_in(self.request))

    def saved_message(self, revision: Any) -> str:
        """It exists now."""
        return _("“%(name)s” is saved as version 1.") % {"name": revision.version.question.name}


class EditView(WritingView):
    """A question that exists."""

    @cached_property
    def question(self) -> Question:
        """One of the author's; 404 for others."""
        return question_of(self.request, self.kwargs["pk"])

    def make_editor(self, data: Any) -> QuestionEditor:
        """With what is current."""
        question = self.question
        assert question.current_version is not None
        self.subtitle = question.name
        return QuestionEditor(
            bank=question.bank,
            type_name=question.current_version.type,
            question=question,
            data=data,
            author=signed_in(self.request),
        )

    def saved_message(self, revision: Any) -> str:
        """Which version it is now."""
        number = {"number": revision.version.number}
        if revision.is_new_version:
            return _("Saved as version %(number)d. Sittings that are under way keep the version before.") % number
        if revision.details_changed:
            return _("The details are saved; the text is unchanged and stays version %(number)d.") % number
        return _("Nothing has changed; it stays version %(number)d.") % number

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        """Trying it, its review, its versions."""
        pk = self.question.pk
        return [
            HeaderButton(_("Try it"), url=reverse("try_question", args=[pk]), icon_name="view", priority=10),
            HeaderButton(_("Review"), url=reverse("questions:review", args=[pk]), icon_name="check", priority=15),
            HeaderButton(_("Versions"), url=reverse("questions:history", args=[pk]), icon_name="history", priority=20),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the version, and where the question is used."""
        usage = usage_of(self.question, reader=signed_in(self.request))
        version = self.question.current_version
        return super().get_context_data(question=self.question, version=version, usage=usage, **kwargs)


def in_review_again() -> str:
    """What happens to a ready question whose author may not approve it."""
    return _("The question waits for somebody else's approval now; until then it is not drawn for new papers.")


def question_of(request: HttpRequest, pk: int) -> Question:
    """A question that the reader may edit, with all that its page shows; 404 for others."""
    questions = questions_for(request.user).select_related("bank", "category", "current_version__created_by")
    return get_object_or_404(questions, pk=pk, current_version__isnull=False)


def outcomes_in(bank: Bank) -> list[str]:
    """Learning outcomes that questions of the bank point to, to choose from."""
    outcomes = Question.objects.filter(bank=bank).exclude(outcome="").order_by("outcome")
    return list(outcomes.values_list("outcome", flat=True).distinct()[:200])
