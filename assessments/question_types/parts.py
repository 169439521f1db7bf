"""What types with parts share: texts with fields in them, names of items, and marking several tries part by part."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from assessments.question_types.source import html_of, source_of
from common.html import plain_text

MOST_SENTENCE = 120
_TAG = r"""<(?:"[^"]*"|[^">])*>"""
_PICTURE = re.compile(r"""<img\b(?:"[^"]*"|[^">])*>""")
_ALT = re.compile(r'\balt="([^"]*)"')
_MARK, _END_MARK = "\ue000", "\ue001"  # private use: no text has them after cleaning a placeholder
_SENTENCE_END = re.compile(r"(?<=[.!?…:;])\s+")


def fields_in(html: str, pattern: str) -> Iterator[tuple[str, str | None]]:
    """(HTML before it, the number of the placeholder) in their order; at last what is left, with None.

    `pattern` has one group, the number. What looks like a placeholder inside a tag is none.
    """
    done = 0
    for found in re.finditer(f"{_TAG}|{pattern}", html):
        if found[1] is not None:
            yield html[done : found.start()], found[1]
            done = found.end()
    yield html[done:], None


def with_fields(html: str, pattern: str, shown: Mapping[int, str]) -> str:
    """The HTML with what is `shown` for each placeholder, counted from 1."""
    pieces = []
    for count, (before, number) in enumerate(fields_in(html, pattern), start=1):
        pieces += [before, shown[count] if number is not None else ""]
    return "".join(pieces)


def sentences_of(html: str, pattern: str) -> dict[int, str]:
    """For each placeholder, counted from 1, the sentence around it in plain text; “…” stands for placeholders."""
    count = sum(1 for _before, number in fields_in(html, pattern) if number is not None)
    marked = with_fields(html, pattern, {n: f"{_MARK}{n}{_END_MARK}" for n in range(1, count + 1)})
    found = {}
    for sentence in _SENTENCE_END.split(named(marked)):
        for match in re.finditer(f"{_MARK}([0-9]+){_END_MARK}", sentence):
            begin = max(match.start() - MOST_SENTENCE // 2, 0)
            around = sentence[begin : match.end() + MOST_SENTENCE // 2]
            around = re.sub(f"{_MARK}[0-9]+{_END_MARK}", "…", around)
            found[int(match[1])] = re.sub(f"[0-9]*{_END_MARK}|{_MARK}[0-9]*", "", around).strip()
    return found


def without_pictures(html: str) -> str:
    """The HTML with the alternative texts instead of the pictures."""
    return _PICTURE.sub(lambda found: f" {alt[1]} " if (alt := _ALT.search(found[0])) else " ", html)


def named(html: str) -> str:
    """Plain text to call something by; pictures are called by their alternative text."""
    return plain_text(without_pictures(html))


def stem_source(html: str, escaped: str, plain: str) -> Any:
    """The stem as packs write it, its placeholders without the backslashes that Markdown does not need there."""
    text = source_of(html, block=True)
    if isinstance(text, str):
        readable = re.sub(escaped, plain, text)
        if html_of(readable, block=True) == html:
            return readable
    return text


def match_fraction(keys: Collection[str], right: Sequence[Collection[str]], penalty: float) -> float:
    """The fraction after several tries of parts that weigh the same, of which `right[i]` were right in try i.

    A part that is right at last earns 1 less `penalty` for each try up to the last in which it was not, at least 0.
    """
    if not keys or not right:
        return 0.0
    earned = 0.0
    for key in keys:
        last_wrong = max((number for number, tried in enumerate(right) if key not in tried), default=-1)
        if last_wrong < len(right) - 1:
            earned += max(0.0, 1 - (last_wrong + 1) * penalty)
    return earned / len(keys)
