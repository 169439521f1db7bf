"""Sums over counted marks, exact: whole numbers in, fractions of whole numbers out, so that nothing drifts.

Marks are given in units (a mark of 0.25 at a scale of 100 is 25), each with how often it came, so that a hundred
thousand attempts at a question cost as much as the few different pairs of mark and total among them.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

Pairs = Mapping[tuple[int, int], int]


@dataclass(frozen=True, slots=True)
class Spread:
    """Sums over the attempts at one question: mark x, rest r (total less x), total t; `most` pairs both sorted lists.

    Covariances and variances here are multiplied by n·(n − 1) and by the square of the scale; their ratios are not.
    """

    n: int
    x: int
    xx: int
    r: int
    rr: int
    xr: int
    xt: int
    most: int

    @property
    def variance(self) -> int:
        """Of the marks."""
        return self.n * self.xx - self.x * self.x

    @property
    def rest_variance(self) -> int:
        """Of the rests."""
        return self.n * self.rr - self.r * self.r

    @property
    def covariance(self) -> int:
        """Of mark and rest."""
        return self.n * self.xr - self.x * self.r

    @property
    def greatest_covariance(self) -> int:
        """Of mark and rest if the best marks were those of the best rests."""
        return self.n * self.most - self.x * self.r

    @property
    def total_covariance(self) -> int:
        """Of mark and total."""
        return self.n * self.xt - self.x * (self.r + self.x)


def spread_of(pairs: Pairs) -> Spread:
    """The sums over `{(mark, total): attempts}`, in units."""
    n = x = xx = r = rr = xr = xt = 0
    marks: Counter[int] = Counter()
    rests: Counter[int] = Counter()
    for (mark, total), count in pairs.items():
        rest = total - mark
        marks[mark] += count
        rests[rest] += count
        n += count
        x += count * mark
        xx += count * mark * mark
        r += count * rest
        rr += count * rest * rest
        xr += count * mark * rest
        xt += count * mark * total
    return Spread(n, x, xx, r, rr, xr, xt, _sorted_products(marks, rests))


def _sorted_products(first: Mapping[int, int], second: Mapping[int, int]) -> int:
    """Σ a·b over both lists sorted, the smallest with the smallest; both count the same number."""
    total = 0
    others = iter(sorted(second.items()))
    other, left = next(others, (0, 0))
    for value, count in sorted(first.items()):
        while count:
            if not left:
                other, left = next(others)
            taken = min(count, left)
            total += taken * value * other
            count -= taken
            left -= taken
    return total


@dataclass(frozen=True, slots=True)
class Shape:
    """What describes a list of numbers; None where it is undefined. In the units of the numbers."""

    n: int
    mean: Fraction | None
    median: Fraction | None
    variance: Fraction | None
    skewness: float | None
    kurtosis: float | None


def shape_of(counts: Mapping[int, int]) -> Shape:
    """Mean, median (mean of the middle two), sample variance, G1 and G2 of `{number: how often}`.

    Skewness needs three numbers, kurtosis four, both some variance.
    """
    n = sum(counts.values())
    if not n:
        return Shape(0, None, None, None, None, None)
    total = sum(value * count for value, count in counts.items())
    # Deviations times n, so that they are whole; a power of p is n^p too large.
    second, third, fourth = (
        Fraction(sum(count * (n * value - total) ** power for value, count in counts.items()), n**power)
        for power in (2, 3, 4)
    )
    skewness = kurtosis = None
    if second and n > 2:
        k2 = second / (n - 1)
        k3 = n * third / ((n - 1) * (n - 2))
        skewness = square_root(k3 * k3 / k2**3) * (-1 if k3 < 0 else 1)
        if n > 3:
            k4 = (n * (n + 1) * fourth / (n - 1) - 3 * second * second) / ((n - 2) * (n - 3))
            kurtosis = float(k4 / k2**2)
    variance = second / (n - 1) if n > 1 else None
    return Shape(n, Fraction(total, n), _median(counts, n), variance, skewness, kurtosis)


def _median(counts: Mapping[int, int], n: int) -> Fraction:
    low, high = (n - 1) // 2, n // 2
    passed, middle = 0, []
    for value, count in sorted(counts.items()):
        middle += [value for place in {low, high} if passed <= place < passed + count]
        passed += count
    return Fraction(sum(middle), len(middle))


def square_root(value: Fraction) -> float:
    """√ of an exact number that is not negative, right to a double's last digits however small or large it is."""
    if not value:
        return 0.0
    # To about 2^120 first: its root has 60 bits, more than a double holds.
    shift = 120 - (value.numerator.bit_length() - value.denominator.bit_length())
    shift += shift % 2
    scaled = (value.numerator << max(shift, 0)) // (value.denominator << max(-shift, 0))
    return math.ldexp(math.isqrt(scaled), -shift // 2)


def ratio(numerator: int, first: int, second: int) -> float | None:
    """numerator / √(first · second), and None where that is undefined."""
    if first <= 0 or second <= 0:
        return None
    found = square_root(Fraction(numerator * numerator, first * second))
    return -found if numerator < 0 else found
