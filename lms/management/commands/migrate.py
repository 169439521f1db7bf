"""`manage.py migrate`: Django's, on a data folder that is made for it, and never on a database that is not ours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.commands import migrate

from lms.secret import keep_secret
from lms.serve import checks
from lms.serve.exceptions import CannotServe


class Command(migrate.Command):
    """Exit 2 with one line when the folder cannot be written or the database is damaged, foreign or later."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Check, make the folder and its secret, then migrate."""
        try:
            checks.check_folder(Path(settings.VAR_DIR))
            checks.check_before_migrating()
        except CannotServe as refusal:
            self.stderr.write(str(refusal), style_func=str)
            raise SystemExit(2) from refusal
        Path(settings.VAR_DIR).mkdir(parents=True, exist_ok=True)
        keep_secret()
        return super().execute(*args, **options)
