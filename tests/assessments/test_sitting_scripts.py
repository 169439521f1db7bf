"""The scripts of a sitting that need no browser, run by Node where there is one (nobody else needs it)."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from django.utils import timezone

from assessments.answer_seal import open_answers, public_key
from assessments.models import AnswerFile
from assessments.services import receive_answer_file, start_sitting
from tests.assessments.answer_file_maker import answer
from tests.factories import make_person, make_quiz

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "tests" / "scripts"
NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="no Node on this machine: scripts are tried in the browser only")


@pytest.mark.parametrize("name", sorted(path.name for path in SCRIPTS.glob("*.test.mjs")))
def test_the_scripts_keep_their_promises(name: str) -> None:
    done = subprocess.run([str(NODE), "--test", str(SCRIPTS / name)], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


@pytest.mark.django_db
def test_what_the_page_seals_the_server_opens() -> None:
    sitting = start_sitting(person=make_person(), quiz=make_quiz(count=2), at=timezone.now())
    entries = [answer(sitting, number, number) for number in (1, 2)]
    facts = {
        "sitting": str(sitting.public_id),
        "device": "a1b2c3d4e5f6",
        "entries": entries,
        "anchor": {"seq": 0, "head": sitting.chain_head, "head_seq": 0, "server_time": timezone.now().isoformat()},
        "key": public_key(),
    }
    done = subprocess.run(
        [str(NODE), str(SCRIPTS / "seal.mjs")], input=json.dumps(facts), capture_output=True, text=True, check=True
    )
    assert [event["slot"] for event in open_answers(done.stdout.encode()).events] == [1, 2]
    row = receive_answer_file(sitting=sitting, content=done.stdout.encode(), by=sitting.person, at=timezone.now())
    assert row.state == AnswerFile.State.RECORDED
    assert sitting.events.count() == 2
