"""Item analysis, pure: every figure against the formula written out over plain lists, and what is undefined is None."""

from __future__ import annotations

import json
import math
import statistics
from fractions import Fraction
from io import BytesIO
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.analysis.lines import BadLine, read_grades
from assessments.analysis.moments import square_root
from assessments.analysis.statistics import as_json

Grades = list[tuple[str, str, float | None, float]]


def analysed(grades: Grades) -> dict[str, Any]:
    lines = [json.dumps(dict(zip(("attempt", "question", "mark", "max_mark"), row, strict=True))) for row in grades]
    return as_json(*read_grades(BytesIO("\n".join(lines).encode())).figures())


def table(*rows: list[float | None], maximum: float = 1) -> Grades:
    """A row of marks for each attempt."""
    return [(f"a{n}", f"Q{k}", mark, maximum) for n, row in enumerate(rows) for k, mark in enumerate(row, start=1)]


def exact(value: float) -> Fraction:
    return Fraction(repr(value))


def cov(first: list[Fraction], second: list[Fraction]) -> Fraction:
    middle, other = statistics.mean(first), statistics.mean(second)
    return sum(((a - middle) * (b - other) for a, b in zip(first, second, strict=True)), Fraction(0)) / (len(first) - 1)


def root(value: Fraction) -> float:
    return math.sqrt(value)


def naive(grades: Grades) -> dict[str, Any]:
    """The formulas of docs/item-analysis.md over plain lists; every attempt must have been given every question."""
    totals: dict[str, Fraction] = {}
    for attempt, _question, mark, _maximum in grades:
        totals[attempt] = totals.get(attempt, Fraction(0)) + (exact(mark) if mark is not None else 0)
    questions: dict[str, Any] = {}
    roots: dict[str, float | None] = {}
    variances: list[Fraction] = []
    for name in sorted({row[1] for row in grades}):
        reached = [row for row in grades if row[1] == name and row[2] is not None]
        x = [exact(row[2]) for row in reached if row[2] is not None]
        total = [totals[row[0]] for row in reached]
        rest = [t - m for t, m in zip(total, x, strict=True)]
        f = [m / exact(row[3]) if row[3] else None for m, row in zip(x, reached, strict=True)]
        fractions = [one for one in f if one is not None]
        usable = bool(fractions) and None not in f
        found: dict[str, Any] = {
            "n": len(x),
            "facility": float(statistics.mean(fractions)) if usable else None,
            "sd": root(cov(fractions, fractions)) if usable and len(x) > 1 else None,
            "discrimination_index": None,
            "discriminative_efficiency": None,
        }
        roots[name] = None
        if len(x) > 1:
            spread = cov(x, x) * cov(rest, rest)
            variances.append(cov(x, x))
            if spread:
                found["discrimination_index"] = 100 * float(cov(x, rest)) / root(spread)
            if most := cov(sorted(x), sorted(rest)):
                found["discriminative_efficiency"] = float(100 * cov(x, rest) / most)
            if (with_total := cov(x, total)) >= 0:
                roots[name] = root(with_total)
        questions[name] = found
    weights = sum(one for one in roots.values() if one is not None)
    for name, found in questions.items():
        one = roots[name]
        found["effective_weight"] = 100 * one / weights if one is not None and weights else None
    return {"questions": questions, "quiz": naive_quiz(list(totals.values()), variances, len(questions))}


