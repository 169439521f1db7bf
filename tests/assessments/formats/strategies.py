"""Questions of every type as Hypothesis draws them: valid, and full of the signs that formats give a meaning."""

from __future__ import annotations

import html
from typing import Any

from hypothesis import strategies as st
from pydantic import ValidationError

from assessments.formats import MediaFile, ParsedQuestion
from assessments.question_types import get_type
from assessments.question_types.source import letters

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c636060606000000005000147a5b3250000000049454e44ae426082"
)
PICTURES = {"hinh-1.png": PNG, "sơ_đồ.png": PNG + b"2"}
SIGNS = "abcxyzĐđạậ 012~=#{}:\\%*/&<>'\"[]|()-.,;@$\n\t→"
plain_lines = st.text(SIGNS.replace("\n", "").replace("\t", ""), min_size=1, max_size=20).filter(lambda t: t.strip())
words = st.sampled_from(
    ["Hà Nội", "HTTPS", "80", "a & b", "1 < 2", "C:\\", "50%", "=5", "~x", "{y}", "#1", "a->b", "T"]
)


def _escaped(text: str) -> str:
    return html.escape(text, quote=False)


inline = st.one_of(words.map(_escaped), st.text(SIGNS, min_size=1, max_size=25).map(_escaped))
html_texts = st.one_of(
    inline,
    st.builds("<p>{}</p>".format, inline),
    st.builds("<p>{} <strong>{}</strong></p><ul><li>{}</li></ul>".format, inline, inline, inline),
    st.builds('{} <img src="media:{}" alt="hình">'.format, inline, st.sampled_from(sorted(PICTURES))),
)
feedbacks = st.one_of(st.just(""), html_texts)
fractions = st.sampled_from([0.0, 1.0, 0.5, -0.5, 1 / 3, 0.3333333, -0.05, 0.142857, -1.0])
numbers = st.one_of(
    st.integers(-1000, 1000).map(float), st.floats(-1e6, 1e6, allow_nan=False).map(lambda x: round(x, 6))
)
sizes = st.floats(0, 1000, allow_nan=False).map(lambda x: round(x, 3))


def _choices(least: int = 2) -> st.SearchStrategy[list[dict[str, Any]]]:
    row = st.fixed_dictionaries({"text": html_texts, "fraction": fractions, "feedback": feedbacks})

    def numbered(rows: list[dict[str, Any]], own: bool) -> list[dict[str, Any]]:
        keys = [f"own-{n}" for n in range(len(rows))] if own else letters(len(rows))
        rows = [{"id": key, **row} for key, row in zip(keys, rows, strict=True)]
        rows[0]["fraction"] = 1.0
        return rows

    return st.builds(numbered, st.lists(row, min_size=least, max_size=5), st.booleans())


_answers = st.lists(
    st.fixed_dictionaries({"text": st.one_of(words, plain_lines), "fraction": fractions, "feedback": feedbacks}),
    min_size=1,
    max_size=3,
)
_numbers = st.lists(
    st.fixed_dictionaries({"value": numbers, "tolerance": sizes, "fraction": fractions, "feedback": feedbacks}),
    min_size=1,
    max_size=3,
)
_units = st.lists(
    st.fixed_dictionaries(
        {"symbol": st.sampled_from(["m", "cm", "km/h", "%", "°C"]), "factor": st.sampled_from([1.0, 0.01, 1000.0, 3.0])}
    ),
    max_size=2,
)
_background = st.just({"src": "media:hinh-1.png", "width": 1, "height": 1})
_words = st.lists(
    st.fixed_dictionaries({"text": html_texts, "group": st.integers(1, 3), "reusable": st.booleans()}),
    min_size=2,
    max_size=4,
).map(lambda rows: [{"id": str(n), **row} for n, row in enumerate(rows, start=1)])


def _gaps(rows: list[dict[str, Any]], text: str, shuffle: bool) -> dict[str, Any]:
    return {"stem": f"<p>{text} [[2]] … [[1]]</p>", "words": rows, "shuffle": shuffle}


_parts = st.one_of(
    st.fixed_dictionaries(
        {
            "kind": st.just("short_answer"),
            "body": st.fixed_dictionaries({"answers": _answers, "case_sensitive": st.booleans()}),
        }
    ),
    st.fixed_dictionaries(
        {
            "kind": st.just("numerical"),
            "body": st.fixed_dictionaries({"answers": _numbers, "other_feedback": feedbacks}),
        }
    ),
    st.fixed_dictionaries(
        {
            "kind": st.just("multiple_choice_one"),
            "layout": st.sampled_from(["dropdown", "vertical", "horizontal"]),
            "body": st.fixed_dictionaries({"choices": _choices(), "shuffle": st.booleans()}),
        }
    ),
    st.fixed_dictionaries(
        {
            "kind": st.just("multiple_response"),
            "layout": st.sampled_from(["vertical", "horizontal"]),
            "body": st.fixed_dictionaries({"choices": _choices(), "shuffle": st.booleans()}),
        }
    ),
)


