"""Papers with questions on a picture and calculated ones, sat and marked as any other."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.models import Quiz, QuizQuestion, Sitting
from assessments.papers.disguise import names_of
from assessments.queries import right_answers
from assessments.services import create_bank, create_question, ensure_category, grade_sitting, publish_quiz
from tests.assessments.question_types.examples import EXAMPLES
from tests.assessments.test_sitting_pages import Candidate
from tests.conftest import NOW
from tests.factories import make_person, numbers

pytestmark = pytest.mark.django_db


def quiz_with(*names: str, **rules: Any) -> Quiz:
    bank = create_bank(slug=f"hinh-{next(numbers)}", title="Hình và số", by=None)
    category = ensure_category(bank=bank, path=["Chương 1"])
    quiz = Quiz.objects.create(slug=f"de-{next(numbers)}", title="Đề", bank=bank, kind="test", **rules)
    for order, name in enumerate(names):
        question = create_question(
            bank=bank,
            category=category,
            idnumber=name,
            name=name,
            type=name,
            body=EXAMPLES[name],
            status="ready",
            by=None,
            at=NOW,
        )
        QuizQuestion.objects.create(quiz=quiz, question=question, sort_order=order)
    publish_quiz(quiz=quiz, by=None, at=NOW)
    return Quiz.objects.get(pk=quiz.pk)


def as_shown(sitting: Sitting) -> dict[str, list[str]]:
    """The right answers in the names that this paper gives them."""
    fields: dict[str, list[str]] = {}
    slots = {str(slot["slot"]): names_of(seed=sitting.paper.seed, slot=slot) for slot in sitting.paper.slots}
    answers = right_answers(sitting)
    for key in [key for key in answers if key.endswith("-unit")]:  # typed behind the number
        answers[key.removesuffix("-unit")][0] += f" {answers.pop(key)[0]}"
    for key, values in answers.items():
        names = slots[key[1:].split("-")[0]]
        fields[key] = [names.get(value, value) for value in values]
    return fields


@pytest.mark.parametrize("rules", [{}, {"shuffle_choices": False}])
def test_a_paper_answered_right_without_javascript_earns_everything(rules: dict[str, Any]) -> None:
    candidate = Candidate(make_person())
    sitting = candidate.start(quiz_with(*sorted(EXAMPLES), **rules))
    page = candidate.send(as_shown(sitting), save=True)
    assert "Đã trả lời 5/5" in " ".join(page.get_text().split())
    candidate.send({})
    run = grade_sitting(sitting_id=sitting.pk, worker="w", at=timezone.now())
    assert run is not None
    assert run.score == 5
    page = candidate.open(reverse("assessments:result", args=[sitting.public_id]))
    assert len(page.select(".outcome-right")) == 5
    assert len(page.select("svg.picture-layer")) == 3


def test_each_candidate_reads_values_of_the_paper_and_the_same_ones_again() -> None:
    quiz, stems = quiz_with("calculated"), set()
    for _ in range(8):
        candidate = Candidate(make_person())
        sitting = candidate.start(quiz)
        values = sitting.paper.slots[0]["variant"]["values"]
        stem = candidate.page.select_one("#q1 .stem")
        assert stem is not None
        assert stem.get_text(strip=True) == {1.5: "1,50 + 4 và 12?", 2.25: "2,25 + 9 và 40,5?"}[values["a"]]
        candidate.start(quiz)
        assert str(candidate.page.select_one("#q1 .stem")) == str(stem)
        stems.add(str(stem))
    assert len(stems) == 2


def test_the_items_of_a_picture_stand_in_another_order_in_each_paper_whatever_the_quiz_says() -> None:
    quiz, orders = quiz_with("drag_image", shuffle_choices=False), set()
    for _ in range(8):
        candidate = Candidate(make_person())
        candidate.start(quiz)
        orders.add(tuple(row.get_text(strip=True) for row in candidate.page.select("[data-item]")))
    assert len(orders) > 1
