"""`manage.py analyse_items`: statistics of questions and quiz from a file of grades. Needs no database."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, NoReturn

from django.core.management.base import BaseCommand

from assessments.analysis.lines import BadLine, read_grades
from assessments.analysis.statistics import as_json
from common.messages import in_both


class Command(BaseCommand):
    """Exit 0: analysed; 2: the file cannot be read or taken, and nothing is written."""

    help = "Analyse the items of a quiz from grades (JSON lines). Reads and writes no database."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--grades", type=Path, required=True, metavar="G.jsonl")
        parser.add_argument("--output", type=Path, metavar="S.json", help="standard output when left out")

    def handle(self, *args: Any, **options: Any) -> None:
        grades: Path = options["grades"]
        output: Path | None = options["output"]
        try:
            with grades.open("rb") as file:
                gathered = read_grades(file)
        except OSError as problem:
            self._stop(f"{grades}: {_unusable(problem)}")
        except BadLine as problem:
            self._stop(f"{grades.name}: {in_both(problem)}")
        text = json.dumps(as_json(*gathered.figures()), ensure_ascii=False, indent=2, allow_nan=False) + "\n"
        if output is None:
            self.stdout.write(text, ending="")
            return
        try:
            output.write_text(text, encoding="utf-8")
        except OSError as problem:
            self._stop(f"{output}: {_unusable(problem)}")

    def _stop(self, sentence: str) -> NoReturn:
        self.stderr.write(sentence, style_func=str)
        sys.exit(2)


def _unusable(problem: OSError) -> str:
    return f"không dùng được tệp này ({problem.strerror}) / this file cannot be used ({problem.strerror})"
