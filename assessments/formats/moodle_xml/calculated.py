"""Calculated questions, both ways: `calculated`, `calculatedsimple` and `calculatedmulti`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from assessments.formats.checking import NotTaken
from assessments.formats.moodle_xml.nodes import Node
from assessments.formats.moodle_xml.sheet import Sheet, write_combined_feedback
from assessments.formats.moodle_xml.simple import answer_fraction, filled_answers, note_what_can_be_earned, read_units
from assessments.formats.moodle_xml.source import Reading, Source, number_of, percent_of, written
from assessments.formats.moodle_xml.write_simple import write_unit_settings, write_units
from assessments.question_types import get_type
from assessments.question_types.calculation import MOST_SETS, drawn_values
from assessments.question_types.source import letters
from common.messages import filled

_TOLERANCES = {"1": "relative", "2": "absolute", "3": "geometric"}
# Sets of values that we draw for Moodle, which asks a calculated question only with kept ones.
DRAWN_SETS = 10


def read_calculated(source: Source) -> Reading:
    """`calculated` and `calculatedsimple`: a number by a formula."""
    answers = []
    for node in source.node.all("answer"):
        kind = node.value("tolerancetype") or "1"
        if kind not in _TOLERANCES:
            raise NotTaken(filled(_("The kind of tolerance “%(name)s” is not known."), {"name": kind[:60]}))
        answers.append(
            {
                "formula": node.said or "*",
                "tolerance": abs(number_of(node.value("tolerance") or "0")),
                "tolerance_type": _TOLERANCES[kind],
                "fraction": answer_fraction(node),
                "feedback": source.texts.html(node.child("feedback")),
                **_rounding(node),
            }
        )
    return "calculated", {"answers": answers, **read_units(source), **_read_values(source)}


def read_calculated_choice(source: Source) -> Reading:
    """`calculatedmulti`: choices with results in them."""
    answers = filled_answers(source)
    choices = [
        {
            "id": key,
            "text": source.texts.html(answer),
            "fraction": answer_fraction(answer),
            "feedback": source.texts.html(answer.child("feedback")),
            **_rounding(answer),
        }
        for key, answer in zip(letters(len(answers)), answers, strict=True)
    ]
    source.forget("answernumbering", "abc")
    if source.flag("single", "true"):
        note_what_can_be_earned(source, choices)
    return "calculated_choice", {
        "choices": choices,
        "shuffle": source.flag("shuffleanswers"),
        "multiple": not source.flag("single", "true"),
        **_read_values(source),
    }


def _rounding(node: Node) -> dict[str, int]:
    """How Moodle shows the result: format 1 counts decimals, 2 significant figures."""
    length = node.value("correctanswerlength")
    if not length:
        return {}
    digits = int(number_of(length))
    return {"significant": max(digits, 1)} if node.value("correctanswerformat") == "2" else {"decimals": digits}


def _read_values(source: Source) -> dict[str, Any]:
    """Variables, and the sets of values that stand in the file."""
    holder = source.node.child("dataset_definitions")
    variables, columns = [], {}
    for node in holder.all("dataset_definition") if holder is not None else []:
        name = node.value("name")
        variables.append(
            {
                "name": name,
                "minimum": number_of(node.value("minimum") or "1"),
                "maximum": number_of(node.value("maximum") or "10"),
                "decimals": int(number_of(node.value("decimals") or "1")),
                "distribution": node.value("distribution") or "uniform",
            }
        )
        items = node.child("dataset_items")
        columns[name] = {
            item.value("number"): number_of(item.value("value"))
            for item in (items.all("dataset_item") if items is not None else [])
        }
        if node.value("status") == "shared":
            source.lose("dataset", f"“{name}” shared")
    source.forget("synchronize", "0")
    first = next(iter(columns.values()), {})
    numbers = [number for number in first if all(number in column for column in columns.values())]
    if len(numbers) > MOST_SETS:
        source.lose("dataset_items", f"{MOST_SETS + 1}–{len(numbers)}")
    datasets = [{name: column[number] for name, column in columns.items()} for number in numbers[:MOST_SETS]]
    return {"variables": variables, "datasets": datasets}


def write_calculated(sheet: Sheet, body: Mapping[str, Any]) -> None:
    """`calculated`."""
    kinds = {ours: theirs for theirs, ours in _TOLERANCES.items()}
    sheet.flag("synchronize", False)
    sheet.flag("single", False)
    sheet.value("answernumbering", "abc")
    sheet.flag("shuffleanswers", False)
    write_combined_feedback(sheet, body)
    for answer in body["answers"]:
        sheet.open("answer", fraction=percent_of(answer["fraction"]))
        sheet.text(answer["formula"])
        sheet.value("tolerance", written(answer["tolerance"]))
        sheet.value("tolerancetype", kinds[answer["tolerance_type"]])
        _write_rounding(sheet, answer)
        sheet.html("feedback", answer["feedback"])
        sheet.close("answer")
    write_unit_settings(sheet, body)
    write_units(sheet, body)
    _write_values(sheet, "calculated", body)


def write_calculated_choice(sheet: Sheet, body: Mapping[str, Any]) -> None:
    """`calculatedmulti`."""
    sheet.flag("synchronize", False)
    sheet.flag("single", not body["multiple"])
    sheet.value("answernumbering", "abc")
    sheet.flag("shuffleanswers", body["shuffle"])
    write_combined_feedback(sheet, body)
    for choice in body["choices"]:
        sheet.begin_html("answer", choice["text"], fraction=percent_of(choice["fraction"]))
        sheet.value("tolerance", 0)
        sheet.value("tolerancetype", 1)
        _write_rounding(sheet, choice)
        sheet.html("feedback", choice["feedback"])
        sheet.close("answer")
    _write_values(sheet, "calculated_choice", body)


def _write_rounding(sheet: Sheet, row: Mapping[str, Any]) -> None:
    significant = row["significant"]
    decimals = 2 if row["decimals"] is None else row["decimals"]
    sheet.value("correctanswerformat", 2 if significant else 1)
    sheet.value("correctanswerlength", significant or decimals)


def _write_values(sheet: Sheet, type_name: str, body: Mapping[str, Any]) -> None:
    variables = {variable["name"]: variable for variable in body["variables"]}
    datasets = body["datasets"]
    if not datasets and variables:
        model = get_type(type_name).Body.model_validate(body)
        datasets = [drawn_values(model, str(number)) for number in range(1, DRAWN_SETS + 1)]
    names = list(variables) or list(datasets[0] if datasets else ())
    if not names:
        return
    sheet.open("dataset_definitions")
    for name in names:
        values = [values[name] for values in datasets if name in values]
        low, high = min(values, default=1.0), max(values, default=10.0)
        variable = variables.get(name) or {
            "minimum": low,
            "maximum": high,
            "decimals": 2,
            "distribution": "uniform",
        }
        sheet.open("dataset_definition")
        sheet.plain("status", "private")
        sheet.plain("name", name)
        sheet.value("type", "calculated")
        sheet.plain("distribution", variable["distribution"])
        sheet.plain("minimum", written(variable["minimum"]))
        sheet.plain("maximum", written(variable["maximum"]))
        sheet.plain("decimals", str(variable["decimals"]))
        sheet.value("itemcount", len(values))
        sheet.open("dataset_items")
        for number, value in enumerate(values, start=1):
            sheet.open("dataset_item")
            sheet.value("number", number)
            sheet.value("value", written(value))
            sheet.close("dataset_item")
        sheet.close("dataset_items")
        sheet.value("number_of_items", len(values))
        sheet.close("dataset_definition")
    sheet.close("dataset_definitions")
