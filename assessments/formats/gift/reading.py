"""A GIFT file into questions and problems, block by block."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

from django.utils.translation import gettext_lazy as _

from assessments.formats.base import Item, ReadProblem
from assessments.formats.checking import NotTaken, checked_question
from assessments.formats.extra import STALE, Extra, read_extra
from assessments.formats.gift.answers import MOST_ANSWERS, read_answers
from assessments.formats.gift.signs import hidden, html_of, shown, taken_apart
from assessments.formats.lines import read_lines
from assessments.formats.moodle_xml.media import Texts
from assessments.formats.moodle_xml.reading import split_path
from common.digests import digest_of

CATEGORY = "$CATEGORY:"
EXTRA = re.compile(r"//\s*\[hocso:([0-9a-f]{64})\](.*)")
_ID = re.compile(r"\[id:((?:\\\]|[^\]\x00-\x1f\x7f])+)\]")
_TAG = re.compile(r"\[tag:((?:\\\]|[^\]<>`\x00-\x1f\x7f])+)\]")
MOST_BLOCK = 2_000_000
# What an answer, its weight or a feedback begins with.
_BETWEEN_BRACES = "=~#%"


@dataclass(frozen=True, slots=True)
class Block:
    """The lines of a question: where it begins, its comments, and the rest."""

    line: int
    comments: tuple[str, ...]
    text: str


def read_items(file: IO[bytes]) -> Iterator[Item]:
    """The questions in the order of the file. Raises Unreadable where it is no text."""
    category: tuple[str, ...] = ()
    for block in _closed(read_blocks(file)):
        text = block.text
        if text.startswith(CATEGORY):
            path, _newline, text = text.removeprefix(CATEGORY).partition("\n")
            category = split_path(path.strip())
            if not text.strip():
                continue
            block = Block(block.line + 1, block.comments, text.strip())
        yield read_block(block, category)


def read_blocks(file: IO[bytes]) -> Iterator[Block]:
    """What stands between blank lines and is not only comments. Raises Unreadable."""
    begin, comments, lines, size = 0, list[str](), list[str](), 0
    for number, line in read_lines(file):
        stripped = line.strip()
        if stripped.startswith("//"):
            comments.append(stripped)
        elif stripped:
            begin = begin or number
            size += len(line)
            if size <= MOST_BLOCK:
                lines.append(line)
        if stripped:
            continue
        if lines:
            yield Block(begin, tuple(comments), "\n".join(lines).strip())
        begin, comments, lines, size = 0, [], [], 0
    if lines:
        yield Block(begin, tuple(comments), "\n".join(lines).strip())


def _closed(blocks: Iterator[Block]) -> Iterator[Block]:
    """The blocks, where a blank line stands within braces put together again.

    Answers are only taken for such when they follow at once: what begins another question ends the one before.
    """
    held: list[Block] = []
    for block in blocks:
        text = hidden(block.text)
        begin, end = text.find("{"), text.find("}")
        closes = end >= 0 and (begin < 0 or end < begin)
        goes_on = closes or (begin < 0 and text[0] in _BETWEEN_BRACES and len(held) < MOST_ANSWERS)
        if held and goes_on and not text.startswith(("::", CATEGORY)):
            held.append(block)
            if closes:
                yield _together(held)
                held = []
            continue
        yield from held
        held = []
        if begin >= 0 and end < 0:
            held.append(block)
        else:
            yield block
    yield from held


def _together(blocks: list[Block]) -> Block:
    comments = tuple(comment for block in blocks for comment in block.comments)
    return Block(blocks[0].line, comments, "\n".join(block.text for block in blocks))


def read_block(block: Block, category: tuple[str, ...] = ()) -> Item:
    """One question."""
    ref, texts = f"line {block.line}", Texts()
    name, text = _named(hidden(block.text))
    extra = _extra_of(block)
    if extra.is_stale:
        texts.notes.append(STALE)
    facts: dict[str, Any] = {"name": name, "category": category, **_facts_in(block.comments), **extra.facts}
    try:
        if len(block.text) >= MOST_BLOCK:
            raise NotTaken(_("It is too long for a question."))
        type_name, body = _read_body(text, texts)
    except NotTaken as problem:
        if not extra.type:
            return ReadProblem(ref=ref, name=name, reason=problem.reason)
        type_name, body = "", {}
    if extra.type:
        type_name, body = extra.type, {}
    return checked_question(type_name, {**body, **extra.body}, ref=ref, media=texts.media, notes=texts.notes, **facts)


def digest_of_text(text: str) -> str:
    """The digest of what a block says, comments aside."""
    return digest_of(" ".join(text.split()))


def _named(text: str) -> tuple[str, str]:
    """(the name between double colons, what follows it)."""
    if text.startswith("::"):
        name, colons, rest = text[2:].partition("::")
        if colons:
            return shown(name).strip(), rest.strip()
        return "", name.strip()
    return "", text


def _facts_in(comments: tuple[str, ...]) -> dict[str, Any]:
    """Identifier and tags, which stand in comments."""
    lines = [comment for comment in comments if not EXTRA.match(comment)]
    found = next((match for line in lines if (match := _ID.search(line))), None)
    tags = [tag.replace("\\]", "]").strip() for line in lines for tag in _TAG.findall(line)]
    return {
        "idnumber": found[1].replace("\\]", "]").strip() if found else "",
        "tags": tuple(dict.fromkeys(tag for tag in tags if tag)),
    }


def _extra_of(block: Block) -> Extra:
    for comment in block.comments:
        found = EXTRA.match(comment)
        if found:
            return read_extra(found[2], belongs=found[1] == digest_of_text(block.text))
    return Extra()


def _read_body(text: str, texts: Texts) -> tuple[str, dict[str, Any]]:
    """(type, body) of what follows the name. Raises NotTaken."""
    begin, end = text.find("{"), text.find("}")
    if begin < 0 and end < 0:
        return "description", {"stem": html_of(text, "moodle", texts)}
    if end < 0:
        raise NotTaken(_("The answers have no closing brace } before the blank line."))
    if begin < 0 or end < begin:
        raise NotTaken(_("A closing brace } has no opening one: write \\} when the sign itself is meant."))
    inside, after = text[begin + 1 : end].strip(), text[end + 1 :]
    if "{" in inside:
        raise NotTaken(_("A brace { stands within the answers: write \\{ when the sign itself is meant."))
    if "{" in after or "}" in after:
        texts.notes.append(_("Only the first braces hold answers; what follows them was kept as text."))
    question = text[:begin] + ("_____" + after if after.strip() else "")
    _said, default = taken_apart(question, "moodle")
    inside, _hashes, general = inside.rpartition("####") if "####" in inside else (inside, "", "")
    type_name, body = read_answers(inside.strip(), default, texts)
    body["stem"] = html_of(question, "moodle", texts)
    body["feedback"] = html_of(general, default, texts)
    return type_name, body
