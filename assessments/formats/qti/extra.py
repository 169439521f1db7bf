"""What our questions have and QTI cannot say: JSON in the attributes `data-hocso` and `data-hocso-digest` of the body.

QTI 3 lets every element of a body have attributes that begin with `data-`, and other programs pass over them. The
digest is that of the rest of the item, so that a changed item is not read by what it was before.
"""

from __future__ import annotations

import re

from assessments.formats.base import ParsedQuestion
from assessments.formats.moodle_xml import extra as ours
from assessments.formats.moodle_xml.nodes import Node as Holder
from assessments.formats.qti.nodes import Node
from common.digests import digest_of

DATA, DIGEST = "data-hocso", "data-hocso-digest"
_WRITTEN = re.compile(r'<[a-z]+ digest="([^"]*)">(.*)</[a-z]+>', re.DOTALL)


def read_extra(item: Node) -> ours.Extra:
    """The extra of an item, empty without one."""
    body = item.child("itemBody")
    if body is None or DATA not in body.attributes:
        return ours.Extra()
    holder = _holder(item)
    own = Holder(ours.TAG, {"digest": ours.digest_without_extra(holder)}, 0)
    if body.get(DIGEST) != own.attributes["digest"]:
        return ours.Extra(is_stale=True)
    own.parts.append(body.get(DATA))
    holder.children.append(own)
    return ours.read_extra(holder)


def extra_for(question: ParsedQuestion, read: ParsedQuestion | None, item: Node) -> dict[str, str]:
    """The attributes that make of `read` the question itself; none when they are equal."""
    found = _WRITTEN.fullmatch(ours.extra_for(question, read, _holder(item)))
    return {DATA: found[2], DIGEST: found[1]} if found else {}


def _holder(item: Node) -> Holder:
    """The item as what the extra of Moodle XML stands in: its digest takes the place of its elements."""
    holder = Holder("item", {}, 0)
    holder.parts.append(digest_of(item.shape()))
    return holder
