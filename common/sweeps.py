"""Nudges: the database says what is due, Celery is told about it, and a lost message costs only time."""

from __future__ import annotations

import logging
from functools import partial
from typing import Any, Protocol

from django.db import models, transaction

logger = logging.getLogger(__name__)


class Task(Protocol):
    """What we need of a Celery task."""

    @property
    def name(self) -> Any: ...

    def delay(self, *args: Any, **kwargs: Any) -> Any: ...


def nudge(task: Task, pk: Any, *, using: str | None = None) -> None:
    """Ask for `task(pk)` once the current transaction is committed; now when there is none.

    Never raises: a broker that is down is logged, and the room's sweep finds the row again.
    """
    transaction.on_commit(partial(_send, task, pk), using=using, robust=True)


def sweep(queryset: models.QuerySet[Any], task: Task, *, limit: int = 500) -> int:
    """Ask for `task(pk)` for each row that is due, at most `limit`, in the queryset's order (else oldest pk
    first).

    Returns how many were asked for. Stops at the first failure of the broker: the next sweep comes soon. A
    row must stop being due when its task is done or has finally failed, or it would keep others waiting.
    """
    ordered = queryset if queryset.ordered else queryset.order_by("pk")
    count = 0
    for pk in list(ordered.values_list("pk", flat=True)[:limit]):
        if not _send(task, pk):
            break
        count += 1
    return count


def _send(task: Task, pk: Any) -> bool:
    try:
        task.delay(pk)
    except Exception:  # whatever the transport raises: the row stays due and nothing is lost
        logger.warning("The broker did not take %s(%s); the sweep will.", task.name, pk, exc_info=True)
        return False
    return True
