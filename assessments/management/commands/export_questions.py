"""`manage.py export_questions --bank SLUG --format F FILE`: write a bank into a file."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from assessments.formats import all_formats
from assessments.models import Bank
from assessments.services import export_questions
from common.messages import in_both


class Command(BaseCommand):
    """Exit 0: every question is in the file; 3: some cannot be said in this format; 2: no bank, or no file."""

    help = "Export the questions of a bank that are not retired."

    def add_arguments(self, parser: ArgumentParser) -> None:
        names = sorted(name for name, one in all_formats().items() if one.writes)
        parser.add_argument("file", type=Path)
        parser.add_argument("--bank", required=True, metavar="SLUG")
        parser.add_argument("--format", required=True, choices=names)

    def handle(self, *args: Any, **options: Any) -> None:
        bank = Bank.objects.filter(slug=options["bank"]).first()
        if bank is None:
            self.stderr.write(f"{options['bank']}: không có ngân hàng này / there is no such bank")
            sys.exit(2)
        path: Path = options["file"]
        part = path.with_name(path.name + ".part")
        try:
            with part.open("w+b") as file:
                left_out = export_questions(bank=bank, question_format=all_formats()[options["format"]], file=file)
            part.replace(path)
        except OSError as error:
            self.stderr.write(f"{path}: không ghi được ({error.strerror}) / cannot be written ({error.strerror})")
            sys.exit(2)
        finally:
            part.unlink(missing_ok=True)
        for problem in left_out:
            self.stderr.write(f"{problem.ref} {problem.name}: {in_both(problem.reason)}")
        self.stdout.write(f"{path}: {options['format']}")
        if left_out:
            sys.exit(3)
