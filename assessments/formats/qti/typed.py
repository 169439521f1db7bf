"""What is typed – words and numbers – out of QTI: accepted answers are found in the rules and tried."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

from django.utils.translation import gettext_lazy as _

from assessments.formats.checking import NotTaken
from assessments.formats.qti.expressions import tolerances, wildcard_of
from assessments.formats.qti.marking import Marking
from assessments.formats.qti.nodes import Node
from assessments.formats.qti.probing import NEAR, Probe, best_of
from assessments.formats.qti.source import Body, Reading, Source, value_of
from assessments.formats.qti.values import Declaration, Single, is_number, number_of
from assessments.formats.texts import from_plain
from common.html import plain_text
from common.messages import filled

Marks = Callable[[Single], float]
_OTHER = "☃ không có đáp án này ☃"
BLANK = "_____"
_FIELD = "\ue000"  # private use: where the field stands
_MOST_TRIED = 100


def read_text_entry(source: Source, interaction: Node) -> Reading:
    """textEntryInteraction that is alone in its item; a line stands where its field stands in the text."""
    response = source.response(interaction)
    stem = source.stem(lambda node: _FIELD if node is interaction else None)
    if plain_text(stem) == _FIELD and not source.item.get("title"):
        raise NotTaken(_("It asks nothing: there is no text around its field."))
    is_last = plain_text(stem).endswith(_FIELD)  # where a field needs no sign
    stem = stem.replace(f"<p>{_FIELD}</p>", "").replace(_FIELD, "" if is_last else BLANK).strip()
    return _typed_reading(source, interaction, response, stem)


def read_slider(source: Source, interaction: Node) -> Reading:
    """sliderInteraction: a number that is typed; its bounds stand below the text."""
    response, stem = source.response(interaction), source.stem()
    low, high = interaction.get("lowerBound"), interaction.get("upperBound")
    if response.base_type not in {"float", "integer"} or response.cardinality != "single":
        raise NotTaken(filled(_("Its response is of the type “%(type)s”."), {"type": response.base_type[:30]}))
    if low and high:
        stem += f"<p>{from_plain(low[:20])} – {from_plain(high[:20])}</p>"
    source.note(_("In the file the number is chosen with a slider; here it is typed."))
    return _typed_reading(source, interaction, response, stem)


def _typed_reading(source: Source, interaction: Node, response: Declaration, stem: str) -> Reading:
    type_name, own = typed_body(source, interaction, response, lambda item: _score(source, response, item))
    body = {"stem": stem, **own}
    items = list(tried_items(type_name, own))
    best, trials = source.trials(
        [Probe({"text": _typed(item)}, value_of(response, [item]), frozenset([key])) for key, item in items]
        + [Probe({}, {})]
    )
    found, note = best_of(type_name, [body], trials)
    if note is not None:
        source.note(note)
    return Reading(type_name, dict(found), best, trials, {str(n): row for n, row in enumerate(found["answers"])})


def _score(source: Source, response: Declaration, item: Single) -> float:
    return source.marking.score(value_of(response, [item]))


def _typed(item: Single) -> str:
    return repr(item) if is_number(item) else str(item)


def typed_body(source: Source, interaction: Node, response: Declaration, marks: Marks) -> tuple[str, Body]:
    """(short_answer or numerical, its own fields). Raises NotTaken when nothing is accepted."""
    if interaction.get("patternMask"):
        source.note(filled(_("Not kept: %(what)s."), {"what": f"patternMask “{interaction.get('patternMask')[:40]}”"}))
    if response.base_type in {"float", "integer"}:
        return "numerical", _numbers(source.marking, response, marks)
    if response.base_type not in {"string", "identifier"} or response.cardinality not in {
        "single",
        "multiple",
        "ordered",
    }:
        raise NotTaken(filled(_("Its response is of the type “%(type)s”."), {"type": response.base_type[:30]}))
    return "short_answer", _texts(source, response, marks)


def tried_items(type_name: str, body: Body) -> Iterator[tuple[str, Single]]:
    """(number of the answer, what to type): each accepted one and what is close to it, and something else."""
    for number, row in enumerate(body["answers"]):
        if type_name == "short_answer":
            text = row["text"].replace("\\*", "\0").strip("*").replace("\0", "*")
            if text:
                yield from ((str(number), one) for one in (text, text.swapcase(), f"x{text}", f"{text}x"))
            continue
        value, tolerance = row["value"], row["tolerance"]
        yield str(number), value
        step = max(tolerance, abs(value), 1.0) * 1e-6
        for edge in (value - tolerance, value + tolerance):
            yield from (("", edge - step), ("", edge + step))
    yield "", (_OTHER if type_name == "short_answer" else 987654321.5)


def _literals(marking: Marking, base_types: set[str]) -> Iterator[str]:
    for node in marking.rules("baseValue"):
        if node.get("baseType", "string") in base_types and node.text:
            yield node.text


def _texts(source: Source, response: Declaration, marks: Marks) -> Body:
    known = [str(item) for item in response.correct_items]
    if response.mapping is not None:
        known += [str(entry.key) for entry in response.mapping.entries]
    known += _literals(source.marking, {"string", "identifier"})
    patterns = [
        found[0]
        for node in source.marking.tests_of(response.identifier, "patternMatch")
        if (found := wildcard_of(node.get("pattern")))
    ]
    if patterns:
        return _patterns(patterns, marks)
    other = marks(_OTHER)
    worth = {text: marks(text) for text in list(dict.fromkeys(known))[:_MOST_TRIED] if text.strip()}
    best = max([*worth.values(), other], default=0.0)
    if best <= 0:
        raise NotTaken(_("No answer earns a mark by its rules."))
    answers: list[Body] = []
    cases = set()
    for text, earned in worth.items():
        if abs(earned - other) <= NEAR:
            continue
        pattern = text.strip().replace("*", "\\*")
        if abs(marks(f"☃{text}☃") - earned) <= NEAR:
            pattern = f"*{pattern}*"
        if text.swapcase() != text:
            cases.add(abs(marks(text.swapcase()) - earned) > NEAR)
        answers.append({"text": pattern, "fraction": max(earned / best, -1.0)})
    if abs(other) > NEAR:
        answers.append({"text": "*", "fraction": max(other / best, -1.0)})
    if len(cases) > 1:
        source.note(_("Capital and small letters count for some answers in the file; here they count for all."))
    return {"answers": answers, "case_sensitive": True in cases}


def _patterns(patterns: list[str], marks: Marks) -> Body:
    """Answers that the rules take as patterns, in the order of the rules."""
    answers: list[Body] = []
    cases = set()
    for pattern in list(dict.fromkeys(patterns))[:_MOST_TRIED]:
        text = pattern.replace("\\*", "\0").replace("*", "").replace("\0", "*") or _OTHER
        answers.append({"text": pattern, "fraction": marks(text)})
        if text.swapcase() != text:
            cases.add(abs(marks(text.swapcase()) - marks(text)) > NEAR)
    best = max(row["fraction"] for row in answers)
    if best <= 0:
        raise NotTaken(_("No answer earns a mark by its rules."))
    for row in answers:
        row["fraction"] = max(row["fraction"] / best, -1.0)
    return {"answers": answers, "case_sensitive": True in cases}


def _numbers(marking: Marking, response: Declaration, marks: Marks) -> Body:
    other = marks(987654321.5)
    ranges = {key: marks(key[0]) for key in list(dict.fromkeys(_ranges(marking, response)))[:_MOST_TRIED]}
    best = max([*ranges.values(), other], default=0.0)
    if best <= 0:
        raise NotTaken(_("No answer earns a mark by its rules."))
    answers: list[Body] = []
    for (value, tolerance), earned in ranges.items():
        if abs(earned - other) <= NEAR or any(row["value"] == value for row in answers):
            continue
        answers.append({"value": value, "tolerance": tolerance, "fraction": max(earned / best, -1.0)})
    return {"answers": answers, "other_fraction": max(other / best, -1.0) if abs(other) > NEAR else 0.0}


def _ranges(marking: Marking, response: Declaration) -> Iterator[tuple[float, float]]:
    """(middle, half of the width) of every range that the rules may accept, the likeliest first."""
    correct = [float(item) for item in response.correct_items if is_number(item)]  # type: ignore[arg-type]
    for node in marking.tests_of(response.identifier, "equal"):
        mode, below, above = tolerances(node)
        for value in _values_in(node, correct):
            if mode == "relative":
                below, above = abs(value) * below / 100, abs(value) * above / 100
            if mode != "exact":
                yield (value, below) if below == above else (value + (above - below) / 2, (above + below) / 2)
    for node in marking.tests_of(response.identifier, "equalRounded"):
        figures = int(number_of(node.get("figures", "0")))
        for value in _values_in(node, correct):
            if node.get("roundingMode", "significantFigures") == "decimalPlaces":
                yield round(value, figures), 0.5 * 10.0**-figures
            else:
                digits, _e, exponent = f"{value:.{max(figures, 1) - 1}e}".partition("e")
                yield float(f"{digits}e{exponent}"), 0.5 * 10.0 ** (int(exponent) - max(figures, 1) + 1)
    bounds = sorted(
        {
            value
            for node in marking.tests_of(response.identifier, "gt", "gte", "lt", "lte")
            for value in _values_in(node, correct)
        }
    )
    for low, high in pairwise(bounds):
        yield (low + high) / 2, (high - low) / 2
    for value in correct:
        yield value, 0.0
    if response.mapping is not None:
        for entry in response.mapping.entries:
            if is_number(entry.key):
                yield float(entry.key), 0.0  # type: ignore[arg-type]
    for text in _literals(marking, {"float", "integer"}):
        yield number_of(text), 0.0


def _values_in(node: Node, correct: list[float]) -> list[float]:
    literals = [number_of(one.text) for one in node.all("baseValue") if one.text]
    return literals or (correct if node.child("correct") is not None else [])
