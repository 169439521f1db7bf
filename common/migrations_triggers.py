"""Database triggers, for migrations: rows that are only added, columns that never change.

The database raises IntegrityError with the message “append-only: <table>”, on SQLite and on PostgreSQL.

- **Tests.** PostgreSQL is emptied by TRUNCATE, which row triggers do not see. On SQLite, Django's test runner
  empties tables by DELETE; a trigger therefore stands aside while a table named `_append_only_off` exists.
  Only `tests/conftest.py` makes it, inside the transaction that empties the tables, so no other
  connection ever sees it. Production code has no way to make it that could not as well drop the triggers.
- **SQLite and later migrations.** Django changes an SQLite table by making it anew, and the triggers are gone
  with the old one. Repeat the operation at the end of every migration that alters such a table (it replaces
  what is there); each room tests that its log refuses UPDATE and DELETE, which catches a forgotten one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

OFF_TABLE = "_append_only_off"
_NOT_OFF = f"NOT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '{OFF_TABLE}')"  # noqa: S608


def append_only(table: str) -> migrations.RunPython:
    """An operation: the database refuses UPDATE and DELETE on `table`. Reversible and repeatable."""
    return _operation(table, {"no_update": ("UPDATE", ()), "no_delete": ("DELETE", ())})


def immutable_columns(table: str, columns: Sequence[str]) -> migrations.RunPython:
    """An operation: the database refuses DELETE on `table`, and UPDATE that changes one of `columns`."""
    return _operation(table, {"no_update": ("UPDATE", _some(columns)), "no_delete": ("DELETE", ())})


def immutable_after(table: str, columns: Sequence[str]) -> migrations.RunPython:
    """An operation: after INSERT the database refuses UPDATE that changes one of `columns`; DELETE is
    allowed.
    """
    return _operation(table, {"no_update": ("UPDATE", _some(columns))})


def _some(columns: Sequence[str]) -> tuple[str, ...]:
    if isinstance(columns, str) or not columns:
        raise ValueError("name at least one column, in a list")
    return tuple(columns)


Triggers = dict[str, tuple[str, tuple[str, ...]]]


def _operation(table: str, triggers: Triggers) -> migrations.RunPython:
    def forwards(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
        vendor = editor.connection.vendor
        _drop(editor, table, triggers)
        for statement in _CREATE[vendor](editor, table, triggers):
            editor.execute(statement, params=None)

    def backwards(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
        _drop(editor, table, triggers)

    return migrations.RunPython(forwards, backwards)


def _drop(editor: BaseDatabaseSchemaEditor, table: str, triggers: Triggers) -> None:
    quote = editor.quote_name
    on_table = f" ON {quote(table)}" if editor.connection.vendor == "postgresql" else ""
    for name in triggers:
        editor.execute(f"DROP TRIGGER IF EXISTS {quote(f'{table}_{name}')}{on_table}", params=None)
    if editor.connection.vendor == "postgresql":
        editor.execute(f"DROP FUNCTION IF EXISTS {quote(f'{table}_refuse')}()", params=None)


def _changed(editor: BaseDatabaseSchemaEditor, columns: tuple[str, ...], differ: str) -> str:
    return " OR ".join(f"OLD.{editor.quote_name(name)} {differ} NEW.{editor.quote_name(name)}" for name in columns)


def _sqlite(editor: BaseDatabaseSchemaEditor, table: str, triggers: Triggers) -> list[str]:
    quote = editor.quote_name
    statements = []
    for name, (event, columns) in triggers.items():
        changed = _changed(editor, columns, "IS NOT")
        when = f"({changed}) AND {_NOT_OFF}" if changed else _NOT_OFF
        statements.append(
            f"CREATE TRIGGER {quote(f'{table}_{name}')} BEFORE {event} ON {quote(table)} WHEN {when} "
            f"BEGIN SELECT RAISE(ABORT, 'append-only: {table}'); END"
        )
    return statements


def _postgresql(editor: BaseDatabaseSchemaEditor, table: str, triggers: Triggers) -> list[str]:
    quote = editor.quote_name
    statements = [
        (
            f"CREATE FUNCTION {quote(f'{table}_refuse')}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION 'append-only: {table}' USING ERRCODE = 'restrict_violation'; END $$"
        )
    ]
    for name, (event, columns) in triggers.items():
        changed = _changed(editor, columns, "IS DISTINCT FROM")
        when = f"WHEN ({changed}) " if changed else ""
        statements.append(
            f"CREATE TRIGGER {quote(f'{table}_{name}')} BEFORE {event} ON {quote(table)} FOR EACH ROW {when}"
            f"EXECUTE FUNCTION {quote(f'{table}_refuse')}()"
        )
    return statements


_CREATE: dict[str, Callable[[BaseDatabaseSchemaEditor, str, Triggers], list[str]]] = {
    "sqlite": _sqlite,
    "postgresql": _postgresql,
}
