"""Canonical JSON, digests and chains."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.digests import NotCanonical, canonical_json, chain_digest, digest_of, sha256_hex, verify_chain

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=15,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        # Number samples of RFC 8785, appendix B
        (0.0, "0"),
        (-0.0, "0"),
        (5e-324, "5e-324"),
        (-5e-324, "-5e-324"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (9007199254740992.0, "9007199254740992"),
        (295147905179352830000.0, "295147905179352830000"),
        (9.999999999999997e22, "9.999999999999997e+22"),
        (1e23, "1e+23"),
        (999999999999999700000.0, "999999999999999700000"),
        (1e21, "1e+21"),
        (9.999999999999997e-7, "9.999999999999997e-7"),
        (0.000001, "0.000001"),
        (333333333.3333332, "333333333.3333332"),
        (-0.0000033333333333333333, "-0.0000033333333333333333"),
        (1424953923781206.2, "1424953923781206.2"),
        # and of its section 3.2.2
        (333333333.33333329, "333333333.3333333"),
        (1e30, "1e+30"),
        (4.50, "4.5"),
        (2e-3, "0.002"),
        (1e-27, "1e-27"),
        ("\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"\u002f", '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'),
        ([True, False, None], "[true,false,null]"),
        (10**30, "1" + "0" * 30),
    ],
)
def test_canonical_json_follows_rfc_8785(value, text):
    assert canonical_json(value).decode() == text


def test_keys_are_sorted_by_utf_16_units():
    value = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\u0080": 6, "\u00f6": 7}
    assert list(json.loads(canonical_json(value))) == [
        "\r",
        "1",
        "\u0080",
        "\u00f6",
        "\u20ac",
        "\U0001f600",
        "\ufb33",
    ]


@given(plain)
def test_json_and_back_keeps_the_canonical_form(value):
    canonical = canonical_json(value)
    assert canonical_json(json.loads(canonical)) == canonical
    assert canonical_json(json.loads(json.dumps(value))) == canonical


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_float_reads_back_as_itself(value):
    assert math.isclose(float(canonical_json(value)), value, rel_tol=0, abs_tol=0)


@given(st.dictionaries(st.text(), plain, max_size=6), st.randoms())
def test_the_order_of_keys_changes_nothing(value, rnd):
    items = list(value.items())
    rnd.shuffle(items)
    assert digest_of(dict(items)) == digest_of(value)


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (float("nan"), "$"),
        ([1, float("inf")], "$[1]"),
        ({"a": {"b": object()}}, "$.a.b"),
        ({1: 2}, "$"),
        ({"a": "\ud800"}, "$.a"),
        (b"x", "$"),
    ],
)
def test_what_has_no_canonical_form_is_refused_with_its_place(value, path):
    with pytest.raises(NotCanonical) as refused:
        canonical_json(value)
    assert refused.value.path == path


def test_nesting_without_end_is_refused():
    value: list = []
    for _ in range(5000):
        value = [value]
    with pytest.raises(NotCanonical):
        canonical_json(value)


def test_digests_are_known_values():
    assert sha256_hex(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert digest_of({"b": 1.0, "a": "Đ"}) == sha256_hex('{"a":"Đ","b":1}'.encode())


def make_chain(values: list) -> list:
    rows, previous = [], digest_of("paper")
    for value in values:
        previous = chain_digest(previous, value)
        rows.append((value, previous))
    return rows


@given(st.lists(plain, max_size=8))
def test_an_untouched_chain_is_whole(values):
    rows = make_chain(values)
    head = rows[-1][1] if rows else digest_of("paper")
    assert verify_chain(digest_of("paper"), rows, head=head) is None


@given(st.lists(st.integers(), min_size=1, max_size=8), st.data())
def test_every_change_is_found_where_it_was_made(values, data):
    rows = make_chain(values)
    index = data.draw(st.integers(0, len(rows) - 1))
    changed = [*rows[:index], (["changed"], rows[index][1]), *rows[index + 1 :]]
    assert verify_chain(digest_of("paper"), changed) == index
    removed = rows[:index] + rows[index + 1 :]
    assert verify_chain(digest_of("paper"), removed, head=rows[-1][1]) == index
    forged = [*rows[:index], (rows[index][0], "0" * 64), *rows[index + 1 :]]
    assert verify_chain(digest_of("paper"), forged) == index


def test_a_chain_belongs_to_its_start():
    assert verify_chain(digest_of("another paper"), make_chain([1, 2])) == 0
    assert verify_chain("no\ndigest", make_chain([1])) == 0


def test_a_link_is_never_the_digest_of_a_value():
    assert chain_digest("", [1]) != digest_of([1])
    with pytest.raises(ValueError, match="ASCII"):
        chain_digest("a\nb", 1)
