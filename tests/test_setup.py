"""`make setup` on machines where it cannot work: one clear line, exit 2, nothing left behind."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What set-up needs of the project, in a folder of its own."""
    folder = tmp_path / "clone"
    (folder / "scripts").mkdir(parents=True)
    shutil.copy(ROOT / "Makefile", folder)
    shutil.copy(ROOT / "scripts/setup.py", folder / "scripts")
    for path in ROOT.glob("requirements*.txt"):
        shutil.copy(path, folder)
    return folder


def fake_python(folder: Path, *answer: str) -> Path:
    """A Python that answers the question for its version and missing modules like this."""
    path = folder / "fake-python"
    lines = "\n".join(f"echo {word}" for word in answer)
    path.write_text(f"#!/bin/sh\n{lines}\n")
    path.chmod(0o755)
    return path


def make_setup(clone: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """`make setup` as a newcomer runs it."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("PIP_", "UV_", "MAKE"))}
    return subprocess.run(
        ["make", "setup"],
        cwd=clone,
        env={**clean, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


def refusal_in(result: subprocess.CompletedProcess[str]) -> str:
    """The one line that set-up itself printed to say no."""
    assert result.returncode == 2
    (line,) = [line for line in result.stderr.splitlines() if not line.startswith("make")]
    assert line.startswith("Học Số: ")
    assert " / " in line
    return line


@pytest.mark.parametrize("version", ["2.7", "3.6", "3.10", "3.14"])
def test_a_wrong_python_is_named_with_the_right_ones(clone: Path, tmp_path: Path, version: str) -> None:
    result = make_setup(clone, PYTHON=str(fake_python(tmp_path, version)))
    line = refusal_in(result)
    assert f"= {version}" in line
    assert "3.11, 3.12 or 3.13" in line
    assert not (clone / ".venv").exists()


def test_a_python_without_venv_says_which_package_to_install(clone: Path, tmp_path: Path) -> None:
    result = make_setup(clone, PYTHON=str(fake_python(tmp_path, "3.12", "ensurepip")))
    assert "sudo apt install python3.12-venv" in refusal_in(result)
    assert not (clone / ".venv").exists()


def test_a_python_built_without_sqlite_is_refused(clone: Path, tmp_path: Path) -> None:
    result = make_setup(clone, PYTHON=str(fake_python(tmp_path, "3.11", "sqlite3")))
    assert "built without sqlite3" in refusal_in(result)
    assert not (clone / ".venv").exists()


def test_a_python_that_does_not_run_is_refused(clone: Path, tmp_path: Path) -> None:
    result = make_setup(clone, PYTHON=str(tmp_path / "nothing-here"))
    assert "does not run" in refusal_in(result)


def test_no_network_is_said_and_a_half_made_environment_is_removed(clone: Path, tmp_path: Path) -> None:
    (clone / ".venv" / "bin").mkdir(parents=True)  # an earlier set-up was interrupted here
    result = make_setup(
        clone,
        PIP_INDEX_URL="http://127.0.0.1:9/simple",
        PIP_EXTRA_INDEX_URL="",
        PIP_CONFIG_FILE=os.devnull,
        PIP_NO_CACHE_DIR="1",
    )
    assert "check the network" in refusal_in(result)
    assert not (clone / ".venv").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="the administrator may write everywhere")
def test_an_unwritable_folder_is_said(clone: Path) -> None:
    clone.chmod(0o500)
    try:
        line = refusal_in(make_setup(clone))
    finally:
        clone.chmod(0o700)
    assert "cannot be written" in line
