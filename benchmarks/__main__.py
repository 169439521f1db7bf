"""`python -m benchmarks`: measure on a data folder of its own and print JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def first_journey(environment: dict[str, str]) -> float:
    """Seconds of `manage.py journey` on an empty data folder."""
    begun = time.monotonic()
    subprocess.run(
        [sys.executable, "manage.py", "journey"], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL
    )
    return time.monotonic() - begun


def later_start(environment: dict[str, str]) -> dict[str, float]:
    """Seconds from `manage.py serve` to the first page, and from SIGTERM to the end of all of its processes."""
    begun = time.monotonic()
    server = subprocess.Popen(
        [sys.executable, "manage.py", "serve"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL
    )
    try:
        while time.monotonic() - begun < 60:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{environment['PORT']}/", timeout=5):
                    first_page = time.monotonic() - begun
                    break
            except urllib.error.HTTPError:
                raise
            except OSError:
                time.sleep(0.02)
        else:
            raise TimeoutError("no page within a minute")
    finally:
        told = time.monotonic()
        server.terminate()
        server.wait(10)
    return {"later_first_page_s": round(first_page, 2), "stop_s": round(time.monotonic() - told, 2)}


def main() -> None:
    """Everything, as one JSON object."""
    folder = tempfile.mkdtemp(prefix="hocso-bench-")
    environment = {**os.environ, "VAR_DIR": folder, "PORT": os.environ.get("BENCH_PORT", "8790")}
    result: dict[str, object] = {
        "start": {
            "first_journey_s": round(first_journey(environment), 1),
            **later_start(environment),
        }
    }
    os.environ.update(environment)
    os.environ["DJANGO_SETTINGS_MODULE"] = "lms.settings.local"
    import django

    django.setup()
    from django.conf import settings

    settings.ALLOWED_HOSTS = ["*"]
    from benchmarks.analysis import measure_analysis
    from benchmarks.bank import measure_bank
    from benchmarks.grading import measure_grading
    from benchmarks.measures import measure_certificates, measure_pages
    from benchmarks.sitting_http import measure_sitting_over_http

    result["grading"] = measure_grading()
    result["certificates"] = measure_certificates()
    result["pages"] = measure_pages()
    result["sitting"] = measure_sitting_over_http(environment, ROOT)
    result["bank"] = measure_bank(environment)
    result["analysis"] = measure_analysis()
    print(json.dumps(result, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
