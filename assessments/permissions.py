"""Who may see which quiz, sitting and question. Everything starts from no."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from assessments.models import Bank, Question, Quiz, QuizDraw, QuizQuestion, Registration, Sitting
from assessments.papers.review import NOTHING, SCORE_ONLY, shown_after
from people.models import Assignment, Person, RoleGrant
from people.permissions import has_role, units_for_role


def sittings_of(person: Any) -> QuerySet[Sitting]:
    """The rows that a candidate may open: their own sittings."""
    if not getattr(person, "is_authenticated", False):
        return Sitting.objects.none()
    return Sitting.objects.filter(person=person)


def _banks(person: Any, *roles: str) -> QuerySet[Bank]:
    """Banks of the units where `person` has one of the roles; those of the whole province for who has it there."""
    if not getattr(person, "is_authenticated", False) or not person.is_active:
        return Bank.objects.none()
    rule = Q()
    for role in roles:
        rule |= Q(unit__in=units_for_role(person, role).order_by())
    if _has_province(person, *roles):
        rule |= Q(unit__isnull=True)
    return Bank.objects.filter(rule)


def banks_for(person: Any) -> QuerySet[Bank]:
    """Banks that an instructor may edit: of their units, and those of the whole province for who has the role there."""
    return _banks(person, RoleGrant.Role.INSTRUCTOR)


def banks_to_draw_from(person: Any) -> QuerySet[Bank]:
    """Banks whose questions an instructor or exam officer may put into quizzes and exams."""
    return _banks(person, RoleGrant.Role.INSTRUCTOR, RoleGrant.Role.EXAM_OFFICER)


def _quizzes(person: Any, *roles: str) -> QuerySet[Quiz]:
    """Quizzes all of whose questions come from banks where `person` has one of the roles.

    A quiz that names no bank at all belongs to who draws from the banks of the whole province.
    """
    mine = _banks(person, *roles)
    if not mine.exists():
        return Quiz.objects.none()
    draws = QuizDraw.objects.filter(quiz=OuterRef("pk"))
    fixed = QuizQuestion.objects.filter(quiz=OuterRef("pk"))
    quizzes = Quiz.objects.filter(Q(bank__isnull=True) | Q(bank__in=mine)).exclude(
        Exists(draws.exclude(bank__in=mine)) | Exists(fixed.exclude(question__bank__in=mine))
    )
    if _has_province(person, *roles):
        return quizzes
    return quizzes.filter(Q(bank__isnull=False) | Exists(draws) | Exists(fixed))


def quizzes_for(person: Any) -> QuerySet[Quiz]:
    """Quizzes that an instructor or exam officer may edit: all their questions come from banks of this person."""
    return _quizzes(person, RoleGrant.Role.INSTRUCTOR, RoleGrant.Role.EXAM_OFFICER)


def quizzes_to_supervise(person: Any) -> QuerySet[Quiz]:
    """Quizzes of which an exam officer supervises everybody: all their questions come from banks of their units."""
    return _quizzes(person, RoleGrant.Role.EXAM_OFFICER)


def people_to_supervise(person: Any) -> QuerySet[Person]:
    """Candidates whom an exam officer supervises in any quiz: who works in the officer's units today."""
    units = units_for_role(person, RoleGrant.Role.EXAM_OFFICER).order_by()
    working = Assignment.objects.valid_on(timezone.localdate()).filter(unit__in=units)
    return Person.objects.filter(pk__in=working.values("person"))


def sittings_to_supervise(person: Any) -> QuerySet[Sitting]:
    """Sittings on the boards of an exam officer: those of their quizzes, and of the candidates of their units.

    Never their own: nobody gives themselves time.
    """
    if not has_role(person, RoleGrant.Role.EXAM_OFFICER):
        return Sitting.objects.none()
    quizzes, people = quizzes_to_supervise(person), people_to_supervise(person)
    rows = Sitting.objects.filter(Q(quiz__in=quizzes.values("pk")) | Q(person__in=people.values("pk")))
    return rows.exclude(person=person)


