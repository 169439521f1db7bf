"""The choices of a question in somebody's JSON: lists, objects, fields of their own, or lines of one text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assessments.formats.drafts import lettered_lines, truth_of
from assessments.formats.json_questions import words
from assessments.formats.json_questions.text import TWICE, string_of
from assessments.formats.keys import LETTERS


@dataclass(frozen=True, slots=True)
class Option:
    """A choice as written: its text, whether it says of itself that it is right, and what answers may call it."""

    text: str
    right: bool | None = None
    name: str = ""
    feedback: str = ""
    image: Any = None


def text_of(value: Any) -> str:
    """A text, or the text in an object such as {"text": …}; "" for anything else."""
    if isinstance(value, dict):
        inner = {words.folded_key(str(key)): entry for key, entry in value.items()}
        for name in ("text", "html", "vi", "content", "noi_dung", "name", "ten", "title", "value"):
            if text := string_of(inner.get(name)):
                return text
        return ""
    return string_of(value)


def options(fields: Mapping[str, Any], used: set[str]) -> tuple[Option, ...]:
    """The choices among the fields of a question, () when there are none; what is read is added to `used`."""
    for name in words.OPTIONS:
        value = fields.get(name)
        if isinstance(value, str) and name not in used and name not in words.ANSWER:
            stem, lines = lettered_lines(value)
            if lines and not stem:
                used.add(name)
                return tuple(Option(line, None, letter) for letter, line in zip(LETTERS, lines, strict=False))
        if (
            name not in used
            and isinstance(value, list | dict)
            and len(value) >= (1 if name not in words.ANSWER else 2)
            and _are_options(name, value, fields)
        ):
            used.add(name)
            if isinstance(value, dict):
                return tuple(_option(entry, str(key)) for key, entry in value.items() if key != TWICE)
            return tuple(_option(_unfolded(entry), "") for entry in value)
    wrong = words.first_of(fields, words.WRONG_OPTIONS, used)
    if isinstance(wrong, list):
        right = words.first_of(fields, words.ANSWER, used)
        rights = right if isinstance(right, list) else [right]
        return tuple(
            Option(text_of(value), is_right)
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


def _unfolded(entry: Any) -> Any:
    """{"A": "text"} as an object with a key and a text."""
    if isinstance(entry, dict) and len(entry) == 1:
        ((key, text),) = entry.items()
        if len(str(key)) == 1 and not isinstance(text, dict | list):
            return {"key": key, "text": text}
    return entry


def key_of(answer: Any) -> str:
    """The key in an answer such as {"key": "B"}; "" when it is no such object or says its text as well."""
    if not isinstance(answer, dict) or text_of(answer):
        return ""
    fields = {words.folded_key(str(key)): value for key, value in answer.items()}
    return next((text for name in words.OPTION_KEY if (text := string_of(fields.get(name)))), "")


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
    feedback = text_of(words.first_of(fields, words.OPTION_FEEDBACK, used))
    return Option(text, right, own or name, feedback, words.first_of(fields, words.IMAGE, used))


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else truth_of(string_of(value)) if value not in (0, 1) else bool(value)
