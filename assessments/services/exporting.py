"""Writing a bank into a file that other systems, and this one, read."""

from __future__ import annotations

import html as entities
import re
from collections.abc import Iterator, Mapping
from typing import IO, Any
from urllib.parse import quote

from django.db.models import QuerySet

from assessments.formats import MediaFile, ParsedQuestion, QuestionFormat, ReadProblem
from assessments.formats.base import MEDIA_SCHEME
from assessments.models import Bank, Question, QuestionVersion
from assessments.question_types import get_type
from assessments.services.bank import category_paths
from assessments.services.media import load_picture, with_addresses

CHUNK = 500


def export_questions(
    *, bank: Bank, question_format: QuestionFormat, file: IO[bytes], questions: QuerySet[Question] | None = None
) -> list[ReadProblem]:
    """Write the questions of a bank (all that are not retired, or `questions` of it); those that the format cannot say.

    In the order of categories and identifiers; memory stays bounded by a chunk of questions.
    """
    chosen = bank.questions.exclude(status=Question.Status.RETIRED) if questions is None else questions
    return question_format.write(parsed_questions(bank, chosen), file, title=bank.title)


def parsed_questions(bank: Bank, questions: QuerySet[Question]) -> Iterator[ParsedQuestion]:
    """The questions as a file has them."""
    paths = category_paths(bank)
    rows = (
        questions.filter(bank=bank, current_version__isnull=False)  # type: ignore[misc]  # taggit is unknown to the plugin
        .select_related("current_version", "category")
        .prefetch_related("tags")
        .order_by("category__path", "idnumber")
    )
    for question in rows.iterator(chunk_size=CHUNK):
        version = question.current_version
        assert version is not None
        media: dict[str, MediaFile] = {}
        yield ParsedQuestion(
            ref=question.idnumber,
            name=question.name,
            type=version.type,
            body=with_media(_whole(version), media),
            idnumber=question.idnumber,
            category=paths[question.category_id],
            tags=sorted(tag.name for tag in question.tags.all()),
            difficulty=question.difficulty,
            nature=question.nature,
            outcome=question.outcome,
            exam_only=question.exam_only,
            media=media,
        )


def _whole(version: QuestionVersion) -> dict[str, Any]:
    """The body with every field that its type has today; versions keep what their type had when they were written."""
    body: dict[str, Any] = get_type(version.type).Body.model_validate(version.body).model_dump(mode="json")
    return body


def with_media(body: Mapping[str, Any], media: dict[str, MediaFile]) -> dict[str, Any]:
    """The body whose pictures of this site are named `media:…`; their bytes are put into `media`."""

    def named(address: str) -> str | None:
        picture = load_picture(entities.unescape(address))
        if picture is None:
            return address
        name = short_name(picture.name)
        media[name] = MediaFile(name=name, content=picture.content)
        return f"{MEDIA_SCHEME}{quote(name)}"

    return with_addresses(body, named)


def short_name(name: str) -> str:
    """A file name for readers: of a digest the first twelve digits say enough."""
    return re.sub(r"^([0-9a-f]{12})[0-9a-f]{52}\.", r"\1.", name)
