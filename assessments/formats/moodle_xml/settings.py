"""Settings of Moodle that we do not keep, in words: what a report says of them beside their names in the file."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from assessments.formats.base import Text

# How a question looks, not what it asks or earns: told once for a whole file.
SHOWN_ONLY: Mapping[str, Text] = {
    "shownumcorrect": _("telling how many parts are right"),
    "showstandardinstruction": _("the standard instruction"),
    "answernumbering": _("the numbering of choices"),
    "numberingstyle": _("the numbering of items"),
    "layouttype": _("the direction of the items"),
    "showmisplaced": _("telling which markers are misplaced"),
    "hint": _("what hints do beside their text"),
    "synchronize": _("the same values for several questions"),
    "dataset": _("values that several questions share"),
    "use_dnd_ui": _("dragging in place of ticking"),
    "renderer": _("the look of the table"),
}
OTHERS: Mapping[str, Text] = {
    "hidden": _("hidden in Moodle"),
    "responseformat": _("how the answer is written"),
    "responserequired": _("an answer without a text"),
    "filetypeslist": _("groups of file types"),
    "maxbytes": _("the size of files"),
    "instructions": pgettext_lazy("numerical question", "instructions"),
    "selecttype": _("only some of the items are shown"),
    "description": _("descriptions of rows and columns"),
    "dataset_items": _("more sets of values than we keep"),
}


class Unkept:
    """One of them as the file has it: its name there, and what follows the name."""

    def __init__(self, tag: str, more: str = "") -> None:
        self.tag, self.written = tag, f"{tag} {more}".strip()

    @property
    def is_shown_only(self) -> bool:
        """Whether it is only about how the question looks."""
        return self.tag in SHOWN_ONLY

    @property
    def said(self) -> Text:
        """What it is, in the reader's language."""
        label: str | Promise = SHOWN_ONLY.get(self.tag) or OTHERS.get(self.tag) or ""
        return label


class Listed:
    """Several of them in one sentence, in the language in which it is shown."""

    def __init__(self, settings: list[Unkept]) -> None:
        self.settings = settings

    def __str__(self) -> str:
        return "; ".join(f"{one.said} ({one.written})" if one.said else one.written for one in self.settings)
