"""One small question of every type, as its author writes it: for what must hold of all of them, and for measures."""

from __future__ import annotations

from typing import Any

from assessments.question_types import all_types

PICTURE = {"picture": "/media/question-media/mang.png", "alt": "Một mạng nhỏ", "width": 600, "height": 400}
SOURCES: dict[str, dict[str, Any]] = {
    "single_choice": {
        "stem": "Giao thức nào an toàn?",
        "choices": [
            {"text": "HTTPS", "fraction": 1.0},
            {"text": "HTTP", "fraction": 0.0, "feedback": "Không mã hoá"},
            {"text": "FTP", "fraction": 0.25},
            {"text": "Telnet", "fraction": -1.0},
        ],
    },
    "multiple_choice": {
        "stem": "Đâu là trình duyệt?",
        "choices": [
            {"text": "Firefox", "correct": True},
            {"text": "Chrome", "correct": True},
            {"text": "Word"},
            {"text": "Photoshop"},
        ],
    },
    "true_false": {"stem": "Trái Đất quay quanh Mặt Trời.", "answer": True, "feedback_false": "Xem lại"},
    "short_answer": {
        "stem": "Thủ đô?",
        "answers": [{"text": "Hà Nội"}, {"text": "*nội*", "fraction": 0.5}, {"text": r"H\*", "fraction": -0.25}],
    },
    "numerical": {
        "stem": "Dài bao nhiêu?",
        "answers": [{"value": 2.5, "tolerance": 0.01}, {"value": 2, "fraction": 0.4}],
        "other_fraction": -0.25,
        "units": [{"symbol": "m"}, {"symbol": "cm", "factor": 0.01}],
    },
    "matching": {
        "stem": "Ghép cổng",
        "pairs": [
            {"prompt": "HTTP", "answer": "80"},
            {"prompt": "HTTPS", "answer": "443"},
            {"prompt": "SSH", "answer": "22"},
            {"prompt": "SFTP", "answer": "22"},
        ],
        "extra_answers": ["25"],
    },
    "ordering": {"stem": "Xếp", "items": [{"text": "một"}, {"text": "hai"}, {"text": "ba"}, {"text": "bốn"}]},
    "gap_select": {
        "stem": "Con [[2]] nâu nhảy qua con [[1]]. Trời [[3]].",
        "words": [{"text": "chó"}, {"text": "cáo"}, {"text": "nắng", "group": 2}, {"text": "mưa", "group": 2}],
    },
    "gap_drag": {
        "stem": "[[1]] vàng, [[2]] bạc.",
        "words": [{"text": "Rừng"}, {"text": "Biển", "reusable": True}, {"text": "Núi"}],
    },
    "cloze": {
        "stem": "Thủ đô là {#1}. Số Pi là {#2}. Nó {#3} và {#4}.",
        "parts": [
            {"kind": "short_answer", "answers": [{"text": "Hà Nội"}, {"text": "Hà*", "fraction": 0.5}]},
            {"kind": "numerical", "weight": 2.0, "answers": [{"value": 3.14, "tolerance": 0.005}]},
            {"kind": "multiple_choice_one", "choices": [{"text": "vô tỉ", "correct": True}, {"text": "nguyên"}]},
            {"kind": "multiple_response", "choices": [{"text": "dương", "correct": True}, {"text": "âm"}]},
        ],
    },
    "drag_image": {
        "stem": "Đặt tên",
        **PICTURE,
        "drags": [{"id": "a", "label": "Máy chủ"}, {"id": "b", "label": "Tường lửa"}, {"id": "c", "label": "Cáp"}],
        "zones": [{"id": "1", "x": 20, "y": 30, "drag": "Tường lửa"}, {"id": "2", "x": 200, "y": 30, "drag": "Cáp"}],
    },
    "mark_image": {
        "stem": "Đánh dấu",
        **PICTURE,
        "markers": [{"id": "a", "label": "Cổng", "count": 0}, {"id": "b", "label": "Máy", "count": 1}],
        "zones": [
            {"shape": "circle", "coords": [100, 100, 40], "marker": "Cổng"},
            {"shape": "rectangle", "coords": [200, 50, 80, 60], "marker": "Cổng"},
            {"shape": "polygon", "coords": [400, 100, 500, 100, 450, 200], "marker": "Máy"},
        ],
    },
    "hotspot": {
        "stem": "Bấm vào đâu?",
        **PICTURE,
        "spots": [
            {"id": "a", "shape": "circle", "coords": [100, 100, 40], "label": "Trái", "fraction": 1.0},
            {"id": "b", "shape": "rectangle", "coords": [200, 50, 80, 60], "label": "Phải"},
        ],
    },
    "calculated": {
        "stem": "{a} + {b}?",
        "answers": [{"formula": "{a} + {b}", "tolerance": 0.01}],
        "variables": [{"name": "a", "minimum": 1, "maximum": 9}, {"name": "b", "minimum": 1, "maximum": 9}],
    },
    "calculated_choice": {
        "stem": "{a} × 2?",
        "choices": [{"text": "{={a}*2}", "fraction": 1.0}, {"text": "{={a}*3}", "fraction": 0.0}],
        "variables": [{"name": "a", "minimum": 1, "maximum": 9}],
    },
    "matrix": {
        "stem": "Đúng hay sai?",
        "columns": [{"text": "Đúng"}, {"text": "Sai"}],
        "rows": [{"text": "Sắt nặng", "right": ["Đúng"]}, {"text": "Muối không tan", "right": ["Sai"]}],
    },
    "essay": {"stem": "Viết một đoạn."},
    "file_upload": {"stem": "Nộp bảng tính.", "file_types": [".xlsx"]},
    "description": {"stem": "Đọc đoạn văn sau."},
}
BODIES: dict[str, dict[str, Any]] = {
    one.name: one.from_source(SOURCES[one.name]).model_dump(mode="json") for one in all_types() if one.name in SOURCES
}
