"""Digests, chains, encryption, and tables that the database itself protects."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from common.crypto import CannotDecrypt, decrypt, encrypt, keyed_index
from common.digests import canonical_json, chain_digest, digest_of, verify_chain
from tests.factories import make_quiz

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)


@given(st.dictionaries(st.text(max_size=8), json_values, max_size=6))
def test_the_order_of_keys_does_not_change_a_digest(value: dict[str, object]) -> None:
    assert digest_of(value) == digest_of(dict(reversed(list(value.items()))))


def test_canonical_json_refuses_what_json_cannot_say() -> None:
    assert canonical_json({"b": 1.0, "a": "ệ"}) == '{"a":"ệ","b":1}'.encode()
    with pytest.raises(ValueError, match="JSON"):
        canonical_json(float("nan"))


@given(st.lists(json_values, min_size=2, max_size=6), st.data())
def test_a_changed_link_is_found(values: list[object], data: st.DataObject) -> None:
    links, previous = [], "start"
    for value in values:
        previous = chain_digest(previous, value)
        links.append((value, previous))
    assert verify_chain("start", links) is None
    index = data.draw(st.integers(0, len(links) - 1))
    links[index] = ({"forged": links[index][0]}, links[index][1])
    assert verify_chain("start", links) == index


def test_keys_rotate_and_an_altered_value_does_not_open(settings) -> None:
    secret = encrypt("072188004215")
    settings.FIELD_KEYS = ["new", *settings.FIELD_KEYS]
    assert decrypt(secret) == "072188004215"
    assert encrypt("x") != encrypt("x")
    assert keyed_index("x") == keyed_index("x") != keyed_index("y")
    settings.FIELD_KEYS = ["another"]
    with pytest.raises(CannotDecrypt):
        decrypt(secret)


@pytest.mark.django_db
@pytest.mark.parametrize("statement", ["UPDATE {table} SET digest = 'x'", "DELETE FROM {table}"])
@pytest.mark.parametrize("table", ["assessments_quizversion", "assessments_questionversion"])
def test_the_database_itself_refuses_to_change_evidence(table: str, statement: str) -> None:
    make_quiz()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table=table))
