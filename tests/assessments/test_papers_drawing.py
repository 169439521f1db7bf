"""Drawing papers: whatever can be drawn is drawn, by the rules, and the same for ever. Tried against every possibility."""

from __future__ import annotations

import hashlib
import itertools
import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.papers import (
    Blueprint,
    Candidate,
    Draw,
    FixedQuestion,
    PaperSlot,
    Policies,
    Section,
    draw_order,
    draw_paper,
    find_contradictions,
    find_shortages,
)
from assessments.papers.balance import mean_score
from assessments.papers.matching import fill_by_chance, fill_by_cost
from assessments.papers.policies import basis_of


def load(questions: list[int]) -> dict[int, Candidate]:
    return {
        q: Candidate(
            q, q + 1000, "t", f"d{q}", {"choices": list("abcd"), **({"items": list("xyz")} if q % 3 == 0 else {})}
        )
        for q in questions
    }


def blueprint(*counts: int, **rules: Any) -> Blueprint:
    draws = tuple(Draw(bank=1, count=count, mark=Decimal(1)) for count in counts)
    return Blueprint(kind="exam", pass_percent=Decimal(70), **{"draws": draws, **rules})


def chosen(slots: Sequence[PaperSlot]) -> list[int]:
    return [slot.question for slot in slots]


# For ever -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rules", "seed", "expected"),
    [
        ({}, "a", "eb8bdb9a7404664b"),
        ({}, "0123", "c0f0cced76729ef7"),
        ({"shuffle_questions": False}, "b", "8f539aada5c5a74a"),
        ({"shuffle_choices": False}, "a", "91dd0e9dd7403e32"),
    ],
)
def test_seeds_of_papers_from_before_there_were_policies_still_give_them(
    rules: dict[str, Any], seed: str, expected: str
) -> None:
    draws = tuple(Draw(bank=1, count=n, mark=Decimal(mark)) for n, mark in ((5, "1"), (7, "0.5"), (3, "1")))
    fixed = (FixedQuestion(question=3, mark=Decimal(1)), FixedQuestion(question=50, mark=Decimal(2)))
    pools = [list(range(1, 20)), list(range(10, 40)), list(range(3, 12))]
    slots = draw_paper(blueprint(draws=draws, fixed=fixed, **rules), pools=pools, load=load, seed=seed)
    rows = [{key: value for key, value in slot.as_json().items() if key != "section"} for slot in slots]
    assert hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()[:16] == expected


ALL_POLICIES = Policies(
    groups={4: "1:mạng", 5: "1:mạng", 21: "1:mạng"},
    seen=(1, 2, 3, 30),
    used={6: 2, 7: 2, 8: 1},
    most=2,
    expected={q: 30 + q for q in range(1, 40)},
    balance=True,
)


def test_a_paper_with_every_policy_comes_out_the_same_from_what_was_stored() -> None:
    pools = [list(range(1, 25)), list(range(15, 40))]
    rules = blueprint(6, 8)
    first = draw_paper(rules, pools=pools, load=load, seed="2026", policies=ALL_POLICIES)
    stored = json.loads(json.dumps({"inputs": ALL_POLICIES.inputs(), "basis": basis_of(pools, ALL_POLICIES)}))
    again = draw_paper(
        rules,
        pools=stored["basis"]["pools"],
        load=load,
        seed="2026",
        policies=Policies.from_inputs(stored["inputs"], stored["basis"]),
    )
    assert first == again
    assert chosen(first) == [13, 22, 29, 19, 14, 18, 33, 17, 27, 9, 35, 21, 15, 32]  # and in every later version


# Every possibility --------------------------------------------------------------------------------------------

QUESTIONS = 7


@st.composite
def small_banks(draw: Any) -> tuple[list[int], list[list[int]], dict[int, str]]:
    rows = draw(st.integers(1, 3))
    counts = [draw(st.integers(1, 2)) for _ in range(rows)]
    pools = [draw(st.lists(st.integers(1, QUESTIONS), unique=True, max_size=5)) for _ in range(rows)]
    groups = draw(st.dictionaries(st.integers(1, QUESTIONS), st.sampled_from(["g", "h"]), max_size=5))
    return counts, pools, groups


