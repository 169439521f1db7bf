"""One change for many questions: those that were ticked, or everything that the filters find."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.admin.views.bulk_action import BulkAction

from assessments import services
from assessments.authoring.fields import CategoryField
from assessments.authoring.question_filters import filters_of, questions_meant
from assessments.authoring.question_views import QuestionPage
from assessments.exceptions import CategoryRefused, ChangedMeanwhile
from assessments.models import Bank, Category, Question
from common.vietnamese import nfc
from people.permissions import signed_in

UNCHANGED = [("", gettext_lazy("Leave as it is"))]
MOST_SHOWN = 5


def names_in(text: str) -> list[str]:
    """Tags between commas."""
    words = [" ".join(nfc(part).split()) for part in text.split(",")]
    return list(dict.fromkeys(word for word in words if word))


class BulkForm(forms.Form):
    """What to give to every one of them; empty fields change nothing."""

    status = forms.ChoiceField(
        label=gettext_lazy("Status"), required=False, choices=[*UNCHANGED, *Question.Status.choices]
    )
    comment = forms.CharField(
        label=gettext_lazy("Comment on the status"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Stays with each question."),
    )
    category = CategoryField(
        label=gettext_lazy("Category"),
        queryset=Category.objects.none(),
        required=False,
        empty_label=gettext_lazy("Leave as it is"),
    )
    difficulty = forms.ChoiceField(
        label=gettext_lazy("Difficulty"), required=False, choices=[*UNCHANGED, *Question.Difficulty.choices]
    )
    nature = forms.ChoiceField(
        label=gettext_lazy("Nature"), required=False, choices=[*UNCHANGED, *Question.Nature.choices]
    )
    exam_only = forms.ChoiceField(
        label=gettext_lazy("Reserved for exams"),
        required=False,
        choices=[*UNCHANGED, ("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No"))],
    )
    outcome = forms.CharField(label=gettext_lazy("Learning outcome"), required=False, max_length=40)
    no_outcome = forms.BooleanField(label=gettext_lazy("Take the learning outcome away"), required=False)
    add_tags = forms.CharField(
        label=gettext_lazy("Add tags"), required=False, max_length=500, help_text=gettext_lazy("Separated by commas.")
    )
    remove_tags = forms.CharField(
        label=gettext_lazy("Remove tags"),
        required=False,
        max_length=500,
        help_text=gettext_lazy("Separated by commas, spelt as they are."),
    )
    expected = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, banks: Sequence[Bank], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["category"]
        assert isinstance(field, forms.ModelChoiceField)
        if len(banks) == 1:
            field.queryset = Category.objects.filter(bank=banks[0]).order_by("path")
        else:
            del self.fields["category"]

    def clean(self) -> dict[str, Any]:
        """Something is to be changed, and not two ways at once."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("outcome") and data.get("no_outcome"):
            self.add_error("no_outcome", _("Either give a learning outcome or take it away."))
        if not self.errors and not self.changes():
            raise forms.ValidationError(_("Nothing is to be changed: fill in at least one field."))
        return data

    def changes(self) -> services.Changes:
        """For the service."""
        data = self.cleaned_data
        outcome = "" if data.get("no_outcome") else (nfc(data.get("outcome", "")).strip() or None)
        return services.Changes(
            status=data.get("status", ""),
            comment=data.get("comment", ""),
            category=data.get("category"),
            difficulty=data.get("difficulty", ""),
            nature=data.get("nature", ""),
            outcome=outcome,
            exam_only={"yes": True, "no": False}.get(data.get("exam_only", "")),
            add_tags=names_in(data.get("add_tags", "")),
            remove_tags=names_in(data.get("remove_tags", "")),
        )


class BulkEditView(QuestionPage):
    """How many they are, what to change, and changing it; the filters are applied again when it is done."""

    template_name = "assessments/admin/bulk_edit.html"
    page_title = gettext_lazy("Edit many questions")

    @cached_property
    def questions(self) -> Any:
        """Those meant, in the list's order."""
        return questions_meant(self.request, self.request.GET).order_by("idnumber", "pk")

    @cached_property
    def banks(self) -> list[Bank]:
        """Banks that they are in."""
        return list(Bank.objects.filter(pk__in=self.questions.order_by().values("bank"))[:2])

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The form."""
        self.form = BulkForm(banks=self.banks)
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """All of them, or none."""
        self.form = BulkForm(request.POST, banks=self.banks)
        if self.form.is_valid():
            try:
                edited = services.edit_questions(
                    questions=self.questions,
                    expected=self.form.cleaned_data["expected"],
                    changes=self.form.changes(),
                    by=signed_in(request),
                    at=timezone.now(),
                )
            except (ChangedMeanwhile, CategoryRefused) as refusal:
                self.form.add_error(None, str(refusal))
            else:
                self._tell(edited)
                return redirect(self.back)
        return self.render_to_response(self.get_context_data(**kwargs))

    def _tell(self, edited: services.Edited) -> None:
        done = ngettext("%(count)d question was changed.", "%(count)d questions were changed.", edited.count)
        messages.success(self.request, done % {"count": edited.count})
        if edited.own:
            left = ngettext(
                "You wrote %(count)d of them yourself: somebody else must approve it, its status is as it was.",
                "You wrote %(count)d of them yourself: somebody else must approve them, their status is as it was.",
                edited.own,
            )
            messages.warning(self.request, left % {"count": edited.own})

    @property
    def back(self) -> str:
        """The list as it was filtered."""
        listed = filters_of(self.request.GET) if "id" not in self.request.GET else ""
        return reverse("questions:index") + (f"?{listed}" if listed else "")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """How many, and the first of them."""
        count = self.questions.count()
        shown = self.questions.select_related("bank", "category")[:MOST_SHOWN]
        return super().get_context_data(
            form=self.form,
            count=count,
            shown=shown,
            more=max(count - MOST_SHOWN, 0),
            one_bank=self.banks[0] if len(self.banks) == 1 else None,
            back=self.back,
            **kwargs,
        )


class EditBulkAction(BulkAction):
    """In the bar below the list: leads to the page for editing many."""

    display_name = gettext_lazy("Edit all of these")
    action_type = "edit"
    aria_label = gettext_lazy("Edit the selected questions")
    template_name = "assessments/admin/bulk_edit.html"
    models = [Question]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseRedirect:
        """There, with what was ticked."""
        return redirect(f"{reverse('questions:bulk_edit')}?{filters_of(request.GET)}")
