"""Bringing question files into a bank and taking them out, with what becomes of each item shown before it does."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from assessments import services
from assessments.authoring.bank_page import BankPage
from assessments.authoring.fields import CategoryField
from assessments.authoring.question_filters import filters_of, questions_meant
from assessments.authoring.scope import RoleView
from assessments.exceptions import FileRefused
from assessments.formats import all_formats
from assessments.models import Bank, Category, Question, QuestionExport, QuestionImport
from assessments.permissions import banks_for
from assessments.question_types import all_types
from people.permissions import signed_in

PER_PAGE = 100
ITEM_STATUSES = [
    ("imported", gettext_lazy("New")),
    ("updated", gettext_lazy("Changed")),
    ("skipped", gettext_lazy("As it was")),
    ("error", gettext_lazy("Cannot be taken")),
]


def imports_for(person: Any) -> Any:
    """Question files brought into banks of this person."""
    return QuestionImport.objects.filter(bank__in=banks_for(person))


def exports_for(person: Any) -> Any:
    """Files of questions of banks of this person."""
    return QuestionExport.objects.filter(bank__in=banks_for(person))


def said(words: dict[str, str]) -> str:
    """A sentence that is kept in both languages, in the reader's."""
    return words.get("en" if (get_language() or "vi").startswith("en") else "vi", "")


# In --------------------------------------------------------------------------------------------------------------


