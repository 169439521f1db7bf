"""Two versions of a question side by side, field by field as their author filled them in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from django.utils.translation import gettext as _

from assessments.authoring.form_fields import written
from assessments.models import QuestionVersion
from assessments.question_types import editor, get_type

_WORDS = re.compile(r"\s+|\w+|[^\w\s]")
MOST_WORDS = 4_000


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text: `kind` is same, added or removed."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class ComparedField:
    """A field of either version."""

    label: str
    pieces: tuple[Piece, ...]
    is_changed: bool


def fields_of(version: QuestionVersion) -> dict[tuple[str, ...], tuple[str, str]]:
    """Every field that is filled in: where it is → (its label, its text); rows are known again by their id."""
    question_type = get_type(version.type)
    source = question_type.to_source(question_type.Body.model_validate(version.body))
    found: dict[tuple[str, ...], tuple[str, str]] = {("type",): (_("Kind of question"), str(question_type.label))}
    for key, label, text in _walk(question_type.source_fields, source, (), ""):
        found[key] = (label, text)
    return found


def compare(before: QuestionVersion, after: QuestionVersion) -> list[ComparedField]:
    """Every field of either version, in the order of the later one, with what was added and removed in it."""
    old, new = fields_of(before), fields_of(after)
    rows = []
    for key in _merged(list(old), list(new)):
        label = new.get(key, old.get(key, ("", "")))[0]
        one, other = old.get(key, ("", ""))[1], new.get(key, ("", ""))[1]
        rows.append(ComparedField(label, tuple(pieces(one, other)), one != other))
    return rows


def pieces(before: str, after: str) -> Iterator[Piece]:
    """The words of both texts in order."""
    one, other = _WORDS.findall(before), _WORDS.findall(after)
    if len(one) + len(other) > MOST_WORDS:
        one, other = before.splitlines(keepends=True), after.splitlines(keepends=True)
    for kind, from_one, to_one, from_other, to_other in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if kind == "equal":
            yield Piece("same", "".join(one[from_one:to_one]))
            continue
        if to_one > from_one:
            yield Piece("removed", "".join(one[from_one:to_one]))
        if to_other > from_other:
            yield Piece("added", "".join(other[from_other:to_other]))


def _merged(old: Sequence[tuple[str, ...]], new: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Keys of both; one that is only in the old version comes after the one that it followed there."""
    merged = list(new)
    for index, key in enumerate(old):
        if key not in new:
            before = next((merged.index(other) for other in reversed(old[:index]) if other in merged), -1)
            merged.insert(before + 1, key)
    return merged


def _walk(
    fields: Sequence[editor.Field], source: Mapping[str, Any], where: tuple[str, ...], label: str
) -> Iterator[tuple[tuple[str, ...], str, str]]:
    for field in fields:
        value = source.get(field.name)
        name = " – ".join(part for part in (label, str(field.label)) if part)
        if isinstance(field, editor.Rows):
            for number, row in enumerate(value or [], start=1):
                entry = {field.fields[0].name: row} if field.bare else row
                key = str(entry.get("id", number)) if isinstance(entry, Mapping) else str(number)
                row_label = " – ".join(part for part in (label, f"{field.row_label} {number}") if part)
                yield from _walk(field.fields, entry, (*where, field.name, key), row_label)
        elif not isinstance(field, editor.Kept):
            text = said(field, value)
            if text:
                yield (*where, field.name), name, text


def said(field: editor.Field, value: Any) -> str:
    """A value as a person reads it; nothing for what is left at its default."""
    if isinstance(field, editor.Flag):
        chosen = field.initial if value is None else bool(value)
        return _("yes") if chosen else _("no")
    if isinstance(field, editor.Choice):
        return next(
            (str(words) for option, words in field.options if option == value), "" if value is None else str(value)
        )
    if value in (None, "", []):
        return ""
    if isinstance(value, Mapping):
        return str(value.get("html", value))
    if isinstance(value, list | tuple):
        return "\n".join(_plain(item) for item in value)
    return _plain(value)


def _plain(value: Any) -> str:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return written(value) if is_number else str(value)
