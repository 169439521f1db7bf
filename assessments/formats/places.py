"""Where an item stands in its file, said to people: reports of programs keep the words of `ref` as they are."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

_PLACE = re.compile(r"(?:sheet “(?P<sheet>.*?)”(?:, )?)?(?:(?P<kind>line|row|item) (?P<which>.+))?", re.DOTALL)


class Place:
    """A `ref` of ParsedQuestion or ReadProblem, in the language in which it is shown."""

    def __init__(self, ref: str) -> None:
        self.ref = ref

    def __str__(self) -> str:
        found = _PLACE.fullmatch(self.ref)
        if found is None:
            return self.ref
        sheet = _("sheet “%(name)s”") % {"name": found["sheet"]} if found["sheet"] is not None else ""
        words = {
            "line": pgettext("place in a file", "line %(which)s"),
            "row": pgettext("place in a file", "row %(which)s"),
            "item": pgettext("place in a file", "item %(which)s"),
        }
        place = words[found["kind"]] % {"which": found["which"]} if found["kind"] else ""
        return ", ".join(part for part in (sheet, place) if part) or self.ref
