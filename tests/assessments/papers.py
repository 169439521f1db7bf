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
    "ordering": {
        "stem": "<p>Thứ tự?</p>",
        "items": [
            {"id": f"i{n}", "text": f"Việc {text}", "feedback": "BÍ MẬT"} for n, text in enumerate("QWERT", start=1)
        ],
    },
    "gap_select": {
        "stem": "<p>Con [[2]] đuổi con [[1]].</p>",
        "words": [{"id": "1", "text": "chuột"}, {"id": "2", "text": "mèo"}, {"id": "3", "text": "cá"}],
    },
    "gap_drag": {
        "stem": "<p>Trời [[3]], đất [[1]].</p>",
        "words": [
            {"id": "1", "text": "rộng"},
            {"id": "2", "text": "<em>sâu</em>"},
            {"id": "3", "text": "cao", "reusable": True},
        ],
    },
    "cloze": {
        "stem": "<p>Gõ {#1}, chọn {#2}, đếm {#3}, đánh dấu {#4}.</p>",
        "parts": [
            {
                "id": "1",
                "kind": "short_answer",
                "body": {"answers": [{"text": "mậtkhẩubímật*", "feedback": "BÍ MẬT"}]},
            },
            {
                "id": "2",
                "kind": "multiple_choice_one",
                "weight": 2.0,
                "body": {
                    "choices": [
                        {"id": "a", "text": "Phần một", "fraction": 1.0, "feedback": "BÍ MẬT"},
                        {"id": "b", "text": "Phần hai"},
                    ]
                },
            },
            {"id": "3", "kind": "numerical", "body": {"answers": [{"value": 31415.5, "feedback": "BÍ MẬT"}]}},
            {
                "id": "4",
                "kind": "multiple_response",
                "body": {
                    "choices": [
                        {"id": "a", "text": "Phần ba", "fraction": 1.0, "feedback": "BÍ MẬT"},
                        {"id": "b", "text": "Phần bốn", "fraction": -1.0},
                    ]
                },
            },
        ],
    },
    "matrix": {
        "stem": "<p>Đúng hay sai?</p>",
        "columns": [{"id": "c1", "text": "Cột một"}, {"id": "c2", "text": "Cột hai"}],
        "rows": [
            {"id": "r1", "text": "Hàng một", "feedback": "BÍ MẬT"},
            {"id": "r2", "text": "Hàng hai", "feedback": "BÍ MẬT"},
        ],
        "right": {"r1": ["c2"], "r2": ["c1"]},
    },
    "essay": {
        "stem": "<p>Viết gì?</p>",
        "min_words": 5,
        "attachments_allowed": 1,
        "template": "<p>Kính gửi</p>",
        "grader_info": "BÍ MẬT",
    },
    "file_upload": {"stem": "<p>Nộp gì?</p>", "file_types": [".xlsx"], "grader_info": "BÍ MẬT"},
    "description": {"stem": "<p>Đọc đoạn văn.</p>", "feedback": "BÍ MẬT"},
}
PICTURE = {"src": "/media/question-media/hinh.svg", "alt": "Hình", "width": 640, "height": 480}
BODIES |= {
    "drag_image": {
        "stem": "<p>Kéo?</p>",
        "background": PICTURE,
        "drags": [{"id": f"k{n}", "label": f"Thẻ {n}"} for n in range(1, 6)],
        "zones": [{"id": str(n), "x": 50 * n, "y": 20, "drag": f"k{n}"} for n in range(1, 5)],
        "shuffle": True,
    },
    "mark_image": {
        "stem": "<p>Ở đâu?</p>",
        "background": PICTURE,
        "markers": [{"id": "m1", "label": "Dấu 1", "count": 0}, {"id": "m2", "label": "Dấu 2"}],
        "zones": [
            {"shape": "circle", "coords": [31415.5, 62.25, 7], "marker": "m1"},
            {"shape": "circle", "coords": [31415.5, 62.25, 9], "marker": "m2"},
        ],
    },
    "hotspot": {
        "stem": "<p>Vùng nào?</p>",
        "background": PICTURE,
        "spots": [
            {"id": "a", "shape": "circle", "coords": [50, 50, 9], "fraction": 1, "feedback": "BÍ MẬT"},
            {"id": "b", "shape": "rectangle", "coords": [90, 50, 9, 9], "label": "Ô", "feedback": "BÍ MẬT"},
        ],
    },
    "calculated": {
        "stem": "<p>{a} mũ hai?</p>",
        "datasets": [{"a": 177.25}],
        "answers": [{"formula": "{a} ** 2", "feedback": "BÍ MẬT"}],
    },
    "calculated_choice": {
        "stem": "<p>{a} gấp đôi?</p>",
        "variables": [{"name": "a"}],
        "choices": [
            {"id": "a", "text": "{={a}*2}", "fraction": 1, "feedback": "BÍ MẬT"},
            {"id": "b", "text": "{={a}*3}", "feedback": "BÍ MẬT"},
        ],
    },
}


def quiz_of_every_type(**rules: Any) -> Quiz:
    """A published quiz with one question of each type."""
    bank = create_bank(slug=f"kieu-{next(numbers)}", title="Mỗi kiểu một câu", by=None)
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
