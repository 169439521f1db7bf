"""REST routes of the assessments room: a sitting from opening to result. All of them may be repeated safely."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Schema, Status

from assessments import permissions, queries, services
from assessments.answer_file_api import router as answer_file_router
from assessments.bank_api import router as banks_router
from assessments.exceptions import EntryRefused, ResponseRefused, SequenceConflict, SittingRefused
from assessments.models import Quiz, Sitting
from assessments.papers.disguise import revealed_response
from assessments.services.devices import synchronised
from assessments.services.responses import deadline_of
from assessments.services.sheets import Sheet, sheet_for, sheet_of
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
    `locked_by` is the number of the question to answer first: until then `stem`, `html` and `body` are empty.
    """

    slot: int
    number: int | None
    type: str
    stem: str
    html: str
    body: dict[str, Any]
    response: dict[str, Any]
    flagged: bool
    locked_by: int | None = None


class SlotStateOut(SlotOut):
    """One question with what its last try came to, as far as it may be told while the paper is open.

    `question` is the whole of it as the page shows it. `outcome` is null where that may not be told; `tries_left` is null where tries are not counted. A `closed` question
    takes no more answers.
    """

    question: str
    closed: bool
    tries: int
    tries_left: int | None
    outcome: str | None
    mark: str | None
    max_mark: str
    feedback: list[str]
    hint: str
    right_answer: str
    certainty: int | None


class StartIn(Schema):
    """What a candidate gives to come in."""

    password: str = ""


class SectionOut(Schema):
    """A part of the paper. With a time limit in any of them, parts are sat one after the other."""

    number: int
    title: str
    time_limit_seconds: int | None


class SittingOut(Schema):
    """A sitting to work on. The next event has the number `last_seq` + 1.

    `section` is the part being sat; where parts are sat one after the other, `slots` are those of that part, and
    `deadline` is until when its answers count.

    `pulse_url` tells without a session how many `notices` of the officers there are.
    """

    id: UUID
    server_time: datetime
    deadline: datetime | None
    last_seq: int
    notices: int
    paused: bool
    pulse_url: str
    section: int
    sections: list[SectionOut]
    behaviour: str
    slots: list[SlotOut]


class EventsIn(Schema):
    """A batch of answers: `[{"seq", "slot", "response", "kind", "client_time"}]`; each is checked by the service.

    `kind` is `answer` (which may be left out), `flag`, whose response is `{"flagged": true}` or false, or `check`, which
    has the answer in `response` marked, or without one what was saved last. By certainty, an answer has `certainty` (1 to
    3) beside it. `device` is a name of 1 to 64 letters and digits: once one is known, another is refused until it takes
    the paper over.
    """

    events: list[dict[str, Any]]
    device: str = ""


class DeviceIn(Schema):
    """The device that goes on."""

    device: str


class SynchronisedOut(Schema):
    """Where the log stands: its end, what was answered last by slot, which slots are flagged."""

    last_seq: int
    server_time: datetime
    deadline: datetime | None
    responses: dict[int, dict[str, Any]]
    flags: list[int]


class SectionIn(Schema):
    """The part to go on to."""

    section: int


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
    """The result, once there is one that may be seen: `released` says whether. Until then score and passed are null."""

    id: UUID
    state: str
    released: bool
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
    in), `section` (the time of this part is over: load the paper again), `paused` (send them again when it goes on),
    `device` (another device goes on: take the paper over first) or `invalid` (the event `seq` will never be taken).
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
    sitting = services.leave_sections_that_are_over(sitting=sitting, at=now) if sitting.section_deadline_at else sitting
    sheet = sheet_of(sitting)
    slots = queries.paper_slots(sitting)
    content = {
        "id": sitting.public_id,
        "server_time": now,
        "deadline": deadline_of(sitting),
        "last_seq": sitting.last_seq,
        "notices": sitting.notice_count,
        "paused": sitting.paused_at is not None,
        "pulse_url": pulse_url(sitting),
        "section": sitting.section,
        "sections": [
            {"number": number, "title": part["title"], "time_limit_seconds": part.get("time_limit_seconds")}
            for number, part in enumerate(sheet.sections, start=1)
        ],
        "behaviour": sheet.behaviour,
        "slots": [_slot_out(slot) for slot in slots],
    }
    return JsonResponse(content, json_dumps_params={"ensure_ascii": False})


def _slot_out(slot: queries.ShownSlot) -> dict[str, Any]:
    return {
        "slot": slot.slot,
        "number": slot.number,
        "type": slot.type,
        "stem": slot.stem,
        "html": slot.html,
        "body": slot.view,
        "response": slot.response,
        "flagged": slot.flagged,
        "locked_by": slot.locked_by,
    }


def _own(request: HttpRequest, public_id: UUID) -> Sitting:
    return get_object_or_404(
        permissions.sittings_of(request.user).select_related("paper", "quiz", "quiz_version"), public_id=public_id
    )


def _own_sheet(request: HttpRequest, public_id: UUID) -> Sheet:
    """What never changes about my sitting, without asking the database each time."""
    sheet = sheet_for(public_id)
    if sheet is None or sheet.person_id != request.user.pk:
        raise Http404
    return sheet


