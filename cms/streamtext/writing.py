"""Raw StreamField data → Markdown with `:::` blocks."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from wagtail.rich_text import expand_db_html

from cms.streamtext.media import MediaStore
from common.html import clean_html
from common.markdown import CannotSayInMarkdown, YamlProblem, from_html, load_yaml

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


# The administration's editor says in other words, and on one line, what Markdown's HTML says.
_SAME_TAGS = {"b": "strong", "i": "em"}
_TAG = re.compile(r"<(/?)(b|i)>")
_BLOCKS = "p|ul|ol|li|h2|h3|h4|blockquote|pre|hr"
_BETWEEN_BLOCKS = (
    (re.compile(r"<p>(?:\s|<br>)*</p>"), ""),
    (re.compile(r"<blockquote>(?!\s*<)(.*?)</blockquote>", re.DOTALL), r"<blockquote><p>\1</p></blockquote>"),
    (re.compile(rf"(</(?:{_BLOCKS})>|<hr>)\s*(?=<)"), r"\1\n"),
    (re.compile(r"(<(?:ul|ol|blockquote)(?: [^>]*)?>)\s*(?=<)"), r"\1\n"),
    (re.compile(r"(?<=[^\n>])\s*(<[uo]l>)"), r"\n\1"),
)


def html_of(html: str) -> str:
    """Rich text as the clean HTML that Markdown would give: links resolved, the editor's own marks gone."""
    text = clean_html(expand_db_html(html))
    text = _TAG.sub(lambda found: f"<{found[1]}{_SAME_TAGS[found[2]]}>", text)
    if "<pre" in text:
        return text
    for pattern, replacement in _BETWEEN_BLOCKS:
        text = pattern.sub(replacement, text)
    return text.strip()


def markdown_of(html: str) -> str | None:
    """Markdown that says exactly what this HTML says, or None."""
    for attempt in (clean_html(expand_db_html(html)), html_of(html)):
        try:
            return from_html(attempt)
        except CannotSayInMarkdown:
            continue
    return None


def _is_fenced_off(text: str) -> bool:
    """Whether a line would be taken for the edge of a block."""
    return any(line.startswith(":::") for line in text.split("\n"))


def _text_block(html: str, *, fenced: bool) -> str:
    text = markdown_of(html)
    if text is None or _is_fenced_off(text):
        return f"::: html\n{html_of(html)}\n:::"
    return f"::: text\n{text.strip()}\n:::" if fenced else text.strip()


def _body(html: str) -> tuple[str, dict[str, bool]]:
    """A block's body in Markdown; else its HTML, with what the head then says."""
    text = markdown_of(html)
    if text is None or _is_fenced_off(text):
        return html_of(html), {"html": True}
    return text.strip(), {}


def head(**values: Any) -> str:
    """A block's head; JSON strings are YAML flow strings. Empty values are left out."""
    pairs = [f"{key}: {scalar(value)}" for key, value in values.items() if value not in ("", None)]
    return " {" + ", ".join(pairs) + "}" if pairs else ""


def scalar(value: str | bool) -> str:
    """One value of a head: bare when YAML reads the same text back, else in quotes."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value.isidentifier() and value.isascii() and _reads_as(value) == value:
        return value
    quoted = json.dumps(value, ensure_ascii=False)
    return "".join(char if char.isprintable() else _escape(char) for char in quoted)


def _reads_as(text: str) -> Any:
    try:
        return load_yaml(text, source="")
    except YamlProblem:
        return None


def _escape(char: str) -> str:
    return f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}"


def items(values: Iterable[Any]) -> list[Any]:
    """Values of a raw ListBlock, in the old and the new form."""
    return [
        row["value"] if isinstance(row, Mapping) and row.get("type") == "item" and "value" in row else row
        for row in values
    ]


def inline(html: str) -> str:
    """Inline HTML as one line of Markdown; what one line cannot say stays HTML, marked as Pandoc marks it."""
    text = markdown_of(html)
    if text is not None and "\n" not in text.strip():
        return text.strip()
    one_line = " ".join(html_of(html).split())
    longest = max((len(run) for run in re.findall("`+", one_line)), default=0)
    fence = "`" * (longest + 1)
    return f"{fence}{one_line}{fence}{{=html}}" if one_line else ""


def _image(value: Any, media: MediaStore) -> str:
    return (
        f"::: image{head(src=media.image_source(value['image']), alt=value['alt'], caption=value.get('caption'))}\n:::"
    )


def _video(value: Any, media: MediaStore) -> str:
    captions = media.document_source(value["captions"]) if value.get("captions") else ""
    text, form = _body(value.get("transcript") or "")
    opening = head(src=media.document_source(value["video"]), captions=captions, caption=value.get("caption"), **form)
    return f"::: video{opening}\n{text}\n:::" if text else f"::: video{opening}\n:::"


def _steps(value: Any, media: MediaStore) -> str:
    rows = [f"{number}. {inline(step)}" for number, step in enumerate(items(value["steps"]), start=1)]
    return "::: steps" + head(title=value.get("title")) + "\n" + "\n".join(rows) + "\n:::"


def _callout(value: Any, media: MediaStore) -> str:
    text, form = _body(value["text"])
    return f"::: callout{head(kind=value['kind'], title=value.get('title'), **form)}\n{text}\n:::"


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
        f"- [{'x' if choice['correct'] else ' '}] {_undashed(choice['text'])} — {choice['feedback']}"
        for choice in items(value["choices"])
    ]
    return f"::: selfcheck{head(question=value['question'])}\n" + "\n".join(rows) + "\n:::"


def _undashed(text: str) -> str:
    """An answer whose own dashes do not begin its feedback."""
    return re.sub(r"(?<=\s)([—–])(?=\s)", r"\\\1", " ".join(text.split()))


WRITERS: dict[str, Writer] = {
    "image": _image,
    "video": _video,
    "steps": _steps,
    "callout": _callout,
    "table": _table,
    "download": _download,
}
