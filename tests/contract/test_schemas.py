"""docs/schemas/ says what bodies and responses look like; `manage.py export_schemas` writes it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assessments.management.commands.export_schemas import all_schemas
from assessments.question_types import AnyType, all_types

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "schemas"


@pytest.mark.parametrize("name", sorted(all_schemas()))
def test_the_schema_of_a_type_is_current(name: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == all_schemas()[name], "run: manage.py export_schemas"


def test_no_schema_is_left_of_a_type_that_is_gone() -> None:
    assert {path.name for path in FOLDER.glob("*.json")} == set(all_schemas())


@pytest.mark.parametrize("question_type", all_types(), ids=lambda one: one.name)
def test_a_body_is_described_down_to_its_last_field(question_type: AnyType) -> None:
    schema = json.loads((FOLDER / f"{question_type.name}.body.json").read_text(encoding="utf-8"))
    assert schema["additionalProperties"] is False
    assert set(question_type.Body.model_fields) == set(schema["properties"])
