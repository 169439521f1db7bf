"""What our questions have and a format has no word for: a line of JSON that other programs pass over.

It goes with the digest of the rest of the question. When the rest was changed since, by hand or by a program that
copied our line along, the line no longer belongs to it and is not used.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from assessments.formats.base import ParsedQuestion

STALE = _("What only we write into such a file was left out: the question was changed since.")
_FACTS = ("name", "idnumber", "category", "tags", "difficulty", "nature", "outcome", "exam_only")
_LISTS = {"category", "tags"}
_FLAGS = {"exam_only"}


@dataclass(frozen=True, slots=True)
class Extra:
    """Facts of ParsedQuestion and of its body that replace what was read; with a type, the body is complete."""

    facts: Mapping[str, Any] = field(default_factory=dict)
    type: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)
    is_stale: bool = False


def read_extra(text: str, *, belongs: bool) -> Extra:
    """The extra in a text of ours; stale when it does not belong to the question that it stands with."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return Extra(is_stale=True)
    if not belongs or not isinstance(data, dict):
        return Extra(is_stale=True)
    facts = {key: tuple(data[key]) if key in _LISTS else data[key] for key in _FACTS if _fits(key, data.get(key))}
    body, type_name = data.get("body"), data.get("type")
    return Extra(
        facts=facts,
        type=type_name if isinstance(type_name, str) else "",
        body=body if isinstance(body, dict) else {},
    )


def extra_text(question: ParsedQuestion, read: ParsedQuestion | None) -> str:
    """What makes of `read` the question itself, in one ASCII line without < > &; "" when they are equal.

    `read` is None when the rest alone makes no question.
    """
    data: dict[str, Any] = {}
    if read is None or read.type != question.type:
        data = {"type": question.type, "body": question.body}
    else:
        body = {key: value for key, value in question.body.items() if key not in read.body or read.body[key] != value}
        if body:
            data["body"] = body
    for key in _FACTS:
        value = getattr(question, key)
        known = getattr(read, key, None)
        if key in _LISTS:
            value, known = list(value), list(known or ())
        if value != known:
            data[key] = value
    if not data:
        return ""
    text = json.dumps(data, ensure_ascii=True, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _fits(key: str, value: Any) -> bool:
    if key in _LISTS:
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    return isinstance(value, bool) if key in _FLAGS else isinstance(value, str)
