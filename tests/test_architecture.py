"""What holds between the rooms and around them, checked on the files themselves."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
ROOMS = ["lms", "records", "certificates", "assessments", "courses", "cms", "people", "common"]
LOCK_FILES = sorted(ROOT.glob("requirements*.txt"))
ENGINES = [
    "assessments/grading",
    "assessments/question_types",
    "assessments/papers",
    "certificates/renderers",
]


def contract(kind: str) -> dict[str, list[str]]:
    """The import contract of this type in pyproject.toml."""
    (found,) = [one for one in PROJECT["tool"]["importlinter"]["contracts"] if one["type"] == kind]
    return found


def project_files() -> list[Path]:
    """Files that git knows or would add."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode != 0:
        pytest.skip("not a git checkout: nothing says which files belong to the project")
    paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    return [path for path in paths if path.is_file()]


def test_every_installed_room_is_a_layer_in_the_same_order() -> None:
    installed = [name for name in settings.INSTALLED_APPS if (ROOT / name / "apps.py").is_file()]
    assert installed == ROOMS == contract("layers")["layers"]


def test_every_room_is_watched_at_its_doors_and_by_the_type_checker() -> None:
    assert contract("doors")["rooms"] == ROOMS
    assert PROJECT["tool"]["importlinter"]["root_packages"] == ROOMS
    assert PROJECT["tool"]["mypy"]["packages"] == ROOMS


def test_no_package_with_models_stands_outside_the_rooms() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/apps.py")}
    assert packages == set(ROOMS)


def test_no_import_contract_ignores_an_import() -> None:
    for one in PROJECT["tool"]["importlinter"]["contracts"]:
        assert "ignore_imports" not in one, one["name"]


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_has_a_readme(room: str) -> None:
    readme = ROOT / room / "README.md"
    assert readme.is_file()
    assert len(readme.read_text().split()) >= 40


@pytest.mark.parametrize("engine", ENGINES)
def test_a_pure_engine_imports_neither_the_orm_nor_celery(engine: str) -> None:
    paths = sorted((ROOT / engine).rglob("*.py"))
    assert paths
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text())):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            impure = [name for name in names if re.match(r"(django\.db|celery)\b", name)]
            assert not impure, f"{path.relative_to(ROOT)}:{node.lineno}: {impure}"


def test_no_file_of_the_project_reads_outside_of_it() -> None:
    outside = re.compile(r"\.\./shared|(?<![\w.])/work/|/root/|/home/\w+/")
    for path in project_files():
        if path == Path(__file__) or path.suffix in {
            ".mo",
            ".woff2",
            ".ttf",
            ".png",
            ".webp",
            ".jpg",
            ".mp4",
        }:
            continue
        match = outside.search(path.read_text("utf-8", "replace"))
        assert match is None, f"{path.relative_to(ROOT)}: {match.group()}"


@pytest.mark.parametrize("path", LOCK_FILES, ids=lambda path: path.name)
def test_a_lock_file_says_what_by_hash_and_never_where_from(path: Path) -> None:
    text = path.read_text()
    assert "--hash=sha256:" in text
    assert not re.search(r"://|--(extra-)?index|--find-links|--trusted|file:", text)
    for block in re.split(r"\n(?=[a-z0-9])", text.strip()):
        if re.match(r"[a-z0-9]", block):
            assert "--hash=sha256:" in block, block.splitlines()[0]


def direct_dependencies() -> list[str]:
    """What requirements*.in ask for, without versions and extras."""
    names = set()
    for path in ROOT.glob("requirements*.in"):
        for line in path.read_text().splitlines():
            match = re.match(r"([A-Za-z0-9][\w.-]*)", line)
            if match:
                names.add(match.group(1))
    return sorted(names)


@pytest.mark.parametrize("name", direct_dependencies())
def test_every_dependency_says_what_it_is_for(name: str) -> None:
    rows = [line for line in (ROOT / "docs/dependencies.md").read_text().splitlines() if line.startswith("|")]
    (row,) = [row for row in rows if row.split("|")[1].strip().lower() == name.lower()]
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert len(cells) == 4
    assert all(cells), row


def test_the_table_of_dependencies_names_nothing_that_is_gone() -> None:
    rows = re.findall(r"^\| ([A-Za-z0-9][\w.-]*) \|", (ROOT / "docs/dependencies.md").read_text(), re.MULTILINE)
    listed = {name.lower() for name in rows} - {"dependency"}
    assert listed == {name.lower() for name in direct_dependencies()}


def test_the_set_up_script_has_no_syntax_that_old_pythons_refuse() -> None:
    tree = ast.parse((ROOT / "scripts/setup.py").read_text())
    newer = (ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.AsyncFunctionDef, ast.Match)
    for node in ast.walk(tree):
        assert not isinstance(node, newer), f"line {node.lineno}: {type(node).__name__}"
        if isinstance(node, ast.FunctionDef):
            arguments = node.args
            assert node.returns is None
            assert not arguments.kwonlyargs
            assert all(argument.annotation is None for argument in arguments.args)
        if isinstance(node, ast.Raise):
            assert node.cause is None, f"line {node.lineno}: raise … from"
