"""Choices – of texts, of regions of a picture, of a list within a text – out of QTI."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import Any

from django.utils.translation import gettext_lazy as _

from assessments.formats.checking import NotTaken
from assessments.formats.qti.graphics import background_of
from assessments.formats.qti.nodes import Node
from assessments.formats.qti.probing import Probe, best_of
from assessments.formats.qti.source import Body, Reading, Source, count_of, is_set, keys_for, value_of
from assessments.formats.qti.values import Declaration, Single, region_of
from common.html import plain_text
from common.messages import filled

_TRUE = {"true", "đúng", "yes"}
_FALSE = {"false", "sai", "no"}
_MOST_EXHAUSTIVE = 7
Score = Callable[[Sequence[Single]], float]


def read_choice(source: Source, interaction: Node) -> Reading:
    """choiceInteraction."""
    response, nodes = source.response(interaction), interaction.all("simpleChoice")
    keys = keys_for([node.get("identifier") for node in nodes])
    rows = [{"id": keys[node.get("identifier")], "text": source.texts.html(node), **pin_of(node)} for node in nodes]
    body: Body = {"choices": rows, "shuffle": is_set(interaction, "shuffle")}
    if is_single(response, interaction):
        reading = _one_of(source, response, keys, rows, {"stem": source.stem(), **body}, "single_choice")
        return _as_true_false(reading) or reading
    return _several_of(source, interaction, response, keys, rows, {"stem": source.stem(), **body}, "multiple_choice")


def read_hotspot(source: Source, interaction: Node) -> Reading:
    """hotspotInteraction."""
    response, nodes = source.response(interaction), interaction.all("hotspotChoice")
    background = background_of(source, interaction)
    keys = keys_for([node.get("identifier") for node in nodes])
    size = background["width"], background["height"]
    rows = [
        {
            "id": keys[node.get("identifier")],
            "label": node.get("hotspotLabel") or node.get("label"),
            **region_of(node.get("shape"), node.get("coords"), size).model_dump(),
        }
        for node in nodes
    ]
    body: Body = {"stem": source.stem(), "background": background, "spots": rows, "shuffle": False}
    if is_single(response, interaction):
        return _one_of(source, response, keys, rows, body, "hotspot")
    return _several_of(source, interaction, response, keys, rows, {**body, "multiple": True}, "hotspot")


def read_hottext(source: Source, interaction: Node) -> Reading:
    """hottextInteraction: the places of its text that can be marked are the choices."""
    response, nodes = source.response(interaction), list(interaction.within("hottext"))
    keys = keys_for([node.get("identifier") for node in nodes])
    texts = [source.texts.html(node) for node in nodes]
    numbered = len(set(texts)) < len(texts) or not all(texts)
    rows = []
    for number, (node, text) in enumerate(zip(nodes, texts, strict=True), start=1):
        rows.append({"id": keys[node.get("identifier")], "text": f"{text} ({number})".strip() if numbered else text})
    shown = {id(node): f"<u>{row['text']}</u>" for node, row in zip(nodes, rows, strict=True)}

    def placed(node: Node) -> str | None:
        if node is interaction:
            rest = [child for child in node.children if isinstance(child, str) or child.tag != "prompt"]
            return source.prompt(node, placed) + source.texts.of(rest, placed).strip()
        return shown.get(id(node))

    source.note(_("What is marked in the text there is underlined here, and chosen from a list below it."))
    body: Body = {"stem": source.stem(placed), "shuffle": False}
    if is_single(response, interaction):
        return _one_of(source, response, keys, rows, {**body, "choices": rows}, "single_choice")
    return _several_of(source, interaction, response, keys, rows, body, "multiple_choice")


def is_single(response: Declaration, interaction: Node) -> bool:
    """Whether exactly one may be chosen."""
    return response.cardinality == "single" or count_of(interaction, "maxChoices", 1) == 1


def pin_of(node: Node) -> Body:
    """What says that a choice keeps its place."""
    return {"pinned": True} if is_set(node, "fixed") else {}


def fractions_of_one(identifiers: Sequence[str], score: Score, best: float) -> list[float]:
    """What each choice alone is worth. Raises NotTaken below −1."""
    fractions = [score([one]) / best for one in identifiers]
    if min(fractions, default=0) < -1 - 1e-9:
        raise NotTaken(_("A wrong choice costs more than the whole mark."))
    return [max(fraction, -1.0) for fraction in fractions]


def _answer(type_name: str, keys: Sequence[str]) -> dict[str, Any]:
    if type_name == "hotspot":
        return {"spots": list(keys)}
    return {"choice": keys[0]} if type_name == "single_choice" else {"choices": list(keys)}


def _probe(type_name: str, response: Declaration, keys: dict[str, str], chosen: Sequence[str]) -> Probe:
    ours = [keys[one] for one in chosen]
    return Probe(_answer(type_name, ours) if ours else {}, value_of(response, chosen), frozenset(ours))


def _one_of(
    source: Source, response: Declaration, keys: dict[str, str], rows: list[Body], body: Body, type_name: str
) -> Reading:
    best, trials = source.trials(_probe(type_name, response, keys, [one]) for one in keys)
    fractions = fractions_of_one(list(keys), lambda chosen: source.marking.score(value_of(response, chosen)), best)
    for row, fraction in zip(rows, fractions, strict=True):
        row["fraction"] = fraction
    if source.marking.score({}) > 0:
        source.note(_("In the file, no answer earns marks too; here it earns nothing."))
    return Reading(type_name, body, best, trials, {row["id"]: row for row in rows})


def _several_of(
    source: Source,
    interaction: Node,
    response: Declaration,
    keys: dict[str, str],
    rows: list[Body],
    body: Body,
    type_name: str,
) -> Reading:
    names = list(keys)

    def score(chosen: Sequence[Single]) -> float:
        return source.marking.score(value_of(response, chosen))

    right = _right(response, names, score)
    most = count_of(interaction, "maxChoices", 0) or len(names)
    subsets = [subset for subset in subsets_to_try(names, right) if len(subset) <= most]
    best, trials = source.trials(_probe(type_name, response, keys, subset) for subset in subsets)
    if most < len(names):
        source.note(filled(_("At most %(most)d may be chosen in the file; here any number may be."), {"most": most}))
    field = "spots" if type_name == "hotspot" else "choices"
    bodies = []
    for fractions, scoring in ways(response, names, right, score, best):
        own = [{**row, "fraction": fraction} for row, fraction in zip(rows, fractions, strict=True)]
        bodies.append({**body, field: own, "scoring": scoring})
    chosen_body, note = best_of(type_name, bodies, trials)
    if note is not None:
        source.note(note)
    found = chosen_body[field]
    return Reading(type_name, dict(chosen_body), best, trials, {row["id"]: row for row in found})


def _right(response: Declaration, names: Sequence[str], score: Score) -> list[str]:
    """The right choices: as declared, else by the mapping, else those that earn something alone."""
    declared = [name for name in names if name in response.correct_items]
    if declared and score(declared) > 0:
        return declared
    if response.mapping is not None:
        mapped = [name for name in names if response.mapping.marks_of(name) > 0]
        if mapped:
            return mapped
    return [name for name in names if score([name]) > 0]


def _candidates(
    response: Declaration, names: Sequence[str], right: Sequence[str], score: Score, best: float
) -> Iterator[list[float]]:
    """What each choice may be worth: alone, by what it changes, by the mapping, or an equal share."""
    yield [_within(score([name]) / best) for name in names]
    whole = score(right)
    changes = [
        whole - score([one for one in right if one != name]) if name in right else score([*right, name]) - whole
        for name in names
    ]
    yield [_within(change / best) for change in changes]
    if response.mapping is not None:
        unbounded = {entry.key: entry.marks for entry in response.mapping.entries}
        yield [_within(unbounded.get(name, response.mapping.default) / best) for name in names]
    share = 1 / max(len(right), 1)
    yield [share if name in right else 0.0 for name in names]


def ways(
    response: Declaration, names: Sequence[str], right: Sequence[str], score: Score, best: float
) -> Iterator[tuple[list[float], str]]:
    """(what each choice is worth, how they are marked) that may be what the rules say."""
    for fractions in _candidates(response, names, right, score, best):
        yield fractions, "partial"
    share = 1 / max(len(right), 1)
    yield [share if name in right else 0.0 for name in names], "all_or_nothing"


def choice_rows(
    response: Declaration, keys: dict[str, str], texts: Sequence[str], right: Sequence[str], score: Score, best: float
) -> Iterator[tuple[list[Body], str]]:
    """The same as rows of a body."""
    for fractions, scoring in ways(response, list(keys), right, score, best):
        rows = zip(keys.values(), texts, fractions, strict=True)
        yield [{"id": key, "text": text, "fraction": fraction} for key, text, fraction in rows], scoring


def _within(fraction: float) -> float:
    return max(min(fraction, 1.0), -1.0)


def subsets_to_try(names: Sequence[str], right: Sequence[str]) -> list[list[str]]:
    """Choices to try: all there are of few; of many every one, every two, and what is close to the right ones."""
    if len(names) <= _MOST_EXHAUSTIVE:
        return [list(subset) for size in range(len(names) + 1) for subset in combinations(names, size)]
    wrong = [name for name in names if name not in right]
    tried: list[Sequence[str]] = [[], right, wrong, names]
    tried += [[name for name in names if (name in right) != (name in changed)] for changed in _small(names)]
    tried += list(_small(names))
    return [list(subset) for subset in dict.fromkeys(tuple(subset) for subset in tried)]


def _small(names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    yield from combinations(names, 1)
    yield from list(combinations(names, 2))[:200]


def _as_true_false(reading: Reading) -> Reading | None:
    """The same as a statement to judge, when its choices are “true” and “false” and nothing else is in them."""
    rows = reading.body["choices"]
    words = [plain_text(row["text"]).casefold() for row in rows]
    if len(rows) != 2 or [row["fraction"] for row in rows] not in ([1.0, 0.0], [0.0, 1.0]):
        return None
    if not ({words[0], words[1]} & _TRUE and {words[0], words[1]} & _FALSE):
        return None
    true, false = sorted(rows, key=lambda row: plain_text(row["text"]).casefold() in _FALSE)
    body = {"stem": reading.body["stem"], "answer": true["fraction"] == 1.0}
    places = {true["id"]: _Renamed(body, "feedback_true"), false["id"]: _Renamed(body, "feedback_false")}
    return Reading("true_false", body, reading.mark, reading.trials, places)


class _Renamed(dict[str, Any]):
    """A row whose `feedback` is a field of another name."""

    def __init__(self, body: Body, name: str) -> None:
        super().__init__()
        self._body, self._name = body, name

    def __setitem__(self, key: str, value: Any) -> None:
        self._body[self._name if key == "feedback" else key] = value
