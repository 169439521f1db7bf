"""From a raw body to a question or to the reason why it is none; the same for every format."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from assessments.formats.base import Item, ParsedQuestion, ReadProblem, Text
from assessments.question_types import get_type
from assessments.question_types.editor import Fault
from common.html import plain_text
from common.messages import filled

MOST_NAME = 80
_TAG = re.compile(r"<\s*([a-z][a-z0-9-]*)", re.IGNORECASE)
# Tags that show or do something of their own: when cleaning takes one away, a reader must hear of it.
_MISSED = frozenset([
    "script", "style", "iframe", "object", "embed", "applet", "audio", "video", "source", "track", "canvas", "svg",
    "math", "form", "input", "textarea", "select", "button", "template", "noscript", "link", "meta", "base", "frame",
])  # fmt: skip
_SENTENCES: dict[str, Text] = {
    "missing": _("it is missing"),
    "string_too_short": _("it is empty"),
    "string_too_long": _("the text is longer than %(max_length)s signs"),
    "too_short": _("at least %(min_length)s are needed, there are %(actual_length)s"),
    "too_long": _("at most %(max_length)s are possible"),
    "greater_than": _("it must be above %(gt)s"),
    "greater_than_equal": _("it must be at least %(ge)s"),
    "less_than_equal": _("it must be at most %(le)s"),
    "finite_number": _("it must be a finite number"),
}
# What the fields of bodies are called where a problem with them is told; others by their own names.
_PLACES: dict[str, Text] = {
    "stem": _("question text"),
    "choices": _("choice"),
    "answers": _("accepted answer"),
    "pairs": _("pair"),
    "extra_answers": _("extra answer"),
    "items": _("item"),
    "words": _("word"),
    "parts": _("part"),
    "rows": _("row"),
    "columns": _("column"),
    "drags": _("item to drag"),
    "markers": _("marker"),
    "zones": _("zone"),
    "variables": _("variable"),
    "hints": _("hint"),
    "units": _("unit"),
    "text": _("text"),
    "prompt": _("text"),
    "answer": _("answer"),
    "fraction": _("part of the mark"),
    "feedback": _("feedback text"),
    "formula": _("formula"),
    "penalty": _("penalty"),
    "mark": _("mark"),
    "nature": _("kind of knowledge"),
    "outcome": _("learning outcome"),
    "exam_only": _("for exams only"),
    "scoring": _("scoring"),
    "shuffle": _("shuffling"),
    "feedback_right": _("feedback for right answers"),
    "feedback_partial": _("feedback for partly right answers"),
    "feedback_wrong": _("feedback for wrong answers"),
    "template": _("text to begin with"),
    "min_words": _("fewest words"),
    "max_words": _("most words"),
    "attachments_allowed": _("attachments"),
    "most_files": _("most files"),
    "most_megabytes": _("most megabytes"),
    "grader_info": _("notes for the marker"),
    "diacritics_sensitive": _("diacritics count"),
    "case_sensitive": _("case counts"),
}


class NotTaken(Exception):
    """This item cannot become a question; `reason` is one sentence."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason)
        self.reason = reason


def checked_question(
    type_name: str,
    body: Mapping[str, Any],
    *,
    ref: str,
    name: str,
    notes: Iterable[Text] = (),
    **facts: Any,
) -> Item:
    """The question with its body as it would be stored, or the problem that its type has with it.

    `facts` are other fields of ParsedQuestion. Markup that cleaning took away is told in the notes.
    """
    name = name or name_of(str(body.get("stem", "")))
    try:
        model = get_type(type_name).Body.model_validate(body)
    except KeyError:
        return ReadProblem(
            ref=ref,
            name=name,
            type=type_name,
            reason=filled(_("There is no type “%(type)s” here."), {"type": type_name}),
        )
    except ValidationError as problem:
        return ReadProblem(ref=ref, name=name, type=type_name, reason=why_not(problem))
    stored = model.model_dump(mode="json")
    return ParsedQuestion(
        ref=ref,
        name=name,
        type=type_name,
        body=stored,
        notes=(*notes, *_removed(body, stored)),
        **facts,
    )


def why_not(problem: ValidationError) -> Text:
    """The first fault of a body in one sentence, with its place."""
    first = problem.errors(include_url=False, include_input=False)[0]
    context = first.get("ctx") or {}
    cause = context.get("error")
    if isinstance(cause, Fault):
        place, reason = cause.place or first["loc"], cause.message
        if not first["loc"]:
            return reason
    else:
        sentence = _SENTENCES.get(first["type"])
        place, reason = first["loc"], filled(sentence, context) if sentence else first["msg"]
    return filled(_("%(place)s: %(reason)s"), {"place": _Place(place), "reason": reason})


class _Place:
    """A path of names and row numbers, said in the reader's language."""

    def __init__(self, path: Sequence[str | int]) -> None:
        self.path = path

    def __str__(self) -> str:
        return " ".join(str(part + 1) if isinstance(part, int) else str(_PLACES.get(part, part)) for part in self.path)


def name_of_field(key: str) -> Text:
    """What a field of a body is called where something is told about it."""
    return _PLACES.get(key, key)


class Listed:
    """Several names in a row, said in the reader's language."""

    def __init__(self, names: Iterable[Text]) -> None:
        self.names = list(names)

    def __str__(self) -> str:
        return ", ".join(map(str, self.names))


def name_of(html: str) -> str:
    """A name for a question without one: the beginning of its text, cut between words."""
    text = plain_text(html)
    if len(text) <= MOST_NAME:
        return text
    return text[: MOST_NAME + 1].rpartition(" ")[0] or text[:MOST_NAME]


def texts_of(value: Any) -> list[str]:
    """Every string in a body, in its order."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [text for item in value.values() for text in texts_of(item)]
    if isinstance(value, list | tuple):
        return [text for item in value for text in texts_of(item)]
    return []


def each_text(value: Any, change: Callable[[str], str]) -> Any:
    """The same structure with every string changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {key: each_text(item, change) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [each_text(item, change) for item in value]
    return value


def _removed(raw: Any, stored: Any) -> list[Text]:
    before = {tag.lower() for text in texts_of(raw) if "<" in text for tag in _TAG.findall(text)} & _MISSED
    if not before:
        return []
    after = {tag.lower() for text in texts_of(stored) if "<" in text for tag in _TAG.findall(text)}
    lost = ", ".join(f"<{tag}>" for tag in sorted(before - after))
    return [filled(_("Removed from the texts: %(tags)s."), {"tags": lost})] if lost else []
