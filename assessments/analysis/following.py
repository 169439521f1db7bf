"""One question followed across quizzes: each has other questions beside it, so that rests are compared within each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from assessments.analysis.statistics import sums_of
from assessments.analysis.tally import ItemTally


@dataclass(frozen=True, slots=True)
class Followed:
    """Over all quizzes: attempts, facility and sd as fractions, and the index (percent) pooled within quizzes."""

    n: int
    facility: float | None
    sd: float | None
    discrimination_index: float | None


def follow(items: Sequence[ItemTally]) -> Followed:
    """The figures of one question over its quizzes.

    The index is the correlation of mark and rest with both measured from their means in each quiz, rests in standard
    deviations of that quiz; a quiz where it is undefined adds nothing to it.
    """
    n, first, second = 0, 0.0, 0.0
    along, marks, rests = 0.0, 0.0, 0
    for item in items:
        figures = sums_of(item.as_item()).figures
        if not figures.n or figures.facility is None:
            continue
        n += figures.n
        first += figures.n * figures.facility
        second += figures.n * figures.facility**2
        if figures.sd is None:
            continue
        second += (figures.n - 1) * figures.sd**2
        if figures.discrimination_index is not None:
            along += (figures.n - 1) * figures.discrimination_index / 100 * figures.sd
            marks += (figures.n - 1) * figures.sd**2
            rests += figures.n - 1
    if not n:
        return Followed(0, None, None, None)
    variance = max(second - first * first / n, 0.0) / (n - 1) if n > 1 else None
    return Followed(
        n=n,
        facility=first / n,
        sd=None if variance is None else math.sqrt(variance),
        discrimination_index=100 * along / math.sqrt(marks * rests) if marks and rests else None,
    )
