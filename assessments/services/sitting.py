"""A sitting's life: start, answers, handing in."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from assessments.exceptions import ResponseRefused, SittingClosed, SittingRefused
from assessments.models import Paper, Question, Quiz, QuizVersion, ResponseEvent, Sitting
from assessments.papers import Blueprint, Candidate, draw_paper
from assessments.question_types import get_type
from assessments.services.quiz import pools_of
from common.digests import chain_digest, digest_of
from common.messages import filled
from common.sweeps import nudge
from courses.permissions import may_open_activity

MOST_EVENTS = 200
MOST_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """What the server has: every event up to and including `acknowledged` is in the log."""

    acknowledged: int
    server_time: datetime
    deadline: datetime | None
    refused: list[dict[str, Any]] = field(default_factory=list)


# Starting -----------------------------------------------------------------------------------------------------


def start_sitting(*, person: Any, quiz: Quiz, at: datetime, enrolment: Any = None) -> Sitting:
    """The person's open sitting of this quiz, or a new one with a freshly drawn paper.

    Raises SittingRefused when the quiz is not published or not open now, no attempt is left, or the course keeps it
    locked for this learner. Two requests at once give one sitting.
    """
    running = Sitting.objects.filter(person=person, quiz=quiz, state=Sitting.State.OPEN)
    current = running.first()
    if current is not None and not is_over(current, at=at):
        return current
    if current is not None:
        submit_sitting(sitting=current, by=None, at=at, submitted_by=Sitting.SubmittedBy.DEADLINE)
    try:
        with transaction.atomic():
            return _open_sitting(person=person, quiz=quiz, at=at, enrolment=enrolment)
    except IntegrityError:
        sitting = running.first()
        if sitting is None:
            raise
        return sitting


def refusal_to_start(*, person: Any, quiz: Quiz, at: datetime, enrolment: Any = None) -> SittingRefused | None:
    """Why no new sitting may start now; None when it may."""
    version = quiz.current_version
    if version is None:
        return SittingRefused(_("This quiz is not published yet."))
    if quiz.opens_at is not None and at < quiz.opens_at:
        return SittingRefused(_("This quiz is not open yet."))
    if quiz.closes_at is not None and at >= quiz.closes_at:
        return SittingRefused(_("This quiz is closed."))
    if quiz.activity is not None:
        if enrolment is None or enrolment.person_id != person.pk or enrolment.course_id != quiz.activity.course_id:
            return SittingRefused(_("Enrol in the course first."))
        if enrolment.state != enrolment.State.ACTIVE:
            return SittingRefused(_("You have completed this course already."))
        if not may_open_activity(enrolment=enrolment, activity=quiz.activity):
            return SittingRefused(_("This is still locked: finish what comes before it in the course."))
    allowed = version.blueprint["attempts_allowed"]
    if allowed is not None and attempts_used(person=person, quiz=quiz, enrolment=enrolment) >= allowed:
        return SittingRefused(_("You have used all your attempts."))
    return None


def attempts_used(*, person: Any, quiz: Quiz, enrolment: Any = None) -> int:
    """How many sittings this person has had, in this enrolment when there is one."""
    return Sitting.objects.filter(person=person, quiz=quiz, enrolment=enrolment).count()


def _open_sitting(*, person: Any, quiz: Quiz, at: datetime, enrolment: Any) -> Sitting:
    refusal = refusal_to_start(person=person, quiz=quiz, at=at, enrolment=enrolment)
    if refusal is not None:
        raise refusal
    version = quiz.current_version
    assert version is not None
    blueprint = Blueprint.model_validate(version.blueprint)
    paper = make_paper(quiz_version=version, blueprint=blueprint, seed=secrets.token_hex(16), at=at)
    deadline = at + timedelta(seconds=blueprint.time_limit_seconds) if blueprint.time_limit_seconds else None
    if quiz.closes_at is not None:
        deadline = min(deadline, quiz.closes_at) if deadline else quiz.closes_at
    return Sitting.objects.create(
        person=person,
        quiz=quiz,
        quiz_version=version,
        paper=paper,
        enrolment=enrolment,
        attempt=attempts_used(person=person, quiz=quiz, enrolment=enrolment) + 1,
        started_at=at,
        deadline_at=deadline,
        grace_seconds=blueprint.grace_seconds,
        max_score=paper.max_score,
        chain_head=paper.digest,
    )


def make_paper(*, quiz_version: QuizVersion, blueprint: Blueprint, seed: str, at: datetime) -> Paper:
    """Draw and store one paper. Raises SittingRefused when the bank has become too small since publishing."""
    try:
        slots = draw_paper(blueprint, pools=pools_of(blueprint), load=load_candidates, seed=seed)
    except (ValueError, KeyError):
        raise SittingRefused(
            _("The question bank no longer has enough questions for this quiz; tell the exam officer.")
        ) from None
    stored = [slot.as_json() for slot in slots]
    return Paper.objects.create(
        quiz_version=quiz_version,
        seed=seed,
        slots=stored,
        max_score=sum(slot.mark for slot in slots),
        digest=digest_of({"quiz_version": quiz_version.digest, "seed": seed, "slots": stored}),
        created_at=at,
    )


def load_candidates(questions: list[int]) -> dict[int, Candidate]:
    """The current versions of these questions, ready for a paper."""
    rows = Question.objects.filter(pk__in=questions, current_version__isnull=False).values_list(
        "pk",
        "current_version_id",
        "current_version__type",
        "current_version__digest",
        "current_version__body",
    )
    return {
        pk: Candidate(pk, version, type_name, digest, _permutables(type_name, body))
        for pk, version, type_name, digest, body in rows
    }


def _permutables(type_name: str, body: Mapping[str, Any]) -> Mapping[str, Sequence[str]]:
    question_type = get_type(type_name)
    return question_type.permutables(question_type.Body.model_validate(body))


# Answering ----------------------------------------------------------------------------------------------------


def is_over(sitting: Sitting, *, at: datetime) -> bool:
    """Whether deadline and grace have passed."""
    if sitting.deadline_at is None:
        return False
    return at > sitting.deadline_at + timedelta(seconds=sitting.grace_seconds)


@transaction.atomic
def record_responses(*, sitting: Sitting, events: Sequence[Mapping[str, Any]], at: datetime) -> Acknowledgement:
    """Append what the candidate did, each event `{"seq", "slot", "response", "kind"?, "client_time"?}`.

    Sequence numbers come from the candidate's device and rise. One that is in the log already is acknowledged when
    it says the same and refused when it does not. All of a batch is taken or none. Raises SittingClosed when the
    paper was handed in or deadline and grace are over, ResponseRefused for anything malformed.
    """
    checked = [_checked_event(event) for event in _bounded(events)]
    locked = Sitting.objects.select_for_update().select_related("paper").get(pk=sitting.pk)
    known = _known_events(locked, checked)
    fresh: list[dict[str, Any]] = []
    for event in sorted(checked, key=lambda event: event["seq"]):
        logged = known.get(event["seq"])
        if logged is not None:
            if (logged.kind, logged.slot, logged.response) != (
                event["kind"],
                event["slot"],
                event["response"],
            ):
                raise ResponseRefused(
                    filled(
                        _("Event %(seq)d was recorded before with another answer; reload the page."),
                        {"seq": event["seq"]},
                    )
                )
        elif event["seq"] <= locked.last_seq:
            raise ResponseRefused(
                filled(_("Event %(seq)d comes after a later one; reload the page."), {"seq": event["seq"]})
            )
        elif not fresh or fresh[-1]["seq"] != event["seq"]:
            fresh.append(event)
        elif fresh[-1] != event:
            raise ResponseRefused(
                filled(_("Event %(seq)d is there twice with different answers."), {"seq": event["seq"]})
            )
    if fresh:
        if locked.state != Sitting.State.OPEN:
            raise SittingClosed(_("This paper was handed in already; nothing more can be saved."))
        if is_over(locked, at=at):
            raise SittingClosed(_("The time is over; what was saved before is being marked."))
        slots = {slot["slot"] for slot in locked.paper.slots}
        for event in fresh:
            if event["slot"] not in slots:
                raise ResponseRefused(
                    filled(_("There is no question %(slot)s in this paper."), {"slot": event["slot"]})
                )
        _append(locked, fresh, at=at)
    return Acknowledgement(acknowledged=locked.last_seq, server_time=at, deadline=locked.deadline_at)


def _bounded(events: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    if not isinstance(events, Sequence) or isinstance(events, str | bytes):
        raise ResponseRefused(_("The answers are not in the expected form."))
    if len(events) > MOST_EVENTS:
        raise ResponseRefused(filled(_("Too many answers at once: at most %(most)d."), {"most": MOST_EVENTS}))
    return events


def _checked_event(event: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(event, Mapping):
        raise ResponseRefused(_("The answers are not in the expected form."))
    seq, slot, kind = event.get("seq"), event.get("slot"), event.get("kind") or ResponseEvent.Kind.ANSWER
    response, client_time = event.get("response"), event.get("client_time")
    if type(seq) is not int or not 1 <= seq <= 2_000_000_000:
        raise ResponseRefused(_("An answer has no valid sequence number."))
    if type(slot) is not int or not 1 <= slot <= 10_000:
        raise ResponseRefused(_("An answer does not say which question it belongs to."))
    if kind not in {ResponseEvent.Kind.ANSWER, ResponseEvent.Kind.FLAG}:
        raise ResponseRefused(_("The answers are not in the expected form."))
    if response is not None and not isinstance(response, Mapping):
        raise ResponseRefused(filled(_("The answer to question %(slot)d is not in the expected form."), {"slot": slot}))
    try:
        size = len(json.dumps(response, ensure_ascii=False, allow_nan=False).encode())
    except (ValueError, TypeError, RecursionError, UnicodeEncodeError):
        raise ResponseRefused(
            filled(_("The answer to question %(slot)d is not in the expected form."), {"slot": slot})
        ) from None
    if size > MOST_BYTES:
        raise ResponseRefused(filled(_("The answer to question %(slot)d is too long."), {"slot": slot}))
    if "\\u0000" in json.dumps(response):
        raise ResponseRefused(filled(_("The answer to question %(slot)d is not in the expected form."), {"slot": slot}))
    return {
        "seq": seq,
        "slot": slot,
        "kind": str(kind),
        "response": dict(response) if response is not None else None,
        "client_time": _client_time(client_time),
    }


def _client_time(value: Any) -> datetime | None:
    """The device's own time, kept as evidence only; what cannot be read is left out."""
    if isinstance(value, datetime):
        moment: datetime | None = value
    elif isinstance(value, str) and len(value) <= 40:
        try:
            moment = parse_datetime(value)
        except ValueError:
            return None
    else:
        return None
    return moment if moment is not None and moment.tzinfo is not None and 2000 <= moment.year <= 2200 else None


