"""Where the feedback of an item belongs: found by which of the tried responses it is shown for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from assessments.formats.checking import NotTaken
from assessments.formats.qti.nodes import Node
from assessments.formats.qti.probing import NEAR, Tried
from assessments.formats.qti.source import Body, Reading, Source, keys_for
from assessments.formats.qti.values import Many, Value
from common.messages import filled

MOST = 200
TAGS = ("modalFeedback", "feedbackBlock", "feedbackInline")


def place_feedback(source: Source, reading: Reading) -> Body:
    """The common feedback fields; what belongs to one choice is put into its row. What fits nowhere is told."""
    found: dict[str, list[str]] = {}
    texts = _feedback(source)
    if len(texts) > MOST:
        raise NotTaken(_("It has more feedback than a question can have."))
    for node, holder in texts:
        html = source.texts.html(node)
        if not html:
            continue
        place = _place(source, reading, node, holder)
        if place is None:
            name = node.get("identifier") or node.tag
            source.note(filled(_("Not kept: the feedback “%(name)s”, which no field here fits."), {"name": name[:60]}))
        elif isinstance(place, str):
            found.setdefault(place, []).append(html)
        else:
            for key in sorted(place):
                row = reading.places[key]
                row["feedback"] = row.get("feedback", "") + html
    return {name: "".join(texts) for name, texts in found.items()}


def _feedback(source: Source) -> list[tuple[Node, str]]:
    """(feedback, identifier of the choice that it stands in or "") of an item."""
    found = []

    def walk(node: Node, holder: str) -> None:
        for child in node.elements:
            if child.tag in TAGS:
                found.append((child, holder))
            else:
                inside = child.get("identifier") if child.tag in {"simpleChoice", "inlineChoice"} else holder
                walk(child, inside)

    walk(source.item, "")
    return found


def _place(source: Source, reading: Reading, node: Node, holder: str) -> str | set[str] | None:
    if not reading.trials:  # a person marks it, or nobody does
        outcomes = source.marking.run({})
        return "feedback" if _is_shown(node, outcomes) else None
    shown = [trial for trial in reading.trials if _is_shown(node, trial.outcomes)]
    hidden = [trial for trial in reading.trials if not _is_shown(node, trial.outcomes)]
    answered_hidden = [trial for trial in hidden if trial.probe.ours]
    if shown and not answered_hidden:
        return "feedback"
    if not shown:  # no try calls it up: its name is all that we know
        return _NAMED.get(node.get("identifier").lower())
    keys = _keys(reading, shown, hidden)
    own = _our_key(source, holder or node.get("identifier"))
    if keys and (holder or own in keys):
        return keys
    for name, fits in _BANDS.items():
        if (
            shown
            and all(fits(trial.fraction) for trial in shown if trial.probe.ours)
            and not any(fits(trial.fraction) for trial in answered_hidden)
        ):
            return name
    return keys or None


_NAMED = {
    **dict.fromkeys(("right", "correct"), "feedback_right"),
    **dict.fromkeys(("partial", "partially-correct", "partiallycorrect"), "feedback_partial"),
    **dict.fromkeys(("wrong", "incorrect"), "feedback_wrong"),
}
_BANDS = {
    "feedback_right": lambda fraction: fraction > 1 - NEAR,
    "feedback_wrong": lambda fraction: fraction < NEAR,
    "feedback_partial": lambda fraction: NEAR <= fraction <= 1 - NEAR,
}


def _keys(reading: Reading, shown: list[Tried], hidden: list[Tried]) -> set[str]:
    """The choices that call a feedback up: it is shown exactly when one of them is chosen."""
    alone = {next(iter(trial.probe.keys)) for trial in shown if len(trial.probe.keys) == 1} - {""}
    alone -= {key for trial in hidden for key in trial.probe.keys}
    if not alone or not alone <= set(reading.places):
        return set()
    return alone if all(trial.probe.keys & alone for trial in shown) else set()


def _our_key(source: Source, identifier: str) -> str:
    for interaction in source.interactions:
        names = [node.get("identifier") for node in interaction.elements if node.get("identifier")]
        if identifier in names:
            return keys_for(names)[identifier]
    return ""


def _is_shown(node: Node, outcomes: Mapping[str, Value]) -> bool:
    value: Any = outcomes.get(node.get("outcomeIdentifier"))
    items = value.items if isinstance(value, Many) else () if value is None else (value,)
    is_named = node.get("identifier") in {str(item) for item in items}
    return is_named == (node.get("showHide", "show") == "show")
