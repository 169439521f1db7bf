"""Real workers killed, messages doubled and thrown away: everything handed in is marked and certified exactly once."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from django.conf import settings
from django.db.models import Count
from django.utils import timezone
from kombu import Connection

from assessments.models import GradingRun, Quiz, Sitting
from assessments.services import record_responses, start_sitting, submit_sitting
from assessments.tasks import grade_sitting
from certificates.models import Certificate
from certificates.tasks import issue_certificate, render_certificate
from courses.models import CourseCompletion
from courses.services import enrol
from lms.broker import SCHEME, transport_options
from tests.factories import activity, make_bank, make_course, make_person, make_quiz, make_rule, make_unit
from tests.lms.served import ROOT, Served, wait_until

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are read from /proc"),
]
LEARNERS = 40
QUESTIONS = 20
MOST_KILLS = 8


class Broker:
    """The broker that a served platform listens to."""

    def __init__(self, platform: Served) -> None:
        self.folder = platform.folder / "broker"
        self.is_embedded = settings.BROKER_URL.startswith(SCHEME)
        options = transport_options(self.folder) if self.is_embedded else {}
        self.connection = Connection(settings.BROKER_URL, transport_options=options)

    def send_twice(self, task: Any, pk: int) -> None:
        """Deliver the same message two times."""
        for _ in range(2):
            task.apply_async((pk,), connection=self.connection, task_id=f"{task.name}-{pk}")

    def lose_everything(self) -> None:
        """Delete the folder of the embedded broker, or every message of a server."""
        if self.is_embedded:
            shutil.rmtree(self.folder, ignore_errors=True)
            return
        with self.connection.channel() as channel:
            for queue in current_app.conf.task_queues:
                channel.queue_purge(queue.name)


class SecondWorker:
    """A second worker process, beside the one of `serve`, in a process group of its own."""

    def __init__(self, platform: Served) -> None:
        _words, self.environment = platform.command()
        self.folder = platform.folder.parent
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, or start it again."""
        code = "import django; django.setup(); from lms.serve.children import run_worker; run_worker()"
        with (self.folder / "second-worker.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", code],
                env=self.environment | {"PYTHONPATH": str(ROOT)},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def kill(self) -> None:
        """SIGKILL it and its pool."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


@pytest.fixture
def second_worker(platform: Served) -> Iterator[SecondWorker]:
    """A second worker that has not been started."""
    one = SecondWorker(platform)
    yield one
    one.kill()


def hand_in(quiz: Quiz, course: Any) -> Sitting:
    """A new learner hands in a paper with every answer right."""
    person, at = make_person(password=None), timezone.now()
    enrolment = enrol(person=person, course=course, by=person, at=at)
    sitting = start_sitting(person=person, quiz=quiz, enrolment=enrolment, at=at)
    events = [
        {"seq": seq, "slot": slot["slot"], "response": {"choice": "a"}}
        for seq, slot in enumerate(sitting.paper.slots, start=1)
    ]
    record_responses(sitting=sitting, events=events, at=at)
    return submit_sitting(sitting=sitting, by=person, at=at)


def begun_and_not_ended_sittings() -> int:
    """Sittings whose marking was begun and has no end."""
    return Sitting.objects.filter(state=Sitting.State.SUBMITTED, grading_attempts__gt=0).count()


def begun_and_not_ended_renderings() -> int:
    """Certificates whose rendering was begun and has no end."""
    return Certificate.objects.filter(rendering=Certificate.Rendering.DUE, rendering_attempts__gt=0).count()


def kill_in_the_middle(
    platform: Served, second: SecondWorker, *, done: Callable[[], int], begun: Callable[[], int]
) -> int:
    """SIGKILL both workers when work has begun, as often as it takes to hit one in the middle; how much was hit."""
    for _ in range(MOST_KILLS):
        before = done()
        wait_until(lambda seen=before: done() > seen and begun(), "work that has begun", pause=0)  # type: ignore[misc]
        assert done() < LEARNERS, "everything was done before a worker could be killed; raise LEARNERS"
        with suppress(ProcessLookupError):  # killed before and not restarted yet
            os.killpg(platform.children()["worker"], signal.SIGKILL)
        second.kill()
        hit = begun()
        second.start()
        if hit:
            return hit
    raise AssertionError("no kill hit a worker in the middle")


def test_killed_workers_double_messages_and_a_lost_broker_leave_one_grade_and_one_certificate_each(
    platform: Served, second_worker: SecondWorker
) -> None:
    unit, course = make_unit(code="TN"), make_course(checks=0)
    make_rule(course, unit)
    quiz = make_quiz(bank=make_bank(questions=QUESTIONS), count=QUESTIONS, activity=activity(course, "thi"))
    sittings = [hand_in(quiz, course) for _ in range(LEARNERS)]
    broker = Broker(platform)
    for sitting in sittings:
        broker.send_twice(grade_sitting, sitting.pk)

    platform.start()
    second_worker.start()
    graded = Sitting.objects.filter(state=Sitting.State.GRADED).count
    hit_sittings = kill_in_the_middle(platform, second_worker, done=graded, begun=begun_and_not_ended_sittings)
    broker.lose_everything()
    for sitting in sittings:
        broker.send_twice(grade_sitting, sitting.pk)

    rendered = Certificate.objects.filter(rendering=Certificate.Rendering.DONE).count
    hit_renderings = kill_in_the_middle(platform, second_worker, done=rendered, begun=begun_and_not_ended_renderings)
    broker.lose_everything()
    for completion in CourseCompletion.objects.all():
        broker.send_twice(issue_certificate, completion.pk)
    for certificate in Certificate.objects.all():
        broker.send_twice(render_certificate, certificate.pk)

    wait_until(lambda: graded() == LEARNERS, "every sitting marked", seconds=120)
    wait_until(lambda: rendered() == LEARNERS, "every certificate rendered", seconds=120)

    # What a kill hit in the middle was begun once more, and did not end by chance.
    assert Sitting.objects.filter(grading_attempts__gt=1).count() >= hit_sittings > 0
    assert Certificate.objects.filter(rendering_attempts__gt=1).count() >= hit_renderings > 0
    assert not Sitting.objects.exclude(grading_error="").exists()
    counted = Sitting.objects.annotate(
        run_count=Count("runs", distinct=True), grade_count=Count("runs__slot_grades", distinct=True)
    )
    assert list(counted.values_list("run_count", "grade_count")) == [(1, QUESTIONS)] * LEARNERS
    assert GradingRun.objects.count() == LEARNERS
    assert set(Sitting.objects.values_list("score", "passed")) == {(QUESTIONS, True)}
    assert CourseCompletion.objects.count() == LEARNERS
    certificates = Certificate.objects.order_by("number")
    assert certificates.values("completion").distinct().count() == certificates.count() == LEARNERS
    assert [int(one.number.rpartition("-")[2]) for one in certificates] == list(range(1, LEARNERS + 1))
    for one in certificates:
        for stored, beginning in ((one.pdf, b"%PDF-"), (one.image, b"\x89PNG")):
            with stored.open() as file:
                content = file.read()
            assert content.startswith(beginning)
            assert hashlib.sha256(content).hexdigest()[:32] in stored.name


def test_a_deadline_that_passes_with_the_browser_closed_hands_in_what_was_saved(platform: Served) -> None:
    quiz = make_quiz(count=4, time_limit_seconds=60, grace_seconds=0)
    started = timezone.now() - timedelta(seconds=57)
    sitting = start_sitting(person=make_person(), quiz=quiz, at=started)
    events = [{"seq": n, "slot": n, "response": {"choice": "a"}} for n in (1, 2, 3)]
    record_responses(sitting=sitting, events=events, at=timezone.now())

    platform.start()

    def graded() -> bool:
        sitting.refresh_from_db()
        return sitting.state == Sitting.State.GRADED

    wait_until(graded, "the grade")
    assert sitting.submitted_by == Sitting.SubmittedBy.DEADLINE
    assert sitting.submitted_at == sitting.deadline_at
    assert sitting.score == 3
    assert GradingRun.objects.get(sitting=sitting).worker.startswith("worker@")
