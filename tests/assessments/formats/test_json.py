"""JSON: our own lossless form, and the shapes in which other people keep questions."""

from __future__ import annotations

import base64
import io
import json
from dataclasses import replace
from typing import Any

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessments.formats import ParsedQuestion, ReadProblem, Unreadable, get_format
from assessments.formats.base import Item
from tests.assessments.formats.strategies import OWN, PNG, questions

FORMAT = get_format("json")


def read(value: Any) -> list[Item]:
    data = value if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False).encode()
    assert FORMAT.recognises(data[:65536], "")
    return list(FORMAT.read(io.BytesIO(data)))


def taken(value: Any) -> list[ParsedQuestion]:
    items = read(value)
    assert all(isinstance(item, ParsedQuestion) for item in items), items
    return [item for item in items if isinstance(item, ParsedQuestion)]


def right(question: ParsedQuestion) -> list[str]:
    return [choice["text"] for choice in question.body["choices"] if choice["fraction"] > 0]


def english(texts: Any) -> str:
    with translation.override("en"):
        return " ".join(map(str, texts))


def reasons(items: list[Item]) -> list[str]:
    return [english([item.reason]) for item in items if isinstance(item, ReadProblem)]


def written(*items: ParsedQuestion, title: str = "Ngân hàng") -> bytes:
    file = io.BytesIO()
    assert FORMAT.write(items, file, title=title) == []
    return file.getvalue()


# Our own form -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", OWN)
def test_every_question_of_every_type_comes_back_equal(kind: str) -> None:
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(questions((kind,)), max_size=3))
    def play(drawn: list[ParsedQuestion]) -> None:
        data = written(*drawn)
        assert [replace(item, ref="", notes=()) for item in taken(data)] == drawn
        # A program that wrote the file anew changed nothing.
        again = json.dumps(json.loads(data), indent=1).encode()
        assert [replace(item, ref="", notes=()) for item in taken(again)] == drawn

    play()


def test_a_question_is_a_line_and_the_file_says_its_version() -> None:
    (question,) = taken([{"question": "x?", "options": ["1", "2"], "answer": "A"}])
    lines = written(question, question).decode().splitlines()
    assert lines[0] == '{"format": "hocso-questions", "version": 1, "bank": "Ngân hàng", "questions": ['
    assert len(lines) == 4
    assert json.loads(lines[2])["type"] == "single_choice"


def test_a_newer_version_is_refused_and_a_wrong_question_told_alone() -> None:
    with pytest.raises(Unreadable):
        read(b'{"format": "hocso-questions", "version": 2, "bank": "", "questions": [\n]}\n')
    items = read(
        b'{"format": "hocso-questions", "version": 1, "bank": "", "questions": [\n'
        b'{"type": "true_false", "body": {"stem": "x", "answer": "maybe"}},\n{"body": {}},\n'
        b'{"type": "true_false", "body": {"stem": "x", "answer": true}, "colour": 1}\n]}\n'
    )
    assert [item.ref for item in items] == ["line 2", "line 3", "line 4"]
    assert [type(item) for item in items] == [ReadProblem, ReadProblem, ParsedQuestion]
    assert isinstance(items[2], ParsedQuestion)
    assert "colour" in english(items[2].notes)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(questions(), st.data())
def test_a_file_cut_anywhere_gives_what_came_before_and_then_says_so(
    question: ParsedQuestion, data: st.DataObject
) -> None:
    whole = written(question, question)
    cut = data.draw(st.integers(0, len(whole) - len(b"\n]}\n")))
    seen = []
    with pytest.raises(Unreadable):
        seen.extend(FORMAT.read(io.BytesIO(whole[:cut])))
    assert [replace(item, ref="", notes=()) for item in seen if isinstance(item, ParsedQuestion)] == [question] * len(
        seen
    )


# Shapes of other people ---------------------------------------------------------------------------------------

PLANETS = ["Sao Hoả", "Trái Đất", "Sao Kim"]


