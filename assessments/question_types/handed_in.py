"""What the types share that a person marks: files that were handed in, and how a waiting answer is told."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from django.utils.translation import gettext_lazy as _
from pydantic import Field, StringConstraints, ValidationError

from assessments.question_types.base import Outcome, PlainLine, Shape, State
from assessments.question_types.editor import Fault, Lines, Number
from common.messages import filled

MOST_FILES = 20
MOST_MEGABYTES = 200
WAITING = Outcome(State.NEEDS_MARKING, None)
FileType = Annotated[str, StringConstraints(pattern=r"^\.[a-z0-9]{1,10}$")]
FileTypes = Annotated[tuple[FileType, ...], Field(max_length=50)]
Megabytes = Annotated[int, Field(ge=1, le=MOST_MEGABYTES)]


class HandedInFile(Shape):
    """A file that lies in the private storage under its digest: its name as the candidate had it, its bytes."""

    name: Annotated[PlainLine, Field(min_length=1, max_length=255)]
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    size: Annotated[int, Field(ge=0)]


Files = Annotated[tuple[HandedInFile, ...], Field(max_length=MOST_FILES)]

FILE_TYPES = Lines(
    name="file_types", label=_("Types of file"), help=_("One a line, such as .docx or .pdf; empty: any."), maximum=50
)
MEGABYTES = Number(
    name="most_megabytes",
    label=_("Largest file, in MB"),
    minimum=1,
    maximum=MOST_MEGABYTES,
    integer=True,
    initial=20,
)


def file_types_of(value: Any) -> list[str]:
    """Endings as authors write them, `docx`, `*.docx` or `.DOCX`, in one form. Raises Fault."""
    types = []
    for said in value if isinstance(value, list | tuple) else [value]:
        ending = "." + str(said).strip().lower().removeprefix("*").removeprefix(".")
        if not re.fullmatch(r"\.[a-z0-9]{1,10}", ending):
            sentence = _("“%(text)s” is no type of file: write its ending, such as .docx.")
            raise Fault(filled(sentence, {"text": said}), "file_types")
        types.append(ending)
    return list(dict.fromkeys(types))


def refusal_of_files(files: Sequence[HandedInFile], *, most: int, types: Sequence[str], megabytes: int) -> str:
    """Why these files cannot be taken, as the engine says it; "" when they can."""
    if len(files) > most:
        return "too many files"
    for file in files:
        if types and not file.name.lower().endswith(tuple(types)):
            return f"“{file.name}” is of no type that is taken"
        if file.size > megabytes * 1024 * 1024:
            return f"“{file.name}” is too large"
    return ""


def files_in_form(data: Mapping[str, Sequence[str]], name: str) -> list[dict[str, Any]]:
    """The files that a form names, each a hidden field with JSON; what is none is left out."""
    files = []
    for value in data.get(name) or []:
        try:
            files.append(HandedInFile.model_validate_json(value).model_dump(mode="json"))
        except ValidationError:
            continue
    return files


def form_of_files(files: Sequence[HandedInFile], name: str) -> dict[str, list[str]]:
    """The hidden fields that files_in_form reads."""
    return {name: [_json_of(file) for file in files]} if files else {}


def _json_of(file: HandedInFile) -> str:
    return json.dumps(file.model_dump(mode="json"), ensure_ascii=False)


def views_of_files(files: Sequence[HandedInFile]) -> list[dict[str, Any]]:
    """What templates show of them."""
    return [{"name": file.name, "size": file.size, "json": _json_of(file)} for file in files]
