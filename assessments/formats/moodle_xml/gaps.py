"""Gaps in a text, out of Moodle XML: `gapselect`, `ddwtos` and `cloze`."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from assessments.formats.checking import NotTaken, each_text
from assessments.formats.moodle_xml.cloze_text import read_cloze_text
from assessments.formats.moodle_xml.nodes import Node
from assessments.formats.moodle_xml.source import Reading, Source, number_of


def read_gap_select(source: Source) -> Reading:
    """`gapselect`: each gap has a list of the words of its group."""
    return "gap_select", {
        "words": [_word(source, number, node) for number, node in enumerate(source.node.all("selectoption"), start=1)],
        "shuffle": source.flag("shuffleanswers"),
    }


def read_gap_drag(source: Source) -> Reading:
    """`ddwtos`: words are dragged into the text."""
    words = [
        {**_word(source, number, node), "reusable": node.child("infinite") is not None}
        for number, node in enumerate(source.node.all("dragbox"), start=1)
    ]
    return "gap_drag", {"words": words, "shuffle": source.flag("shuffleanswers")}


def read_cloze(source: Source) -> Reading:
    """`cloze`: the parts stand in the text, and the mark is the sum of their weights."""
    node = source.node.child("questiontext")
    if node is None:
        raise NotTaken(_("It has no text."))
    text, found = read_cloze_text(source.texts.bounded(node.said))
    names = source.texts.files(node)
    parts = [
        {
            "id": str(number),
            "kind": part.kind,
            "weight": part.weight,
            "layout": part.layout,
            "body": each_text(part.body, lambda value: source.texts.resolved(value, names)),
        }
        for number, part in enumerate(found, start=1)
    ]
    stem = source.texts.formatted(text, node, names)
    return "cloze", {"stem": stem, "parts": parts, "mark": sum(part.weight for part in found)}


def _word(source: Source, number: int, node: Node) -> dict[str, object]:
    return {
        "id": str(number),
        "text": source.texts.string(node.value("text")),
        "group": int(number_of(node.value("group") or "1")),
    }
