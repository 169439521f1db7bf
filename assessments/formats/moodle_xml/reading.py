"""A Moodle XML file into questions and problems, one by one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO, Any

from django.utils.translation import gettext_lazy as _

from assessments.formats.base import Item, ReadProblem, Text
from assessments.formats.checking import NotTaken, checked_question
from assessments.formats.extra import STALE, Extra
from assessments.formats.moodle_xml import calculated, gaps, matrix, open_texts, pictures, simple
from assessments.formats.moodle_xml.extra import read_extra
from assessments.formats.moodle_xml.nodes import Node, read_nodes
from assessments.formats.moodle_xml.source import Reader, Source
from common.messages import filled

READERS: dict[str, Reader] = {
    "multichoice": simple.read_multichoice,
    "multichoiceset": simple.read_multichoice,
    "truefalse": simple.read_truefalse,
    "shortanswer": simple.read_shortanswer,
    "numerical": simple.read_numerical,
    "matching": simple.read_matching,
    "match": simple.read_matching,
    "ordering": simple.read_ordering,
    "gapselect": gaps.read_gap_select,
    "ddwtos": gaps.read_gap_drag,
    "cloze": gaps.read_cloze,
    "multianswer": gaps.read_cloze,
    "essay": open_texts.read_essay,
    "description": open_texts.read_description,
    "calculated": calculated.read_calculated,
    "calculatedsimple": calculated.read_calculated,
    "calculatedmulti": calculated.read_calculated_choice,
    "matrix": matrix.read_matrix,
    "ddimageortext": pictures.read_drag_image,
    "ddmarker": pictures.read_mark_image,
}
_REASONS: dict[str, Text] = {
    "random": _("It only draws other questions of its category: draw by category in the quiz instead."),
    "randomsamatch": _("It only draws short-answer questions at random: write a matching question instead."),
}
_SLASH = re.compile(r"(?<!/)/(?!/)")


def read_items(file: IO[bytes]) -> Iterator[Item]:
    """The questions in the order of the file. Raises Unreadable where it cannot be read further."""
    category: tuple[str, ...] = ()
    waiting: list[Text] = []
    for node in read_nodes(file):
        if node.tag != "question":
            continue
        if node.attributes.get("type") == "category":
            category = split_path(node.value("category"))
            if node.value("info") or node.value("idnumber"):
                name = category[-1] if category else ""
                waiting.append(
                    filled(_("The description and identifier of the category “%(name)s” are not kept."), {"name": name})
                )
            continue
        yield read_question(node, category, waiting)
        waiting = []


def read_question(node: Node, category: tuple[str, ...] = (), waiting: list[Text] | None = None) -> Item:
    """One question element."""
    kind, name, ref = node.attributes.get("type", ""), node.value("name"), f"line {node.line}"
    reader = READERS.get(kind)
    reason: Text | None = None
    if reader is None:
        reason = _REASONS.get(kind) or filled(_("We have no question type “%(type)s”."), {"type": kind})
    elif node.cut:
        reason = _("It has more parts than a question can have.")
    if reader is None or reason:
        return ReadProblem(ref=ref, name=name, type=kind, reason=reason or "")
    source, extra = Source(node), read_extra(node)
    if extra.is_stale:
        source.texts.notes.append(STALE)
    try:
        type_name, body = _read_body(reader, source, extra)
    except NotTaken as problem:
        return ReadProblem(ref=ref, name=name, type=kind, reason=problem.reason)
    facts: dict[str, Any] = {
        "name": name,
        "idnumber": node.value("idnumber"),
        "category": category,
        "tags": _tags(node),
        **extra.facts,
    }
    notes = [*(waiting or ()), *source.notes()]
    return checked_question(type_name, body, ref=ref, media=source.texts.media, notes=notes, **facts)


def _read_body(reader: Reader, source: Source, extra: Extra) -> tuple[str, dict[str, Any]]:
    """(type, body), with what the extra says instead. Raises NotTaken."""
    if extra.type:
        source.texts.all_files(source.node)
        return extra.type, dict(extra.body)
    type_name, own = reader(source)
    return type_name, {**source.common(), **own, **extra.body}


def split_path(path: str) -> tuple[str, ...]:
    """The names of a category path, without the context and “top”; a slash in a name is written twice."""
    names = [name.replace("//", "/").strip() for name in _SLASH.split(path)]
    if names and re.fullmatch(r"\$.*\$", names[0]):
        names = names[1:]
        if names and names[0].lower() == "top":
            names = names[1:]
    return tuple(name for name in names if name)


def _tags(node: Node) -> tuple[str, ...]:
    found = [tag.said for holder in (*node.all("tags"), *node.all("coursetags")) for tag in holder.all("tag")]
    return tuple(dict.fromkeys(tag for tag in found if tag))
