"""Gaps in a text, out of Moodle XML: `gapselect`, `ddwtos` and `cloze`."""

from __future__ import annotations

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


def _word(source: Source, number: int, node: Node) -> dict[str, object]:
    return {
        "id": str(number),
        "text": source.texts.string(node.value("text")),
        "group": int(number_of(node.value("group") or "1")),
    }
