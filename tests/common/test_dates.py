"""Dates and numbers as people write them."""

from __future__ import annotations

import contextlib
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from common.exceptions import Refusal
from common.vietnamese import InvalidDate, format_date, format_number, official_date, parse_date


@pytest.mark.parametrize(
    "text",
    [
        "13/4/2015",
        "13/04/2015",
        " 13-04-2015 ",
        "13.4.2015",
        "2015-04-13",
        "2015-04-13 00:00:00",
        "13 / 4 / 2015",
    ],
)
def test_the_usual_ways_to_write_a_date_are_read(text):
    assert parse_date(text) == date(2015, 4, 13)


@pytest.mark.parametrize("value", [42107, 42107.0, 42107.75, "42107", "42107.0"])
def test_excel_serials_are_read(value):
    assert parse_date(value) == date(2015, 4, 13)


def test_dates_and_times_are_taken_as_their_day():
    assert parse_date(date(2015, 4, 13)) == parse_date(datetime(2015, 4, 13, 23, 59)) == date(2015, 4, 13)


@pytest.mark.parametrize(
    "value",
    [
        "31/02/2015", "29/02/2023", "00/01/2020", "04/13/2015", "13/4/15", "13/4/015", "13-4/2015", "2015/04/13",
        "", "   ", "hôm nay", "١٣/٤/٢٠١٥", "1/1/1899", "1/1/2201", "2015", "20150413", "13/4/2015 x",
        1985, "1985", 0, -1, 60, 110_000, 1e20, float("nan"), float("inf"), True, None, date(1899, 12, 31), [1],
    ],
)  # fmt: skip
def test_anything_else_is_refused(value):
    with pytest.raises(InvalidDate):
        parse_date(value)


@pytest.mark.parametrize(
    ("year", "taken"), [(1899, False), (1900, True), (1901, True), (2199, True), (2200, True), (2201, False)]
)
def test_years_from_1900_to_2200_are_taken(year, taken):
    if taken:
        assert parse_date(f"1/6/{year}") == date(year, 6, 1)
    else:
        with pytest.raises(InvalidDate):
            parse_date(f"1/6/{year}")


@pytest.mark.parametrize(("serial", "day"), [(1, date(1900, 1, 1)), (59, date(1900, 2, 28)), (61, date(1900, 3, 1))])
def test_excels_leap_day_of_1900_shifts_nothing(serial, day):
    assert parse_date(serial) == day


def test_the_refusal_is_a_value_error_in_the_readers_language():
    with pytest.raises(ValueError, match="31/02/2015") as refused:
        parse_date("31/02/2015")
    assert isinstance(refused.value, Refusal)
    with translation.override("vi"):
        assert "trên lịch" in str(refused.value)
    with translation.override("en"):
        assert "calendar" in str(refused.value)


@given(st.dates(date(1900, 1, 1), date(2200, 12, 31)))
def test_every_date_reads_back_from_each_form(day):
    for text in (format_date(day), f"{day.day}-{day.month}-{day.year}", day.isoformat()):
        assert parse_date(text) == day
    serial = (day - date(1899, 12, 30)).days
    if serial > 60 and not 1900 <= serial <= 2200:
        assert parse_date(serial) == parse_date(float(serial)) == day


@given(st.text() | st.integers() | st.floats())
def test_any_input_is_a_date_or_refused(value):
    with contextlib.suppress(InvalidDate):
        assert 1900 <= parse_date(value).year <= 2200


def test_long_dates_are_written_as_official_documents_do():
    assert format_date(date(2015, 4, 13), long=True) == "Thứ Hai, ngày 13 tháng 4 năm 2015"
    assert format_date(date(2026, 2, 1), long=True) == "Chủ nhật, ngày 01 tháng 02 năm 2026"
    assert official_date(date(2026, 12, 9)) == "ngày 09 tháng 12 năm 2026"
    monday = date(2026, 11, 23)
    days = [format_date(monday + timedelta(days=n), long=True).split(",")[0] for n in range(7)]
    assert days == ["Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật"]


@pytest.mark.parametrize(
    ("value", "digits", "vi", "en"),
    [
        (1234.5, None, "1.234,5", "1,234.5"),
        (0, None, "0", "0"),
        (-0.5, None, "-0,5", "-0.5"),
        (8.125, 2, "8,13", "8.13"),
        (Decimal("2.675"), 2, "2,68", "2.68"),
        (7, 2, "7,00", "7.00"),
        (1000000, None, "1.000.000", "1,000,000"),
        (Decimal("1E+3"), None, "1.000", "1,000"),
        (Decimal("10.500"), None, "10,5", "10.5"),
        (0.1 + 0.2, 1, "0,3", "0.3"),
        (1e21, 0, "1.000.000.000.000.000.000.000", "1,000,000,000,000,000,000,000"),
        (-0.001, 2, "0,00", "0.00"),
        (999.999, 2, "1.000,00", "1,000.00"),
    ],
)
def test_numbers_have_a_decimal_comma(value, digits, vi, en):
    assert format_number(value, digits=digits) == vi
    assert format_number(value, digits=digits, language="en") == en


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("NaN")])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(ValueError, match="finite"):
        format_number(value)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**12), max_value=10**12))
def test_a_written_number_reads_back(value):
    assert Decimal(format_number(value).replace(".", "").replace(",", ".")) == value
