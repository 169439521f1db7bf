"""The tree of a bank's categories: added, renamed, moved, merged and, when nothing stands on them, taken away."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from assessments.exceptions import CategoryRefused
from assessments.models import Bank, Category, Question, Quiz, QuizDraw
from common.messages import filled
from common.vietnamese import nfc

MOST_LEVELS, MOST_NAME = 8, 200


@transaction.atomic
def add_category(*, under: Category, name: str, by: Any) -> Category:
    """A new category as the last one below `under`. Raises CategoryRefused when the name is empty or taken there."""
    parent = _locked(under)
    wanted = _free_name(parent, name)
    _check_levels(parent, 1)
    return parent.add_child(bank_id=parent.bank_id, name=wanted)


@transaction.atomic
def rename_category(*, category: Category, name: str, by: Any) -> Category:
    """Another name. Raises CategoryRefused for the root, whose name is the bank's, and when the name is taken."""
    row = _locked(category)
    _not_the_root(row)
    row.name = _free_name(row.get_parent(), name, beside=row)
    row.save(update_fields=["name"])
    return row


@transaction.atomic
def move_category(*, category: Category, under: Category, by: Any) -> Category:
    """The category with everything below it, as the last one below `under` of the same bank. Raises CategoryRefused."""
    row, target = _locked(category), Category.objects.get(pk=under.pk)
    _not_the_root(row)
    _same_bank(row, target)
    if target.path.startswith(row.path):
        raise CategoryRefused(_("A category cannot be moved below itself: choose another place."))
    if row.get_parent().pk == target.pk:
        return row
    _free_name(target, row.name)
    height = max(item.depth for item in Category.get_tree(row)) - row.depth + 1
    _check_levels(target, height)
    row.move(target, pos="last-child")
    return Category.objects.get(pk=row.pk)


@transaction.atomic
def merge_category(*, category: Category, into: Category, by: Any) -> int:
    """Move the questions of a category into another one and take the category away; how many were moved.

    Raises CategoryRefused when there are categories below it or quizzes draw from it.
    """
    row, target = _locked(category), Category.objects.get(pk=into.pk)
    _not_the_root(row)
    _same_bank(row, target)
    if row.pk == target.pk:
        raise CategoryRefused(_("Choose another category to merge into."))
    _check_free(row)
    moved = Question.objects.filter(category=row).update(category=target)
    row.delete()
    return moved


@transaction.atomic
def delete_category(*, category: Category, by: Any) -> None:
    """Take an empty category away. Raises CategoryRefused when it is not empty or quizzes draw from it."""
    row = _locked(category)
    _not_the_root(row)
    if Question.objects.filter(category=row).exists():
        raise CategoryRefused(_("There are questions in this category: merge it into another one instead."))
    _check_free(row)
    row.delete()


def quizzes_drawing_from(category: Category) -> list[Quiz]:
    """Quizzes whose matrix names exactly this category, as edited or as published."""
    drawing = set(QuizDraw.objects.filter(category=category).values_list("quiz", flat=True))
    quizzes = Quiz.objects.select_related("current_version").order_by("title")
    return [quiz for quiz in quizzes if quiz.pk in drawing or _names(quiz, category)]


def _names(quiz: Quiz, category: Category) -> bool:
    draws = quiz.current_version.blueprint.get("draws", []) if quiz.current_version else []
    return any(draw.get("category") == category.pk for draw in draws)


def _locked(category: Category) -> Category:
    """The category as it is now; the bank is locked, as every change of a tree touches its neighbours."""
    Bank.objects.select_for_update().get(pk=category.bank_id)
    row = Category.objects.filter(pk=category.pk).first()
    if row is None:
        raise CategoryRefused(_("Somebody took this category away meanwhile."))
    return row


def _not_the_root(category: Category) -> None:
    if category.is_root():
        raise CategoryRefused(_("The top of the tree is the bank itself: change the bank instead."))


def _same_bank(category: Category, other: Category) -> None:
    if category.bank_id != other.bank_id:
        raise CategoryRefused(_("That category is in another bank."))


def _free_name(parent: Category, name: str, *, beside: Category | None = None) -> str:
    wanted = " ".join(nfc(name).split())[:MOST_NAME]
    if not wanted:
        raise CategoryRefused(_("The name is empty: type one."))
    others = parent.get_children().exclude(pk=beside.pk if beside else None)
    if any(row.name.casefold() == wanted.casefold() for row in others):
        facts = {"name": wanted, "parent": parent.name}
        raise CategoryRefused(filled(_("There is a category “%(name)s” below “%(parent)s” already."), facts))
    return wanted


def _check_levels(parent: Category, height: int) -> None:
    if parent.depth + height > MOST_LEVELS + 1:
        raise CategoryRefused(filled(_("A tree may have at most %(most)d levels."), {"most": MOST_LEVELS}))


def _check_free(category: Category) -> None:
    if not category.is_leaf():
        raise CategoryRefused(_("There are categories below this one: move or merge them first."))
    quizzes = quizzes_drawing_from(category)
    if quizzes:
        titles = ", ".join(f"“{quiz.title}”" for quiz in quizzes[:5])
        raise CategoryRefused(
            filled(_("Quizzes draw from this category: %(titles)s. Change their matrix first."), {"titles": titles})
        )
