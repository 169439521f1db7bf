"""`manage.py import_pack FOLDER|ZIP`: bring a content pack in."""

from __future__ import annotations

import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from common.archives import ArchiveProblem, safe_extract
from common.messages import in_both
from courses.exceptions import InvalidPack
from courses.services import import_pack


class Command(BaseCommand):
    """Exit 0: the pack is in (or was already); 2: it cannot be taken, each problem is a line, nothing was changed."""

    help = "Import a content pack (docs/content-packs.md) from a folder or a ZIP file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("source", type=Path, help="folder with pack.yaml, or a ZIP of one")

    def handle(self, *args: Any, **options: Any) -> None:
        source: Path = options["source"]
        if source.is_dir():
            self._import(source)
            return
        if not source.is_file():
            self._stop([f"{source}: không có tệp hay thư mục này / there is no such file or folder"])
        with tempfile.TemporaryDirectory() as folder:
            try:
                with source.open("rb") as file:
                    safe_extract(file, Path(folder))
            except ArchiveProblem as problem:
                self._stop([in_both(problem)])
            found = sorted(Path(folder).glob("**/pack.yaml"), key=lambda path: len(path.parts))
            if not found:
                self._stop([f"{source.name}: không có pack.yaml / holds no pack.yaml"])
            self._import(found[0].parent)

    def _import(self, folder: Path) -> None:
        try:
            course = import_pack(folder=folder, by=None, at=timezone.now())
        except InvalidPack as problem:
            self._stop([in_both(row) for row in problem.problems])
        else:
            self.stdout.write(f"{course.slug}: {course.title}")

    def _stop(self, lines: list[str]) -> None:
        for line in lines:
            self.stderr.write(line)
        raise SystemExit(2)
