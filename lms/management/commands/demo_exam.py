"""`manage.py demo_exam --candidates N`: an open quiz of real questions and N candidates, for load tests by anybody."""

from __future__ import annotations

import io
import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection
from django.urls import reverse
from django.utils import timezone, translation

from assessments.models import Bank
from lms.demo.content import load_content
from lms.demo.exam import MOST_CANDIDATES, PASSWORD, TrialRefused, ensure_candidates, ensure_trial_exam
from lms.demo.people import DemoRefused, require_demo


class Command(BaseCommand):
    """Prints one JSON object. Exit 0; 2 when nothing could be made, with the reason. May be repeated."""

    help = "Make N ready candidates (thisinh00001 …, one password) and an open quiz; prints JSON. May be repeated."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How many of each."""
        parser.add_argument("--candidates", type=int, required=True, metavar="N", help="1 to 99,999")
        parser.add_argument("--questions", type=int, default=30, metavar="M", help="questions of a paper (30)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Set up what is missing, then the exam and its candidates."""
        try:
            require_demo()
            if not 1 <= options["candidates"] <= MOST_CANDIDATES:
                raise TrialRefused("--candidates: từ 1 đến 99999 / from 1 to 99999")
            if options["questions"] < 1:
                raise TrialRefused("--questions: từ 1 trở lên / 1 or more")
            self._set_up()
            quiz = ensure_trial_exam(questions=options["questions"], at=timezone.now())
            candidates = ensure_candidates(options["candidates"])
        except (DemoRefused, TrialRefused) as refusal:
            self.stderr.write(str(refusal), style_func=str)
            sys.exit(2)
        with translation.override("vi"):
            page = reverse("assessments:quiz_start", args=[quiz.slug])
            start = reverse("api:start_sitting", args=[quiz.pk])
        told = {
            "quiz": quiz.pk,
            "url": f"{settings.WAGTAILADMIN_BASE_URL}{page}",
            "api_url": f"{settings.WAGTAILADMIN_BASE_URL}{start}",
            "login_url": f"{settings.WAGTAILADMIN_BASE_URL}{reverse('account_login')}",
            "password": PASSWORD,
            "candidates": len(candidates),
            "first": candidates[0],
            "last": candidates[-1],
            "questions": options["questions"],
        }
        self.stdout.write(json.dumps(told, ensure_ascii=False))

    def _set_up(self) -> None:
        """Tables and content, in an empty folder too; what they say is not part of the JSON."""
        if "assessments_bank" not in connection.introspection.table_names():
            call_command("migrate", interactive=False, verbosity=0, stdout=io.StringIO())
        if not Bank.objects.filter(questions__isnull=False).exists():
            load_content(at=timezone.now(), say=lambda text: self.stderr.write(text, style_func=str))
