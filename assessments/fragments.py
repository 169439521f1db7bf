"""Forms of questions as HTML, rendered once for each version and language; number, names and order are applied after.

Placeholders stand between two characters of Unicode's private use area, which no template writes. A question whose text
has such a character itself is rendered each time, as is a type whose parts are shuffled in more ways than one list.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.template import Context
from django.template.loader import get_template
from django.utils.html import escape
from django.utils.translation import get_language

from assessments.grading.engine import QuestionDefinition, open_question
from assessments.papers.disguise import disguised_view
from assessments.services.sheets import Kept
from common.digests import canonical_json

OPEN, CLOSE = "\ue000", "\ue001"
SLOT, LETTER, ANSWER, STEM, NUMBER, TOTAL = (
    f"{OPEN}{name}{CLOSE}" for name in ("slot", "letter", "answer", "stem", "number", "total")
)
PLACEHOLDER = re.compile(f"{OPEN}([a-z]+){CLOSE}")
MOST_KEPT = 20_000
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
QUESTION = "assessments/sitting_question.html"
RESULT_QUESTION = "assessments/result_question.html"
Fragment = tuple[str, tuple[tuple[str, str], ...], str]  # before the choices, (id, choice), after them

_fragments: Kept[Fragment] = Kept(MOST_KEPT)


def render(template: str, context: Mapping[str, Any]) -> str:
    """The template without a request: no context processors."""
    compiled: Any = get_template(template)
    return str(compiled.template.render(Context(dict(context))))


def untouched_html(slot: Mapping[str, Any], definition: QuestionDefinition, names: Mapping[str, str]) -> str:
    """The candidate's form of a question that is not answered yet, with the names and in the order of its paper."""
    order = slot["variant"].get("order") or {}
    is_list = set(order) <= {"choices"}
    is_fixed = is_list and not set(slot["variant"]) - {"order"}
    key = (definition.digest, get_language())
    fragment = _fragments.get(key) if is_fixed else None
    if fragment is None:
        if not is_fixed or OPEN.encode() in canonical_json(definition.body):
            return _rendered(slot, definition, names, str(slot["slot"]))
        fragment = _fragment(slot, definition)
        _fragments.put(key, fragment)
    head, choices, tail = fragment
    number = str(slot["slot"])
    if not choices:
        return head.replace(SLOT, number)
    by_id = dict(choices)
    wanted = [key for key in order.get("choices", by_id) if key in by_id]
    if len(wanted) < len(by_id):
        wanted += [key for key in by_id if key not in wanted]
    parts = [
        by_id[key].replace(_placeholder(key), names.get(key, key)).replace(LETTER, LETTERS[place])
        for place, key in enumerate(wanted)
    ]
    return f"{head}{''.join(parts)}{tail}".replace(SLOT, number)


def _fragment(slot: Mapping[str, Any], definition: QuestionDefinition) -> Fragment:
    question_type, body = open_question(definition)
    ids = question_type.permutables(body).get("choices", [])
    if not ids:
        return _rendered({**slot, "variant": {}}, definition, {}, SLOT), (), ""
    names = {key: _placeholder(key) for key in ids}
    whole = _rendered({**slot, "variant": {}}, definition, names, SLOT, letter=LETTER)
    empty = _without_choices(question_type.template, get_language() or "")
    before = _common_prefix(whole, empty)
    after = len(empty) - before
    middle = whole[before : len(whole) - after]
    # A choice begins as far before its id as the first one does: what a template writes before it is the same for all.
    starts = [middle.index(names[key]) for key in ids]
    starts = [start - starts[0] for start in starts]
    ends = [*starts[1:], len(middle)]
    choices = tuple((key, middle[start:end]) for key, start, end in zip(ids, starts, ends, strict=True))
    return whole[:before], choices, whole[len(whole) - after :]


@lru_cache(maxsize=256)
def _without_choices(template: str, language: str) -> str:
    return render(template, {"slot": {"slot": SLOT}, "view": {"choices": []}})


def _common_prefix(one: str, other: str) -> int:
    length = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        length += 1
    return length


def _rendered(
    slot: Mapping[str, Any],
    definition: QuestionDefinition,
    names: Mapping[str, str],
    number: str,
    *,
    letter: str = "",
) -> str:
    question_type, body = open_question(definition)
    variant = slot["variant"]
    drawn = question_type.drawn(body, variant)
    view = disguised_view(question_type.view(drawn, question_type.Response(), variant), names)
    if letter:
        view = {**view, "choices": [{**row, "letter": letter} for row in view["choices"]]}
    return render(question_type.template, {"slot": {"slot": number}, "view": view, "body": drawn})


# The marked answer --------------------------------------------------------------------------------------------