def _cloze(parts: list[dict[str, Any]], weights: list[int], text: str) -> dict[str, Any]:
    numbered = [
        {"id": str(n), "weight": weight, **part}
        for n, (part, weight) in enumerate(zip(parts, weights, strict=False), start=1)
    ]
    fields = " ".join(f"{{#{part['id']}}}" for part in numbered)
    return {"stem": f"<p>{text} {fields}</p>", "parts": numbered}


OWN: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "single_choice": st.fixed_dictionaries({"choices": _choices(), "shuffle": st.booleans()}),
    "multiple_choice": st.fixed_dictionaries(
        {"choices": _choices(), "shuffle": st.booleans(), "scoring": st.sampled_from(["partial", "all_or_nothing"])}
    ),
    "true_false": st.fixed_dictionaries(
        {"answer": st.booleans(), "feedback_true": feedbacks, "feedback_false": feedbacks}
    ),
    "short_answer": st.fixed_dictionaries(
        {"answers": _answers, "case_sensitive": st.booleans(), "diacritics_sensitive": st.booleans()}
    ),
    "numerical": st.fixed_dictionaries(
        {
            "answers": _numbers,
            "units": _units,
            "tolerance_type": st.sampled_from(["absolute", "relative", "significant", "geometric"]),
            "unit_penalty": st.sampled_from([0.0, 0.1, 0.5]),
            "unit_penalty_of": st.sampled_from(["mark", "maximum"]),
            "units_left": st.booleans(),
            "other_fraction": st.sampled_from([0.0, 0.25]),
            "other_feedback": feedbacks,
        }
    ),
    "matching": st.builds(
        lambda pairs, extra, shuffle: {
            "pairs": [
                {"id": f"p{n}", "prompt": prompt, "answer": answer, "feedback": feedback}
                for n, (prompt, answer, feedback) in enumerate(pairs, start=1)
            ],
            "extra_answers": [{"id": f"x{n}", "answer": text} for n, text in enumerate(extra, start=1)],
            "shuffle": shuffle,
        },
        st.lists(st.tuples(html_texts, inline, feedbacks), min_size=2, max_size=4),
        st.lists(inline, max_size=2),
        st.booleans(),
    ),
    "ordering": st.builds(
        lambda texts, scoring: {
            "items": [{"id": key, "text": t} for key, t in zip(letters(len(texts)), texts, strict=True)],
            "scoring": scoring,
        },
        st.lists(html_texts, min_size=2, max_size=4),
        st.sampled_from(["position", "exact", "pairwise", "longest_run", "next", "distance"]),
    ),
    "gap_select": st.builds(_gaps, _words, inline, st.booleans()),
    "gap_drag": st.builds(_gaps, _words, inline, st.booleans()),
    "cloze": st.builds(
        _cloze,
        st.lists(_parts, min_size=1, max_size=3),
        st.lists(st.integers(1, 4), min_size=3, max_size=3),
        inline,
    ),
    "drag_image": st.builds(
        lambda background, label, shuffle, x: {
            "background": background,
            "drags": [
                {"id": "1", "label": label, "group": 2, "reusable": True},
                {"id": "2", "label": "hình", "src": "media:sơ_đồ.png"},
            ],
            "zones": [
                {"id": "1", "x": x, "y": 5, "label": label, "drag": "2"},
                {"id": "2", "x": 0, "y": 0, "drag": "1"},
            ],
            "shuffle": shuffle,
        },
        _background,
        plain_lines,
        st.booleans(),
        st.integers(0, 500),
    ),
    "mark_image": st.builds(
        lambda background, label, shuffle, count: {
            "background": background,
            "markers": [{"id": "1", "label": label, "count": count}, {"id": "own", "label": "xe"}],
            "zones": [
                {"shape": "circle", "coords": [10, 20, 5.5], "marker": "1"},
                {"shape": "rectangle", "coords": [1, 2, 30, 40], "marker": "own"},
                {"shape": "polygon", "coords": [1, 2, 30, 40, 5, 60], "marker": "1"},
            ],
            "shuffle": shuffle,
        },
        _background,
        plain_lines,
        st.booleans(),
        st.integers(0, 3),
    ),
}