def _refused(sheet: Sheet, problem: ResponseRefused) -> Status[dict[str, Any]]:
    if isinstance(problem, SequenceConflict):
        last_seq = problem.last_seq
    else:
        last_seq = Sitting.objects.values_list("last_seq", flat=True).get(pk=sheet.pk)
    return Status(409, {"detail": str(problem), "code": problem.code, "seq": problem.seq, "last_seq": last_seq})


@router.post(
    "sittings/{uuid:public_id}/responses",
    response={200: AcknowledgedOut, 409: ResponsesRefused},
    url_name="record_responses",
)
def record_responses(request: HttpRequest, public_id: UUID, batch: EventsIn) -> Any:
    """Keep a batch of answers; an empty one only asks for the time. `X-Notices` says how many notices there are."""
    sheet = _own_sheet(request, public_id)
    events = revealed_events(sheet, batch.events)
    try:
        kept = services.record_responses(sitting=sheet, events=events, at=timezone.now(), device=batch.device)
    except ResponseRefused as problem:
        return _refused(sheet, problem)
    content = {"acknowledged": kept.acknowledged, "server_time": kept.server_time, "deadline": kept.deadline}
    # X-Chain-Head is what a device seals into an answer file.
    return JsonResponse(content, headers={NOTICES_HEADER: str(kept.notices), "X-Chain-Head": kept.head})


def revealed_events(sheet: Sheet, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The events with the ids of answers behind this paper's own names for them."""
    revealed = []
    for event in events:
        slot, response = event.get("slot"), event.get("response")
        names = sheet.names.get(slot) if isinstance(slot, int) else None
        if names and isinstance(response, dict):
            event = {**event, "response": revealed_response(response, names)}
        revealed.append(event)
    return revealed


@router.get(
    "sittings/{uuid:public_id}/slots/{int:slot}",
    response={200: SlotStateOut, 404: Refused},
    url_name="sitting_slot",
)
def sitting_slot(request: HttpRequest, public_id: UUID, slot: int) -> Any:
    """One question of my open paper: its form now, and what its last try came to."""
    sitting = _own(request, public_id)
    found = queries.paper_slots(sitting, only=slot) if sitting.state == Sitting.State.OPEN else []
    if not found:
        raise Http404
    shown = found[0]
    return {
        **_slot_out(shown),
        "question": shown.question(len(sheet_of(sitting).numbers)),
        "closed": shown.is_closed,
        "tries": shown.tries,
        "tries_left": shown.tries_left,
        "outcome": shown.outcome_code or None,
        "mark": str(shown.earned) if shown.earned is not None else None,
        "max_mark": shown.mark,
        "feedback": list(shown.feedback_texts),
        "hint": shown.hint,
        "right_answer": shown.right_answer,
        "certainty": shown.certainty,
    }


@router.post(
    "sittings/{uuid:public_id}/device",
    response={200: SynchronisedOut, 409: ResponsesRefused},
    url_name="sitting_device",
)
def take_over(request: HttpRequest, public_id: UUID, asked: DeviceIn) -> Any:
    """Go on with this device: the one before is refused from now on. The answer says where the log stands."""
    sheet = _own_sheet(request, public_id)
    try:
        there = services.take_over(
            sitting=sheet,
            device=asked.device,
            agent=request.META.get("HTTP_USER_AGENT", ""),
            address=request.META.get("REMOTE_ADDR", ""),
            at=timezone.now(),
        )
    except ResponseRefused as problem:
        return _refused(sheet, problem)
    return there


@router.post(
    "sittings/{uuid:public_id}/section",
    response={200: SynchronisedOut, 409: ResponsesRefused},
    url_name="sitting_section",
)
def go_to_section(request: HttpRequest, public_id: UUID, asked: SectionIn) -> Any:
    """Finish the part before this one and go on to it; starting the sitting again gives its questions."""
    sheet, now = _own_sheet(request, public_id), timezone.now()
    try:
        sitting = services.go_to_section(sitting=sheet, section=asked.section, at=now)
    except ResponseRefused as problem:
        return _refused(sheet, problem)
    return synchronised(sitting, at=now)


@router.post("sittings/{uuid:public_id}/submit", response=ReceiptOut, url_name="submit_sitting")
def submit_sitting(request: HttpRequest, public_id: UUID) -> Any:
    """Hand the paper in."""
    now = timezone.now()
    sitting = services.submit_sitting(sitting=_own_sheet(request, public_id), by=request.user, at=now)
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
    sitting, now = _own(request, public_id), timezone.now()
    shown = permissions.may_see_of_result(sitting=sitting, at=now)
    has_score = "marks" in shown
    return {
        "id": sitting.public_id,
        "state": sitting.state,
        "released": permissions.may_see_result(sitting=sitting, at=now),
        "score": str(sitting.score) if has_score and sitting.score is not None else None,
        "max_score": str(sitting.max_score),
        "passed": sitting.passed if has_score else None,
    }
