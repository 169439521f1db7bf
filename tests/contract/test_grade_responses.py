"""`manage.py grade_responses`: the shapes that outsiders rely on, and marks equal to the reference engine's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "tests" / "assessments" / "data" / "grading"
RESPONSES = DATA / "responses.jsonl"
EXPECTED = [json.loads(line) for line in (DATA / "expected.jsonl").read_text().splitlines()]

BANK = """<quiz>
<question type="multichoice"><name><text>Chim đêm</text></name><idnumber>Q1</idnumber>
<questiontext format="html"><text>Chim nào?</text></questiontext><defaultgrade>4</defaultgrade><single>true</single>
<answer fraction="100" format="html"><text>&lt;b&gt;Cú&lt;/b&gt;  mèo</text></answer>
<answer fraction="-50" format="html"><text>Sẻ</text></answer></question>
<question type="numerical"><name><text>Số</text></name><questiontext format="html"><text>?</text></questiontext>
<answer fraction="100"><text>1234</text></answer></question>
<question type="shortanswer"><name><text>Hai lần</text></name><questiontext format="html"><text>?</text></questiontext>
<answer fraction="100"><text>a</text></answer></question>
<question type="shortanswer"><name><text>Hai lần</text></name><questiontext format="html"><text>?</text></questiontext>
<answer fraction="100"><text>b</text></answer></question>
<question type="random"><name><text>Ngẫu nhiên</text></name><questiontext format="html"><text>?</text></questiontext>
</question>
</quiz>
"""


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    """A small bank in a file."""
    path = tmp_path / "bank.xml"
    path.write_text(BANK, encoding="utf-8")
    return path


def graded(bank: Path, lines: list[Any] | bytes, *arguments: str) -> list[dict[str, Any]]:
    """The lines that come out for these."""
    responses, output = bank.with_name("r.jsonl"), bank.with_name("o.jsonl")
    if isinstance(lines, bytes):
        responses.write_bytes(lines)
    else:
        responses.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    call_command("grade_responses", f"--bank={bank}", f"--responses={responses}", f"--output={output}", *arguments)
    return [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]


def test_marks_of_responses_and_of_tries_are_those_of_the_reference_engine(tmp_path: Path) -> None:
    output = tmp_path / "o.jsonl"
    call_command("grade_responses", f"--bank={DATA / 'bank.xml'}", f"--responses={RESPONSES}", f"--output={output}")
    lines = [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]
    assert [line["attempt"] for line in lines] == [line["attempt"] for line in EXPECTED]
    for line, expected in zip(lines, EXPECTED, strict=True):
        assert {**line, "fraction": pytest.approx(line["fraction"], abs=1e-7)} == {**line, **expected}, line
        assert line["mark"] == pytest.approx(line["fraction"] * line["max_mark"], abs=1e-7)


def test_lines_have_exactly_these_shapes_in_the_order_of_the_responses(bank: Path) -> None:
    assert graded(
        bank,
        [
            {"attempt": "1", "question": "Q1", "response": {"choice": "Cú mèo"}},
            {"attempt": 2, "question": "Chim đêm", "response": {"choice": "Sẻ"}},
            {"attempt": "3", "question": "Q1", "response": {}},
            {"attempt": "4", "question": "Q1", "tries": [{"choice": "Sẻ"}, {"choice": "Cú mèo"}]},
            {"attempt": "5", "question": "Q1", "response": {"choice": "Đà điểu"}},
        ],
    ) == [
        {"attempt": "1", "question": "Q1", "state": "right", "fraction": 1, "mark": 4, "max_mark": 4},
        {"attempt": 2, "question": "Chim đêm", "state": "wrong", "fraction": -0.5, "mark": -2, "max_mark": 4},
        {"attempt": "3", "question": "Q1", "state": "unanswered", "fraction": 0, "mark": 0, "max_mark": 4},
        {"attempt": "4", "question": "Q1", "state": "wrong", "fraction": 0, "mark": 0, "max_mark": 4},
        {
            "attempt": "5",
            "question": "Q1",
            "state": "invalid",
            "fraction": None,
            "mark": None,
            "max_mark": 4,
            "reason": "there is no choice “Đà điểu”",
        },
    ]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ({"attempt": "1", "question": "?", "response": {}}, "no question “?”"),
        ({"attempt": "1", "question": "Hai lần", "response": {}}, "more than one question “Hai lần”"),
        ({"attempt": "1", "question": "Ngẫu nhiên", "response": {}}, "draw"),
        ({"attempt": "1", "question": "Q1"}, "neither “response” nor “tries”"),
        ({"attempt": "1", "question": 7, "response": {}}, "“question”"),
        ({"attempt": "1", "question": "Q1", "response": [1]}, "form"),
        ({"attempt": "1", "question": "Q1", "tries": {"choice": "Sẻ"}}, "list"),
        ({"attempt": "1", "question": "Q1", "tries": [{"choice": "Sẻ", "more": 1}]}, "try 1"),
        ({"attempt": "1", "question": "Q1", "response": {}, "variant": 1}, "“variant”"),
    ],
)
def test_what_cannot_be_marked_says_why(bank: Path, line: dict[str, Any], words: str) -> None:
    (out,) = graded(bank, [line])
    assert (out["attempt"], out["state"], out["fraction"], out["mark"]) == ("1", "invalid", None, None)
    assert words in out["reason"]


def test_a_line_that_is_no_json_is_named_and_the_rest_goes_on(bank: Path) -> None:
    good = json.dumps({"attempt": "9", "question": "Q1", "response": {"choice": "Cú mèo"}}).encode()
    lines = [
        b"\xef\xbb\xbf" + good,
        b"",
        b"{",
        b"\xff",
        b"[]",
        b'{"attempt": NaN}',
        b'{"attempt": 1e999}',
        b"[" * 10_000,
    ]
    lines += [b'{"attempt": "' + b"x" * (5 * 1024 * 1024) + b'"}', b'{"attempt": "\\ud800", "question": "Q1"}', good]
    out = graded(bank, b"\n".join(lines))
    assert [line["state"] for line in out] == ["right", *["invalid"] * 8, "right"]
    assert [line["reason"].split(":")[0] for line in out[1:8]] == [f"line {n}" for n in (3, 4, 5, 6, 7, 8, 9)]


def test_what_comes_after_the_last_allowed_try_is_not_even_read(bank: Path) -> None:
    tries = [{"choice": "Cú mèo"}, {"choice": "Đà điểu"}]
    right, wrong = graded(
        bank,
        [{"attempt": "1", "question": "Q1", "tries": tries}, {"attempt": "2", "question": "Q1", "tries": tries[::-1]}],
    )
    assert (right["state"], right["fraction"]) == ("right", 1)
    assert (wrong["state"], wrong["reason"]) == ("invalid", "try 1: there is no choice “Đà điểu”")


def test_numbers_are_read_by_the_language(bank: Path) -> None:
    line = [{"attempt": "1", "question": "Số", "response": {"text": "1,234"}}]
    assert graded(bank, line)[0]["state"] == "wrong"
    assert graded(bank, line, "--language=en")[0]["state"] == "right"
    assert graded(bank, [{**line[0], "variant": {"language": "en"}}])[0]["state"] == "right"


def test_no_database_is_needed_and_none_is_made(tmp_path: Path) -> None:
    folder = tmp_path / "none"
    done = subprocess.run(
        [sys.executable, "manage.py", "grade_responses", "--bank", DATA / "bank.xml", "--responses", RESPONSES],
        cwd=ROOT,
        env={**os.environ, "VAR_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "lms.settings.local"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == len(EXPECTED)
    assert not folder.exists()


@pytest.mark.parametrize("content", [b"", b"<quiz", b"\x00\x01", "một bài thơ".encode()])
def test_a_bank_that_cannot_be_read_is_one_sentence_in_both_languages(
    tmp_path: Path, content: bytes, capfd: Any
) -> None:
    path = tmp_path / "bank.xml"
    path.write_bytes(content)
    for arguments in ([f"--bank={path}"], [f"--bank={tmp_path / 'none.xml'}"]):
        with pytest.raises(SystemExit) as stopped:
            call_command("grade_responses", *arguments, f"--responses={RESPONSES}")
        assert stopped.value.code == 2
        said = capfd.readouterr()
        assert said.out == ""
        assert len(said.err.splitlines()) == 1
        assert " / " in said.err