@pytest.mark.parametrize(
    "question",
    [
        {"question": "?", "options": PLANETS, "answer": "B"},
        {"question": "?", "options": PLANETS, "answer": "Trái Đất"},
        {"Question": "?", "Options": PLANETS, "Correct": "b"},
        {"cau_hoi": "?", "dap_an": PLANETS, "dap_an_dung": "B"},
        {"câu hỏi": "?", "phương án": PLANETS, "đáp án": "B"},
        {"content": "?", "answers": [{"text": t, "isCorrect": t == "Trái Đất"} for t in PLANETS]},
        {"stem": "?", "choices": [{"label": k, "content": t} for k, t in zip("ABC", PLANETS, strict=True)], "key": "B"},
        {"stem": "?", "choices": [{"id": f"c{n}", "text": t} for n, t in enumerate(PLANETS)], "correct": "c1"},
        {"stem": "?", "choices": [{"id": n, "text": t} for n, t in enumerate(PLANETS)], "correct": 1},
        {"question": "?", "options": dict(zip("ABC", PLANETS, strict=True)), "correctAnswer": "B"},
        {"question": "?", "options": dict(zip("abc", PLANETS, strict=True)), "correct_answers": ["b"]},
        {"question": "?", "A": PLANETS[0], "B": PLANETS[1], "C": PLANETS[2], "answer": "B"},
        {"question": "?", "optionA": PLANETS[0], "optionB": PLANETS[1], "optionC": PLANETS[2], "answer": "B"},
        {"question": "?", "option_1": PLANETS[0], "option_2": PLANETS[1], "option_3": PLANETS[2], "answer": "B"},
        {"cauHoi": "?", "dapAnA": PLANETS[0], "dapAnB": PLANETS[1], "dapAnC": PLANETS[2], "dapAn": "B"},
        {"question": "?", "correct_answer": "Trái Đất", "incorrect_answers": ["Sao Hoả", "Sao Kim"]},
        {"question": "?", "options": [f"{k}. {t}" for k, t in zip("ABC", PLANETS, strict=True)], "answer": "B. Trái Đất"},
        {"question": "?", "options": PLANETS, "answers": ["B"]},
        {"question": {"text": "?"}, "options": [{"value": t, "correct": int(t == "Trái Đất")} for t in PLANETS]},
    ],
)  # fmt: skip
@pytest.mark.parametrize("wrapped", ["list", "questions", "group", "lines"])
def test_the_usual_shapes_are_seen_by_what_they_hold(question: dict[str, Any], wrapped: str) -> None:
    value: Any = [question]
    if wrapped == "questions":
        value = {"title": "Đề 1", "questions": [question]}
    elif wrapped == "group":
        value = {"Thiên văn": [question]}
    elif wrapped == "lines":
        value = (json.dumps(question) + "\n" + json.dumps({**question, "id": 2}) + "\n").encode()
    found = taken(value)[0]
    assert right(found) == ["Trái Đất"]
    assert sorted(choice["text"] for choice in found.body["choices"]) == sorted(PLANETS)
    assert found.body["stem"] == "?"
    assert found.category == {"questions": ("Đề 1",), "group": ("Thiên văn",)}.get(wrapped, ())


def test_indexes_are_decided_by_the_whole_file_and_said() -> None:
    def file(*answers: int) -> list[dict[str, Any]]:
        return [{"question": f"{n}?", "options": ["x", "y", "z"], "correctIndex": a} for n, a in enumerate(answers)]

    from_zero = taken(file(1, 0, 2))
    assert [right(question) for question in from_zero] == [["y"], ["x"], ["z"]]
    assert "count from 0" in english(from_zero[0].notes)
    from_one = taken(file(1, 3, 2))
    assert [right(question) for question in from_one] == [["x"], ["z"], ["y"]]
    assert "count from 1" in english(from_one[0].notes)
    assert len(reasons(read(file(1, 2)))) == 2, "nothing decides it"
    mixed = read(file(0, 3, 1))
    assert len(reasons(mixed)) == 1, "both are there: only what is clear is taken"


