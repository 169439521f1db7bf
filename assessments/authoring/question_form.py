"""What an author fills in for a question of any type: its details, its text, and both saved as one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments import services
from assessments.authoring.fields import CategoryField, categories_of
from assessments.authoring.problems import read_source
from assessments.authoring.source_form import Problem, RowForm, problems_at
from assessments.exceptions import ChangedMeanwhile, InvalidQuestion, ReviewRefused
from assessments.models import Bank, Category, Question
from assessments.question_types import AnyType, get_type
from common.vietnamese import nfc
from courses.models import Competence
from people.models import Person

PREFIX = "body"


def source_form(question_type: AnyType, *, data: Any = None, source: Any = None) -> RowForm:
    """The form of the type's source."""
    return RowForm(
        data, declared=question_type.source_fields, prefix=PREFIX, initial=source or {}, is_new=source is None
    )


def read_body(question_type: AnyType, form: RowForm) -> Any:
    """The body that the form makes; None when something is wrong, which is then shown in the form."""
    if not form.is_valid():
        return None
    body, faults = read_source(question_type, form.source())
    for fault in faults:
        form.place_fault(fault)
    return body


class DetailsForm(forms.Form):
    """What a question is called and what it is for."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=255,
        help_text=gettext_lazy("A short name for lists; not shown to candidates."),
    )
    idnumber = forms.CharField(
        label=gettext_lazy("Identifier"), max_length=100, help_text=gettext_lazy("Unique in the bank, never reused.")
    )
    category = CategoryField(label=gettext_lazy("Category"), queryset=Category.objects.none(), empty_label=None)
    new_category = forms.CharField(
        label=gettext_lazy("New category below it"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Only when the one that you need is not in the list."),
    )
    status = forms.ChoiceField(label=gettext_lazy("Status"), choices=Question.Status.choices)
    difficulty = forms.ChoiceField(label=gettext_lazy("Difficulty"), choices=Question.Difficulty.choices)
    nature = forms.ChoiceField(label=gettext_lazy("Nature"), choices=Question.Nature.choices)
    outcome = forms.CharField(
        label=gettext_lazy("Learning outcome"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"list": "outcomes"}),
    )
    exam_only = forms.BooleanField(
        label=gettext_lazy("Reserved for exams"),
        required=False,
        help_text=gettext_lazy("Never drawn for checks and practice."),
    )
    tags = forms.CharField(label=gettext_lazy("Tags"), required=False, help_text=gettext_lazy("Separated by commas."))
    competences = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Competences"), queryset=Competence.objects.all(), required=False
    )
    note = forms.CharField(
        label=gettext_lazy("What changed"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("For the list of versions, when the text of the question changes."),
    )

    def __init__(self, *args: Any, bank: Bank, question: Question | None, author: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.bank, self.question = bank, question
        status = self.fields["status"]
        assert isinstance(status, forms.ChoiceField)
        status.choices = statuses_for(bank=bank, question=question, author=author)
        status.error_messages["invalid_choice"] = _(
            "Choose a status of the list: somebody else approves your questions."
        )
        category = self.fields["category"]
        assert isinstance(category, CategoryField)
        category.queryset = categories_of(Bank.objects.filter(pk=bank.pk))
        for name, field in self.fields.items():
            field.error_messages["required"] = _("“%(field)s” is empty: fill it in.") % {"field": field.label}
            if name == "category":
                field.error_messages["invalid_choice"] = _("Choose a category of this bank.")
        if question is not None:
            del self.fields["idnumber"]
        else:
            del self.fields["note"]

    def clean_name(self) -> str:
        """NFC, single blanks."""
        return " ".join(nfc(self.cleaned_data["name"]).split())

    def clean_idnumber(self) -> str:
        """Not taken in the bank."""
        idnumber = nfc(self.cleaned_data["idnumber"]).strip()
        if Question.objects.filter(bank=self.bank, idnumber=idnumber).exists():
            raise forms.ValidationError(
                _("The identifier %(id)s is taken in this bank: choose another."), params={"id": idnumber}
            )
        return idnumber

    def clean_tags(self) -> list[str]:
        """The tags, each once."""
        words = [" ".join(nfc(part).split()) for part in self.cleaned_data["tags"].split(",")]
        tags = list(dict.fromkeys(word for word in words if word))
        if any(len(tag) > 100 for tag in tags):
            raise forms.ValidationError(_("A tag may have at most 100 signs: shorten it."))
        return tags

    def details(self) -> dict[str, Any]:
        """What the services call these facts; makes the new category."""
        data = self.cleaned_data
        category = data["category"]
        if data["new_category"].strip():
            above = [row.name for row in category.get_ancestors()][1:] + ([] if category.is_root() else [category.name])
            category = services.ensure_category(bank=self.bank, path=[*above, data["new_category"]])
        names = ("name", "difficulty", "nature", "outcome", "exam_only")
        return {"category": category, **{name: data[name] for name in names}}


def statuses_for(*, bank: Bank, question: Question | None, author: Person) -> list[tuple[Any, Any]]:
    """Statuses that this author may give: its own one, and ready only where they may approve it."""
    if question is None:
        hidden = {Question.Status.RETIRED} | (set() if bank.self_approval else {Question.Status.READY})
        now = ""
    else:
        now = question.status
        may = services.may_approve(bank=bank, version=question.current_version, by=author)
        hidden = set() if may else {Question.Status.READY}
    return [(value, label) for value, label in Question.Status.choices if value == now or value not in hidden]


class SeenForm(forms.Form):
    """What the author saw when beginning: the version and when the details were last changed."""

    seen_version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    seen_at = forms.CharField(widget=forms.HiddenInput)

    def clean_seen_at(self) -> datetime:
        """The moment, exactly."""
        try:
            return datetime.fromisoformat(self.cleaned_data["seen_at"])
        except ValueError as problem:
            raise forms.ValidationError(_("Load the page again.")) from problem


class QuestionEditor:
    """The forms of one question, new or not, and saving them."""

    def __init__(
        self, *, bank: Bank, type_name: str, author: Person, question: Question | None = None, data: Any = None
    ) -> None:
        self.bank, self.question, self.type = bank, question, get_type(type_name)
        self.details = DetailsForm(data, bank=bank, question=question, author=author, initial=self._details_before())
        self.source = source_form(self.type, data=data, source=self._source_before())
        seen = (
            {"seen_version": question.current_version_id, "seen_at": question.updated_at.isoformat()}
            if question
            else {}
        )
        self.seen = SeenForm(data, initial=seen)
        self.conflict = ""

    def _details_before(self) -> dict[str, Any]:
        if self.question is None:
            return {"idnumber": free_identifier(self.bank), "status": Question.Status.DRAFT}
        names = ("name", "category", "status", "difficulty", "nature", "outcome", "exam_only", "competences")
        facts: dict[str, Any] = {name: getattr(self.question, name) for name in names[:-1]}
        facts["competences"] = list(self.question.competences.values_list("pk", flat=True))
        facts["tags"] = ", ".join(sorted(self.question.tags.names()))
        return facts

    def _source_before(self) -> Any:
        version = self.question.current_version if self.question else None
        return self.type.to_source(self.type.Body.model_validate(version.body)) if version else None

    @property
    def problems(self) -> list[Problem]:
        """Everything that is wrong, for the summary above the form."""
        found = self.source.problems()
        for bound in self.details:
            found += problems_at(bound)
        return found

    def save(self, *, by: Any) -> services.Revision | None:
        """Save both, or nothing: None when something is wrong, which the forms and `conflict` then say."""
        details_fit, body = self.details.is_valid(), read_body(self.type, self.source)
        if not details_fit or body is None:
            return None
        if self.question is not None and not self.seen.is_valid():
            self.conflict = _("Load the page again.")
            return None
        try:
            with transaction.atomic():
                return self._save(body.model_dump(mode="json"), by=by)
        except ChangedMeanwhile as refusal:
            self.conflict = str(refusal)
        except (InvalidQuestion, ReviewRefused) as refusal:
            self.details.add_error(None, str(refusal))
        return None

    def _save(self, body: dict[str, Any], *, by: Any) -> services.Revision:
        data = self.details.cleaned_data
        shared = {"tags": data["tags"], "competences": data["competences"], "status": data["status"]}
        facts = {"type": self.type.name, "body": body, "by": by, "at": timezone.now(), **shared}
        if self.question is None:
            self.question = services.write_question(
                bank=self.bank, idnumber=data["idnumber"], **self.details.details(), **facts
            )
            version = self.question.current_version
            assert version is not None
            return services.Revision(version=version, is_new_version=True, details_changed=True)
        return services.revise_question(
            question=self.question,
            details=self.details.details(),
            note=data["note"],
            seen_version=self.seen.cleaned_data["seen_version"],
            seen_at=self.seen.cleaned_data["seen_at"],
            **facts,
        )


def free_identifier(bank: Bank) -> str:
    """An identifier that is not taken: the bank's address and a number."""
    number = Question.objects.filter(bank=bank).count() + 1
    taken = set(
        Question.objects.filter(bank=bank, idnumber__startswith=f"{bank.slug}-").values_list("idnumber", flat=True)
    )
    while f"{bank.slug}-{number}" in taken:
        number += 1
    return f"{bank.slug}-{number}"[:100]
