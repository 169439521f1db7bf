"""Markdown in packs ⇄ HTML in bodies."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count as count_from
from itertools import islice, product
from typing import Any

from common.markdown import CannotSayInMarkdown, from_html, inline_html, to_html

COMMON = ("feedback", "feedback_right", "feedback_partial", "feedback_wrong")


def html_of(value: Any, *, block: bool = False) -> str:
    """HTML of a Markdown text, or of {"html": "…"} as it stands. Raises ValueError for anything else."""
    if isinstance(value, Mapping) and set(value) == {"html"}:
        return str(value["html"])
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str | int | float):
        raise ValueError("a text is expected")
    text = str(value)
    return to_html(text, allow_media=True) if block else inline_html(text, allow_media=True)


def source_of(html: str, *, block: bool = False) -> Any:
    """Markdown that html_of turns into exactly `html`, else {"html": …}."""
    try:
        text = from_html(html)
    except CannotSayInMarkdown:
        return {"html": html}
    return text if html_of(text, block=block) == html else {"html": html}


def read_common(source: Mapping[str, Any], allowed: set[str]) -> dict[str, Any]:
    """Stem, feedback, hints and penalty of any type. Raises ValueError for keys that are not known."""
    unknown = sorted(set(source) - allowed - {"stem", "hints", "penalty", "mark", *COMMON})
    if unknown:
        raise ValueError(f"“{unknown[0]}” is not known here")
    if "stem" not in source:
        raise ValueError("“stem” is missing")
    body: dict[str, Any] = {"stem": html_of(source["stem"], block=True)}
    for key in COMMON:
        if source.get(key):
            body[key] = html_of(source[key], block=True)
    if source.get("hints"):
        body["hints"] = [html_of(hint, block=True) for hint in source["hints"]]
    for key in ("penalty", "mark"):
        if key in source:
            body[key] = source[key]
    return body


def write_common(body: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """(what comes before, what comes after) the type's own keys; defaults are left out."""
    after: dict[str, Any] = {}
    for key in COMMON:
        if getattr(body, key):
            after[key] = source_of(getattr(body, key), block=True)
    if body.hints:
        after["hints"] = [source_of(hint, block=True) for hint in body.hints]
    for key in ("penalty", "mark"):
        if getattr(body, key) != type(body).model_fields[key].default:
            after[key] = getattr(body, key)
    return {"stem": source_of(body.stem, block=True)}, after


def listed(source: Mapping[str, Any], key: str, allowed: set[str]) -> list[Mapping[str, Any]]:
    """A list of mappings under `key`. Raises ValueError for anything else."""
    rows = source.get(key)
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise ValueError(f"“{key}” must be a list of {{…}}")
    for number, row in enumerate(rows, start=1):
        unknown = sorted(set(row) - allowed)
        if unknown:
            raise ValueError(f"{key} {number}: “{unknown[0]}” is not known here")
    return rows


def letters(count: int) -> list[str]:
    """Ids for `count` choices: a, b, … z, aa, ab …"""
    alphabet = "abcdefghijklmnopqrstuvwxyz"
    longer = ("".join(pair) for width in count_from(1) for pair in product(alphabet, repeat=width))
    return list(islice(longer, count))
