"""One question of each type on a picture and of each calculated type, with everything that it can say."""

from __future__ import annotations

from typing import Any

PICTURE = {"src": "/media/question-media/so-do.svg", "alt": "Sơ đồ một mạng nhỏ", "width": 600, "height": 400}
EXAMPLES: dict[str, dict[str, Any]] = {
    "drag_image": {
        "stem": "<p>Đặt tên</p>",
        "background": PICTURE,
        "drags": [
            {"id": "a", "label": "Máy chủ"},
            {"id": "b", "label": "Tường lửa", "reusable": True},
            {"id": "c", "label": "Bộ định tuyến", "src": "/media/question-media/router.png"},
            {"id": "d", "label": "Cáp", "group": 2},
        ],
        "zones": [
            {"id": "1", "x": 20, "y": 30, "drag": "b", "label": "Bên trái"},
            {"id": "2", "x": 200, "y": 30, "drag": "c"},
            {"id": "3", "x": 400, "y": 30.5, "drag": "b"},
            {"id": "4", "x": 20, "y": 300, "drag": "d"},
        ],
        "penalty": 0.25,
    },
    "mark_image": {
        "stem": "<p>Đánh dấu</p>",
        "background": PICTURE,
        "markers": [
            {"id": "a", "label": "Cổng", "count": 0},
            {"id": "b", "label": "Máy in"},
            {"id": "c", "label": "Không ở đâu"},
        ],
        "zones": [
            {"shape": "circle", "coords": [100, 100, 20], "marker": "a"},
            {"shape": "rectangle", "coords": [300, 100, 50, 40], "marker": "a"},
            {"shape": "polygon", "coords": [400, 300, 500, 300, 500, 380, 450, 310], "marker": "b"},
        ],
        "penalty": 0.25,
        "shuffle": False,
    },
    "hotspot": {
        "stem": "<p>Chọn vùng</p>",
        "background": PICTURE,
        "spots": [
            {
                "id": "a",
                "shape": "circle",
                "coords": [100, 100, 30],
                "label": "Modem",
                "fraction": 1,
                "feedback": "Đúng",
            },
            {"id": "b", "shape": "rectangle", "coords": [200, 100, 50, 40]},
            {"id": "c", "shape": "polygon", "coords": [400, 300, 500, 300, 450, 380], "label": "Loa", "fraction": -0.5},
        ],
    },
    "calculated": {
        "stem": "<p>{a} + {b} và {={a}*{b}*2}?</p>",
        "variables": [
            {"name": "a", "minimum": 1, "maximum": 5, "decimals": 2},
            {"name": "b", "minimum": 1, "maximum": 100, "decimals": 0, "distribution": "loguniform"},
        ],
        "datasets": [{"a": 1.5, "b": 4}, {"a": 2.25, "b": 9}],
        "answers": [
            {"formula": "{a} + {b}", "tolerance": 0.01, "fraction": 1, "decimals": 2, "feedback": "{={a}+{b}} m"},
            {"formula": "{a} * {b}", "tolerance": 0.5, "tolerance_type": "absolute", "fraction": 0.5},
            {"formula": "*", "fraction": 0.1},
        ],
        "units": [{"symbol": "m", "factor": 1}, {"symbol": "cm", "factor": 0.01}],
        "unit_penalty": 0.2,
        "feedback": "Nhớ: {a} &lt; {={b} &lt; 3 ? 1 : 2}",
    },
    "calculated_choice": {
        "stem": "<p>{a} × 2?</p>",
        "variables": [{"name": "a", "minimum": 1, "maximum": 5, "decimals": 1}],
        "choices": [
            {"id": "a", "text": "{={a}*2}", "fraction": 1, "decimals": 1, "feedback": "{a} hai lần"},
            {"id": "b", "text": "{={a}**2} <em>m</em>", "fraction": 0, "significant": 3},
            {"id": "c", "text": "không", "fraction": -0.5},
        ],
    },
}
