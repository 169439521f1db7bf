"""Who may see which quiz, sitting and question. Everything starts from no."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from assessments.models import Bank, Question, Quiz, Sitting
from people.models import RoleGrant
from people.permissions import has_role, units_for_role


def sittings_of(person: Any) -> QuerySet[Sitting]:
    """The rows that a candidate may open: their own sittings."""
    if not getattr(person, "is_authenticated", False):
        return Sitting.objects.none()
    return Sitting.objects.filter(person=person)


def banks_for(person: Any) -> QuerySet[Bank]:
    """Banks that an instructor may edit: of their units, and those of the whole province for who has the role there."""
    units = units_for_role(person, RoleGrant.Role.INSTRUCTOR)
    everywhere = getattr(person, "is_superuser", False) or (
        getattr(person, "is_authenticated", False)
        and RoleGrant.objects.filter(person=person, role__in=[RoleGrant.Role.INSTRUCTOR, RoleGrant.Role.ADMINISTRATOR])
        .filter(Q(unit__isnull=True) | Q(unit__depth=1))
        .exists()
        and has_role(person, RoleGrant.Role.INSTRUCTOR)
    )
    rule = Q(unit__in=units)
    return Bank.objects.filter(rule | Q(unit__isnull=True)) if everywhere else Bank.objects.filter(rule)


def questions_for(person: Any) -> QuerySet[Question]:
    """Questions that an instructor may see and edit."""
    return Question.objects.filter(bank__in=banks_for(person))


def may_see_feedback(*, sitting: Sitting, at: datetime) -> bool:
    """Whether the candidate may see which answers were right, by the rule of the quiz as it was published."""
    if sitting.state != Sitting.State.GRADED:
        return False
    rule = sitting.quiz_version.blueprint["feedback"]
    if rule == Quiz.Feedback.AFTER_SUBMIT:
        return True
    if rule == Quiz.Feedback.AFTER_PASS:
        allowed = sitting.quiz_version.blueprint["attempts_allowed"]
        return bool(sitting.passed) or (allowed is not None and sitting.attempt >= allowed)
    if rule == Quiz.Feedback.AFTER_CLOSE:
        return sitting.quiz.closes_at is not None and at >= sitting.quiz.closes_at
    return False
