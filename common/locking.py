"""One row, locked until the transaction ends."""

from __future__ import annotations

from typing import TypeVar

from django.db import connections, models, transaction

Row = TypeVar("Row", bound=models.Model)


def lock_row(queryset: models.QuerySet[Row], *, skip_locked: bool = False) -> Row | None:
    """The queryset's first row, locked; None when there is none or, with `skip_locked`, somebody has it.

    Only the row's own table is locked, so `select_related` may follow nullable keys. On PostgreSQL the
    conditions are checked again after waiting. SQLite has no row locks: its writers are serialised by BEGIN
    IMMEDIATE, which the settings ask for. Raises TransactionManagementError outside a transaction, on every
    engine.
    """
    locked = queryset.select_for_update(skip_locked=skip_locked, of=("self",))
    if not connections[locked.db].in_atomic_block:
        raise transaction.TransactionManagementError("lock_row needs a transaction: wrap the service in atomic.")
    return locked.first()
