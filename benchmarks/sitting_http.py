"""What a whole sitting costs over real HTTP: CPU of the web processes, request by request, and of the worker."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from assessments.models import QuestionVersion, Quiz, Sitting
from assessments.question_types import get_type
from lms.demo.visitor import Visitor
from people.services import create_person

CANDIDATES = 8
BATCHES = 6
PASSWORD = "mot-mat-khau-dai-2026"


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


class Costs:
    """CPU of a child of `serve`, request by request; the mean over all candidates."""

    def __init__(self, pids: list[int]) -> None:
        self.pids = pids
        self.spent: dict[str, list[float]] = {}

    def of(self, name: str, send: Callable[[], Any]) -> Any:
        """Do it and note what it cost."""
        before = cpu_ms(self.pids)
        answer = send()
        self.spent.setdefault(name, []).append(cpu_ms(self.pids) - before)
        return answer

    def means(self) -> dict[str, float]:
        """Milliseconds a candidate, by request."""
        return {name: round(sum(values) / CANDIDATES, 1) for name, values in self.spent.items()}


def right_responses(sitting: Sitting) -> dict[int, dict[str, Any]]:
    """Slot → a response that earns everything."""
    versions = QuestionVersion.objects.in_bulk([slot["version"] for slot in sitting.paper.slots])
    responses = {}
    for slot in sitting.paper.slots:
        version = versions[slot["version"]]
        question_type = get_type(version.type)
        responses[slot["slot"]] = question_type.correct_response(question_type.Body.model_validate(version.body))
    return responses


def post_answers(visitor: Visitor, address: str, token: str, events: list[dict[str, Any]]) -> None:
    """A batch, as static/js/answer-queue.js sends it."""
    request = urllib.request.Request(
        urllib.parse.urljoin(visitor.base, address),
        data=json.dumps({"events": events}).encode(),
        headers={"Content-Type": "application/json", "X-CSRFToken": token, "Referer": visitor.url},
    )
    with visitor.opener.open(request, timeout=30) as response:
        response.read()


def sit_once(base: str, quiz: Quiz, costs: Costs) -> int:
    """One candidate from sign-in to result; how many requests it took."""
    number = f"DO{time.time_ns()}"
    person = create_person(full_name="Người Đo", staff_number=number, password=PASSWORD, by=None)
    visitor = Visitor(base)
    visitor.get("/tai-khoan/login/")
    values = {"login": number, "password": PASSWORD}
    costs.of("sign_in", lambda: visitor.submit("/tai-khoan/login/", values))
    costs.of("rules", lambda: visitor.get(f"/bai-thi/{quiz.slug}/"))
    costs.of("start_and_paper", lambda: visitor.submit("/bai-thi/"))
    sitting = Sitting.objects.select_related("paper").get(person=person)
    config = json.loads(visitor.page.select_one("#sitting-config").string or "{}")  # type: ignore[union-attr]
    token = str(visitor.page.select_one("[name=csrfmiddlewaretoken]")["value"])  # type: ignore[index]
    events = [
        {"seq": seq, "slot": slot, "response": response}
        for seq, (slot, response) in enumerate(right_responses(sitting).items(), 1)
    ]
    size = -(-len(events) // BATCHES)
    for start in range(0, len(events), size):
        batch = events[start : start + size]
        costs.of("answers", lambda batch=batch: post_answers(visitor, config["responses_url"], token, batch))  # type: ignore[misc]
    costs.of("hand_in_and_result", lambda: visitor.submit("/nop/"))
    visitor.wait_for(".verdict")
    return 6 + -(-len(events) // size)


def measure_sitting_over_http(environment: dict[str, str], root: Path) -> dict[str, Any]:
    """CPU milliseconds of the web a sitting of the NQ 398 exam, split by request, and of the worker that marks it."""
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
        time.sleep(3)
        quiz = Quiz.objects.get(slug="ky-nang-so-cong-chuc")
        web, worker = processes_of(children["web"]), processes_of(children["worker"])
        sit_once(base, quiz, Costs(web))  # warms both web processes' caches as far as one candidate does
        costs, worker_before, begun = Costs(web), cpu_ms(worker), time.monotonic()
        requests = [sit_once(base, quiz, costs) for _ in range(CANDIDATES)]
        means = costs.means()
        return {
            "candidates": CANDIDATES,
            "requests_each": max(requests),
            "web_cpu_ms": means,
            "web_cpu_ms_total": round(sum(means.values()), 1),
            "worker_cpu_ms": round((cpu_ms(worker) - worker_before) / CANDIDATES, 1),
            "clock_s_all": round(time.monotonic() - begun, 1),
        }
    finally:
        server.terminate()
        server.wait(15)
