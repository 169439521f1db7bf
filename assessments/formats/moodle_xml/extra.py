"""What our questions have and Moodle XML has no element for: one element more, which Moodle passes over.

It holds JSON and the digest of the rest of the question. When the rest was changed since, by hand or by a program
that copied our element along, the element no longer belongs to it and is not used.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from assessments.formats.base import ParsedQuestion
from assessments.formats.moodle_xml.nodes import Node
from common.digests import digest_of

TAG = "hocso"
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


def read_extra(node: Node) -> Extra:
    """The extra of a question, empty without one; `is_stale` when it does not belong to it any more."""
    own = node.child(TAG)
    if own is None:
        return Extra()
    try:
        data = json.loads(own.text)
    except (ValueError, RecursionError):
        return Extra(is_stale=True)
    if own.attributes.get("digest") != digest_without_extra(node) or not isinstance(data, dict):
        return Extra(is_stale=True)
    facts = {key: tuple(data[key]) if key in _LISTS else data[key] for key in _FACTS if _fits(key, data.get(key))}
    body, type_name = data.get("body"), data.get("type")
    return Extra(
        facts=facts,
        type=type_name if isinstance(type_name, str) else "",
        body=body if isinstance(body, dict) else {},
    )


def extra_for(question: ParsedQuestion, read: ParsedQuestion | None, node: Node) -> str:
    """The element that makes of `read` the question itself; "" when they are equal. `read` is None if unreadable."""
    data: dict[str, Any] = {}
    if read is None or read.type != question.type:
        data = {"type": question.type, "body": question.body}
    else:
        body = {key: value for key, value in question.body.items() if key not in read.body or read.body[key] != value}
        if body:
            data["body"] = body
    for key in _FACTS:
        value = getattr(question, key)
        value = list(value) if key in _LISTS else value
        known = getattr(read, key, None)
        if value != (list(known) if key in _LISTS and known is not None else known):
            data[key] = value
    if not data:
        return ""
    text = json.dumps(data, ensure_ascii=True, separators=(",", ":"))
    text = text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
    return f'<{TAG} digest="{digest_without_extra(node)}">{text}</{TAG}>'


def digest_without_extra(node: Node) -> str:
    """The digest of what a question says, however it is laid out."""
    return digest_of(_shape(node))


def _shape(node: Node) -> list[Any]:
    children = [_shape(child) for child in node.children if child.tag != TAG]
    return [node.tag, sorted([key, value] for key, value in node.attributes.items()), node.text, children]


def _fits(key: str, value: Any) -> bool:
    if key in _LISTS:
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    return isinstance(value, bool) if key in _FLAGS else isinstance(value, str)
