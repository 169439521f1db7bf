"""Whether parallel papers are equal: content by row, expected score, and what they share. Pure: no ORM."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from assessments.papers.policies import EXPECTED


@dataclass(frozen=True, slots=True)
class PaperFacts:
    """One paper: its number, how many questions it has of each kind of content, marks, and what it is expected to earn."""

    number: int
    content: Counter[tuple[str, ...]]
    questions: int
    marks: Decimal
    expected: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """All papers of a set. `shared[i][j]` is how many questions papers i and j have in common."""

    papers: list[PaperFacts]
    is_equal_in_content: bool
    least: float
    most: float
    mean: float
    deviation: float
    shared: list[list[int]]

    @property
    def most_shared(self) -> int:
        """The most questions that two different papers have in common."""
        size = len(self.papers)
        return max((self.shared[i][j] for i in range(size) for j in range(size) if i != j), default=0)


def compare(
    papers: Sequence[tuple[int, Sequence[Mapping[str, Any]]]],
    *,
    kind_of: Mapping[int, tuple[str, ...]],
    expected: Mapping[int, int],
) -> Comparison:
    """Compare papers, each a number and its stored slots.

    `kind_of` says for a question what content it is (part, category, difficulty …); `expected` its expected score in
    percent. Equal content is: as many questions with as many marks of each kind in every paper.
    """
    facts, contents, sets = [], [], []
    for number, slots in papers:
        content: Counter[tuple[str, ...]] = Counter()
        marks: Counter[tuple[str, ...]] = Counter()
        worth = Fraction(0)
        for slot in slots:
            kind = (str(slot.get("section", 1)), *kind_of.get(slot["question"], ("",)))
            content[kind] += 1
            marks[(*kind, str(slot["mark"]))] += 1
            worth += Fraction(slot["mark"]) * Fraction(expected.get(slot["question"], EXPECTED), 100)
        whole = sum((Decimal(slot["mark"]) for slot in slots), Decimal(0))
        facts.append(PaperFacts(number, content, len(slots), whole, float(worth)))
        contents.append(marks)
        sets.append({slot["question"] for slot in slots})
    scores = [paper.expected for paper in facts]
    return Comparison(
        papers=facts,
        is_equal_in_content=all(content == contents[0] for content in contents),
        least=min(scores, default=0.0),
        most=max(scores, default=0.0),
        mean=statistics.fmean(scores) if scores else 0.0,
        deviation=statistics.stdev(scores) if len(scores) > 1 else 0.0,
        shared=[[len(one & other) for other in sets] for one in sets],
    )
