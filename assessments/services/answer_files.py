"""Answer files: received while the sitting is open they are ordinary events, afterwards an exam officer decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from assessments.answer_seal import ALTERED, SealedAnswers, open_answers
from assessments.exceptions import AnswerFileRefused, AnswersKnown, ResponseRefused
from assessments.models import AnswerFile, GradingRun, Paper, ResponseEvent, Sitting
from assessments.papers.disguise import names_of, revealed_response
from assessments.services.event_log import event_content
from assessments.services.event_rules import MOST_EVENTS, checked_event, refuse_what_is_no_answer
from assessments.services.grading import marked, store_run
from assessments.services.responses import is_over, record_responses
from assessments.services.sheets import sheet_of
from common.digests import chain_digest, sha256_hex
from common.locking import lock_row
from common.messages import filled

MOST_REASON = 500
MOST_WAITING = 5  # files of one sitting; more say nothing new and cost room
State = AnswerFile.State


@transaction.atomic
def receive_answer_file(*, sitting: Sitting, content: bytes, by: Any, at: datetime) -> AnswerFile:
    """Open a file, check that it belongs to this sitting and continues its log, and keep it.

    While the sitting is open and its log goes on from what the file begins with, the events are recorded as if they had
    been sent now, late when after the deadline. Otherwise the file waits for a decision. Raises AnswerFileRefused:
    too large, damaged, altered, of another sitting or server, received before, with nothing new, or no answers.
    """
    sealed = open_answers(content)
    if sealed.sitting != str(sitting.public_id):
        raise AnswerFileRefused(_("This answer file belongs to another sitting; nothing of it was taken."))
    locked = _locked(sitting)
    digest = sha256_hex(content)
    if AnswerFile.objects.filter(sitting=locked, digest=digest).exists():
        raise AnswerFileRefused(_("This answer file was received before; it need not be sent again."))
    if AnswerFile.objects.filter(sitting=locked, state=State.WAITING).count() >= MOST_WAITING:
        raise AnswerFileRefused(_("Several files of this sitting wait for a decision already; tell the exam officer."))
    known_since = _anchored(locked, sealed)
    fresh = _fresh_events(locked, sealed)
    row = AnswerFile(
        sitting=locked,
        content=content,
        digest=digest,
        device=sealed.device,
        anchor_seq=sealed.anchor_seq,
        known_since=known_since,
        made_at=_moment(sealed.made_at),
        events=[_stored(event) for event in fresh],
        received_by=by,
        received_at=at,
        state=State.WAITING,
    )
    if _takes_answers(locked, at=at) and fresh[0]["seq"] == locked.last_seq + 1:
        _record(locked, fresh, at=at)
        row.state = State.RECORDED
    row.save(force_insert=True)
    return row


def said_of_answer_file(row: AnswerFile) -> str:
    """What became of a file that was received, in one sentence of the reader's language."""
    if row.state == State.RECORDED:
        return gettext("Received: the answers in the file are saved.")
    return gettext("Received: the exam officer decides whether these answers count. Nothing more is to be done.")


@transaction.atomic
def accept_answer_file(*, answer_file: AnswerFile, reason: str, by: Any, at: datetime) -> AnswerFile:
    """Let the answers of a waiting file count.

    They are appended to the log, after handing in when that was done, marked late; a sitting that is marked gets a new
    run beside the old one. Raises AnswerFileRefused without a reason, when it is decided already, and when the sitting
    is being marked just now.
    """
    row, sitting = _to_decide(answer_file, reason)
    if _takes_answers(sitting, at=at):
        _record(sitting, _renumbered(row.events, after=sitting.last_seq), at=at)
    else:
        answers = [event for event in row.events if event["kind"] == ResponseEvent.Kind.ANSWER]
        if sitting.state == Sitting.State.OPEN:
            raise AnswerFileRefused(
                _("The time of this sitting is over and it is about to be handed in: decide in a minute.")
            )
        append_late_answers(sitting=sitting, answers=answers, at=at)
        row.run = _mark_again(sitting, reason=reason, by=by, at=at)
    return _decided(row, State.ACCEPTED, reason=reason, by=by, at=at)


@transaction.atomic
def refuse_answer_file(*, answer_file: AnswerFile, reason: str, by: Any, at: datetime) -> AnswerFile:
    """Let the answers of a waiting file not count; the file is kept. Raises AnswerFileRefused as accepting does."""
    row, _sitting = _to_decide(answer_file, reason)
    return _decided(row, State.REFUSED, reason=reason, by=by, at=at)


def append_late_answers(*, sitting: Sitting, answers: Sequence[Mapping[str, Any]], at: datetime) -> None:
    """Append answers that an officer accepted to a log that was closed; the caller holds the sitting's lock."""
    head, seq, rows = sitting.chain_head, sitting.last_seq, []
    for answer in answers:
        seq += 1
        fields: dict[str, Any] = {
            "seq": seq,
            "kind": ResponseEvent.Kind.ANSWER.value,
            "slot": answer["slot"],
            "response": answer["response"],
            "client_time": _moment(answer["client_time"]),
            "server_time": at,
            "late": True,
        }
        digest = chain_digest(head, event_content(sitting=str(sitting.public_id), **fields))
        rows.append(ResponseEvent(sitting=sitting, previous_digest=head, digest=digest, **fields))
        head = digest
    ResponseEvent.objects.bulk_create(rows)
    sitting.chain_head, sitting.last_seq = head, seq
    sitting.save(update_fields=["chain_head", "last_seq"])


