"""REST routes of banks: question files in, checked first, and out."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import FileResponse, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from ninja import File, Form, Router, Schema, Status
from ninja.files import UploadedFile

from assessments import services
from assessments.exceptions import FileRefused
from assessments.models import Bank, Question, QuestionExport, QuestionImport
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


class LeftOutOut(Schema):
    """A question that the format cannot say."""

    ref: str
    name: str
    type: str
    reason: str


class ExportIn(Schema):
    """What to write: a format, and a category (its names joined by " / ") or all questions that are not retired."""

    format: str
    category: str = ""


class ExportOut(Schema):
    """A file of questions. `state`: requested (being written), ready, failed. `status_url` tells it again.

    When it is ready, `file_url` gives the file, and `left_out` are the first 500 of the questions that the format
    cannot say.
    """

    id: UUID
    state: str
    format: str
    count: int
    left_out_count: int
    left_out: list[LeftOutOut]
    error: str
    requested_at: datetime
    ready_at: datetime | None
    status_url: str
    file_url: str | None


def _export(request: HttpRequest, slug: str, public_id: UUID) -> QuestionExport:
    return get_object_or_404(_bank(request, slug).exports, public_id=public_id)


def _told(row: QuestionExport, slug: str) -> dict[str, Any]:
    is_ready = row.state == QuestionExport.State.READY
    keys = {"slug": slug, "public_id": row.public_id}
    return {
        "id": row.public_id,
        "state": row.state,
        "format": row.format,
        "count": row.count,
        "left_out_count": len(row.left_out),
        "left_out": [{**item, "reason": services.said_in_both(item)} for item in row.left_out[:MOST_ITEMS]],
        "error": row.error,
        "requested_at": row.requested_at,
        "ready_at": row.ready_at,
        "status_url": reverse("api:question_export", kwargs=keys),
        "file_url": reverse("api:question_export_file", kwargs=keys) if is_ready else None,
    }


@router.post("{slug:slug}/exports", response={202: ExportOut, 400: Refused}, url_name="export_questions")
def export_questions(request: HttpRequest, slug: str, wanted: ExportIn) -> Any:
    """Ask for the questions that are not retired as a file; a worker writes it."""
    bank = _bank(request, slug)
    try:
        row = services.request_question_export(
            bank=bank,
            format_name=wanted.format,
            questions=services.questions_below(bank, wanted.category) if wanted.category.strip() else None,
            by=signed_in(request),
            at=timezone.now(),
        )
    except FileRefused as refusal:
        return Status(400, {"detail": str(refusal)})
    return Status(202, _told(row, slug))


@router.get("{slug:slug}/exports/{uuid:public_id}", response=ExportOut, url_name="question_export")
def question_export(request: HttpRequest, slug: str, public_id: UUID) -> Any:
    """How far the file is, and what is not in it."""
    return _told(_export(request, slug, public_id), slug)


@router.get(
    "{slug:slug}/exports/{uuid:public_id}/file",
    response={200: Any, 409: Refused},
    url_name="question_export_file",
)
def question_export_file(request: HttpRequest, slug: str, public_id: UUID) -> Any:
    """The file, once it is ready."""
    row = _export(request, slug, public_id)
    if row.state != QuestionExport.State.READY:
        return Status(409, {"detail": gettext("This file is not ready yet: ask for its state again in a moment.")})
    name = services.file_name_of(row.bank, row.format)
    return FileResponse(row.file.open("rb"), as_attachment=True, filename=name)
