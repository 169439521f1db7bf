"""The bank at size: its list and search at 50,000 questions, and files of 10,000 questions coming in."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assessments.formats import ParsedQuestion, all_formats
from assessments.models import Question
from assessments.services import create_bank, import_questions
from assessments.services.bank import checked_body
from benchmarks.locks import WriteLockWatch

QUESTIONS, FILE_QUESTIONS, REPEATS = 50_000, 10_000, 5
WORDS = [
    "mật",
    "khẩu",
    "máy",
    "tính",
    "tệp",
    "mạng",
    "an",
    "toàn",
    "thư",
    "điện",
    "tử",
    "tìm",
    "kiếm",
    "dữ",
    "liệu",
    "bảng",
    "tính",
    "trình",
    "duyệt",
    "sao",
    "lưu",
]
FORMATS = {"moodle_xml": "xml", "xlsx": "xlsx"}


def parsed(number: int) -> ParsedQuestion:
    """One of many questions that all say something else."""
    words = " ".join(WORDS[(number * step + step) % len(WORDS)] for step in (1, 3, 7))
    choices = [
        {"id": letter, "text": f"{words} {letter} {number}", "fraction": 1.0 if letter == "a" else 0.0}
        for letter in "abcd"
    ]
    return ParsedQuestion(
        ref=f"{number}",
        name=f"Câu {number} {words}",
        type="single_choice",
        body=checked_body("single_choice", {"stem": f"<p>Câu hỏi số {number} về {words}?</p>", "choices": choices}),
        idnumber=f"q{number}",
        category=[f"Chương {number % 40}"],
        tags=[WORDS[number % len(WORDS)]],
        difficulty=("basic", "intermediate", "advanced")[number % 3],
    )


def measure_pages(person: Any) -> dict[str, dict[str, float]]:
    """Queries and CPU milliseconds of the list and of searches at QUESTIONS questions."""
    bank = create_bank(slug="do-50000", title="Đo", by=None)
    missing = range(bank.questions.count(), QUESTIONS)
    import_questions(bank=bank, items=map(parsed, missing), format_name="bench", by=None, at=timezone.now())
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    addresses = {
        "list": "/quan-tri/cau-hoi/",
        "last_page": f"/quan-tri/cau-hoi/?p={Question.objects.count() // 50}",
        "search": "/quan-tri/cau-hoi/?q=mat+khau+mang",
        "search_one": "/quan-tri/cau-hoi/?q=q49999",
        "filters": f"/quan-tri/cau-hoi/?bank={bank.pk}&difficulty=advanced&status=ready&tag=kh%E1%BA%A9u",
        "duplicates": f"/quan-tri/ngan-hang-cau-hoi/{bank.pk}/trung-lap/",
    }
    return {name: _page(client, address) for name, address in addresses.items()}


def _page(client: Client, address: str) -> dict[str, float]:
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
        count = len(queries)
    begun = time.process_time()
    for _time in range(REPEATS):
        client.get(address)
    return {"queries": count, "cpu_ms": round((time.process_time() - begun) / REPEATS * 1000, 1)}


def measure_imports(environment: dict[str, str]) -> dict[str, Any]:
    """Seconds, CPU seconds, peak memory and the longest hold of the write lock of `manage.py import_questions` with
    FILE_QUESTIONS questions: checking, importing, and importing the same file again."""
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, ending in FORMATS.items():
            one = all_formats().get(name)
            if one is None or not (one.reads and one.writes):
                continue
            path = Path(folder) / f"{name}.{ending}"
            with path.open("w+b") as file:
                one.write(map(parsed, range(FILE_QUESTIONS)), file, title="Đo")
            found[name] = {
                "mb": round(path.stat().st_size / 1024 / 1024, 1),
                "check": _command(environment, path, name, "--dry-run"),
                "import": _command(environment, path, name),
                "again": _command(environment, path, name),
            }
    return found


_RUN = """
import json, resource, sys, time
begun = time.monotonic()
import django
django.setup()
from django.core.management import call_command
try:
    call_command("import_questions", *sys.argv[1:])
    code = 0
except SystemExit as end:
    code = end.code
usage = resource.getrusage(resource.RUSAGE_SELF)
peak, cpu = usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime
print(json.dumps({"s": round(time.monotonic() - begun, 1), "cpu_s": round(cpu, 1), "peak_mb": round(peak), "exit": code}))
"""


def _command(environment: dict[str, str], path: Path, name: str, *more: str) -> dict[str, float]:
    words = [str(path), "--bank", f"do-{name.replace('_', '-')}", "--format", name, *more]
    settings = {**environment, "DJANGO_SETTINGS_MODULE": "lms.settings.local"}
    with WriteLockWatch(Path(environment["VAR_DIR"]) / "hocso.sqlite3") as watch:
        done = subprocess.run(
            [sys.executable, "-c", _RUN, *words], env=settings, check=True, capture_output=True, text=True
        )
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return {**result, "write_lock_s": round(watch.longest, 1)}


def measure_bank(environment: dict[str, str]) -> dict[str, Any]:
    """Everything about the bank at size."""
    from people.models import Person

    person = Person.objects.get(email="quantri@hocso.example")
    return {"imports_10000": measure_imports(environment), "pages_50000": measure_pages(person)}
