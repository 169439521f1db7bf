"""What a whole sitting costs over real HTTP: CPU of the web processes, request by request, and of the worker."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.local")
    django.setup()

from django.db import connection
from django.utils import timezone

from assessments.grading.engine import open_question
from assessments.models import Quiz, Sitting
from assessments.papers.disguise import disguised_response
from assessments.services.sheets import definitions_of, sheet_of
from lms.demo.exam import PASSWORD, PREFIX, ensure_candidates, ensure_trial_exam
from lms.demo.visitor import Visitor

CANDIDATES = 8
WARM = 12  # candidates before, so that both web processes know the questions
BATCHES = 6
QUESTIONS = 30
IDLE_SECONDS = 5


def processes_of(parent: int) -> list[int]:
    """`parent` and everything below it."""
    found = [parent]
    for entry in Path("/proc").glob("[0-9]*/stat"):
        fields = entry.read_text().rpartition(")")[2].split() if entry.exists() else []
        if fields and int(fields[1]) == parent:
            found += processes_of(int(entry.parent.name))
    return found


def cpu_ms(pids: list[int]) -> float:
    """CPU milliseconds that all threads of these processes have used so far (the kernel's nanosecond count)."""
    total = 0
    for pid in pids:
        for task in Path(f"/proc/{pid}/task").glob("*/schedstat"):
            total += int(task.read_text().split()[0])
    return total / 1e6


def database_pids() -> list[int]:
    """PostgreSQL's processes that serve this database; none for SQLite, which works within web and worker."""
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return [row[0] for row in cursor.fetchall()]


class Costs:
    """CPU of the web and of the database, request by request; the mean over all candidates."""

    def __init__(self, web: list[int]) -> None:
        self.web = web
        self.spent: dict[str, list[tuple[float, float]]] = {}

    def of(self, name: str, send: Callable[[], Any]) -> Any:
        """Do it and note what it cost."""
        database = database_pids()
        web_before, database_before = cpu_ms(self.web), cpu_ms(database)
        answer = send()
        web, stored = cpu_ms(self.web) - web_before, cpu_ms(database) - database_before
        self.spent.setdefault(name, []).append((web, stored))
        return answer

    def means(self) -> dict[str, dict[str, float]]:
        """Milliseconds a candidate, by request."""
        return {
            name: {
                "requests": len(values) // CANDIDATES,
                "web_ms": round(sum(web for web, _ in values) / CANDIDATES, 2),
                "database_ms": round(sum(stored for _, stored in values) / CANDIDATES, 2),
            }
            for name, values in self.spent.items()
        }


def right_responses(sitting: Sitting) -> dict[int, dict[str, Any]]:
    """Slot → a response that earns everything, as the form names it."""
    sheet, responses = sheet_of(sitting), {}
    definitions = definitions_of(sheet.slots)
    for slot in sheet.slots:
        question_type, body = open_question(definitions[slot["version"]])
        right = question_type.correct_response(question_type.drawn(body, slot["variant"]))
        responses[slot["slot"]] = disguised_response(right, sheet.names[slot["slot"]])
    return responses


def post(visitor: Visitor, address: str, token: str, content: dict[str, Any]) -> dict[str, Any]:
    """JSON, as static/js/server-link.js sends it."""
    request = urllib.request.Request(
        urllib.parse.urljoin(visitor.base, address),
        data=json.dumps(content).encode(),
        headers={"Content-Type": "application/json", "X-CSRFToken": token, "Referer": visitor.url},
    )
    with visitor.opener.open(request, timeout=30) as response:
        answer: dict[str, Any] = json.loads(response.read())
        return answer


def sit_once(base: str, quiz: Quiz, costs: Costs, number: int) -> int:
    """One candidate from sign-in to result; how many requests it took after signing in."""
    name = f"{PREFIX}{number:05d}"
    visitor = Visitor(base)
    visitor.get("/tai-khoan/login/")
    costs.of("sign_in", lambda: visitor.submit("/tai-khoan/login/", {"login": name, "password": PASSWORD}))
    costs.of("rules", lambda: visitor.get(f"/bai-thi/{quiz.slug}/"))
    costs.of("start_and_paper", lambda: visitor.submit("/bai-thi/"))
    sitting = Sitting.objects.select_related("paper", "quiz_version").get(
        person__staff_number=name, quiz=quiz, state=Sitting.State.OPEN
    )
    config = json.loads(visitor.page.select_one("#sitting-config").string or "{}")  # type: ignore[union-attr]
    token = str(visitor.page.select_one("[name=csrfmiddlewaretoken]")["value"])  # type: ignore[index]
    events = [
        {"seq": seq, "slot": slot, "response": response}
        for seq, (slot, response) in enumerate(right_responses(sitting).items(), 1)
    ]
    size = -(-len(events) // BATCHES)
    for start in range(0, len(events), size):
        batch = {"events": events[start : start + size], "device": "benchmark"}
        costs.of("answers", lambda batch=batch: post(visitor, config["responses_url"], token, batch))  # type: ignore[misc]
    costs.of("hand_in", lambda: post(visitor, config["submit_url"], token, {}))
    until = time.monotonic() + 30
    while not Sitting.objects.filter(pk=sitting.pk, state=Sitting.State.GRADED).exists() and time.monotonic() < until:
        time.sleep(0.05)
    costs.of("result", lambda: visitor.get(config["result_url"]))
    assert visitor.page.select_one(".verdict") is not None
    return 5 + -(-len(events) // size)


def measure_sitting_over_http(environment: dict[str, str], root: Path) -> dict[str, Any]:
    """CPU milliseconds of a whole sitting of 30 questions: web and database by request, worker, beat.

    On SQLite the database is part of web and worker; the embedded broker is files, and so part of them always.
    """
    quiz = ensure_trial_exam(questions=QUESTIONS, at=timezone.now())
    ensure_candidates(WARM + CANDIDATES)
    server = subprocess.Popen([sys.executable, "manage.py", "serve"], cwd=root, env=environment, stdout=sys.stderr)
    base = f"http://127.0.0.1:{environment['PORT']}"
    try:
        children: dict[str, int] = {}
        until = time.monotonic() + 60
        while len(children) < 3 and time.monotonic() < until:
            time.sleep(0.5)
            path = Path(environment["VAR_DIR"]) / "run" / "serve.json"
            children = (
                {row["name"]: row["pid"] for row in json.loads(path.read_text())["children"]} if path.exists() else {}
            )
        time.sleep(5)
        web, worker = processes_of(children["web"]), processes_of(children["worker"])
        for number in range(1, WARM + 1):
            sit_once(base, quiz, Costs(web), number)
        idle_before = cpu_ms(worker)
        time.sleep(IDLE_SECONDS)
        idle = (cpu_ms(worker) - idle_before) / IDLE_SECONDS  # a second of waiting for messages
        costs, begun = Costs(web), time.monotonic()
        worker_before, database_before = cpu_ms(worker), cpu_ms(database_pids())
        requests = [sit_once(base, quiz, costs, WARM + number) for number in range(1, CANDIDATES + 1)]
        time.sleep(1)
        means = costs.means()
        sitting = {name: row for name, row in means.items() if name != "sign_in"}
        web_total = sum(row["web_ms"] for row in sitting.values())
        database_all = (cpu_ms(database_pids()) - database_before) / CANDIDATES
        database_total = database_all - means["sign_in"]["database_ms"]
        clock = time.monotonic() - begun
        worker_total = (cpu_ms(worker) - worker_before) / CANDIDATES
        return {
            "database": connection.vendor,
            "candidates": CANDIDATES,
            "questions": QUESTIONS,
            "requests_each": max(requests),
            "by_request": means,
            "web_ms": round(web_total, 1),
            "worker_ms_with_its_waiting": round(worker_total, 1),
            "worker_idle_ms_each_second": round(idle, 1),
            "database_ms_with_the_workers": round(database_total, 1),
            "total_ms_without_sign_in": round(web_total + worker_total + database_total, 1),
            "clock_s_all": round(clock, 1),
            "load": os.getloadavg()[0],
        }
    finally:
        server.terminate()
        server.wait(15)


def main() -> None:
    """Only this, on the data folder and database that the environment names, as one JSON object."""
    environment = {**os.environ, "PORT": os.environ.get("BENCH_PORT", "8790")}
    print(json.dumps(measure_sitting_over_http(environment, Path(__file__).resolve().parents[1]), indent=2))


if __name__ == "__main__":
    main()
