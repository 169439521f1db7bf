"""A text between questions asks nothing: it has no number, no mark and no place among the answers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings

from assessments import queries, services
from assessments.models import Quiz, QuizQuestion, SlotGrade
from assessments.question_types import get_type
from tests.assessments.question_types.laws import any_json, body_of, check_total
from tests.conftest import NOW
from tests.factories import numbers

SOURCE = {"stem": "Đọc đoạn văn sau.\n\n- một\n- hai", "feedback": "Nhớ"}
BODY = body_of("description", SOURCE)


@settings(max_examples=100, deadline=None)
@given(any_json)
def test_any_json_gives_an_outcome(response: Any) -> None:
    check_total("description", BODY, response)


def test_nothing_is_lost_on_the_way() -> None:
    assert get_type("description").to_source(BODY) == SOURCE
    assert not get_type("description").is_answered


@pytest.fixture
def quiz(db: Any) -> Quiz:
    bank = services.create_bank(slug=f"mo-ta-{next(numbers)}", title="Mô tả", by=None)
    quiz = Quiz.objects.create(slug=f"de-{next(numbers)}", title="Đề", bank=bank, kind="test", shuffle_questions=False)
    bodies = [
        ("description", {"stem": "<p>Đọc đoạn sau</p>"}),
        ("true_false", {"stem": "<p>Trái đất tròn?</p>", "answer": True}),
        ("description", {"stem": "<p>Đọc đoạn nữa</p>"}),
        ("essay", {"stem": "<p>Viết đi</p>"}),
    ]
    for order, (name, body) in enumerate(bodies):
        question = services.create_question(
            bank=bank,
            category=services.ensure_category(bank=bank, path=["Một"]),
            idnumber=f"q{order}",
            name=f"Câu {order}",
            type=name,
            body=body,
            status="ready",
            by=None,
            at=NOW,
        )
        QuizQuestion.objects.create(quiz=quiz, question=question, sort_order=order)
    services.publish_quiz(quiz=quiz, by=None, at=NOW)
    return Quiz.objects.get(pk=quiz.pk)


def test_texts_are_neither_numbered_nor_counted_nor_marked(quiz: Quiz) -> None:
    from tests.factories import make_person

    person = make_person()
    sitting = services.start_sitting(person=person, quiz=quiz, at=NOW)
    assert [slot.number for slot in queries.shown_slots(sitting, with_result=False)] == [None, 1, None, 2]
    assert sitting.max_score == Decimal(2)
    events = [
        {"seq": 1, "slot": 2, "response": {"answer": True}},
        {"seq": 2, "slot": 4, "response": {"text": "Bài viết"}},
    ]
    services.record_responses(sitting=sitting, events=events, at=NOW)
    client = Client()
    client.force_login(person)
    html = client.get(reverse("assessments:sitting", args=[sitting.public_id])).content.decode()
    assert html.count("data-nav=") == html.count("data-slot=") == 2
    assert "Đọc đoạn nữa" in html
    assert "Đã trả lời 2/2" in html
    services.submit_sitting(sitting=sitting, by=person, at=NOW)
    services.grade_sitting(sitting_id=sitting.pk, worker="test", at=NOW)
    grades = SlotGrade.objects.filter(run__sitting=sitting).order_by("slot").values_list("slot", "state", "mark")
    assert list(grades) == [(2, "right", Decimal(1)), (4, "needs_marking", None)]


def test_a_matrix_draws_only_what_asks_something(quiz: Quiz) -> None:
    assert quiz.bank is not None
    quiz.fixed_questions.all().delete()
    quiz.draws.create(bank=quiz.bank, count=3, mark=1)
    assert len(services.matrix_shortages(quiz)) == 1
