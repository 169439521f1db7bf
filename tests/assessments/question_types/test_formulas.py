"""Formulas are read by our own parser: any text gives a value or one error that says where, and no name is run."""

from __future__ import annotations

import builtins
import math

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from assessments.question_types.formulas import FormulaError, parse

VALUES = {"a": 3.0, "b": -2.5, "lực F": 10.0}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("-2 ** 2", -4),
        ("(-2) ** 2", 4),
        ("2 ** -1", 0.5),
        ("2 ** 3 ** 2", 512),
        ("2 - 3 - 4", -5),
        ("8 / 4 / 2", 1),
        ("7 % 3", 1),
        ("-7 % 3", -1),
        ("7.9 % 3.9", 1),
        ("--{a}", 3),
        ("-+-{a}", 3),
        ("{a} * {b}", -7.5),
        ("{lực F} / 2", 5),
        (".5 + 5. + 1e3 + 1.5E-1", 1005.65),
        ("{a} > 2 ? 10 : 20", 10),
        ("{a} <> 3 ? 10 : 20", 20),
        ("({a} == 3) + ({a} != 3) + ({a} <= 3) + ({a} >= 4)", 2),
        ("PI()", math.pi),
        ("pi () * 2", math.tau),
        ("abs({b})", 2.5),
        ("acos(1) + acosh(1) + asin(0) + asinh(0) + atan(0) + atanh(0)", 0),
        ("atan2(1, 1)", math.pi / 4),
        ("bindec(101) + octdec(17)", 20),
        ("decbin(5) + decoct(8)", 111),
        ("ceil(1.2) + floor(-1.2)", 0),
        ("deg2rad(180)", math.pi),
        ("rad2deg(pi())", 180),
        ("cos(0) + cosh(0) + exp(0) + expm1(0)", 3),
        ("fmod(-7.5, 2)", -1.5),
        ("log(8, 2)", 3),
        ("log(exp(2)) + log10(1000) + log1p(0)", 5),
        ("max(1, 5, 3) - min(4, 2, 9)", 3),
        ("pow(2, 0.5)", math.sqrt(2)),
        ("round(2.5) + round(-2.5) + round(1.005, 2) + round(1250, -2)", 1301.01),
        ("sin(0) + sinh(0) + sqrt(9) + tan(0) + tanh(0)", 3),
        ("is_nan(sqrt(-1)) + is_infinite(exp(1000)) + is_finite(1)", 3),
    ],
)
def test_formulas_mean_what_the_reference_engine_means(text: str, value: float) -> None:
    assert parse(text).value(VALUES) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("", 1),
        ("1 +", 4),
        ("1 2", 3),
        ("(1", 3),
        ("1)", 2),
        ("2 ^ 3", 3),
        ("{1a}", 1),
        ("{a", 1),
        ("a + 1", 1),
        ("1 + __import__('os')", 16),
        ("1 + __import__(0)", 5),
        ("sin", 4),
        ("sin()", 1),
        ("sin(1, 2)", 1),
        ("max(1)", 1),
        ("pi(1)", 1),
        ("1 ? 2", 6),
        ("1 $ 2", 3),
        ("1e999", 1),
        ("1 // 2", 4),
        ("'a'", 1),
        ("(" * 60 + "1" + ")" * 60, 41),
        ("1" * 1001, 1001),
        ("1+" * 400 + "1", 501),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, position: int) -> None:
    with pytest.raises(FormulaError) as problem:
        parse(text)
    assert problem.value.position == position
    assert f"{position}" in str(problem.value)


@pytest.mark.parametrize(
    "text",
    ["1 / 0", "1 % 0", "1 % 0.5", "0 ** -1", "{c}", "sqrt(-1)", "exp(1000)", "log(0)", "10 ** 400", "decbin(-1)", "bindec(2)",
     "decoct(1.5)", "round(1, 1000)", "rand(2, 1)", "(-8) ** (1 / 3)", "1e308 * 10", "acos(2)", "atanh(1)", "fmod(1, 0)"],
)  # fmt: skip
def test_a_formula_without_a_finite_result_says_so(text: str) -> None:
    with pytest.raises(FormulaError):
        parse(text).value(VALUES)


@settings(max_examples=1500, deadline=None)
@given(
    st.text(max_size=40)
    | st.text(alphabet="0123456789.+-*/%(){}ab,<>=?:! e^", max_size=60)
    | st.lists(
        st.sampled_from(["{a}", "{b}", "1", "2.5", "+", "-", "*", "/", "%", "**", "(", ")", ",", "sin", "max", "round", "rand", "?", ":", "<"]),
        max_size=25,
    ).map("".join)
)  # fmt: skip
def test_any_text_gives_a_finite_number_or_one_error(text: str) -> None:
    found: float | FormulaError
    try:
        found = parse(text).value(VALUES)
    except FormulaError as problem:
        found = problem
    if isinstance(found, FormulaError):
        assert 1 <= found.position <= len(text) + 1
        assert str(found)
    else:
        assert math.isfinite(found)
        assert parse(text).value(VALUES) == found


numbers = st.integers(0, 1000).map(lambda whole: f"{whole}.0") | st.sampled_from(["{a}", "{b}", "0.25", "1e3"])
arithmetic = st.recursive(
    numbers,
    lambda inner: st.tuples(inner, st.sampled_from(["+", "-", "*", "/", " ** "]), inner).map(lambda row: f"({row[0]}{row[1]}{row[2]})")
    | inner.map(lambda text: f"-{text}")
    | st.tuples(inner, st.sampled_from(["+", "-", "*", "/"]), inner).map("".join),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=800, deadline=None)
@given(arithmetic)
def test_arithmetic_is_pythons(text: str) -> None:
    plain = text.replace("{a}", "(3.0)").replace("{b}", "(-2.5)")
    try:
        expected = eval(plain, {"__builtins__": {}})
    except OverflowError:  # here it is infinite, and what is divided by it zero
        reject()
    except ZeroDivisionError:
        expected = math.nan
    if isinstance(expected, complex) or not math.isfinite(expected):
        with pytest.raises(FormulaError):
            parse(text).value(VALUES)
    else:
        assert parse(text).value(VALUES) == expected


@pytest.mark.parametrize("name", [name for name in dir(builtins) if name not in {"abs", "max", "min", "pow", "round"}])
def test_no_name_of_python_is_known(name: str) -> None:
    for text in (name, f"{name}()", f"{name}(1)"):
        with pytest.raises(FormulaError):
            parse(text)


def test_chance_is_the_same_wherever_it_is_calculated_with_the_same_values() -> None:
    drawn = {parse("rand(1, 6)").value({"a": float(number)}) for number in range(60)}
    assert drawn == {1, 2, 3, 4, 5, 6}
    assert parse("rand(1,6) * 2").value(VALUES) == 2 * parse("rand(1, 6)").value(VALUES)