def naive_quiz(totals: list[Fraction], variances: list[Fraction], k: int) -> dict[str, Any]:
    n = len(totals)
    names = ["mean", "median", "sd", "skewness", "kurtosis", "cronbach_alpha", "error_ratio", "standard_error"]
    quiz: dict[str, Any] = {"n": n, **dict.fromkeys(names)}
    if n:
        mean = statistics.mean(totals)
        quiz |= {"mean": float(mean), "median": float(statistics.median(totals))}
    if n > 1:
        variance = cov(totals, totals)
        quiz["sd"] = root(variance)
        d = [t - mean for t in totals]
        m2, m3, m4 = (sum((one**power for one in d), Fraction(0)) / n for power in (2, 3, 4))
        if m2 and n > 2:
            quiz["skewness"] = math.sqrt(n * (n - 1)) / (n - 2) * float(m3) / float(m2) ** 1.5
        if m2 and n > 3:
            excess = m4 / m2**2 - 3
            quiz["kurtosis"] = float(Fraction(n - 1, (n - 2) * (n - 3)) * ((n + 1) * excess + 6))
        if variance and k > 1:
            alpha = Fraction(k, k - 1) * (1 - sum(variances, Fraction(0)) / variance)
            quiz["cronbach_alpha"] = float(100 * alpha)
            if alpha <= 1:
                quiz["error_ratio"] = 100 * root(1 - alpha)
                quiz["standard_error"] = quiz["error_ratio"] / 100 * quiz["sd"]
    return quiz


def close(value: Any) -> Any:
    """Six significant digits of a figure, as they were written out."""
    if isinstance(value, dict):
        return {name: close(one) for name, one in value.items()}
    return pytest.approx(value, rel=6e-6, abs=1e-12) if isinstance(value, float) else value


def test_a_small_quiz_by_hand() -> None:
    # Three questions, four attempts. Totals 3, 2, 1, 0: the hardest question is answered by the best only.
    found = analysed(table([1, 1, 1], [1, 1, 0], [1, 0, 0], [0, 0, 0]))
    assert found["quiz"] == {
        "n": 4,
        "mean": 1.5,
        "median": 1.5,
        "sd": 1.29099,
        "skewness": 0.0,
        "kurtosis": -1.2,
        "cronbach_alpha": 75.0,  # 3/2 · (1 − (1/4 + 1/3 + 1/4) / (5/3))
        "error_ratio": 50.0,
        "standard_error": 0.645497,
    }
    assert found["questions"]["Q1"] == {
        "n": 4,
        "facility": 0.75,
        "sd": 0.5,
        "discrimination_index": 52.2233,  # x 1110, rest 2100: 100 · (1/4) / √(1/4 · 11/12)
        "discriminative_efficiency": 100.0,
        "effective_weight": 31.6987,  # √(1/2) among √(1/2), √(2/3), √(1/2)
    }
    assert found["questions"]["Q2"]["discrimination_index"] == 70.7107  # x 1100, rest 2110


def test_skewness_and_kurtosis_are_those_of_spreadsheets() -> None:
    # The example in the handbooks of SKEW and KURT: 0.359543 and −0.151800.
    marks = [3, 4, 5, 2, 3, 4, 5, 6, 4, 7]
    found = analysed([(f"a{n}", "Q", mark, 10) for n, mark in enumerate(marks)])["quiz"]
    assert (found["skewness"], found["kurtosis"]) == (0.359543, -0.1518)


def test_figures_agree_with_numpy_and_scipy() -> None:
    import numpy
    from scipy import stats

    chance = numpy.random.default_rng(3)
    marks = numpy.round(
        chance.choice([0, 0.25, 0.5, 0.3333333, 1], size=(120, 9)) * chance.uniform(0.5, 1, (120, 1)), 4
    )
    marks[chance.random(marks.shape) < 0.07] = numpy.nan
    rows = [[None if numpy.isnan(mark) else float(mark) for mark in row] for row in marks]
    found, totals = analysed(table(*rows)), numpy.nansum(marks, axis=1)
    roots = {}
    for place in range(9):
        reached = ~numpy.isnan(marks[:, place])
        x, total = marks[reached, place], totals[reached]
        one, spread = found["questions"][f"Q{place + 1}"], numpy.cov(x, total - x)
        assert one["n"] == reached.sum()
        assert one["facility"] == pytest.approx(x.mean(), rel=1e-5)
        assert one["sd"] == pytest.approx(x.std(ddof=1), rel=1e-5)
        assert one["discrimination_index"] == pytest.approx(100 * numpy.corrcoef(x, total - x)[0, 1], rel=1e-5)
        most = numpy.cov(numpy.sort(x), numpy.sort(total - x))[0, 1]
        assert one["discriminative_efficiency"] == pytest.approx(100 * spread[0, 1] / most, rel=1e-5)
        roots[f"Q{place + 1}"] = math.sqrt(numpy.cov(x, total)[0, 1])
    for name, root_of_it in roots.items():
        weight = 100 * root_of_it / sum(roots.values())
        assert found["questions"][name]["effective_weight"] == pytest.approx(weight, rel=1e-5)
    alpha = 9 / 8 * (1 - numpy.nanvar(marks, axis=0, ddof=1).sum() / totals.var(ddof=1))
    assert found["quiz"] == {
        "n": 120,
        "mean": pytest.approx(totals.mean(), rel=1e-5),
        "median": pytest.approx(numpy.median(totals), rel=1e-5),
        "sd": pytest.approx(totals.std(ddof=1), rel=1e-5),
        "skewness": pytest.approx(stats.skew(totals, bias=False), rel=1e-5),
        "kurtosis": pytest.approx(stats.kurtosis(totals, bias=False), rel=1e-5),
        "cronbach_alpha": pytest.approx(100 * alpha, rel=1e-5),
        "error_ratio": pytest.approx(100 * math.sqrt(1 - alpha), rel=1e-5),
        "standard_error": pytest.approx(math.sqrt(1 - alpha) * totals.std(ddof=1), rel=1e-5),
    }


