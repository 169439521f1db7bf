"""A quiz with one question of each type, whose key nothing in a candidate's paper may tell."""

from __future__ import annotations

from typing import Any

from assessments.models import Quiz, QuizQuestion
from assessments.services import create_bank, create_question, ensure_category, publish_quiz
from tests.conftest import NOW
from tests.factories import numbers

BODIES: dict[str, dict[str, Any]] = {
    "single_choice": {
        "stem": "<p>Một?</p>",
        "choices": [
            {"id": "a", "text": "Chọn một", "fraction": 1.0, "feedback": "BÍ MẬT vì đúng"},
            {"id": "b", "text": "Chọn hai", "fraction": 0.0, "feedback": "BÍ MẬT vì sai"},
            {"id": "c", "text": "Chọn ba", "fraction": 0.25, "feedback": "BÍ MẬT một phần"},
        ],
        "feedback": "BÍ MẬT chung",
        "feedback_right": "BÍ MẬT khi đúng",
        "feedback_partial": "BÍ MẬT khi đúng một phần",
        "feedback_wrong": "BÍ MẬT khi sai",
        "hints": ["BÍ MẬT gợi ý"],
    },
    "multiple_choice": {
        "stem": "<p>Nhiều?</p>",
        "choices": [
            {"id": "a", "text": "Chọn bốn", "fraction": 0.5, "feedback": "BÍ MẬT"},
            {"id": "b", "text": "Chọn năm", "fraction": 0.5, "feedback": "BÍ MẬT"},
            {"id": "c", "text": "Chọn sáu", "fraction": -0.5, "feedback": "BÍ MẬT"},
            {"id": "d", "text": "Chọn bảy", "fraction": -0.5, "feedback": "BÍ MẬT"},
        ],
    },
    "true_false": {
        "stem": "<p>Đúng hay sai?</p>",
        "answer": False,
        "feedback_true": "BÍ MẬT",
        "feedback_false": "BÍ MẬT",
    },
    "matching": {
        "stem": "<p>Ghép?</p>",
        "pairs": [
            {"id": f"p{n}", "prompt": f"Vế {n}", "answer": f"Đáp {n}", "feedback": "BÍ MẬT"} for n in range(1, 6)
        ],
        "extra_answers": [{"id": "x1", "answer": "Đáp thừa"}],
        "shuffle": False,
    },
    "numerical": {
        "stem": "<p>Bao nhiêu?</p>",
        "answers": [{"value": 31415.5, "tolerance": 0.0625, "fraction": 1.0, "feedback": "BÍ MẬT"}],
        "units": [{"symbol": "km", "factor": 1.0}, {"symbol": "m", "factor": 0.001}],
    },
    "short_answer": {
        "stem": "<p>Gõ gì?</p>",
        "answers": [{"text": "mậtkhẩubímật*", "fraction": 1.0, "feedback": "BÍ MẬT"}],
    },
}


def quiz_of_every_type(**rules: Any) -> Quiz:
    """A published quiz of six questions, one of each type."""
    bank = create_bank(slug=f"sau-{next(numbers)}", title="Sáu kiểu", by=None)
    category = ensure_category(bank=bank, path=["Chương 1"])
    quiz = Quiz.objects.create(slug=f"de-{next(numbers)}", title="Đề", bank=bank, kind="test", **rules)
    for order, (name, body) in enumerate(BODIES.items()):
        question = create_question(
            bank=bank,
            category=category,
            idnumber=name,
            name=name,
            type=name,
            body=body,
            status="ready",
            by=None,
            at=NOW,
        )
        QuizQuestion.objects.create(quiz=quiz, question=question, sort_order=order)
    publish_quiz(quiz=quiz, by=None, at=NOW)
    return Quiz.objects.get(pk=quiz.pk)
