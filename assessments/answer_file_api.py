"""REST route of answer files: what a device could not send, handed in by hand."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Schema, Status

from assessments import permissions, services
from assessments.exceptions import AnswerFileRefused
from people.permissions import signed_in

router = Router(tags=["assessments"])


class AnswerFileOut(Schema):
    """A file that was received. `state`: recorded (its answers are saved), waiting (for an officer's decision)."""

    state: str
    digest: str
    events: int
    received_at: datetime
    detail: str


class Refused(Schema):
    """Why not; nothing of the file was taken. `code` is `known` when the server has all of it already, or `refused`."""

    detail: str
    code: str


@router.post(
    "sittings/{uuid:public_id}/answer-file", response={200: AnswerFileOut, 409: Refused}, url_name="answer_file"
)
def upload_answer_file(request: HttpRequest, public_id: UUID) -> Any:
    """Hand in an answer file, as the body of the request: the candidate's own, or an officer for them."""
    sitting = get_object_or_404(permissions.sittings_to_hand_in_for(request.user), public_id=public_id)
    try:
        row = services.receive_answer_file(
            sitting=sitting, content=request.body, by=signed_in(request), at=timezone.now()
        )
    except AnswerFileRefused as problem:
        return Status(409, {"detail": str(problem), "code": problem.code})
    return {
        "state": row.state,
        "digest": row.digest,
        "events": len(row.events),
        "received_at": row.received_at,
        "detail": services.said_of_answer_file(row),
    }
