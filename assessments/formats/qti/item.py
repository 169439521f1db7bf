"""One assessmentItem into a question, or into the reason why it is none."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from assessments.formats.base import MEDIA_SCHEME, Item, ReadProblem
from assessments.formats.checking import NotTaken, checked_question, texts_of
from assessments.formats.qti.choices import read_choice, read_hotspot, read_hottext
from assessments.formats.qti.composite import read_composite
from assessments.formats.qti.extra import read_extra
from assessments.formats.qti.feedback import place_feedback
from assessments.formats.qti.graphics import read_graphic_gap_match, read_select_point
from assessments.formats.qti.nodes import Node
from assessments.formats.qti.pairs import read_associate, read_gap_match, read_match, read_order
from assessments.formats.qti.source import Reading, Source, count_of
from assessments.formats.qti.texts import Files
from assessments.formats.qti.typed import read_slider, read_text_entry
from assessments.formats.texts import from_plain
from common.messages import filled

_ENDINGS = {
    "application/pdf": ".pdf",
    "application/msword": ".doc",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
    "application/vnd.ms-excel": ".xls",
    "application/vnd.ms-powerpoint": ".ppt",
    "application/zip": ".zip",
    "application/rtf": ".rtf",
    "text/plain": ".txt",
    "text/csv": ".csv",
    "image/png": ".png",
    "image/jpeg": ".jpg",
}
ENDING_TYPES = {ending: kind for kind, ending in _ENDINGS.items()}
_FORMATS = {"preFormatted": "monospaced", "xhtml": "html", "plain": "plain"}
_MEDIA = re.compile(rf'(?:^|src="){MEDIA_SCHEME}([^"]+)')
_HEIGHT = re.compile(r"\bqti-height-lines-(\d{1,2})\b")
# What we read of an item; anything else beside them is told.
_KNOWN = frozenset([
    "responseDeclaration", "outcomeDeclaration", "assessmentStimulusRef", "itemBody", "responseProcessing",
    "modalFeedback",
])  # fmt: skip
FOLDER = "media"  # beside an item of ours: its pictures
_NO_FILES: Files = lambda address: None  # noqa: E731


@dataclass(frozen=True, slots=True)
class About:
    """What a package says about an item: where it stands, its keywords, how hard it is, what its marks weigh, and what
    of its section is not kept."""

    category: Sequence[str] = ()
    tags: Sequence[str] = ()
    difficulty: str = ""
    weight: float = 1.0
    not_kept: str = ""


def read_item(item: Node, *, files: Files = _NO_FILES, about: About = About(), place: str = "") -> Item:
    """One item. `place` names the file that it stands in."""
    identifier = item.get("identifier")
    ref = f"item {identifier}" if identifier else f"item in {place}" if place else f"line {item.line}"
    name = " ".join((item.get("title") or item.get("label")).split())
    kind = ""
    try:
        _refuse(item)
        source = Source(item, files)
        _tell_others(source)
        if about.not_kept:
            source.note(filled(_("Not kept of the test around it: %(what)s."), {"what": about.not_kept}))
        kind = ", ".join(dict.fromkeys(node.tag for node in source.interactions))[:100] or "itemBody"
        extra = read_extra(item)
        if extra.is_stale:
            source.note(_("What only we write into such a file was left out: the question was changed since."))
        if extra.type:
            type_name, body = extra.type, dict(extra.body)
        else:
            type_name, body = _read(source, about)
            body |= extra.body
        _keep_pictures(source, extra.body)
    except NotTaken as problem:
        return ReadProblem(ref=ref, name=name, type=kind, reason=problem.reason)
    facts: dict[str, Any] = {
        "name": name,
        "idnumber": identifier,
        "category": tuple(about.category),
        "tags": tuple(about.tags),
        "difficulty": about.difficulty,
        **extra.facts,
    }
    kept = source.texts.kept
    return checked_question(type_name, body, ref=ref, media=kept.media, notes=kept.notes, **facts)


def _refuse(item: Node) -> None:
    """What is an item of its own kind. Raises NotTaken."""
    if item.tag != "assessmentItem":
        raise NotTaken(filled(_("It is no assessmentItem but <%(tag)s>."), {"tag": item.tag[:40]}))
    if item.get("adaptive") in {"true", "1"}:
        raise NotTaken(_("It is adaptive: what it shows depends on earlier answers, which no type here does."))
    if item.child("templateDeclaration") is not None or item.child("templateProcessing") is not None:
        raise NotTaken(_("It is a template that draws its values anew each time; its rules cannot be said here."))


def _tell_others(source: Source) -> None:
    others = dict.fromkeys(node.tag for node in source.item.elements if node.tag not in _KNOWN)
    if others.pop("stylesheet", "") is None:
        source.note(_("Its style sheet is not kept."))
    if others:
        source.note(filled(_("Not kept: %(what)s."), {"what": ", ".join(others)[:120]}))


def _read(source: Source, about: About) -> tuple[str, dict[str, Any]]:
    reading = _reading(source)
    feedback = place_feedback(source, reading)
    mark = (reading.mark if reading.mark is not None else 1.0) * about.weight
    title = " ".join(source.item.get("title").split())
    if not reading.body["stem"] and title:
        reading.body["stem"] = f"<p>{from_plain(title)}</p>"
        source.note(_("It has no text; its title stands for it."))
    body = {**reading.body, "mark": mark} if reading.type != "description" else reading.body
    if reading.type in {"essay", "file_upload"}:
        body["grader_info"] = source.for_marker()
    elif source.for_marker():
        source.note(filled(_("Not kept: the text for %(views)s."), {"views": "scorer"}))
    return reading.type, {**body, **feedback}


def _reading(source: Source) -> Reading:
    found = [node for node in source.interactions if node.tag != "endAttemptInteraction"]
    if len(found) < len(source.interactions):
        if found:
            raise NotTaken(_("It has a button that ends the attempt (hints on demand), which no type here has."))
        raise NotTaken(_("We have no question type for “endAttemptInteraction”."))
    if not found:
        if source.marking.responses and source.marking.has_rules:
            raise NotTaken(_("It has responses, but nothing to answer them with."))
        return Reading("description", {"stem": source.stem()})
    if len(found) > 1 or found[0].tag == "inlineChoiceInteraction":
        return read_composite(source)
    reader = READERS.get(found[0].tag)
    if reader is None:
        raise NotTaken(filled(_("We have no question type for “%(name)s”."), {"name": found[0].tag[:60]}))
    return reader(source, found[0])


def _read_extended_text(source: Source, interaction: Node) -> Reading:
    body: dict[str, Any] = {
        "stem": source.stem(),
        "format": _FORMATS.get(interaction.get("format", "plain"), "plain"),
    }
    height = _HEIGHT.search(interaction.get("class"))
    lines = count_of(interaction, "expectedLines", int(height[1]) if height else 0)
    if lines:
        body["lines"] = min(lines, 60)
    if count_of(interaction, "maxStrings", 1) > 1 or count_of(interaction, "minStrings", 0) > 1:
        source.note(_("Several texts are asked for in the file; here it is one."))
    if source.marking.has_rules and any(one.correct_items for one in source.marking.responses.values()):
        source.note(_("The file marks the text by rules; here a person marks it."))
    return Reading("essay", body, source.mark_by_hand())


def _read_upload(source: Source, interaction: Node) -> Reading:
    kinds = interaction.get("type").replace(",", " ").split()
    endings = [_ENDINGS[kind] for kind in kinds if kind in _ENDINGS]
    unknown = [kind for kind in kinds if kind not in _ENDINGS]
    if unknown:
        endings = []
        source.note(filled(_("Not kept: %(what)s."), {"what": f"type {' '.join(unknown)[:80]}"}))
    return Reading("file_upload", {"stem": source.stem(), "file_types": endings}, source.mark_by_hand())


READERS: Mapping[str, Callable[[Source, Node], Reading]] = {
    "choiceInteraction": read_choice,
    "orderInteraction": read_order,
    "matchInteraction": read_match,
    "gapMatchInteraction": read_gap_match,
    "textEntryInteraction": read_text_entry,
    "extendedTextInteraction": _read_extended_text,
    "uploadInteraction": _read_upload,
    "hottextInteraction": read_hottext,
    "associateInteraction": read_associate,
    "sliderInteraction": read_slider,
    "hotspotInteraction": read_hotspot,
    "selectPointInteraction": read_select_point,
    "graphicGapMatchInteraction": read_graphic_gap_match,
}


def _keep_pictures(source: Source, body: Mapping[str, Any]) -> None:
    """The pictures of what only the extra says."""
    for text in texts_of(body):
        for name in _MEDIA.findall(text):
            if name not in source.texts.kept.media:
                source.texts.picture(f"{FOLDER}/{name}")
