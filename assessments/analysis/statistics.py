"""Figures of questions and of their quiz, by the formulas of docs/item-analysis.md. Undefined ones are None."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any

from assessments.analysis.moments import Pairs, Spread, shape_of, spread_of, square_root
from assessments.analysis.moments import ratio as ratio_of

DIGITS = 6


@dataclass(frozen=True, slots=True)
class Item:
    """The counted attempts at one question: `pairs` by its greatest mark, and how many attempts were `given` it.

    All marks in units. Attempts that did not reach it are in `given` and in no pair.
    """

    pairs: Mapping[int, Pairs]
    given: int


@dataclass(frozen=True, slots=True)
class QuestionFigures:
    """How a question did. Facility and sd as fractions of its greatest mark; indices and weights in percent."""

    n: int
    facility: float | None
    sd: float | None
    discrimination_index: float | None
    discriminative_efficiency: float | None
    effective_weight: float | None


@dataclass(frozen=True, slots=True)
class QuizFigures:
    """How a quiz did. Mean, median, sd and standard error in marks; alpha and error ratio in percent."""

    n: int
    mean: float | None
    median: float | None
    sd: float | None
    skewness: float | None
    kurtosis: float | None
    cronbach_alpha: float | None
    error_ratio: float | None
    standard_error: float | None


@dataclass(frozen=True, slots=True)
class Sums:
    """What is kept of a question until all are known: its figures without the weight, and what alpha needs."""

    figures: QuestionFigures
    spread: Spread
    given: int
    by_maximum: Mapping[int, tuple[int, int, int]]

    @property
    def weight_root(self) -> float | None:
        """√cov(x, total), in units; None where that is undefined or the covariance negative."""
        n = self.spread.n
        if n < 2 or self.spread.total_covariance < 0:
            return None
        return square_root(Fraction(self.spread.total_covariance, n * (n - 1)))


def sums_of(item: Item) -> Sums:
    """One question by itself."""
    if len(item.pairs) == 1:
        ((maximum, pairs),) = item.pairs.items()
        spread = spread_of(pairs)
        by_maximum = {maximum: (spread.n, spread.x, spread.xx)}
    else:
        merged: Counter[tuple[int, int]] = Counter()
        by_maximum = {}
        for maximum, pairs in item.pairs.items():
            merged.update(pairs)
            part = spread_of(pairs)
            by_maximum[maximum] = part.n, part.x, part.xx
        spread = spread_of(merged)
    facility, sd = _as_fractions(by_maximum, spread.n)
    index = ratio_of(spread.covariance, spread.variance, spread.rest_variance)
    greatest = spread.greatest_covariance
    figures = QuestionFigures(
        n=spread.n,
        facility=facility,
        sd=sd,
        discrimination_index=None if index is None else 100 * index,
        discriminative_efficiency=float(Fraction(100 * spread.covariance, greatest)) if greatest else None,
        effective_weight=None,
    )
    return Sums(figures, spread, item.given, by_maximum)


def _as_fractions(by_maximum: Mapping[int, tuple[int, int, int]], n: int) -> tuple[float | None, float | None]:
    """Mean and sd of mark ÷ greatest mark; a question that can earn nothing has neither."""
    if not n or any(maximum == 0 for maximum, (count, _x, _xx) in by_maximum.items() if count):
        return None, None
    parts = [(maximum, sums) for maximum, sums in by_maximum.items() if sums[0]]
    first = sum((Fraction(x, maximum) for maximum, (_n, x, _xx) in parts), Fraction(0))
    if n < 2:
        return float(first / n), None
    second = sum((Fraction(xx, maximum * maximum) for maximum, (_n, _x, xx) in parts), Fraction(0))
    return float(first / n), square_root((second - first * first / n) / (n - 1))


def weighed(items: Mapping[str, Sums]) -> dict[str, QuestionFigures]:
    """The figures of all questions, each with its effective weight among them.

    As in Moodle, a question that goes against the total (negative covariance) has no weight and is left out of the sum.
    """
    roots = {name: one.weight_root for name, one in items.items()}
    total = math.fsum(root for root in roots.values() if root is not None)
    found = {}
    for name, one in items.items():
        root = roots[name]
        weight = 100 * root / total if root is not None and total else None
        found[name] = QuestionFigures(**{**asdict(one.figures), "effective_weight": weight})
    return found


def quiz_figures(items: Iterable[Sums], totals: Mapping[int, int], scale: int) -> QuizFigures:
    """The quiz as a whole, from its questions and `{total in units: attempts}`."""
    shape = shape_of(totals)
    sd = None if shape.variance is None else square_root(shape.variance) / scale
    alpha = _alpha(list(items), shape.n, shape.variance)
    error_ratio = None if alpha is None or alpha > 1 else 100 * square_root(1 - alpha)
    return QuizFigures(
        n=shape.n,
        mean=None if shape.mean is None else float(shape.mean / scale),
        median=None if shape.median is None else float(shape.median / scale),
        sd=sd,
        skewness=shape.skewness,
        kurtosis=shape.kurtosis,
        cronbach_alpha=None if alpha is None else float(100 * alpha),
        error_ratio=error_ratio,
        standard_error=None if error_ratio is None or sd is None else error_ratio * sd / 100,
    )


def _alpha(items: list[Sums], n: int, variance: Fraction | None) -> Fraction | None:
    """Cronbach's alpha as a fraction of 1.

    k / (k − 1) · (1 − Σ var(x) / var(total)). Questions that every attempt was given count as they are. Those that only
    some were given (drawn) stand for places of the paper: a place's variance is that of all marks of the drawn
    questions with the same greatest mark, and there are as many places as an attempt had such questions on average.
    """
    if not variance or n < 2:
        return None
    places, parts = Fraction(0), Fraction(0)
    drawn: dict[int, list[int]] = {}
    for item in items:
        if item.given == n:
            places += 1
            if item.spread.n > 1:
                parts += Fraction(item.spread.variance, item.spread.n * (item.spread.n - 1))
            continue
        places += Fraction(item.given, n)
        for maximum, sums in item.by_maximum.items():
            pooled = drawn.setdefault(maximum, [0, 0, 0])
            for place, value in enumerate(sums):
                pooled[place] += value
    for count, x, xx in drawn.values():
        if count > 1:
            parts += Fraction(count, n) * Fraction(count * xx - x * x, count * (count - 1))
    if places <= 1:
        return None
    return places / (places - 1) * (1 - parts / variance)


def rounded(value: float | None) -> float | None:
    """To six significant digits; without a negative zero."""
    return None if value is None else float(f"{value:.{DIGITS}g}") + 0.0


def as_json(questions: Mapping[str, QuestionFigures], quiz: QuizFigures) -> dict[str, Any]:
    """The shape of `manage.py analyse_items`, questions in the order of their names."""
    return {
        "questions": {name: _shown(asdict(questions[name])) for name in sorted(questions)},
        "quiz": _shown(asdict(quiz)),
    }


def _shown(figures: dict[str, Any]) -> dict[str, Any]:
    return {name: value if name == "n" else rounded(value) for name, value in figures.items()}
