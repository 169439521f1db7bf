"""Marks as they come, kept in a few bytes each until all are there: totals are known only then."""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from assessments.analysis.statistics import Item, QuestionFigures, QuizFigures, Sums, quiz_figures, sums_of, weighed

MOST_REMEMBERED = 100_000
MOST_PLACES = 30  # what a mark has beyond is left out


class Marks:
    """The marks of one question: attempts by their number, marks (NaN: not reached) and the lines they stood on."""

    __slots__ = ("attempts", "lines", "marks", "maximum")

    def __init__(self, maximum: float) -> None:
        self.maximum = maximum
        self.attempts, self.marks, self.lines = array("I"), array("d"), array("I")


class Gathered:
    """Marks of attempts at questions; `figures` describes them when all are in.

    Sixteen bytes a mark, so that a hundred thousand attempts at forty questions take 64 MB, whatever the marks are.
    """

    def __init__(self) -> None:
        self.attempts: dict[str, int] = {}
        self.questions: dict[str, Marks] = {}
        self._others: dict[str, list[Marks]] = {}  # a question that has another greatest mark in other attempts
        self._places = 0
        self._remembered: set[float] = set()

    def part(self, question: str, maximum: float) -> Marks:
        """Where marks of `question` out of `maximum` go."""
        first = self.questions.get(question)
        if first is None:
            first = self.questions[question] = Marks(maximum)
            self.note(maximum)
        if first.maximum == maximum:
            return first
        others = self._others.setdefault(question, [])
        for other in others:
            if other.maximum == maximum:
                return other
        others.append(Marks(maximum))
        self.note(maximum)
        return others[-1]

    def note(self, mark: float) -> None:
        """Take a mark's decimals into account; asked for each mark that is not in `remembered`."""
        if round(mark, self._places) != mark:
            exponent = Decimal(repr(mark)).as_tuple().exponent
            assert isinstance(exponent, int)
            self._places = min(max(self._places, -exponent), MOST_PLACES)
        if len(self._remembered) >= MOST_REMEMBERED:
            self._remembered.clear()
        self._remembered.add(mark)

    @property
    def remembered(self) -> set[float]:
        """Marks whose decimals were taken into account; the same set for ever."""
        return self._remembered

    def repeated_line(self) -> int | None:
        """The first line with an attempt and a question that came before, None when there is none."""
        found = []
        for name in self.questions:
            parts = list(self.parts(name))
            if len(parts) == 1 and len(set(parts[0].attempts)) == len(parts[0].attempts):
                continue
            seen: set[int] = set()
            rows = sorted(row for part in parts for row in zip(part.lines, part.attempts, strict=True))
            for line, attempt in rows:
                if attempt in seen:
                    found.append(line)
                    break
                seen.add(attempt)
        return min(found, default=None)

    def parts(self, question: str) -> Iterator[Marks]:
        """All marks of a question, those of each greatest mark together."""
        yield self.questions[question]
        yield from self._others.get(question, [])

    def figures(self) -> tuple[dict[str, QuestionFigures], QuizFigures]:
        """Each question and the quiz. A mark that was not reached earns nothing and is left out of its question."""
        totals = [0] * len(self.attempts)
        for name in self.questions:
            for part in self.parts(name):
                units = Units(self._places, part.maximum)
                for attempt, mark in zip(part.attempts, part.marks, strict=True):
                    if mark == mark:
                        totals[attempt] += units[mark]
        sums: dict[str, Sums] = {name: sums_of(self._item(name, totals)) for name in self.questions}
        return weighed(sums), quiz_figures(sums.values(), Counter(totals), 10**self._places)

    def _item(self, name: str, totals: list[int]) -> Item:
        pairs, given = {}, 0
        for part in self.parts(name):
            units = Units(self._places, part.maximum)
            given += len(part.attempts)
            total = map(totals.__getitem__, part.attempts)
            if any(map(math.isnan, part.marks)):
                reached = [(units[mark], one) for mark, one in zip(part.marks, total, strict=True) if mark == mark]
                pairs[units[part.maximum]] = Counter(reached)
            else:
                pairs[units[part.maximum]] = Counter(zip(map(units.__getitem__, part.marks), total, strict=True))
        return Item(pairs=pairs, given=given)


class Units(dict[float, int]):
    """Marks as whole numbers of 10^-places, exact by their decimals; each is worked out once."""

    def __init__(self, places: int, maximum: float) -> None:
        super().__init__()
        self._places, self._scale = places, 10**places
        self._fits = maximum * self._scale < 2**50  # then a double's error is far below a half

    def __missing__(self, mark: float) -> int:
        found = round(mark * self._scale) if self._fits else int(Decimal(repr(mark)).scaleb(self._places))
        self[mark] = found
        return found
