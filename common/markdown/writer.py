"""HTML into the Markdown that gives it back exactly, or a refusal."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext_lazy as _

from common.exceptions import CannotSayInMarkdown
from common.markdown.html_tree import Element, parse_tree
from common.markdown.reader import inline_html, to_html

BLOCKS = frozenset({
    "p", "h2", "h3", "h4", "ul", "ol", "li", "blockquote", "pre", "hr", "table", "thead", "tbody", "tr", "th",
    "td",
})  # fmt: skip

Escaping = Literal["light", "full"]
# How emphasis is marked and how much is escaped: what reads best first, what cannot be misread last.
MANNERS: tuple[tuple[str, Escaping], ...] = (("*", "light"), ("_", "light"), ("*", "full"), ("_", "full"))

_LIGHT = re.compile(r"[\\`*\[\]|]|<(?=[A-Za-z/!?])|&(?=#?\w+;)|(?<![^\W_])_|_(?![^\W_])")
_FULL = re.compile(r"[!-/:-@\[-`{-~]")
_LINE_START = re.compile(
    r"^(?:(#{1,6})(?=\s|$)|([-+])(?=\s|$)|(\d{1,9})([.)])(?=\s|$)|(>|~{3}|:{3})|([=-]+)(?=\s*$))",
    re.MULTILINE,
)
# Invisible in an editor, and trimmed by the reader at the ends of lines.
_ODD_SPACE = re.compile(r"[^\S \n]")
_ENTITY = re.compile(r"&(?=#?\w+;)")


def from_html(html: str) -> str:
    """The Markdown of which `to_html` (or `inline_html`, for HTML without blocks) makes exactly this HTML.

    It always exists for HTML that `to_html` made. Raises CannotSayInMarkdown when the result would differ in
    any character; keep the HTML then.
    """
    tree = parse_tree(html)
    allow_media = "<img" in html
    if tree is not None:
        for everywhere in (None, *MANNERS):
            md = _Writer(everywhere).write(tree)
            if md is None:
                break
            if html in (to_html(md, allow_media=allow_media), inline_html(md, allow_media=allow_media)):
                return md
    raise CannotSayInMarkdown(_("This text has formatting that Markdown cannot express."))


@dataclass(frozen=True)
class Piece:
    """Part of a line: text that may still be escaped, or Markdown that stands as it is."""

    kind: Literal["text", "opener", "closer", "fixed"]
    md: str


class _Unsayable(Exception):
    """The tree holds what Markdown has no form for."""


class _Writer:
    """Writes one tree; each inline content takes the first manner that works unless one is prescribed."""

    def __init__(self, manner: tuple[str, Escaping] | None) -> None:
        self.manners = MANNERS if manner is None else (manner,)

    def write(self, tree: Element) -> str | None:
        """The Markdown, or None when a tag has no form in Markdown."""
        try:
            if not any(isinstance(child, Element) and child.tag in BLOCKS for child in tree.children):
                return self.inline(tree.children)
            return "\n".join(self.blocks(_block_children(tree), tight=False))
        except _Unsayable:
            return None

    # Blocks -------------------------------------------------------------------------------------------------

    def blocks(self, children: Sequence[Element], *, tight: bool, marker: str = "") -> list[str]:
        """The lines of neighbouring blocks; `marker` is the bullet on whose line the first of them begins."""
        lines: list[str] = []
        last_list, last_marker = "", ""
        for index, child in enumerate(children):
            if index and not tight:
                lines.append("")
            if child.tag in ("ul", "ol"):
                # Neighbours of one kind would be one list, and “- - -” a rule: take the other sign.
                avoid = last_marker if child.tag == last_list else marker if index == 0 else ""
                last_list, last_marker = child.tag, _list_marker(child.tag, avoid)
                lines.extend(self.list_lines(child, last_marker))
            else:
                last_list = ""
                lines.extend(self.block_lines(child))
        return lines

    def block_lines(self, block: Element) -> list[str]:
        if block.tag in ("p", "text"):
            return self.inline(block.children).split("\n")
        if block.tag in ("h2", "h3", "h4"):
            return [f"{'#' * int(block.tag[1])} {self.inline(block.children, heading=True)}".rstrip()]
        if block.tag == "hr":
            return ["___"]
        if block.tag == "pre":
            return _code_block(block)
        if block.tag == "blockquote":
            return [f"> {line}".rstrip() if not line else f"> {line}" for line in self.quote_lines(block)]
        if block.tag == "table":
            return self.table_lines(block)
        raise _Unsayable(block.tag)

    def quote_lines(self, block: Element) -> list[str]:
        return self.blocks(_block_children(block), tight=False) or [""]

    def list_lines(self, block: Element, marker: str) -> list[str]:
        items = [_item_children(item) for item in _only(block, "li")]
        tags = {child.tag for item in items for child in item}
        # Without text of its own a list shows no difference, and empty lines keep its blocks apart.
        loose = "p" in tags or ("text" not in tags and any(len(item) > 1 for item in items))
        start = block.attrs.get("start", "1")
        if not re.fullmatch("[0-9]{1,9}", start):
            raise _Unsayable("ol")
        number = int(start)
        lines: list[str] = []
        for index, item in enumerate(items):
            sign = f"{number + index}{marker}" if marker in ".)" else marker
            if index and loose:
                lines.append("")
            content = self.blocks(item, tight=not loose, marker=marker)
            indent = " " * (len(sign) + 1)
            lines.append(f"{sign} {content[0]}" if content and content[0] else sign)
            lines.extend(indent + line if line else "" for line in content[1:])
        return lines

    def table_lines(self, block: Element) -> list[str]:
        parts = _only(block, "thead", "tbody")
        rows = [
            [self.inline(cell.children, cell=True) for cell in _only(row, "th", "td")]
            for part in parts
            for row in _only(part, "tr")
        ]
        if not rows or not rows[0]:
            raise _Unsayable("table")
        drawn = [f"| {' | '.join(row)} |" for row in rows]
        return [drawn[0], "|" + " --- |" * len(rows[0]), *drawn[1:]]

    # Inline -------------------------------------------------------------------------------------------------

    def inline(self, children: Sequence[Element | str], *, heading: bool = False, cell: bool = False) -> str:
        """The first manner whose Markdown gives the same inline HTML; else the last."""
        md = ""
        wanted = "".join(map(_serialise, children))
        for emphasis, escaping in self.manners:
            pieces = list(_pieces(children, emphasis, cell=cell))
            md = _escape(pieces, escaping, heading=heading)
            if len(self.manners) == 1 or inline_html(md, allow_media=True) == wanted:
                break
        return md


def _list_marker(tag: str, avoid: str) -> str:
    first, other = ("-", "+") if tag == "ul" else (".", ")")
    return other if avoid == first else first


def _block_children(element: Element) -> list[Element]:
    """The blocks inside; runs of inline content become blocks called `text` (the items of tight lists)."""
    blocks: list[Element] = []
    run: list[Element | str] = []

    def close_run() -> None:
        if any(not isinstance(part, str) or part.strip(" \n") for part in run):
            blocks.append(Element("text", {}, _trimmed(run)))
        run.clear()

    for child in element.children:
        if isinstance(child, Element) and child.tag in BLOCKS:
            close_run()
            blocks.append(child)
        else:
            run.append(child)
    close_run()
    return blocks


_item_children = _block_children


def _trimmed(run: list[Element | str]) -> list[Element | str]:
    parts = list(run)
    if isinstance(parts[0], str):
        parts[0] = parts[0].lstrip("\n")
    if isinstance(parts[-1], str):
        parts[-1] = parts[-1].rstrip("\n")
    return parts


def _only(element: Element, *tags: str) -> list[Element]:
    found = []
    for child in element.children:
        if isinstance(child, Element) and child.tag in tags:
            found.append(child)
        elif not isinstance(child, str) or child.strip(" \n"):
            raise _Unsayable(element.tag)
    return found


def _code_block(block: Element) -> list[str]:
    code = _only(block, "code")
    if len(code) != 1 or any(not isinstance(part, str) for part in code[0].children):
        raise _Unsayable("pre")
    text = "".join(part for part in code[0].children if isinstance(part, str))
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return [fence, *text.split("\n")[:-1], fence]


def _pieces(children: Sequence[Element | str], emphasis: str, *, cell: bool) -> Iterator[Piece]:
    for child in children:
        if isinstance(child, str):
            yield Piece("text", child)
        elif child.tag in ("em", "strong"):
            mark = emphasis if child.tag == "em" else "**"
            yield Piece("opener", mark)
            yield from _pieces(child.children, emphasis, cell=cell)
            yield Piece("closer", mark)
        elif child.tag == "br":
            yield Piece("fixed", "\\")
        elif child.tag == "code":
            yield Piece("fixed", _code_span(child, cell=cell))
        elif child.tag == "a":
            yield Piece("fixed", "[")
            yield from _pieces(child.children, emphasis, cell=cell)
            yield Piece("fixed", f"]({_target(child.attrs.get('href', ''), child.attrs.get('title'))})")
        elif child.tag == "img":
            yield Piece("fixed", "![")
            yield Piece("text", child.attrs.get("alt", ""))
            yield Piece("fixed", f"]({_target(child.attrs.get('src', ''), child.attrs.get('title'))})")
        else:
            raise _Unsayable(child.tag)


def _code_span(element: Element, *, cell: bool) -> str:
    text = "".join(part for part in element.children if isinstance(part, str))
    if not text or len(element.children) != 1:
        raise _Unsayable("code")
    runs = {len(run) for run in re.findall("`+", text)}
    fence = "`" * next(length for length in range(1, len(runs) + 2) if length not in runs)
    if cell:
        text = text.replace("|", "\\|")
    # One space on both sides is taken off again by the reader.
    pad = " " if text[0] == "`" or text[-1] == "`" or (text[0] == text[-1] == " " and text.strip(" ")) else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def _target(url: str, title: str | None) -> str:
    plain = _ENTITY.sub("&amp;", url)
    if not plain or re.search(r"[\s<>()\\]", plain):
        plain = "<" + re.sub(r"([<>\\])", r"\\\1", plain) + ">"
    if title is None:
        return plain
    quoted = _ENTITY.sub("&amp;", re.sub(r'([\\"|])', r"\\\1", title))
    return f'{plain} "{quoted}"'


def _escape(pieces: list[Piece], escaping: Escaping, *, heading: bool) -> str:
    parts: list[str] = []
    for index, piece in enumerate(pieces):
        if piece.kind != "text":
            parts.append(piece.md)
        elif escaping == "light":
            parts.append(_ODD_SPACE.sub(_entity, _LIGHT.sub(r"\\\g<0>", piece.md)))
        else:
            before = pieces[index - 1].kind in ("opener", "closer") if index else False
            after = pieces[index + 1].kind in ("opener", "closer") if index + 1 < len(pieces) else False
            parts.append(_escape_fully(piece.md, before=before, after=after))
    md = "".join(parts)
    if escaping == "light":
        md = _LINE_START.sub(_escape_line_start, md)
        if heading and md.endswith("#"):
            md = md[:-1] + "\\#"
    return md


def _entity(found: re.Match[str]) -> str:
    return "&nbsp;" if found[0] == "\xa0" else f"&#{ord(found[0])};"


def _escape_line_start(found: re.Match[str]) -> str:
    if found[3]:
        return f"{found[3]}\\{found[4]}"
    return f"\\{found[0]}"


def _escape_fully(text: str, *, before: bool, after: bool) -> str:
    """Escape all punctuation; write letters that touch emphasis as entities, which count as punctuation."""
    if not text:
        return text
    first, middle, last = text[0] if before else "", text, text[-1] if after else ""
    if before:
        middle = middle[1:]
    if after and middle:
        middle = middle[:-1]
    elif after:
        last = ""
    return _boundary(first) + _ODD_SPACE.sub(_entity, _FULL.sub(r"\\\g<0>", middle)) + _boundary(last)


def _boundary(char: str) -> str:
    if not char or char in " \n":
        return char
    return f"&#{ord(char)};"


def _serialise(node: Element | str) -> str:
    return node if isinstance(node, str) and not set(node) & set("<>&\xa0") else _serialise_fully(node)


def _serialise_fully(node: Element | str) -> str:
    """HTML as the cleaner writes it."""
    if isinstance(node, str):
        text = node.replace("&", "&amp;").replace("\xa0", "&nbsp;")
        return text.replace("<", "&lt;").replace(">", "&gt;")
    attrs = "".join(
        f' {name}="{value.replace("&", "&amp;").replace(chr(0xA0), "&nbsp;").replace(chr(34), "&quot;")}"'
        for name, value in node.attrs.items()
    )
    inside = "".join(map(_serialise, node.children))
    return f"<{node.tag}{attrs}>" if node.tag in ("br", "img") else f"<{node.tag}{attrs}>{inside}</{node.tag}>"
