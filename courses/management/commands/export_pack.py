"""`manage.py export_pack SLUG FOLDER`: write a course as a content pack."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from common.messages import in_both
from courses.exceptions import CannotExport
from courses.models import Course
from courses.services import export_pack


class Command(BaseCommand):
    """Exit 0: written; 2: no such course, or the folder holds something else."""

    help = "Export a course as a content pack (docs/content-packs.md)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("folder", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        course = Course.objects.filter(slug=options["slug"]).first()
        if course is None:
            self.stderr.write(f"{options['slug']}: không có khoá học này / there is no such course")
            raise SystemExit(2)
        try:
            export_pack(course=course, folder=options["folder"])
        except FileExistsError:
            self.stderr.write(
                f"{options['folder']}: thư mục có thứ khác, hãy chọn thư mục trống / "
                "holds something else; choose an empty folder"
            )
            raise SystemExit(2) from None
        except CannotExport as problem:
            self.stderr.write(f"{course.slug}: {in_both(problem)}")
            raise SystemExit(2) from None
        except OSError as problem:
            self.stderr.write(f"{options['folder']}: không ghi được / cannot be written ({problem.strerror})")
            raise SystemExit(2) from None
        self.stdout.write(str(options["folder"]))
