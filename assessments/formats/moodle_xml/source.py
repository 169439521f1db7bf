"""One <question> while it is read: what every type asks of it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias

from django.utils.translation import gettext_lazy as _

from assessments.formats.checking import NotTaken
from assessments.formats.moodle_xml.media import Texts
from assessments.formats.moodle_xml.nodes import Node
from assessments.formats.moodle_xml.settings import Listed, Unkept
from common.messages import filled

# What a type reads: (our type, what the body has beside the common fields).
Reading: TypeAlias = tuple[str, dict[str, Any]]
Reader: TypeAlias = Callable[["Source"], Reading]
_ROUNDED_THIRD = 0.3333333
# Types whose hints are nothing but text to Moodle: without a text, they are none.
_HINTS_OF_TEXT = {"truefalse", "shortanswer", "numerical", "calculated", "calculatedsimple"}
_TAGS = re.compile(r"<(?!(?:img|object|iframe|audio|video|script|input)\b)[^<>]*>", re.IGNORECASE)


class Source:
    """A question element, its texts and files, and the settings in it that we do not keep."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.texts = Texts()
        self.unkept: list[Unkept] = []
        question_text = node.child("questiontext")
        if question_text is not None:
            self.texts.default_format = question_text.attributes.get("format") or "html"

    def html(self, tag: str) -> str:
        """The text of a child in our HTML."""
        return self.texts.html(self.node.child(tag))

    def value(self, tag: str, default: str = "") -> str:
        """The plain text of a child."""
        return self.node.value(tag, default)

    def flag(self, tag: str, default: str = "false") -> bool:
        """A child that says true or false, 1 or 0."""
        return is_true(self.value(tag, default))

    def number(self, tag: str, default: float) -> float:
        """The number in a child; `default` when it is missing or empty. Raises NotTaken."""
        text = self.value(tag)
        return number_of(text) if text else default

    def forget(self, tag: str, *usual: str) -> None:
        """Remember to tell that this setting is not kept, unless it has one of its usual values."""
        text = self.value(tag)
        if text and text not in usual:
            self.lose(tag, f"“{text[:60]}”")

    def forget_text(self, tag: str) -> None:
        """As `forget`, for a text of its own."""
        if self.value(tag):
            self.lose(tag)

    def lose(self, tag: str, more: str = "") -> None:
        """Remember to tell, once, that this is not kept."""
        lost = Unkept(tag, more)
        if lost.written not in [one.written for one in self.unkept]:
            self.unkept.append(lost)

    def common(self) -> dict[str, Any]:
        """What every body has."""
        body: dict[str, Any] = {
            "stem": self._stem(),
            "feedback": self.html("generalfeedback"),
            "feedback_right": self.html("correctfeedback"),
            "feedback_partial": self.html("partiallycorrectfeedback"),
            "feedback_wrong": self.html("incorrectfeedback"),
            "hints": self._hints(),
        }
        body["penalty"] = _penalty(self.number("penalty", _ROUNDED_THIRD))
        mark = self.value("defaultgrade")
        if mark:
            body["mark"] = number_of(mark)
        return body

    def _stem(self) -> str:
        stem = self.html("questiontext")
        name, data = self.value("image"), self.value("image_base64")
        if data:  # before Moodle 2 a question had one picture, below its text
            picture = Node("questiontext", {}, self.node.line)
            file = Node("file", {"name": name.rpartition("/")[2] or "picture"}, self.node.line)
            file.parts.append(data)
            picture.children.append(file)
            for own in self.texts.files(picture).values():
                stem += f' <img src="media:{own}" alt="">'
        return stem

    def _hints(self) -> list[str]:
        hints = []
        for node in self.node.all("hint"):
            old = node.child("hintcontent")
            text = self.texts.html(old if old is not None else node)
            options = [
                option.tag
                for option in node.children
                if option.tag in {"shownumcorrect", "clearwrong", "options", "statenumberofcorrectresponses",
                                  "clearincorrectresponses", "showfeedbacktoresponses"}
                and (not option.children or option.said)
                and option.said != "0"
            ]  # fmt: skip
            if is_blank(text):
                text = ""
            if not text and not (options and self.node.attributes.get("type") not in _HINTS_OF_TEXT):
                continue
            hints.append(text)
            kept_as_is = [tag for tag in options if tag != "options" or node.value("options")]
            if kept_as_is:
                self.lose("hint", ", ".join(kept_as_is))
        return hints

    def notes(self, told: set[str] | None = None) -> list[Any]:
        """Every note of this question; how it looks is told once for all the questions that share `told`."""
        self.forget("hidden", "0")
        if self.node.child("shownumcorrect") is not None:
            self.lose("shownumcorrect")
        told = set() if told is None else told
        shown = [one for one in self.unkept if one.is_shown_only and one.written not in told]
        told.update(one.written for one in shown)
        notes = list(self.texts.notes)
        others = [one for one in self.unkept if not one.is_shown_only]
        if others:
            notes.append(filled(_("Not kept: %(settings)s."), {"settings": Listed(others)}))
        if shown:
            sentence = _("Not kept, here and in the questions after it: %(settings)s.")
            notes.append(filled(sentence, {"settings": Listed(shown)}))
        return notes