_marked: Kept[tuple[Fragment, Fragment]] = Kept(MOST_KEPT)
CHOICE_TYPES = frozenset({"single_choice", "multiple_choice"})
ITEM, END = "<li", "</ul>"


def marked_html(slot: Mapping[str, Any], definition: QuestionDefinition, response: Mapping[str, Any]) -> str:
    """The marked answer of a question with choices, put together of those chosen and not; "" where a type has no list.

    Of a choice only whether it was chosen depends on the candidate, so each is rendered both ways once.
    """
    if definition.type not in CHOICE_TYPES or set(slot["variant"]) - {"order"}:
        return ""
    key = (definition.digest, get_language())
    both = _marked.get(key)
    if both is None:
        if OPEN.encode() in canonical_json(definition.body):
            return ""
        both = _marked_fragment(definition, chosen=False), _marked_fragment(definition, chosen=True)
        _marked.put(key, both)
    (head, plain, tail), (_head, ticked, _tail) = both
    chosen = set(response.get("choices") or ()) | {response.get("choice")}
    by_id = {key: (one, other) for (key, one), (_key, other) in zip(plain, ticked, strict=True)}
    order = (slot["variant"].get("order") or {}).get("choices") or []
    wanted = [key for key in order if key in by_id]
    wanted += [key for key in by_id if key not in wanted]
    parts = [by_id[key][key in chosen].replace(LETTER, LETTERS[place]) for place, key in enumerate(wanted)]
    return f"{head}{''.join(parts)}{tail}"


def _marked_fragment(definition: QuestionDefinition, *, chosen: bool) -> Fragment:
    question_type, body = open_question(definition)
    view = question_type.view(body, question_type.Response(), {})
    marks = [f"{OPEN}{number}{CLOSE}" for number in range(len(view["choices"]))]
    rows = [{**row, "letter": mark, "chosen": chosen} for row, mark in zip(view["choices"], marks, strict=True)]
    whole = render(
        question_type.result_template, {"slot": {"slot": SLOT}, "view": {**view, "choices": rows}, "body": body}
    )
    starts = [whole.rindex(ITEM, 0, whole.index(mark)) for mark in marks]
    ends = [*starts[1:], whole.rindex(END)]
    choices = tuple(
        (row["id"], whole[start:end].replace(mark, LETTER))
        for row, mark, start, end in zip(rows, marks, starts, ends, strict=True)
    )
    return whole[: starts[0]], choices, whole[ends[-1] :]


TEXTS = ("html", "stem", "feedback", "general_feedback", "right_answer")


def marked_question(slot: Any) -> str:
    """A whole question of the result's page. What does not differ between questions with one outcome is kept."""
    here = tuple(name for name in TEXTS if getattr(slot, name))
    facts = (slot.outcome_code, str(slot.outcome), slot.earned, slot.mark, slot.answers_in_stem, slot.is_closed)
    if slot.number is None or slot.feedback_texts:
        return render(RESULT_QUESTION, {"slot": slot})
    values = {name.replace("_", ""): str(getattr(slot, name)) for name in here}
    values["rightanswer"] = escape(values.get("rightanswer", ""))
    return _filled(
        _marked_question(get_language() or "", here, facts),
        {**values, "slot": str(slot.slot), "number": str(slot.number)},
    )


@lru_cache(maxsize=4096)
def _marked_question(language: str, here: tuple[str, ...], facts: tuple[Any, ...]) -> str:
    names = ("outcome_code", "outcome", "earned", "mark", "answers_in_stem", "is_closed")
    texts = {name: f"{OPEN}{name.replace('_', '')}{CLOSE}" for name in here}
    return render(
        RESULT_QUESTION, {"slot": {"slot": SLOT, "number": NUMBER, **dict(zip(names, facts, strict=True)), **texts}}
    )


def _placeholder(key: str) -> str:
    return f"{OPEN}id {key}{CLOSE}"


def question_html(*, slot: int, number: int, total: int, stem: str, answers_in_stem: bool, answer: str) -> str:
    """A whole untouched question of the paper's page around the form of its answer."""
    values = {"slot": str(slot), "number": str(number), "total": str(total), "stem": stem, "answer": answer}
    return _filled(_question(get_language() or "", answers_in_stem), values)


def _filled(template: str, values: Mapping[str, str]) -> str:
    """The template with values for its placeholders, in one pass: what is put in is never looked at again."""
    return PLACEHOLDER.sub(lambda found: values[found[1]], template)


@lru_cache(maxsize=16)
def _question(language: str, answers_in_stem: bool) -> str:
    slot = {"slot": SLOT, "number": NUMBER, "stem": STEM, "answers_in_stem": answers_in_stem}
    return render(QUESTION, {"slot": slot, "total": TOTAL, "answer": ANSWER})
