"""A start burst: candidates start at fixed moments, however slow the server is (open loop), then answer and hand in.

`python -m benchmarks.burst` makes the trial exam on the data folder and database of the environment, serves it, and
prints one JSON object. Sign-in is apart: sessions are there before. Exit 1 when a request failed or an answer was lost.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
import sys
import time
from argparse import ArgumentParser
from datetime import timedelta
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.local")
    django.setup()

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone
from django.utils.crypto import get_random_string

from assessments.models import Sitting
from lms.demo.exam import ensure_candidates, ensure_trial_exam
from people.models import Person

ROOT = Path(__file__).resolve().parents[1]
BACKEND = "django.contrib.auth.backends.ModelBackend"
TOKEN = "b" * 32
PATIENCE = 120.0


def sessions_for(numbers: list[str]) -> list[str]:
    """Session keys of people who have signed in, without the cost of signing in."""
    store = Session.get_session_store_class()()
    people = Person.objects.in_bulk(numbers, field_name="staff_number")
    rows = [
        Session(
            session_key=get_random_string(32, "abcdefghijklmnopqrstuvwxyz0123456789"),
            session_data=store.encode(
                {
                    SESSION_KEY: str(people[number].pk),
                    BACKEND_SESSION_KEY: BACKEND,
                    HASH_SESSION_KEY: people[number].get_session_auth_hash(),
                }
            ),
            expire_date=timezone.now() + timedelta(hours=2),
        )
        for number in numbers
    ]
    Session.objects.bulk_create(rows, batch_size=500)
    return [str(row.session_key) for row in rows]


async def request(port: int, method: str, path: str, session: str, content: Any = None) -> tuple[int, bytes]:
    """Status and body of one request on a connection of its own."""
    body = json.dumps(content or {}).encode() if method == "POST" else b""
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n"
        f"Cookie: {settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={TOKEN}\r\n"
        f"X-CSRFToken: {TOKEN}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(head.encode() + body)
        await writer.drain()
        answer = await reader.read()
    finally:
        writer.close()
    top, _, rest = answer.partition(b"\r\n\r\n")
    return int(top.split(b" ", 2)[1]), rest


class Burst:
    """What happened: seconds of each kind of request, and what failed."""

    def __init__(self, port: int, quiz: int) -> None:
        self.port, self.quiz = port, quiz
        self.seconds: dict[str, list[float]] = {}
        self.failed: dict[str, int] = {}
        self.sent: dict[str, int] = {}  # sitting → answers acknowledged

    async def timed(self, name: str, method: str, path: str, session: str, content: Any = None) -> Any:
        """The JSON of an answer with status 200, else None."""
        begun = time.monotonic()
        try:
            status, body = await asyncio.wait_for(request(self.port, method, path, session, content), PATIENCE)
            if status == 200:
                self.seconds.setdefault(name, []).append(time.monotonic() - begun)
                return json.loads(body)
            reason = f"{name}: HTTP {status}"
        except (OSError, TimeoutError, ValueError, IndexError) as problem:
            reason = f"{name}: {type(problem).__name__}"
        self.failed[reason] = self.failed.get(reason, 0) + 1
        return None

    async def candidate(self, session: str, after: float) -> None:
        """Start at this moment, answer everything in two batches, hand in."""
        await asyncio.sleep(after)
        paper = await self.timed("start", "POST", f"/api/v1/quizzes/{self.quiz}/sittings", session)
        if paper is None:
            return
        address = f"/api/v1/sittings/{paper['id']}"
        asked = [slot for slot in paper["slots"] if slot["body"].get("choices")]
        events = [
            {"seq": seq, "slot": slot["slot"], "response": _some_answer(slot)} for seq, slot in enumerate(asked, 1)
        ]
        half = len(events) // 2
        for batch in (events[:half], events[half:]):
            await asyncio.sleep(random.uniform(1, 4))
            kept = await self.timed("answers", "POST", f"{address}/responses", session, {"events": batch})
            if kept is None:
                return
            self.sent[paper["id"]] = kept["acknowledged"]
        await self.timed("hand_in", "POST", f"{address}/submit", session)

    def lost(self) -> int:
        """Acknowledged answers that are not in the log."""
        logged = {
            str(row.public_id): row.events.filter(kind="answer").count()
            for row in Sitting.objects.filter(public_id__in=list(self.sent))
        }
        return sum(max(count - logged.get(sitting, 0), 0) for sitting, count in self.sent.items())

    def report(self) -> dict[str, Any]:
        """Milliseconds by kind: half, 95 and 99 of 100, longest."""
        return {
            name: {
                "count": len(values),
                **{
                    f"p{part}": round(1000 * sorted(values)[min(len(values) * part // 100, len(values) - 1)])
                    for part in (50, 95, 99)
                },
                "max": round(1000 * max(values)),
            }
            for name, values in self.seconds.items()
        }


def _some_answer(slot: dict[str, Any]) -> dict[str, Any]:
    first = slot["body"]["choices"][0]["id"]
    if slot["type"] == "multiple_choice":
        return {"choices": [first]}
    return {"answer": first == "true"} if slot["type"] == "true_false" else {"choice": first}


async def play(burst: Burst, sessions: list[str], seconds: float) -> None:
    """All candidates, their starts spread evenly over so many seconds."""
    step = seconds / len(sessions)
    await asyncio.gather(*(burst.candidate(session, number * step) for number, session in enumerate(sessions)))


def measure_burst(environment: dict[str, str], *, candidates: int, seconds: float) -> dict[str, Any]:
    """Serve the trial exam and let the candidates come."""
    quiz = ensure_trial_exam(questions=30, at=timezone.now())
    sessions = sessions_for(ensure_candidates(candidates))
    server = subprocess.Popen([sys.executable, "manage.py", "serve"], cwd=ROOT, env=environment, stdout=sys.stderr)
    port = int(environment["PORT"])
    burst = Burst(port, quiz.pk)
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            time.sleep(0.5)
            try:
                if asyncio.run(request(port, "GET", "/health/", ""))[0] == 200:
                    break
            except OSError:
                continue
        begun = time.monotonic()
        asyncio.run(play(burst, sessions, seconds))
        return {
            "database": connection.vendor,
            "candidates": candidates,
            "within_s": seconds,
            "failed": burst.failed,
            "lost_answers": burst.lost(),
            "milliseconds": burst.report(),
            "all_done_s": round(time.monotonic() - begun, 1),
            "processors": os.cpu_count(),
            "load_before": os.getloadavg()[0],
        }
    finally:
        server.terminate()
        server.wait(15)


def main() -> None:
    """Options from the command line; the database from DATABASE_URL, the data folder from VAR_DIR."""
    parser = ArgumentParser()
    parser.add_argument("--candidates", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=10.0)
    options = parser.parse_args()
    environment = {**os.environ, "PORT": os.environ.get("BENCH_PORT", "8790")}
    found = measure_burst(environment, candidates=options.candidates, seconds=options.seconds)
    print(json.dumps(found, indent=2))
    sys.exit(1 if found["failed"] or found["lost_answers"] else 0)


if __name__ == "__main__":
    main()
