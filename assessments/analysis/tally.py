"""Counted marks of a quiz that can be added to and taken from, exactly: what is kept between two computations.

Only whole numbers are counted, so that adding sittings one by one, in any order, and taking away those that were marked
again leaves the very tally that counting everything from the start makes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple

from assessments.analysis.statistics import Item, QuestionFigures, QuizFigures, quiz_figures, sums_of, weighed

COUNTING_VERSION = 1  # another way of counting: what is stored is counted again
PLACES = 4
SCALE = 10**PLACES
LONGEST_SECONDS = 3600  # who went away for longer did not think that long
NO_ANSWER = ""


class Counted(NamedTuple):
    """One question of one sitting, marks in units.

    `mark` None: not reached, not marked or decided, so that it tells nothing about it. `earned` is what it gave to the
    total. `choices` are the ids that were chosen, None where there are none to choose.
    """

    question: str
    mark: int | None
    earned: int
    maximum: int
    choices: Sequence[str] | None = None
    seconds: int | None = None


@dataclass(slots=True)
class ItemTally:
    """Counts of one question: {max: {(mark, total): n}}, {choice: {rest: n}}, {seconds: n}; marks in units."""

    given: int = 0
    pairs: dict[int, Counter[tuple[int, int]]] = field(default_factory=dict)
    choices: dict[str, Counter[int]] = field(default_factory=dict)
    seconds: Counter[int] = field(default_factory=Counter)

    def as_item(self) -> Item:
        """For the figures."""
        return Item(pairs=self.pairs, given=self.given)


@dataclass(slots=True)
class Tally:
    """Counts of a quiz: totals and questions by name."""

    totals: Counter[int] = field(default_factory=Counter)
    items: dict[str, ItemTally] = field(default_factory=dict)

    @property
    def sittings(self) -> int:
        """How many sittings are counted."""
        return sum(self.totals.values())

    def add(self, sitting: Iterable[Counted], *, times: int = 1) -> None:
        """Count a sitting, or take one away that was counted before (`times` −1)."""
        rows = list(sitting)
        total = sum(row.earned for row in rows)
        _count(self.totals, total, times)
        for question, mark, _earned, maximum, choices, seconds in rows:
            item = self.items.get(question)
            if item is None:
                item = self.items[question] = ItemTally()
            item.given += times
            if mark is not None:
                counts = item.pairs.get(maximum)
                if counts is None:
                    counts = item.pairs[maximum] = Counter()
                _count(counts, (mark, total), times)
                if not counts:
                    del item.pairs[maximum]
                for choice in choices or ():
                    rests = item.choices.get(choice)
                    if rests is None:
                        rests = item.choices[choice] = Counter()
                    _count(rests, total - mark, times)
                    if not rests:
                        del item.choices[choice]
            if seconds is not None:
                _count(item.seconds, min(seconds, LONGEST_SECONDS), times)
            if not item.given:
                del self.items[question]

    def figures(self) -> tuple[dict[str, QuestionFigures], QuizFigures]:
        """Each question and the quiz."""
        sums = {name: sums_of(item.as_item()) for name, item in self.items.items()}
        return weighed(sums), quiz_figures(sums.values(), self.totals, SCALE)


def _count(counts: Counter[Any], key: Any, times: int) -> None:
    left = counts.get(key, 0) + times
    if left:
        counts[key] = left
    else:
        del counts[key]


def item_as_json(item: ItemTally) -> dict[str, Any]:
    """As it is stored, in one order whatever came first."""
    return {
        "given": item.given,
        "pairs": [
            [maximum, mark, total, n]
            for maximum, counts in sorted(item.pairs.items())
            for (mark, total), n in sorted(counts.items())
        ],
        "choices": {
            choice: [[rest, n] for rest, n in sorted(counts.items())] for choice, counts in sorted(item.choices.items())
        },
        "seconds": [[seconds, n] for seconds, n in sorted(item.seconds.items())],
    }


def item_from_json(stored: Mapping[str, Any]) -> ItemTally:
    """What item_as_json wrote."""
    item = ItemTally(given=stored["given"])
    for maximum, mark, total, n in stored["pairs"]:
        item.pairs.setdefault(maximum, Counter())[(mark, total)] = n
    for choice, counts in stored["choices"].items():
        item.choices[choice] = Counter(dict(counts))
    item.seconds.update(dict(stored["seconds"]))
    return item


def totals_as_json(totals: Mapping[int, int]) -> list[list[int]]:
    """As they are stored: [[total in units, sittings], …]."""
    return [[total, n] for total, n in sorted(totals.items())]


def intended_weights(tally: Tally) -> dict[str, float | None]:
    """The share of each question in the marks that could be earned, in percent; drawn ones by how often they were."""
    possible: dict[str, Fraction] = {}
    for name, item in tally.items.items():
        seen = sum(sum(counts.values()) for counts in item.pairs.values())
        greatest = sum(maximum * sum(counts.values()) for maximum, counts in item.pairs.items())
        possible[name] = Fraction(greatest * item.given, seen) if seen else Fraction(0)
    total = sum(possible.values(), Fraction(0))
    return {name: float(100 * one / total) if total else None for name, one in possible.items()}


def median_seconds(item: ItemTally) -> int | None:
    """Half of the candidates took no longer."""
    n, passed = sum(item.seconds.values()), 0
    for seconds, count in sorted(item.seconds.items()):
        passed += count
        if 2 * passed >= n:
            return seconds
    return None
