"""`manage.py export_schemas`: the JSON Schemas of every question type's body and response, into docs/schemas/."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from assessments.question_types import all_types


class Command(BaseCommand):
    """Write what changed, and take away what belongs to no type any more."""

    help = "Write docs/schemas/<type>.{body,response}.json of every question type."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--folder", type=Path, default=Path(settings.BASE_DIR) / "docs" / "schemas")

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"]
        folder.mkdir(parents=True, exist_ok=True)
        schemas = all_schemas()
        for path in folder.glob("*.json"):
            if path.name not in schemas:
                path.unlink()
        for name, text in schemas.items():
            (folder / name).write_text(text, encoding="utf-8")
        self.stdout.write(f"{len(schemas)} → {folder}")


def all_schemas() -> dict[str, str]:
    """File name → JSON Schema (2020-12) as it stands in docs/schemas/."""
    found = {}
    for question_type in all_types():
        for part, model in (("body", question_type.Body), ("response", question_type.Response)):
            name = f"{question_type.name}.{part}.json"
            schema = {
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "$id": name,
                **model.model_json_schema(),
            }
            found[name] = json.dumps(schema, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    return found
