"""Choice, true/false, short answer, number, matching and ordering, into Moodle XML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf
from typing import Any

from assessments.formats.moodle_xml.sheet import Sheet, write_combined_feedback
from assessments.formats.moodle_xml.simple import SCORINGS
from assessments.formats.moodle_xml.source import percent_of, written

Body = Mapping[str, Any]


def write_choice(sheet: Sheet, body: Body) -> None:
    """`multichoice`, and `multichoiceset` where it is all or nothing."""
    all_or_nothing = body.get("scoring") == "all_or_nothing"
    if not all_or_nothing:
        sheet.value("single", "scoring" not in body)
    sheet.value("shuffleanswers", body["shuffle"])
    sheet.value("answernumbering", "abc")
    sheet.flag("showstandardinstruction", False)
    write_combined_feedback(sheet, body)
    for choice in body["choices"]:
        fraction = float(choice["fraction"] > 0) if all_or_nothing else choice["fraction"]
        sheet.begin_html("answer", choice["text"], fraction=percent_of(fraction))
        sheet.html("feedback", choice["feedback"])
        sheet.close("answer")


def write_truefalse(sheet: Sheet, body: Body) -> None:
    """`truefalse`."""
    for value, word in ((True, "true"), (False, "false")):
        fraction = "100" if body["answer"] is value else "0"
        sheet.open("answer", fraction=fraction, format="moodle_auto_format")
        sheet.text(word)
        sheet.html("feedback", body[f"feedback_{word}"])
        sheet.close("answer")


def write_shortanswer(sheet: Sheet, body: Body) -> None:
    """`shortanswer`. Where marks do not count, Moodle still asks for them: it has no such setting."""
    sheet.flag("usecase", body["case_sensitive"])
    for answer in body["answers"]:
        sheet.open("answer", fraction=percent_of(answer["fraction"]), format="moodle_auto_format")
        sheet.text(answer["text"])
        sheet.html("feedback", answer["feedback"])
        sheet.close("answer")


def write_numerical(sheet: Sheet, body: Body) -> None:
    """`numerical`: every tolerance as the interval that it stands for."""
    for answer in body["answers"]:
        value, tolerance = interval(answer["value"], answer["tolerance"], body["tolerance_type"])
        sheet.open("answer", fraction=percent_of(answer["fraction"]), format="moodle_auto_format")
        sheet.text(written(value))
        sheet.html("feedback", answer["feedback"])
        sheet.value("tolerance", written(tolerance))
        sheet.close("answer")
    if body["other_fraction"] or body["other_feedback"]:
        sheet.open("answer", fraction=percent_of(body["other_fraction"]), format="moodle_auto_format")
        sheet.text("*")
        sheet.html("feedback", body["other_feedback"])
        sheet.value("tolerance", 0)
        sheet.close("answer")
    write_units(sheet, body)
    write_unit_settings(sheet, body)


def interval(value: float, tolerance: float, kind: str) -> tuple[float, float]:
    """(middle, half of the width) of the interval that a tolerance of ours accepts."""
    if kind == "relative":
        return value, _finite(tolerance * abs(value))
    if kind == "geometric":
        low, high = sorted((value / (1 + tolerance), _finite(value * (1 + tolerance))))
        return (low + high) / 2, (high - low) / 2
    if kind == "significant":
        last = f"{value:.{max(min(int(tolerance) or 1, 15), 1) - 1}e}".partition("e")
        digits = len(last[0].lstrip("-").replace(".", "")) - 1
        return float("".join(last)), 0.5 * 10.0 ** (int(last[2]) - digits) if value else 0.0
    return value, tolerance


def _finite(number: float) -> float:
    return number if abs(number) < inf else 1e308


def write_units(sheet: Sheet, body: Body) -> None:
    """Units; Moodle divides by the multiplier."""
    if body["units"]:
        sheet.open("units")
        for unit in body["units"]:
            sheet.open("unit")
            sheet.value("multiplier", written(1 / unit["factor"]))
            sheet.value("unit_name", unit["symbol"])
            sheet.close("unit")
        sheet.close("units")


def write_unit_settings(sheet: Sheet, body: Body) -> None:
    """What a missing unit costs, and where units stand."""
    of_maximum = body["unit_penalty_of"] == "maximum"
    graded = 2 if of_maximum else 1 if body["units"] and body["unit_penalty"] else 0
    sheet.value("unitgradingtype", graded)
    sheet.value("unitpenalty", written(body["unit_penalty"]))
    sheet.value("showunits", 0 if body["units"] else 3)
    sheet.flag("unitsleft", body["units_left"])


def write_matching(sheet: Sheet, body: Body) -> None:
    """`matching`; an extra answer is one without a prompt."""
    sheet.value("shuffleanswers", body["shuffle"])
    write_combined_feedback(sheet, body)
    rows: Sequence[Mapping[str, Any]] = [*body["pairs"], *({"prompt": "", **extra} for extra in body["extra_answers"])]
    for row in rows:
        sheet.begin_html("subquestion", row["prompt"])
        sheet.plain("answer", row["answer"])
        sheet.close("subquestion")


def write_ordering(sheet: Sheet, body: Body) -> None:
    """`ordering`."""
    names = {ours: theirs for theirs, ours in SCORINGS.items()}
    sheet.value("layouttype", "VERTICAL")
    sheet.value("selecttype", "ALL")
    sheet.value("selectcount", 0)
    sheet.value("gradingtype", names[body["scoring"]])
    sheet.value("showgrading", "SHOW")
    sheet.value("numberingstyle", "none")
    write_combined_feedback(sheet, body)
    for number, item in enumerate(body["items"], start=1):
        sheet.begin_html("answer", item["text"], fraction=f"{number}.0000000")
        if item["feedback"]:
            sheet.html("feedback", item["feedback"])
        sheet.close("answer")
