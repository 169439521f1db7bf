"""REST routes of the assessments room: a sitting from opening to result. All of them may be repeated safely."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.utils import timezone
from ninja import Router, Schema
from pydantic import Field

from assessments import permissions, queries, services
from assessments.exceptions import ResponseRefused, SittingRefused
from assessments.models import Quiz, Sitting
from courses.queries import active_enrolment

router = Router(tags=["assessments"])


class SlotOut(Schema):
    """One question: its place, its type, its form as HTML, and what the form needs to know (never the key)."""

    slot: int
    type: str
    html: str
    body: dict[str, Any]


class SittingOut(Schema):
    """A sitting to work on."""

    id: UUID
    deadline: datetime | None
    slots: list[SlotOut]


class EventsIn(Schema):
    """A batch of answers: `[{"seq", "slot", "response", "client_time"}]`; each event is checked by the service."""

    events: list[dict[str, Any]] = Field(max_length=200)


class AcknowledgedOut(Schema):
    """Every event up to `acknowledged` is kept."""

    acknowledged: int
    server_time: datetime
    deadline: datetime | None


class ReceiptOut(Schema):
    """That the paper was handed in: how many answers, the digest of the log, the server's time."""

    id: UUID
    state: str
    answers: int
    digest: str
    submitted_at: datetime | None
    server_time: datetime


class ResultOut(Schema):
    """The result, once there is one."""

    id: UUID
    state: str
    score: str | None
    max_score: str
    passed: bool | None


class Refused(Schema):
    """Why not, in the reader's language."""

    detail: str


@router.post("quizzes/{quiz_id}/sittings", response={200: SittingOut, 409: Refused}, url_name="start_sitting")
def start_sitting(request: HttpRequest, quiz_id: int) -> Any:
    """Start, or go on with, my sitting of a quiz."""
    quiz = get_object_or_404(Quiz.objects.select_related("current_version", "activity__course"), pk=quiz_id)
    enrolment = active_enrolment(request.user, quiz.activity.course) if quiz.activity is not None else None
    try:
        sitting = services.start_sitting(person=request.user, quiz=quiz, enrolment=enrolment, at=timezone.now())
    except SittingRefused as problem:
        return 409, {"detail": str(problem)}
    shown = queries.shown_slots(sitting, with_result=False)
    slots = [
        {
            "slot": slot.slot,
            "type": slot.type,
            "html": render_to_string(slot.template, {"slot": slot, "view": slot.view, "body": slot.body}),
            "body": public_view(slot.view),
        }
        for slot in shown
    ]
    return {"id": sitting.public_id, "deadline": sitting.deadline_at, "slots": slots}


KEY_FIELDS = {"right", "feedback", "accepted", "answer"}


def public_view(view: Any) -> Any:
    """What a form needs, without anything that tells the right answer."""
    if isinstance(view, dict):
        return {key: public_view(value) for key, value in view.items() if key not in KEY_FIELDS}
    if isinstance(view, list):
        return [public_view(value) for value in view]
    return view if isinstance(view, str | int | float | bool) or view is None else str(view)


def _own(request: HttpRequest, public_id: UUID) -> Sitting:
    return get_object_or_404(permissions.sittings_of(request.user).select_related("paper", "quiz"), public_id=public_id)


@router.post(
    "sittings/{uuid:public_id}/responses",
    response={200: AcknowledgedOut, 409: Refused},
    url_name="record_responses",
)
def record_responses(request: HttpRequest, public_id: UUID, batch: EventsIn) -> Any:
    """Keep a batch of answers."""
    try:
        kept = services.record_responses(sitting=_own(request, public_id), events=batch.events, at=timezone.now())
    except ResponseRefused as problem:
        return 409, {"detail": str(problem)}
    return {"acknowledged": kept.acknowledged, "server_time": kept.server_time, "deadline": kept.deadline}


@router.post("sittings/{uuid:public_id}/submit", response=ReceiptOut, url_name="submit_sitting")
def submit_sitting(request: HttpRequest, public_id: UUID) -> Any:
    """Hand the paper in."""
    now = timezone.now()
    sitting = services.submit_sitting(sitting=_own(request, public_id), by=request.user, at=now)
    answers = sitting.events.filter(kind="answer").values("slot").distinct().count()
    return {
        "id": sitting.public_id,
        "state": sitting.state,
        "answers": answers,
        "digest": sitting.chain_head,
        "submitted_at": sitting.submitted_at,
        "server_time": now,
    }


@router.get("sittings/{uuid:public_id}/result", response=ResultOut, url_name="sitting_result")
def sitting_result(request: HttpRequest, public_id: UUID) -> Any:
    """The result; `state` says whether there is one yet."""
    sitting = _own(request, public_id)
    return {
        "id": sitting.public_id,
        "state": sitting.state,
        "score": str(sitting.score) if sitting.score is not None else None,
        "max_score": str(sitting.max_score),
        "passed": sitting.passed,
    }
