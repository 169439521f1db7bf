"""`manage.py export_evidence ID FILE`: the signed evidence bundle of a sitting."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, NoReturn

from django.core.management.base import BaseCommand
from django.utils import timezone

from assessments.exceptions import DecisionRefused
from assessments.services.evidence import bundle_of, sitting_named
from common.messages import in_both


class Command(BaseCommand):
    """Exit 0: written; 2: no such sitting, it is still open, or the file cannot be written."""

    help = "Write the evidence of a sitting as one signed ZIP that verify_evidence proves without a database."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("sitting", metavar="ID", help="the sitting's identifier (UUID), or its number")
        parser.add_argument("file", type=Path, metavar="FILE.zip")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        sitting = sitting_named(options["sitting"])
        if sitting is None:
            self._stop(f"Không có bài làm {options['sitting']} / There is no sitting {options['sitting']}.")
        try:
            part = path.with_name(f"{path.name}.part")
            part.write_bytes(bundle_of(sitting, at=timezone.now()))
            part.replace(path)
        except DecisionRefused as refusal:
            self._stop(in_both(refusal))
        except OSError as problem:
            self._stop(f"{path}: không ghi được / cannot be written ({problem.strerror})")

    def _stop(self, message: str) -> NoReturn:
        self.stderr.write(message, style_func=str)
        sys.exit(2)
