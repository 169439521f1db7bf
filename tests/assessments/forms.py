"""What a browser would send: the fields of the form in a page, as they stand."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from django.http import QueryDict

SKIPPED = {"submit", "button", "image", "reset", "file"}


class _Fields(HTMLParser):
    def __init__(self, form_id: str) -> None:
        super().__init__()
        self.form_id, self.pairs = form_id, []
        self.inside = False
        self.templates = 0
        self.area: tuple[str, list[str]] | None = None
        self.select = ""
        self.option: str | None = None
        self.first: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = dict(attrs)
        if tag == "form":
            self.inside = facts.get("id") == self.form_id
        if tag == "template":
            self.templates += 1
        if not self.inside or self.templates:
            return
        name = facts.get("name") or ""
        if tag == "input" and name and facts.get("type") not in SKIPPED:
            if facts.get("type") not in {"checkbox", "radio"} or "checked" in facts:
                self.pairs.append((name, facts.get("value") or ("on" if facts.get("type") == "checkbox" else "")))
        elif tag == "textarea":
            self.area = (name, [])
        elif tag == "select":
            self.select, self.option, self.first = name, None, None
            self.multiple = "multiple" in facts
        elif tag == "option" and self.select:
            value = facts.get("value") or ""
            self.first = value if self.first is None else self.first
            if "selected" in facts:
                self.option = value
                if self.multiple:
                    self.pairs.append((self.select, value))

    def handle_endtag(self, tag: str) -> None:
        if tag == "template":
            self.templates -= 1
        elif tag == "form":
            self.inside = False
        elif tag == "textarea" and self.area:
            text = "".join(self.area[1])
            # A browser drops the line end after the tag and sends CR LF.
            self.pairs.append((self.area[0], text.removeprefix("\n").replace("\n", "\r\n")))
            self.area = None
        elif tag == "select" and self.select:
            if not self.multiple and (chosen := self.first if self.option is None else self.option) is not None:
                self.pairs.append((self.select, chosen))
            self.select = ""

    def handle_data(self, data: str) -> None:
        if self.area:
            self.area[1].append(data)


def form_data(html: str, form_id: str, **changes: Any) -> dict[str, Any]:
    """Names and values (lists where there are several) with `changes`; None takes a field away."""
    parser = _Fields(form_id)
    parser.feed(html)
    found = QueryDict(mutable=True)
    for name, value in parser.pairs:
        found.appendlist(name, value)
    data: dict[str, Any] = {name: values if len(values) > 1 else values[0] for name, values in found.lists()}
    data.update(changes)
    return {name: value for name, value in data.items() if value is not None}
