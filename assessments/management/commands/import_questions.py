"""`manage.py import_questions FILE --bank SLUG`: bring the questions of a file into a bank."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn

from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from assessments.exceptions import UnknownFormat
from assessments.formats import Unreadable, all_formats
from assessments.models import Bank, Question
from assessments.services import (
    CheckedFile,
    ImportReport,
    check_questions,
    create_bank,
    read_file,
    recognise_format,
    take_questions,
)
from common.messages import in_both


class Command(BaseCommand):
    """Exit 0: every item was taken (or was there already); 3: some were not; 2: the file cannot be read, nothing is in."""

    help = "Import questions: Moodle XML, GIFT, Aiken, QTI, XLSX, CSV, JSON or DOCX. May be repeated."

    def add_arguments(self, parser: ArgumentParser) -> None:
        names = sorted(name for name, one in all_formats().items() if one.reads)
        parser.add_argument("file", type=Path)
        parser.add_argument("--bank", required=True, metavar="SLUG", help="made when there is none")
        parser.add_argument("--format", default="auto", choices=["auto", *names])
        parser.add_argument("--dry-run", action="store_true", help="report only; nothing is kept")
        parser.add_argument("--report", type=Path, help="write the report as JSON")
        parser.add_argument("--status", default=Question.Status.READY, choices=Question.Status.values)

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            with path.open("rb") as file:
                question_format = recognise_format(file, path.name, options["format"])
                report = self._import(question_format.read(file, path.name), question_format.name, options)
        except OSError as problem:
            self._stop(f"{path}: không đọc được ({problem.strerror}) / cannot be read ({problem.strerror})")
        except (Unreadable, UnknownFormat) as problem:
            self._stop(f"{path.name}: {in_both(problem)}")
        if options["report"]:
            text = json.dumps(as_json(report), ensure_ascii=False, indent=2)
            options["report"].write_text(text + "\n", encoding="utf-8")
        self._print(report, dry_run=options["dry_run"])
        if not report.is_complete:
            sys.exit(3)

    def _import(self, items: Any, format_name: str, options: dict[str, Any]) -> ImportReport:
        """The bank and its questions, or neither."""
        slug, at = options["bank"], timezone.now()
        bank = Bank.objects.filter(slug=slug).first()
        with CheckedFile() as file:
            read_file(bank=bank, items=items, into=file)
            if options["dry_run"]:
                return check_questions(bank=bank, file=file, format_name=format_name, at=at)
            file.store_pictures()
            with transaction.atomic():
                bank = bank or create_bank(slug=slug, title=slug, by=None)
                return take_questions(
                    bank=bank, file=file, format_name=format_name, status=options["status"], by=None, at=at
                )

    def _print(self, report: ImportReport, *, dry_run: bool) -> None:
        for item in report.items:
            if item.reason and item.status != "skipped":
                self.stderr.write(f"{item.ref} {item.name}: {item.status}: {in_both(item.reason)}")
        counts = ", ".join(f"{report.count(status)} {status}" for status in ("imported", "updated", "skipped", "error"))
        self.stdout.write(f"{report.format}: {counts}{' (dry run)' if dry_run else ''}")

    def _stop(self, line: str) -> NoReturn:
        self.stderr.write(line)
        sys.exit(2)


def as_json(report: ImportReport) -> dict[str, Any]:
    """The report as outsiders rely on it (tests/contract/test_import_questions.py)."""
    return {
        "format": report.format,
        **{status: report.count(status) for status in ("imported", "updated", "skipped")},
        "items": [{**asdict(item), "reason": in_both(item.reason)} for item in report.items],
    }
