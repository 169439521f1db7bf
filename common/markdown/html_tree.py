"""The tree of HTML that the cleaner wrote (so every tag is closed)."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset(("br", "hr", "img"))


@dataclass
class Element:
    """A tag, its attributes in order, and what is inside: elements and decoded text."""

    tag: str
    attrs: dict[str, str] = field(default_factory=dict)
    children: list[Element | str] = field(default_factory=list)


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("root")
        self.open = [self.root]
        self.sound = True

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if len(self.open) > 1 and self.open[-1].tag == tag:
            self.open.pop()
        else:
            self.sound = False

    def handle_data(self, data: str) -> None:
        inside = self.open[-1].children
        if inside and isinstance(inside[-1], str):
            inside[-1] += data
        else:
            inside.append(data)


def parse_tree(html: str) -> Element | None:
    """The root of the tree, or None when tags do not match (the cleaner never writes such)."""
    builder = _Builder()
    builder.feed(html)
    builder.close()
    return builder.root if builder.sound and len(builder.open) == 1 else None
