"""Officers, candidates and the sweep at the same moment: one of them is first, and the log is whole."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from assessments.exceptions import SupervisionRefused
from assessments.models import Sitting
from assessments.services import start_sitting, submit_overdue, submit_sitting
from assessments.services.supervision import extend_sittings, pause_sittings
from people.models import Person
from tests.assessments.test_sitting_races import at_once
from tests.conftest import NOW
from tests.factories import make_officer, make_person, make_quiz, make_unit

pytestmark = pytest.mark.django_db(transaction=True)

HOUR = timedelta(hours=1)
IN_GRACE, OVER = NOW + HOUR + timedelta(seconds=30), NOW + HOUR + timedelta(seconds=31)


@pytest.fixture
def officer() -> Person:
    return make_officer(make_unit(), "exam_officer")


@pytest.fixture
def sitting() -> Sitting:
    return start_sitting(person=make_person(), quiz=make_quiz(time_limit_seconds=3600), at=NOW)


def only(sitting: Sitting) -> Any:
    return Sitting.objects.filter(pk=sitting.pk)


def whole(sitting: Sitting) -> Sitting:
    """The sitting as it is now, after making sure that both of its logs are whole and fit together."""
    sitting.refresh_from_db()
    entries = list(sitting.supervision.order_by("number"))
    handed_in = list(sitting.events.filter(kind="submit"))
    assert [entry.number for entry in entries] == list(range(1, len(entries) + 1))
    assert len(handed_in) == (sitting.state != Sitting.State.OPEN)
    if handed_in and entries:
        assert handed_in[0].response["supervision"] == entries[-1].digest
    return sitting


def test_a_pause_beside_the_sweep_is_first_or_is_refused(sitting: Sitting, officer: Person) -> None:
    def pause() -> None:
        with suppress(SupervisionRefused):
            pause_sittings(sittings=only(sitting), reason="Mất điện", by=officer, at=IN_GRACE, key="k")

    at_once(pause, lambda: submit_overdue(at=OVER), lambda: submit_overdue(at=OVER), pause)
    after = whole(sitting)
    assert (after.state == Sitting.State.OPEN) == (after.supervision.count() == 1) == (after.paused_at is not None)


def test_extra_time_beside_handing_in_is_in_the_log_before_it_or_not_at_all(sitting: Sitting, officer: Person) -> None:
    def extend() -> None:
        with suppress(SupervisionRefused):
            extend_sittings(sittings=only(sitting), minutes=5, reason="Mất điện", by=officer, at=NOW, key="k")

    at_once(extend, lambda: submit_sitting(sitting=sitting, by=sitting.person, at=NOW), extend)
    assert whole(sitting).supervision.count() <= 1


def test_four_clicks_at_once_give_the_time_once(sitting: Sitting, officer: Person) -> None:
    def extend() -> None:
        extend_sittings(sittings=only(sitting), minutes=5, reason="Mất điện", by=officer, at=NOW, key="k")

    at_once(extend, extend, extend, extend)
    assert whole(sitting).deadline_at == NOW + HOUR + timedelta(minutes=5)
