"""Where the lines and bars of charts stand; templates draw them as SVG, each beside a table that says the same."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

from assessments.analysis.calibration import probability
from assessments.analysis.distractors import ChoiceFigures, Group
from assessments.analysis.tally import SCALE

WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 640, 280, 64, 34, 14, 14
MOST_BARS = 20
STEPS = (0.1, 0.25, 0.5, 1, 2, 2.5, 5, 10, 20, 25, 50, 100)
ABILITIES = 3.0


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis: where, and what it says."""

    at: float
    label: float


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a histogram: sittings with `low` ≤ score < `high` (the last one with its end)."""

    low: float
    high: float
    n: int
    share: float
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Histogram:
    """Bars, ticks of both axes, and where the pass mark stands (None: not within)."""

    bars: list[Bar]
    across: list[Tick]
    up: list[Tick]
    pass_at: float | None
    pass_mark: float | None


@dataclass(frozen=True, slots=True)
class Point:
    """A point of a line."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Line:
    """A line with its number (for its look), and its points as SVG writes them."""

    number: int
    label: str
    is_right: bool
    points: list[Point]

    @property
    def path(self) -> str:
        """For `points` of a polyline."""
        return " ".join(f"{point.x:.1f},{point.y:.1f}" for point in self.points)


def _across(part: float) -> float:
    return round(LEFT + part * (WIDTH - LEFT - RIGHT), 1)


def _up(part: float) -> float:
    return round(HEIGHT - BOTTOM - part * (HEIGHT - BOTTOM - TOP), 1)


def histogram(totals: Mapping[int, int], *, greatest: float, pass_mark: float | None) -> Histogram | None:
    """Bars of scores from 0 (or the lowest) to `greatest`; None without sittings."""
    if not totals:
        return None
    low = min(0.0, min(totals) / SCALE)
    high = max(greatest, max(totals) / SCALE)
    step = next((one for one in STEPS if (high - low) / one <= MOST_BARS), (high - low) / MOST_BARS or 1.0)
    begin = math.floor(low / step) * step
    count = max(1, math.ceil(round((high - begin) / step, 9)))
    sizes = [0] * count
    for units, n in totals.items():
        sizes[min(int(round((units / SCALE - begin) / step, 9)), count - 1)] += n
    n, top = sum(sizes), max(sizes)
    end = begin + step * count
    wide = (WIDTH - LEFT - RIGHT) / count
    bars = [
        Bar(
            low=begin + step * place,
            high=begin + step * (place + 1),
            n=size,
            share=100 * size / n,
            x=round(LEFT + wide * place + 1, 1),
            y=_up(size / top),
            width=round(wide - 2, 1),
            height=round(_up(0) - _up(size / top), 1),
        )
        for place, size in enumerate(sizes)
    ]
    every = max(1, math.ceil(count / 10))
    across = [Tick(_across(place / count), round(begin + step * place, 4)) for place in range(0, count + 1, every)]
    rise = max(1, math.ceil(top / 4))
    up = [Tick(_up(value / top), value) for value in range(0, top + 1, rise)]
    inside = pass_mark is not None and begin <= pass_mark <= end
    pass_at = _across((pass_mark - begin) / (end - begin)) if inside and pass_mark is not None else None
    return Histogram(bars, across, up, pass_at, pass_mark)


SHARES = [Tick(_up(part / 4), 25 * part) for part in range(5)]


def choice_lines(choices: Sequence[ChoiceFigures], labels: Mapping[str, str], right: set[str]) -> list[Line]:
    """How the share of each choice goes from the weakest group to the strongest."""
    return [
        Line(
            number=number,
            label=labels[one.choice],
            is_right=one.choice in right,
            points=[
                Point(_across((group + 0.5) / len(one.by_group)), _up(share))
                for group, share in enumerate(one.by_group)
            ],
        )
        for number, one in enumerate(choices, start=1)
    ]


def group_ticks(count: int) -> list[Tick]:
    """The groups below that chart."""
    return [Tick(_across((group + 0.5) / count), group + 1) for group in range(count)]


@dataclass(frozen=True, slots=True)
class Curve:
    """What was observed in each group, what a model expects, and the abilities below."""

    observed: list[Point]
    expected: list[Line]
    across: list[Tick]

    @property
    def path(self) -> str:
        """The observed points as a polyline."""
        return " ".join(f"{point.x:.1f},{point.y:.1f}" for point in self.observed)


def characteristic(groups: Sequence[Group], models: Mapping[str, Mapping[str, float]]) -> Curve | None:
    """Mean mark by ability. Groups stand where their mean rest is among all, in standard deviations."""
    n = sum(group.n for group in groups)
    if not n:
        return None
    places = strengths(groups)
    observed = [
        Point(_across(_part(place)), _up(min(max(group.facility, 0.0), 1.0)))
        for place, group in zip(places, groups, strict=True)
    ]
    expected = []
    for number, (name, found) in enumerate(sorted(models.items()), start=1):
        points = []
        for tenth in range(-30, 31, 2):
            likely = probability(found["slope"], found["difficulty"], tenth / 10)
            points.append(Point(_across(_part(tenth / 10)), _up(likely)))
        expected.append(Line(number, name, False, points))
    return Curve(observed, expected, [Tick(_across(_part(ability)), ability) for ability in range(-3, 4)])


def strengths(groups: Sequence[Group]) -> list[float]:
    """For each group its place in a normal population: the middle of the share of attempts that it covers."""
    n, passed, places = sum(group.n for group in groups), 0, []
    for group in groups:
        places.append(NormalDist().inv_cdf((passed + group.n / 2) / n))
        passed += group.n
    return places


def _part(ability: float) -> float:
    return (min(max(ability, -ABILITIES), ABILITIES) + ABILITIES) / (2 * ABILITIES)
