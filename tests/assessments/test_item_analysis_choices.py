"""Counting that can be taken back, choices and their distractors, flags in plain words, calibration."""

from __future__ import annotations

import math
import random
import statistics
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.analysis.calibration import CannotCalibrate, calibrate, probability
from assessments.analysis.distractors import choice_figures, choices_of, chosen, curve, random_guess, right_choices
from assessments.analysis.flags import WORDS, Flag, flags_of
from assessments.analysis.statistics import QuestionFigures
from assessments.analysis.tally import (
    SCALE,
    Counted,
    ItemTally,
    Tally,
    intended_weights,
    item_as_json,
    item_from_json,
    median_seconds,
    totals_as_json,
)

SINGLE = {
    "choices": [{"id": "a", "fraction": 1.0}, {"id": "b", "fraction": 0.0}, {"id": "c", "fraction": -0.25}, {"id": "d"}]
}

MARKS = st.sampled_from([0, 2_500, 10_000, -3_333])
ROWS = st.builds(
    Counted,
    question=st.sampled_from(["p", "q", "r"]),
    mark=st.one_of(st.none(), MARKS),
    earned=MARKS,
    maximum=st.sampled_from([10_000, 20_000]),
    choices=st.one_of(st.none(), st.lists(st.sampled_from(["a", "b", ""]), max_size=2, unique=True)),
    seconds=st.one_of(st.none(), st.integers(0, 5000)),
)
SITTINGS = st.lists(st.lists(ROWS, max_size=3, unique_by=lambda row: row.question), max_size=8)


def stored(tally: Tally) -> Any:
    return totals_as_json(tally.totals), {name: item_as_json(item) for name, item in sorted(tally.items.items())}


def tally_of(sittings: list[list[Counted]]) -> Tally:
    tally = Tally()
    for rows in sittings:
        tally.add(rows)
    return tally


@given(SITTINGS, SITTINGS, st.randoms(use_true_random=False))
def test_what_is_taken_away_leaves_no_trace(kept: list[list[Counted]], gone: list[list[Counted]], chance: Any) -> None:
    steps = [(rows, 1) for rows in kept + gone]
    chance.shuffle(steps)
    tally = Tally()
    for rows, times in [*steps, *((rows, -1) for rows in gone)]:
        tally.add(rows, times=times)
    assert stored(tally) == stored(tally_of(kept))
    assert tally.figures() == tally_of(kept).figures()


def test_figures_are_the_same_to_the_last_bit_whatever_came_first() -> None:
    """Found by the test above: roots added up in the order of the questions differed in the last bit."""
    sittings = [
        [Counted("q", 0, 0, SCALE)],
        [Counted("p", None, 2500, SCALE), Counted("r", 0, 0, SCALE)],
        [Counted("p", 0, 0, SCALE), Counted("r", -3333, 0, SCALE)],
        [Counted("r", None, 0, SCALE), Counted("p", 2500, 2500, SCALE), Counted("q", 2500, 0, SCALE)],
    ]
    assert len({str(sorted(tally_of(list(order)).figures()[0].items())) for order in permutations(sittings)}) == 1


@given(SITTINGS)
def test_what_is_stored_comes_back_equal(sittings: list[list[Counted]]) -> None:
    for item in tally_of(sittings).items.values():
        assert item_from_json(item_as_json(item)) == item


def sitting(**marks: int) -> list[Counted]:
    """One mark for each question."""
    return [Counted(name, mark * SCALE, mark * SCALE, SCALE) for name, mark in marks.items()]


def test_what_a_person_decided_counts_in_the_total_and_says_nothing_of_its_question() -> None:
    decided = Counted("p", None, SCALE, SCALE, ["b"], 20)
    tally = tally_of([sitting(p=1, q=1), [decided, *sitting(q=0)]])
    questions, quiz = tally.figures()
    assert quiz.mean == 1.5
    assert questions["p"].n == 1
    assert tally.items["p"].given == 2
    assert not tally.items["p"].choices


