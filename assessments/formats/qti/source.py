"""One item while it is read: what every interaction asks of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from django.utils.translation import gettext_lazy as _

from assessments.formats.base import Text
from assessments.formats.checking import NotTaken
from assessments.formats.qti.marking import Marking
from assessments.formats.qti.nodes import Node, parse_document
from assessments.formats.qti.probing import Probe, Tried, tried
from assessments.formats.qti.texts import Files, Place, Texts
from assessments.formats.qti.values import Declaration, Single, Value, number_of
from assessments.question_types.source import letters
from common.messages import filled

_KEY = re.compile(r"[a-z0-9_-]{1,20}")
_INTERACTION = re.compile(r"[a-z]+[A-Za-z]*Interaction")
MOST_INTERACTIONS, MOST_CHOICES = 60, 120
CHOICES = ("simpleChoice", "inlineChoice", "simpleAssociableChoice", "gapText", "gapImg", "gap", "hotspotChoice",
           "associableHotspot", "hottext")  # fmt: skip
Body: TypeAlias = dict[str, Any]


@dataclass(slots=True)
class Reading:
    """What became of the interactions: our type, its own fields with the stem, and the responses that were tried.

    `places` says where feedback for one key belongs in the body: key → the row that has a `feedback`.
    """

    type: str
    body: Body
    mark: float | None = None
    trials: Sequence[Tried] = ()
    places: Mapping[str, Body] = field(default_factory=dict)


class Source:
    """An item, its marking, its texts. Raises NotTaken where it is no item that can be read."""

    def __init__(self, item: Node, files: Files) -> None:
        self.item = item
        body = item.child("itemBody")
        if body is None:
            raise NotTaken(_("It has no body."))
        self.body = body
        self.texts = Texts(files)
        self.marking = Marking(item)
        self.interactions = [node for node in _all(body) if _INTERACTION.fullmatch(node.tag)]
        most = max((sum(1 for _one in node.within(*CHOICES)) for node in self.interactions), default=0)
        if len(self.interactions) > MOST_INTERACTIONS or most > MOST_CHOICES:
            raise NotTaken(_("It has more choices than a question can have."))

    def note(self, sentence: Text) -> None:
        """Tell something once."""
        self.texts.note(sentence)

    def response(self, interaction: Node) -> Declaration:
        """The variable of an interaction. Raises NotTaken."""
        name = interaction.get("responseIdentifier")
        found = self.marking.responses.get(name)
        if found is None:
            raise NotTaken(filled(_("The response “%(name)s” is not declared."), {"name": name[:60]}))
        return found

    def stem(self, place: Callable[[Node], str | None] | None = None) -> str:
        """The text with the prompts of its interactions; `place` says what stands for an interaction."""

        def placed(node: Node) -> str | None:
            shown = place(node) if place is not None else None
            if shown is not None:
                return shown
            if node.tag == "rubricBlock":
                return self._rubric(node)
            if _INTERACTION.fullmatch(node.tag):
                return self.prompt(node)
            return None

        return self._stimuli() + self.texts.html(self.body, placed)

    def _stimuli(self) -> str:
        """The shared texts that the item belongs to."""
        found = ""
        for node in self.item.all("assessmentStimulusRef"):
            data = self.texts.file(node.get("href"))
            if data is None:
                self.note(filled(_("The file “%(name)s” is not in the file."), {"name": node.get("href")[:80]}))
            else:
                with self.texts.beside(node.get("href")):
                    found += self.texts.html(parse_document(data).child("stimulusBody"))
        return found

    def prompt(self, interaction: Node, place: Place | None = None) -> str:
        """The prompt of an interaction, as paragraphs of the text."""
        html = self.texts.html(interaction.child("prompt"), place)
        return html if not html or html.startswith(("<p", "<ul", "<ol", "<table", "<h", "<pre")) else f"<p>{html}</p>"

    def for_marker(self) -> str:
        """What only who marks may see."""
        return "".join(
            self.texts.html(node)
            for node in _all(self.item)
            if node.tag == "rubricBlock" and "scorer" in node.get("view")
        )

    def _rubric(self, node: Node) -> str:
        views = set(node.get("view", "candidate").split())
        if "candidate" in views:
            return self.texts.html(node)
        if "scorer" not in views:
            self.note(filled(_("Not kept: the text for %(views)s."), {"views": ", ".join(sorted(views))[:60]}))
        return ""

    def trials(self, probes: Iterable[Probe]) -> tuple[float, list[Tried]]:
        """(the most marks, every probe run). Raises NotTaken when no probe earns anything."""
        if not self.marking.has_rules:
            raise NotTaken(_("It does not say which answer is right."))
        found = tried(self.marking, probes)
        best = max((trial.score for trial in found), default=0.0)
        if best <= 0:
            raise NotTaken(_("No answer earns a mark by its rules."))
        if self.marking.is_implied:
            self.note(_("It has no rules for marking; what it calls correct counts."))
        declared = self.marking.declared_maximum()
        if declared is not None and abs(declared - best) > 1e-6:
            facts = {"said": f"{declared:g}", "best": f"{best:g}"}
            self.note(filled(_("The file calls %(said)s the most marks; the best answer earns %(best)s."), facts))
        return best, [replace(trial, fraction=trial.score / best) for trial in found]

    def mark_by_hand(self) -> float | None:
        """The mark of what a person marks: as declared."""
        declared = self.marking.declared_maximum()
        score = next((node for node in self.item.all("outcomeDeclaration") if node.get("identifier") == "SCORE"), None)
        if declared is None and score is not None and score.get("normalMaximum"):
            declared = number_of(score.get("normalMaximum"))
        return declared if declared and declared > 0 else None


def _all(node: Node) -> Iterable[Node]:
    """Every element in it, but none inside of an interaction."""
    for child in node.elements:
        yield child
        if not _INTERACTION.fullmatch(child.tag):
            yield from _all(child)


def keys_for(identifiers: Sequence[str]) -> dict[str, str]:
    """Our keys of what the file identifies: its own where they can be ours. Raises NotTaken for one that is there twice."""
    if len(set(identifiers)) != len(identifiers):
        raise NotTaken(_("Two choices have the same identifier."))
    wished = [re.sub(r"^_(?=[0-9-])", "", name) for name in identifiers]
    lower = [name.lower() for name in wished]
    for names in (wished, lower):
        if all(_KEY.fullmatch(name) for name in names) and len(set(names)) == len(names):
            return dict(zip(identifiers, names, strict=True))
    return dict(zip(identifiers, letters(len(identifiers)), strict=True))


def value_of(response: Declaration, items: Sequence[Single]) -> dict[str, Value]:
    """The variables of an item of which one response was given."""
    return {response.identifier: response.of(items)}


def count_of(node: Node, name: str, default: int) -> int:
    """A whole number in an attribute."""
    text = node.get(name)
    return int(text) if text.isdigit() and len(text) < 6 else default


def is_set(node: Node, name: str) -> bool:
    """Whether an attribute says true."""
    return node.get(name) in {"true", "1"}