def _known_events(sitting: Sitting, events: Sequence[Mapping[str, Any]]) -> dict[int, ResponseEvent]:
    repeated = [event["seq"] for event in events if event["seq"] <= sitting.last_seq]
    if not repeated:
        return {}
    return {row.seq: row for row in sitting.events.filter(seq__in=repeated)}


def event_content(
    *,
    sitting: str,
    seq: int,
    kind: str,
    slot: int | None,
    response: Any,
    client_time: datetime | None,
    server_time: datetime,
    late: bool,
) -> dict[str, Any]:
    """What the digest of an event covers, beside the digest before it."""
    return {
        "sitting": sitting,
        "seq": seq,
        "kind": kind,
        "slot": slot,
        "response": response,
        "client_time": client_time.isoformat() if client_time else None,
        "server_time": server_time.isoformat(),
        "late": late,
    }


def _append(sitting: Sitting, events: Sequence[Mapping[str, Any]], *, at: datetime) -> None:
    late = sitting.deadline_at is not None and at > sitting.deadline_at
    rows = []
    head = sitting.chain_head
    for event in events:
        content = event_content(
            sitting=str(sitting.public_id),
            seq=event["seq"],
            kind=event["kind"],
            slot=event["slot"],
            response=event["response"],
            client_time=event["client_time"],
            server_time=at,
            late=late,
        )
        digest = chain_digest(head, content)
        rows.append(
            ResponseEvent(
                sitting=sitting,
                seq=event["seq"],
                kind=event["kind"],
                slot=event["slot"],
                response=event["response"],
                client_time=event["client_time"],
                server_time=at,
                late=late,
                previous_digest=head,
                digest=digest,
            )
        )
        head = digest
    ResponseEvent.objects.bulk_create(rows)
    sitting.chain_head, sitting.last_seq = head, events[-1]["seq"]
    sitting.save(update_fields=["chain_head", "last_seq"])


