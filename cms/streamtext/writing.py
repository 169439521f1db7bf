"""Raw StreamField data → Markdown with `:::` blocks."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from wagtail.rich_text import expand_db_html

from cms.streamtext.media import MediaStore
from common.html import clean_html
from common.markdown import CannotSayInMarkdown, from_html

Writer = Callable[[Any, MediaStore], str]


def write_blocks(
    raw: Iterable[Mapping[str, Any]], *, media: MediaStore, extra: Mapping[str, Writer] | None = None
) -> str:
    """The text of raw stream data (`stream_value.get_prep_value()`); parse_blocks reads it back equal.

    What Markdown cannot say is kept as a `::: html` block.
    """
    writers = {**WRITERS, **(extra or {})}
    parts: list[str] = []
    after_text = False
    for block in raw:
        if block["type"] == "text":
            parts.append(_text_block(block["value"], fenced=after_text))
            after_text = True
        else:
            parts.append(writers[block["type"]](block["value"], media))
            after_text = False
    return "\n\n".join(part for part in parts if part) + "\n"


def markdown_of(html: str) -> str | None:
    """Markdown that gives exactly this HTML back, or None."""
    try:
        return from_html(clean_html(expand_db_html(html)))
    except CannotSayInMarkdown:
        return None


def _text_block(html: str, *, fenced: bool) -> str:
    text = markdown_of(html)
    if text is None or any(line.startswith(":::") for line in text.split("\n")):
        return f"::: html\n{clean_html(expand_db_html(html))}\n:::"
    return f"::: text\n{text.strip()}\n:::" if fenced else text.strip()


def head(**values: Any) -> str:
    """A block's head; JSON strings are YAML flow strings. Empty values are left out."""
    pairs = [f"{key}: {_scalar(value)}" for key, value in values.items() if value not in ("", None)]
    return " {" + ", ".join(pairs) + "}" if pairs else ""


def _scalar(value: Any) -> str:
    plain = isinstance(value, str) and value.isidentifier() and value.isascii()
    return value if plain else json.dumps(value, ensure_ascii=False)


def items(values: Iterable[Any]) -> list[Any]:
    """Values of a raw ListBlock, in the old and the new form."""
    return [
        row["value"] if isinstance(row, Mapping) and row.get("type") == "item" and "value" in row else row
        for row in values
    ]


def inline(html: str) -> str:
    """Inline HTML as one line of Markdown."""
    text = markdown_of(html)
    return " ".join((text if text is not None else html).split())


def _image(value: Any, media: MediaStore) -> str:
    return (
        f"::: image{head(src=media.image_source(value['image']), alt=value['alt'], caption=value.get('caption'))}\n:::"
    )


def _video(value: Any, media: MediaStore) -> str:
    captions = media.document_source(value["captions"]) if value.get("captions") else ""
    opening = head(src=media.document_source(value["video"]), captions=captions, caption=value.get("caption"))
    transcript = markdown_of(value.get("transcript") or "")
    body = f"{transcript.strip()}\n" if transcript and transcript.strip() else ""
    return f"::: video{opening}\n{body}:::"


def _steps(value: Any, media: MediaStore) -> str:
    rows = [f"{number}. {inline(step)}" for number, step in enumerate(items(value["steps"]), start=1)]
    return "::: steps" + head(title=value.get("title")) + "\n" + "\n".join(rows) + "\n:::"


def _callout(value: Any, media: MediaStore) -> str:
    text = markdown_of(value["text"])
    body = text.strip() if text is not None else value["text"]
    return f"::: callout{head(kind=value['kind'], title=value.get('title'))}\n{body}\n:::"


def _table(value: Any, media: MediaStore) -> str:
    rows = [[inline(cell).replace("|", "\\|") for cell in items(row)] for row in items(value["rows"])]
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    lines.insert(1, "|" + "---|" * len(rows[0]))
    opening = head(caption=value.get("caption"), header=value["header"])
    return f"::: table{opening}\n" + "\n".join(lines) + "\n:::"


def _download(value: Any, media: MediaStore) -> str:
    return f"::: download{head(src=media.document_source(value['document']), title=value.get('title'))}\n:::"


def write_selfcheck(value: Any, media: MediaStore) -> str:
    """The lines of a self-check."""
    rows = [
        f"- [{'x' if choice['correct'] else ' '}] {choice['text']} — {choice['feedback']}"
        for choice in items(value["choices"])
    ]
    return f"::: selfcheck{head(question=value['question'])}\n" + "\n".join(rows) + "\n:::"


WRITERS: dict[str, Writer] = {
    "image": _image,
    "video": _video,
    "steps": _steps,
    "callout": _callout,
    "table": _table,
    "download": _download,
}
