"""What officers do with running sittings: exact times, one act per key, and a log that nobody can bend."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from assessments.exceptions import SittingClosed, SittingPaused, SupervisionRefused
from assessments.models import Quiz, Sitting, SupervisionEntry
from assessments.services import record_responses, start_sitting, submit_overdue, submit_sitting
from assessments.services.supervision import (
    end_sittings,
    extend_sittings,
    message_sittings,
    note_sittings,
    pause_sittings,
    release_devices,
    resume_sittings,
)
from assessments.services.supervision_log import entry_content
from common.digests import verify_chain
from common.messages import in_both
from people.models import Person
from tests.conftest import NOW
from tests.factories import make_officer, make_person, make_quiz, make_unit

pytestmark = pytest.mark.django_db
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
GRACE = timedelta(seconds=30)


@pytest.fixture
def officer() -> Person:
    return make_officer(make_unit(), "exam_officer")


@pytest.fixture
def quiz() -> Quiz:
    return make_quiz(time_limit_seconds=3600)


@pytest.fixture
def sitting(quiz: Quiz) -> Sitting:
    return start_sitting(person=make_person(), quiz=quiz, at=NOW)


def everybody(quiz: Quiz) -> Any:
    return Sitting.objects.filter(quiz=quiz)


def act(does: Callable[..., Any], on: Any, officer: Person, *, at: Any = NOW, key: str = "k1", **more: Any) -> Any:
    rows = Sitting.objects.filter(pk=on.pk) if isinstance(on, Sitting) else on
    return does(sittings=rows, **{"reason": "Mất điện", "by": officer, "at": at, "key": key, **more})


def answer(seq: int) -> dict[str, Any]:
    return {"seq": seq, "slot": 1, "response": {"choice": "a"}}


# Pausing ------------------------------------------------------------------------------------------------------


def test_a_pause_gives_back_exactly_the_time_that_it_took(sitting: Sitting, officer: Person) -> None:
    act(pause_sittings, sitting, officer, at=NOW + 10 * MINUTE)
    act(resume_sittings, sitting, officer, at=NOW + 17 * MINUTE + SECOND, key="k2")
    sitting.refresh_from_db()
    assert (sitting.paused_at, sitting.deadline_at) == (None, NOW + 67 * MINUTE + SECOND)
    assert list(sitting.supervision.values_list("kind", "seconds")) == [("pause", None), ("resume", 421)]


def test_no_sweep_hands_in_what_is_paused_and_after_it_the_clock_goes_on(sitting: Sitting, officer: Person) -> None:
    act(pause_sittings, sitting, officer, at=NOW + 59 * MINUTE)
    assert submit_overdue(at=NOW + 600 * MINUTE) == 0
    act(resume_sittings, sitting, officer, at=NOW + 119 * MINUTE, key="k2")
    over = NOW + 120 * MINUTE + GRACE
    assert [submit_overdue(at=over + shift * SECOND) for shift in (-1, 0, 1)] == [0, 0, 1]


def test_what_comes_during_a_pause_stays_on_the_device_and_is_taken_when_it_ends(
    sitting: Sitting, officer: Person
) -> None:
    act(pause_sittings, sitting, officer, at=NOW + 59 * MINUTE)
    with pytest.raises(SittingPaused):
        record_responses(sitting=sitting, events=[answer(1)], at=NOW + 90 * MINUTE)
    act(resume_sittings, sitting, officer, at=NOW + 91 * MINUTE, key="k2")
    assert record_responses(sitting=sitting, events=[answer(1)], at=NOW + 91 * MINUTE).acknowledged == 1


def test_handing_in_during_a_pause_ends_it(sitting: Sitting, officer: Person) -> None:
    act(pause_sittings, sitting, officer)
    submit_sitting(sitting=sitting, by=sitting.person, at=NOW + MINUTE)
    sitting.refresh_from_db()
    assert (sitting.state, sitting.paused_at, sitting.submitted_by) == ("submitted", None, "candidate")


@pytest.mark.parametrize(("shift", "is_taken"), [(-1, True), (0, True), (1, False)])
@pytest.mark.parametrize("does", [pause_sittings, extend_sittings])
def test_until_the_grace_is_over_it_can_be_stopped_and_not_after(
    sitting: Sitting, officer: Person, does: Callable[..., Any], shift: int, is_taken: bool
) -> None:
    more = {"minutes": 5} if does is extend_sittings else {}
    at = NOW + 60 * MINUTE + GRACE + shift * SECOND
    if is_taken:
        assert act(does, sitting, officer, at=at, **more).count == 1
    else:
        with pytest.raises(SupervisionRefused) as refusal:
            act(does, sitting, officer, at=at, **more)
        assert in_both(refusal.value) == ("Không thực hiện được: đã hết giờ. / This cannot be done: the time is over.")


# Giving time, ending, telling ---------------------------------------------------------------------------------


def test_extra_minutes_move_the_deadline_beyond_the_closing_too(officer: Person) -> None:
    quiz = make_quiz(time_limit_seconds=3600, closes_at=NOW + 60 * MINUTE)
    sitting = start_sitting(person=make_person(), quiz=quiz, at=NOW)
    act(extend_sittings, sitting, officer, minutes=5)
    sitting.refresh_from_db()
    assert sitting.deadline_at == NOW + 65 * MINUTE
    over = NOW + 65 * MINUTE + GRACE
    assert [submit_overdue(at=over + shift * SECOND) for shift in (0, 1)] == [0, 1]


@pytest.mark.parametrize("minutes", [0, -1, 8 * 60 + 1])
def test_minutes_that_make_no_sense_are_refused(sitting: Sitting, officer: Person, minutes: int) -> None:
    with pytest.raises(SupervisionRefused) as refusal:
        act(extend_sittings, sitting, officer, minutes=minutes)
    assert in_both(refusal.value) == "Cho thêm từ 1 đến 480 phút. / Give from 1 to 480 minutes."


def test_a_double_click_extends_once_and_says_the_same(quiz: Quiz, officer: Person) -> None:
    for _ in range(3):
        start_sitting(person=make_person(), quiz=quiz, at=NOW)
    done = [act(extend_sittings, everybody(quiz), officer, minutes=5) for _ in range(2)]
    assert [row.count for row in done] == [3, 3]
    assert set(everybody(quiz).values_list("deadline_at", flat=True)) == {NOW + 65 * MINUTE}
    assert SupervisionEntry.objects.count() == 3


def test_ending_hands_in_what_was_saved_by_the_officer(sitting: Sitting, officer: Person) -> None:
    record_responses(sitting=sitting, events=[answer(1)], at=NOW)
    act(end_sittings, sitting, officer, at=NOW + MINUTE)
    sitting.refresh_from_db()
    assert (sitting.state, sitting.submitted_by, sitting.submitted_at) == ("submitted", "officer", NOW + MINUTE)
    with pytest.raises(SittingClosed):
        record_responses(sitting=sitting, events=[answer(2)], at=NOW + MINUTE)


def test_a_message_reaches_everybody_who_sits_and_is_counted(quiz: Quiz, officer: Person) -> None:
    sitting, done = (start_sitting(person=make_person(), quiz=quiz, at=NOW) for _ in range(2))
    submit_sitting(sitting=done, by=done.person, at=NOW)
    result = act(message_sittings, everybody(quiz), officer, text=" Còn  15 phút ", reason="")
    assert (result.count, [pk for pk, _why in result.left_out]) == (1, [done.pk])
    sitting.refresh_from_db()
    assert sitting.notice_count == 1
    assert sitting.supervision.get().text == "Còn 15 phút"


def test_notes_and_released_devices_are_no_news_for_the_candidate(sitting: Sitting, officer: Person) -> None:
    Sitting.objects.filter(pk=sitting.pk).update(device="may-1")
    act(note_sittings, sitting, officer)
    act(release_devices, sitting, officer, key="k2")
    sitting.refresh_from_db()
    assert (sitting.notice_count, sitting.device, sitting.supervision.count()) == (0, "", 2)


@pytest.mark.parametrize(
    ("does", "more", "said"),
    [
        (pause_sittings, {"reason": "  "}, "Say why: the reason stands in the record of the exam."),
        (message_sittings, {"text": " "}, "Write the message."),
        (message_sittings, {"text": "x" * 1001}, "The message is longer than 1000 characters."),
        (note_sittings, {"reason": "x" * 501}, "The reason is longer than 500 characters."),
        (resume_sittings, {}, "This cannot be done: not paused."),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    sitting: Sitting, officer: Person, does: Callable[..., Any], more: dict[str, Any], said: str
) -> None:
    with pytest.raises(SupervisionRefused) as refusal:
        act(does, sitting, officer, **more)
    vietnamese, english = in_both(refusal.value).split(" / ")
    assert english == said
    assert vietnamese != english
    assert not SupervisionEntry.objects.exists()


def test_nobody_chosen_is_said(quiz: Quiz, officer: Person) -> None:
    with pytest.raises(SupervisionRefused) as refusal:
        act(pause_sittings, everybody(quiz), officer)
    assert in_both(refusal.value).endswith("Nobody is chosen who sits this exam now.")


def test_a_quiz_without_a_time_limit_has_no_time_to_give(officer: Person) -> None:
    sitting = start_sitting(person=make_person(), quiz=make_quiz(), at=NOW)
    with pytest.raises(SupervisionRefused) as refusal:
        act(extend_sittings, sitting, officer, minutes=5)
    assert "no time limit" in in_both(refusal.value)
    act(pause_sittings, sitting, officer)
    act(resume_sittings, sitting, officer, at=NOW + MINUTE, key="k2")
    sitting.refresh_from_db()
    assert sitting.deadline_at is None


def test_a_thousand_are_paused_with_as_many_queries_as_ten(officer: Person) -> None:
    counts = []
    for size in (2, 20):
        quiz = make_quiz(time_limit_seconds=3600)
        for _ in range(size):
            start_sitting(person=make_person(), quiz=quiz, at=NOW)
        with CaptureQueriesContext(connection) as queries:
            assert act(pause_sittings, everybody(quiz), officer).count == size
        counts.append(len(queries))
    assert counts[0] == counts[1]


# The log ------------------------------------------------------------------------------------------------------


def chain_of(sitting: Sitting) -> list[tuple[Any, str]]:
    rows = sitting.supervision.select_related("by").order_by("number")
    return [(entry_content(row, sitting=str(sitting.public_id), by=str(row.by.public_id)), row.digest) for row in rows]


def test_the_log_is_a_chain_that_is_bound_to_the_candidates_and_ends_in_its_hand_in(
    sitting: Sitting, officer: Person
) -> None:
    act(pause_sittings, sitting, officer)
    act(resume_sittings, sitting, officer, at=NOW + MINUTE, key="k2")
    record_responses(sitting=sitting, events=[answer(1)], at=NOW + MINUTE)
    act(message_sittings, sitting, officer, text="Chú ý", key="k3")
    submit_sitting(sitting=sitting, by=sitting.person, at=NOW + 2 * MINUTE)
    act(note_sittings, sitting, officer, at=NOW + 3 * MINUTE, key="k4")
    sitting.refresh_from_db()
    assert verify_chain("", chain_of(sitting), head=sitting.supervision_head) is None
    entries = list(sitting.supervision.order_by("number"))
    assert [row.number for row in entries] == [1, 2, 3, 4]
    assert [row.log_seq for row in entries] == [0, 0, 1, 2]
    assert entries[0].log_digest == sitting.paper.digest
    events = {row.seq: row for row in sitting.events.all()}
    assert entries[2].log_digest == events[1].digest
    assert events[2].response == {"submitted_by": "candidate", "supervision": entries[2].digest}
    for index, (content, digest) in enumerate(chain_of(sitting)):
        for field in content:
            links = chain_of(sitting)
            links[index] = ({**content, field: "khác"}, digest)
            assert verify_chain("", links) == index


@pytest.mark.parametrize(
    "forge",
    [
        lambda rows: rows.update(reason="khác"),
        lambda rows: rows.update(seconds=1),
        lambda rows: rows.delete(),
    ],
)
def test_the_database_refuses_to_change_the_log(sitting: Sitting, officer: Person, forge: Callable[[Any], Any]) -> None:
    act(pause_sittings, sitting, officer)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        forge(SupervisionEntry.objects.all())
    assert SupervisionEntry.objects.get().reason == "Mất điện"
