"""`manage.py verify_sitting ID`: does a sitting's log prove its marks? Changes nothing."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError

from assessments.evidence.report import print_report
from assessments.evidence.verify import verify_contents
from assessments.services.evidence import contents_of, sitting_named


class Command(BaseCommand):
    """Exit 0: proven; 1: not proven, what differs is named; 2: there is no such sitting, or no database."""

    help = "Check the chain of answers of a sitting and mark it again. Exit 0 proven, 1 not, 2 unreadable."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("sitting", metavar="ID", help="the sitting's identifier (UUID), or its number")
        parser.add_argument("--json", action="store_true", help="one JSON object instead of lines for people")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            sitting = sitting_named(options["sitting"])
        except DatabaseError as problem:
            self.stderr.write(
                f"Không đọc được cơ sở dữ liệu / The database cannot be read: {problem}".strip(), style_func=str
            )
            sys.exit(2)
        if sitting is None:
            self.stderr.write(
                f"Không có bài làm {options['sitting']} / There is no sitting {options['sitting']}.", style_func=str
            )
            sys.exit(2)
        checks = verify_contents(contents_of(sitting))
        print_report(self.stdout, checks, subject=str(sitting.public_id), as_json=options["json"])
        sys.exit(0 if all(check.ok for check in checks) else 1)