class ImportForm(forms.Form):
    """A file, and what its questions become."""

    file = forms.FileField(
        label=gettext_lazy("Question file"),
        help_text=gettext_lazy("At most 60 MB. Nothing in the bank changes before you have seen what is in it."),
        error_messages={"empty": gettext_lazy("This file is empty."), "required": gettext_lazy("Choose a file.")},
    )
    format = forms.ChoiceField(label=gettext_lazy("Format"), initial="auto")
    status = forms.ChoiceField(
        label=gettext_lazy("New questions become"),
        initial=Question.Status.IN_REVIEW,
        help_text=gettext_lazy(
            "Only ready questions are drawn for papers. Questions that are here already keep theirs."
        ),
    )

    def __init__(self, *args: Any, bank: Bank, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds, statuses = self.fields["format"], self.fields["status"]
        assert isinstance(kinds, forms.ChoiceField)
        assert isinstance(statuses, forms.ChoiceField)
        read = [(one.name, one.label) for one in all_formats().values() if one.reads]
        kinds.choices = [("auto", _("Find out from the file")), *read]
        allowed = [Question.Status.DRAFT, Question.Status.IN_REVIEW]
        if bank.self_approval:
            allowed.append(Question.Status.READY)
        statuses.choices = [(status.value, status.label) for status in allowed]


class ImportStartView(BankPage):
    """Uploading, and the files that came before."""

    template_name = "assessments/admin/import_start.html"
    page_title = gettext_lazy("Import questions")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The form."""
        self.form = ImportForm(bank=self.bank)
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Keep the file and have it checked."""
        self.form = ImportForm(request.POST, request.FILES, bank=self.bank)
        if self.form.is_valid():
            data = self.form.cleaned_data
            try:
                row = services.upload_questions(
                    bank=self.bank,
                    file=data["file"],
                    format_name=data["format"],
                    new_status=data["status"],
                    by=signed_in(request),
                    at=timezone.now(),
                )
            except FileRefused as refusal:
                self.form.add_error("file", str(refusal))
            else:
                return redirect("banks:import_file", public_id=row.public_id)
        return self.render_to_response(self.get_context_data(**kwargs))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the files of this bank, newest first."""
        rows = self.bank.imports.select_related("uploaded_by").defer("report")[:20]
        kinds = ", ".join(str(one.label) for one in all_formats().values() if one.reads)
        return super().get_context_data(form=self.form, rows=rows, kinds=kinds, **kwargs)


class ImportView(BankPage):
    """One file: being checked, what is in it, being imported, what came of it. The page follows by itself."""

    template_name = "assessments/admin/import_file.html"

    @cached_property
    def row(self) -> QuestionImport:
        """One of the reader's banks."""
        rows = imports_for(self.request.user).select_related("bank", "uploaded_by", "decided_by")
        return get_object_or_404(rows, public_id=self.kwargs["public_id"])

    @cached_property
    def bank(self) -> Bank:
        """Its bank."""
        return self.row.bank

    def get_page_title(self) -> str:
        """The file."""
        return self.row.file_name

    def post(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        """Import what was checked, or try again what failed."""
        try:
            if "again" in request.POST:
                services.retry_import(row=self.row, by=signed_in(request))
            else:
                services.apply_import(row=self.row, by=signed_in(request), at=timezone.now())
        except FileRefused as refusal:
            messages.error(request, str(refusal))
        return redirect("banks:import_file", public_id=public_id)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The items of one status, page by page."""
        row, wanted = self.row, self.request.GET.get("status", "")
        kinds = {kind.name: str(kind.label) for kind in all_types()}
        labels = dict(ITEM_STATUSES)
        items = [item for item in row.report if not wanted or item["status"] == wanted]
        page = Paginator(items, PER_PAGE).get_page(self.request.GET.get("p"))
        shown = [
            {
                **item,
                "label": labels.get(item["status"], item["status"]),
                "kind": kinds.get(item["type"], item["type"]),
                "reason": said(item),
            }
            for item in page
        ]
        counts = [(name, label, getattr(row, f"{name}_count")) for name, label in ITEM_STATUSES]
        return super().get_context_data(
            row=row,
            is_busy=row.state in QuestionImport.DUE,
            error=said(row.error),
            format_label=all_formats()[row.format].label if row.format in all_formats() else row.format,
            counts=counts,
            total=len(row.report),
            wanted=wanted,
            page=page,
            items=shown,
            would_change=row.imported_count + row.updated_count,
            **kwargs,
        )


# Out -------------------------------------------------------------------------------------------------------------


class ExportForm(forms.Form):
    """A format, and which questions."""

    format = forms.ChoiceField(label=gettext_lazy("Format"), widget=forms.RadioSelect)
    category = CategoryField(
        label=gettext_lazy("Only this category"),
        queryset=Category.objects.none(),
        required=False,
        empty_label=gettext_lazy("The whole bank"),
        help_text=gettext_lazy("With everything below it. Retired questions stay out."),
    )

    def __init__(self, *args: Any, bank: Bank, is_filtered: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds, category = self.fields["format"], self.fields["category"]
        assert isinstance(kinds, forms.ChoiceField)
        assert isinstance(category, CategoryField)
        kinds.choices = [(one.name, one.label) for one in all_formats().values() if one.writes]
        if kinds.choices:
            kinds.initial = kinds.choices[0][0]
        category.queryset = Category.objects.filter(bank=bank, depth__gt=1).order_by("path")
        if is_filtered:
            del self.fields["category"]


class ExportStartView(BankPage):
    """Choosing format and questions: the whole bank, a category, or what the list was filtered to."""

    template_name = "assessments/admin/export_start.html"
    page_title = gettext_lazy("Export questions")

    @cached_property
    def listed(self) -> str:
        """The filters that came along from the list."""
        return filters_of(self.request.GET)

    @cached_property
    def meant(self) -> Any:
        """Questions of this bank that they find; None without filters."""
        return questions_meant(self.request, self.request.GET).filter(bank=self.bank) if self.listed else None

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The form."""
        self.form = ExportForm(bank=self.bank, is_filtered=bool(self.listed))
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Have it written."""
        self.form = ExportForm(request.POST, bank=self.bank, is_filtered=bool(self.listed))
        if self.form.is_valid():
            questions, category = self.meant, self.form.cleaned_data.get("category")
            if category is not None:
                inside = self.bank.questions.filter(category__path__startswith=category.path)
                questions = inside.exclude(status=Question.Status.RETIRED)
            try:
                row = services.request_question_export(
                    bank=self.bank,
                    format_name=self.form.cleaned_data["format"],
                    questions=questions,
                    by=signed_in(request),
                    at=timezone.now(),
                )
            except FileRefused as refusal:
                self.form.add_error(None, str(refusal))
            else:
                return redirect("banks:export_file", public_id=row.public_id)
        return self.render_to_response(self.get_context_data(**kwargs))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With how many they are."""
        everything = self.bank.questions.exclude(status=Question.Status.RETIRED)
        return super().get_context_data(
            form=self.form,
            is_filtered=bool(self.listed),
            count=(self.meant if self.listed else everything).count(),
            address=f"{reverse('banks:export', args=[self.bank.pk])}{'?' if self.listed else ''}{self.listed}",
            **kwargs,
        )


class ExportView(BankPage):
    """One export: being written, then what the format cannot say and the file. The page follows by itself."""

    template_name = "assessments/admin/export_file.html"
    page_title = gettext_lazy("Export questions")

    @cached_property
    def row(self) -> QuestionExport:
        """Of a bank of the reader's."""
        return get_object_or_404(
            exports_for(self.request.user).select_related("bank"), public_id=self.kwargs["public_id"]
        )

    @cached_property
    def bank(self) -> Bank:
        """Its bank."""
        return self.row.bank

    def post(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        """Try again what failed."""
        services.retry_question_export(row=self.row, by=signed_in(request))
        return redirect("banks:export_file", public_id=public_id)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What is left out, with the reasons."""
        row = self.row
        kinds = {kind.name: str(kind.label) for kind in all_types()}
        left_out = [
            {**item, "kind": kinds.get(item["type"], item["type"]), "reason": said(item)} for item in row.left_out
        ]
        return super().get_context_data(
            row=row,
            is_busy=row.state == QuestionExport.State.REQUESTED,
            format_label=all_formats()[row.format].label if row.format in all_formats() else row.format,
            left_out=left_out[:500],
            left_out_count=len(left_out),
            **kwargs,
        )


class ExportDownloadView(RoleView):
    """The file."""

    http_method_names = ["get"]

    def get(self, request: HttpRequest, public_id: UUID) -> HttpResponseBase:
        """As a download, to who may edit the bank today."""
        row = get_object_or_404(exports_for(request.user).select_related("bank"), public_id=public_id)
        if row.state != QuestionExport.State.READY:
            raise Http404
        name = services.file_name_of(row.bank, row.format)
        return FileResponse(row.file.open("rb"), as_attachment=True, filename=name)
