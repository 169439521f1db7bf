"""Bodies out of what people write by hand, in a spreadsheet, a JSON file or Word; the same for all of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from assessments.formats.base import MEDIA_SCHEME
from assessments.formats.checking import NotTaken
from assessments.formats.keys import LETTERS
from assessments.formats.texts import from_html, take_data_uris
from assessments.question_types.base import MOST_TEXT
from assessments.question_types.numbers import read_number
from assessments.question_types.source import letters
from common.messages import filled
from common.vietnamese import fold

Draft = tuple[str, dict[str, Any]]
_TRUE = frozenset(["dung", "true", "d", "yes", "co", "t"])
_FALSE = frozenset(["sai", "false", "s", "no", "khong", "f"])
_LETTERED = re.compile(r"\s*\(?([A-Ta-t])\s*[.):\]/]\s*(?=\S)")
_TOLERANCE = re.compile(r"\s*(?:±|\+/-|\+-)\s*")
_WRITTEN_NUMBER = re.compile(r"[-−–]?(?:0|[1-9][\d.,]*|0[.,]\d+)(?:[eE][-+]?\d+|\s*[x×*]\s*10\^?[-+]?\d+)?")


def html_of(text: str, keep: Callable[[str, bytes], str]) -> str:
    """Our HTML of HTML that somebody wrote; pictures written into it become files. Raises NotTaken when too long."""
    text = take_data_uris(text, lambda name, content: MEDIA_SCHEME + keep(name, content))
    if len(text) > MOST_TEXT:
        raise NotTaken(filled(_("A text is longer than %(most)d signs."), {"most": MOST_TEXT}))
    return from_html(text)


def lettered_lines(text: str) -> tuple[str, list[str]]:
    """(what stands above, the choices) of a text with a line for each of A. B. C. …; no choices when it has none."""
    lines = text.split("\n")
    found = [(place, match) for place, line in enumerate(lines) if (match := _LETTERED.match(line))]
    said = "".join(match[1].upper() for _place, match in found)
    if len(found) < 2 or said != LETTERS[: len(found)]:
        return text, []
    ends = [*(place for place, _match in found[1:]), len(lines)]
    choices = [
        "\n".join([lines[place][match.end() :], *lines[place + 1 : end]]).strip()
        for (place, match), end in zip(found, ends, strict=True)
    ]
    return ("\n".join(lines[: found[0][0]]).strip(), choices) if all(choices) else (text, [])


def truth_of(text: str, *, short: bool = True) -> bool | None:
    """Whether the text says true or false, in Vietnamese or English; `short`: Đ, S, T and F as well."""
    said = fold(text).strip(" .")
    if not short and len(said) == 1:
        return None
    return True if said in _TRUE else False if said in _FALSE else None


def choice_draft(
    texts: Sequence[str], right: Sequence[int], feedback: Sequence[str] = (), several: bool = False
) -> Draft:
    """A question with choices (HTML); several right ones share the mark, and wrong ones take as much away.

    Raises NotTaken when no choice is right.
    """
    if not right:
        raise NotTaken(_("No right answer is marked: say which one it is."))
    several = several or len(right) > 1
    worth = 1 / len(right) if several else 1.0
    choices = [
        {
            "id": key,
            "text": text,
            "fraction": worth if place in right else -worth if several else 0.0,
            "feedback": feedback[place] if place < len(feedback) else "",
        }
        for place, (key, text) in enumerate(zip(letters(len(texts)), texts, strict=True))
    ]
    return ("multiple_choice" if several else "single_choice"), {"choices": choices}


def truth_draft(answer: bool, feedback_true: str = "", feedback_false: str = "") -> Draft:
    """True or false."""
    return "true_false", {"answer": answer, "feedback_true": feedback_true, "feedback_false": feedback_false}


def short_draft(answers: Sequence[str]) -> Draft:
    """Short answer: each text is accepted as it stands, so a * is a * here."""
    return "short_answer", {"answers": [{"text": text.replace("*", "\\*")} for text in answers]}


def numbers_of(answers: Sequence[str]) -> list[dict[str, float]] | None:
    """Values and tolerances of texts such as "3,14 ± 0,01"; None when one of them is no number as one writes it."""
    found = []
    for answer in answers:
        value, *tolerance = _TOLERANCE.split(" ".join(answer.split()), maxsplit=1)
        numbers = [_number(value), *map(_number, tolerance)]
        if None in numbers:
            return None
        found.append({"value": numbers[0], "tolerance": abs(numbers[1] or 0.0) if tolerance else 0.0})
    return found or None  # type: ignore[return-value]


def _number(text: str) -> float | None:
    if not _WRITTEN_NUMBER.fullmatch(text.strip()):
        return None
    number, unit = read_number(text)
    return None if unit else number


def matching_draft(pairs: Sequence[tuple[str, str]], extra: Sequence[str] = ()) -> Draft:
    """Matching, from prompts and answers in HTML."""
    return "matching", {
        "pairs": [{"id": f"p{number}", "prompt": one, "answer": other} for number, (one, other) in enumerate(pairs, 1)],
        "extra_answers": [{"id": f"x{number}", "answer": text} for number, text in enumerate(extra, 1)],
    }


def ordering_draft(items: Sequence[str]) -> Draft:
    """Ordering, from items in HTML in their right order."""
    return "ordering", {
        "items": [{"id": key, "text": text} for key, text in zip(letters(len(items)), items, strict=True)]
    }


def truth_table_draft(rows: Sequence[tuple[str, bool, str]]) -> Draft:
    """Statements, each true or false: (HTML, is it true, feedback)."""
    return "matrix", {
        "columns": [{"id": "c1", "text": "Đúng"}, {"id": "c2", "text": "Sai"}],
        "rows": [{"id": f"r{n}", "text": text, "feedback": told} for n, (text, _is, told) in enumerate(rows, 1)],
        "right": {f"r{n}": ["c1" if is_true else "c2"] for n, (_text, is_true, _told) in enumerate(rows, 1)},
    }


def difficulty_of(text: str) -> str:
    """basic, intermediate or advanced. Raises NotTaken for a word that says none of them."""
    said = fold(text).strip(" .")
    if not said:
        return ""
    for level, words in _LEVELS.items():
        if said in words:
            return level
    sentence = _("“%(text)s” is no level: write Cơ bản, Trung bình or Nâng cao.")
    raise NotTaken(filled(sentence, {"text": text[:40]}))


_LEVELS = {
    "basic": {"co ban", "basic", "de", "easy", "nhan biet", "thong hieu", "nb", "th", "1", "beginner", "low", "thap"},
    "intermediate": {"trung binh", "intermediate", "medium", "van dung", "vd", "2", "tb", "vua", "kha", "normal"},
    "advanced": {"nang cao", "advanced", "kho", "hard", "difficult", "van dung cao", "vdc", "3", "high", "cao", "gioi"},
}