def test_letters_before_choices_go_only_when_all_have_them() -> None:
    (all_have,) = taken([{"question": "?", "options": ["A. một", "B) hai"], "answer": "A"}])
    (one_has,) = taken([{"question": "?", "options": ["A. Einstein", "Newton"], "answer": "A"}])
    assert [choice["text"] for choice in all_have.body["choices"]] == ["một", "hai"]
    assert [choice["text"] for choice in one_has.body["choices"]] == ["A. Einstein", "Newton"]


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ({"question": "?", "answer": True}, "true_false"),
        ({"question": "?", "options": ["Đúng", "Sai"], "answer": "Sai"}, "true_false"),
        ({"question": "?", "options": ["True", "False"], "answer": True}, "true_false"),
        ({"question": "?", "answer": "Hà Nội"}, "short_answer"),
        ({"question": "?", "answer": 42}, "numerical"),
        ({"question": "?", "options": ["a1", "b1", "c1"], "answer": ["A", "C"]}, "multiple_choice"),
        ({"question": "?", "options": ["a1", "b1", "c1"], "answer": "A,C"}, "multiple_choice"),
        ({"question": "?", "type": "essay", "answer": "gợi ý"}, "essay"),
        ({"question": "?", "pairs": [{"left": "a", "right": "1"}, {"left": "b", "right": "2"}]}, "matching"),
    ],
)
def test_other_types_are_seen_as_well(question: dict[str, Any], kind: str) -> None:
    (found,) = taken([question])
    assert found.type == kind


def test_facts_and_groups_are_kept() -> None:
    (question,) = taken(
        {
            "exam": "Tin học",
            "modules": [
                {
                    "name": "Mạng",
                    "questions": [
                        {"id": "Q7", "question": "?", "options": ["1", "2"], "answer": "A", "level": "Khó",
                         "giai_thich": "Vì thế", "topic": "Wi-Fi", "tags": ["a", "b"], "diem": 0.5, "author": "Lan"}
                    ],
                }
            ],
        }
    )  # fmt: skip
    assert (question.idnumber, question.difficulty, question.tags) == ("Q7", "advanced", ("a", "b"))
    assert question.category == ("Tin học", "Mạng", "Wi-Fi")
    assert (question.body["feedback"], question.body["mark"]) == ("Vì thế", 0.5)
    assert "author" in english(question.notes)


def test_identifiers_that_begin_anew_in_each_group_are_not_kept() -> None:
    question = {"id": 1, "question": "?", "options": ["1", "2"], "answer": "A"}
    found = taken({"Chương 1": [question], "Chương 2": [{**question, "question": "??"}]})
    assert [each.idnumber for each in found] == ["", ""]
    assert "more than once" in english(found[0].notes)


def test_pictures_in_the_file_are_kept_and_others_told() -> None:
    inside = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
    options = ["1", "2"]
    first, second = taken(
        [
            {"question": "?", "options": options, "answer": "A", "image": inside},
            {"question": "?!", "options": options, "answer": "A", "image": "https://example.com/a.png"},
        ]
    )
    assert [file.content for file in first.media.values()] == [PNG]
    assert "<img" in first.body["stem"]
    assert "https://example.com/a.png" in english(second.notes)


@pytest.mark.parametrize(
    "question",
    [
        {"question": "?", "options": ["1", "2"]},
        {"question": "?", "options": ["x", "y"], "answer": "Z"},
        {"question": "?", "options": ["một", "hai"], "answer": ""},
        {"question": "?", "options": [{"text": "1", "correct": True}, {"text": "2"}], "answer": "B"},
        {"question": "?", "answer": "B"},
        {"question": "NguyÔn V¨n ®­îc gäi", "options": ["mét", "hai"], "answer": "A"},
        "một chuỗi",
    ],
)
def test_what_is_no_question_is_told_and_the_rest_taken(question: Any) -> None:
    good = {"question": "tốt?", "options": ["1", "2"], "answer": "A"}
    items = read([good, question, good])
    assert [type(item) for item in items] == [ParsedQuestion, ReadProblem, ParsedQuestion]
    assert items[1].ref == "question 2"


def test_a_key_that_stands_twice_is_told() -> None:
    items = read(b'[{"question": "?", "options": {"A": "1", "A": "2", "B": "3"}, "answer": "A"}]')
    assert "“A” is there twice" in reasons(items)[0]


def test_tags_stay_text_unless_the_whole_file_is_html() -> None:
    (plain,) = taken([{"question": "Thẻ <b> là gì?", "options": ["<p>", "x"], "answer": "A"}])
    assert plain.body["stem"] == "Thẻ &lt;b&gt; là gì?"
    assert plain.notes
    (rich,) = taken([{"question": "<p>H<sub>2</sub>O<script>x()</script></p>", "options": ["a1", "b1"], "answer": "A"}])
    assert rich.body["stem"] == "<p>H<sub>2</sub>O</p>"


