"""The canonical form of parsed Markdown: flat runs of text, nested again in one fixed way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from markdown_it.token import Token

from common.unicode import nfc

HEADING_LEVELS = {"h1": "h2", "h5": "h4", "h6": "h4"}
# Of styles that cover the same words, the first is outside; so *** is read by CommonMark.
STYLE_ORDER = ("em", "strong")

_SPACES = re.compile(r"[ \t\n\f\r]+")
_WORDS_AND_SPACES = re.compile(r"[ \t\n\f\r]+|[^ \t\n\f\r]+")


def tidy_text(text: str) -> str:
    """NFC, without the overlay U+0338, which a later NFC would join to the bracket of a tag (≯)."""
    return nfc(text).replace("\u0338", "")


@dataclass(frozen=True)
class Atom:
    """A piece of inline content: words, white space, code, a picture, a line break, or a link of atoms."""

    kind: str
    text: str = ""
    styles: frozenset[str] = frozenset()
    token: Token | None = None
    link: int = 0
    inside: tuple[Atom, ...] = field(default=())


def tidy_tokens(tokens: list[Token], *, allow_media: bool) -> list[Token]:
    """The block tokens with canonical inline content, levels and lists."""
    tidied: list[Token] = []
    for token in tokens:
        if token.type == "inline":
            heading = bool(tidied) and tidied[-1].type == "heading_open"
            token.children = tidy_inline(token.children or [], allow_media=allow_media, one_line=heading)
            if not token.children and tidied and tidied[-1].type == "paragraph_open":
                tidied[-1].meta["empty"] = True
        elif token.type in ("heading_open", "heading_close"):
            token.tag = HEADING_LEVELS.get(token.tag, token.tag)
        elif token.type in ("fence", "code_block"):
            code = tidy_text(token.content)
            token.content, token.info = f"{code}\n" if code and not code.endswith("\n") else code, ""
        tidied.append(token)
    kept = _without_empty_paragraphs(tidied)
    _hide_lonely_paragraphs(kept)
    return kept


def _without_empty_paragraphs(tokens: list[Token]) -> list[Token]:
    kept: list[Token] = []
    skip = 0
    for token in tokens:
        if skip:
            skip -= 1
        elif token.meta.get("empty"):
            skip = 2  # its inline content and its end
        else:
            kept.append(token)
    return kept


def _hide_lonely_paragraphs(tokens: list[Token]) -> None:
    """Make a list tight when it has one item with one block: Markdown has no way to write it loose."""
    lists: list[tuple[int, list[int]]] = []  # of each open list: its level, and the index of each item's blocks
    items: list[int] = []
    for index, token in enumerate(tokens):
        if token.type in ("bullet_list_open", "ordered_list_open"):
            if lists and token.level == lists[-1][0] + 2:
                lists[-1][1].append(index)
            lists.append((token.level, []))
            items.append(0)
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            _level, blocks = lists.pop()
            if items.pop() == 1 and len(blocks) == 1 and tokens[blocks[0]].type == "paragraph_open":
                tokens[blocks[0]].hidden = tokens[blocks[0] + 2].hidden = True
        elif lists:
            if token.type == "list_item_open" and token.level == lists[-1][0] + 1:
                items[-1] += 1
            elif token.level == lists[-1][0] + 2 and token.nesting >= 0 and token.block:
                lists[-1][1].append(index)


# Inline content ---------------------------------------------------------------------------------------------


def tidy_inline(children: list[Token], *, allow_media: bool, one_line: bool = False) -> list[Token]:
    """Inline tokens in the canonical form.

    White space is single and outside emphasis and links unless both sides are inside; neighbours of one style
    are one run; of two styles that begin together the longer is outside; links without text and line breaks
    at the ends are gone. With `one_line` (headings) line ends and breaks are spaces.
    """
    atoms = _flatten(children, allow_media=allow_media)
    if one_line:
        atoms = [replace(atom, kind="text", text=" ") if _ends_line(atom) else atom for atom in atoms]
    atoms = _space(atoms)
    return _build(_fold_links(atoms), frozenset())


def _flatten(children: list[Token], *, allow_media: bool) -> list[Atom]:
    atoms: list[Atom] = []
    open_styles: list[str] = []
    link_token: Token | None = None
    link = 0
    for token in children:
        styles = frozenset(open_styles)
        if token.type in ("em_open", "strong_open"):
            open_styles.append(token.tag)
        elif token.type in ("em_close", "strong_close"):
            open_styles.remove(token.tag)
        elif token.type == "link_open":
            link_token, link = _tidy_attributes(token), link + 1
        elif token.type == "link_close":
            link_token = None
        else:
            number = link if link_token is not None else 0
            atom = _atom(token, allow_media=allow_media)
            if atom.text or atom.kind in ("break", "image"):
                atoms.append(replace(atom, styles=styles, link=number, token=link_token))
    return atoms


def _ends_line(atom: Atom) -> bool:
    return atom.kind == "break" or (atom.kind == "text" and atom.text == "\n")


def _atom(token: Token, *, allow_media: bool) -> Atom:
    if token.type == "softbreak":
        return Atom("text", "\n")
    if token.type == "hardbreak":
        return Atom("break")
    if token.type == "code_inline":
        return Atom("code", tidy_text(token.content))
    if token.type == "image":
        alt = _SPACES.sub(" ", tidy_text(_alt_text(token.children or []))).strip()
        if not allow_media:
            return Atom("text", alt)
        picture = _tidy_attributes(token)
        picture.content, picture.children = alt, [Token("text", "", 0, content=alt)]
        return Atom("image", alt, inside=(Atom("picture", token=picture),))
    # A newline in a text token was written as an entity and is no line break of the source.
    return Atom("text", token.content.replace("\n", " "))


def _tidy_attributes(token: Token) -> Token:
    title = token.attrs.get("title")
    if title is not None:
        tidy = _SPACES.sub(" ", tidy_text(str(title))).strip()
        if tidy:
            token.attrs["title"] = tidy
        else:
            del token.attrs["title"]
    return token


def _alt_text(children: list[Token]) -> str:
    parts = []
    for token in children:
        if token.type in ("softbreak", "hardbreak"):
            parts.append(" ")
        elif token.type == "image":
            parts.append(_alt_text(token.children or []))
        else:
            parts.append(token.content)
    return "".join(parts)


def _space(atoms: list[Atom]) -> list[Atom]:
    """Words and single spaces; a space has the styles that both its neighbours have."""
    merged: list[Atom] = []
    for atom in atoms:
        last = merged[-1] if merged else None
        if (
            last is not None
            and atom.kind == last.kind == "text"
            and (atom.styles, atom.link) == (last.styles, last.link)
        ):
            merged[-1] = replace(last, text=last.text + atom.text)
        else:
            merged.append(atom)
    solid: list[Atom] = []
    pending: list[Atom] = []

    def settle(following: Atom) -> None:
        if pending and solid:
            before = solid[-1]
            link = before.link if before.link == following.link else 0
            token = before.token if link else None
            for gap in _one_gap(pending):
                solid.append(replace(gap, styles=before.styles & following.styles, link=link, token=token))
        pending.clear()

    for atom in merged:
        if atom.kind == "text":
            for part in _WORDS_AND_SPACES.findall(tidy_text(atom.text)):
                if part[0] in " \t\n\f\r":
                    pending.append(Atom("space", "\n" if "\n" in part else " "))
                else:
                    word = replace(atom, text=part)
                    settle(word)
                    solid.append(word)
        elif atom.kind == "break":
            pending.append(Atom("break"))
        else:
            settle(atom)
            solid.append(atom)
    return solid


def _one_gap(pending: list[Atom]) -> Iterator[Atom]:
    """What stays of neighbouring white space: the line breaks, else a line end, else a space."""
    breaks = [atom for atom in pending if atom.kind == "break"]
    if breaks:
        yield from breaks
    else:
        yield Atom("space", "\n" if any(atom.text == "\n" for atom in pending) else " ")


def _fold_links(atoms: list[Atom]) -> list[Atom]:
    """Links as single atoms, which have the styles that all their words have."""
    folded: list[Atom] = []
    index = 0
    while index < len(atoms):
        atom = atoms[index]
        if not atom.link:
            folded.append(atom)
            index += 1
            continue
        end = index
        while end < len(atoms) and atoms[end].link == atom.link:
            end += 1
        inside = atoms[index:end]
        shared = frozenset.intersection(*(part.styles for part in inside))
        folded.append(
            Atom(
                "link",
                styles=shared,
                token=atom.token,
                inside=tuple(replace(part, styles=part.styles - shared, link=0) for part in inside),
            )
        )
        index = end
    return folded


def _build(atoms: list[Atom], active: frozenset[str]) -> list[Token]:
    tokens: list[Token] = []
    index = 0
    while index < len(atoms):
        atom = atoms[index]
        spans = {}
        for style in STYLE_ORDER:
            if style in atom.styles and style not in active:
                end = index
                while end < len(atoms) and style in atoms[end].styles:
                    end += 1
                spans[style] = end
        if not spans:
            tokens.extend(_tokens_of(atom))
            index += 1
            continue
        style = max(spans, key=lambda name: spans[name])  # the first of equals
        tokens.append(Token(f"{style}_open", style, 1))
        tokens.extend(_build(atoms[index : spans[style]], active | {style}))
        tokens.append(Token(f"{style}_close", style, -1))
        index = spans[style]
    return tokens


def _tokens_of(atom: Atom) -> list[Token]:
    if atom.kind == "break":
        return [Token("hardbreak", "br", 0)]
    if atom.kind == "code":
        return [Token("code_inline", "code", 0, content=atom.text)]
    if atom.kind == "image":
        picture = atom.inside[0].token
        return [picture] if picture is not None else []
    if atom.kind == "link":
        attrs = dict(atom.token.attrs) if atom.token is not None else {}
        return [
            Token("link_open", "a", 1, attrs=attrs),
            *_build(list(atom.inside), frozenset()),
            Token("link_close", "a", -1),
        ]
    return [Token("text", "", 0, content=atom.text)]
