"""By what questions are found and known again, computed for those whose rows say that it is due."""

from __future__ import annotations

from django.db.models import QuerySet

from assessments.models import Bank, Question
from assessments.services.bank import index_question

CHUNK = 200


def questions_due() -> QuerySet[Question]:
    """Questions of before their text was compared, or whose way of comparing has changed."""
    return Question.objects.filter(text_key="", current_version__isnull=False)


def index_questions(*, bank: Bank | None = None, most: int | None = None) -> int:
    """Index questions that are due, of one bank or of all, at most so many; how many. Idempotent, no lock is held.

    A question that got a new version meanwhile keeps what was computed for that.
    """
    due = questions_due() if bank is None else questions_due().filter(bank=bank)
    keys = list(due.order_by("pk").values_list("pk", flat=True)[:most])
    for start in range(0, len(keys), CHUNK):
        chunk = keys[start : start + CHUNK]
        for question in Question.objects.filter(pk__in=chunk).select_related("current_version"):
            assert question.current_version is not None
            index_question(question, question.current_version)
            due.filter(pk=question.pk, current_version=question.current_version).update(
                text_key=question.text_key, search_text=question.search_text
            )
    return len(keys)
