"""Collect the texts of every room, compile the translations and say what is still to translate.

Each room keeps its own `<room>/locale/vi/LC_MESSAGES/django.po`; texts of the libraries that have no
Vietnamese are completed in `locale/`, by hand. `messages.py [room …]` collects only these rooms.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ["lms", "records", "certificates", "assessments", "courses", "cms", "people", "common"]


def without_dates(path: Path) -> polib.POFile:
    """Save the catalogue without what changes at every collection, so that a diff shows texts only."""
    catalogue = polib.pofile(str(path), wrapwidth=100_000)
    catalogue.metadata_is_fuzzy = False
    catalogue.header = ""
    for name in ("POT-Creation-Date", "PO-Revision-Date", "Report-Msgid-Bugs-To", "Last-Translator"):
        catalogue.metadata.pop(name, None)
    catalogue.save()
    return catalogue


def main(wanted: list[str]) -> int:
    """0 when nothing is left to translate."""
    if shutil.which("msgfmt") is None:
        print("gettext chưa có / is missing: sudo apt install gettext", file=sys.stderr)
        return 2
    # The script, not `python -m django`: that would put the room before the standard library (common/html.py).
    django_admin = [str(Path(sys.executable).parent / "django-admin")]
    env = {key: value for key, value in os.environ.items() if key != "DJANGO_SETTINGS_MODULE"}
    left = 0
    for room in wanted or ROOMS:
        folder = ROOT / room
        (folder / "locale").mkdir(exist_ok=True)
        collect = [*django_admin, "makemessages", "--locale", "vi", "--no-obsolete", "--no-location"]
        subprocess.run([*collect, "--no-wrap", "--verbosity", "0"], cwd=folder, env=env, check=True)
    owners = wanted or ["*", "."]
    for path in sorted(path for owner in owners for path in ROOT.glob(f"{owner}/locale/*/LC_MESSAGES/*.po")):
        catalogue = without_dates(path)
        subprocess.run(["msgfmt", "--check-format", "-o", path.with_suffix(".mo"), path], check=True)
        missing = len(catalogue.untranslated_entries()) + len(catalogue.fuzzy_entries())
        left += missing
        print(f"{missing:5d} to translate  {path.relative_to(ROOT)}")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
