"""Every rule that a machine can hold, one line each; all of them run, then one exit code.

`lint.py [word …]` runs only the steps whose names contain a word.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parents[1]
BIN = ROOT / ".venv" / "bin"
SKIPPED_FOLDERS = {".venv", "node_modules", ".git", "var"}
PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "lms.settings.production",
    "SECRET_KEY": "lint-only-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "ALLOWED_HOSTS": "hoc-so.example",
    "DATABASE_URL": "sqlite:////nonexistent/lint.sqlite3",
}
Step = Callable[[], str]


def files(pattern: str) -> Iterator[Path]:
    """Files of the project, sorted; not what was installed or made."""
    for path in sorted(ROOT.rglob(pattern)):
        if not SKIPPED_FOLDERS & set(path.relative_to(ROOT).parts):
            yield path


def command(*words: str, env: dict[str, str] | None = None) -> Step:
    """A step that runs a program of the environment; "" when it ends with 0, else what it printed."""

    def run() -> str:
        result = subprocess.run(
            [str(BIN / words[0]), *words[1:]],
            cwd=ROOT,
            env={**os.environ, **(env or {})},
            capture_output=True,
            text=True,
            check=False,
        )
        return "" if result.returncode == 0 else (result.stdout + result.stderr).strip() or "failed"

    return run


def templates(*words: str) -> Step:
    """djLint on the folders that hold templates; it would read every HTML file it finds otherwise."""

    def run() -> str:
        folders = sorted({str(path.parent) for path in files("templates/**/*.html")})
        return command("djlint", *words, "--quiet", *folders)() if folders else ""

    return run


def incomplete_translations() -> str:
    """Each .po is complete, without a fuzzy entry, and compiled as it stands."""
    problems = []
    for path in files("*.po"):
        catalogue = polib.pofile(str(path))
        name = path.relative_to(ROOT)
        problems += [f"{name}: not translated: {entry.msgid!r}" for entry in catalogue.untranslated_entries()]
        problems += [f"{name}: fuzzy: {entry.msgid!r}" for entry in catalogue.fuzzy_entries()]
        if not is_compiled(path, catalogue):
            problems.append(f"{name}: the .mo file is missing or older; run make messages")
    return "\n".join(problems)


def texts_said_twice() -> str:
    """No text is translated in two ways: Django shows that of the first room, wherever the text stands."""
    said: dict[tuple[str | None, str], dict[str, list[str]]] = {}
    for path in files("*.po"):
        room = path.relative_to(ROOT).parts[0]
        for entry in polib.pofile(str(path)) if room != "locale" else ():
            said.setdefault((entry.msgctxt, entry.msgid), {}).setdefault(entry.msgstr, []).append(room)
    return "\n".join(
        f"{key[1]!r} is {' and '.join(f'{text!r} ({rooms[0]})' for text, rooms in ways.items())}: give one a context"
        for key, ways in said.items()
        if len(ways) > 1
    )


def is_compiled(path: Path, catalogue: polib.POFile) -> bool:
    """Whether the .mo beside `path` says the same."""
    compiled = path.with_suffix(".mo")
    if not compiled.is_file():
        return False
    said = {(entry.msgctxt, entry.msgid): entry.msgstr_plural or entry.msgstr for entry in polib.mofile(str(compiled))}
    meant = {
        (entry.msgctxt, entry.msgid): entry.msgstr_plural or entry.msgstr for entry in catalogue.translated_entries()
    }
    return said == meant


def named_hosts() -> str:
    """Lock files say what, by hash; never where from."""
    problems = []
    for path in [*files("requirements*.txt"), *files("package-lock.json")]:
        for number, line in enumerate(path.read_text().splitlines(), start=1):
            place = re.search(r"(--(index|extra-index|find-links|trusted)|file:|\"resolved\")", line)
            if place or (path.suffix == ".txt" and "://" in line):
                problems.append(f"{path.name}:{number}: {line.strip()}")
    return "\n".join(problems)


def scripts() -> str:
    """The types of static/js, where the front end's tools are installed."""
    npm = shutil.which("npm")
    if npm is None or not (ROOT / "node_modules" / "typescript").is_dir():
        return ""
    result = subprocess.run([npm, "run", "--silent", "check"], cwd=ROOT, capture_output=True, text=True, check=False)
    return "" if result.returncode == 0 else (result.stdout + result.stderr).strip() or "failed"


STEPS: dict[str, Step] = {
    "format": command("ruff", "format", "--check", "--quiet", "."),
    "ruff": command("ruff", "check", "--quiet", "."),
    "imports": command("lint-imports", "--no-cache"),
    "types": command("mypy", "--no-error-summary"),
    "templates-format": templates("--check"),
    "templates": templates("--lint"),
    "scripts": scripts,
    "migrations": command(
        "python",
        "manage.py",
        "makemigrations",
        "--check",
        "--dry-run",
        env={"DJANGO_SETTINGS_MODULE": "lms.settings.test"},
    ),
    "deploy": command("python", "manage.py", "check", "--deploy", "--fail-level", "WARNING", env=PRODUCTION),
    "translations": lambda: incomplete_translations() or texts_said_twice(),
    "lock-files": named_hosts,
}


def main(wanted: list[str]) -> int:
    """0 when every step holds."""
    failed = []
    for name, step in STEPS.items():
        if wanted and not any(word in name for word in wanted):
            continue
        begun = time.monotonic()
        problem = step()
        print(f"{'✗' if problem else '✓'} {name:<18} {time.monotonic() - begun:5.1f} s", flush=True)
        if problem:
            failed.append(name)
            print("    " + problem.replace("\n", "\n    "), flush=True)
    if failed:
        print(f"lint: {len(failed)} failed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
