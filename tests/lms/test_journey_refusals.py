"""What `manage.py journey` refuses before it touches anything: one line, exit 2, the folder as it was."""

from __future__ import annotations

import fcntl
import socket
import sqlite3
import subprocess
from pathlib import Path

import pytest

from tests.lms.served import PATIENCE, Served

pytestmark = pytest.mark.processes


def play(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """`manage.py journey` where it must be refused."""
    words, variables = Served(folder, environment).command()
    return subprocess.run(
        [*words[:-1], "journey"], env=variables, cwd=folder.parent, capture_output=True, text=True, timeout=PATIENCE
    )


def refusal_in(ended: subprocess.CompletedProcess[str]) -> str:
    """The one line in both languages."""
    assert ended.returncode == 2, ended.stderr
    (line,) = ended.stderr.strip().splitlines()
    assert line.startswith("Học Số: ")
    assert " / " in line
    return line


def test_a_port_in_use_is_named_and_not_even_the_folder_is_made(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        line = refusal_in(play(tmp_path / "var", PORT=str(taken.getsockname()[1])))
    assert "is in use" in line
    assert not (tmp_path / "var").exists()


@pytest.mark.parametrize("content", [b"not a database", b"SQLite format 3\x00 cut short"])
def test_a_damaged_database_is_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "var" / "hocso.sqlite3"
    path.parent.mkdir()
    path.write_bytes(content)
    assert "is damaged" in refusal_in(play(path.parent))
    assert path.read_bytes() == content
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_another_programs_database_is_not_written_into(tmp_path: Path) -> None:
    path = tmp_path / "var" / "hocso.sqlite3"
    path.parent.mkdir()
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE theirs (text TEXT)")
    database.close()
    assert "another program's" in refusal_in(play(path.parent))
    with sqlite3.connect(path) as database:
        assert database.execute("SELECT name FROM sqlite_master").fetchall() == [("theirs",)]


def test_a_folder_that_is_being_set_up_or_served_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    (folder / "run").mkdir(parents=True)
    for name, words in [("journey", "is being set up by another run"), ("serve", "is being served already")]:
        with (folder / "run" / f"{name}.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            assert words in refusal_in(play(folder))
    assert not (folder / "hocso.sqlite3").exists()


def test_production_settings_refuse_demonstration_people(tmp_path: Path) -> None:
    environment = {
        "DJANGO_SETTINGS_MODULE": "lms.settings.production",
        "SECRET_KEY": "abcdefghij" * 6,
        "ALLOWED_HOSTS": "hocso.example.vn",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'var' / 'hocso.sqlite3'}",
    }
    assert "use lms.settings.local" in play(tmp_path / "var", **environment).stderr
    assert not (tmp_path / "var").exists()
