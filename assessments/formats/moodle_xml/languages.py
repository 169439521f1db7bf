"""Texts that Moodle shows in the reader's language only: `<span lang="vi" class="multilang">`, `{mlang vi}…{mlang}`."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

_SPAN = re.compile(r"<span\b([^<>]*)>", re.IGNORECASE)
_CLASS = re.compile(r"""\bclass\s*=\s*["']?multilang\b""", re.IGNORECASE)
_LANG = re.compile(r"""\blang\s*=\s*["']?([a-z0-9_-]+)""", re.IGNORECASE)
_END = "</span>"
_BEGIN_MLANG = re.compile(r"\{\s*mlang\s+([a-z0-9_, -]+)\}", re.IGNORECASE)
_END_MLANG = re.compile(r"\{\s*mlang\s*\}", re.IGNORECASE)
WANTED = ("vi", "en")
ALL_OTHERS = "other"


@dataclass(frozen=True, slots=True)
class _Said:
    """A stretch of a text in some languages: where it begins and ends, and what it says."""

    begin: int
    end: int
    languages: tuple[str, ...]
    text: str


def in_one_language(html: str) -> tuple[str, str]:
    """(the text with one of each group of languages, the language that was kept; "" when there was no choice).

    Of neighbours the Vietnamese one is kept, else the English one, else the first. One alone is no group.
    """
    for found in (_spans, _marks):
        html, kept = _chosen(html, deque(found(html)))
        if kept:
            return html, kept
    return html, ""


def _spans(html: str) -> Iterator[_Said]:
    done = 0
    while start := _SPAN.search(html, done):
        done = start.end()
        language = _LANG.search(start[1])
        if language is None or not _CLASS.search(start[1]):
            continue
        end = html.find(_END, done)
        if end < 0:
            return
        yield _Said(start.start(), end + len(_END), (language[1].lower(),), html[start.end() : end])
        done = end + len(_END)


def _marks(html: str) -> Iterator[_Said]:
    done = 0
    while start := _BEGIN_MLANG.search(html, done):
        end = _END_MLANG.search(html, start.end())
        if end is None:
            return
        languages = tuple(part.strip().lower() for part in start[1].split(","))
        yield _Said(start.start(), end.end(), languages, html[start.end() : end.start()])
        done = end.end()


def _chosen(html: str, said: deque[_Said]) -> tuple[str, str]:
    pieces, done, kept = [], 0, ""
    while said:
        group = [said.popleft()]
        while said and not html[group[-1].end : said[0].begin].strip():
            group.append(said.popleft())
        if len(group) > 1:
            best = min(group, key=_rank)
            pieces += [html[done : group[0].begin], best.text]
            done, kept = group[-1].end, kept or best.languages[0]
    return "".join([*pieces, html[done:]]), kept


def _rank(said: _Said) -> int:
    own = {language.partition("_")[0].partition("-")[0] for language in said.languages}
    places = [place for place, wanted in enumerate(WANTED) if wanted in own]
    return min(places, default=len(WANTED) + (ALL_OTHERS not in own))
