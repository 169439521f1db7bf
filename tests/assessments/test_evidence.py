"""Evidence of a sitting: it proves the marks by itself, and every altered byte is named."""

from __future__ import annotations

import io
import json
import random
import zipfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from assessments.evidence import keys
from assessments.evidence.archive import UnreadableArchive, pack, unpack
from assessments.evidence.contents import write_bundle
from assessments.evidence.verify import Check, verify_bundle, verify_contents
from assessments.exceptions import DecisionRefused
from assessments.models import Sitting
from assessments.services import start_sitting
from assessments.services.evidence import bundle_of, contents_of
from tests.conftest import NOW
from tests.factories import make_person, make_quiz, sit

pytestmark = pytest.mark.django_db


@pytest.fixture
def sitting() -> Sitting:
    return sit(make_quiz(), make_person(), right=3)


def failed(checks: list[Check]) -> list[str]:
    return [check.name for check in checks if not check.ok]


def own() -> dict[str, str]:
    return keys.own_public_keys()


def run(*words: str) -> tuple[int, str]:
    out, error = io.StringIO(), io.StringIO()
    try:
        call_command(*words, stdout=out, stderr=error)
    except SystemExit as ended:
        return int(ended.code or 0), out.getvalue() + error.getvalue()
    return 0, out.getvalue()


def test_an_untouched_sitting_is_proven_by_its_rows_and_by_its_bundle(sitting: Sitting) -> None:
    assert failed(verify_contents(contents_of(sitting))) == []
    checks = verify_bundle(bundle_of(sitting, at=NOW), known_keys=own())
    assert failed(checks) == []
    assert [check.name for check in checks] == [
        "files", "archive", "signature", "rules", "paper", "questions", "answers", "supervision", "marks", "result",
    ]  # fmt: skip


def test_a_bundle_is_the_same_for_the_same_sitting_and_moment(sitting: Sitting) -> None:
    assert bundle_of(sitting, at=NOW) == bundle_of(sitting, at=NOW)


def test_a_sitting_that_is_still_open_has_no_bundle() -> None:
    started = start_sitting(person=make_person(), quiz=make_quiz(), at=NOW)
    with pytest.raises(DecisionRefused):
        bundle_of(started, at=NOW)


def test_evidence_takes_as_many_queries_for_thirty_questions_as_for_six(django_assert_num_queries: Any) -> None:
    for count in (6, 30):
        row = sit(make_quiz(count=count), make_person(name=f"Lê Văn {'A' * count}"), right=3)
        with django_assert_num_queries(6):
            contents_of(row)


# Bytes --------------------------------------------------------------------------------------------------------


def test_any_altered_byte_is_found_and_named(sitting: Sitting) -> None:
    data = bundle_of(sitting, at=NOW)
    names = set(unpack(data).files)
    chance = random.Random(20261125)
    places = [*range(80), *chance.sample(range(len(data)), 300), *range(len(data) - 120, len(data))]
    for place in places:
        altered = bytearray(data)
        altered[place] ^= 1 << chance.randrange(8)
        checks = verify_bundle(bytes(altered), known_keys=own())
        wrong = [check for check in checks if not check.ok]
        assert wrong, f"byte {place} was altered and nobody saw it"
        said = " ".join(str(check.detail) for check in wrong)
        assert any(name in said for name in names) or "byte" in said, f"byte {place}: {said}"


@pytest.mark.parametrize("cut", [1, 30, 400])
def test_a_bundle_that_was_cut_short_is_not_proven(sitting: Sitting, cut: int) -> None:
    assert failed(verify_bundle(bundle_of(sitting, at=NOW)[:-cut], known_keys=own()))


@pytest.mark.parametrize("data", [b"", b"PK", b"%PDF-1.7", b"x" * 5000])
def test_what_is_no_bundle_is_unreadable(data: bytes) -> None:
    with pytest.raises(UnreadableArchive):
        unpack(data)


def test_packed_again_by_another_program_it_says_so(sitting: Sitting) -> None:
    again = io.BytesIO()
    with zipfile.ZipFile(again, "w", zipfile.ZIP_STORED) as archive:
        for name, data in unpack(bundle_of(sitting, at=NOW)).files.items():
            archive.writestr(name, data)
    assert failed(verify_bundle(again.getvalue(), known_keys=own())) == ["archive"]


def test_a_bundle_signed_anew_by_somebody_else_is_not_ours(sitting: Sitting, settings: Any) -> None:
    ours = own()
    settings.FIELD_KEYS = ["a secret of somebody else"]
    forged = write_bundle(contents_of(sitting), made_at=NOW.isoformat())
    assert failed(verify_bundle(forged, known_keys=ours)) == ["signature"]
    assert failed(verify_bundle(forged, known_keys=None)) == []


def test_after_a_change_of_secrets_older_bundles_are_still_ours(sitting: Sitting, settings: Any) -> None:
    before = bundle_of(sitting, at=NOW)
    settings.FIELD_KEYS = ["a newer secret", *settings.FIELD_KEYS]
    assert failed(verify_bundle(before, known_keys=own())) == []
    assert failed(verify_bundle(bundle_of(sitting, at=NOW), known_keys=own())) == []


