"""Short answer: the first accepted pattern that fits counts; `*` stands for any text, `\\*` for the sign itself."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Annotated, Any

from django.utils.translation import gettext_lazy as _
from pydantic import Field, StringConstraints

from assessments.question_types.base import (
    MOST_RESPONSE,
    UNANSWERED,
    Body,
    Fraction,
    Html,
    Outcome,
    PlainLine,
    QuestionType,
    Shape,
    graded,
)
from assessments.question_types.editor import FEEDBACK, FRACTION_HELP, Flag, Line, Number, Rows
from assessments.question_types.source import html_of, listed, read_common, source_of, write_common
from common.vietnamese import fold

_SPACES = re.compile(r"\s+")


class AcceptedText(Shape):
    """A pattern, what it is worth, what it tells."""

    text: Annotated[PlainLine, Field(min_length=1)]
    fraction: Fraction = 1.0
    feedback: Html = ""


class ShortAnswerBody(Body):
    """Accepted patterns in the order in which they are tried."""

    answers: Annotated[tuple[AcceptedText, ...], Field(min_length=1, max_length=50)]
    case_sensitive: bool = False
    diacritics_sensitive: bool = True


class ShortAnswerResponse(Shape):
    """What was typed."""

    text: Annotated[str, StringConstraints(max_length=MOST_RESPONSE)] | None = None


class ShortAnswer(QuestionType[ShortAnswerBody, ShortAnswerResponse]):
    """Type a word or two."""

    name = "short_answer"
    label = _("Short answer")
    editor = (
        Rows(
            name="answers",
            label=_("Accepted answers"),
            row_label=_("Answer"),
            help=_("The first one that fits counts. * stands for any text, \\* for the sign itself."),
            minimum=1,
            maximum=50,
            spare=2,
            fields=(
                Line(name="text", label=_("Answer"), required=True),
                Number(
                    name="fraction",
                    label=_("Part of the mark"),
                    help=FRACTION_HELP,
                    minimum=-1,
                    maximum=1,
                    initial=1,
                ),
                FEEDBACK,
            ),
        ),
        Flag(name="case_sensitive", label=_("Capital and small letters must be right")),
        Flag(name="diacritics_sensitive", label=_("Vietnamese marks must be right"), initial=True),
    )
    Body = ShortAnswerBody
    Response = ShortAnswerResponse

    def is_empty(self, response: ShortAnswerResponse) -> bool:
        return not (response.text or "").strip()

    def grade(self, body: ShortAnswerBody, response: ShortAnswerResponse, variant: Mapping[str, Any]) -> Outcome:
        text = _folded_spaces(response.text or "")
        if not text:
            return UNANSWERED
        if not body.diacritics_sensitive:
            text = _without_marks(text, body.case_sensitive)
        for answer in body.answers:
            if _pattern(answer.text, body.case_sensitive, body.diacritics_sensitive).fullmatch(text):
                return graded(answer.fraction, feedback=[answer.feedback])
        return graded(0.0)

    def parse_form(self, data: Mapping[str, Sequence[str]], prefix: str, body: ShortAnswerBody) -> dict[str, Any]:
        values = data.get(prefix) or []
        return {"text": values[0][:MOST_RESPONSE]} if values and values[0].strip() else {}

    def to_form(self, body: ShortAnswerBody, response: ShortAnswerResponse, prefix: str) -> dict[str, list[str]]:
        return {prefix: [response.text]} if response.text else {}

    def from_texts(self, body: ShortAnswerBody, response: Mapping[str, Any]) -> dict[str, Any]:
        return dict(response)

    def from_source(self, source: Mapping[str, Any]) -> ShortAnswerBody:
        body = read_common(source, {"answers", "case_sensitive", "diacritics_sensitive"})
        rows = listed(source, "answers", {"text", "fraction", "feedback"})
        body["answers"] = [
            {
                "text": str(row.get("text", "")),
                "fraction": row.get("fraction", 1.0),
                "feedback": html_of(row["feedback"]) if row.get("feedback") else "",
            }
            for row in rows
        ]
        for key in ("case_sensitive", "diacritics_sensitive"):
            if key in source:
                body[key] = source[key]
        return ShortAnswerBody.model_validate(body)

    def to_source(self, body: ShortAnswerBody) -> dict[str, Any]:
        before, after = write_common(body)
        answers = []
        for answer in body.answers:
            row: dict[str, Any] = {"text": answer.text, "fraction": answer.fraction}
            if answer.feedback:
                row["feedback"] = source_of(answer.feedback)
            answers.append(row)
        own: dict[str, Any] = {"answers": answers}
        if body.case_sensitive:
            own["case_sensitive"] = True
        if not body.diacritics_sensitive:
            own["diacritics_sensitive"] = False
        return {**before, **own, **after}

    def correct_response(self, body: ShortAnswerBody) -> dict[str, Any]:
        best = max(body.answers, key=lambda answer: answer.fraction)
        text = best.text.replace("\\*", "\0").replace("*", "").replace("\0", "*")
        return {"text": text if text.strip() else "…"}

    def describe_response(self, body: ShortAnswerBody, response: ShortAnswerResponse) -> str:
        return _folded_spaces(response.text or "")

    def view(
        self, body: ShortAnswerBody, response: ShortAnswerResponse | None, variant: Mapping[str, Any]
    ) -> dict[str, Any]:
        return {
            "text": (response.text or "") if response else "",
            "accepted": [a.text for a in body.answers if a.fraction == max(x.fraction for x in body.answers)],
        }


def _folded_spaces(text: str) -> str:
    return _SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip()


def _without_marks(text: str, keep_case: bool) -> str:
    if not keep_case:
        return fold(text)
    return "".join(fold(c).upper() if c.isupper() else fold(c) if not c.isspace() else c for c in text)


@lru_cache(maxsize=4096)
def _pattern(text: str, case_sensitive: bool, diacritics_sensitive: bool) -> re.Pattern[str]:
    """The pattern as a regular expression without nested repetition, so that no text can make it slow."""
    pieces = [piece.replace("\0", "*") for piece in text.replace("\\*", "\0").split("*")]
    cleaned = []
    for piece in pieces:
        piece = _SPACES.sub(" ", unicodedata.normalize("NFC", piece))
        if not diacritics_sensitive:
            bare = _without_marks(piece, case_sensitive)
            lead, trail = piece[:1].isspace(), piece[-1:].isspace() and bool(piece.strip())
            piece = f"{' ' if lead else ''}{bare}{' ' if trail else ''}"
        cleaned.append(piece)
    cleaned[0] = cleaned[0].lstrip()
    cleaned[-1] = cleaned[-1].rstrip()
    # Possessive in effect: each star takes the shortest run up to the next fixed piece (atomic groups, Python 3.11).
    flags = re.DOTALL if case_sensitive else re.DOTALL | re.IGNORECASE
    if len(cleaned) == 1:
        return re.compile(re.escape(cleaned[0]), flags)
    first, *middle, last = cleaned
    body = "".join(f"(?>.*?{re.escape(piece)})" for piece in middle if piece)
    return re.compile(f"{re.escape(first)}{body}.*{re.escape(last)}", flags)


question_type = ShortAnswer()
