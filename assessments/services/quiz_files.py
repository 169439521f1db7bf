"""Quizzes from files: those of packs, and exams of their own over several banks (content/exams/*.yaml)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from assessments.exceptions import InvalidQuestion
from assessments.models import Bank, Question, Quiz, QuizDraw, QuizQuestion
from assessments.packs.facts import DrawFacts, QuizFacts, QuizFile, split_path
from assessments.services.bank import ensure_category
from assessments.services.quiz import publish_quiz
from common.markdown import load_yaml
from common.messages import filled
from courses.models import Activity
from courses.services import explain


def save_quiz(
    slug: str, facts: QuizFacts, *, bank: Bank | None, activity: Activity | None, by: Any, at: datetime
) -> Quiz:
    """Make or update a quiz with its matrix and publish it; unchanged, nothing is written."""
    values: dict[str, Any] = {
        "title": facts.title,
        "title_en": facts.title_en,
        "kind": facts.kind,
        "activity": activity,
        "bank": bank,
        "pass_percent": facts.pass_percent,
        "time_limit_seconds": int(facts.time_limit_minutes * 60) if facts.time_limit_minutes else None,
        "attempts_allowed": facts.attempts,
        "attempt_grade": facts.attempt_grade,
        "shuffle_questions": facts.shuffle_questions,
        "shuffle_choices": facts.shuffle_choices,
        "feedback": facts.feedback,
    }
    quiz, created = Quiz.objects.get_or_create(slug=slug, defaults=values)
    if not created and any(getattr(quiz, name) != value for name, value in values.items()):
        for name, value in values.items():
            setattr(quiz, name, value)
        quiz.save()
    wanted_fixed = [Question.objects.get(bank=bank, idnumber=idnumber).pk for idnumber in facts.fixed]
    if list(quiz.fixed_questions.values_list("question_id", flat=True)) != wanted_fixed:
        QuizQuestion.objects.filter(quiz=quiz).delete()
        for order, pk in enumerate(wanted_fixed):
            QuizQuestion.objects.create(quiz=quiz, question_id=pk, sort_order=order, mark=Decimal(1))
    wanted = [_draw_values(draw, bank) for draw in facts.draw]
    current = [
        {name: getattr(row, name) for name in values}
        for row, values in zip(quiz.draws.select_related("bank", "category"), wanted, strict=False)
    ]
    if current != wanted or QuizDraw.objects.filter(quiz=quiz).count() != len(wanted):
        QuizDraw.objects.filter(quiz=quiz).delete()
        for order, row in enumerate(wanted):
            QuizDraw.objects.create(quiz=quiz, sort_order=order, **row)
    fresh = Quiz.objects.get(pk=quiz.pk)
    publish_quiz(quiz=fresh, by=by, at=at)
    return fresh


def _draw_values(draw: DrawFacts, bank: Bank | None) -> dict[str, Any]:
    of_bank = Bank.objects.get(slug=draw.bank) if draw.bank else bank
    if of_bank is None:
        raise InvalidQuestion(_("A row of the matrix does not say which bank it draws from."))
    category = ensure_category(bank=of_bank, path=split_path(draw.category)) if draw.category else None
    return {
        "bank": of_bank,
        "category": category,
        "difficulty": draw.difficulty,
        "nature": draw.nature,
        "outcome": draw.outcome,
        "count": draw.count,
        "mark": draw.mark,
    }


@transaction.atomic
def import_exams(*, folder: Path, by: Any, at: datetime) -> int:
    """Make or update the exams of `folder/*.yaml` (as quizzes.yaml; each draw names its bank). Idempotent.

    Returns how many there are. Raises InvalidQuestion for a file that is wrong and InfeasibleMatrix for a bank that is
    too small.
    """
    count = 0
    for path in sorted(folder.glob("*.yaml")):
        try:
            quizzes = QuizFile.model_validate(load_yaml(path.read_text(encoding="utf-8"), source=path.name)).quizzes
        except ValidationError as problem:
            raise InvalidQuestion(f"{path.name}: {'; '.join(explain(problem))}") from None
        for facts in quizzes:
            missing = [draw.bank for draw in facts.draw if not Bank.objects.filter(slug=draw.bank or "").exists()]
            if missing:
                raise InvalidQuestion(
                    filled(_("%(file)s: there is no bank “%(bank)s”."), {"file": path.name, "bank": missing[0]})
                )
            save_quiz(facts.slug, facts, bank=None, activity=None, by=by, at=at)
            count += 1
    return count