# What is in it, even when it was signed by the true key -------------------------------------------------------


def forge(contents: Any, what: str) -> Any:
    """The contents with one thing altered, by somebody who could sign it."""
    made = json.loads(json.dumps(
        {name: getattr(contents, name) for name in ("sitting", "paper", "versions", "events", "supervision", "runs")}
    ))  # fmt: skip
    if what == "an answer":
        made["events"][3]["response"] = {"choice": "a"}
    elif what == "an answer removed":
        del made["events"][1]
    elif what == "the last entries removed":
        made["events"] = made["events"][:-2]
    elif what == "entries exchanged":
        made["events"][0], made["events"][1] = made["events"][1], made["events"][0]
    elif what == "a time":
        made["events"][0]["server_time"] = (NOW - timedelta(hours=1)).isoformat()
    elif what == "a mark":
        made["runs"][0]["slots"][3]["mark"] = "1.0000"
    elif what == "the score of the run":
        made["runs"][0]["score"] = "4.00"
    elif what == "the result":
        made["sitting"]["score"] = "4.00"
    elif what == "passed":
        made["sitting"]["passed"] = not made["sitting"]["passed"]
    elif what == "the key of a question":
        made["versions"][0]["body"]["choices"][0]["fraction"] = 0.5
    elif what == "the paper":
        made["paper"]["slots"][0]["mark"] = "9"
    elif what == "the pass mark":
        made["sitting"]["quiz_version"]["blueprint"]["pass_percent"] = "10"
    elif what == "no marking":
        made["runs"] = []
    return replace(contents, **made)


@pytest.mark.parametrize(
    ("what", "found"),
    [
        ("an answer", "answers"),
        ("an answer removed", "answers"),
        ("the last entries removed", "answers"),
        ("entries exchanged", "answers"),
        ("a time", "answers"),
        ("a mark", "marks"),
        ("the score of the run", "marks"),
        ("the result", "result"),
        ("passed", "result"),
        ("the key of a question", "questions"),
        ("the paper", "paper"),
        ("the pass mark", "rules"),
        ("no marking", "marks"),
    ],
)
def test_even_who_can_sign_cannot_alter_the_past(sitting: Sitting, what: str, found: str) -> None:
    forged = forge(contents_of(sitting), what)
    assert found in failed(verify_contents(forged))
    assert found in failed(verify_bundle(write_bundle(forged, made_at=NOW.isoformat()), known_keys=own()))


def test_rows_changed_behind_the_triggers_are_found(sitting: Sitting) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE assessments_sitting SET score = 4, passed = %s WHERE id = %s", [True, sitting.pk])
    assert failed(verify_contents(contents_of(sitting))) == ["result"]
    code, said = run("verify_sitting", str(sitting.public_id))
    assert code == 1
    assert "KHÔNG chứng minh được / NOT proven" in said


# Commands -----------------------------------------------------------------------------------------------------


def test_the_commands_export_and_prove(sitting: Sitting, tmp_path: Path) -> None:
    file = tmp_path / "bằng chứng.zip"
    assert run("export_evidence", str(sitting.public_id), str(file)) == (0, "")
    code, said = run("verify_evidence", str(file), "--json")
    report = json.loads(said)
    assert (code, report["status"], report["subject"]) == (0, "proven", file.name)
    assert {check["ok"] for check in report["checks"]} == {True}
    assert run("verify_sitting", str(sitting.pk))[0] == 0
    file.write_bytes(file.read_bytes().replace(b'"choice":"b"', b'"choice":"a"'))
    code, said = run("verify_evidence", str(file))
    assert code == 1
    assert "events.jsonl" in said
    file.write_bytes(b"no zip")
    assert run("verify_evidence", str(file))[0] == 2
    assert run("verify_evidence", str(tmp_path / "none.zip"))[0] == 2
    assert run("verify_sitting", "999999")[0] == 2
    assert run("verify_sitting", "gì đó")[0] == 2


def test_published_keys_say_whose_bundle_it_is(sitting: Sitting, tmp_path: Path, settings: Any) -> None:
    file, published = tmp_path / "b.zip", tmp_path / "keys.json"
    assert run("export_evidence", str(sitting.pk), str(file))[0] == 0
    published.write_text(run("verify_evidence", "--publish-keys")[1])
    assert run("verify_evidence", str(file), "--keys", str(published))[0] == 0
    settings.FIELD_KEYS = ["another installation"]
    assert run("verify_evidence", str(file))[0] == 1
    assert run("verify_evidence", str(file), "--keys", str(published))[0] == 0
    published.write_text("{}")
    assert run("verify_evidence", str(file), "--keys", str(published))[0] == 2


def test_packing_is_canonical() -> None:
    files = {"manifest.json": b"{}", "ế.txt": "Việt".encode()}
    assert unpack(pack(files)).files == files
    assert unpack(pack(files)).difference is None
