"""docs/features.md promises only what a test or a command shows."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parents[1]
FEATURES = ROOT / "docs" / "features.md"
LINES = [line for line in FEATURES.read_text().splitlines() if line.startswith("- ")]


@cache
def names_in(path: Path) -> set[str]:
    """Names of the tests of a file: functions, classes, and `Class::method`."""
    names = set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        if isinstance(node, ast.ClassDef):
            names |= {f"{node.name}::{one.name}" for one in node.body if isinstance(one, ast.FunctionDef)}
    return names


@cache
def make_targets() -> set[str]:
    """Targets of the Makefile."""
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def exists(reference: str) -> bool:
    """Whether a test, a make target, a management command or a document of this name is there."""
    kind, _, rest = reference.partition(" ")
    if kind == "make":
        return rest.split()[0] in make_targets()
    if kind == "manage.py":
        return rest.split()[0] in get_commands()
    file, _, test = reference.partition("::")
    path = ROOT / file
    if file.startswith("tests/") and path.suffix == ".py":
        return path.is_file() and (not test or test in names_in(path))
    return file.startswith(("docs/", "deploy/", "content/")) and path.exists()


@pytest.mark.parametrize("line", LINES)
def test_every_feature_names_what_shows_it_and_that_exists(line: str) -> None:
    text, dash, evidence = line.partition(" — ")
    references = re.findall(r"`([^`]+)`", evidence)
    assert dash, "write: - what it does — `tests/…::test_name`"
    assert len(text) > 10
    assert references, "name the test, command or document that shows it"
    missing = [reference for reference in references if not exists(reference)]
    assert not missing, f"not there: {missing}"


def test_features_are_told_room_by_room() -> None:
    headings = re.findall(r"^## (\w+)", FEATURES.read_text(), re.MULTILINE)
    assert headings == ["lms", "people", "cms", "courses", "assessments", "certificates", "records", "common"]


@pytest.mark.parametrize("path", sorted((ROOT / "docs" / "adr").glob("*.md")), ids=lambda path: path.stem)
def test_a_decision_tells_context_decision_and_consequences(path: Path) -> None:
    assert re.match(r"\d{4}-[a-z0-9-]+$", path.stem)
    text = path.read_text()
    for heading in ("Context", "Decision", "Consequences"):
        assert re.search(rf"^#+ {heading}", text, re.MULTILINE), heading


def links_in(path: Path) -> list[str]:
    """Relative links of a Markdown file, without their anchors."""
    found = re.findall(r"\]\(([^)\s]+)\)", path.read_text())
    return [link.partition("#")[0] for link in found if not re.match(r"[a-z]+:|#", link)]


@pytest.mark.parametrize(
    "path", [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))], ids=lambda path: path.name
)
def test_every_link_in_the_documents_leads_somewhere(path: Path) -> None:
    missing = [link for link in links_in(path) if not (path.parent / link).exists()]
    assert not missing
