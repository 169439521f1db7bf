"""The matrix of the plugin of that name, both ways."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from assessments.formats.checking import NotTaken
from assessments.formats.moodle_xml.nodes import Node
from assessments.formats.moodle_xml.sheet import Sheet
from assessments.formats.moodle_xml.source import Reading, Source, is_true, number_of
from common.messages import filled

_SCORINGS = {"all": "per_row", "kprime": "all_or_nothing"}


def read_matrix(source: Source) -> Reading:
    """`matrix`: a weight above nothing says that the column is right for the row."""
    rows = [
        {"id": f"r{number}", "text": _text(source, node), "feedback": source.texts.html(node.child("feedback"))}
        for number, node in enumerate(source.node.all("row"), start=1)
    ]
    columns = [
        {"id": f"c{number}", "text": _text(source, node)} for number, node in enumerate(source.node.all("col"), start=1)
    ]
    right = {
        row["id"]: [
            column["id"]
            for column, weight in zip(columns, weights.all("weight-of-col"), strict=False)
            if number_of(weight.said or "0") > 0
        ]
        for row, weights in zip(rows, source.node.all("weights-of-row"), strict=False)
    }
    multiple = is_true(source.value("multiple", "0"))
    method = source.value("grademethod") or "all"
    scoring = "per_row" if method == "any" and not multiple else _SCORINGS.get(method)
    if scoring is None:
        raise NotTaken(filled(_("The way of marking “%(name)s” is not known."), {"name": method[:60]}))
    source.forget("renderer", "matrix")
    source.forget("use_dnd_ui", "0")
    shuffle = is_true(source.value("shuffleanswers", "1"))
    body = {"rows": rows, "columns": columns, "right": right, "multiple": multiple, "scoring": scoring}
    return "matrix", {**body, "shuffle": shuffle}


_TABLE_SCORINGS = {"subpoints": "per_row", "mtfonezero": "all_or_nothing", "kprimeonezero": "all_or_nothing"}


def read_truth_table(source: Source) -> Reading:
    """`mtf` and `kprime`, plugins in which one of two columns is right for each row."""
    method = source.value("scoringmethod") or source.node.attributes["type"]
    scoring = _TABLE_SCORINGS.get(method)
    if scoring is None:
        raise NotTaken(filled(_("The way of marking “%(name)s” is not known."), {"name": method[:60]}))
    if source.number("deduction", 0):
        raise NotTaken(_("Wrong rows take marks away, which we cannot say: set the deduction to 0 in Moodle."))
    rows = _numbered(source, "row", "r", "optiontext")
    for row, node in zip(rows, source.node.all("row"), strict=True):
        row["feedback"] = source.texts.html(node.child("feedbacktext"))
    right = {row["id"]: list[str]() for row in rows}
    for weight in source.node.all("weight"):
        if number_of(weight.value("value") or "0") > 0:
            place = weight.attributes
            right.setdefault(f"r{place.get('rownumber')}", []).append(f"c{place.get('columnnumber')}")
    source.forget("answernumbering", "none")
    shuffle = source.flag("shuffleanswers", "1")
    columns = _numbered(source, "column", "c", "responsetext")
    return "matrix", {"rows": rows, "columns": columns, "right": right, "scoring": scoring, "shuffle": shuffle}


def _numbered(source: Source, tag: str, letter: str, text: str) -> list[dict[str, str]]:
    """Rows or columns by the numbers that they have."""
    return [
        {"id": f"{letter}{node.attributes.get('number', number)}", "text": source.texts.html(node.child(text))}
        for number, node in enumerate(source.node.all(tag), start=1)
    ]


def _text(source: Source, node: Node) -> str:
    if node.value("description"):
        source.lose("description")
    return source.texts.string(node.value("shorttext"))


def write_matrix(sheet: Sheet, body: Mapping[str, Any]) -> None:
    """`matrix`, for a Moodle that has this plugin."""
    methods = {ours: theirs for theirs, ours in _SCORINGS.items()}
    for row in body["rows"]:
        sheet.open("row")
        sheet.value("shorttext", row["text"])
        sheet.html("description", "")
        sheet.html("feedback", row["feedback"])
        sheet.close("row")
    for column in body["columns"]:
        sheet.open("col")
        sheet.value("shorttext", column["text"])
        sheet.html("description", "")
        sheet.close("col")
    for row in body["rows"]:
        sheet.open("weights-of-row")
        for column in body["columns"]:
            sheet.flag("weight-of-col", column["id"] in body["right"].get(row["id"], ()))
        sheet.close("weights-of-row")
    sheet.value("grademethod", methods[body["scoring"]])
    sheet.flag("shuffleanswers", body["shuffle"])
    sheet.flag("multiple", body["multiple"])
    sheet.value("renderer", "matrix")