def test_intended_weights_are_shares_of_the_marks_to_be_had() -> None:
    rows = [Counted("p", SCALE, SCALE, 3 * SCALE), Counted("q", 0, 0, SCALE)]
    assert intended_weights(tally_of([rows, rows])) == {"p": 75, "q": 25}


def test_half_of_the_candidates_took_no_longer() -> None:
    item = ItemTally()
    for seconds, n in {5: 3, 10: 1, 60: 2}.items():
        item.seconds[seconds] = n
    assert median_seconds(item) == 5
    assert median_seconds(ItemTally()) is None


def answers(*rows: tuple[str, int, int]) -> ItemTally:
    """(choice, mark of it, mark of the rest) of each attempt."""
    tally = Tally()
    for choice, mark, rest in rows:
        tally.add(
            [
                Counted("q", mark * SCALE, mark * SCALE, SCALE, [choice]),
                Counted("rest", rest * SCALE, rest * SCALE, 10 * SCALE),
            ]
        )
    return tally.items["q"]


def test_a_choice_is_described_by_who_chose_it() -> None:
    rows = [("a", 1, 9), ("a", 1, 7), ("b", 0, 8), ("b", 0, 2), ("", 0, 4)]
    found = {one.choice: one for one in choice_figures(answers(*rows), ["a", "b", "c"])}
    assert (found["a"].n, found["a"].share, found["a"].mean_rest) == (2, 0.4, 8)
    assert (found["c"].n, found["c"].mean_rest, found["c"].discrimination) == (0, None, None)
    assert found[""].n == 1
    taken, rests = [1.0, 1.0, 0.0, 0.0, 0.0], [9.0, 7.0, 8.0, 2.0, 4.0]
    assert found["a"].discrimination == pytest.approx(100 * statistics.correlation(taken, rests))


def test_groups_go_from_weak_to_strong() -> None:
    item = answers(*[("a" if rest > 4 else "b", int(rest > 4), rest) for rest in range(10) for _ in range(10)])
    assert [group.facility for group in curve(item)] == [0, 0, 0.5, 1, 1]
    by_choice = {one.choice: one.by_group for one in choice_figures(item, ["a", "b"])}
    assert by_choice["a"] == (0, 0, 0.5, 1, 1)
    assert all(sum(shares) == pytest.approx(1) for shares in zip(*by_choice.values(), strict=True))


def test_types_say_what_can_be_chosen_and_guessed() -> None:
    assert choices_of("single_choice", SINGLE) == ["a", "b", "c", "d"]
    assert right_choices("single_choice", SINGLE) == {"a"}
    assert random_guess("single_choice", SINGLE) == pytest.approx(0.75 / 4)
    assert chosen("single_choice", {"choice": "b"}) == ["b"]
    assert chosen("single_choice", None) == [""]
    assert chosen("multiple_choice", {"choices": ["c", "a"]}) == ["a", "c"]
    assert chosen("true_false", {"answer": False}) == ["false"]
    assert chosen("essay", {"text": "x"}) is choices_of("essay", {}) is random_guess("essay", {}) is None
    assert right_choices("true_false", {"answer": False}) == {"false"}


def figures(n: int = 200, facility: float = 0.6, sd: float = 0.4, index: float = 40) -> QuestionFigures:
    return QuestionFigures(n, facility, sd, index, index, 5)


def codes(item: ItemTally, of: QuestionFigures) -> list[Flag]:
    return flags_of(of, choices=choice_figures(item, ["a", "b", "c"]), right={"a"}, guess=1 / 3)


def test_a_wrong_key_is_seen_in_what_strong_candidates_choose() -> None:
    # The ten strongest of each twenty choose b, the weak ones a, which the key says is right.
    rows = [("b" if rest > 4 else "a" if rest else "c", int(rest <= 4), rest) for rest in range(10) for _ in range(20)]
    found = codes(answers(*rows), figures(index=-60))
    assert found[:2] == [Flag("wrong_key", "b"), Flag("negative")]


def test_what_chance_alone_may_do_accuses_nobody() -> None:
    chance = random.Random(5)
    for _quiz in range(20):
        rows = [(choice := chance.choice("aabc"), int(choice == "a"), chance.randrange(10)) for _ in range(100)]
        accused = [flag for flag in codes(answers(*rows), figures(n=100, index=0)) if flag.code == "negative"]
        assert accused == []


