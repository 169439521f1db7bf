"""One entry of somebody's JSON into a question or the reason why it is none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from assessments.formats.base import Item, ReadProblem, Text
from assessments.formats.checking import NotTaken, checked_question
from assessments.formats.drafts import (
    Draft,
    choice_draft,
    difficulty_of,
    html_of,
    matching_draft,
    numbers_of,
    short_draft,
    truth_draft,
    truth_of,
)
from assessments.formats.images import web_picture
from assessments.formats.json_questions import words
from assessments.formats.json_questions.entry import Entry, Habits
from assessments.formats.json_questions.options import text_of
from assessments.formats.json_questions.text import string_of
from assessments.formats.keys import LETTERS, Convention
from assessments.formats.shelf import MediaShelf
from assessments.formats.table.types import WrongCell, type_named
from assessments.formats.texts import decoded_base64, decoded_uri, from_plain
from assessments.question_types.base import MOST_TEXT
from assessments.question_types.numbers import read_number
from common.decoding import legacy_font
from common.exceptions import LegacyFontText
from common.messages import filled
from common.vietnamese import fold

_DATA_URI = re.compile(r"data:[a-z]+/[a-z0-9.+-]+((?:;[^,]*)?),(.*)", re.IGNORECASE | re.DOTALL)
_LOOKS_LIKE_TAG = re.compile(r"</?(?:p|br|div|span|b|i|u|strong|em|sub|sup|img|ul|li|table)\b[^>]*>", re.IGNORECASE)
_MOST_TAGS = 30


class _Texts:
    """HTML of the texts of one question; what has to be known about them."""

    def __init__(self, *, all_html: bool) -> None:
        self.shelf, self.all_html = MediaShelf(), all_html
        self.notes: list[Text] = []
        self._has_tags = False

    def html(self, text: str) -> str:
        if not text:
            return ""
        if self.all_html:
            return html_of(text, self.shelf.keep)
        if _LOOKS_LIKE_TAG.search(text[:MOST_TEXT]) and not self._has_tags:
            self._has_tags = True
            self.notes.append(_("What looks like HTML in it was kept as text."))
        return from_plain(text)

    def images(self, value: Any) -> str:
        """<img> of pictures that are in the file; what is elsewhere is told."""
        html = ""
        for entry in value if isinstance(value, list) else [value]:
            source = string_of(entry) if not isinstance(entry, dict) else _source_of(entry)
            if not source:
                continue
            shown = _picture(source)
            if shown is None:
                sentence = _("The picture “%(name)s” is not in the file and was left out.")
                self.notes.append(filled(sentence, {"name": source[:80]}))
            else:
                html += self.shelf.image(f"picture.{shown[0]}", shown[1])
        return html


def _source_of(entry: Mapping[str, Any]) -> str:
    fields = {words.folded_key(str(key)): value for key, value in entry.items()}
    return next((text for key in ("src", "data", "url", "base64") if (text := string_of(fields.get(key)))), "")


def _picture(source: str) -> tuple[str, bytes] | None:
    found = _DATA_URI.fullmatch(source)
    content = decoded_uri(found[1], found[2]) if found else decoded_base64(source) if len(source) > 60 else None
    return web_picture(content) if content else None


def item_of(entry: Entry, habits: Habits, notes: tuple[Text, ...]) -> Item:
    """The question, or why it is none. `notes` are about the whole file."""
    facts = entry.facts
    name = facts["name"] or entry.id or facts["number"]
    texts = _Texts(all_html=habits.all_html)
    try:
        if entry.problem:
            raise NotTaken(entry.problem)
        if not entry.stem:
            raise NotTaken(_("The question is missing."))
        _refuse_legacy(entry)
        type_name, own = _draft(entry, habits.convention, texts)
        body = {
            **own,
            "stem": texts.html(entry.stem) + texts.images(facts["image"]),
            "feedback": texts.html(facts["explanation"]),
            "hints": [texts.html(text) for text in _list_of(facts["hints"])],
        }
        if facts["mark"]:
            mark, unit = read_number(facts["mark"])
            if mark is None or unit:
                raise NotTaken(filled(_("“%(mark)s” is no number of points."), {"mark": facts["mark"][:40]}))
            body["mark"] = mark
    except NotTaken as problem:
        return ReadProblem(ref=entry.ref, name=name, type=facts["type"], reason=problem.reason)
    try:
        difficulty = difficulty_of(facts["level"])
    except NotTaken as problem:
        difficulty = ""
        texts.notes.append(problem.reason)
    nature = {"kien thuc": "knowledge", "knowledge": "knowledge", "tinh huong": "situation", "situation": "situation"}
    return checked_question(
        type_name,
        body,
        ref=entry.ref,
        name=facts["name"],
        notes=(*notes, *texts.notes),
        idnumber=entry.id if habits.ids_are_kept and not habits.numbered_in else "",
        number=entry.number if habits.numbered_in else "",
        numbered_in=habits.numbered_in if entry.number else "",
        category=tuple(facts["category"]),
        tags=tuple(_list_of(facts["tags"]))[:_MOST_TAGS],
        difficulty=difficulty,
        nature=nature.get(fold(facts["nature"]), ""),
        outcome=facts["outcome"],
        media=texts.shelf.media,
    )


def _refuse_legacy(entry: Entry) -> None:
    found = legacy_font(" ".join([entry.stem, *(option.text for option in entry.options)]))
    if found is not None:
        raise NotTaken(LegacyFontText(*found).message)


def _list_of(value: Any) -> list[str]:
    if isinstance(value, list):
        return [text for entry in value if (text := text_of(entry))]
    return [part.strip() for part in re.split(r"[,;]", string_of(value)) if part.strip()]


def _draft(entry: Entry, convention: Convention, texts: _Texts) -> Draft:
    wanted = _wanted(entry)
    if entry.facts["pairs"] is not None:
        return _matching(entry.facts["pairs"], texts)
    if not entry.options:
        return _without_choices(entry, texts, wanted)
    if len(entry.options) < 2:
        raise NotTaken(_("It has only one choice."))
    choices, right = entry.choices, _right(entry, convention)
    if len(choices) == 2 and len(right) == 1 and {truth_of(text, short=False) for text in choices} == {True, False}:
        told = {
            truth_of(text): texts.html(option.feedback) for text, option in zip(choices, entry.options, strict=True)
        }
        return truth_draft(bool(truth_of(choices[right[0]])), told[True], told[False])
    shown = [texts.html(text) + texts.images(o.image) for text, o in zip(choices, entry.options, strict=True)]
    feedback = [texts.html(option.feedback) for option in entry.options]
    return choice_draft(shown, right, feedback, several=wanted == "multiple_choice" and isinstance(entry.answer, list))


def _wanted(entry: Entry) -> str:
    try:
        return type_named(entry.facts["type"].replace("-", " ").replace("_", " "))
    except WrongCell:
        return ""


def _right(entry: Entry, convention: Convention) -> tuple[int, ...]:
    flagged = tuple(place for place, option in enumerate(entry.options) if option.right)
    named = entry.named() if entry.answer is not None else None
    if named is None and entry.key is not None:
        truth = entry.answer if isinstance(entry.answer, bool) else None
        truths = [truth_of(text, short=False) for text in entry.choices]
        named = (truths.index(truth),) if truth in truths and truth is not None else convention.right(entry.key)
    if flagged and named is not None and flagged != named:
        raise NotTaken(_("The answer and the marks of the choices say different things."))
    right = flagged or named or ()
    if not right:
        raise NotTaken(_("No right answer is marked: say which one it is."))
    return right


def _without_choices(entry: Entry, texts: _Texts, wanted: str) -> Draft:
    answers = [text for value in _entries(entry.answer) if (text := text_of(value))]
    if not answers:
        if wanted in ("essay", "description", "file_upload"):
            return wanted, {}
        raise NotTaken(_("It has neither choices nor an answer."))
    if wanted == "essay":
        return "essay", {"grader_info": texts.html("\n".join(answers))}
    truth = truth_of(answers[0], short=wanted == "true_false") if len(answers) == 1 else None
    if truth is not None and wanted in ("", "true_false"):
        return truth_draft(truth)
    numbers = numbers_of(answers) if wanted in ("", "numerical") else None
    if numbers is not None:
        return "numerical", {"answers": numbers}
    if re.fullmatch(rf"[{LETTERS}]", answers[0]) and len(answers) == 1 and wanted != "short_answer":
        raise NotTaken(_("The answer names a choice, and there are no choices."))
    return short_draft(answers)


def _entries(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _matching(value: Any, texts: _Texts) -> Draft:
    pairs: list[tuple[str, str]] = []
    entries = list(value.items()) if isinstance(value, dict) else value if isinstance(value, list) else []
    for entry in entries:
        if isinstance(entry, dict):
            fields = {words.folded_key(str(key)): text for key, text in entry.items()}
            sides = [
                next((string_of(fields[name]) for name in names if name in fields), "")
                for names in (
                    ("left", "prompt", "trai", "question", "key", "a"),
                    ("right", "answer", "phai", "match", "value", "b"),
                )
            ]
        else:
            sides = [text_of(side) for side in entry] if isinstance(entry, list | tuple) else []
        if len(sides) != 2 or not all(sides):
            raise NotTaken(_("One of the pairs is not complete."))
        pairs.append((texts.html(sides[0]), texts.html(sides[1])))
    return matching_draft(pairs)
