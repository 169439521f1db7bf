"""Calculated questions: values of each paper, texts with them, and marks as for a number."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from assessments.authoring.problems import read_source
from assessments.grading.engine import QuestionDefinition, grade
from assessments.papers import Blueprint, Candidate, FixedQuestion, PaperSlot, draw_paper
from assessments.question_types import get_type
from assessments.question_types.calculation import ShownNumber, Variable, shown_number
from tests.assessments.question_types.examples import EXAMPLES

NUMBER, CHOICE = get_type("calculated"), get_type("calculated_choice")


def fraction(text: str, variant: Any = None, **changes: Any) -> float | None:
    body = {**EXAMPLES["calculated"], "units": [], **changes}
    return grade(QuestionDefinition("calculated", body), {"text": text}, variant).fraction


# Marks ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "earned"),
    [("5,5", 1), ("5.554", 1), ("5,3", 0.1), ("6", 0.5), ("6,5", 0.5), ("6.51", 0.1), ("sáu", 0)],
)
def test_the_first_formula_that_fits_counts_and_a_star_takes_the_rest(text: str, earned: float) -> None:
    assert fraction(text, {"values": {"a": 1.5, "b": 4}}) == pytest.approx(earned)


@pytest.mark.parametrize(
    ("kind", "inside", "outside"),
    [
        ("absolute", ["9.9", "10.1"], ["9.899", "10.101"]),
        ("relative", ["9", "11"], ["8.99", "11.01"]),
        ("geometric", ["9.0909091", "11"], ["9.0909", "11.0001"]),
    ],
)
def test_each_kind_of_tolerance_takes_its_ends_in(kind: str, inside: list[str], outside: list[str]) -> None:
    answers = [{"formula": "10", "tolerance": 0.1, "tolerance_type": kind}]
    for text in inside:
        assert fraction(text, answers=answers) == 1
    for text in outside:
        assert fraction(text, answers=answers) == 0


def test_units_are_marked_as_for_a_number() -> None:
    question = QuestionDefinition("calculated", EXAMPLES["calculated"])
    variant = {"values": {"a": 1.5, "b": 4}}
    assert grade(question, {"text": "550 cm"}, variant).fraction == 1
    assert grade(question, {"text": "5.5", "unit": "m"}, variant).fraction == 1
    assert grade(question, {"text": "5,5"}, variant).fraction == pytest.approx(0.8)


@pytest.mark.parametrize(
    "values", [{}, {"a": 1.5}, {"a": "1", "b": 2}, {"a": True, "b": 2}, {"a": 1e400, "b": 1}, [], 3]
)
def test_values_that_are_not_those_of_the_question_mark_nothing(values: Any) -> None:
    assert grade(QuestionDefinition("calculated", EXAMPLES["calculated"]), {"text": "1"}, {"values": values}).state == "invalid"  # fmt: skip


def test_a_choice_is_marked_as_single_or_multiple_choice() -> None:
    body = EXAMPLES["calculated_choice"]
    many = {**body, "multiple": True}
    assert grade(QuestionDefinition("calculated_choice", body), {"choice": "c"}).fraction == -0.5
    assert grade(QuestionDefinition("calculated_choice", many), {"choices": ["a", "c"]}).fraction == 0.5
    assert grade(QuestionDefinition("calculated_choice", body), {"choices": ["a"]}).state == "invalid"
    assert grade(QuestionDefinition("calculated_choice", many), {"choice": "a"}).state == "invalid"


def test_choices_are_named_by_the_texts_of_their_paper() -> None:
    body = CHOICE.Body.model_validate(EXAMPLES["calculated_choice"])
    variant = {"values": {"a": 2.5}}
    with translation.override("vi"):
        assert CHOICE.from_texts(CHOICE.drawn(body, variant), {"choice": "5,0"}) == {"choice": "a"}
        assert CHOICE.from_texts(CHOICE.drawn(body, variant), {"choice": "6,25 m"}) == {"choice": "b"}
    with pytest.raises(ValueError, match="7"):
        CHOICE.from_texts(CHOICE.drawn(body, variant), {"choice": "7"})


# Values --------------------------------------------------------------------------------------------------------


def test_each_seed_chooses_a_kept_set_and_always_the_same() -> None:
    body = NUMBER.Body.model_validate(EXAMPLES["calculated"])
    drawn = [NUMBER.make_variant(body, str(seed)) for seed in range(40)]
    assert drawn == [NUMBER.make_variant(body, str(seed)) for seed in range(40)]
    assert {tuple(row["values"].items()) for row in drawn} == {(("a", 1.5), ("b", 4)), (("a", 2.25), ("b", 9))}


def test_without_kept_sets_values_come_from_the_ranges_with_their_decimals() -> None:
    body = NUMBER.Body.model_validate({**EXAMPLES["calculated"], "datasets": []})
    for seed in range(200):
        values = NUMBER.make_variant(body, str(seed))["values"]
        assert 1 <= values["a"] <= 5
        assert round(values["a"], 2) == values["a"]
        assert 1 <= values["b"] <= 100
        assert values["b"].is_integer()


def test_values_even_by_magnitude_are_as_often_small_as_large() -> None:
    variable = Variable(name="x", minimum=1, maximum=10_000, decimals=0, distribution="loguniform")
    chance = random.Random(1)
    small = sum(variable.draw(chance) < 100 for _ in range(2000))
    assert 900 < small < 1100


def test_values_for_which_a_formula_has_no_result_are_drawn_anew() -> None:
    body = NUMBER.Body.model_validate(
        {
            "stem": "{a}",
            "variables": [{"name": "a", "minimum": 0, "maximum": 1, "decimals": 0}],
            "answers": [{"formula": "1 / {a}"}],
        }
    )
    assert {NUMBER.make_variant(body, str(seed))["values"]["a"] for seed in range(30)} == {1}


def paper(candidate: Candidate, seed: str) -> list[PaperSlot]:
    blueprint = Blueprint(kind="check", pass_percent=Decimal(50), fixed=(FixedQuestion(question=1, mark=Decimal(1)),))
    return draw_paper(blueprint, pools=[], load=lambda questions: {1: candidate}, seed=seed)


def test_a_paper_keeps_its_values_beside_its_orders_and_draws_them_from_its_seed() -> None:
    body = NUMBER.Body.model_validate(EXAMPLES["calculated"])
    candidate = Candidate(
        1, 1, "calculated", "d", {"choices": ["a", "b"]}, make_variant=lambda seed: NUMBER.make_variant(body, seed)
    )
    stored = [paper(candidate, str(seed))[0].as_json()["variant"] for seed in range(20)]
    assert stored == [paper(candidate, str(seed))[0].as_json()["variant"] for seed in range(20)]
    assert all(set(variant) == {"values", "order"} for variant in stored)
    assert len({str(variant["values"]) for variant in stored}) == 2


def test_papers_without_values_are_as_they_were() -> None:
    plain = Candidate(1, 1, "single_choice", "d", {"choices": ["a", "b", "c"]})
    assert paper(plain, "x")[0].as_json()["variant"] == {"order": paper(plain, "x")[0].order}
    assert paper(Candidate(1, 1, "short_answer", "d", {}), "x")[0].as_json()["variant"] == {}


# Texts ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "stem"), [("vi", "<p>1,50 + 4 và 12?</p>"), ("en", "<p>1.50 + 4 và 12?</p>")])
def test_texts_show_values_and_results_in_the_readers_notation(language: str, stem: str) -> None:
    body = NUMBER.Body.model_validate(EXAMPLES["calculated"])
    with translation.override(language):
        shown = NUMBER.drawn(body, {"values": {"a": 1.5, "b": 4}})
    assert shown.stem == stem
    assert shown.answers[0].feedback == ("5,50 m" if language == "vi" else "5.50 m")
    assert shown.feedback.endswith("&lt; 2")


def test_braces_that_are_no_value_stay() -> None:
    body = NUMBER.Body.model_validate({**EXAMPLES["calculated"], "stem": r"\frac{1}{x} {a} { } {={a}}"})
    assert NUMBER.drawn(body, {"values": {"a": 2, "b": 1}}).stem.startswith(r"\frac{1}{x} 2")


@pytest.mark.parametrize(
    ("value", "how", "text"),
    [
        (1 / 3, ShownNumber(decimals=2), "0,33"),
        (2.675, ShownNumber(decimals=2), "2,68"),
        (2, ShownNumber(significant=3), "2,00"),
        (123456, ShownNumber(significant=2), "120000"),
        (0.0012345, ShownNumber(significant=2), "0,0012"),
        (0, ShownNumber(significant=2), "0"),
        (0.1 + 0.2, None, "0,3"),
        (12345.5, None, "12345,5"),
        (-1.5, ShownNumber(decimals=0), "-2"),
    ],
)
def test_numbers_are_shown_as_the_answer_says(value: float, how: ShownNumber | None, text: str) -> None:
    with translation.override("vi"):
        assert shown_number(value, how) == text


def test_stars_of_a_formula_are_no_emphasis_in_markdown() -> None:
    source = {
        "stem": "Tính {={a}*{b}*2} và *nghiêng* {={a}<3 ? 1 : 2}",
        "variables": [{"name": "a"}, {"name": "b"}],
        "answers": [{"formula": "{a}*{b}*2"}],
    }
    body = NUMBER.from_source(source)
    assert "{={a}*{b}*2}" in body.stem
    assert "<em>nghiêng</em>" in body.stem
    assert "{={a}&lt;3 ? 1 : 2}" in body.stem
    assert NUMBER.to_source(body)["stem"] == source["stem"]


# What authors are told -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "place", "says"),
    [
        ({"answers": [{"formula": "{a} +"}]}, ("answers", 0, "formula"), "6"),
        ({"answers": [{"formula": "{c}"}]}, ("answers", 0, "formula"), "{c}"),
        ({"answers": [{"formula": "*"}]}, ("answers",), ""),
        ({"answers": [{"formula": "1 / ({a} - 2.25)"}]}, ("answers", 0, "formula"), "2"),
        ({"answers": [{"formula": "1", "decimals": 1, "significant": 2}, {"formula": "2"}]}, ("answers", 0, "significant"), ""),
        ({"stem": "{={a} ^ 2}"}, ("stem",), "**"),
        ({"feedback": "{={z}}"}, ("feedback",), "{z}"),
        ({"datasets": ["a = 1; b = hai"]}, ("datasets",), "hai"),
        ({"variables": [{"name": "a", "minimum": 3, "maximum": 1}]}, ("variables", 0, "maximum"), ""),
        ({"variables": [{"name": "a"}, {"name": "a"}]}, ("variables",), ""),
        ({"variables": [{"name": "a", "minimum": 0, "maximum": 1, "distribution": "loguniform"}]}, ("variables", 0, "minimum"), ""),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_formula_is_said_at_its_field(change: Any, place: tuple[Any, ...], says: str) -> None:
    source = NUMBER.to_source(NUMBER.Body.model_validate(EXAMPLES["calculated"]))
    body, faults = read_source(NUMBER, {**source, **change})
    assert body is None
    assert [fault.place for fault in faults] == [place]
    assert says in str(faults[0])


def test_kept_sets_are_written_one_a_line_with_comma_or_point() -> None:
    source = NUMBER.to_source(NUMBER.Body.model_validate(EXAMPLES["calculated"]))
    assert source["datasets"] == ["a = 1.5; b = 4.0", "a = 2.25; b = 9.0"]
    again = NUMBER.from_source({**source, "datasets": ["a=1,5;b=4", {"a": 2.25, "b": 9}]})
    assert again == NUMBER.from_source(source)
