"""A trial exam for load tests by anybody: an open quiz of real questions, and candidates who may sit it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from assessments.models import Bank, Question, Quiz, QuizDraw
from assessments.services import publish_quiz
from people.services import ensure_demo_accounts

PASSWORD = "thi-thu-hoc-so-2026"  # noqa: S105  of accounts for trials only
PREFIX = "thisinh"
MOST_CANDIDATES = 99_999
MINUTES = 60


class TrialRefused(Exception):
    """No such exam can be made; the message says why, in both languages."""


@transaction.atomic
def ensure_trial_exam(*, questions: int, at: datetime) -> Quiz:
    """The open quiz that draws so many questions from all banks, evenly; made when it is missing.

    Raises TrialRefused when the banks have fewer.
    """
    slug = f"thi-thu-{questions}-cau"
    quiz = Quiz.objects.filter(slug=slug).first()
    if quiz is not None and quiz.current_version_id is not None:
        return quiz
    shares = _shares(questions)
    quiz = quiz or Quiz.objects.create(
        slug=slug,
        kind=Quiz.Kind.EXAM,
        title=f"Thi thử {questions} câu",
        title_en=f"Trial exam of {questions} questions",
        pass_percent=70,
        time_limit_seconds=MINUTES * 60,
    )
    quiz.draws.all().delete()
    for order, (bank, count) in enumerate(shares):
        QuizDraw.objects.create(quiz=quiz, bank=bank, count=count, mark=1, sort_order=order)
    publish_quiz(quiz=quiz, by=None, at=at)
    return Quiz.objects.get(pk=quiz.pk)


def _shares(questions: int) -> list[tuple[Bank, int]]:
    """How many of each bank: in turn, as long as it has any."""
    left = {
        bank: Question.objects.filter(bank=bank, status=Question.Status.READY, current_version__isnull=False).count()
        for bank in Bank.objects.order_by("slug")
    }
    available = sum(left.values())
    if questions > available:
        raise TrialRefused(
            f"Các ngân hàng chỉ có {available} câu dùng được, không đủ {questions} câu / "
            f"The banks have only {available} usable questions, not {questions}"
        )
    shares = dict.fromkeys(left, 0)
    while sum(shares.values()) < questions:
        for bank in left:
            if shares[bank] < left[bank] and sum(shares.values()) < questions:
                shares[bank] += 1
    return [(bank, count) for bank, count in shares.items() if count]


def ensure_candidates(count: int) -> list[str]:
    """Staff numbers of candidates `thisinh00001` and so on, with PASSWORD. Raises TrialRefused."""
    names = {f"{PREFIX}{number:05d}": f"Thí sinh {number:05d}" for number in range(1, count + 1)}
    try:
        ensure_demo_accounts(names=names, password=PASSWORD)
    except ValueError as problem:
        raise TrialRefused(
            f"Số hiệu {problem} là của một người thật / The staff number {problem} belongs to a real person"
        ) from None
    return list(names)
