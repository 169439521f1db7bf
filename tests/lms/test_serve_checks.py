"""What `manage.py serve` refuses before it starts anything: one line, exit 2, nothing touched."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import pytest

from lms.secret import keep_secret
from lms.serve import checks
from lms.serve.exceptions import CannotServe
from tests.lms.served import Served


def said(refusal: pytest.ExceptionInfo[CannotServe]) -> str:
    """The refusal's line, which must be one line in both languages."""
    line = str(refusal.value)
    assert "\n" not in line
    assert " / " in line
    return line


@pytest.mark.parametrize("text", ["1", "8000", "65535"])
def test_a_port_is_a_number_from_1_to_65535(text: str) -> None:
    assert checks.read_port(text) == int(text)


@pytest.mark.parametrize("text", ["0", "65536", "-1", "80a", "", "8000.5"])
def test_anything_else_is_no_port(text: str) -> None:
    with pytest.raises(CannotServe) as refusal:
        checks.read_port(text)
    assert f"PORT={text} is not a port" in said(refusal)


def test_a_taken_port_is_named_with_another_to_try() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CannotServe) as refusal:
            checks.open_port("127.0.0.1", port)
    assert f"port {port} is in use" in said(refusal)


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(CannotServe) as refusal:
        checks.open_port("203.0.113.7", 8000)
    assert "203.0.113.7:8000 cannot be opened" in said(refusal)


def test_a_folder_that_can_be_made_is_accepted_and_not_made(tmp_path: Path) -> None:
    checks.check_folder(tmp_path / "new" / "var")
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_place_of_the_data_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("")
    with pytest.raises(CannotServe) as refusal:
        checks.check_folder(tmp_path / "var")
    assert "cannot be written" in said(refusal)


@pytest.mark.skipif(os.geteuid() == 0, reason="the administrator may write everywhere")
def test_an_unwritable_folder_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(CannotServe) as refusal:
        checks.check_folder(tmp_path / "var")
    tmp_path.chmod(0o700)
    assert "VAR_DIR=" in said(refusal)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="there is no /proc, whose rights promise what it refuses")
def test_a_folder_that_only_seems_writable_is_refused() -> None:
    with pytest.raises(CannotServe) as refusal:
        checks.check_folder(Path("/proc/hoc-so"))
    assert "/proc/hoc-so cannot be written" in said(refusal)


def test_a_missing_database_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(CannotServe) as refusal:
        checks.check_sqlite_file(tmp_path / "hocso.sqlite3")
    assert "make journey" in said(refusal)
    assert list(tmp_path.iterdir()) == []


def test_an_empty_file_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "hocso.sqlite3"
    path.write_bytes(b"")
    with pytest.raises(CannotServe) as refusal:
        checks.check_sqlite_file(path)
    assert "is empty" in said(refusal)


def test_a_file_that_is_something_else_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "hocso.sqlite3"
    path.write_bytes(b"PK\x03\x04 a zip archive, renamed")
    with pytest.raises(CannotServe) as refusal:
        checks.check_sqlite_file(path)
    assert "is damaged" in said(refusal)


def make_database(path: Path) -> None:
    """A SQLite file of some pages."""
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE word (text TEXT)")
    database.executemany("INSERT INTO word VALUES (?)", [("x" * 500,)] * 500)
    database.commit()
    database.close()


def test_a_sound_file_passes(tmp_path: Path) -> None:
    make_database(tmp_path / "hocso.sqlite3")
    checks.check_sqlite_file(tmp_path / "hocso.sqlite3")