@pytest.mark.parametrize(
    ("of", "code"),
    [
        (figures(n=29, index=-90), ["too_few"]),
        (figures(n=30, index=-90), ["negative"]),
        (figures(n=30, index=-42), ["weak"]),  # one question in a hundred would be there by chance
        (figures(n=100_000, index=-9.9), ["weak"]),  # certain, and a trifle
        (figures(n=100_000, index=-10.1), ["negative"]),
        (figures(facility=0.951), ["too_easy"]),
        (figures(facility=0.95), []),
        (figures(facility=0.199), ["too_hard"]),
        (figures(facility=0.20), []),
        (figures(index=9.9), ["weak"]),
        (figures(index=10), []),
        (QuestionFigures(50, 1.0, 0.0, None, None, None), ["no_variance"]),
    ],
)
def test_each_limit_of_a_flag(of: QuestionFigures, code: list[str]) -> None:
    assert [flag.code for flag in flags_of(of)] == code


def test_a_choice_that_under_one_in_twenty_takes_distracts_nobody() -> None:
    rows = [("a", 1, n % 10) for n in range(60)] + [("b", 0, n % 7) for n in range(36)] + [("c", 0, 3)] * 4
    assert Flag("dead", "c") in codes(answers(*rows), figures(n=100))
    rows[0] = ("c", 0, 0)
    assert Flag("dead", "c") not in codes(answers(*rows), figures(n=100))


def test_every_flag_has_words_in_both_languages() -> None:
    from django.utils import translation

    for words in WORDS.values():
        texts = []
        for language in ("vi", "en"):
            with translation.override(language):
                texts.append(str(words))
        assert texts[0] != texts[1]


def simulated(n: int, *, seed: int = 1) -> tuple[dict[str, tuple[float, float]], list[dict[str, bool]]]:
    chance = random.Random(seed)
    truth = {f"q{k:02d}": (chance.uniform(0.7, 1.9), chance.uniform(-1.5, 1.5)) for k in range(20)}
    attempts = []
    for _ in range(n):
        ability = chance.gauss(0, 1)
        attempts.append({name: chance.random() < probability(a, b, ability) for name, (a, b) in truth.items()})
    return truth, attempts


def test_calibration_finds_the_parameters_that_answers_were_made_from() -> None:
    truth, attempts = simulated(3000)
    one, two = calibrate(attempts)
    assert (one.name, two.name, two.converged) == ("1PL", "2PL", True)
    assert len({round(item.slope, 6) for item in one.items.values()}) == 1
    assert two.bic < one.bic  # the answers came from questions of different slopes
    for name, (slope, difficulty) in truth.items():
        item = two.items[name]
        assert item.slope_error is not None
        assert item.difficulty_error is not None
        assert abs(item.slope - slope) < 4 * item.slope_error
        assert abs(item.difficulty - difficulty) < 4 * item.difficulty_error
        assert item.infit == pytest.approx(1, abs=0.15)


def test_drawn_questions_are_calibrated_on_one_scale() -> None:
    truth, attempts = simulated(3000, seed=2)
    chance = random.Random(3)
    drawn = [dict(chance.sample(sorted(attempt.items()), 10)) for attempt in attempts]
    _one, two = calibrate(drawn)
    errors = [two.items[name].difficulty - difficulty for name, (_slope, difficulty) in truth.items()]
    assert math.sqrt(statistics.fmean(error * error for error in errors)) < 0.15


@pytest.mark.parametrize(
    ("attempts", "reason"),
    [
        ([], "too_few_attempts"),
        ([{"a": True, "b": False, "c": True}] * 99, "too_few_attempts"),
        ([{"a": True, "b": False, "c": True}] * 100, "too_few_questions"),
    ],
)
def test_too_little_to_calibrate_is_said(attempts: list[dict[str, bool]], reason: str) -> None:
    with pytest.raises(CannotCalibrate) as refused:
        calibrate(attempts)
    assert refused.value.reason == reason