MARKS = st.sampled_from([0, 0.25, 0.3333333, 0.5, 1, -0.25])
TABLES = st.integers(1, 5).flatmap(
    lambda width: st.lists(st.lists(st.one_of(MARKS, st.none()), min_size=width, max_size=width), max_size=12)
)


@given(TABLES)
def test_every_figure_is_that_of_its_formula(rows: list[list[float | None]]) -> None:
    grades = table(*rows)
    assert analysed(grades) == close(naive(grades))


@given(TABLES, st.lists(st.sampled_from([1, 2, 4]), min_size=60, max_size=60))
def test_a_question_may_be_worth_more_in_some_attempts(rows: list[list[float | None]], maxima: list[int]) -> None:
    grades = [(*row[:3], float(maximum)) for row, maximum in zip(table(*rows), maxima, strict=False)]
    assert analysed(grades) == close(naive(grades))


@given(TABLES, st.randoms(use_true_random=False))
def test_the_order_of_the_lines_changes_nothing(rows: list[list[float | None]], chance: Any) -> None:
    grades = table(*rows)
    shuffled = chance.sample(grades, len(grades))
    assert json.dumps(analysed(shuffled)) == json.dumps(analysed(grades))


@given(TABLES, st.sampled_from([0.001, 3, 250, 1e6]))
def test_marks_in_another_unit_change_only_what_is_in_marks(rows: list[list[float | None]], factor: float) -> None:
    plain = analysed(table(*rows))
    scaled_rows = [[None if m is None else float(exact(m) * exact(factor)) for m in row] for row in rows]
    scaled = analysed(table(*scaled_rows, maximum=factor))
    for name in ("mean", "median", "sd", "standard_error"):
        value = plain["quiz"].pop(name)
        assert scaled["quiz"].pop(name) == (None if value is None else pytest.approx(value * factor, rel=2e-5))
    assert close(plain) == scaled


@given(st.integers(0, 6), st.integers(1, 4), MARKS)
def test_where_everybody_earns_the_same_nothing_is_made_up(n: int, width: int, mark: float) -> None:
    found = analysed(table(*[[mark] * width for _ in range(n)]))
    quiz = found["quiz"]
    assert [quiz[name] for name in ("skewness", "kurtosis", "cronbach_alpha", "error_ratio", "standard_error")] == [
        None
    ] * 5
    assert quiz["sd"] == (0 if n > 1 else None)
    for one in found["questions"].values():
        assert one["discrimination_index"] is one["discriminative_efficiency"] is one["effective_weight"] is None


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "b", "c", "d"]),
            st.sampled_from(["p", "q", "r"]),
            st.one_of(st.none(), st.floats(-1, 1), st.integers(-1, 1)),
            st.sampled_from([0, 1, 1e9, 2.5]),
        ),
        unique_by=lambda row: row[:2],
        max_size=12,
    )
)
@settings(max_examples=300)
def test_any_grades_give_figures(rows: Grades) -> None:
    grades = [row for row in rows if row[2] is None or abs(row[2]) <= row[3]]
    json.dumps(analysed(grades), allow_nan=False)


