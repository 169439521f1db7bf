"""Several fields in one text out of QTI: textEntry, inlineChoice and choice, as parts with weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from assessments.formats.checking import NotTaken
from assessments.formats.qti.choices import (
    Score,
    choice_rows,
    fractions_of_one,
    is_single,
    pin_of,
    subsets_to_try,
)
from assessments.formats.qti.nodes import Node
from assessments.formats.qti.probing import NEAR, Probe, Tried, best_of
from assessments.formats.qti.source import Body, Reading, Source, is_set, keys_for
from assessments.formats.qti.typed import tried_items, typed_body
from assessments.formats.qti.values import Declaration, Single, Value
from common.messages import filled

PARTS = {"textEntryInteraction", "inlineChoiceInteraction", "choiceInteraction"}
_MOST_EACH = 8


def read_composite(source: Source) -> Reading:
    """All interactions of an item as one text with fields."""
    for node in source.interactions:
        if node.tag not in PARTS:
            reason = _("It has several interactions, and “%(name)s” cannot be one of several here.")
            raise NotTaken(filled(reason, {"name": node.tag}))
    parts = [_Part(source, node, number) for number, node in enumerate(source.interactions, start=1)]
    right: dict[str, Value] = {part.response.identifier: _right(part.response) for part in parts}
    inline = {id(node) for node in _inline(source.body)}
    whole = source.marking.score(right)
    bodies = [part.body(right, whole, len(parts)) for part in parts]

    def placed(node: Node) -> str | None:
        for part in parts:
            if part.node is node:
                prompt, field = source.prompt(node), f"{{#{part.number}}}"
                return field if id(node) in inline and not prompt else f"{prompt}<p>{field}</p>"
        return None

    _smallest_is_one(bodies)
    body = {"stem": source.stem(placed), "parts": bodies}
    best, trials = source.trials(_probes(parts, bodies, right))
    found, note = best_of("cloze", [body], trials)
    if note is not None:
        source.note(note)
    places = {f"{part['id']}:{row['id']}": row for part in found["parts"] for row in part["body"].get("choices", ())}
    return Reading("cloze", dict(found), best, trials, places)


def _right(response: Declaration) -> Value:
    """What is right: as declared, else what the mapping gives most for."""
    if response.correct is not None or response.mapping is None or not response.mapping.entries:
        return response.correct
    return response.of([max(response.mapping.entries, key=lambda entry: entry.marks).key])


def _inline(node: Node) -> Iterator[Node]:
    """The interactions that stand within a line of text."""
    has_text = any(isinstance(child, str) and child.strip() for child in node.children)
    for child in node.elements:
        if child.tag in PARTS:
            if has_text or child.tag != "choiceInteraction":
                yield child
        else:
            yield from _inline(child)


def _smallest_is_one(bodies: Sequence[Body]) -> None:
    """Weights as whole numbers where they are multiples of the smallest: only their proportion counts."""
    unit = min(body["weight"] for body in bodies)
    ratios = [body["weight"] / unit for body in bodies]
    if all(abs(ratio - round(ratio)) < NEAR for ratio in ratios):
        for body, ratio in zip(bodies, ratios, strict=True):
            body["weight"] = float(round(ratio))


class _Part:
    """One interaction: what it accepts, found by changing it alone."""

    def __init__(self, source: Source, node: Node, number: int) -> None:
        self.source, self.node, self.number = source, node, number
        self.response: Declaration = source.response(node)
        self.nodes = node.all("simpleChoice", "inlineChoice")
        self.right = [str(item) for item in self.response.correct_items]
        self.keys = keys_for([one.get("identifier") for one in self.nodes])

    def body(self, right: Mapping[str, Value], whole: float, count: int) -> Body:
        """The part as cloze has it; its weight is what it adds, all else being empty."""
        name = self.response.identifier
        others: dict[str, Value] = {}
        weight = self.source.marking.score({name: right[name]}) - self.source.marking.score({})
        if weight <= NEAR:  # it earns only together with the others
            others = {key: value for key, value in right.items() if key != name}
            weight = whole - self.source.marking.score(others)
        if weight <= NEAR:
            raise NotTaken(filled(_("Field %(number)d earns nothing by its rules."), {"number": self.number}))
        base = self.source.marking.score(others)

        def marks(items: Sequence[Single]) -> float:
            return self.source.marking.score({**others, name: self.response.of(items)}) - base

        kind, own, layout = self._own(marks, weight)
        places = {self.keys[one.get("identifier")]: pin_of(one) for one in self.nodes}
        for row in own.get("choices", ()):
            row.update(places[row["id"]])
        return {
            "id": str(self.number),
            "kind": kind,
            "weight": weight if not others else whole / count,
            "layout": layout,
            "body": own,
        }

    def _several(self, marks: Score, weight: float) -> tuple[str, Body, str]:
        """Any number of choices: what each is worth, by the way that agrees with all subsets tried."""
        shuffle = is_set(self.node, "shuffle")
        texts = [self.source.texts.html(one) for one in self.nodes]
        trials = []
        for subset in subsets_to_try(list(self.keys), self.right):
            probe = Probe({"choices": [self.keys[name] for name in subset]} if subset else {}, {})
            trials.append(Tried(probe, {}, marks(subset), marks(subset) / weight))
        bodies = [
            {"stem": "–", "choices": rows, "shuffle": shuffle, "scoring": scoring}
            for rows, scoring in choice_rows(self.response, self.keys, texts, self.right, marks, weight)
        ]
        found, note = best_of("multiple_choice", bodies, trials)
        if note is not None:
            self.source.note(note)
        return "multiple_response", {key: value for key, value in found.items() if key != "stem"}, "vertical"

    def _own(self, marks: Score, weight: float) -> tuple[str, Body, str]:
        if self.node.tag == "textEntryInteraction":
            kind, own = typed_body(self.source, self.node, self.response, lambda item: marks([item]))
            return kind, own, "field"
        if self.node.tag == "choiceInteraction" and not is_single(self.response, self.node):
            return self._several(marks, weight)
        fractions = fractions_of_one(list(self.keys), marks, weight)
        rows = [
            {"id": self.keys[one.get("identifier")], "text": self.source.texts.html(one), "fraction": fraction}
            for one, fraction in zip(self.nodes, fractions, strict=True)
        ]
        layout = "dropdown" if self.node.tag == "inlineChoiceInteraction" else "vertical"
        return "multiple_choice_one", {"choices": rows, "shuffle": is_set(self.node, "shuffle")}, layout

    def tries(self, body: Body) -> Iterator[tuple[str, dict[str, Any], Value]]:
        """(key of what is chosen, the answer as ours, and as the file's)."""
        if body["kind"] == "multiple_response":
            for subset in ([name] for name in self.keys):
                yield "", {"choices": [self.keys[name] for name in subset]}, self.response.of(subset)
            if self.right:
                yield "", {"choices": [self.keys[name] for name in self.right]}, self.response.of(self.right)
            return
        if body["kind"] == "multiple_choice_one":
            for name, key in self.keys.items():
                yield f"{body['id']}:{key}", {"choice": key}, self.response.of([name])
            return
        for _number, item in list(tried_items(body["kind"], body["body"]))[:_MOST_EACH]:
            text = item if isinstance(item, str) else repr(item)
            yield "", {"text": text}, self.response.of([item])


def _probes(parts: Sequence[_Part], bodies: Sequence[Body], right: Mapping[str, Value]) -> Iterator[Probe]:
    """Everything right; each field alone and each beside right ones, filled in each way."""
    full = {}
    for part, body in zip(parts, bodies, strict=True):
        found = next((ours for _key, ours, given in part.tries(body) if given == right[part.response.identifier]), None)
        if found is not None:
            full[body["id"]] = found
    yield Probe({"parts": full}, right)
    yield Probe({}, {})
    for part, body in zip(parts, bodies, strict=True):
        name = part.response.identifier
        for key, ours, given in part.tries(body):
            chosen = frozenset([key]) if key else frozenset()
            yield Probe({"parts": {body["id"]: ours}}, {name: given}, chosen)
            yield Probe({"parts": {**full, body["id"]: ours}}, {**right, name: given}, chosen)
