"""The questions inside a text that Moodle calls cloze, `{1:SHORTANSWER:=Paris#Right~*#No}`, both ways."""

from __future__ import annotations

import html as entities
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm
from typing import Any

from django.utils.translation import gettext_lazy as _

from assessments.formats.checking import NotTaken
from assessments.formats.moodle_xml.source import DECIMALS, fraction_of, number_of, percent_of, written
from assessments.question_types.source import letters
from common.messages import filled

# Name in the file → (kind, layout, shuffle, case sensitive). The first name of each row is the one that we write.
_KINDS: dict[tuple[str, ...], tuple[str, str, bool, bool]] = {
    ("NUMERICAL", "NM"): ("numerical", "field", False, False),
    ("SHORTANSWER", "SA", "MW"): ("short_answer", "field", False, False),
    ("SHORTANSWER_C", "SAC", "MWC"): ("short_answer", "field", False, True),
    ("MULTICHOICE", "MC"): ("multiple_choice_one", "dropdown", False, False),
    ("MULTICHOICE_V", "MCV"): ("multiple_choice_one", "vertical", False, False),
    ("MULTICHOICE_H", "MCH"): ("multiple_choice_one", "horizontal", False, False),
    ("MULTICHOICE_S", "MCS"): ("multiple_choice_one", "dropdown", True, False),
    ("MULTICHOICE_VS", "MCVS"): ("multiple_choice_one", "vertical", True, False),
    ("MULTICHOICE_HS", "MCHS"): ("multiple_choice_one", "horizontal", True, False),
    ("MULTIRESPONSE", "MR"): ("multiple_response", "vertical", False, False),
    ("MULTIRESPONSE_H", "MRH"): ("multiple_response", "horizontal", False, False),
    ("MULTIRESPONSE_S", "MRS"): ("multiple_response", "vertical", True, False),
    ("MULTIRESPONSE_HS", "MRHS"): ("multiple_response", "horizontal", True, False),
}
_BY_NAME = {name: facts for names, facts in _KINDS.items() for name in names}
_NAME_OF = {facts: names[0] for names, facts in _KINDS.items()}
_START = re.compile(r"\{([0-9]*):(" + "|".join(sorted(_BY_NAME, key=len, reverse=True)) + "):")
_PERCENT = re.compile(r"%(-?[0-9]+(?:[.,][0-9]*)?)%")
_ESCAPED = re.compile(r"\\([}#~/\"])")
_TAG = re.compile(r"<[^<>]*>")
_NUMBER = re.compile(r"-?(?:[0-9]+[.,]?[0-9]*|[.,][0-9]+)(?:[eE][-+]?[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Part:
    """One of the questions: its kind, what it weighs, how it is laid out, and its own body without a stem."""

    kind: str
    weight: float
    layout: str
    body: Mapping[str, Any]


@dataclass(slots=True)
class _Alternative:
    fraction: float = 0.0
    weighted: bool = False
    answer: str = ""
    feedback: str = ""


@dataclass(slots=True)
class _Scan:
    """Where a part ends and what its alternatives say, as they stand."""

    end: int = -1
    alternatives: list[tuple[str, str]] = field(default_factory=list)


def read_cloze_text(text: str) -> tuple[str, list[Part]]:
    """(the text with {#1}, {#2} … where the parts were, the parts). Raises NotTaken."""
    if re.search(r"\{#[0-9]+\}", text):
        raise NotTaken(_("The text holds “{#1}”, which stands for a part of it."))
    pieces: list[str] = []
    parts: list[Part] = []
    done = 0
    while start := _START.search(text, done):
        scan = _scanned(text, start.end())
        if scan.end < 0:
            raise NotTaken(filled(_("Part %(number)d has no closing brace."), {"number": len(parts) + 1}))
        parts.append(_part(start[1], start[2], scan.alternatives))
        pieces += [text[done : start.start()], f"{{#{len(parts)}}}"]
        done = scan.end
    if not parts:
        raise NotTaken(_("The text holds no part such as {1:SHORTANSWER:=…}."))
    return "".join([*pieces, text[done:]]), parts


def _scanned(text: str, start: int) -> _Scan:
    """Alternatives (answer with its weight, feedback) up to the closing brace."""
    scan, begin, answer, at = _Scan(), start, None, start
    while at < len(text):
        sign = text[at]
        if sign == "\\" and text[at + 1 : at + 2] in {"~", "#", "}"}:
            at += 2
            continue
        entity = text.endswith(("&", "&amp;"), 0, at)  # &#39; is a sign, not feedback
        if sign == "#" and answer is None and not entity:
            answer, begin = text[begin:at], at + 1
        elif sign in "~}" and (answer is not None or not entity):
            scan.alternatives.append((text[begin:at], "") if answer is None else (answer, text[begin:at]))
            answer, begin = None, at + 1
            if sign == "}":
                scan.end = at + 1
                return scan
        at += 1
    return scan


def _part(weight: str, name: str, raw: list[tuple[str, str]]) -> Part:
    kind, layout, shuffle, case_sensitive = _BY_NAME[name]
    found = [_alternative(answer, feedback) for answer, feedback in raw if answer.strip()]
    body: dict[str, Any]
    if kind == "numerical":
        body = _numerical(found)
    elif kind == "short_answer":
        answers = [
            {"text": _bare(one.answer), "fraction": one.fraction, "feedback": _unescaped(one.feedback)} for one in found
        ]
        body = {"answers": answers, "case_sensitive": case_sensitive}
    else:
        if kind == "multiple_response":
            _share_out(found)
        body = {
            "choices": [
                {
                    "id": key,
                    "text": _unescaped(one.answer),
                    "fraction": one.fraction,
                    "feedback": _unescaped(one.feedback),
                }
                for key, one in zip(letters(len(found)), found, strict=True)
            ],
            "shuffle": shuffle,
        }
    return Part(kind, float(weight or 1), layout, body)


def _alternative(text: str, feedback: str) -> _Alternative:
    text = text.strip()
    if text.startswith("="):
        return _Alternative(1.0, False, text[1:].strip(), feedback.strip())
    percent = _PERCENT.match(text)
    if percent:
        return _Alternative(fraction_of(percent[1]), percent[1] != "0", text[percent.end() :].strip(), feedback.strip())
    return _Alternative(0.0, False, text, feedback.strip())


def _numerical(found: list[_Alternative]) -> dict[str, Any]:
    answers: list[dict[str, Any]] = []
    for one in found:
        text = _bare(one.answer)
        if text == "*":
            return {"answers": answers, "other_fraction": one.fraction, "other_feedback": _unescaped(one.feedback)}
        value, _colon, tolerance = text.partition(":")
        if not _NUMBER.fullmatch(value) or (tolerance and not _NUMBER.fullmatch(tolerance)):
            raise NotTaken(filled(_("“%(text)s” is no number with its tolerance."), {"text": text[:60]}))
        answers.append(
            {
                "value": number_of(value),
                "tolerance": abs(number_of(tolerance or "0")),
                "fraction": one.fraction,
                "feedback": _unescaped(one.feedback),
            }
        )
    return {"answers": answers}


def _share_out(found: list[_Alternative]) -> None:
    """Right choices of a multiple response share everything; wrong ones without a weight cancel one each."""
    total = sum(one.fraction for one in found if one.fraction > 0)
    weighted = any(one.weighted for one in found)
    for one in found if total else []:
        if one.fraction > 0:
            one.fraction = round(one.fraction / total, DECIMALS)
        elif not weighted:
            one.fraction = round(-1 / total, DECIMALS)


def _unescaped(text: str) -> str:
    """What an alternative says: entities were written by an editor, backslashes by hand."""
    return _ESCAPED.sub(r"\1", entities.unescape(text))


def _bare(text: str) -> str:
    """As `_unescaped`, for a text that is typed: markup of the editor is not part of it."""
    return _ESCAPED.sub(r"\1", entities.unescape(_TAG.sub("", text))).strip()


# Writing -------------------------------------------------------------------------------------------------------

_MARK = re.compile(r"\{#([1-9][0-9]{0,2})\}")
_MOST_WEIGHT = 1_000_000


def write_cloze_text(body: Mapping[str, Any]) -> str:
    """The text of a cloze body with its parts in it. Raises NotTaken."""
    weights = _whole([part["weight"] for part in body["parts"]])
    texts = {part["id"]: _written_part(part, weight) for part, weight in zip(body["parts"], weights, strict=True)}
    return _MARK.sub(lambda found: texts.get(found[1], found[0]), body["stem"])


def _whole(weights: list[float]) -> list[int]:
    """The weights as whole numbers in the same proportion: Moodle has no others."""
    fractions = [Fraction(repr(weight)) for weight in weights]
    common = lcm(*(fraction.denominator for fraction in fractions))
    whole = [int(fraction * common) for fraction in fractions]
    if max(whole) > _MOST_WEIGHT:
        raise NotTaken(_("Moodle has only whole numbers as weights of parts."))
    return whole


def _written_part(part: Mapping[str, Any], weight: int) -> str:
    kind, body = part["kind"], part["body"]
    facts = (kind, part["layout"], body.get("shuffle", False), body.get("case_sensitive", False))
    name = _NAME_OF.get(facts, "MULTIRESPONSE")
    percent = kind == "multiple_response"
    if kind == "numerical":
        rows = [
            (f"{written(answer['value'])}:{written(answer['tolerance'])}", answer["fraction"], answer["feedback"])
            for answer in body["answers"]
        ]
        if body["other_fraction"] or body["other_feedback"]:
            rows.append(("*", body["other_fraction"], body["other_feedback"]))
    else:
        found = body["answers"] if kind == "short_answer" else body["choices"]
        rows = [(row["text"], row["fraction"], row["feedback"]) for row in found]
    alternatives = "~".join(_written_alternative(*row, percent=percent) for row in rows)
    return f"{{{weight}:{name}:{alternatives}}}"


def _written_alternative(answer: str, fraction: float, feedback: str, *, percent: bool) -> str:
    """Signs that mean something here are written as entities, which Moodle reads in every place."""
    sign = "=" if fraction == 1 and not percent else f"%{percent_of(fraction)}%"
    told = f"#{_quoted(feedback)}" if feedback else ""
    return f"{sign}{_quoted(answer)}{told}"


def _quoted(text: str) -> str:
    text = entities.escape(text, quote=False)
    return re.sub(r"[}{#~\\]", lambda found: f"&#{ord(found[0])};", text)
