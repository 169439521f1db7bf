"""What stands between the braces of a GIFT question."""

from __future__ import annotations

import re
from typing import Any

from django.utils.translation import gettext_lazy as _

from assessments.formats.checking import NotTaken
from assessments.formats.gift.signs import html_of, shown, taken_apart
from assessments.formats.moodle_xml.media import Texts
from assessments.formats.moodle_xml.source import grade_of, number_of
from assessments.question_types.source import letters
from common.messages import filled

_WEIGHT = re.compile(r"%(-*[0-9]{1,3}\.?[0-9]*)%")
_TRUE_FALSE = {"T": True, "TRUE": True, "F": False, "FALSE": False}
MOST_ANSWERS = 200
Answers = tuple[str, dict[str, Any]]


def read_answers(inside: str, default: str, texts: Texts) -> Answers:
    """(type, what the answers say); `inside` has neither the braces nor the general feedback. Raises NotTaken."""
    if not inside:
        return "essay", {"format": "html", "lines": 15}
    if inside.startswith("#"):
        return _numerical(inside[1:], default, texts)
    if "~" in inside:
        return _choices(inside, default, texts)
    if "=" in inside and "->" in inside:
        return _matching(inside, default, texts)
    word = inside.partition("#")[0].strip().upper()
    if word in _TRUE_FALSE:
        return _true_false(inside, _TRUE_FALSE[word], default, texts)
    return _short_answer(inside, default, texts)


def _choices(inside: str, default: str, texts: Texts) -> Answers:
    rows = []
    for piece in _pieces(re.sub(r"~?=", "~=", inside), "~"):
        right = piece.startswith("=")
        weight, text = _weighed(piece.removeprefix("=").strip(), 1.0 if right else 0.0)
        answer, _hash, feedback = text.partition("#")
        rows.append((answer, weight, feedback))
    choices = [
        {
            "id": key,
            "text": html_of(answer, default, texts),
            "fraction": weight,
            "feedback": html_of(feedback, default, texts),
        }
        for key, (answer, weight, feedback) in zip(letters(len(rows)), rows, strict=True)
    ]
    return ("single_choice" if "=" in inside else "multiple_choice"), {"choices": choices}


def _true_false(inside: str, answer: bool, default: str, texts: Texts) -> Answers:
    _word, wrong, right = (*inside.split("#", 2), "", "")[:3]
    told_right, told_wrong = html_of(right, default, texts), html_of(wrong, default, texts)
    return "true_false", {
        "answer": answer,
        "feedback_true": told_right if answer else told_wrong,
        "feedback_false": told_wrong if answer else told_right,
        "penalty": 1.0,
    }


def _short_answer(inside: str, default: str, texts: Texts) -> Answers:
    answers = []
    for piece in _pieces(inside):
        weight, text = _weighed(piece, 1.0)
        answer, _hash, feedback = text.partition("#")
        said, _kind = taken_apart(answer, default)
        answers.append({"text": said, "fraction": weight, "feedback": html_of(feedback, default, texts)})
    return "short_answer", {"answers": answers}


def _matching(inside: str, default: str, texts: Texts) -> Answers:
    pairs: list[dict[str, str]] = []
    extra: list[dict[str, str]] = []
    for piece in _pieces(inside):
        prompt, arrow, answer = piece.partition("->")
        if not arrow:
            raise NotTaken(filled(_("The pair “%(text)s” has no arrow ->."), {"text": shown(piece)[:60]}))
        shown_prompt = html_of(prompt, default, texts)
        row = {"answer": texts.string(shown(answer).strip())}
        if shown_prompt:
            pairs.append({"id": f"p{len(pairs) + 1}", "prompt": shown_prompt, **row})
        else:
            extra.append({"id": f"x{len(extra) + 1}", **row})
    return "matching", {"pairs": pairs, "extra_answers": extra}


def _numerical(inside: str, default: str, texts: Texts) -> Answers:
    right, tilde, wrong = inside.partition("~")
    body: dict[str, Any] = {"answers": []}
    for piece in _pieces(right):
        weight, text = _weighed(piece, 1.0)
        number, _hash, feedback = text.partition("#")
        number, told = shown(number).strip(), html_of(feedback, default, texts)
        if number == "*":
            body |= {"other_fraction": weight, "other_feedback": told}
            break
        value, tolerance = _interval(number)
        body["answers"].append({"value": value, "tolerance": tolerance, "fraction": weight, "feedback": told})
    if tilde and "other_feedback" not in body:
        text, _hash, feedback = wrong.partition("#")
        if text.strip():
            texts.notes.append(
                filled(_("Any other number is wrong; “%(text)s” was left out."), {"text": shown(text).strip()[:60]})
            )
        body["other_feedback"] = html_of(feedback, default, texts)
    return "numerical", body


def _interval(text: str) -> tuple[float, float]:
    """(value, tolerance) of `3`, `3:0.5` or `2.5..3.5`. Raises NotTaken."""
    low, dots, high = text.partition("..")
    if dots and low:
        least, most = sorted((number_of(low), number_of(high)))
        middle = (least + most) / 2
        return middle, most - middle
    value, colon, tolerance = text.partition(":")
    return number_of(value), abs(number_of(tolerance)) if colon and tolerance.strip() else 0.0


def _pieces(text: str, sign: str = "=") -> list[str]:
    """What the signs divide. Raises NotTaken when that is more than any question has."""
    if text.count(sign) > MOST_ANSWERS:
        raise NotTaken(_("It is too long for a question."))
    return [piece.strip() for piece in text.split(sign) if piece.strip()]


def _weighed(text: str, usual: float) -> tuple[float, str]:
    """(what an answer is worth, the rest of it): the percentage before it, else the usual."""
    found = _WEIGHT.match(text)
    if found is None:
        return usual, text
    return grade_of(re.sub("^-+", "-", found[1])), text[found.end() :].strip()