# Checking -----------------------------------------------------------------------------------------------------


def _locked(sitting: Sitting) -> Sitting:
    locked = lock_row(
        Sitting.objects.filter(pk=sitting.pk).select_related("paper", "quiz", "quiz_version", "enrolment")
    )
    assert locked is not None
    return locked


def _takes_answers(sitting: Sitting, *, at: datetime) -> bool:
    return sitting.state == Sitting.State.OPEN and not is_over(sitting, at=at) and sitting.paused_at is None


def _anchored(sitting: Sitting, sealed: SealedAnswers) -> datetime:
    """The server's time of the event that the file's chain begins with."""
    if sealed.acknowledged > sitting.last_seq or sealed.anchor_seq > sealed.acknowledged:
        raise AnswerFileRefused(ALTERED)
    if sealed.anchor_seq == 0:
        digest, moment = sitting.paper.digest, sitting.started_at
    else:
        event = sitting.events.filter(seq=sealed.anchor_seq).first()
        if event is None:
            raise AnswerFileRefused(ALTERED)
        digest, moment = event.digest, event.server_time
    if digest != sealed.anchor_head:
        raise AnswerFileRefused(
            _("This answer file does not continue the log of this sitting; nothing of it was taken.")
        )
    return moment


def _fresh_events(sitting: Sitting, sealed: SealedAnswers) -> list[dict[str, Any]]:
    """The file's events that the log does not have, checked one by one."""
    try:
        events = [checked_event(event) for event in _revealed(sitting.paper, sealed.events)]
        numbers = [event["seq"] for event in events]
        if numbers != list(range(numbers[0], numbers[0] + len(numbers))) or numbers[0] > sealed.acknowledged + 1:
            raise AnswerFileRefused(ALTERED)
        known = {row.seq: row for row in sitting.events.filter(seq__gte=numbers[0], seq__lte=numbers[-1])}
        fresh = [event for event in events if not _says_the_same(known.get(event["seq"]), event)]
        if not fresh:
            raise AnswersKnown(
                _("Everything in this answer file is on the server already; nothing more is to be done.")
            )
        refuse_what_is_no_answer(sheet_of(sitting), fresh)
    except ResponseRefused as problem:
        message = _("An answer in this file is not valid, and so nothing of it was taken. %(problem)s")
        raise AnswerFileRefused(filled(message, {"problem": problem})) from None
    return fresh


def _revealed(paper: Paper, events: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    names = {slot["slot"]: names_of(seed=paper.seed, slot=slot) for slot in paper.slots}
    revealed = []
    for event in events:
        slot, response = event.get("slot"), event.get("response")
        known = names.get(slot) if isinstance(slot, int) else None
        if known and isinstance(response, Mapping):
            revealed.append({**event, "response": revealed_response(response, known)})
        else:
            revealed.append(dict(event))
    return revealed


def _says_the_same(logged: ResponseEvent | None, event: Mapping[str, Any]) -> bool:
    told = (event["kind"], event["slot"], event["response"])
    return logged is not None and (logged.kind, logged.slot, logged.response) == told


def _stored(event: Mapping[str, Any]) -> dict[str, Any]:
    moment = event["client_time"]
    return {**event, "client_time": moment.isoformat() if moment else None}


def _moment(value: str | None) -> datetime | None:
    try:
        moment = parse_datetime(value or "")
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None and 2000 <= moment.year <= 2200 else None


# Doing --------------------------------------------------------------------------------------------------------


def _record(sitting: Sitting, events: Sequence[Mapping[str, Any]], *, at: datetime) -> None:
    try:
        for start in range(0, len(events), MOST_EVENTS):
            record_responses(sitting=sitting, events=events[start : start + MOST_EVENTS], at=at)
    except ResponseRefused as problem:
        raise AnswerFileRefused(problem.message) from None
    sitting.refresh_from_db(fields=["last_seq", "chain_head"])


def _renumbered(events: Sequence[Mapping[str, Any]], *, after: int) -> list[dict[str, Any]]:
    return [{**event, "seq": after + place} for place, event in enumerate(events, start=1)]


def _to_decide(answer_file: AnswerFile, reason: str) -> tuple[AnswerFile, Sitting]:
    if not reason.strip():
        raise AnswerFileRefused(_("Give the reason for the decision; it is kept with the file."))
    if len(reason) > MOST_REASON:
        raise AnswerFileRefused(filled(_("A reason has at most %(most)d characters."), {"most": MOST_REASON}))
    sitting = _locked(answer_file.sitting)
    row = lock_row(AnswerFile.objects.filter(pk=answer_file.pk))
    assert row is not None
    if row.state != State.WAITING:
        raise AnswerFileRefused(_("This answer file was decided about already; reload the page."))
    return row, sitting


def _decided(row: AnswerFile, state: str, *, reason: str, by: Any, at: datetime) -> AnswerFile:
    row.state, row.reason, row.decided_by, row.decided_at = state, reason.strip(), by, at
    row.save(update_fields=["state", "reason", "decided_by", "decided_at", "run"])
    return row


def _mark_again(sitting: Sitting, *, reason: str, by: Any, at: datetime) -> GradingRun | None:
    """A new run with the late answers, beside the old ones; None when the first marking is still to come."""
    last = sitting.runs.order_by("-number").first()
    if last is None:
        return None
    return store_run(
        sitting=sitting,
        outcome=marked(sitting),
        worker="answer file",
        at=at,
        reason=GradingRun.Reason.REGRADE,
        number=last.number + 1,
        note=reason.strip(),
        by=by,
    )
