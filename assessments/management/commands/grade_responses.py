"""`manage.py grade_responses`: what responses in a file are worth for the questions of a file. Needs no database."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NoReturn

from django.core.management.base import BaseCommand

from assessments.exceptions import UnknownFormat
from assessments.formats import Unreadable, all_formats
from assessments.grading.batch import Questions, as_json, grade_lines
from assessments.services import recognise_format
from common.messages import in_both


class Command(BaseCommand):
    """Exit 0: every line is answered for; 2: a file cannot be read or written."""

    help = "Mark responses (JSON lines) for the questions of a file. Reads and writes no database."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        names = sorted(name for name, one in all_formats().items() if one.reads)
        parser.add_argument("--bank", type=Path, required=True, metavar="FILE", help="questions in any format we read")
        parser.add_argument("--format", default="auto", choices=["auto", *names])
        parser.add_argument("--responses", type=Path, required=True, metavar="R.jsonl")
        parser.add_argument("--output", type=Path, metavar="O.jsonl", help="standard output when left out")
        parser.add_argument("--language", default="vi", choices=["vi", "en"], help="whose notation numbers have")

    def handle(self, *args: Any, **options: Any) -> None:
        questions = self._questions(options["bank"], options["format"])
        output: Path | None = options["output"]
        try:
            with ExitStack() as opened:
                lines = opened.enter_context(options["responses"].open("rb"))
                file = opened.enter_context(output.open("wb")) if output else None
                for line in grade_lines(questions, lines, language=options["language"]):
                    if file:
                        file.write(as_json(line))
                    else:
                        self.stdout.write(as_json(line).decode("utf-8"), ending="")
        except OSError as problem:
            self._stop(problem.filename or output or options["responses"], problem)

    def _questions(self, path: Path, wanted: str) -> Questions:
        try:
            with path.open("rb") as file:
                return Questions(recognise_format(file, path.name, wanted).read(file, path.name))
        except OSError as problem:
            self._stop(path, problem)
        except (Unreadable, UnknownFormat) as problem:
            self.stderr.write(f"{path.name}: {in_both(problem)}", style_func=str)
            sys.exit(2)

    def _stop(self, path: object, problem: OSError) -> NoReturn:
        self.stderr.write(
            f"{path}: không dùng được tệp này ({problem.strerror}) / this file cannot be used ({problem.strerror})",
            style_func=str,
        )
        sys.exit(2)
