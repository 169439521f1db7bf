"""Essay: a longer text, with files where they are asked for; a person marks it.

Word limits are said to the candidate and shown to the marker; no answer is refused for its length.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from django.utils.translation import gettext_lazy as _
from pydantic import Field, StringConstraints, model_validator

from assessments.question_types.base import UNANSWERED, Body, Html, Outcome, QuestionType, Shape, invalid
from assessments.question_types.editor import Choice, Fault, Number, RichText
from assessments.question_types.handed_in import (
    FILE_TYPES,
    MEGABYTES,
    MOST_FILES,
    WAITING,
    Files,
    FileTypes,
    Megabytes,
    file_types_of,
    files_in_form,
    form_of_files,
    refusal_of_files,
    views_of_files,
)
from assessments.question_types.rubric import RUBRIC, Rubric, rubric_of, source_of_rubric
from assessments.question_types.source import html_of, read_common, source_of, write_common
from common.html import clean_html, plain_text

MOST_ESSAY = 50_000
_BLOCK = re.compile(r"</?(?:p|div|br|ul|ol|li|table|h[1-6]|blockquote)\b", re.IGNORECASE)
Words = Annotated[int, Field(ge=1, le=10_000)]
Count = Annotated[int, Field(ge=0, le=MOST_FILES)]


class EssayBody(Body):
    """How the text is to be written, what waits in the field, and what the marker should know."""

    format: Literal["html", "plain", "monospaced"] = "plain"
    lines: Annotated[int, Field(ge=1, le=60)] = 10
    min_words: Words | None = None
    max_words: Words | None = None
    attachments_allowed: Count = 0
    attachments_required: Count = 0
    file_types: FileTypes = ()
    most_megabytes: Megabytes = 20
    template: Html = ""
    grader_info: Html = ""
    rubric: Rubric = ()

    @model_validator(mode="after")
    def _limits_fit(self) -> EssayBody:
        if self.min_words and self.max_words and self.min_words > self.max_words:
            raise Fault(_("The fewest words are more than the most: change one of them."), "max_words")
        if self.attachments_required > self.attachments_allowed:
            raise Fault(_("More files are required than allowed: change one of them."), "attachments_required")
        return self


class EssayResponse(Shape):
    """The text, and the files handed in with it."""

    text: Annotated[str, StringConstraints(max_length=MOST_ESSAY)] | None = None
    files: Files = ()


class Essay(QuestionType[EssayBody, EssayResponse]):
    """Write a text."""

    name = "essay"
    label = _("Essay")
    editor = (
        Choice(
            name="format",
            label=_("The answer is"),
            options=[
                ("plain", _("plain text")),
                ("monospaced", _("plain text with letters of one width, as for code")),
                ("html", _("formatted text")),
            ],
        ),
        Number(
            name="lines", label=_("Lines of the field"), minimum=1, maximum=60, integer=True, initial=10, folded=True
        ),
        Number(
            name="min_words",
            label=_("Fewest words"),
            help=_("Said to the candidate; a shorter answer is still taken."),
            minimum=1,
            maximum=10_000,
            integer=True,
        ),
        Number(
            name="max_words",
            label=_("Most words"),
            help=_("Said to the candidate; a longer answer is still taken."),
            minimum=1,
            maximum=10_000,
            integer=True,
        ),
        RichText(name="template", label=_("Text that waits in the field"), folded=True),
        RichText(name="grader_info", label=_("For the marker"), help=_("Candidates never see it."), lines=4),
        RUBRIC,
        Number(
            name="attachments_allowed",
            label=_("Files allowed"),
            minimum=0,
            maximum=MOST_FILES,
            integer=True,
            initial=0,
            folded=True,
        ),
        Number(
            name="attachments_required",
            label=_("Files required"),
            minimum=0,
            maximum=MOST_FILES,
            integer=True,
            initial=0,
            folded=True,
        ),
        FILE_TYPES,
        MEGABYTES,
    )
    Body = EssayBody
    Response = EssayResponse

    def is_empty(self, response: EssayResponse) -> bool:
        return not (response.text or "").strip() and not response.files

    def grade(self, body: EssayBody, response: EssayResponse, variant: Mapping[str, Any]) -> Outcome:
        if self.is_empty(response) or (not response.files and _is_template(body, response.text or "")):
            return UNANSWERED
        refusal = refusal_of_files(
            response.files, most=body.attachments_allowed, types=body.file_types, megabytes=body.most_megabytes
        )
        return invalid(refusal) if refusal else WAITING

    def parse_form(self, data: Mapping[str, Sequence[str]], prefix: str, body: EssayBody) -> dict[str, Any]:
        text = "".join((data.get(prefix) or [""])[:1]).replace("\r\n", "\n")[:MOST_ESSAY]
        files = files_in_form(data, f"{prefix}-files")
        response: dict[str, Any] = {}
        if text.strip() and not _is_template(body, text):
            response["text"] = text
        return {**response, "files": files} if files else response

    def to_form(self, body: EssayBody, response: EssayResponse, prefix: str) -> dict[str, list[str]]:
        text = {prefix: [response.text]} if (response.text or "").strip() else {}
        return {**text, **form_of_files(response.files, f"{prefix}-files")}  # type: ignore[dict-item]

    def from_texts(self, body: EssayBody, response: Mapping[str, Any]) -> dict[str, Any]:
        return dict(response)

    def from_source(self, source: Mapping[str, Any]) -> EssayBody:
        simple = {"format", "lines", "min_words", "max_words", "most_megabytes"}
        simple |= {"attachments_allowed", "attachments_required"}
        body = read_common(source, {*simple, "file_types", "template", "grader_info", "rubric"})
        body |= {key: source[key] for key in simple if source.get(key) is not None}
        body |= {key: html_of(source[key], block=True) for key in ("template", "grader_info") if source.get(key)}
        if source.get("rubric"):
            body["rubric"] = rubric_of(source["rubric"])
        if source.get("file_types"):
            body["file_types"] = file_types_of(source["file_types"])
        return EssayBody.model_validate(body)

    def to_source(self, body: EssayBody) -> dict[str, Any]:
        before, after = write_common(body)
        own: dict[str, Any] = {}
        for name, field in EssayBody.model_fields.items():
            value = getattr(body, name)
            if name in Body.model_fields or value == field.default:
                continue
            if name in ("template", "grader_info"):
                value = source_of(value, block=True)
            if name == "rubric":
                value = source_of_rubric(value)
            own[name] = list(value) if isinstance(value, tuple) else value
        return {**before, **own, **after}

    def correct_response(self, body: EssayBody) -> dict[str, Any]:
        """There is none: what earns everything is for the marker to say."""
        return {}

    def describe_response(self, body: EssayBody, response: EssayResponse) -> str:
        text = response.text or ""
        said = [plain_text(text) if _is_html(body, text) else " ".join(text.split())]
        return "; ".join([*said, *(file.name for file in response.files)]).strip("; ")

    def view(self, body: EssayBody, response: EssayResponse | None, variant: Mapping[str, Any]) -> dict[str, Any]:
        text = (response.text or "") if response else ""
        is_html = _is_html(body, text)
        template = plain_lines(body.template)
        return {
            "text": text or template,
            "template": template,
            "html": clean_html(text) if is_html else "",
            "words": len((plain_text(text) if is_html else text).split()),
            "min_words": body.min_words,
            "max_words": body.max_words,
            "lines": body.lines,
            "is_monospaced": body.format == "monospaced",
            "files": views_of_files(response.files if response else ()),
            "most_files": body.attachments_allowed,
            "least_files": body.attachments_required,
            "file_types": list(body.file_types),
            "most_megabytes": body.most_megabytes,
        }


def plain_lines(html: str) -> str:
    """The text of HTML with its paragraphs and lines, as it can wait in a field."""
    marked = re.sub(r"<br\s*/?>|</(?:p|li|h[1-6]|tr|blockquote|pre)>", "\ue000", html)
    return "\n".join(line.strip() for line in plain_text(marked).split("\ue000")).strip()


def _is_template(body: EssayBody, text: str) -> bool:
    return bool(body.template) and text.split() == plain_lines(body.template).split()


def _is_html(body: EssayBody, text: str) -> bool:
    return body.format == "html" and bool(_BLOCK.search(text))


question_type = Essay()
