"""Item analysis at size: `manage.py analyse_items` on 100,000 attempts × 40 questions, and counting from the database.

`python -m benchmarks.analysis` measures the command alone, without a database.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
ATTEMPTS, QUESTIONS = 100_000, 40
STORED = 5_000  # sittings in the database


def write_grades(path: Path, *, attempts: int, questions: int, mark: Callable[[random.Random, float], float]) -> None:
    """A file of grades: candidates of all strengths at questions of all difficulties."""
    chance = random.Random(1)
    difficulty = [chance.gauss(0, 1) for _ in range(questions)]
    with path.open("w", encoding="utf-8") as file:
        for attempt in range(attempts):
            ability = chance.gauss(0, 1)
            for question, hard in enumerate(difficulty):
                earned = mark(chance, ability - hard)
                file.write(
                    f'{{"attempt": "a{attempt:06d}", "question": "Q{question:02d}", "mark": {earned}, "max_mark": 1}}\n'
                )


MARKS: dict[str, Callable[[random.Random, float], float]] = {
    "right_or_wrong": lambda chance, ahead: int(chance.gauss(ahead, 1) > 0),
    "in_quarters": lambda chance, ahead: min(max(round(chance.gauss(ahead, 1)) / 4 + 0.5, 0), 1),
    "every_mark_different": lambda chance, _ahead: chance.random(),  # worse than any exam
}

_RUN = """
import json, resource, sys
import django
django.setup()
from django.core.management import call_command
call_command("analyse_items", *sys.argv[1:])
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"cpu_s": round(used.ru_utime + used.ru_stime, 1), "peak_mb": round(used.ru_maxrss / 1024)}))
"""


def measure_command() -> dict[str, Any]:
    """CPU seconds and peak memory of the whole process, for marks of three kinds."""
    found: dict[str, Any] = {}
    settings = {**os.environ, "DJANGO_SETTINGS_MODULE": "lms.settings.local"}
    with tempfile.TemporaryDirectory() as folder:
        grades = Path(folder) / "g.jsonl"
        for name, mark in MARKS.items():
            write_grades(grades, attempts=ATTEMPTS, questions=QUESTIONS, mark=mark)
            words = [f"--grades={grades}", f"--output={folder}/s.json"]
            done = subprocess.run(
                [sys.executable, "-c", _RUN, *words], cwd=ROOT, env=settings, check=True, capture_output=True, text=True
            )
            found[name] = {"file_mb": round(grades.stat().st_size / 2**20), **json.loads(done.stdout.splitlines()[-1])}
    return found


def measure_counting() -> dict[str, Any]:
    """CPU of counting STORED sittings × QUESTIONS from the database, then of one more, and of calibrating them."""
    from django.utils import timezone

    from assessments import services
    from assessments.models import QuizAnalysis

    version = _sat(STORED)
    now = timezone.now()
    services.find_unanalysed(at=now - timedelta(hours=1))
    analysis = QuizAnalysis.objects.get(quiz_version=version)

    def once() -> float:
        QuizAnalysis.objects.filter(pk=analysis.pk).update(due_at=now)
        begun = time.process_time()
        assert services.analyse_quiz(analysis_id=analysis.pk, at=now)
        return time.process_time() - begun

    all_of_them = once()
    _more(version, 1, first=STORED + 1)
    one_more = once()
    begun = time.process_time()
    services.calibrate_quiz(analysis_id=analysis.pk, at=now)
    return {
        "sittings": STORED,
        "questions": QUESTIONS,
        "count_all_cpu_s": round(all_of_them, 1),
        "marks_per_cpu_s": round(STORED * QUESTIONS / all_of_them),
        "one_more_cpu_s": round(one_more, 2),
        "calibrate_cpu_s": round(time.process_time() - begun, 1),
    }


def _sat(sittings: int) -> Any:
    """A published quiz with marked sittings, written as rows: to sit them would measure something else."""
    from django.utils import timezone

    from assessments.models import Quiz, QuizQuestion
    from assessments.services import create_bank, import_questions, publish_quiz
    from benchmarks.bank import parsed

    now = timezone.now()
    bank = create_bank(slug="do-phan-tich", title="Đo phân tích", by=None)
    import_questions(bank=bank, items=map(parsed, range(QUESTIONS)), format_name="bench", by=None, at=now)
    quiz = Quiz.objects.create(slug="do-phan-tich", title="Đo phân tích", bank=bank, kind="exam")
    for place, question in enumerate(bank.questions.order_by("pk")):
        QuizQuestion.objects.create(quiz=quiz, question=question, sort_order=place, mark=1)
    version = publish_quiz(quiz=quiz, by=None, at=now)
    for first in range(1, sittings, 1_000):
        _more(version, min(1_000, sittings - first + 1), first=first)
    return version


def _more(version: Any, count: int, *, first: int) -> None:
    from decimal import Decimal

    from django.utils import timezone

    from assessments.models import GradingRun, Paper, QuestionVersion, ResponseEvent, Sitting, SlotGrade

    now, chance = timezone.now(), random.Random(first)
    from people.models import Person

    person = Person.objects.get(email="quantri@hocso.example")
    versions = list(QuestionVersion.objects.filter(question__bank=version.quiz.bank).order_by("pk"))
    paper = Paper.objects.create(
        quiz_version=version, seed="bench", slots=[], max_score=QUESTIONS, digest="0" * 64, created_at=now
    )
    sittings = Sitting.objects.bulk_create(
        Sitting(
            person=person,
            quiz=version.quiz,
            quiz_version=version,
            paper=paper,
            attempt=first + number,
            state=Sitting.State.SUBMITTED,
            started_at=now,
            submitted_at=now,
            submitted_by="candidate",
            max_score=QUESTIONS,
        )
        for number in range(count)
    )
    right = [[chance.gauss(0, 1) > chance.gauss(0, 1) for _version in versions] for _sitting in sittings]
    runs = GradingRun.objects.bulk_create(
        GradingRun(
            sitting=sitting,
            number=1,
            engine_version="bench",
            worker="bench",
            graded_at=now,
            score=sum(row),
            max_score=QUESTIONS,
            passed=True,
            digest="0" * 64,
        )
        for sitting, row in zip(sittings, right, strict=True)
    )
    SlotGrade.objects.bulk_create(
        SlotGrade(
            run=run,
            slot=slot,
            question_version=question,
            event_seq=slot,
            state="right" if is_right else "wrong",
            fraction=float(is_right),
            mark=Decimal(int(is_right)),
            max_mark=1,
        )
        for run, row in zip(runs, right, strict=True)
        for slot, (question, is_right) in enumerate(zip(versions, row, strict=True), start=1)
    )
    ResponseEvent.objects.bulk_create(
        ResponseEvent(
            sitting=sitting,
            seq=slot,
            slot=slot,
            response={"choice": "a" if is_right else chance.choice("bcd")},
            server_time=now + timedelta(seconds=30 * slot),
            digest="0" * 64,
        )
        for sitting, row in zip(sittings, right, strict=True)
        for slot, is_right in enumerate(row, start=1)
    )
    for sitting, run in zip(sittings, runs, strict=True):
        sitting.state, sitting.current_run, sitting.score = Sitting.State.GRADED, run, run.score
        sitting.passed, sitting.graded_at = True, now
    Sitting.objects.bulk_update(sittings, ["state", "current_run", "score", "passed", "graded_at"], batch_size=500)


def measure_analysis() -> dict[str, Any]:
    """Both."""
    return {"command_100000x40": measure_command(), "counting": measure_counting()}


if __name__ == "__main__":
    print(json.dumps(measure_command(), indent=2))
