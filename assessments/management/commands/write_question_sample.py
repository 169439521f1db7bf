"""`manage.py write_question_sample FILE`: the spreadsheet template with an example of each simple type."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from assessments.formats.table.sample import write_sample


class Command(BaseCommand):
    """Writes XLSX, or CSV when the file is called so."""

    help = "Write the spreadsheet template for questions."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        with path.open("wb") as file:
            write_sample(file, csv=path.suffix.lower() == ".csv")
        self.stdout.write(str(path))
