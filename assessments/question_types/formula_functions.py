"""The functions of formulas, as PHP has them: what is not a number is NaN, what is too large is infinite."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

MANY = 99
MOST_WHOLE = 2**53  # above, not every whole number is a float
MOST_PLACES = 300


class NotDefined(ValueError):
    """A function has no value for its arguments, said in a sentence with %(function)s and %(position)d."""

    def __init__(self, sentence: str | Promise) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Function:
    """How many arguments a function takes, and what it gives for the values of the question and its arguments."""

    arguments: tuple[int, int]
    calculate: Callable[..., float]


def _plain(*arguments: int, calculate: Callable[..., float]) -> Function:
    least, most = arguments[0], arguments[-1]
    return Function((least, most), lambda _values, *given: calculate(*given))


def _power(base: float, exponent: float) -> float:
    if base == 0 and exponent < 0:
        raise NotDefined(_("Division by zero (sign %(position)d)."))
    return math.pow(base, exponent)


def _whole(number: float) -> int:
    if not (math.isfinite(number) and 0 <= number <= MOST_WHOLE and number.is_integer()):
        raise NotDefined(_("%(function)s takes a whole number, not below zero (sign %(position)d)."))
    return int(number)


def _digits_read(number: float, base: int) -> float:
    digits = str(_whole(number))
    if any(int(digit) >= base for digit in digits):
        raise NotDefined(_("%(function)s takes only digits of its number system (sign %(position)d)."))
    return int(digits, base)


def _rounded(number: float, places: float = 0) -> float:
    if not math.isfinite(number):
        return number
    if not (math.isfinite(places) and abs(places) <= MOST_PLACES):
        raise NotDefined(_("%(function)s cannot round to so many places (sign %(position)d)."))
    exact = Decimal(repr(number))
    step = Decimal(1).scaleb(-int(places))
    wanted = max(exact.adjusted() + int(places), 0) + 5
    return float(exact.quantize(step, ROUND_HALF_UP, Context(prec=wanted, Emin=-9999, Emax=9999)))


def _to_whole(round_to: Callable[[float], int]) -> Callable[[float], float]:
    return lambda number: round_to(number) if math.isfinite(number) else number


def _logarithm(number: float, base: float = math.e) -> float:
    if number == 0:
        return -math.inf
    return math.log(number) if base == math.e else math.log(number) / math.log(base)


def _at_zero(function: Callable[[float], float], pole: float) -> Callable[[float], float]:
    return lambda number: -math.inf if number == pole else function(number)


def _chance(values: Mapping[str, float], least: float = 0, most: float = 2**31 - 1) -> float:
    """Drawn from the values of the question and the arguments: the same wherever and whenever it is calculated."""
    if not (math.isfinite(least) and math.isfinite(most) and abs(least) <= MOST_WHOLE and least <= most <= MOST_WHOLE):
        raise NotDefined(_("%(function)s takes a smaller and a larger whole number (sign %(position)d)."))
    seed = repr((sorted(values.items()), least, most))
    return random.Random(seed).randint(int(least), int(most))  # noqa: S311  reproducible on purpose


FUNCTIONS: Mapping[str, Function] = {
    "abs": _plain(1, calculate=abs),
    "acos": _plain(1, calculate=math.acos),
    "acosh": _plain(1, calculate=math.acosh),
    "asin": _plain(1, calculate=math.asin),
    "asinh": _plain(1, calculate=math.asinh),
    "atan": _plain(1, calculate=math.atan),
    "atan2": _plain(2, calculate=math.atan2),
    "atanh": _plain(1, calculate=math.atanh),
    "bindec": _plain(1, calculate=lambda number: _digits_read(number, 2)),
    "ceil": _plain(1, calculate=_to_whole(math.ceil)),
    "cos": _plain(1, calculate=math.cos),
    "cosh": _plain(1, calculate=math.cosh),
    "decbin": _plain(1, calculate=lambda number: float(f"{_whole(number):b}")),
    "decoct": _plain(1, calculate=lambda number: float(f"{_whole(number):o}")),
    "deg2rad": _plain(1, calculate=math.radians),
    "exp": _plain(1, calculate=math.exp),
    "expm1": _plain(1, calculate=math.expm1),
    "floor": _plain(1, calculate=_to_whole(math.floor)),
    "fmod": _plain(2, calculate=math.fmod),
    "is_finite": _plain(1, calculate=math.isfinite),
    "is_infinite": _plain(1, calculate=math.isinf),
    "is_nan": _plain(1, calculate=math.isnan),
    "log": _plain(1, 2, calculate=_logarithm),
    "log10": _plain(1, calculate=_at_zero(math.log10, 0)),
    "log1p": _plain(1, calculate=_at_zero(math.log1p, -1)),
    "max": _plain(2, MANY, calculate=max),
    "min": _plain(2, MANY, calculate=min),
    "octdec": _plain(1, calculate=lambda number: _digits_read(number, 8)),
    "pi": _plain(0, calculate=lambda: math.pi),
    "pow": _plain(2, calculate=_power),
    "rad2deg": _plain(1, calculate=math.degrees),
    "rand": Function((0, 2), _chance),
    "round": _plain(1, 2, calculate=_rounded),
    "sin": _plain(1, calculate=math.sin),
    "sinh": _plain(1, calculate=math.sinh),
    "sqrt": _plain(1, calculate=math.sqrt),
    "tan": _plain(1, calculate=math.tan),
    "tanh": _plain(1, calculate=math.tanh),
}
