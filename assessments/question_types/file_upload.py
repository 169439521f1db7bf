"""File upload: files to hand in, as in the practical part of an examination; a person marks them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from django.utils.translation import gettext_lazy as _
from pydantic import Field

from assessments.question_types.base import UNANSWERED, Body, Html, Outcome, QuestionType, Shape, invalid
from assessments.question_types.editor import Number, RichText
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


class FileUploadBody(Body):
    """How many files of which types and size, and what the marker should know."""

    file_types: FileTypes = ()
    most_files: Annotated[int, Field(ge=1, le=MOST_FILES)] = 1
    most_megabytes: Megabytes = 20
    grader_info: Html = ""
    rubric: Rubric = ()


class FileUploadResponse(Shape):
    """The files."""

    files: Files = ()


class FileUpload(QuestionType[FileUploadBody, FileUploadResponse]):
    """Hand in files."""

    name = "file_upload"
    label = _("Files to hand in")
    editor = (
        FILE_TYPES,
        Number(name="most_files", label=_("Most files"), minimum=1, maximum=MOST_FILES, integer=True, initial=1),
        MEGABYTES,
        RichText(name="grader_info", label=_("For the marker"), help=_("Candidates never see it."), lines=4),
        RUBRIC,
    )
    Body = FileUploadBody
    Response = FileUploadResponse

    def is_empty(self, response: FileUploadResponse) -> bool:
        return not response.files

    def grade(self, body: FileUploadBody, response: FileUploadResponse, variant: Mapping[str, Any]) -> Outcome:
        if not response.files:
            return UNANSWERED
        refusal = refusal_of_files(
            response.files, most=body.most_files, types=body.file_types, megabytes=body.most_megabytes
        )
        return invalid(refusal) if refusal else WAITING

    def parse_form(self, data: Mapping[str, Sequence[str]], prefix: str, body: FileUploadBody) -> dict[str, Any]:
        files = files_in_form(data, f"{prefix}-files")
        return {"files": files} if files else {}

    def to_form(self, body: FileUploadBody, response: FileUploadResponse, prefix: str) -> dict[str, list[str]]:
        return form_of_files(response.files, f"{prefix}-files")

    def from_texts(self, body: FileUploadBody, response: Mapping[str, Any]) -> dict[str, Any]:
        return dict(response)

    def from_source(self, source: Mapping[str, Any]) -> FileUploadBody:
        body = read_common(source, {"file_types", "most_files", "most_megabytes", "grader_info", "rubric"})
        body |= {key: source[key] for key in ("most_files", "most_megabytes") if source.get(key) is not None}
        if source.get("file_types"):
            body["file_types"] = file_types_of(source["file_types"])
        if source.get("rubric"):
            body["rubric"] = rubric_of(source["rubric"])
        if source.get("grader_info"):
            body["grader_info"] = html_of(source["grader_info"], block=True)
        return FileUploadBody.model_validate(body)

    def to_source(self, body: FileUploadBody) -> dict[str, Any]:
        before, after = write_common(body)
        own: dict[str, Any] = {}
        if body.file_types:
            own["file_types"] = list(body.file_types)
        for key in ("most_files", "most_megabytes"):
            if getattr(body, key) != FileUploadBody.model_fields[key].default:
                own[key] = getattr(body, key)
        if body.grader_info:
            own["grader_info"] = source_of(body.grader_info, block=True)
        if body.rubric:
            own["rubric"] = source_of_rubric(body.rubric)
        return {**before, **own, **after}

    def correct_response(self, body: FileUploadBody) -> dict[str, Any]:
        """There is none: what earns everything is for the marker to say."""
        return {}

    def describe_response(self, body: FileUploadBody, response: FileUploadResponse) -> str:
        return "; ".join(file.name for file in response.files)

    def view(
        self, body: FileUploadBody, response: FileUploadResponse | None, variant: Mapping[str, Any]
    ) -> dict[str, Any]:
        return {
            "files": views_of_files(response.files if response else ()),
            "most_files": body.most_files,
            "file_types": list(body.file_types),
            "most_megabytes": body.most_megabytes,
        }


question_type = FileUpload()
