"""REST routes of the assessments room: a sitting from opening to result. All of them may be repeated safely."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.utils import timezone
from ninja import Router, Schema, Status

from assessments import permissions, queries, services
from assessments.answer_file_api import router as answer_file_router
from assessments.bank_api import router as banks_router
from assessments.exceptions import EntryRefused, ResponseRefused, SequenceConflict, SittingRefused
from assessments.models import Paper, Quiz, Sitting
from assessments.papers.disguise import names_of, revealed_response
from assessments.supervision_api import NOTICES_HEADER, pulse_url
from assessments.supervision_api import router as supervision_router
from courses.queries import active_enrolment

router = Router(tags=["assessments"])
router.add_router("banks/", banks_router)
router.add_router("", supervision_router)
router.add_router("", answer_file_router)


class SlotOut(Schema):
    """One question: its place, its type, its form as HTML, and what the form needs to know (never the key).

    `number` is that of the question, null for a text that asks nothing.
    `response` is what was answered last, `{}` for nothing; ids of answers in it and in `body` are this paper's own.
    """

    slot: int
    number: int | None
    type: str
    stem: str
    html: str
    body: dict[str, Any]
    response: dict[str, Any]
    flagged: bool


class StartIn(Schema):
    """What a candidate gives to come in."""

    password: str = ""


class SittingOut(Schema):
    """A sitting to work on. The next event has the number `last_seq` + 1.

    `pulse_url` tells without a session how many `notices` of the officers there are.
    """

    id: UUID
    server_time: datetime
    deadline: datetime | None
    last_seq: int
    notices: int
    paused: bool
    pulse_url: str
    slots: list[SlotOut]


class EventsIn(Schema):
    """A batch of answers: `[{"seq", "slot", "response", "kind", "client_time"}]`; each is checked by the service.

    `kind` is `answer` (which may be left out) or `flag`, whose response is `{"flagged": true}` or false.
    """

    events: list[dict[str, Any]]


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


class StartRefused(Refused):
    """Why no sitting starts.

    `code` is `password` (none or the wrong one), `wait` (too many wrong ones), `place` (not a device of the exam's rooms)
    or `closed` (all else: not open, no attempt left, not on the list).
    """

    code: str


class ResponsesRefused(Refused):
    """Why nothing of a batch was kept.

    `code` is `conflict` (number the events from `last_seq` + 1 and send them again), `closed` (the paper was handed
    in) or `invalid` (the event `seq` will never be taken).
    """

    code: str
    seq: int | None
    last_seq: int


@router.post("quizzes/{quiz_id}/sittings", response={200: SittingOut, 409: StartRefused}, url_name="start_sitting")
def start_sitting(request: HttpRequest, quiz_id: int, entry: StartIn | None = None) -> Any:
    """Start, or go on with, my sitting of a quiz."""
    quiz = get_object_or_404(Quiz.objects.select_related("current_version", "activity__course"), pk=quiz_id)
    enrolment = active_enrolment(request.user, quiz.activity.course) if quiz.activity is not None else None
    now = timezone.now()
    try:
        sitting = services.start_sitting(
            person=request.user,
            quiz=quiz,
            enrolment=enrolment,
            at=now,
            password=entry.password if entry is not None else "",
            address=request.META.get("REMOTE_ADDR", ""),
        )
    except SittingRefused as problem:
        code = problem.code if isinstance(problem, EntryRefused) else "closed"
        return Status(409, {"detail": str(problem), "code": code})
    shown = queries.shown_slots(sitting, with_result=False)
    slots = [
        {
            "slot": slot.slot,
            "number": slot.number,
            "type": slot.type,
            "stem": slot.stem,
            "html": render_to_string(slot.template, {"slot": slot, "view": slot.view, "body": slot.body}),
            "body": slot.view,
            "response": slot.response,
            "flagged": slot.flagged,
        }
        for slot in shown
    ]
    return {
        "id": sitting.public_id,
        "server_time": now,
        "deadline": sitting.deadline_at,
        "last_seq": sitting.last_seq,
        "notices": sitting.notice_count,
        "paused": sitting.paused_at is not None,
        "pulse_url": pulse_url(sitting),
        "slots": slots,
    }


def _own(request: HttpRequest, public_id: UUID) -> Sitting:
    return get_object_or_404(permissions.sittings_of(request.user).select_related("paper", "quiz"), public_id=public_id)


@router.post(
    "sittings/{uuid:public_id}/responses",
    response={200: AcknowledgedOut, 409: ResponsesRefused},
    url_name="record_responses",
)
def record_responses(request: HttpRequest, response: HttpResponse, public_id: UUID, batch: EventsIn) -> Any:
    """Keep a batch of answers; an empty one only asks for the time. `X-Notices` says how many notices there are."""
    sitting = _own(request, public_id)
    events = revealed_events(sitting.paper, batch.events)
    try:
        kept = services.record_responses(sitting=sitting, events=events, at=timezone.now())
    except ResponseRefused as problem:
        last_seq = problem.last_seq if isinstance(problem, SequenceConflict) else sitting.last_seq
        return Status(409, {"detail": str(problem), "code": problem.code, "seq": problem.seq, "last_seq": last_seq})
    response[NOTICES_HEADER] = str(kept.notices)
    response["X-Chain-Head"] = kept.head  # what a device seals into an answer file
    return {"acknowledged": kept.acknowledged, "server_time": kept.server_time, "deadline": kept.deadline}


def revealed_events(paper: Paper, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The events with the ids of answers behind this paper's own names for them."""
    slots = {slot["slot"]: names_of(seed=paper.seed, slot=slot) for slot in paper.slots}
    revealed = []
    for event in events:
        slot, response = event.get("slot"), event.get("response")
        names = slots.get(slot) if isinstance(slot, int) else None
        if names and isinstance(response, dict):
            event = {**event, "response": revealed_response(response, names)}
        revealed.append(event)
    return revealed


@router.post("sittings/{uuid:public_id}/submit", response=ReceiptOut, url_name="submit_sitting")
def submit_sitting(request: HttpRequest, public_id: UUID) -> Any:
    """Hand the paper in."""
    now = timezone.now()
    sitting = services.submit_sitting(sitting=_own(request, public_id), by=request.user, at=now)
    return {
        "id": sitting.public_id,
        "state": sitting.state,
        "answers": queries.answered_count(sitting),
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