def every_filling(counts: Sequence[int], pools: Sequence[Sequence[int]]) -> Iterator[list[tuple[int, ...]]]:
    options = [
        [c for n in range(count + 1) for c in itertools.combinations(sorted(pool), n)]
        for count, pool in zip(counts, pools, strict=True)
    ]
    for filling in itertools.product(*options):
        yield list(filling)


def is_allowed(filling: Sequence[Sequence[int]], groups: dict[int, str]) -> bool:
    units = [groups.get(q, q) for row in filling for q in row]
    return len(set(units)) == len(units)


def size(filling: Sequence[Sequence[int]]) -> int:
    return sum(len(row) for row in filling)


@settings(max_examples=300)
@given(small_banks(), st.integers(0, 50))
def test_as_many_places_are_filled_as_can_be_with_questions_that_exclude_each_other(
    bank: tuple[list[int], list[list[int]], dict[int, str]], seed: int
) -> None:
    counts, pools, groups = bank
    most = max(size(filling) for filling in every_filling(counts, pools) if is_allowed(filling, groups))
    unit = Policies(groups=groups).unit
    for filled in (
        fill_by_chance(counts, pools, chance=random.Random(seed), unit=unit),
        fill_by_cost(counts, pools, cost=lambda q: q % 3, chance=random.Random(seed), unit=unit),
    ):
        assert size(filled) == most
        assert is_allowed(filled, groups)
        assert all(
            len(row) <= count and set(row) <= set(pool) for row, count, pool in zip(filled, counts, pools, strict=True)
        )
    short = sum(s.wanted - s.available for s in find_shortages(blueprint(*counts), pools, Policies(groups=groups)))
    assert short == sum(counts) - most


@settings(max_examples=300)
@given(small_banks(), st.integers(0, 50), st.lists(st.integers(0, 3), min_size=QUESTIONS, max_size=QUESTIONS))
def test_the_cheapest_filling_is_found_where_nothing_excludes(
    bank: tuple[list[int], list[list[int]], dict[int, str]], seed: int, costs: list[int]
) -> None:
    counts, pools, _groups = bank
    fillings = [f for f in every_filling(counts, pools) if is_allowed(f, {})]
    most = max(map(size, fillings))
    best = min(sorted(costs[q - 1] for row in f for q in row) for f in fillings if size(f) == most)
    filled = fill_by_cost(counts, pools, cost=lambda q: costs[q - 1], chance=random.Random(seed))
    assert sorted(costs[q - 1] for row in filled for q in row) == best


@settings(max_examples=300)
@given(
    small_banks(),
    st.lists(st.integers(1, QUESTIONS), unique=True, max_size=4),
    st.dictionaries(st.integers(1, QUESTIONS), st.integers(1, 3), max_size=4),
    st.booleans(),
)
def test_seen_or_too_often_used_questions_come_only_when_no_paper_without_them_is_possible(
    bank: tuple[list[int], list[list[int]], dict[int, str]], seen: list[int], used: dict[int, int], balance: bool
) -> None:
    counts, pools, groups = bank
    full = [
        {q for row in f for q in row}
        for f in every_filling(counts, pools)
        if is_allowed(f, groups) and size(f) == sum(counts)
    ]
    policies = Policies(groups=groups, seen=tuple(seen), used=used, most=2, balance=balance)
    rules = blueprint(*counts)
    if not full:
        with pytest.raises(ValueError, match="wants"):
            draw_paper(rules, pools=pools, load=load, seed="s", policies=policies)
        return
    drawn = set(chosen(draw_paper(rules, pools=pools, load=load, seed="s", policies=policies)))
    assert any(drawn == paper for paper in full)
    barred = {q for q, n in used.items() if n >= 2}
    if any(not paper & barred for paper in full):
        assert not drawn & barred
        if any(not paper & (barred | set(seen)) for paper in full):
            assert not drawn & set(seen)
        elif not groups:
            assert len(drawn & set(seen)) == min(len(p & set(seen)) for p in full if not p & barred)


# What was seen, and how often ---------------------------------------------------------------------------------


def test_what_was_seen_comes_back_oldest_first_when_nothing_else_is_left() -> None:
    drawn = draw_paper(blueprint(4), pools=[range(1, 7)], load=load, seed="s", policies=Policies(seen=(6, 5, 4, 3)))
    assert set(chosen(drawn)) == {1, 2, 5, 6}


