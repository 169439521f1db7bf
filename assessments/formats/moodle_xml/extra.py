"""Our own element in a question of Moodle XML, which Moodle passes over."""

from __future__ import annotations

from typing import Any

from assessments.formats import extra as plain
from assessments.formats.base import ParsedQuestion
from assessments.formats.extra import Extra
from assessments.formats.moodle_xml.nodes import Node
from common.digests import digest_of

__all__ = ["TAG", "Extra", "digest_without_extra", "extra_for", "read_extra"]

TAG = "hocso"


def read_extra(node: Node) -> Extra:
    """The extra of a question, empty without one."""
    own = node.child(TAG)
    if own is None:
        return Extra()
    return plain.read_extra(own.text, belongs=own.attributes.get("digest") == digest_without_extra(node))


def extra_for(question: ParsedQuestion, read: ParsedQuestion | None, node: Node) -> str:
    """The element that makes of `read` the question itself; "" when they are equal."""
    text = plain.extra_text(question, read)
    return f'<{TAG} digest="{digest_without_extra(node)}">{text}</{TAG}>' if text else ""


def digest_without_extra(node: Node) -> str:
    """The digest of what a question says, however it is laid out."""
    return digest_of(_shape(node))


def _shape(node: Node) -> list[Any]:
    children = [_shape(child) for child in node.children if child.tag != TAG]
    return [node.tag, sorted([key, value] for key, value in node.attributes.items()), node.text, children]
