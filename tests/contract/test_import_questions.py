"""What outsiders rely on: `manage.py import_questions` and `export_questions`, their reports and exit codes."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from assessments.formats import ParsedQuestion, get_format
from assessments.models import Bank, Question
from assessments.services import recognise_format
from assessments.services.exporting import parsed_questions

pytestmark = pytest.mark.django_db
GIFT = """$CATEGORY: Tin học/Bảo mật

::Cú mèo:: Con nào bay đêm? { =Cú mèo ~Gà ~Vịt }

::Nửa:: Một nửa viết thế nào? {#0.5:0.01}

::Hỏng:: Chỉ một lựa chọn? { ~Sai }
"""


def run(*words: Any, expected: int = 0) -> tuple[str, str]:
    """(stdout, stderr) of a command that must end with this exit code."""
    out, err = StringIO(), StringIO()
    try:
        call_command(*map(str, words), stdout=out, stderr=err)
        code = 0
    except SystemExit as end:
        code = int(end.code or 0)
    assert code == expected, err.getvalue()
    return out.getvalue(), err.getvalue()


@pytest.fixture
def gift(tmp_path: Path) -> Path:
    path = tmp_path / "cau-hoi.gift"
    path.write_text(GIFT, encoding="utf-8")
    return path


def test_the_report_has_exactly_this_shape(gift: Path, tmp_path: Path) -> None:
    report = tmp_path / "r.json"
    run("import_questions", gift, "--bank", "moi", "--report", report, expected=3)
    told = json.loads(report.read_text(encoding="utf-8"))
    assert list(told) == ["format", "imported", "updated", "skipped", "items"]
    assert (told["format"], told["imported"], told["updated"], told["skipped"]) == ("gift", 2, 0, 0)
    assert [list(item) for item in told["items"]] == [["ref", "name", "type", "status", "reason"]] * 3
    assert [item["status"] for item in told["items"]] == ["imported", "imported", "error"]
    assert [item["type"] for item in told["items"][:2]] == ["single_choice", "numerical"]
    assert told["items"][2]["name"] == "Hỏng"
    assert " / " in told["items"][2]["reason"]  # in both languages
    assert Bank.objects.get(slug="moi").questions.count() == 2


def test_a_second_import_updates_and_duplicates_nothing(gift: Path, tmp_path: Path) -> None:
    gift.write_text(GIFT.partition("::Hỏng")[0], encoding="utf-8")
    report = tmp_path / "r.json"
    run("import_questions", gift, "--bank", "moi")
    run("import_questions", gift, "--bank", "moi", "--report", report)
    told = json.loads(report.read_text(encoding="utf-8"))
    assert (told["imported"], told["updated"], told["skipped"]) == (0, 0, 2)
    assert Question.objects.count() == 2


def test_a_dry_run_keeps_nothing_and_not_even_makes_the_bank(gift: Path, tmp_path: Path) -> None:
    out, _err = run("import_questions", gift, "--bank", "moi", "--dry-run", expected=3)
    assert "2 imported" in out
    assert not Bank.objects.exists()


@pytest.mark.parametrize(
    "content", [b"", b"\x00\x01\x02", b"%PDF-1.7 ...", b'<?xml version="1.0"?><quiz><question type=']
)
def test_a_file_that_cannot_be_read_is_one_sentence_and_changes_nothing(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "tep.xml"
    path.write_bytes(content)
    _out, err = run("import_questions", path, "--bank", "moi", expected=2)
    assert len(err.strip().splitlines()) == 1
    assert "tep.xml" in err
    assert " / " in err
    assert not Bank.objects.exists()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("root", ["quiz", "lolz", "assessmentItem"])
def test_a_document_type_is_what_is_said_of_it(tmp_path: Path, root: str, encoding: str) -> None:
    declared = "utf-16" if encoding == "utf-16" else "utf-8"
    path = tmp_path / "tep.xml"
    text = (
        f'<?xml version="1.0" encoding="{declared}"?><!-- x -->\n<!DOCTYPE {root} [<!ENTITY a "b">]>\n<quiz>&a;</quiz>'
    )
    path.write_bytes(text.encode(encoding))
    _out, err = run("import_questions", path, "--bank", "moi", expected=2)
    assert "DOCTYPE" in err
    assert " / " in err


@pytest.mark.parametrize("ending", ["xml", "zip", "xlsx", "csv", "json", "docx", "txt", "gift", ""])
@pytest.mark.parametrize("name", ["moodle_xml", "gift", "qti", "xlsx", "csv", "json", "docx"])
def test_a_format_is_known_whatever_the_file_is_called(gift: Path, tmp_path: Path, name: str, ending: str) -> None:
    path = tmp_path / f"ra.{ending}"
    with gift.open("rb") as source:
        items = [item for item in get_format("gift").read(source) if isinstance(item, ParsedQuestion)]
    with path.open("w+b") as file:
        get_format(name).write(items, file)
        file.seek(0)
        assert recognise_format(file, path.name).name == name


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    _out, err = run("import_questions", tmp_path / "khong-co.xml", "--bank", "moi", expected=2)
    assert "khong-co.xml" in err


@pytest.mark.parametrize("name", ["moodle_xml", "gift", "qti", "xlsx", "csv", "json"])
def test_what_is_exported_is_recognised_and_comes_back_equal(gift: Path, tmp_path: Path, name: str) -> None:
    ending = {"moodle_xml": "xml", "qti": "zip"}.get(name, name)
    run("import_questions", gift, "--bank", "moi", expected=3)
    path = tmp_path / f"ra.{ending}"
    run("export_questions", path, "--bank", "moi", "--format", name)
    report = tmp_path / "r.json"
    run("import_questions", path, "--bank", "moi", "--report", report)
    told = json.loads(report.read_text(encoding="utf-8"))
    assert (told["format"], told["skipped"], len(told["items"])) == (name, 2, 2)
    run("import_questions", path, "--bank", "khac")
    banks = [Bank.objects.get(slug=slug) for slug in ("moi", "khac")]
    first, second = (
        [(q.idnumber, q.type, q.body, q.category) for q in parsed_questions(b, b.questions.all())] for b in banks
    )
    assert first == second


def test_exporting_names_what_the_format_cannot_say(gift: Path, tmp_path: Path) -> None:
    run("import_questions", gift, "--bank", "moi", expected=3)
    _out, err = run("export_questions", tmp_path / "ra.txt", "--bank", "moi", "--format", "aiken", expected=3)
    assert "Nửa" in err
    run("export_questions", tmp_path / "x.gift", "--bank", "khong-co", "--format", "gift", expected=2)
