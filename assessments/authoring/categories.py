"""The tree of a bank's categories: seen whole, and one changed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from assessments import services
from assessments.authoring.bank_page import BankPage
from assessments.authoring.fields import CategoryField
from assessments.exceptions import CategoryRefused
from assessments.models import Bank, Category, Question
from people.permissions import signed_in


@dataclass(frozen=True, slots=True)
class Branch:
    """A category as the page shows it."""

    category: Category
    own: int
    below: int

    @property
    def is_root(self) -> bool:
        """Whether it stands for the whole bank."""
        return self.category.depth == 1


def branches_of(bank: Bank) -> list[Branch]:
    """The tree, parents before their children, with how many questions are in each and below it; two queries."""
    counts = dict(
        Question.objects.filter(bank=bank)
        .order_by()
        .values_list("category")
        .annotate(Count("pk"))
        .values_list("category", "pk__count")
    )
    rows = list(Category.objects.filter(bank=bank).order_by("path"))
    below: Counter[str] = Counter()
    for row in rows:
        for end in range(Category.steplen, len(row.path) + 1, Category.steplen):
            below[row.path[:end]] += counts.get(row.pk, 0)
    return [Branch(row, counts.get(row.pk, 0), below[row.path]) for row in rows]


class NewForm(forms.Form):
    """A new category and where."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    under = CategoryField(label=gettext_lazy("Below"), queryset=Category.objects.none(), empty_label=None)

    def __init__(self, *args: Any, bank: Bank, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _set_places(self, "under", Category.objects.filter(bank=bank))


class CategoriesView(BankPage):
    """The whole tree, and a form to add to it."""

    template_name = "assessments/admin/categories.html"
    page_title = gettext_lazy("Categories")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The tree."""
        self.form = NewForm(bank=self.bank)
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A category more."""
        self.form = NewForm(request.POST, bank=self.bank)
        if self.form.is_valid():
            data = self.form.cleaned_data
            try:
                made = services.add_category(under=data["under"], name=data["name"], by=signed_in(request))
            except CategoryRefused as refusal:
                self.form.add_error("name", str(refusal))
            else:
                messages.success(request, _("The category “%(name)s” is there.") % {"name": made.name})
                return redirect("banks:categories", pk=self.bank.pk)
        return self.render_to_response(self.get_context_data(**kwargs))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The tree and the form."""
        return super().get_context_data(branches=branches_of(self.bank), form=self.form, **kwargs)


class RenameForm(forms.Form):
    """Another name."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)


class PlaceForm(forms.Form):
    """Another category of the bank."""

    place = CategoryField(label="", queryset=Category.objects.none(), empty_label=gettext_lazy("Choose…"))

    def __init__(self, *args: Any, places: Any, label: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].label = label
        _set_places(self, "place", places)


def _set_places(form: forms.Form, name: str, places: Any) -> None:
    field = form.fields[name]
    assert isinstance(field, CategoryField)
    field.queryset = places.order_by("path")
    field.error_messages["invalid_choice"] = _("Choose a category of this bank.")


class CategoryView(BankPage):
    """One category: renamed, moved, merged into another, or taken away when nothing stands on it."""

    template_name = "assessments/admin/category.html"
    page_title = gettext_lazy("Change a category")

    @cached_property
    def category(self) -> Category:
        """One of the bank, below its root."""
        return get_object_or_404(Category, bank=self.bank, pk=self.kwargs["category_id"], depth__gt=1)

    def _forms(self, data: Any = None, action: str = "") -> dict[str, forms.Form]:
        """The form of each action; only the one that was sent is bound."""
        others = Category.objects.filter(bank=self.bank)
        outside = others.exclude(path__startswith=self.category.path)

        def sent(name: str) -> Any:
            return data if action == name else None

        return {
            "rename": RenameForm(sent("rename"), initial={"name": self.category.name}, prefix="rename"),
            "move": PlaceForm(sent("move"), places=outside, label=_("Move below"), prefix="move"),
            "merge": PlaceForm(
                sent("merge"), places=others.exclude(pk=self.category.pk), label=_("Merge into"), prefix="merge"
            ),
        }

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """What can be done."""
        self.forms, self.refusal = self._forms(), ""
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Do one of them."""
        action = request.POST.get("action", "")
        self.forms, self.refusal = self._forms(request.POST, action), ""
        form = self.forms.get(action)
        if action == "delete" or (form is not None and form.is_valid()):
            try:
                done = self._do(action, form.cleaned_data if form else {})
            except CategoryRefused as refusal:
                self.refusal = str(refusal)
            else:
                messages.success(request, done)
                return redirect("banks:categories", pk=self.bank.pk)
        return self.render_to_response(self.get_context_data(**kwargs))

    def _do(self, action: str, data: dict[str, Any]) -> str:
        by, row, name = signed_in(self.request), self.category, {"name": self.category.name}
        if action == "rename":
            made = services.rename_category(category=row, name=data["name"], by=by)
            return _("The category is called “%(name)s” now.") % {"name": made.name}
        if action == "move":
            services.move_category(category=row, under=data["place"], by=by)
            return _("“%(name)s” is below “%(place)s” now.") % {**name, "place": data["place"].name}
        if action == "merge":
            moved = services.merge_category(category=row, into=data["place"], by=by)
            text = ngettext(
                "%(count)d question is in “%(place)s” now; “%(name)s” is gone.",
                "%(count)d questions are in “%(place)s” now; “%(name)s” is gone.",
                moved,
            )
            return text % {**name, "count": moved, "place": data["place"].name}
        services.delete_category(category=row, by=by)
        return _("The category “%(name)s” is gone.") % name

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The forms, and what stands on the category."""
        quizzes = services.quizzes_drawing_from(self.category)
        count = Question.objects.filter(category=self.category).count()
        is_leaf = self.category.is_leaf()
        return super().get_context_data(
            category=self.category,
            forms=self.forms,
            refusal=self.refusal,
            count=count,
            quizzes=quizzes,
            is_leaf=is_leaf,
            may_delete=is_leaf and not count and not quizzes,
            may_merge=is_leaf and not quizzes,
            **kwargs,
        )
