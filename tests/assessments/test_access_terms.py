"""Which terms hold when several are granted: the most generous of each, and nothing adds up."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.papers.terms import Grant, Terms, merged_terms, read_networks
from tests.conftest import NOW

HOUR = timedelta(hours=1)


def terms(*grants: Grant, **rules: Any) -> Terms:
    return merged_terms(**{"opens_at": None, "closes_at": None, "attempts_allowed": None, **rules}, grants=grants)


grants = st.builds(
    Grant,
    extra_minutes=st.integers(0, 120),
    time_factor=st.decimals(1, 4, places=2),
    extra_attempts=st.integers(0, 5),
    opens_at=st.none() | st.integers(-9, 9).map(lambda hours: NOW + hours * HOUR),
    closes_at=st.none() | st.integers(-9, 9).map(lambda hours: NOW + hours * HOUR),
)


def test_without_grants_the_rules_hold() -> None:
    plain = terms(opens_at=NOW, closes_at=NOW + HOUR, attempts_allowed=2, password="mở cửa", ip_ranges="10.1.2.0/24")
    assert (plain.opens_at, plain.closes_at, plain.attempts_allowed) == (NOW, NOW + HOUR, 2)
    assert plain.time_for(2700) == 2700
    assert plain.passwords == ("mở cửa",)


def test_of_several_times_the_one_that_gives_most_holds_and_they_do_not_add_up() -> None:
    both = terms(Grant(extra_minutes=30), Grant(time_factor=Decimal("1.25")))
    assert both.time_for(3600) == 5400  # 30 minutes are more than a quarter of an hour
    assert both.time_for(3 * 3600) == round(3 * 3600 * 1.25)  # here the quarter is more


def test_in_one_grant_the_factor_comes_first_and_parts_of_seconds_are_the_candidates() -> None:
    assert terms(Grant(extra_minutes=10, time_factor=Decimal("1.5"))).time_for(3600) == 6000
    assert terms(Grant(time_factor=Decimal("1.01"))).time_for(30) == 31


def test_a_part_gets_its_share_of_the_extra_time() -> None:
    granted = terms(Grant(extra_minutes=30))
    assert granted.time_for(1800, of=5400) == 1800 + 600
    assert granted.time_for(3600, of=5400) == 3600 + 1200


def test_extra_time_moves_what_closes_a_running_paper_and_not_the_last_start() -> None:
    granted = terms(Grant(extra_minutes=30), closes_at=NOW + HOUR)
    assert granted.closes_at == NOW + HOUR
    assert granted.deadline(started_at=NOW, limit=3600) == NOW + 1.5 * HOUR
    assert granted.deadline(started_at=NOW + HOUR / 2, limit=3600) == NOW + 1.5 * HOUR
    assert granted.granted_seconds(started_at=NOW, limit=3600) == 1800


def test_without_a_limit_the_closing_alone_decides_and_without_both_nothing() -> None:
    assert terms(Grant(extra_minutes=5), closes_at=NOW).deadline(started_at=NOW, limit=None) == NOW + HOUR / 12
    assert terms(Grant(extra_minutes=5)).deadline(started_at=NOW, limit=None) is None


def test_own_windows_only_widen() -> None:
    own = Grant(opens_at=NOW + 3 * HOUR, closes_at=NOW + 9 * HOUR)
    widened = terms(own, opens_at=NOW, closes_at=NOW + HOUR)
    assert (widened.opens_at, widened.closes_at) == (NOW, NOW + 9 * HOUR)
    assert (terms(own).opens_at, terms(own).closes_at) == (None, None)


def test_attempts_do_not_add_up_and_no_limit_stays_none() -> None:
    assert terms(Grant(extra_attempts=1), Grant(extra_attempts=2), attempts_allowed=1).attempts_allowed == 3
    assert terms(Grant(extra_attempts=2)).attempts_allowed is None


@pytest.mark.parametrize(
    ("given_word", "opens"),
    [("mở cửa", True), (" mở  cửa ", True), ("cửa sau", True), ("Mở cửa", False), ("", False), ("mở", False)],
)
def test_the_quizs_password_and_the_own_one_open(given_word: str, opens: bool) -> None:
    assert terms(Grant(password="cửa sau"), password="mở cửa").knows_password(given_word) is opens


def test_an_own_password_locks_nothing_that_was_open() -> None:
    assert terms(Grant(password="cửa sau")).knows_password("")


@pytest.mark.parametrize(
    ("address", "takes"),
    [
        ("10.1.2.0", True),
        ("10.1.2.255", True),
        ("10.1.3.0", False),
        ("10.1.1.255", False),
        ("192.168.7.9", True),
        ("::ffff:10.1.2.7", True),
        ("2001:db8::1", True),
        ("2001:db9::1", False),
        ("", False),
        ("unix:", False),
    ],
)
def test_addresses_are_exact_at_their_edges(address: str, takes: bool) -> None:
    rooms = terms(Grant(ip_ranges="192.168.7.9\n2001:db8::/32"), ip_ranges="10.1.2.0/24")
    assert rooms.takes_address(address) is takes


def test_where_no_room_is_named_every_address_is_one() -> None:
    assert terms(Grant(ip_ranges="192.168.7.9")).takes_address("")


def test_networks_may_stand_in_lines_or_with_commas_and_nonsense_is_said() -> None:
    assert len(read_networks("10.1.2.7/24, 10.1.3.0/24\n\n10.1.4.1")) == 3
    with pytest.raises(ValueError, match="phong"):
        read_networks("phong 1")


@given(st.lists(grants, max_size=5), st.none() | st.integers(30, 20_000), st.none() | st.integers(-9, 9))
def test_a_grant_never_takes_anything_away_and_order_does_not_matter(
    granted: list[Grant], limit: int | None, closing: int | None
) -> None:
    rules: dict[str, Any] = {
        "opens_at": NOW,
        "closes_at": None if closing is None else NOW + closing * HOUR,
        "attempts_allowed": 1,
    }
    plain, full = terms(**rules), terms(*granted, **rules)
    assert full.opens_at <= plain.opens_at
    assert full.attempts_allowed >= plain.attempts_allowed
    before, after = (row.deadline(started_at=NOW, limit=limit) for row in (plain, full))
    assert (before is None) == (after is None)
    if before is not None and after is not None:
        moved = full.granted_seconds(started_at=NOW, limit=limit)
        assert after == before + timedelta(seconds=moved)
    assert_same(full, terms(*reversed(granted), **rules), limit)
    for more in granted:
        assert full.time_for(limit or 0) >= terms(more).time_for(limit or 0)


def assert_same(one: Terms, other: Terms, limit: int | None) -> None:
    def facts(row: Terms) -> tuple[datetime | None, datetime | None, int | None, datetime | None]:
        return row.opens_at, row.closes_at, row.attempts_allowed, row.deadline(started_at=NOW, limit=limit)

    assert facts(one) == facts(other)
