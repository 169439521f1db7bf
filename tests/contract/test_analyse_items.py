"""`manage.py analyse_items`: the shape that outsiders rely on, and refusals that leave nothing behind."""

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
GOOD = {"attempt": "a", "question": "q", "mark": 1, "max_mark": 1}


def written(folder: Path, lines: list[Any]) -> Path:
    path = folder / "g.jsonl"
    texts = [line if isinstance(line, bytes) else json.dumps(line, ensure_ascii=False).encode() for line in lines]
    path.write_bytes(b"".join(text + b"\n" for text in texts))
    return path


def analysed(folder: Path, lines: list[Any]) -> dict[str, Any]:
    output = folder / "s.json"
    call_command("analyse_items", f"--grades={written(folder, lines)}", f"--output={output}")
    found: dict[str, Any] = json.loads(output.read_text(encoding="utf-8"))
    return found


def marks(*rows: list[float | None]) -> list[dict[str, Any]]:
    return [
        {"attempt": f"thí sinh {n}", "question": f"Câu {k}", "mark": mark, "max_mark": 2}
        for n, row in enumerate(rows)
        for k, mark in enumerate(row)
    ]


def test_the_answer_has_exactly_this_shape(tmp_path: Path) -> None:
    found = analysed(tmp_path, marks([2, 1, 0], [1, 2, None], [0, 1, 0], [2, 0, 1]))
    assert list(found) == ["questions", "quiz"]
    assert list(found["questions"]) == ["Câu 0", "Câu 1", "Câu 2"]
    names = ["n", "facility", "sd", "discrimination_index", "discriminative_efficiency", "effective_weight"]
    assert all(list(one) == names for one in found["questions"].values())
    assert found["questions"]["Câu 2"]["n"] == 3
    assert found["questions"]["Câu 0"]["facility"] == 0.625
    assert found["quiz"]["n"] == 4
    assert list(found["quiz"]) == [
        "n",
        "mean",
        "median",
        "sd",
        "skewness",
        "kurtosis",
        "cronbach_alpha",
        "error_ratio",
        "standard_error",
    ]


def test_figures_have_six_significant_digits_and_undefined_ones_are_null(tmp_path: Path) -> None:
    found = analysed(tmp_path, marks([1, 2], [2, 2], [1, 2]))
    assert found["quiz"]["mean"] == 3.33333
    assert found["questions"]["Câu 1"]["discrimination_index"] is None
    assert found["questions"]["Câu 1"]["sd"] == 0


def test_an_empty_file_has_nothing_to_say(tmp_path: Path) -> None:
    found = analysed(tmp_path, [])
    assert found["questions"] == {}
    assert set(found["quiz"].values()) == {0, None}


def test_blank_lines_a_mark_of_order_and_more_keys_are_no_trouble(tmp_path: Path) -> None:
    plain = marks([1, 2], [2, 0], [0, 0])
    more: list[Any] = [{**line, "seconds": [3], "who": {"name": "x"}} for line in plain]
    texts: list[Any] = [json.dumps(line, indent=None).encode() + b"\r" for line in more]
    assert analysed(tmp_path, [b"\xef\xbb\xbf" + texts[0], b"", b"  ", *texts[1:]]) == analysed(tmp_path, plain)


@pytest.mark.parametrize(
    ("line", "vietnamese", "english"),
    [
        (b"{", "không phải JSON", "not JSON"),
        (b"\xff", "không phải JSON", "not JSON"),
        (b'{"attempt":"b","question":"q","mark":NaN,"max_mark":1}', "không phải JSON", "not JSON"),
        (b"[]", "đối tượng JSON", "JSON object"),
        (
            b'{"attempt":"b","question":"q","mark":1,"max_mark":1},{"attempt":"c","question":"q","mark":1,"max_mark":1}',
            "không phải JSON",
            "not JSON",
        ),
        ({"question": "q", "mark": 1, "max_mark": 1}, "“attempt”", "“attempt” is missing"),
        ({**GOOD, "attempt": "b", "question": None}, "“question”", "“question” must be"),
        ({**GOOD, "attempt": True}, "“attempt”", "“attempt” must be"),
        ({**GOOD, "attempt": "b", "mark": "1"}, "“mark”", "“mark” must be"),
        ({**GOOD, "attempt": "b", "mark": True}, "“mark”", "“mark” must be"),
        ({**GOOD, "attempt": "b", "mark": {}}, "“mark”", "“mark” must be"),
        ({**GOOD, "attempt": "b", "mark": 1.5}, "1.5", "not between"),
        ({**GOOD, "attempt": "b", "mark": -1.5}, "1.5", "not between"),
        ({**GOOD, "attempt": "b", "max_mark": None}, "“max_mark”", "“max_mark” must be"),
        ({**GOOD, "attempt": "b", "max_mark": True}, "“max_mark”", "“max_mark” must be"),
        ({**GOOD, "attempt": "b", "max_mark": -1}, "“max_mark”", "“max_mark” must be"),
        (GOOD, "hai dòng", "one of the two lines"),
        (b'{"attempt":"' + b"x" * 70_000 + b'","question":"q","mark":1,"max_mark":1}', "dài", "longer"),
        (b"x" * 3_000_000, "dài", "longer"),
    ],
)
def test_a_line_that_cannot_be_taken_is_named_and_nothing_is_written(
    tmp_path: Path, capsys: Any, line: Any, vietnamese: str, english: str
) -> None:
    path = written(tmp_path, [GOOD, b"", line, {**GOOD, "attempt": "z"}])
    output = tmp_path / "s.json"
    with pytest.raises(SystemExit) as stopped:
        call_command("analyse_items", f"--grades={path}", f"--output={output}")
    assert stopped.value.code == 2
    said = capsys.readouterr().err
    assert said.startswith("g.jsonl: dòng 3: ")
    assert vietnamese in said.split(" / ")[0]
    assert "line 3: " in said
    assert english in said.split(" / ")[1]
    assert said.count("\n") == 1
    assert not output.exists()


def test_lines_that_only_together_are_json_are_refused(tmp_path: Path, capsys: Any) -> None:
    """Thousands of lines are read at once; none of them may lean on its neighbours."""
    lines = [b'{"x":[{}', b"{}]}", b"{},{}", json.dumps(GOOD).encode()]
    with pytest.raises(SystemExit):
        call_command("analyse_items", f"--grades={written(tmp_path, lines)}")
    assert "line 1: it is not JSON" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path, capsys: Any) -> None:
    with pytest.raises(SystemExit) as stopped:
        call_command("analyse_items", f"--grades={tmp_path / 'no.jsonl'}", f"--output={tmp_path / 's.json'}")
    assert stopped.value.code == 2
    assert "this file cannot be used" in capsys.readouterr().err
    with pytest.raises(SystemExit) as stopped:
        call_command("analyse_items", f"--grades={written(tmp_path, [GOOD])}", f"--output={tmp_path / 'no' / 's.json'}")
    assert stopped.value.code == 2


def test_no_database_is_needed_and_none_is_made(tmp_path: Path) -> None:
    path = written(tmp_path, marks([1, 2], [2, 0]))
    environment = {**os.environ, "VAR_DIR": str(tmp_path / "var"), "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/no"}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    done = subprocess.run(
        [sys.executable, "manage.py", "analyse_items", f"--grades={path}"],
        cwd=ROOT,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    assert json.loads(done.stdout)["quiz"]["n"] == 2
    assert not (tmp_path / "var").exists()