def test_sizes_from_nothing_on() -> None:
    undefined = ["mean", "median", "sd", "skewness", "kurtosis", "cronbach_alpha", "error_ratio", "standard_error"]
    assert analysed([]) == {"questions": {}, "quiz": {"n": 0, **dict.fromkeys(undefined)}}
    marks = [[1, 0.5], [0, 0.25], [1, 1], [0.5, 0]]
    known = [
        [name for name, value in analysed(table(*marks[:n]))["quiz"].items() if value is not None] for n in (1, 2, 3, 4)
    ]
    assert known[0] == ["n", "mean", "median"]
    assert known[1] == ["n", "mean", "median", "sd", "cronbach_alpha", "error_ratio", "standard_error"]
    assert known[2] == ["n", "mean", "median", "sd", "skewness", "cronbach_alpha", "error_ratio", "standard_error"]
    assert len(known[3]) == 9
    assert all(set(a) <= set(b) for a, b in pairwise(known))


def test_what_was_not_reached_earns_nothing_and_is_left_out_of_its_question() -> None:
    found = analysed(table([1, 1], [0, None], [1, 0], [0, 1], [1, None]))
    assert found["questions"]["Q2"]["n"] == 3
    assert found["questions"]["Q2"]["facility"] == 0.666667
    assert found["quiz"]["n"] == 5
    assert found["quiz"]["mean"] == 1  # 2, 0, 1, 1, 1


def test_a_question_that_goes_against_the_total_has_no_weight_and_the_others_share_it() -> None:
    found = analysed(table([1, 1, 0], [1, 1, 0], [1, 0, 0], [0, 0, 1], [0, 0, 1]))["questions"]
    assert found["Q3"]["effective_weight"] is None
    assert found["Q3"]["discrimination_index"] < 0
    assert found["Q1"]["effective_weight"] + found["Q2"]["effective_weight"] == pytest.approx(100, abs=1e-3)


def test_one_tenth_thrice_is_three_tenths() -> None:
    # In binary the rests would differ in their last bits, and an index would be made of them.
    found = analysed(table([0.1, 0.2, 0.3], [0.3, 0.3, 0.0], [0.2, 0.1, 0.3]))
    assert found["quiz"]["sd"] == 0
    assert found["quiz"]["cronbach_alpha"] is None


def test_drawn_questions_stand_for_places_of_the_paper() -> None:
    # Everybody gets two of four equal questions and is right or wrong in both: as if there were two questions.
    drawn: Grades = []
    for n in range(40):
        for place in range(2):
            drawn.append((f"a{n}", f"Q{place * 2 + n % 2}", n % 4 // 2, 1))
    alike = [(attempt, f"Q{int(name[1:]) // 2}", mark, maximum) for attempt, name, mark, maximum in drawn]
    alpha = analysed(drawn)["quiz"]["cronbach_alpha"]
    assert analysed(alike)["quiz"]["cronbach_alpha"] == 100
    assert alpha == pytest.approx(100, abs=3)


@given(st.fractions(min_value=0))
def test_roots_are_right_to_the_last_digits(value: Fraction) -> None:
    assert square_root(value) == pytest.approx(math.sqrt(value), rel=1e-15)


@pytest.mark.parametrize("value", [Fraction(1, 10**400), Fraction(10**400), Fraction(2), Fraction(9, 4)])
def test_roots_of_very_small_and_large_numbers(value: Fraction) -> None:
    found = Fraction(square_root(value))
    assert abs(found * found / value - 1) < Fraction(1, 10**15)


def test_the_line_at_fault_is_named() -> None:
    good = b'{"attempt":"a","question":"q","mark":1,"max_mark":1}\n'
    with pytest.raises(BadLine) as refused:
        read_grades(BytesIO(good + b"\n" + b'{"attempt":"b","question":"q","mark":2,"max_mark":1}\n'))
    assert refused.value.line == 3
