"""Questions into a Moodle XML file, element by element as Moodle's own export has them."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping
from typing import IO, Any, TypeAlias

from django.utils.translation import gettext_lazy as _

from assessments.formats.base import ParsedQuestion, ReadProblem
from assessments.formats.checking import NotTaken
from assessments.formats.moodle_xml import calculated, matrix, open_texts, write_gaps, write_simple
from assessments.formats.moodle_xml.cloze_text import write_cloze_text
from assessments.formats.moodle_xml.extra import extra_for
from assessments.formats.moodle_xml.nodes import read_nodes
from assessments.formats.moodle_xml.reading import read_question, split_path
from assessments.formats.moodle_xml.sheet import COMBINED_FEEDBACK, Sheet, write_combined_feedback
from assessments.formats.moodle_xml.source import written
from common.messages import filled

Body: TypeAlias = Mapping[str, Any]
# (what Moodle calls it, what writes its own elements)
Writer: TypeAlias = Callable[[Sheet, Body], None]
WRITERS: dict[str, tuple[str, Writer]] = {
    "single_choice": ("multichoice", write_simple.write_choice),
    "multiple_choice": ("multichoice", write_simple.write_choice),
    "true_false": ("truefalse", write_simple.write_truefalse),
    "short_answer": ("shortanswer", write_simple.write_shortanswer),
    "numerical": ("numerical", write_simple.write_numerical),
    "matching": ("matching", write_simple.write_matching),
    "ordering": ("ordering", write_simple.write_ordering),
    "gap_select": ("gapselect", write_gaps.write_gap_select),
    "gap_drag": ("ddwtos", write_gaps.write_gap_drag),
    "cloze": ("cloze", lambda sheet, body: None),
    "essay": ("essay", open_texts.write_essay),
    "file_upload": ("essay", open_texts.write_file_upload),
    "description": ("description", open_texts.write_description),
    "calculated": ("calculated", calculated.write_calculated),
    "calculated_choice": ("calculatedmulti", calculated.write_calculated_choice),
    "matrix": ("matrix", matrix.write_matrix),
    "drag_image": ("ddimageortext", write_gaps.write_drag_image),
    "mark_image": ("ddmarker", write_gaps.write_mark_image),
}
HEAD = b'<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n'
# Moodle passes over it there, and so does nothing with ours.
_WITHOUT_COMBINED_FEEDBACK = {"truefalse", "shortanswer", "numerical", "essay", "description", "cloze", "matrix"}


def write_items(questions: Iterable[ParsedQuestion], file: IO[bytes]) -> list[ReadProblem]:
    """Write the file; the questions that Moodle has no type for are given back."""
    problems: list[ReadProblem] = []
    category: tuple[str, ...] = ()
    file.write(HEAD)
    for question in questions:
        try:
            text = question_text(question)
        except NotTaken as problem:
            problems.append(
                ReadProblem(ref=question.ref, name=question.name, type=question.type, reason=problem.reason)
            )
            continue
        if tuple(question.category) != category:
            category = tuple(question.category)
            file.write(_category_text(category).encode("utf-8"))
        file.write(text.encode("utf-8"))
    file.write(b"</quiz>\n")
    return problems


def question_text(question: ParsedQuestion) -> str:
    """The <question> element. Raises NotTaken."""
    found = WRITERS.get(question.type)
    if found is None:
        raise NotTaken(filled(_("Moodle XML has no question type for “%(type)s”."), {"type": question.type}))
    kind, write = found
    if question.body.get("scoring") == "all_or_nothing" and kind == "multichoice":
        kind = "multichoiceset"
    sheet = _written(question, kind, write, ())
    unseen = tuple(name for name in question.media if name not in sheet.files)
    if unseen:  # shown by nothing that Moodle has an element for
        sheet = _written(question, kind, write, unseen)
    begin = f'  <question type="{kind}">\n{sheet}\n'
    # What Moodle's elements leave out of our question shows when they are read again.
    (node,) = read_nodes(io.BytesIO(f"<quiz>{begin}</question></quiz>".encode()))
    read = read_question(node, split_path(category_path(question.category)))
    extra = extra_for(question, read if isinstance(read, ParsedQuestion) else None, node)
    return f"{begin}    {extra}\n  </question>\n" if extra else f"{begin}  </question>\n"


def _written(question: ParsedQuestion, kind: str, write: Writer, unseen: tuple[str, ...]) -> Sheet:
    sheet, body = Sheet(question.media), question.body
    stem = write_cloze_text(body) if kind == "cloze" else body["stem"]
    sheet.plain("name", question.name)
    sheet.html("questiontext", stem, files=unseen)
    sheet.html("generalfeedback", body["feedback"])
    if kind != "cloze":
        sheet.value("defaultgrade", written(body["mark"]))
    sheet.value("penalty", written(body["penalty"]))
    sheet.flag("hidden", False)
    sheet.value("idnumber", question.idnumber)
    write(sheet, body)
    if kind in _WITHOUT_COMBINED_FEEDBACK and any(body[key] for key in COMBINED_FEEDBACK.values()):
        write_combined_feedback(sheet, body)
    for hint in body["hints"]:
        sheet.begin_html("hint", hint)
        if not hint:  # Moodle passes over a hint that does nothing at all
            sheet.mark("shownumcorrect")
        sheet.close("hint")
    if question.tags:
        sheet.open("tags")
        for tag in question.tags:
            sheet.plain("tag", tag)
        sheet.close("tags")
    return sheet


def category_path(names: Iterable[str]) -> str:
    """The path as Moodle writes it."""
    return "/".join(["$course$", "top", *(name.replace("/", "//") for name in names)])


def _category_text(category: tuple[str, ...]) -> str:
    sheet = Sheet({})
    sheet.plain("category", category_path(category))
    sheet.html("info", "")
    sheet.value("idnumber", "")
    return f'  <question type="category">\n{sheet}\n  </question>\n'
