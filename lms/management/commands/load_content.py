"""`manage.py load_content`: portal, catalogue, units, frameworks, packs, exams and articles of content/."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from lms.demo.content import load_content


class Command(BaseCommand):
    """What an installation begins with, without demonstration people. Idempotent: what is there is left as it is."""

    help = "Bring in everything in content/: for a new installation, on any settings. May be repeated."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, saying what comes."""
        load_content(at=timezone.now(), say=self.stdout.write)
