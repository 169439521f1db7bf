"""Markdown with `:::` blocks → raw StreamField data."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cms.exceptions import InvalidContent, Problem
from cms.streamtext.media import MediaStore
from common.html import clean_html
from common.markdown import YamlProblem, inline_html, load_yaml, to_html
from common.messages import filled

FENCE = re.compile(r"^:::[ \t]*(?P<name>[a-z]+)[ \t]*(?P<head>\{.*\})?[ \t]*$")
FENCE_END = re.compile(r"^:::[ \t]*$")
CODE_FENCE = re.compile(r"^[ ]{0,3}(```+|~~~+)")
STEP = re.compile(r"^\s*\d+[.)]\s+(.*)$")
CHOICE = re.compile(r"^\s*[-*]\s*\[(?P<mark>[ xX])\]\s+(?P<text>.*)$")
FEEDBACK = re.compile(r"\s+[—–]\s+")
RAW_HTML = re.compile(r"^(?P<fence>`+)(?P<html>.*)(?P=fence)\{=html\}$")
NAMESPACE = uuid.UUID("6f1f9c0e-3f0b-5b52-9d61-0f6f3f1d9a11")

Head = Mapping[str, Any]
Reader = Callable[[Head, str, MediaStore], Any]


class BlockProblem(ValueError):
    """A block cannot be read; `reason` says why, in any language."""

    def __init__(self, reason: str | Promise) -> None:
        super().__init__(reason)
        self.reason = reason


def parse_blocks(
    text: str,
    *,
    media: MediaStore,
    source: str,
    first_line: int = 1,
    extra: Mapping[str, Reader] | None = None,
) -> list[dict[str, Any]]:
    """Raw stream data (`[{"type", "value", "id"}]`) of a text; ids depend on place and content only.

    `extra` adds readers for blocks that only the caller knows. `first_line` is the number of the text's first line in
    its file. Raises InvalidContent naming every line that is wrong.
    """
    readers = {**READERS, **(extra or {})}
    problems: list[Problem] = []
    blocks: list[dict[str, Any]] = []

    def add(kind: str, value: Any) -> None:
        identity = uuid.uuid5(NAMESPACE, f"{len(blocks)}:{kind}:{value!r}")
        blocks.append({"type": kind, "value": value, "id": str(identity)})

    for name, head, body, line in _split(text, first_line, source, problems):
        if name == "":
            html = to_html(body)
            if html.strip():
                add("text", html)
            continue
        reader = readers.get(name)
        if reader is None:
            problems.append(Problem(source, line, filled(_("“%(name)s” is not a block."), {"name": name})))
            continue
        try:
            kind, value = reader(_head(head), body, media)
            add(kind, value)
        except BlockProblem as problem:
            problems.append(Problem(source, line, problem.reason))
        except InvalidContent as problem:
            problems += [Problem(source, line, row.message) for row in problem.problems]
    if not blocks and not problems:
        problems.append(Problem(source, first_line, _("There is no text below the facts.")))
    if problems:
        raise InvalidContent(problems)
    return blocks


def _split(text: str, first_line: int, source: str, problems: list[Problem]) -> list[tuple[str, str, str, int]]:
    """(block name or "", head, body, line) in order; code fences hide `:::`."""
    parts: list[tuple[str, str, str, int]] = []
    plain: list[str] = []
    plain_line = first_line
    block: tuple[str, str, int] | None = None
    body: list[str] = []
    code = ""
    for number, row in enumerate(text.split("\n"), start=first_line):
        fence = CODE_FENCE.match(row)
        if fence and (not code or fence.group(1).startswith(code)):
            code = "" if code else fence.group(1)[:3]
        opening = None if code else FENCE.match(row)
        if opening and block:
            problems.append(
                Problem(source, block[2], filled(_("The block “%(name)s” is not closed by :::."), {"name": block[0]}))
            )
            block = None
        if opening:
            parts.append(("", "", "\n".join(plain), plain_line))
            plain = []
            block, body = (opening["name"], opening["head"] or "", number), []
        elif block and not code and FENCE_END.match(row):
            parts.append((block[0], block[1], "\n".join(body), block[2]))
            block, plain_line = None, number + 1
        elif not block and not code and row.startswith(":::"):
            problems.append(Problem(source, number, _("This line opens no block: write ::: name {key: value}.")))
        else:
            (body if block else plain).append(row)
    if block:
        problems.append(
            Problem(source, block[2], filled(_("The block “%(name)s” is not closed by :::."), {"name": block[0]}))
        )
    else:
        parts.append(("", "", "\n".join(plain), plain_line))
    return parts


def _head(text: str) -> dict[str, Any]:
    if not text:
        return {}
    try:
        head = load_yaml(text, source="")
    except YamlProblem:
        raise BlockProblem(_("The head of the block is not {key: value, …}; put texts in quotes.")) from None
    if not isinstance(head, dict):
        raise BlockProblem(_("The head of the block is not {key: value, …}; put texts in quotes."))
    return head


def _text(head: Head, key: str, *, required: bool = False, most: int = 300) -> str:
    value = head.get(key)
    if value is None or value == "":
        if required:
            raise BlockProblem(filled(_("“%(key)s” is missing."), {"key": key}))
        return ""
    if not isinstance(value, str):  # YAML takes Yes, 12:30 and 007 for something else than what was typed
        raise BlockProblem(filled(_("“%(key)s” must be a text; put it in quotes."), {"key": key}))
    if len(value) > most:
        raise BlockProblem(filled(_("“%(key)s” is longer than %(most)d characters."), {"key": key, "most": most}))
    return value


def _only(head: Head, *keys: str) -> None:
    unknown = [key for key in head if key not in keys]
    if unknown:
        raise BlockProblem(filled(_("“%(key)s” is not known here."), {"key": str(unknown[0])[:40]}))


def _choice(head: Head, key: str, allowed: tuple[str, ...], default: str) -> str:
    value = head.get(key, default)
    if not isinstance(value, str) or value not in allowed:
        raise BlockProblem(
            filled(_("“%(key)s” must be one of: %(allowed)s."), {"key": key, "allowed": ", ".join(allowed)})
        )
    return value


def _rich(head: Head, body: str) -> str:
    """The body: Markdown, or HTML when the head says `html: true`."""
    is_html = head.get("html", False)
    if not isinstance(is_html, bool):
        raise BlockProblem(
            filled(_("“%(key)s” must be one of: %(allowed)s."), {"key": "html", "allowed": "true, false"})
        )
    return clean_html(body.strip()) if is_html else to_html(body)


def _line(text: str) -> str:
    """One line: Markdown, or `…`{=html}."""
    raw = RAW_HTML.match(text.strip())
    return clean_html(raw["html"]) if raw else inline_html(text)


def _read_text(head: Head, body: str, media: MediaStore) -> tuple[str, Any]:
    _only(head)
    return "text", to_html(body)


def _read_html(head: Head, body: str, media: MediaStore) -> tuple[str, Any]:
    _only(head)
    return "text", clean_html(body.strip())


def _read_image(head: Head, body: str, media: MediaStore) -> tuple[str, Any]:
    _only(head, "src", "alt", "caption")
    return "image", {
        "image": media.image(_text(head, "src", required=True)),
        "alt": _text(head, "alt", required=True, most=500),
        "caption": _text(head, "caption"),
    }


def _read_video(head: Head, body: str, media: MediaStore) -> tuple[str, Any]:
    _only(head, "src", "captions", "caption", "html")
    captions = _text(head, "captions")
    return "video", {
        "video": media.document(_text(head, "src", required=True)),
        "captions": media.document(captions) if captions else None,
        "caption": _text(head, "caption"),
        "transcript": _rich(head, body) if body.strip() else "",
    }


def _read_steps(head: Head, body: str, media: MediaStore) -> tuple[str, Any]:
    _only(head, "title")
    steps: list[str] = []
    for row in body.split("\n"):
        numbered = STEP.match(row)
        if numbered:
            steps.append(numbered.group(1))
        elif row.strip() and steps:
            steps[-1] += " " + row.strip()
        elif row.strip():
            raise BlockProblem(_("Steps are numbered lines: 1. …"))
    if not steps:
        raise BlockProblem(_("There are no steps; write numbered lines: 1. …"))
    return "steps", {
        "title": _text(head, "title", most=200),
        "steps": _items([_line(step) for step in steps]),
    }


def _read_callout(head: Head, body: str, media: MediaStore) -> tuple[str, Any]:
    _only(head, "kind", "title", "html")
    if not body.strip():
        raise BlockProblem(_("The callout is empty."))
    return "callout", {
        "kind": _choice(head, "kind", ("tip", "note", "warning", "example"), "note"),
        "title": _text(head, "title", most=200),
        "text": _rich(head, body),
    }


def _cells(row: str) -> list[str]:
    """Cells of a `| a | b |` line; `\\|` is a bar inside a cell."""
    inner = row.strip().removeprefix("|")
    inner = inner[:-1] if inner.endswith("|") and not inner.endswith("\\|") else inner
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", inner)]


def _read_table(head: Head, body: str, media: MediaStore) -> tuple[str, Any]:
    _only(head, "caption", "header")
    rows = [_cells(row) for row in body.split("\n") if row.strip()]
    if len(rows) < 2 or not all(re.fullmatch(r":?-{1,}:?", cell) for cell in rows[1]):
        raise BlockProblem(_("A table has a first line | a | b | and a second line |---|---|."))
    del rows[1]
    width = len(rows[0])
    if any(len(row) != width for row in rows):
        raise BlockProblem(filled(_("Every line of the table must have %(width)d cells."), {"width": width}))
    return "table", {
        "caption": _text(head, "caption"),
        "header": _choice(head, "header", ("row", "column", "both", "none"), "row"),
        "rows": _items([_items([_line(cell) for cell in row]) for row in rows]),
    }


def _read_download(head: Head, body: str, media: MediaStore) -> tuple[str, Any]:
    _only(head, "src", "title")
    return "download", {
        "document": media.document(_text(head, "src", required=True)),
        "title": _text(head, "title", most=200),
    }


def read_selfcheck(head: Head, body: str, media: MediaStore) -> tuple[str, Any]:
    """A self-check: `- [x] answer — feedback` lines under a question."""
    _only(head, "question")
    choices: list[dict[str, Any]] = []
    for row in body.split("\n"):
        choice = CHOICE.match(row)
        if choice:
            parts = FEEDBACK.split(choice["text"], maxsplit=1)
            if len(parts) != 2:
                raise BlockProblem(_("Each answer needs its feedback after a dash: - [ ] answer — feedback"))
            text = re.sub(r"\\([—–])", r"\1", parts[0].strip())
            choices.append({"text": text, "correct": choice["mark"] in "xX", "feedback": parts[1].strip()})
        elif row.strip() and choices:
            choices[-1]["feedback"] = f"{choices[-1]['feedback']} {row.strip()}"
        elif row.strip():
            raise BlockProblem(_("Answers are lines that begin with - [ ] or - [x]."))
    if any(len(choice["text"]) > 500 or len(choice["feedback"]) > 1000 for choice in choices):
        raise BlockProblem(_("An answer has at most 500 characters, its feedback 1,000."))
    if len(choices) > 8:
        raise BlockProblem(_("A self-check has at most eight answers."))
    if len(choices) < 2 or not any(choice["correct"] for choice in choices):
        raise BlockProblem(_("A self-check needs two answers or more, and one marked [x]."))
    return "selfcheck", {
        "question": _text(head, "question", required=True, most=1000),
        "choices": _items(choices),
    }


def _items(values: list[Any]) -> list[dict[str, Any]]:
    """Wagtail's raw form of a ListBlock."""
    return [
        {"type": "item", "value": value, "id": str(uuid.uuid5(NAMESPACE, f"{number}:{value!r}"))}
        for number, value in enumerate(values)
    ]


READERS: dict[str, Reader] = {
    "text": _read_text,
    "html": _read_html,
    "image": _read_image,
    "video": _read_video,
    "steps": _read_steps,
    "callout": _read_callout,
    "table": _read_table,
    "download": _read_download,
}