def sittings_to_hand_in_for(person: Any) -> QuerySet[Sitting]:
    """Sittings whose answer files a person may hand in: their own, and those that an officer supervises."""
    if not getattr(person, "is_authenticated", False):
        return Sitting.objects.none()
    supervised = sittings_to_supervise(person).order_by().values("pk")
    return Sitting.objects.filter(Q(person=person) | Q(pk__in=supervised))


def registrations_to_supervise(person: Any) -> QuerySet[Registration]:
    """Registrations on the boards of an exam officer, by the same rule as their sittings."""
    if not has_role(person, RoleGrant.Role.EXAM_OFFICER):
        return Registration.objects.none()
    quizzes, people = quizzes_to_supervise(person), people_to_supervise(person)
    return Registration.objects.filter(Q(quiz__in=quizzes.values("pk")) | Q(person__in=people.values("pk")))


def boards_for(person: Any) -> QuerySet[Quiz]:
    """Published quizzes that have a board for this exam officer: their own, and those that their candidates sit."""
    if not has_role(person, RoleGrant.Role.EXAM_OFFICER):
        return Quiz.objects.none()
    people = people_to_supervise(person).values("pk")
    mine = Q(pk__in=quizzes_to_supervise(person).values("pk"))
    registered = Exists(Registration.objects.filter(quiz=OuterRef("pk"), person__in=people))
    sat = Exists(Sitting.objects.filter(quiz=OuterRef("pk"), person__in=people))
    return Quiz.objects.filter(mine | Q(registered) | Q(sat), current_version__isnull=False)


def draws_for_everybody(person: Any) -> bool:
    """Whether `person` makes quizzes for the whole province, which need not name a bank."""
    return _has_province(person, RoleGrant.Role.INSTRUCTOR, RoleGrant.Role.EXAM_OFFICER)


def instructs_everybody(person: Any) -> bool:
    """Whether `person` is an instructor for the whole province."""
    return _has_province(person, RoleGrant.Role.INSTRUCTOR)


def administers_everybody(person: Any) -> bool:
    """Whether `person` is an administrator of the whole province."""
    return _has_province(person, RoleGrant.Role.ADMINISTRATOR)


def _has_province(person: Any, *roles: str) -> bool:
    if person.is_superuser:
        return True
    grants = RoleGrant.objects.valid_on(timezone.localdate()).filter(
        person=person, role__in=[*roles, RoleGrant.Role.ADMINISTRATOR]
    )
    return grants.filter(Q(unit__isnull=True) | Q(unit__depth=1)).exists()


def questions_for(person: Any) -> QuerySet[Question]:
    """Questions that an instructor may see and edit."""
    return Question.objects.filter(bank__in=banks_for(person))


def may_see_result(*, sitting: Sitting, at: datetime) -> bool:
    """Whether the candidate may see the result: it is there, released, and not withheld."""
    if sitting.state != Sitting.State.GRADED or sitting.withheld_at is not None:
        return False
    if sitting.quiz_version.blueprint.get("release", Quiz.Release.AUTOMATIC) == Quiz.Release.BY_DECISION:
        return sitting.quiz.released_at is not None and at >= sitting.quiz.released_at
    return True


def may_see_of_result(*, sitting: Sitting, at: datetime) -> frozenset[str]:
    """What the candidate may see of a marked sitting now, by the rules of the quiz as it was published."""
    if not may_see_result(sitting=sitting, at=at) or sitting.submitted_at is None:
        return NOTHING
    return shown_after(
        sitting.quiz_version.blueprint,
        at=at,
        submitted_at=sitting.submitted_at,
        closes_at=sitting.quiz.closes_at,
        passed=bool(sitting.passed),
        attempt=sitting.attempt,
    )


def may_see_feedback(*, sitting: Sitting, at: datetime) -> bool:
    """Whether the candidate may see more of a marked sitting than its score."""
    return bool(may_see_of_result(sitting=sitting, at=at) - SCORE_ONLY)