@pytest.mark.parametrize("keep", [1000, 30_000])
def test_a_file_cut_short_is_damaged(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "hocso.sqlite3"
    make_database(path)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(CannotServe) as refusal:
        checks.check_sqlite_file(path)
    assert "is damaged" in said(refusal)


def test_a_file_overwritten_in_the_middle_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "hocso.sqlite3"
    make_database(path)
    data = bytearray(path.read_bytes())
    data[8192:16384] = b"\xff" * 8192
    path.write_bytes(bytes(data))
    with pytest.raises(CannotServe) as refusal:
        checks.check_sqlite_file(path)
    assert "is damaged" in said(refusal)


def test_the_lock_is_taken_once(tmp_path: Path) -> None:
    first = checks.take_lock(tmp_path / "run")
    with pytest.raises(CannotServe) as refusal:
        checks.take_lock(tmp_path / "run")
    assert "is being served already" in said(refusal)
    first.close()
    checks.take_lock(tmp_path / "run").close()


@pytest.mark.django_db
def test_a_migrated_database_lacks_nothing() -> None:
    assert checks.missing_migrations(checks.applied_migrations()) == 0


def test_a_database_of_a_later_version_is_refused() -> None:
    with pytest.raises(CannotServe) as refusal:
        checks.refuse_later({("people", "0001_initial"), ("people", "9999_from_the_future")})
    assert "later version (it has people.9999_from_the_future)" in said(refusal)


def test_a_missing_secret_is_said_before_people_sign_in(tmp_path: Path, settings: Any) -> None:
    settings.SECRET_FILE = tmp_path / "secret.key"
    with pytest.raises(CannotServe) as refusal:
        checks.check_secret()
    assert "put it back from a backup" in said(refusal)
    keep_secret()
    checks.check_secret()
    assert settings.SECRET_FILE.read_text() == settings.SECRET_KEY
    assert settings.SECRET_FILE.stat().st_mode & 0o077 == 0


@pytest.mark.processes
@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "there is no database"), (b"", "is empty"), (b"not a database at all", "is damaged")],
)
def test_a_bad_database_ends_the_command_with_2_and_is_left_alone(
    tmp_path: Path, content: bytes | None, words: str
) -> None:
    folder = tmp_path / "var"
    folder.mkdir()
    path = folder / "hocso.sqlite3"
    if content is not None:
        path.write_bytes(content)
    ended = Served(folder, {}).refused()
    assert ended.returncode == 2
    assert len(ended.stderr.strip().splitlines()) == 1
    assert words in ended.stderr
    assert [file.name for file in folder.iterdir()] == ([path.name] if content is not None else [])
    assert (path.read_bytes() if path.exists() else None) == content


@pytest.mark.processes
def test_a_half_made_database_says_make_migrate(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    folder.mkdir()
    make_database(folder / "hocso.sqlite3")
    ended = Served(folder, {}).refused()
    assert ended.returncode == 2
    assert "half-made" in ended.stderr
    assert "make migrate" in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1


@pytest.mark.processes
@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"DJANGO_SETTINGS_MODULE": "lms.settings.production", "SECRET_KEY": ""}, "SECRET_KEY"),
        ({"STORAGE_URL": "ftp://example.org/files"}, "STORAGE_URL"),
        ({"DATABASE_URL": "nonsense"}, "environment is wrong"),
        ({"SWEEP_SECONDS": "soon"}, "environment is wrong"),
        ({"BROKER_URL": "pigeon://post"}, "BROKER_URL=pigeon"),
        ({"PORT": "80a"}, "PORT=80a is not a port"),
    ],
)
def test_settings_that_refuse_are_one_line_and_exit_code_2(
    tmp_path: Path, environment: dict[str, str], words: str
) -> None:
    ended = Served(tmp_path / "var", environment).refused()
    assert ended.returncode == 2
    assert len(ended.stderr.strip().splitlines()) == 1
    assert words in ended.stderr


@pytest.mark.processes
def test_migrating_makes_the_secret_with_the_database(tmp_path: Path) -> None:
    words, environment = Served(tmp_path / "var", {}).command()
    subprocess.run([*words[:-1], "migrate", "auth"], env=environment, check=True, capture_output=True)
    assert len((tmp_path / "var" / "secret.key").read_text()) >= 50
