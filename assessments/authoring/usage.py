"""Where a question is used and how it was answered; a fixed number of queries whatever there is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Avg, Count, F, Q

from assessments.models import Category, Question, Quiz, QuizDraw, SlotGrade
from assessments.permissions import quizzes_for


@dataclass(frozen=True, slots=True)
class Use:
    """A quiz with the question: `row` is the number in its matrix, None where the question is fixed."""

    quiz: Quiz
    row: int | None
    may_edit: bool


@dataclass(frozen=True, slots=True)
class Usage:
    """Quizzes, and how it went: sittings that were marked, those with an answer, the mean mark in percent."""

    uses: list[Use]
    sittings: int
    answered: int
    facility: float | None


def usage_of(question: Question, *, reader: Any) -> Usage:
    """For the page of a question; five queries."""
    fixed = Quiz.objects.filter(fixed_questions__question=question).order_by("title")
    draws = draws_for(question).select_related("quiz").order_by("quiz__title", "sort_order")
    mine = set(quizzes_for(reader).values_list("pk", flat=True))
    uses = [Use(quiz, None, quiz.pk in mine) for quiz in fixed]
    uses += [Use(draw.quiz, draw.sort_order + 1, draw.quiz_id in mine) for draw in draws]
    grades = SlotGrade.objects.filter(
        question_version__question=question, run__sitting__current_run=F("run")
    ).aggregate(
        sittings=Count("pk"),
        answered=Count("pk", filter=Q(event_seq__isnull=False)),
        facility=Avg("fraction", filter=Q(fraction__isnull=False)),
    )
    mean = grades["facility"]
    return Usage(uses, grades["sittings"], grades["answered"], None if mean is None else 100 * mean)


def draws_for(question: Question) -> Any:
    """Rows of matrices that can draw the question as it is."""
    path, step = question.category.path, Category.steplen
    above = [path[:end] for end in range(step, len(path) + 1, step)]
    rows = QuizDraw.objects.filter(
        Q(category__isnull=True) | Q(category__path__in=above),
        bank=question.bank_id,
        difficulty__in=["", question.difficulty],
        nature__in=["", question.nature],
        outcome__in=["", question.outcome],
    )
    if question.status != Question.Status.READY:
        return rows.none()
    if question.exam_only:
        return rows.exclude(quiz__kind__in=[Quiz.Kind.CHECK, Quiz.Kind.PRACTICE])
    return rows
