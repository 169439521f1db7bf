"""Typed numbers: notation by language, units on either side, tolerances at their edges, the price of a wrong unit."""

from __future__ import annotations

import time
from typing import Any

import pytest

from assessments.grading.engine import QuestionDefinition, grade
from assessments.question_types.numbers import read_number


@pytest.mark.parametrize(
    ("text", "vietnamese", "english"),
    [
        ("1.234,5", 1234.5, 1234.5),
        ("1,234.5", 1234.5, 1234.5),
        ("1,234", 1.234, 1234),
        ("12,345", 12.345, 12345),
        ("0,125", 0.125, 0.125),
        ("1234,567", 1234.567, 1234.567),
        ("3,14", 3.14, 3.14),
        ("3.145", 3.145, 3.145),
        ("1.234", 1.234, 1.234),
        ("1.234.567", 1234567, 1234567),
        ("1,234,567", 1234567, 1234567),
        ("1,234,567.8", 1234567.8, 1234567.8),
        ("12 345", 12345, 12345),
        ("12\u00a0345,5", 12345.5, 12345.5),
        ("1,23,4", 1.23, 1.23),
    ],
)
def test_a_language_decides_only_what_is_ambiguous(text: str, vietnamese: float, english: float) -> None:
    assert read_number(text)[0] == vietnamese
    assert read_number(text, language="en")[0] == english


@pytest.mark.parametrize(
    ("text", "number", "unit"),
    [
        ("2.5m", 2.5, "m"),
        ("2.5 m / s", 2.5, "m/s"),
        ("5 m²", 5, "m²"),
        ("- 5 °C", -5, "°C"),
        ("−5", -5, ""),
        ("+.5", 0.5, ""),
        ("5.", 5, ""),
        ("2.5.", 2.5, "."),
        ("3e2kg", 300, "kg"),
        ("3 x 10^2 kg", 300, "kg"),
        ("3×10**-2", 0.03, ""),
        ("3 · 10^2", 300, ""),
        ("5 eV", 5, "eV"),
        ("£5", None, ""),
        ("m", None, ""),
        (",", None, ""),
        ("--5", None, ""),
        ("1e999", None, ""),
        ("nan", None, ""),
        ("\0", None, ""),
    ],
)
def test_the_unit_is_what_follows_the_number(text: str, number: float | None, unit: str) -> None:
    assert read_number(text) == (number, unit)


@pytest.mark.parametrize(
    ("text", "number", "unit"),
    [("£ 5", 5, "£"), ("US$1.234,5", 1234.5, "US$"), ("£-2e3", -2000, "£"), ("5", 5, ""), ("5 £", None, "")],
)
def test_the_unit_may_stand_before_the_number(text: str, number: float | None, unit: str) -> None:
    assert read_number(text, units_left=True) == (number, unit)


@pytest.mark.parametrize("text", ["1" * 5000 + "x", "." * 5000, "1." * 3000 + "e", "1e" * 3000, " " * 9000 + "1"])
def test_no_text_makes_reading_slow(text: str) -> None:
    begun = time.process_time()
    read_number(text)
    read_number(text, units_left=True)
    assert time.process_time() - begun < 3


LENGTH: dict[str, Any] = {
    "stem": "?",
    "answers": [{"value": 2.5, "tolerance": 0.01}, {"value": 2, "fraction": 0.4}, {"value": 7, "fraction": -0.5}],
    "units": [{"symbol": "m"}, {"symbol": "cm", "factor": 0.01}, {"symbol": "sải tay", "factor": 1.6}],
    "unit_penalty": 0.1,
}


@pytest.mark.parametrize(
    ("changes", "response", "fraction"),
    [
        ({}, {"text": "2.5 m"}, 1),
        ({}, {"text": "250", "unit": "cm"}, 1),
        ({}, {"text": "2.5"}, 0.9),
        ({}, {"text": "2.5 km"}, 0.9),
        ({}, {"text": "2.5 M"}, 0.9),
        ({}, {"text": "250"}, 0),
        ({}, {"text": "2 km"}, 0.36),
        ({"unit_penalty_of": "maximum"}, {"text": "2 km"}, 0.3),
        ({"unit_penalty_of": "maximum", "unit_penalty": 0.5}, {"text": "2 km"}, 0),
        # the number is right and its unit is the wrong one of two that are known: only the unit is lost
        ({}, {"text": "2.5 cm"}, 0.9),
        ({}, {"text": "7 m"}, -0.5),
        ({}, {"text": "7"}, 0),
        ({}, {"text": "2,5 m"}, 1),
        ({}, {"text": "1.5625 sải  tay"}, 1),
        ({}, {"text": "2.5 km", "unit": "m"}, 1),
        ({"units": []}, {"text": "2.5 m"}, 1),
        ({"units": []}, {"text": "7"}, 0),
        ({"unit_penalty": 0}, {"text": "2.5"}, 1),
        ({"units_left": True}, {"text": "m 2.5"}, 1),
        ({"units_left": True}, {"text": "2.5 m"}, 0),
        ({"other_fraction": 0.25}, {"text": "99 m"}, 0.25),
        ({"other_fraction": 0.25}, {"text": "99"}, 0.225),
        ({"other_fraction": 0.25}, {"text": "nhiều"}, 0),
    ],
)
def test_units_cost_what_the_question_says(changes: dict[str, Any], response: dict[str, Any], fraction: float) -> None:
    assert grade(QuestionDefinition("numerical", {**LENGTH, **changes}), response).fraction == fraction


@pytest.mark.parametrize(
    ("kind", "value", "tolerance", "text", "fits"),
    [
        ("absolute", 3.14, 0.005, "3.145", True),
        ("absolute", 3.14, 0.005, "3.1450001", False),
        ("absolute", 0.3, 0, "0.30000000000000004", True),
        ("absolute", 0, 0, "0", True),
        ("absolute", 0, 0, "1e-20", False),
        ("absolute", 1e15, 0, "1000000000000001", True),
        ("absolute", 1e15, 0, "1000000000000011", False),
        ("relative", 50, 0.1, "55", True),
        ("relative", 50, 0.1, "55.00001", False),
        ("relative", -50, 0.1, "-45", True),
        ("geometric", 50, 1, "25", True),
        ("geometric", 50, 1, "100", True),
        ("geometric", 50, 1, "24.9", False),
        ("geometric", -50, 1, "-100", True),
        ("significant", 3.14159, 3, "3.14", True),
        ("significant", 3.14159, 3, "3.146", False),
        ("significant", 0.00123, 2, "0.0012", True),
    ],
)
def test_the_ends_of_an_interval_belong_to_it(kind: str, value: float, tolerance: float, text: str, fits: bool) -> None:
    body = {"stem": "?", "answers": [{"value": value, "tolerance": tolerance}], "tolerance_type": kind}
    assert (grade(QuestionDefinition("numerical", body), {"text": text}).fraction == 1) is fits


def test_the_language_of_a_paper_rules_its_numbers() -> None:
    definition = QuestionDefinition("numerical", {"stem": "?", "answers": [{"value": 1234}]})
    assert grade(definition, {"text": "1,234"}).fraction == 0
    assert grade(definition, {"text": "1,234"}, {"language": "en"}).fraction == 1
    assert grade(definition, {"text": "1,234"}, {"language": ["en"]}).fraction == 0
