"""One <question> while it is read: what every type asks of it."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias

from django.utils.translation import gettext_lazy as _

from assessments.formats.checking import NotTaken
from assessments.formats.moodle_xml.media import Texts
from assessments.formats.moodle_xml.nodes import Node
from common.messages import filled

# What a type reads: (our type, what the body has beside the common fields).
Reading: TypeAlias = tuple[str, dict[str, Any]]
Reader: TypeAlias = Callable[["Source"], Reading]
_ROUNDED_THIRD = 0.3333333


class Source:
    """A question element, its texts and files, and the settings in it that we do not keep."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.texts = Texts()
        self.unkept: list[str] = []
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
            self.unkept.append(f"{tag} “{text[:60]}”")

    def forget_text(self, tag: str) -> None:
        """As `forget`, for a text of its own."""
        if self.value(tag):
            self.unkept.append(tag)

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
        penalty = self.value("penalty")
        if penalty:
            body["penalty"] = _penalty(number_of(penalty))
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
            if not text and not options:
                continue
            hints.append(text)
            kept_as_is = [tag for tag in options if tag != "options" or node.value("options")]
            if kept_as_is and f"hint {', '.join(kept_as_is)}" not in self.unkept:
                self.unkept.append(f"hint {', '.join(kept_as_is)}")
        return hints

    def notes(self) -> list[Any]:
        """Every note of this question."""
        self.forget("hidden", "0")
        if self.node.child("shownumcorrect") is not None:
            self.unkept.append("shownumcorrect")
        if not self.unkept:
            return self.texts.notes
        return [*self.texts.notes, filled(_("Not kept: %(settings)s."), {"settings": "; ".join(self.unkept)})]


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


# question_bank::fraction_options_full in Moodle; whole tenths and quarters need no help.
GRADE_OPTIONS = (0.8333333, 0.6666667, 0.3333333, 0.1666667, 0.1428571, 0.1111111)
GRADE_DISTANCE = 0.00001


def fraction_of(percent: str) -> float:
    """A part of one of a percentage, without losing a digit. Raises NotTaken."""
    cleaned = percent.strip().replace(",", ".") or "0"
    try:
        fraction = float(Decimal(cleaned).scaleb(-2))
    except (InvalidOperation, ValueError, OverflowError):
        fraction = math.nan
    if not math.isfinite(fraction) or "_" in cleaned:
        raise NotTaken(filled(_("“%(text)s” is not a percentage."), {"text": percent[:60]}))
    return fraction


def grade_of(percent: str) -> float:
    """What an answer is worth: a percentage that Moodle's editor offers counts as the exact part that it stands for.

    Moodle does so when it imports (`match_grade_options`): 33.333 is a third to seven decimals. A percentage with more
    than five decimals, which only we write, is taken as it stands.
    """
    fraction = fraction_of(percent)
    if len(percent.strip().partition(".")[2]) > 5:
        return fraction
    near = (offered for offered in GRADE_OPTIONS if abs(abs(fraction) - offered) < GRADE_DISTANCE)
    return math.copysign(next(near, abs(fraction)), fraction)


def percent_of(fraction: float) -> str:
    """The percentage that `fraction_of` reads as exactly this fraction."""
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