# Handing in ---------------------------------------------------------------------------------------------------


@transaction.atomic
def submit_sitting(
    *, sitting: Sitting, by: Any, at: datetime, submitted_by: str = Sitting.SubmittedBy.CANDIDATE
) -> Sitting:
    """Hand the paper in: the log is closed, marking is due. Handing in twice changes nothing."""
    locked = Sitting.objects.select_for_update().get(pk=sitting.pk)
    if locked.state != Sitting.State.OPEN:
        return locked
    if locked.deadline_at is not None and submitted_by == Sitting.SubmittedBy.CANDIDATE and is_over(locked, at=at):
        submitted_by = Sitting.SubmittedBy.DEADLINE
    if submitted_by == Sitting.SubmittedBy.DEADLINE and locked.deadline_at is not None:
        closed_at = min(at, locked.deadline_at + timedelta(seconds=locked.grace_seconds))
    else:
        closed_at = at
    seq = locked.last_seq + 1
    content = event_content(
        sitting=str(locked.public_id),
        seq=seq,
        kind=ResponseEvent.Kind.SUBMIT,
        slot=None,
        response={"submitted_by": str(submitted_by)},
        client_time=None,
        server_time=at,
        late=False,
    )
    digest = chain_digest(locked.chain_head, content)
    ResponseEvent.objects.create(
        sitting=locked,
        seq=seq,
        kind=ResponseEvent.Kind.SUBMIT,
        response=content["response"],
        server_time=at,
        previous_digest=locked.chain_head,
        digest=digest,
    )
    locked.last_seq, locked.chain_head = seq, digest
    locked.state = Sitting.State.SUBMITTED
    locked.submitted_at, locked.submitted_by = closed_at, submitted_by
    locked.save(update_fields=["last_seq", "chain_head", "state", "submitted_at", "submitted_by"])
    from assessments.tasks import grade_sitting

    nudge(grade_sitting, locked.pk)
    return locked


def submit_overdue(*, at: datetime, limit: int = 500) -> int:
    """Hand in every open sitting whose deadline and grace are over, with what was saved; how many there were."""
    overdue = Sitting.objects.filter(state=Sitting.State.OPEN, deadline_at__lt=at).order_by("deadline_at")[:limit]
    count = 0
    for sitting in overdue:
        if is_over(sitting, at=at):
            submit_sitting(sitting=sitting, by=None, at=at, submitted_by=Sitting.SubmittedBy.DEADLINE)
            count += 1
    return count
