"""One question of somebody's JSON: its fields under our names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from assessments.formats.base import Text
from assessments.formats.json_questions import words
from assessments.formats.json_questions.options import Option, key_of, options, text_of
from assessments.formats.json_questions.text import TWICE, string_of
from assessments.formats.keys import Convention, Key, without_letters
from common.messages import filled


@dataclass(frozen=True, slots=True)
class Habits:
    """What holds for the whole file."""

    convention: Convention
    all_html: bool
    ids_are_kept: bool
    numbered_in: str
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
        choices = options(fields, used)
        facts: dict[str, Any] = {
            "pairs": words.first_of(fields, words.PAIRS, used),
            "answer": words.first_of(fields, words.ANSWER, used),
            "explanation": text_of(words.first_of(fields, words.EXPLANATION, used)),
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
        levels = [text_of(fields[name]) for name in words.CATEGORIES if name in fields and name not in used]
        used |= {name for name in words.CATEGORIES if name in fields}
        facts["category"] = (*path, *dict.fromkeys(level for level in levels if level and level not in path))
        facts["name"] = string_of(words.first_of(fields, words.NAME, used))
        unknown = tuple(name for name, value in fields.items() if name not in used and value not in (None, "", [], {}))
        return cls(ref, stem, choices, facts.pop("answer"), facts["id"], facts, unknown, problem)

    @property
    def number(self) -> str:
        """Its running number in the file, when its identifier or its place is no more than that."""
        return self.id or self.facts["number"]

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
            said = [text for value in self.answer if (text := text_of(value))]
        else:
            said = text_of(self.answer)
        return Key(said, self.choices) if said else None

    def named(self) -> tuple[int, ...] | None:
        """Places of the right choices by the names that the file itself gives them; None when the answer is none."""
        names = [option.name for option in self.options]
        if not all(names) or len(set(names)) != len(names):
            return None
        said = self.answer if isinstance(self.answer, list) else [self.answer]
        texts = [key_of(value) or string_of(value) for value in said]
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
        text = text_of(fields.get(name))
        if text:
            used.add(name)
            return text
    return ""
