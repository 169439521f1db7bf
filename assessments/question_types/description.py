"""Description: a text between the questions, which asks nothing, earns nothing and has no number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from assessments.question_types import editor
from assessments.question_types.base import UNANSWERED, Body, Outcome, QuestionType, Shape
from assessments.question_types.editor import Field as EditorField
from assessments.question_types.editor import RichText
from assessments.question_types.source import read_common, write_common

TEXT = RichText(name="stem", label=_("Text"), required=True, lines=8, help=editor.STEM.help)


class DescriptionBody(Body):
    """The text."""


class DescriptionResponse(Shape):
    """Nothing."""


class Description(QuestionType[DescriptionBody, DescriptionResponse]):
    """Read this."""

    name = "description"
    label = _("Text without a question")
    is_answered = False
    editor = ()
    Body = DescriptionBody
    Response = DescriptionResponse

    @property
    def source_fields(self) -> tuple[EditorField, ...]:
        return (TEXT, *editor.AFTER)

    def is_empty(self, response: DescriptionResponse) -> bool:
        return True

    def grade(self, body: DescriptionBody, response: DescriptionResponse, variant: Mapping[str, Any]) -> Outcome:
        return UNANSWERED

    def parse_form(self, data: Mapping[str, Sequence[str]], prefix: str, body: DescriptionBody) -> dict[str, Any]:
        return {}

    def to_form(self, body: DescriptionBody, response: DescriptionResponse, prefix: str) -> dict[str, list[str]]:
        return {}

    def from_texts(self, body: DescriptionBody, response: Mapping[str, Any]) -> dict[str, Any]:
        return dict(response)

    def from_source(self, source: Mapping[str, Any]) -> DescriptionBody:
        return DescriptionBody.model_validate(read_common(source, set()))

    def to_source(self, body: DescriptionBody) -> dict[str, Any]:
        before, after = write_common(body)
        return {**before, **after}

    def correct_response(self, body: DescriptionBody) -> dict[str, Any]:
        return {}

    def describe_response(self, body: DescriptionBody, response: DescriptionResponse) -> str:
        return ""

    def view(
        self, body: DescriptionBody, response: DescriptionResponse | None, variant: Mapping[str, Any]
    ) -> dict[str, Any]:
        return {}


question_type = Description()
