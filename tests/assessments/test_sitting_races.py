"""Two requests at once, as two tabs, two devices or an impatient finger send them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connections

from assessments.exceptions import SequenceConflict, SittingClosed, SittingRefused
from assessments.models import GradingRun, Sitting
from assessments.services import grade_sitting, record_responses, start_sitting, submit_overdue, submit_sitting
from tests.conftest import NOW
from tests.factories import make_person, make_quiz

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 4


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Do all of it at the same moment, each on a connection of its own; what each gave."""
    barrier = Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        try:
            barrier.wait(10)
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        return [future.result(60) for future in [pool.submit(run, work) for work in works]]


def test_starting_at_once_gives_one_sitting() -> None:
    quiz, person = make_quiz(), make_person()
    found = at_once(*[lambda: start_sitting(person=person, quiz=quiz, at=NOW).pk] * AT_ONCE)
    assert len(set(found)) == Sitting.objects.count() == 1


def test_the_last_attempt_is_given_once_even_when_it_is_over_in_no_time() -> None:
    quiz, person = make_quiz(attempts_allowed=1), make_person()

    def start_and_hand_in() -> int:
        try:
            sitting = start_sitting(person=person, quiz=quiz, at=NOW)
        except SittingRefused:
            return 0
        return submit_sitting(sitting=sitting, by=person, at=NOW).pk

    assert len(set(at_once(*[start_and_hand_in] * AT_ONCE)) - {0}) == 1
    assert list(Sitting.objects.values_list("attempt", flat=True)) == [1]


def test_two_devices_answering_at_once_lose_nothing() -> None:
    sitting = start_sitting(person=make_person(), quiz=make_quiz(), at=NOW)

    def device(slot: int) -> Callable[[], None]:
        def answer() -> None:
            seq = 1
            while True:
                event = {"seq": seq, "slot": slot, "response": {"choice": "a"}}
                try:
                    record_responses(sitting=sitting, events=[event], at=NOW)
                except SequenceConflict as conflict:
                    seq = conflict.last_seq + 1
                else:
                    return

        return answer

    at_once(*[device(slot) for slot in range(1, AT_ONCE + 1)])
    assert sorted(sitting.events.values_list("slot", flat=True)) == [1, 2, 3, 4]
    assert sorted(sitting.events.values_list("seq", flat=True)) == [1, 2, 3, 4]


def test_the_same_batch_sent_at_once_is_written_once() -> None:
    sitting = start_sitting(person=make_person(), quiz=make_quiz(), at=NOW)
    batch = [{"seq": n, "slot": n, "response": {"choice": "a"}} for n in (1, 2)]
    kept = at_once(*[lambda: record_responses(sitting=sitting, events=batch, at=NOW).acknowledged] * AT_ONCE)
    assert kept == [2] * AT_ONCE
    assert sitting.events.count() == 2


def test_an_answer_beside_handing_in_is_kept_or_refused_and_never_half() -> None:
    person = make_person()
    sitting = start_sitting(person=person, quiz=make_quiz(time_limit_seconds=600), at=NOW)
    late = NOW + timedelta(seconds=631)

    def answer() -> None:
        with suppress(SittingClosed):
            event = {"seq": 1, "slot": 1, "response": {"choice": "a"}}
            record_responses(sitting=sitting, events=[event], at=NOW)

    at_once(
        answer,
        lambda: submit_sitting(sitting=sitting, by=person, at=NOW),
        lambda: submit_overdue(at=late),
        answer,
    )
    sitting.refresh_from_db()
    kinds = list(sitting.events.order_by("seq").values_list("kind", flat=True))
    assert kinds in (["submit"], ["answer", "submit"])
    assert sitting.last_seq == len(kinds)


def test_workers_marking_at_once_leave_one_grade() -> None:
    person = make_person()
    sitting = start_sitting(person=person, quiz=make_quiz(), at=NOW)
    submit_sitting(sitting=sitting, by=person, at=NOW)
    at_once(*[lambda: grade_sitting(sitting_id=sitting.pk, worker="w", at=NOW)] * AT_ONCE)
    sitting.refresh_from_db()
    if sitting.state != Sitting.State.GRADED:  # all of them left it to another, as a sweep would find
        grade_sitting(sitting_id=sitting.pk, worker="w", at=NOW)
    assert GradingRun.objects.filter(sitting=sitting).count() == 1


def test_candidates_of_one_quiz_are_marked_beside_each_other() -> None:
    quiz, sittings = make_quiz(), []
    for _ in range(AT_ONCE):
        person = make_person()
        sitting = start_sitting(person=person, quiz=quiz, at=NOW)
        sittings.append(submit_sitting(sitting=sitting, by=person, at=NOW).pk)
    works = [lambda pk=pk: grade_sitting(sitting_id=pk, worker="w", at=NOW) for pk in sittings]
    assert all(at_once(*works))
