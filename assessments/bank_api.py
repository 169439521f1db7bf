"""REST routes of banks: question files in, checked first, and out."""

from __future__ import annotations

import tempfile
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import FileResponse, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import File, Form, Router, Schema, Status
from ninja.files import UploadedFile

from assessments import services
from assessments.exceptions import FileRefused
from assessments.models import Bank, Question, QuestionImport
from assessments.permissions import banks_for
from people.permissions import signed_in

router = Router(tags=["banks"])
MOST_ITEMS = 500


class ItemOut(Schema):
    """What became of one item: `status` is imported, updated, skipped or error."""

    ref: str
    name: str
    type: str
    status: str
    reason: str


class ImportOut(Schema):
    """A question file. `state`: uploaded (being checked), checked, importing, imported, refused, failed.

    While `checked`, the counts say what importing would do. `items` are those from `offset` on, at most 500;
    `next_offset` is null at the end.
    """

    id: UUID
    state: str
    file_name: str
    sha256: str
    format: str
    imported: int
    updated: int
    skipped: int
    errors: int
    error: str
    uploaded_at: datetime
    finished_at: datetime | None
    items: list[ItemOut]
    next_offset: int | None


class Refused(Schema):
    """Why not."""

    detail: str


def _bank(request: HttpRequest, slug: str) -> Bank:
    return get_object_or_404(banks_for(request.user), slug=slug)


def _import(request: HttpRequest, slug: str, public_id: UUID) -> QuestionImport:
    return get_object_or_404(_bank(request, slug).imports, public_id=public_id)


def _shown(row: QuestionImport, *, status: str = "", offset: int = 0) -> dict[str, Any]:
    items = [item for item in row.report if not status or item["status"] == status]
    end = offset + MOST_ITEMS
    return {
        "id": row.public_id,
        "state": row.state,
        "file_name": row.file_name,
        "sha256": row.file_digest,
        "format": row.format,
        "imported": row.imported_count,
        "updated": row.updated_count,
        "skipped": row.skipped_count,
        "errors": row.error_count,
        "error": services.said_in_both(row.error),
        "uploaded_at": row.uploaded_at,
        "finished_at": row.finished_at,
        "items": [{**item, "reason": services.said_in_both(item)} for item in items[offset:end]],
        "next_offset": end if end < len(items) else None,
    }


@router.post("{slug:slug}/imports", response={202: ImportOut, 400: Refused}, url_name="import_questions")
def import_questions(
    request: HttpRequest,
    slug: str,
    file: File[UploadedFile],
    dry_run: Form[bool] = True,
    format: Form[str] = "auto",
    status: Form[str] = Question.Status.IN_REVIEW,
) -> Any:
    """Upload a question file (at most 60 MB). It is checked; with `dry_run` false it is imported right after."""
    try:
        row = services.upload_questions(
            bank=_bank(request, slug),
            file=file,
            format_name=format,
            new_status=status,
            is_decided=not dry_run,
            by=signed_in(request),
            at=timezone.now(),
        )
    except FileRefused as refusal:
        return Status(400, {"detail": str(refusal)})
    row.refresh_from_db()
    return Status(202, _shown(row))


@router.get("{slug:slug}/imports/{uuid:public_id}", response=ImportOut, url_name="question_import")
def question_import(request: HttpRequest, slug: str, public_id: UUID, status: str = "", offset: int = 0) -> Any:
    """What is in the file, or what came of it; of one `status` when it is given."""
    return _shown(_import(request, slug, public_id), status=status, offset=max(offset, 0))


@router.post(
    "{slug:slug}/imports/{uuid:public_id}/apply",
    response={202: ImportOut, 409: Refused},
    url_name="apply_question_import",
)
def apply_question_import(request: HttpRequest, slug: str, public_id: UUID) -> Any:
    """Import exactly the file that was checked; asked twice, once."""
    row = _import(request, slug, public_id)
    try:
        services.apply_import(row=row, by=signed_in(request), at=timezone.now())
    except FileRefused as refusal:
        return Status(409, {"detail": str(refusal)})
    row.refresh_from_db()
    return Status(202, _shown(row))


@router.get("{slug:slug}/export", response={200: Any, 400: Refused}, url_name="export_questions")
def export_questions(request: HttpRequest, slug: str, format: str) -> Any:
    """The questions that are not retired, as a file. `X-Left-Out` counts those that the format cannot say."""
    bank = _bank(request, slug)
    file = tempfile.TemporaryFile()  # noqa: SIM115  closed by the response
    try:
        _count, left_out = services.write_questions(bank=bank, format_name=format, chosen=None, file=file)
    except FileRefused as refusal:
        file.close()
        return Status(400, {"detail": str(refusal)})
    file.seek(0)
    name = services.file_name_of(bank, format)
    return FileResponse(file, as_attachment=True, filename=name, headers={"X-Left-Out": str(len(left_out))})
