"""Dates and numbers as people in Việt Nam write them."""

from __future__ import annotations

import math
import re
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal

from django.utils.translation import gettext_lazy as _

from common.exceptions import InvalidDate
from common.messages import filled

FIRST_YEAR, LAST_YEAR = 1900, 2200
WEEKDAYS = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật")

_DECIMAL_COMMA = str.maketrans(",.", ".,")
_DAY_FIRST = re.compile(r"([0-9]{1,2})\s*([/.-])\s*([0-9]{1,2})\s*\2\s*([0-9]{1,4})")
_YEAR_FIRST = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?)?")
_SERIAL = re.compile(r"[0-9]{5,6}(?:\.0+)?")


def parse_date(text: str | int | float | date) -> date:
    """The date of d/m/yyyy, dd-mm-yyyy, dd.mm.yyyy, yyyy-mm-dd, an Excel serial number, or a date itself.

    Raises InvalidDate (a ValueError) for impossible dates, two-digit years, years outside 1900–2200, and
    numbers that look like a year alone.
    """
    if isinstance(text, datetime):
        return _in_range(text.date(), text)
    if isinstance(text, date):
        return _in_range(text, text)
    if isinstance(text, bool) or not isinstance(text, str | int | float):
        raise _not_a_date(text)
    if isinstance(text, str):
        return _parse_text(text)
    return _from_serial(text, text)


def _parse_text(text: str) -> date:
    tidy = text.strip()
    if _SERIAL.fullmatch(tidy):
        return _from_serial(float(tidy), text)
    found = _DAY_FIRST.fullmatch(tidy)
    if found:
        day, month, year = found[1], found[3], found[4]
        if len(year) < 4:
            raise InvalidDate(filled(_("“%(value)s”: write the year with four digits."), {"value": tidy}), value=text)
    else:
        found = _YEAR_FIRST.fullmatch(tidy)
        if not found:
            raise _not_a_date(text)
        year, month, day = found.groups()
    try:
        return _in_range(date(int(year), int(month), int(day)), text)
    except InvalidDate:
        raise
    except ValueError:
        raise InvalidDate(
            filled(
                _("“%(value)s” is not a day of the calendar. Write day/month/year, for example 25/12/1990."),
                {"value": tidy},
            ),
            value=text,
        ) from None


def _from_serial(number: float, given: object) -> date:
    if not math.isfinite(number) or not 1 <= number < 110_000 or 1900 <= number <= 2200:
        raise _not_a_date(given)
    days = int(number)
    if days == 60:  # Excel believes in 29 February 1900
        raise _not_a_date(given)
    return _in_range(date(1899, 12, 31 if days < 60 else 30) + timedelta(days=days), given)


def _in_range(day: date, given: object) -> date:
    if FIRST_YEAR <= day.year <= LAST_YEAR:
        return day
    raise InvalidDate(
        filled(
            _("“%(value)s”: the year must be between %(first)d and %(last)d."),
            {"value": given, "first": FIRST_YEAR, "last": LAST_YEAR},
        ),
        value=given,
    )


def _not_a_date(given: object) -> InvalidDate:
    shown = str(given).strip()
    shown = shown if len(shown) <= 60 else f"{shown[:60]}…"
    return InvalidDate(
        filled(_("“%(value)s” is not a date. Write day/month/year, for example 25/12/1990."), {"value": shown}),
        value=given,
    )


def format_date(day: date, *, long: bool = False) -> str:
    """13/04/2015; long: “Thứ Hai, ngày 13 tháng 4 năm 2015”."""
    return long_date(day) if long else f"{day.day:02}/{day.month:02}/{day.year:04}"


def long_date(day: date) -> str:
    """“Thứ Hai, ngày 13 tháng 4 năm 2015”."""
    return f"{WEEKDAYS[day.weekday()]}, {official_date(day)}"


def official_date(day: date) -> str:
    """“ngày 05 tháng 02 năm 2026” (NĐ 30/2020: a zero before days 1 to 9 and before months 1 and 2)."""
    month = f"{day.month:02}" if day.month < 3 else str(day.month)
    return f"ngày {day.day:02} tháng {month} năm {day.year}"


def format_number(
    value: Decimal | float, *, digits: int | None = None, language: str = "vi", grouping: bool = True
) -> str:
    """1.234,5 in Vietnamese, 1,234.5 in English.

    `digits` after the mark are rounded half up; None shows as many as there are. Raises ValueError for NaN
    and infinities.
    """
    number = value if isinstance(value, Decimal) else Decimal(str(value))
    if not number.is_finite():
        raise ValueError(f"not a finite number: {value}")
    if digits is not None:
        # Enough places for any number: quantize refuses a result longer than its context's precision.
        places = max(number.adjusted(), 0) + digits + 2
        number = number.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP, Context(prec=places))
    whole, _point, fraction = f"{abs(number):f}".partition(".")
    if digits is None:
        fraction = fraction.rstrip("0")
    if grouping:
        whole = f"{int(whole):,}"
    sign = "-" if number < 0 else ""
    text = f"{sign}{whole}.{fraction}" if fraction else f"{sign}{whole}"
    return text if language.startswith("en") else text.translate(_DECIMAL_COMMA)
