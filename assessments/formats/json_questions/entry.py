"""One question of somebody's JSON: its fields under our names, and the question out of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
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
from assessments.formats.json_questions.text import TWICE, string_of
from assessments.formats.keys import LETTERS, Convention, Key, without_letters
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


@dataclass(frozen=True, slots=True)
class Option:
    """A choice as written: its text, whether it says of itself that it is right, and what answers may call it."""

    text: str
    right: bool | None = None
    name: str = ""
    feedback: str = ""
    image: Any = None


@dataclass(frozen=True, slots=True)
class Habits:
    """What holds for the whole file."""

    convention: Convention
    all_html: bool
    ids_are_kept: bool
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """The fields of one question."""

    ref: str
    stem: str
    options: tuple[Option, ...]
    answer: Any
    id: str
    facts: Mapping[str, Any]
    unknown: tuple[str, ...] = ()
    problem: Text = ""
    notes: tuple[Text, ...] = field(default=())

    @classmethod
    def of(cls, data: Mapping[str, Any], ref: str, path: tuple[str, ...]) -> Entry:
        """Find out which field is what."""
        fields: dict[str, Any] = {}
        problem: Text = ""
        twice = _twice(data)
        if twice:
            problem = filled(_("The key “%(key)s” is there twice."), {"key": twice[:60]})
        for key, value in data.items():
            fields.setdefault(words.folded_key(key), value)
        used: set[str] = {words.folded_key(TWICE)}
        # An object with options has its answer elsewhere, so that “answers” and “dap_an” are decided by what is in them.
        stem = first_of_text(fields, used)
        options = _options(fields, used)
        facts: dict[str, Any] = {
            "pairs": words.first_of(fields, words.PAIRS, used),
            "answer": words.first_of(fields, words.ANSWER, used),
            "explanation": _text_of(words.first_of(fields, words.EXPLANATION, used)),
            "level": string_of(words.first_of(fields, words.LEVEL, used)),
            "id": string_of(words.first_of(fields, words.ID, used)),
            "number": string_of(words.first_of(fields, words.NUMBER, used)),
            "tags": words.first_of(fields, words.TAGS, used),
            "mark": string_of(words.first_of(fields, words.MARK, used)),
            "type": string_of(words.first_of(fields, words.TYPE, used)),
            "image": words.first_of(fields, words.IMAGE, used),
            "nature": string_of(words.first_of(fields, words.NATURE, used)),
            "outcome": string_of(words.first_of(fields, words.OUTCOME, used)),
            "hints": words.first_of(fields, words.HINTS, used),
        }
        levels = [_text_of(fields[name]) for name in words.CATEGORIES if name in fields and name not in used]
        used |= {name for name in words.CATEGORIES if name in fields}
        facts["category"] = (*path, *dict.fromkeys(level for level in levels if level and level not in path))
        facts["name"] = string_of(words.first_of(fields, words.NAME, used))
        unknown = tuple(name for name, value in fields.items() if name not in used and value not in (None, "", [], {}))
        return cls(ref, stem, options, facts.pop("answer"), facts["id"], facts, unknown, problem)

    @property
    def choices(self) -> list[str]:
        """The texts of the choices without letters before all of them."""
        return without_letters([option.text for option in self.options])

    @property
    def key(self) -> Key | None:
        """The answer, when it has to be understood."""
        if not self.options or self.answer is None or self.named() is not None:
            return None
        said: str | list[str]
        if isinstance(self.answer, list):
            said = [text for value in self.answer if (text := _text_of(value))]
        else:
            said = _text_of(self.answer)
        return Key(said, self.choices) if said else None

    def named(self) -> tuple[int, ...] | None:
        """Places of the right choices by the names that the file itself gives them; None when the answer is none."""
        names = [option.name for option in self.options]
        if not all(names) or len(set(names)) != len(names):
            return None
        said = self.answer if isinstance(self.answer, list) else [self.answer]
        texts = [string_of(value) for value in said]
        if not texts or not all(text in names for text in texts):
            return None
        return tuple(sorted({names.index(text) for text in texts}))


def _twice(value: Any, depth: int = 0) -> str:
    """A key that stands twice in an object, here or further in."""
    if isinstance(value, dict) and TWICE in value:
        return str(value[TWICE])
    entries = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return next((key for entry in entries if depth < 4 and (key := _twice(entry, depth + 1))), "")


def first_of_text(fields: Mapping[str, Any], used: set[str]) -> str:
    """The question itself: a text, or the text in an object such as {"text": …}."""
    for name in words.QUESTION:
        text = _text_of(fields.get(name))
        if text:
            used.add(name)
            return text
    return ""


def _text_of(value: Any) -> str:
    if isinstance(value, dict):
        inner = {words.folded_key(str(key)): entry for key, entry in value.items()}
        for name in ("text", "html", "vi", "content", "noi_dung", "name", "ten", "title", "value"):
            if text := string_of(inner.get(name)):
                return text
        return ""
    return string_of(value)


# Choices ------------------------------------------------------------------------------------------------------


def _options(fields: Mapping[str, Any], used: set[str]) -> tuple[Option, ...]:
    for name in words.OPTIONS:
        value = fields.get(name)
        if (
            name not in used
            and isinstance(value, list | dict)
            and len(value) >= 2
            and _are_options(name, value, fields)
        ):
            used.add(name)
            if isinstance(value, dict):
                return tuple(_option(entry, str(key)) for key, entry in value.items() if key != TWICE)
            return tuple(_option(entry, "") for entry in value)
    wrong = words.first_of(fields, words.WRONG_OPTIONS, used)
    if isinstance(wrong, list):
        right = words.first_of(fields, words.ANSWER, used)
        rights = right if isinstance(right, list) else [right]
        return tuple(
            Option(_text_of(value), is_right)
            for values, is_right in ((rights, True), (wrong, False))
            for value in values
        )
    return tuple(_option(value, letter) for letter, value in words.option_fields(fields, used).items())


def _are_options(name: str, value: list[Any] | dict[str, Any], fields: Mapping[str, Any]) -> bool:
    """“answers” may be the choices or the right ones among them: the latter when there are choices beside it."""
    if name not in words.ANSWER:
        return True
    others = any(isinstance(fields.get(other), list | dict) for other in words.OPTIONS if other not in words.ANSWER)
    if others or words.option_fields(fields, set()):
        return False
    entries = value.values() if isinstance(value, dict) else value
    flagged = any(isinstance(entry, dict) for entry in entries)
    return flagged or any(other in fields for other in words.ANSWER if other != name)


def _option(value: Any, name: str) -> Option:
    if not isinstance(value, dict):
        return Option(string_of(value), None, name)
    fields = {words.folded_key(str(key)): entry for key, entry in value.items()}
    used: set[str] = set()
    right = next((_flag(fields[key]) for key in words.OPTION_RIGHT if key in fields), None)
    if right is None:
        worth = fields.get("fraction", fields.get("score", fields.get("weight")))
        right = worth > 0 if isinstance(worth, int | float) else None
    text = string_of(words.first_of(fields, words.OPTION_TEXT, used))
    own = string_of(words.first_of(fields, words.OPTION_KEY, used))
    feedback = _text_of(words.first_of(fields, words.OPTION_FEEDBACK, used))
    return Option(text, right, own or name, feedback, words.first_of(fields, words.IMAGE, used))


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else truth_of(string_of(value)) if value not in (0, 1) else bool(value)


# The question -------------------------------------------------------------------------------------------------


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
        idnumber=entry.id if habits.ids_are_kept else "",
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
        return [text for entry in value if (text := _text_of(entry))]
    return [part.strip() for part in re.split(r"[,;]", string_of(value)) if part.strip()]


def _draft(entry: Entry, convention: Convention, texts: _Texts) -> Draft:
    wanted = _wanted(entry)
    if entry.facts["pairs"] is not None:
        return _matching(entry.facts["pairs"], texts)
    if not entry.options:
        return _without_choices(entry, texts, wanted)
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
    answers = [text for value in _entries(entry.answer) if (text := _text_of(value))]
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
            sides = [_text_of(side) for side in entry] if isinstance(entry, list | tuple) else []
        if len(sides) != 2 or not all(sides):
            raise NotTaken(_("One of the pairs is not complete."))
        pairs.append((texts.html(sides[0]), texts.html(sides[1])))
    return matching_draft(pairs)
