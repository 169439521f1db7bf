"""Form fields that the screens of questions and quizzes share."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from assessments.models import Category


class CategoryField(forms.ModelChoiceField):
    """A category, indented as in the tree; the root of a bank stands for the whole of it."""

    def label_from_instance(self, obj: Any) -> str:
        """Its name below those above it."""
        return f"{'— ' * (obj.depth - 1)}{obj.name}"


def categories_of(banks: QuerySet[Any]) -> QuerySet[Category]:
    """The trees of these banks, parents before their children."""
    return Category.objects.filter(bank__in=banks).order_by("path")
