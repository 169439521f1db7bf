"""True or false."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from pydantic import StrictBool

from assessments.question_types.base import (
    UNANSWERED,
    Body,
    Html,
    Outcome,
    QuestionType,
    Shape,
    State,
    graded,
)
from assessments.question_types.editor import Choice, RichText
from assessments.question_types.source import html_of, read_common, source_of, write_common


class TrueFalseBody(Body):
    """Whether the statement in the stem is true, and what either answer is told."""

    answer: StrictBool
    feedback_true: Html = ""
    feedback_false: Html = ""


class TrueFalseResponse(Shape):
    """True or false."""

    answer: StrictBool | None = None


class TrueFalse(QuestionType[TrueFalseBody, TrueFalseResponse]):
    """A statement to judge."""

    name = "true_false"
    label = _("True or false")
    editor = (
        Choice(
            name="answer",
            label=_("The statement is"),
            options=[(True, _("True")), (False, _("False"))],
            required=True,
        ),
        RichText(name="feedback_true", label=_("Feedback for “True”")),
        RichText(name="feedback_false", label=_("Feedback for “False”")),
    )
    Body = TrueFalseBody
    Response = TrueFalseResponse

    def is_empty(self, response: TrueFalseResponse) -> bool:
        return response.answer is None

    def grade(self, body: TrueFalseBody, response: TrueFalseResponse, variant: Mapping[str, Any]) -> Outcome:
        if response.answer is None:
            return UNANSWERED
        right = response.answer == body.answer
        feedback = body.feedback_true if response.answer else body.feedback_false
        parts = {"true" if response.answer else "false": State.RIGHT if right else State.WRONG}
        return graded(1.0 if right else 0.0, parts=parts, feedback=[feedback])

    def parse_form(self, data: Mapping[str, Sequence[str]], prefix: str, body: TrueFalseBody) -> dict[str, Any]:
        values = data.get(prefix) or []
        return {"answer": values[0] == "true"} if values and values[0] in {"true", "false"} else {}

    def to_form(self, body: TrueFalseBody, response: TrueFalseResponse, prefix: str) -> dict[str, list[str]]:
        return {} if response.answer is None else {prefix: ["true" if response.answer else "false"]}

    def from_texts(self, body: TrueFalseBody, response: Mapping[str, Any]) -> dict[str, Any]:
        return dict(response)

    def from_source(self, source: Mapping[str, Any]) -> TrueFalseBody:
        body = read_common(source, {"answer", "feedback_true", "feedback_false"})
        body["answer"] = source.get("answer")
        for key in ("feedback_true", "feedback_false"):
            if source.get(key):
                body[key] = html_of(source[key])
        return TrueFalseBody.model_validate(body)

    def to_source(self, body: TrueFalseBody) -> dict[str, Any]:
        before, after = write_common(body)
        own: dict[str, Any] = {"answer": body.answer}
        for key in ("feedback_true", "feedback_false"):
            if getattr(body, key):
                own[key] = source_of(getattr(body, key))
        return {**before, **own, **after}

    def correct_response(self, body: TrueFalseBody) -> dict[str, Any]:
        return {"answer": body.answer}

    def describe_response(self, body: TrueFalseBody, response: TrueFalseResponse) -> str:
        if response.answer is None:
            return ""
        return str(_("True")) if response.answer else str(_("False"))

    def view(
        self, body: TrueFalseBody, response: TrueFalseResponse | None, variant: Mapping[str, Any]
    ) -> dict[str, Any]:
        given = response.answer if response else None
        return {
            "choices": [
                {
                    "id": "true" if value else "false",
                    "letter": "",
                    "text": _("True") if value else _("False"),
                    "feedback": body.feedback_true if value else body.feedback_false,
                    "chosen": given is value,
                    "right": body.answer is value,
                }
                for value in (True, False)
            ]
        }


question_type = TrueFalse()
