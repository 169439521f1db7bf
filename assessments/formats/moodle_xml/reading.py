"""A Moodle XML file into questions and problems, one by one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import IO, Any

from django.utils.translation import gettext_lazy as _

from assessments.formats.base import Item, ReadProblem, Text
from assessments.formats.checking import NotTaken, checked_question
from assessments.formats.extra import STALE, Extra
from assessments.formats.moodle_xml import calculated, gaps, matrix, open_texts, pictures, simple
from assessments.formats.moodle_xml.extra import read_extra
from assessments.formats.moodle_xml.languages import in_one_language
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
    "ddmatch": simple.read_matching,
    "matrix": matrix.read_matrix,
    "mtf": matrix.read_truth_table,
    "kprime": matrix.read_truth_table,
    "ddimageortext": pictures.read_drag_image,
    "ddmarker": pictures.read_mark_image,
}
_REASONS: dict[str, Text] = {
    "random": _("It only draws other questions of its category: draw by category in the quiz instead."),
    "randomsamatch": _("It only draws short-answer questions at random: write a matching question instead."),
}
# Types of plugins that are met often.
_INSTEAD: dict[str, Text] = {
    "oumultiresponse": _(
        "turn it into a multiple choice in Moodle (multichoice), which is marked by parts of the mark"
    ),
    "pmatch": _("write it as a short answer, with * for any text"),
    "regexp": _("write it as a short answer, with * for any text"),
    "gapfill": _("write it as a text with fields (cloze)"),
    "wordselect": _("write it as a multiple choice"),
    "stack": _("write it as a calculated question when a number is asked for"),
    "formulas": _("write it as a calculated question when a number is asked for"),
    "coderunner": _("write it as an essay or a file upload, which a person marks"),
    "recordrtc": _("write it as a file upload, which a person marks"),
    "oumatrix": _("write it as a table to tick (matrix)"),
}
_SLASH = re.compile(r"(?<!/)/(?!/)")


def read_items(file: IO[bytes]) -> Iterator[Item]:
    """The questions in the order of the file. Raises Unreadable where it cannot be read further."""
    category: tuple[str, ...] = ()
    waiting: list[Text] = []
    told: set[str] = set()
    for node in read_nodes(file):
        if node.tag != "question":
            continue
        if node.attributes.get("type") == "category":
            category = split_path(in_one_language(node.value("category"))[0])
            if (node.value("info") or node.value("idnumber")) and "category" not in told:
                told.add("category")
                sentence = _("Descriptions and identifiers of categories are not kept, as of the category “%(name)s”.")
                waiting.append(filled(sentence, {"name": category[-1] if category else ""}))
            continue
        item = read_question(node, category, waiting, told)
        if not isinstance(item, ReadProblem):
            waiting = []
        yield item


def read_question(
    node: Node, category: tuple[str, ...] = (), waiting: Sequence[Text] = (), told: set[str] | None = None
) -> Item:
    """One question element; `told` is what questions before it have told for the whole file."""
    kind, name = node.attributes.get("type", ""), in_one_language(node.value("name"))[0]
    ref = f"line {node.line}"
    reader = READERS.get(kind)
    reason: Text | None = None
    if reader is None:
        reason = _REASONS.get(kind) or _no_type(kind)
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
    notes = [*waiting, *source.notes(told)]
    return checked_question(type_name, body, ref=ref, media=source.texts.media, notes=notes, **facts)


def _no_type(kind: str) -> Text:
    if not kind:
        return _("The file does not say of which type it is.")
    if kind in _INSTEAD:
        sentence = _("We have no question type “%(type)s”: %(instead)s.")
        return filled(sentence, {"type": kind, "instead": _INSTEAD[kind]})
    return filled(_("We have no question type “%(type)s”."), {"type": kind[:60]})


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
