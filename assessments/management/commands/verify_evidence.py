"""`manage.py verify_evidence FILE`: does an evidence bundle prove its marks? Needs no database."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, NoReturn

from django.conf import settings
from django.core.management.base import BaseCommand

from assessments.evidence.archive import UnreadableArchive
from assessments.evidence.keys import own_public_keys, read_keys
from assessments.evidence.report import print_report
from assessments.evidence.verify import UnreadableEvidence, verify_bundle
from common.messages import in_both


class Command(BaseCommand):
    """Exit 0: proven; 1: not proven, what was altered is named; 2: no bundle, or it cannot be read."""

    help = "Check an evidence bundle: same bytes, same chain, same marks. Exit 0 proven, 1 not, 2 unreadable."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, nargs="?", metavar="FILE.zip")
        parser.add_argument("--keys", type=Path, metavar="KEYS.json", help="the issuer's published keys")
        parser.add_argument("--json", action="store_true", help="one JSON object instead of lines for people")
        parser.add_argument(
            "--publish-keys", action="store_true", help="print this installation's public keys for --keys, and end"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["publish_keys"]:
            self.stdout.write(json.dumps({"keys": own_public_keys()}, indent=1))
            return
        path: Path | None = options["file"]
        if path is None:
            self._stop("Thiếu tên tệp / Name the file to verify.")
        try:
            keys = read_keys(options["keys"]) if options["keys"] else _own_keys()
            checks = verify_bundle(path.read_bytes(), known_keys=keys)
        except OSError as problem:
            self._stop(f"{problem.filename}: không đọc được / cannot be read ({problem.strerror})")
        except ValueError as problem:
            self._stop(f"{options['keys']}: không phải tệp khoá / is no key file ({problem})")
        except UnreadableEvidence as problem:
            self._stop(f"{path.name}: {in_both(problem.detail)}")
        except UnreadableArchive:
            self._stop(f"{path.name}: đây không phải gói bằng chứng / this is no bundle of evidence")
        print_report(self.stdout, checks, subject=path.name, as_json=options["json"])
        sys.exit(0 if all(check.ok for check in checks) else 1)

    def _stop(self, message: str) -> NoReturn:
        self.stderr.write(message, style_func=str)
        sys.exit(2)


def _own_keys() -> dict[str, str] | None:
    """This installation's keys; None on a machine that has no installation, where any key may be the issuer's."""
    secret: Path | None = getattr(settings, "SECRET_FILE", None)
    return None if secret is not None and not secret.exists() else own_public_keys()
