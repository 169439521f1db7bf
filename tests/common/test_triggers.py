"""Append-only tables and columns that never change, on whatever engine the tests run."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, migrations, transaction

from common.migrations_triggers import OFF_TABLE, append_only, immutable_after, immutable_columns

TABLE = "common_test_log"


def apply(operation: migrations.RunPython, *, backwards: bool = False) -> None:
    with connection.schema_editor(atomic=connection.features.can_rollback_ddl) as editor:
        (operation.reverse_code if backwards else operation.code)(apps, editor)


def run(sql: str) -> list:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else []


@pytest.fixture
def log(transactional_db):
    run(f"CREATE TABLE {TABLE} (id integer PRIMARY KEY, text varchar(20), state varchar(20))")
    run(f"INSERT INTO {TABLE} VALUES (1, 'a', 'new'), (2, NULL, 'new')")
    yield
    run(f"DROP TABLE {TABLE}")


def refused(sql: str) -> bool:
    """Whether the database refuses the statement as append-only and keeps the rows as they were."""
    before = run(f"SELECT * FROM {TABLE} ORDER BY id")
    try:
        with transaction.atomic():
            run(sql)
    except IntegrityError as problem:
        return f"append-only: {TABLE}" in str(problem) and run(f"SELECT * FROM {TABLE} ORDER BY id") == before
    return False


def test_an_append_only_table_takes_rows_and_keeps_them(log):
    apply(append_only(TABLE))
    assert not refused(f"INSERT INTO {TABLE} VALUES (3, 'c', 'new')")
    assert refused(f"UPDATE {TABLE} SET text = 'b' WHERE id = 1")
    assert refused(f"UPDATE {TABLE} SET text = text")
    assert refused(f"DELETE FROM {TABLE} WHERE id = 1")
    assert refused(f"DELETE FROM {TABLE}")
    assert run(f"SELECT count(*) FROM {TABLE}") == [(3,)]
    apply(append_only(TABLE), backwards=True)
    assert not refused(f"DELETE FROM {TABLE}")


def test_immutable_columns_keep_their_value_and_the_row(log):
    apply(immutable_columns(TABLE, ["text"]))
    assert not refused(f"UPDATE {TABLE} SET state = 'done', text = text")
    assert refused(f"UPDATE {TABLE} SET text = 'b' WHERE id = 1")
    assert refused(f"UPDATE {TABLE} SET text = NULL WHERE id = 1")
    assert refused(f"UPDATE {TABLE} SET text = 'b' WHERE id = 2")
    assert refused(f"DELETE FROM {TABLE}")
    apply(immutable_columns(TABLE, ["text"]), backwards=True)
    assert not refused(f"UPDATE {TABLE} SET text = 'b'")


def test_immutable_after_lets_rows_go(log):
    apply(immutable_after(TABLE, ["id", "text"]))
    assert refused(f"UPDATE {TABLE} SET id = 9 WHERE id = 1")
    assert not refused(f"UPDATE {TABLE} SET state = 'x'")
    assert not refused(f"DELETE FROM {TABLE}")


def test_repeating_an_operation_is_harmless(log):
    apply(append_only(TABLE))
    apply(append_only(TABLE))
    assert refused(f"DELETE FROM {TABLE}")
    apply(append_only(TABLE), backwards=True)
    apply(append_only(TABLE), backwards=True)


@pytest.mark.parametrize("columns", [[], "text"])
def test_columns_must_be_named(columns):
    with pytest.raises(ValueError, match="column"):
        immutable_after(TABLE, columns)


def test_the_test_runner_can_empty_the_table_and_nothing_else_can(log):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL is emptied by TRUNCATE, which row triggers do not see")
    apply(append_only(TABLE))
    run(f"CREATE TABLE {OFF_TABLE} (x)")
    run(f"DELETE FROM {TABLE}")
    run(f"DROP TABLE {OFF_TABLE}")
    assert run(f"SELECT * FROM {TABLE}") == []
    run(f"INSERT INTO {TABLE} VALUES (1, 'a', 'new')")
    assert refused(f"DELETE FROM {TABLE}")
