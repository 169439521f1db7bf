"""Gaps in a text and questions on a picture, into Moodle XML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from assessments.formats.base import MEDIA_SCHEME
from assessments.formats.checking import NotTaken
from assessments.formats.moodle_xml.sheet import Sheet, write_combined_feedback
from assessments.formats.moodle_xml.source import written

Body = Mapping[str, Any]


def write_gap_select(sheet: Sheet, body: Body) -> None:
    """`gapselect`."""
    _write_words(sheet, body, "selectoption")


def write_gap_drag(sheet: Sheet, body: Body) -> None:
    """`ddwtos`."""
    _write_words(sheet, body, "dragbox")


def _write_words(sheet: Sheet, body: Body, tag: str) -> None:
    if [word["id"] for word in body["words"]] != [str(number) for number in range(1, len(body["words"]) + 1)]:
        raise NotTaken(_("Its words are not numbered from 1 on without a gap, as Moodle numbers them."))
    sheet.flag("shuffleanswers", body["shuffle"])
    write_combined_feedback(sheet, body)
    for word in body["words"]:
        sheet.open(tag)
        sheet.text(word["text"])
        sheet.value("group", word["group"])
        if word["reusable"] and tag == "dragbox":
            sheet.mark("infinite")
        sheet.close(tag)


def write_drag_image(sheet: Sheet, body: Body) -> None:
    """`ddimageortext`; Moodle numbers what is dragged and where it goes."""
    numbers = _begin_picture(sheet, body, body["drags"])
    for drag in body["drags"]:
        sheet.open("drag")
        sheet.value("no", numbers[drag["id"]])
        sheet.text(drag["label"])
        sheet.value("draggroup", drag["group"])
        if drag["reusable"]:
            sheet.mark("infinite")
        if drag["src"]:
            sheet.file(drag["src"].removeprefix(MEDIA_SCHEME))
        sheet.close("drag")
    for number, zone in enumerate(body["zones"], start=1):
        sheet.open("drop")
        sheet.text(zone["label"])
        sheet.value("no", number)
        sheet.value("choice", numbers[zone["drag"]])
        sheet.value("xleft", written(zone["x"]))
        sheet.value("ytop", written(zone["y"]))
        sheet.close("drop")


def write_mark_image(sheet: Sheet, body: Body) -> None:
    """`ddmarker`."""
    numbers = _begin_picture(sheet, body, body["markers"])
    for marker in body["markers"]:
        sheet.open("drag")
        sheet.value("no", numbers[marker["id"]])
        sheet.text(marker["label"])
        sheet.value("noofdrags", marker["count"] or 1)
        if not marker["count"]:
            sheet.mark("infinite")
        sheet.close("drag")
    for number, zone in enumerate(body["zones"], start=1):
        sheet.open("drop")
        sheet.value("no", number)
        sheet.value("shape", zone["shape"])
        sheet.value("coords", _coords(zone["shape"], [written(value) for value in zone["coords"]]))
        sheet.value("choice", numbers[zone["marker"]])
        sheet.close("drop")


def _begin_picture(sheet: Sheet, body: Body, dragged: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """What both begin with; gives Moodle's numbers of what is dragged."""
    if body["shuffle"]:
        sheet.mark("shuffleanswers")
    write_combined_feedback(sheet, body)
    if not sheet.has(body["background"]["src"].removeprefix(MEDIA_SCHEME)):
        raise NotTaken(_("Its picture is not at hand."))
    sheet.file(body["background"]["src"].removeprefix(MEDIA_SCHEME))
    return {item["id"]: number for number, item in enumerate(dragged, start=1)}


def _coords(shape: str, values: list[str]) -> str:
    if shape == "circle":
        return f"{values[0]},{values[1]};{values[2]}"
    return ";".join(f"{x},{y}" for x, y in zip(values[::2], values[1::2], strict=True))
