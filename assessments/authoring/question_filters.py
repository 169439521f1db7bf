"""Finding questions: by words without diacritics, and by the filters of the list; one rule for screen, bulk edit, export."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

import django_filters
from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy
from taggit.models import TaggedItem
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.widgets import AdminDateInput

from assessments.authoring.fields import CategoryField, categories_of
from assessments.models import Bank, Category, Question, QuestionVersion
from assessments.permissions import banks_for, questions_for
from assessments.question_types import all_types
from common.vietnamese import fold
from courses.models import Competence

MOST_CHOSEN = 1_000


def found_by(questions: QuerySet[Question], text: str) -> QuerySet[Question]:
    """Questions with every word of `text` in identifier, name or body, diacritics and order aside."""
    for word in fold(text).split()[:8]:
        questions = questions.filter(search_text__contains=word)
    return questions


def own_banks(request: Any) -> QuerySet[Bank]:
    """Banks of the reader."""
    return banks_for(request.user)


def own_categories(request: Any) -> QuerySet[Category]:
    """Their categories; of one bank when the listing is of one."""
    banks = banks_for(request.user)
    chosen = request.GET.get("bank", "")
    return categories_of(banks.filter(pk=chosen) if chosen.isascii() and chosen.isdigit() else banks)


class CategoryFilter(django_filters.ModelChoiceFilter):
    """A category, indented as in the tree."""

    field_class = CategoryField


class QuestionFilterSet(WagtailFilterSet):
    """By where it is, what kind it is, what it is for, who wrote it, and since when it is as it is."""

    bank = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Bank"), queryset=own_banks, empty_label=gettext_lazy("Any")
    )
    category = CategoryFilter(
        label=gettext_lazy("Category"), queryset=own_categories, method="below", empty_label=gettext_lazy("Any")
    )
    type = django_filters.ChoiceFilter(
        label=gettext_lazy("Kind of question"),
        field_name="current_version__type",
        choices=lambda: [(kind.name, kind.label) for kind in all_types()],
        empty_label=gettext_lazy("Any"),
    )
    status = django_filters.ChoiceFilter(
        label=gettext_lazy("Status"), choices=Question.Status.choices, empty_label=gettext_lazy("Any")
    )
    difficulty = django_filters.ChoiceFilter(
        label=gettext_lazy("Difficulty"), choices=Question.Difficulty.choices, empty_label=gettext_lazy("Any")
    )
    nature = django_filters.ChoiceFilter(
        label=gettext_lazy("Nature"), choices=Question.Nature.choices, empty_label=gettext_lazy("Any")
    )
    exam_only = django_filters.ChoiceFilter(
        label=gettext_lazy("Reserved for exams"),
        choices=[("true", gettext_lazy("Yes")), ("false", gettext_lazy("No"))],
        empty_label=gettext_lazy("Any"),
        method="reserved",
    )

    tag = django_filters.CharFilter(label=gettext_lazy("Tag"), method="tagged")
    outcome = django_filters.CharFilter(
        label=gettext_lazy("Learning outcome"), field_name="outcome", lookup_expr="iexact"
    )
    competence = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Competence"),
        queryset=Competence.objects.all(),
        field_name="competences",
        empty_label=gettext_lazy("Any"),
    )
    author = django_filters.CharFilter(label=gettext_lazy("Author"), method="written_by")
    changed_since = django_filters.DateFilter(
        label=gettext_lazy("Changed since"), method="changed", widget=AdminDateInput
    )

    class Meta:
        model = Question
        fields: list[str] = []

    def tagged(self, questions: QuerySet[Question], name: str, value: str) -> QuerySet[Question]:
        """With this tag, upper and lower case aside."""
        kind = ContentType.objects.get_for_model(Question)
        links = TaggedItem.objects.filter(content_type=kind, tag__name__iexact=value.strip())
        return questions.filter(pk__in=links.values("object_id"))

    def written_by(self, questions: QuerySet[Question], name: str, value: str) -> QuerySet[Question]:
        """With a version of somebody whose name has every word, diacritics aside."""
        versions = QuestionVersion.objects.filter(question=OuterRef("pk"), created_by__isnull=False)
        for word in fold(value).split()[:5]:
            versions = versions.filter(created_by__search_text__contains=word)
        return questions.filter(Exists(versions))

    def changed(self, questions: QuerySet[Question], name: str, value: date) -> QuerySet[Question]:
        """Text, details or status changed on that day or later."""
        return questions.filter(updated_at__gte=timezone.make_aware(datetime.combine(value, time.min)))

    def below(self, questions: QuerySet[Question], name: str, category: Category) -> QuerySet[Question]:
        """In the category or below it."""
        return questions.filter(category__path__startswith=category.path)

    def reserved(self, questions: QuerySet[Question], name: str, value: str) -> QuerySet[Question]:
        """Reserved for exams, or not."""
        return questions.filter(exam_only=value == "true")


def questions_meant(request: HttpRequest, data: QueryDict) -> QuerySet[Question]:
    """The questions of the reader that `data` names: those with the ids in it, else all that its filters find.

    None when a filter cannot be read: nobody should change everything by a mistyped filter.
    """
    mine = questions_for(request.user)
    keys = data.getlist("id")
    if keys and "all" not in keys:
        wanted = [int(key) for key in keys if key.isascii() and key.isdigit() and len(key) < 18]
        return mine.filter(pk__in=wanted[:MOST_CHOSEN])
    filters = QuestionFilterSet(data, queryset=mine, request=request)
    if not filters.is_valid():
        return mine.none()
    return found_by(filters.qs, data.get("q", ""))


def filters_of(data: QueryDict) -> str:
    """The part of an address that says which questions are meant, without what is only for the list."""
    kept = data.copy()
    for name in ("p", "ordering", "next", "csrfmiddlewaretoken"):
        kept.pop(name, None)
    if "all" in kept.getlist("id"):
        kept.pop("id")
    return str(kept.urlencode())