def is_blank(html: str) -> bool:
    """Whether a text of Moodle's editor shows nothing (html_is_blank there)."""
    return not _TAGS.sub("", html).strip()


def is_true(text: str) -> bool:
    """Whether a setting is on: anything but “false”, “0” and nothing, as Moodle takes it."""
    return text.strip().lower() not in {"", "0", "false"}


def number_of(text: str) -> float:
    """A finite number with decimal point or comma. Raises NotTaken."""
    cleaned = text.strip()
    if cleaned.count(",") == 1 and "." not in cleaned:
        cleaned = cleaned.replace(",", ".")
    try:
        number = float(cleaned)
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or "_" in cleaned:
        raise NotTaken(filled(_("“%(text)s” is not a number."), {"text": text[:60]}))
    return number


# What Moodle keeps of a part of the mark and of a penalty (NUMBER(12,7) in its tables).
DECIMALS = 7
# question_bank::fraction_options_full in Moodle; whole tenths and quarters need no help.
GRADE_OPTIONS = (0.8333333, 0.6666667, 0.3333333, 0.1666667, 0.1428571, 0.1111111)
GRADE_DISTANCE = 0.00001


def fraction_of(percent: str) -> float:
    """A part of one of a percentage, with the decimals that Moodle keeps. Raises NotTaken."""
    cleaned = percent.strip().replace(",", ".") or "0"
    try:
        fraction = float(Decimal(cleaned).scaleb(-2))
    except (InvalidOperation, ValueError, OverflowError):
        fraction = math.nan
    if not math.isfinite(fraction) or "_" in cleaned:
        raise NotTaken(filled(_("“%(text)s” is not a percentage."), {"text": percent[:60]}))
    return round(fraction, DECIMALS)


def grade_of(percent: str) -> float:
    """What an answer is worth: a percentage that Moodle's editor offers counts as the exact part that it stands for.

    Moodle does so when it imports (`match_grade_options`): 33.333 is a third to seven decimals.
    """
    fraction = fraction_of(percent)
    near = (offered for offered in GRADE_OPTIONS if abs(abs(fraction) - offered) < GRADE_DISTANCE)
    return math.copysign(next(near, abs(fraction)), fraction)


def percent_of(fraction: float) -> str:
    """A fraction as a percentage, with all its digits."""
    shifted = Decimal(repr(fraction)).scaleb(2)
    return format(shifted.to_integral_value() if shifted == shifted.to_integral_value() else shifted, "f")


def written(number: float) -> str:
    """A number in the shortest form that is read back as it is."""
    if number.is_integer() and abs(number) < 1e15:
        return str(int(number))
    return repr(number)


def _penalty(penalty: float) -> float:
    """As Moodle mends what old files rounded; our own third is exact."""
    off = abs(penalty - _ROUNDED_THIRD)
    return _ROUNDED_THIRD if off < 0.005 and abs(penalty - 1 / 3) > 1e-12 else penalty
