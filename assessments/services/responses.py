"""Answers: what a candidate's device sends, checked and appended to the sitting's chained log."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from assessments.exceptions import ResponseRefused, SequenceConflict, SittingClosed
from assessments.grading.engine import QuestionDefinition, grade
from assessments.models import Paper, QuestionVersion, ResponseEvent, Sitting
from assessments.question_types import State
from common.digests import chain_digest
from common.locking import lock_row
from common.messages import filled

MOST_EVENTS = 200
MOST_BYTES = 64 * 1024
MOST_SEQ = 2_000_000_000
NUL_IN_JSON = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")  # an escaped NUL, and not the six characters somebody typed


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """What the server has: every event up to and including `acknowledged` is in the log."""

    acknowledged: int
    server_time: datetime
    deadline: datetime | None
    notices: int = 0


def is_over(sitting: Sitting, *, at: datetime) -> bool:
    """Whether deadline and grace have passed; while a sitting is paused, its time stands still."""
    if sitting.deadline_at is None:
        return False
    if sitting.paused_at is not None:
        at = min(at, sitting.paused_at)
    return at > sitting.deadline_at + timedelta(seconds=sitting.grace_seconds)


@transaction.atomic
def record_responses(*, sitting: Sitting, events: Sequence[Mapping[str, Any]], at: datetime) -> Acknowledgement:
    """Append what the candidate did, each event `{"seq", "slot", "response", "kind"?, "client_time"?}`.

    Sequence numbers come from the candidate's device and go on from the last one in the log without a gap, so that
    what is acknowledged is complete. An event that is in the log already is acknowledged again when it says the same.
    All of a batch is taken or none. No events are a question for the time. Raises SequenceConflict when the numbers
    do not go on from the log, SittingClosed when the paper was handed in or deadline and grace are over, and
    ResponseRefused for what is malformed or no answer to its question.
    """
    checked = sorted((_checked_event(event) for event in _bounded(events)), key=lambda event: event["seq"])
    locked = lock_row(Sitting.objects.filter(pk=sitting.pk).select_related("paper"))
    assert locked is not None
    known = _known_events(locked, checked)
    if any(event["seq"] not in known for event in checked):
        _refuse_when_closed(locked, at=at)
    fresh: list[dict[str, Any]] = []
    for event in checked:
        seq, logged = event["seq"], known.get(event["seq"])
        if logged is not None:
            if (logged.kind, logged.slot, logged.response) != (event["kind"], event["slot"], event["response"]):
                _refuse_when_closed(locked, at=at)
                message = _("Another tab or device has saved meanwhile; reload the page. (Event %(seq)d is another.)")
                raise SequenceConflict(filled(message, {"seq": seq}), seq=seq, last_seq=locked.last_seq)
        elif fresh and fresh[-1]["seq"] == seq:
            if fresh[-1] != event:
                message = _("Event %(seq)d is there twice with different answers.")
                raise ResponseRefused(filled(message, {"seq": seq}), seq=seq)
        elif seq != locked.last_seq + len(fresh) + 1:
            message = _("Event %(seq)d came, and %(expected)d was to be next; reload the page.")
            expected = locked.last_seq + len(fresh) + 1
            raise SequenceConflict(
                filled(message, {"seq": seq, "expected": expected}), seq=seq, last_seq=locked.last_seq
            )
        else:
            fresh.append(event)
    if fresh:
        _refuse_what_is_no_answer(locked.paper, fresh)
        _append(locked, fresh, at=at)
    return Acknowledgement(
        acknowledged=locked.last_seq, server_time=at, deadline=locked.deadline_at, notices=locked.notice_count
    )


def _bounded(events: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    if not isinstance(events, Sequence) or isinstance(events, str | bytes):
        raise ResponseRefused(_("The answers are not in the expected form."))
    if len(events) > MOST_EVENTS:
        raise ResponseRefused(filled(_("Too many answers at once: at most %(most)d."), {"most": MOST_EVENTS}))
    return events


def _checked_event(event: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(event, Mapping):
        raise ResponseRefused(_("The answers are not in the expected form."))
    seq, slot, kind = event.get("seq"), event.get("slot"), event.get("kind")
    kind = ResponseEvent.Kind.ANSWER.value if kind is None else kind
    if type(seq) is not int or not 1 <= seq <= MOST_SEQ:
        raise ResponseRefused(_("An answer has no valid sequence number."))
    if type(slot) is not int or not 1 <= slot <= 10_000:
        raise ResponseRefused(_("An answer does not say which question it belongs to."), seq=seq)
    if not isinstance(kind, str) or kind not in {ResponseEvent.Kind.ANSWER, ResponseEvent.Kind.FLAG}:
        raise ResponseRefused(_("The answers are not in the expected form."), seq=seq)
    response = event.get("response")
    malformed = filled(_("The answer to question %(slot)d is not in the expected form."), {"slot": slot})
    if response is not None and not isinstance(response, Mapping):
        raise ResponseRefused(malformed, seq=seq)
    try:
        written = json.dumps(response, ensure_ascii=False, allow_nan=False)
        size = len(written.encode())
    except (ValueError, TypeError, RecursionError):  # also half characters, which UTF-8 does not have
        raise ResponseRefused(malformed, seq=seq) from None
    if size > MOST_BYTES:
        raise ResponseRefused(
            filled(_("The answer to question %(slot)d is too long."), {"slot": slot}),
            seq=seq,
        )
    if NUL_IN_JSON.search(written):
        raise ResponseRefused(malformed, seq=seq)
    return {
        "seq": seq,
        "slot": slot,
        "kind": kind,
        "response": dict(response) if response is not None else None,
        "client_time": _client_time(event.get("client_time")),
    }


def _refuse_when_closed(sitting: Sitting, *, at: datetime) -> None:
    if sitting.state != Sitting.State.OPEN:
        raise SittingClosed(_("This paper was handed in already; nothing more can be saved."))
    if is_over(sitting, at=at):
        raise SittingClosed(_("The time is over; what was saved before is being marked."))


def _refuse_what_is_no_answer(paper: Paper, events: Sequence[Mapping[str, Any]]) -> None:
    """Every event must belong to a question of the paper and be one of its possible answers, right or wrong."""
    slots = {slot["slot"]: slot for slot in paper.slots}
    for event in events:
        if event["slot"] not in slots:
            message = _("There is no question %(slot)s in this paper.")
            raise ResponseRefused(filled(message, {"slot": event["slot"]}), seq=event["seq"])
    versions = QuestionVersion.objects.in_bulk({slots[event["slot"]]["version"] for event in events})
    for event in events:
        slot = slots[event["slot"]]
        if event["kind"] == ResponseEvent.Kind.FLAG:
            is_possible = event["response"] in ({"flagged": True}, {"flagged": False})
        else:
            version = versions[slot["version"]]
            definition = QuestionDefinition(type=version.type, body=version.body, digest=version.digest)
            is_possible = grade(definition, event["response"], slot["variant"]).state is not State.INVALID
        if not is_possible:
            message = _("The answer to question %(slot)d is none that this question takes.")
            raise ResponseRefused(filled(message, {"slot": event["slot"]}), seq=event["seq"])


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
    """What the digest of an event covers, beside the digest before it; times in UTC, as databases give them back."""
    return {
        "sitting": sitting,
        "seq": seq,
        "kind": kind,
        "slot": slot,
        "response": response,
        "client_time": client_time.astimezone(UTC).isoformat() if client_time else None,
        "server_time": server_time.astimezone(UTC).isoformat(),
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