_values = st.sampled_from(
    [
        {"variables": [{"name": "a", "minimum": 1.5, "maximum": 9, "decimals": 2}], "datasets": []},
        {"variables": [{"name": "a"}], "datasets": [{"a": 1.5}, {"a": 2.0}]},
        {"variables": [], "datasets": [{"a": 3.25}]},
    ]
)
OWN |= {
    "description": st.just({}),
    "essay": st.fixed_dictionaries(
        {
            "format": st.sampled_from(["html", "plain", "monospaced"]),
            "lines": st.integers(1, 60),
            "min_words": st.sampled_from([None, 5]),
            "max_words": st.sampled_from([None, 500]),
            "attachments_allowed": st.sampled_from([2, 20]),
            "attachments_required": st.integers(0, 2),
            "file_types": st.sampled_from([[], [".docx", ".pdf"]]),
            "most_megabytes": st.integers(1, 200),
            "template": feedbacks,
            "grader_info": feedbacks,
        }
    ),
    "file_upload": st.fixed_dictionaries(
        {
            "most_files": st.sampled_from([1, 3, 20]),
            "file_types": st.sampled_from([[], [".xlsx"]]),
            "most_megabytes": st.integers(1, 200),
            "grader_info": feedbacks,
        }
    ),
    "matrix": st.builds(
        lambda texts, multiple, scoring, shuffle: {
            "rows": [{"id": f"r{n}", "text": t, "feedback": "f"} for n, t in enumerate(texts, start=1)],
            "columns": [{"id": "c1", "text": "Đúng"}, {"id": "c2", "text": "Sai"}, {"id": "c3", "text": "?"}],
            "right": {f"r{n}": ["c1", "c3"][: n % 2 + 1] for n in range(1, len(texts) + 1)},
            "multiple": multiple,
            "scoring": scoring,
            "shuffle": shuffle,
        },
        st.lists(html_texts, min_size=1, max_size=3),
        st.booleans(),
        st.sampled_from(["per_row", "all_or_nothing"]),
        st.booleans(),
    ),
    "calculated": st.builds(
        lambda values, formula, tolerance, kind, rounding, units: {
            "stem": "<p>{a} và {={a}*2}</p>",
            "answers": [
                {"formula": formula, "tolerance": tolerance, "tolerance_type": kind, **rounding},
                {"formula": "*", "fraction": 0.0, "feedback": "Không phải"},
            ],
            "units": units,
            **values,
        },
        _values,
        st.sampled_from(["{a} * 2", "sqrt({a}) < 2 ? 1 : 2"]),
        sizes,
        st.sampled_from(["absolute", "relative", "geometric"]),
        st.sampled_from([{}, {"decimals": 3}, {"significant": 4}]),
        _units,
    ),
    "calculated_choice": st.builds(
        lambda values, choices, multiple, shuffle: {
            "stem": "<p>{a} + 1?</p>",
            "choices": [{"id": "a", "text": "{={a}+1}", "fraction": 1, "decimals": 2}, *choices],
            "multiple": multiple,
            "shuffle": shuffle,
            **values,
        },
        _values,
        st.lists(st.sampled_from(["{a}", "0"]), min_size=1, max_size=3).map(
            lambda texts: [{"id": letters(9)[n], "text": t} for n, t in enumerate(texts, start=1)]
        ),
        st.booleans(),
        st.booleans(),
    ),
}


@st.composite
def questions(draw: st.DrawFn, kinds: tuple[str, ...] = tuple(OWN)) -> ParsedQuestion:
    """A valid question of one of these types, its body as it would be stored."""
    kind = draw(st.sampled_from(kinds))
    texts = st.sampled_from(["", "Đúng &amp; đủ"]) if kind.startswith("calculated") else feedbacks
    body = {
        "stem": draw(html_texts),
        "feedback": draw(texts),
        "feedback_right": draw(texts),
        "feedback_partial": draw(texts),
        "feedback_wrong": draw(texts),
        "hints": draw(st.lists(texts, max_size=2)),
        "penalty": draw(st.sampled_from([0.0, 1 / 3, 0.3333333, 0.33, 1.0])),
        "mark": draw(st.sampled_from([0.0, 0.5, 1.0, 2.0])),
        **draw(OWN[kind]),
    }
    try:
        stored = get_type(kind).Body.model_validate(body).model_dump(mode="json")
    except ValidationError as problem:
        raise AssertionError(f"the strategy draws no valid {kind}: {problem}") from problem
    return ParsedQuestion(
        ref="",
        name=draw(plain_lines),
        type=kind,
        body=stored,
        idnumber=draw(st.one_of(st.just(""), plain_lines)),
        category=tuple(draw(st.lists(st.sampled_from(["CNTT/Mạng", "A & B", "Mức 1"]), max_size=2))),
        tags=tuple(draw(st.lists(st.sampled_from(["mạng", "a, b", "x"]), max_size=2, unique=True))),
        difficulty=draw(st.sampled_from(["", "basic"])),
        exam_only=draw(st.booleans()),
        media={name: MediaFile(name, content) for name, content in PICTURES.items() if f"media:{name}" in str(stored)},
    )
