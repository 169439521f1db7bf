"""Texts of cells ⇄ HTML and lists."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence

from assessments.formats.drafts import html_of
from assessments.formats.texts import from_plain, reads_as_html, to_plain
from common.tabular.formulas import runs_inside

HTML_MARK = "HTML:"
Keep = Callable[[str, bytes], str]
_RUNS = re.compile(r"([;\t\n]\s*)([=@+\-＝＠＋－]+)")


def html_of_cell(text: str, keep: Keep) -> str:
    """HTML of a cell: its text as it stands, or the HTML after “HTML:”; pictures in it are kept as files."""
    if text[: len(HTML_MARK)].upper() != HTML_MARK:
        return from_plain(text)
    return html_of(text[len(HTML_MARK) :].strip(), keep)


def cell_of_html(html: str, *, csv: bool) -> str:
    """The cell that gives this HTML; in CSV without a place that another list separator would make a formula."""
    if not html:
        return ""
    plain = to_plain(html)
    if plain is not None and _is_plain(plain) and not (csv and runs_inside(plain)):
        return plain
    while csv and runs_inside(html):
        html = _RUNS.sub(lambda found: found[1] + "".join(f"&#{ord(sign)};" for sign in found[2]), html)
    return f"{HTML_MARK} {html}"


def _is_plain(text: str) -> bool:
    """Whether a reader takes the text as it stands."""
    return text == text.strip() and text[: len(HTML_MARK)].upper() != HTML_MARK and not reads_as_html([text])


def listed_cell(items: Sequence[str], separator: str) -> str:
    """Names in one cell; as a JSON list when one of them holds the separator."""
    sign = separator.strip()
    if any(separator in item or (sign == "," and "," in item) or item != item.strip() for item in items):
        return json.dumps(list(items), ensure_ascii=False).replace(";", "\\u003b")
    text = separator.join(items)
    return json.dumps(list(items), ensure_ascii=False) if text.startswith("[") else text


def list_of_cell(text: str, separator: str) -> tuple[str, ...]:
    """The names in a cell."""
    if text.startswith("["):
        try:
            items = json.loads(text)
        except (ValueError, RecursionError):
            items = None
        if isinstance(items, list) and all(isinstance(item, str) for item in items):
            return tuple(items)
    parts = text.split(separator) if separator.strip() != "," else re.split(r"[,;]", text)
    return tuple(part.strip() for part in parts if part.strip())