# Hostile ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        b"", b"   ", b"[", b"{}", b"[]", b'{"a": 1}', b"[1, 2", b"[" * 100_000, b'[{"question": NaN}]',
        b'[{"x": ' + b"9" * 5_000 + b"}]", b"\xff\xfe[", b'{"question": "\\ud800"}', b'[{"question": "?"}]',
        b'[1e999, {"a": 1e999}]',
    ],
)  # fmt: skip
def test_what_holds_no_questions_is_unreadable(data: bytes) -> None:
    with pytest.raises(Unreadable):
        list(FORMAT.read(io.BytesIO(data)))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "cp1258"])
def test_other_encodings_are_read(encoding: str) -> None:
    import unicodedata

    text = json.dumps([{"question": "Mật khẩu nào mạnh?", "options": ["hai", "ba"], "answer": "B"}], ensure_ascii=False)
    if encoding == "cp1258":
        bare = unicodedata.normalize("NFD", text)
        for shape in ("a\u0306", "a\u0302", "e\u0302", "o\u0302", "o\u031b", "u\u031b"):
            bare = bare.replace(shape, unicodedata.normalize("NFC", shape))
        text = bare.replace("a\u0323\u0302", "â\u0323")
    (question,) = taken(text.encode(encoding))
    assert question.body["stem"] == "Mật khẩu nào mạnh?"


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["question", "options", "answer", "A", "B", "correct", "id", "image", "pairs", "level", "tags", "mark", "answers"]),
            st.recursive(
                st.one_of(st.none(), st.booleans(), st.integers(-3, 9), st.floats(), st.text("ABab1 <p>", max_size=8)),
                lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["text", "correct", "A", "id", "left", "right"]), inner, max_size=3),
                max_leaves=6,
            ),
        ),
        max_size=4,
    )
)  # fmt: skip
def test_anything_gives_questions_problems_or_a_refusal(value: list[dict[str, Any]]) -> None:
    try:
        items = list(FORMAT.read(io.BytesIO(json.dumps(value).encode())))
    except Unreadable:
        return
    assert all(isinstance(item, ParsedQuestion | ReadProblem) for item in items)


@pytest.mark.parametrize(
    "fields",
    [
        {"options": "A. một\nB. hai\nC. ba", "answer": "B"},
        {"options": [{"A": "một"}, {"B": "hai"}, {"C": "ba"}], "answer": "B"},
        {"options": [{"key": "A", "value": "một"}, {"key": "B", "value": "hai"}, {"key": "C", "value": "ba"}], "answer": {"key": "B"}},
        {"options": ["một", "hai", "ba"], "answer": {"index": 1, "text": "hai"}},
        {"options": ["một", "hai", "ba"], "answer": "[B]"},
    ],
)  # fmt: skip
def test_choices_and_answers_in_shapes_of_their_own(fields: dict[str, Any]) -> None:
    (question,) = taken([{"question": "Chọn?", **fields}])
    assert [choice["text"] for choice in question.body["choices"]] == ["một", "hai", "ba"]
    assert right(question) == ["hai"]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"options": ["một"], "answer": "một"}, "only one choice"),
        ({"options": ["một", "hai", "hai"], "answer": "hai"}, "names none of the choices"),
    ],
)
def test_choices_are_not_lost_and_not_guessed(fields: dict[str, Any], reason: str) -> None:
    (told,) = reasons(read([{"question": "Chọn?", **fields}]))
    assert reason in told


def test_groups_within_groups_are_categories_and_names_of_lists_are_none() -> None:
    inner = {"title": "Bài 2", "questions": [{"question": "Chọn?", "options": ["a", "b"], "answer": "A"}]}
    (question,) = taken({"topics": [{"name": "Chương 1", "subtopics": [inner]}]})
    assert question.category == ("Chương 1", "Bài 2")


def test_bare_numbers_count_in_the_exam_or_the_file() -> None:
    rows = [{"id": number, "question": f"Câu {number}?", "options": ["a", "b"], "answer": "A"} for number in (1, 2)]
    for value, name in ((rows, "de-1"), ({"exam": "IC3", "questions": rows}, "IC3")):
        items = list(get_format("json").read(io.BytesIO(json.dumps(value).encode()), "de-1.json"))
        assert [
            (each.idnumber, each.number, each.numbered_in) for each in items if isinstance(each, ParsedQuestion)
        ] == [
            ("", "1", name),
            ("", "2", name),
        ]
