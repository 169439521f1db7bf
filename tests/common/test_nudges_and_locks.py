"""Nudges and sweeps."""

from __future__ import annotations

import logging

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction

from common.locking import lock_row
from common.sweeps import nudge, sweep


class RecordingTask:
    """A task whose broker takes a number of messages and then is down."""

    name = "tests.record"

    def __init__(self, takes: int = 10**9) -> None:
        self.sent: list[int] = []
        self.takes = takes

    def delay(self, *args: int) -> None:
        if len(self.sent) >= self.takes:
            raise ConnectionError("no broker")
        self.sent.extend(args)


@pytest.fixture
def rows(db):
    return [ContentType.objects.create(app_label="sweep", model=f"m{n}") for n in range(5)]


def due():
    return ContentType.objects.filter(app_label="sweep")


def test_every_due_row_is_nudged_once_in_order(rows):
    task = RecordingTask()
    assert sweep(due(), task) == 5
    assert task.sent == sorted(row.pk for row in rows)
    task = RecordingTask()
    assert sweep(due().order_by("-pk"), task) == 5
    assert task.sent == sorted((row.pk for row in rows), reverse=True)


@pytest.mark.parametrize(("limit", "count"), [(0, 0), (4, 4), (5, 5), (6, 5)])
def test_a_sweep_is_bounded(rows, limit, count):
    task = RecordingTask()
    assert sweep(due(), task, limit=limit) == count == len(task.sent)


def test_a_sweep_without_broker_stops_and_says_so(rows, caplog):
    task = RecordingTask(takes=2)
    with caplog.at_level(logging.WARNING, logger="common.sweeps"):
        assert sweep(due(), task) == 2
    assert len(caplog.records) == 1
    assert "tests.record" in caplog.text


def test_a_nudge_waits_for_the_commit(rows, django_capture_on_commit_callbacks):
    task = RecordingTask()
    with django_capture_on_commit_callbacks(execute=True):
        nudge(task, 7)
        assert task.sent == []
    assert task.sent == [7]


@pytest.mark.django_db(transaction=True)
def test_a_nudge_of_a_rolled_back_transaction_is_never_sent():
    task = RecordingTask()
    with transaction.atomic():
        nudge(task, 7)
        transaction.set_rollback(True)
    nudge(task, 8)
    assert task.sent == [8]


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_down_harms_nobody(caplog):
    with transaction.atomic():
        nudge(RecordingTask(takes=0), 7)
        row = ContentType.objects.create(app_label="sweep", model="kept")
    assert ContentType.objects.filter(pk=row.pk).exists()
    assert "tests.record" in caplog.text


def test_a_row_is_locked_or_there_is_none(rows):
    assert lock_row(due().filter(model="m1")) == rows[1]
    assert lock_row(due().filter(model="m1"), skip_locked=True) == rows[1]
    assert lock_row(due().filter(model="none")) is None


@pytest.mark.django_db(transaction=True)
def test_a_lock_needs_a_transaction_on_every_engine():
    with pytest.raises(transaction.TransactionManagementError):
        lock_row(ContentType.objects.all())


def test_the_lock_is_asked_for_where_the_engine_has_it(rows, django_assert_num_queries):
    with django_assert_num_queries(1) as queries:
        lock_row(due(), skip_locked=True)
    wanted = "FOR UPDATE" if connection.features.has_select_for_update else "LIMIT 1"
    assert wanted in queries.captured_queries[0]["sql"]
