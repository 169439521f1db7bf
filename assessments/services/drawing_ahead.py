"""Papers drawn before the quiz opens, so that a start costs one read. The rows say what is due: registered, no paper."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from assessments.exceptions import SittingRefused
from assessments.models import PaperSet, Quiz, QuizVersion, Registration, ReservedPaper
from assessments.papers import Blueprint
from assessments.services.papers import (
    EXAM_KINDS,
    basis_for,
    exposed,
    loading_once,
    lock_tally,
    make_paper,
    parallel_paper_for,
    seen_by,
)
from common.sweeps import nudge

CHUNK = 50


def quizzes_to_draw_ahead(*, at: datetime) -> QuerySet[Quiz]:
    """Quizzes for whose registered candidates a paper is still to be drawn; those that failed wait for a person."""
    waiting = ReservedPaper.objects.filter(
        quiz_version=OuterRef("quiz__current_version"), person=OuterRef("person"), attempt=1
    )
    without = Registration.objects.filter(quiz=OuterRef("pk"), withdrawn_at__isnull=True).exclude(Exists(waiting))
    return Quiz.objects.filter(
        Q(closes_at__isnull=True) | Q(closes_at__gt=at),
        Exists(without),
        draw_ahead=True,
        draw_ahead_error="",
        kind__in=EXAM_KINDS,
        current_version__isnull=False,
    )


def people_without_paper(quiz: Quiz) -> QuerySet[Registration]:
    """Registrations of a quiz whose first attempt at its current version has no paper yet, by candidate number."""
    waiting = ReservedPaper.objects.filter(quiz_version=quiz.current_version_id, person=OuterRef("person"), attempt=1)
    rows = quiz.registrations.filter(withdrawn_at__isnull=True).exclude(Exists(waiting))
    return rows.select_related("person").order_by("candidate_number")


def draw_ahead(*, quiz_id: int, at: datetime, most: int | None = None) -> int:
    """Draw papers for registered candidates who have none, in chunks of their own transactions; how many.

    Idempotent: two workers at once do not draw twice. A bank that is too small is said in the quiz.
    """
    made = 0
    while most is None or made < most:
        quiz = quizzes_to_draw_ahead(at=at).filter(pk=quiz_id).select_related("current_version").first()
        if quiz is None or quiz.current_version is None:
            break
        people = [row.person for row in people_without_paper(quiz)[:CHUNK]]
        try:
            count = reserve_papers(version=quiz.current_version, people=people, at=at)
        except SittingRefused as problem:
            Quiz.objects.filter(pk=quiz_id).update(draw_ahead_error=str(problem)[:500])
            break
        made += count
    return made


@transaction.atomic
def reserve_papers(*, version: QuizVersion, people: Iterable[Any], at: datetime, attempt: int = 1) -> int:
    """Let a paper wait for this attempt of each of these people; how many were made. Who has one keeps it.

    Where parallel papers are in use, it is one of these. Raises SittingRefused when the bank is too small.
    """
    tally = lock_tally(version)
    wanted = {person.pk: person for person in people}
    have = ReservedPaper.objects.filter(quiz_version=version, attempt=attempt, person__in=wanted)
    for person in have.values_list("person", flat=True):
        wanted.pop(person, None)
    if not wanted:
        return 0
    paper_set = PaperSet.objects.filter(quiz_version=version, in_use=True).first()
    if paper_set is not None:
        papers = [
            parallel_paper_for(paper_set=paper_set, person=person, quiz=version.quiz, attempt=attempt)
            for person in wanted.values()
        ]
    else:
        papers = _drawn(version=version, people=list(wanted.values()), at=at, tally=tally)
    rows = [
        ReservedPaper(quiz_version=version, person=person, attempt=attempt, paper=paper, created_at=at)
        for person, paper in zip(wanted.values(), papers, strict=True)
    ]
    return len(ReservedPaper.objects.bulk_create(rows))


def _drawn(*, version: QuizVersion, people: Sequence[Any], at: datetime, tally: Any) -> list[Any]:
    blueprint = Blueprint.model_validate(version.blueprint)
    basis, load = basis_for(version=version, blueprint=blueprint, at=at), loading_once()
    papers = []
    for person in people:
        seen = seen_by(person, blueprint=blueprint, pools=basis.pools, at=at)
        policies = exposed(replace(basis.policies, seen=seen), tally, blueprint=blueprint, pools=basis.pools)
        papers.append(
            make_paper(basis=basis, policies=policies, seed=secrets.token_hex(16), at=at, load=load, tally=tally)
        )
    return papers


@transaction.atomic
def ask_to_draw_ahead(*, quiz: Quiz) -> None:
    """Nudge the drawing for a quiz that wants it, and try again where it failed."""
    Quiz.objects.filter(pk=quiz.pk).exclude(draw_ahead_error="").update(draw_ahead_error="", updated_at=F("updated_at"))
    from assessments.tasks import draw_papers_ahead

    nudge(draw_papers_ahead, quiz.pk)