def test_no_question_is_in_more_papers_than_the_limit_allows() -> None:
    used: Counter[int] = Counter()
    for number in range(1, 41):  # 30 of 100 questions in at most 30 % of the papers: not one place to spare
        most = -(-3 * number // 10)
        policies = Policies(used=dict(used), most=most)
        used.update(
            chosen(draw_paper(blueprint(30), pools=[range(100)], load=load, seed=str(number), policies=policies))
        )
        assert max(used.values()) <= most
    assert max(used.values()) == 12


def test_a_limit_that_the_bank_cannot_keep_is_named_with_the_questions_needed() -> None:
    short = find_shortages(blueprint(10, exposure_percent=Decimal(20)), [range(30)])
    assert [(s.row, s.wanted, s.available, s.by_exposure) for s in short] == [(0, 50, 30, True)]
    assert not find_shortages(blueprint(10, exposure_percent=Decimal(20)), [range(50)])
    shared = find_shortages(blueprint(10, 10, exposure_percent=Decimal(20)), [range(50), range(60)])
    assert [(s.row, s.wanted, s.available) for s in shared] == [(1, 50, 10)]


# Equally difficult --------------------------------------------------------------------------------------------


def test_balanced_papers_expect_the_same_score_and_others_do_not() -> None:
    chance = random.Random(7)
    expected = {q: chance.randint(20, 95) for q in range(400)}
    rules = blueprint(20, 20, 10)
    pools = [list(range(150)), list(range(150, 300)), list(range(250, 400))]

    def spread(balance: bool) -> tuple[Fraction, Fraction]:
        policies = Policies(expected=expected, balance=balance, groups={1: "g", 2: "g"})
        mean = mean_score(rules, pools, policies)
        scores = [
            sum(
                Fraction(expected[q], 100)
                for q in chosen(draw_paper(rules, pools=pools, load=load, seed=str(n), policies=policies))
            )
            for n in range(60)
        ]
        return min(scores) - mean, max(scores) - mean

    least, most = spread(True)
    assert max(-least, most) <= Fraction(50, 400)
    least, most = spread(False)
    assert most - least > 3


# Orders -------------------------------------------------------------------------------------------------------


def test_parts_come_in_their_order_and_are_mixed_only_where_they_say_so() -> None:
    rules = blueprint(
        sections=(Section(title="Một", shuffle_questions=False), Section(title="Hai")),
        fixed=tuple(
            FixedQuestion(question=q, mark=Decimal(1), section=2 if q > 4 else 1) for q in (5, 1, 6, 2, 7, 8, 3)
        ),
        draws=(Draw(bank=1, count=3, mark=Decimal(2), section=2), Draw(bank=1, count=2, mark=Decimal(2), section=1)),
    )
    orders = set()
    for seed in range(20):
        slots = draw_paper(rules, pools=[range(20, 30), range(30, 40)], load=load, seed=str(seed))
        assert [slot.section for slot in slots] == [1] * 5 + [2] * 7
        assert [slot.slot for slot in slots] == list(range(1, 13))
        assert chosen(slots)[:3] == [1, 2, 3]
        orders.add(tuple(q for q in chosen(slots) if 5 <= q <= 8))
    assert len(orders) > 5


def test_a_question_that_depends_on_another_stays_behind_it_and_names_its_slot() -> None:
    fixed = [(1, False), (2, True), (3, True), (4, False), (5, False), (6, True)]
    rules = blueprint(
        4, fixed=tuple(FixedQuestion(question=q, mark=Decimal(1), requires_previous=follows) for q, follows in fixed)
    )
    firsts = set()
    for seed in range(20):
        slots = draw_paper(rules, pools=[range(20, 40)], load=load, seed=str(seed))
        place = {slot.question: slot for slot in slots}
        firsts.add(place[1].slot)
        assert [place[2].requires, place[3].requires] == [place[1].slot, place[2].slot]
        assert [place[2].slot, place[3].slot] == [place[1].slot + 1, place[1].slot + 2]
        assert place[6].requires == place[5].slot == place[6].slot - 1
        assert all(place[q].requires is None for q in place if q not in {2, 3, 6})
        assert "requires" not in place[1].as_json()
        assert place[2].as_json()["requires"] == place[1].slot
    assert len(firsts) > 3


def test_behind_a_text_to_read_the_question_before_the_text_must_be_answered() -> None:
    def with_text(questions: list[int]) -> dict[int, Candidate]:
        return {q: Candidate(q, q, "t", "", {}, is_answered=q != 2) for q in questions}

    fixed = tuple(FixedQuestion(question=q, mark=Decimal(1), requires_previous=q > 1) for q in (1, 2, 3))
    slots = draw_paper(blueprint(fixed=fixed), pools=[], load=with_text, seed="s")
    assert [(slot.requires, slot.mark) for slot in slots] == [(None, 1), (1, 0), (1, 1)]


@given(
    st.lists(st.sampled_from("abcdefgh"), unique=True, min_size=1),
    st.sets(st.sampled_from("abcdefgh")),
    st.integers(),
)
def test_pinned_choices_keep_their_place_and_the_others_are_mixed(ids: list[str], kept: set[str], seed: int) -> None:
    order = draw_order({"choices": ids}, chance=random.Random(seed), pinned={"choices": frozenset(kept)})["choices"]
    assert sorted(order) == sorted(ids)
    assert all(order[place] == key for place, key in enumerate(ids) if key in kept)
    assert draw_order({"choices": ids}, chance=random.Random(seed), shuffle_choices=False) == {}


def test_the_last_choice_stays_last_while_the_others_take_every_place() -> None:
    pinned = {"choices": frozenset("d")}
    seen = {
        tuple(draw_order({"choices": "abcd"}, chance=random.Random(n), pinned=pinned)["choices"]) for n in range(200)
    }
    assert seen == {(*mixed, "d") for mixed in itertools.permutations("abc")}


# What contradicts itself --------------------------------------------------------------------------------------


def test_parts_without_questions_and_rows_without_their_part_are_found() -> None:
    rules = blueprint(
        sections=(Section(title="Một"), Section(title="Hai")),
        draws=(Draw(bank=1, count=1, mark=Decimal(1), section=3),),
    )
    found = [(c.kind, c.row, c.of) for c in find_contradictions(rules)]
    assert found == [
        ("empty_section", 0, "sections"),
        ("empty_section", 1, "sections"),
        ("no_such_section", 0, "draws"),
    ]
    assert [
        c.kind for c in find_contradictions(blueprint(draws=(Draw(bank=1, count=1, mark=Decimal(1), section=2),)))
    ] == ["no_such_section"]


def test_a_first_question_and_one_behind_texts_only_cannot_depend_on_the_one_before() -> None:
    def fixed(*rows: tuple[int, bool, int]) -> Blueprint:
        return blueprint(
            sections=(Section(title="Một"), Section(title="Hai")),
            fixed=tuple(FixedQuestion(question=q, mark=Decimal(1), requires_previous=f, section=s) for q, f, s in rows),
        )

    def kinds(rules: Blueprint, **texts: Any) -> list[tuple[str, int]]:
        return [(c.kind, c.row) for c in find_contradictions(rules, **texts)]

    assert kinds(fixed((1, True, 1), (2, False, 2))) == [("nothing_before", 0)]
    assert kinds(fixed((1, False, 1), (2, True, 2))) == [("nothing_before", 1)]
    assert kinds(fixed((1, False, 1), (2, False, 2), (3, True, 2))) == []
    assert kinds(fixed((1, False, 1), (2, True, 1), (3, False, 2)), texts=frozenset({1})) == [("text_before", 1)]


def test_two_fixed_questions_that_exclude_each_other_are_found() -> None:
    rules = blueprint(fixed=tuple(FixedQuestion(question=q, mark=Decimal(1)) for q in (1, 2, 3)))
    found = find_contradictions(rules, policies=Policies(groups={1: "g", 3: "g"}))
    assert [(c.kind, c.row, c.other) for c in found] == [("exclusive", 2, 0)]


def test_what_a_fixed_question_excludes_is_never_drawn() -> None:
    rules = blueprint(4, fixed=(FixedQuestion(question=1, mark=Decimal(1)),))
    policies = Policies(groups={1: "g", 2: "g", 3: "g"})
    assert not find_shortages(rules, [range(1, 8)], policies)
    assert set(chosen(draw_paper(rules, pools=[range(1, 8)], load=load, seed="s", policies=policies))) == {
        1,
        4,
        5,
        6,
        7,
    }
    assert [(s.wanted, s.available) for s in find_shortages(rules, [range(1, 7)], policies)] == [(4, 3)]
