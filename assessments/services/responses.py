"""Answers: what a candidate's device sends, checked and appended to the sitting's chained log."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from assessments.exceptions import (
    AnotherDevice,
    ResponseRefused,
    SectionOver,
    SequenceConflict,
    SittingClosed,
    SittingPaused,
)
from assessments.models import ResponseEvent, Sitting
from assessments.services.event_log import append_events, event_content
from assessments.services.event_rules import checked_events, refuse_what_may_not_be
from assessments.services.sheets import sheet_of
from common.locking import lock_row
from common.messages import filled

__all__ = ["Acknowledgement", "deadline_of", "event_content", "is_over", "is_section_over", "record_responses"]

SEEN_EVERY = timedelta(seconds=15)
DEVICE = re.compile(r"[A-Za-z0-9]{1,64}")


class HasKey(Protocol):
    """A sitting, or what stands for it."""

    @property
    def pk(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """What the server has: every event up to and including `acknowledged` is in the log; `head` is its digest then."""

    acknowledged: int
    server_time: datetime
    deadline: datetime | None
    notices: int = 0
    head: str = ""


def is_over(sitting: Sitting, *, at: datetime) -> bool:
    """Whether deadline and grace have passed; while a sitting is paused, its time stands still."""
    return _has_passed(sitting, sitting.deadline_at, at=at)


def is_section_over(sitting: Sitting, *, at: datetime) -> bool:
    """Whether time and grace of the part that is being sat have passed."""
    return _has_passed(sitting, sitting.section_deadline_at, at=at)


def _has_passed(sitting: Sitting, deadline: datetime | None, *, at: datetime) -> bool:
    if deadline is None:
        return False
    if sitting.paused_at is not None:
        at = min(at, sitting.paused_at)
    return at > deadline + timedelta(seconds=sitting.grace_seconds)


def deadline_of(sitting: Sitting) -> datetime | None:
    """Until when answers count now: that of the part when it is earlier."""
    both = [moment for moment in (sitting.deadline_at, sitting.section_deadline_at) if moment is not None]
    return min(both) if both else None


@transaction.atomic
def record_responses(
    *, sitting: HasKey, events: Sequence[Mapping[str, Any]], at: datetime, device: str = ""
) -> Acknowledgement:
    """Append what the candidate did, each event `{"seq", "slot", "response", "kind"?, "client_time"?}`.

    Sequence numbers come from the candidate's device and go on from the last one in the log without a gap, so that
    what is acknowledged is complete. An event that is in the log already is acknowledged again when it says the same.
    All of a batch is taken or none. No events are a question for the time. `client_time` decides nothing: what arrives
    after the deadline and within its grace is kept as late.

    Raises SequenceConflict when the numbers do not go on from the log, AnotherDevice when the candidate went on with
    another device than `device`, SittingPaused, SectionOver when the time of the part is over, SittingClosed when the
    paper was handed in or deadline and grace are over, and ResponseRefused for what is malformed or may not be.
    """
    checked = checked_events(events)
    locked = lock_row(Sitting.objects.filter(pk=sitting.pk))
    assert locked is not None
    changed = _meet_device(locked, device)
    known = _known_events(locked, checked)
    if any(event["seq"] not in known for event in checked):
        _refuse_when_closed(locked, at=at)
    fresh = _fresh(locked, checked, known, at=at)
    if fresh:
        refuse_what_may_not_be(sheet_of(locked), locked, fresh)
        deadline = deadline_of(locked)
        append_events(locked, fresh, at=at, late=deadline is not None and at > deadline)
        changed += ["chain_head", "last_seq"]
    if locked.state == Sitting.State.OPEN and (locked.last_seen_at is None or at - locked.last_seen_at >= SEEN_EVERY):
        locked.last_seen_at = at
        changed.append("last_seen_at")
    if changed:
        locked.save(update_fields=changed)
    return Acknowledgement(
        acknowledged=locked.last_seq,
        server_time=at,
        deadline=deadline_of(locked),
        notices=locked.notice_count,
        head=locked.chain_head,
    )


def _meet_device(sitting: Sitting, device: str) -> list[str]:
    """Refuse the device that the candidate left, and keep the first one; the names of the fields that changed."""
    if not device or sitting.state != Sitting.State.OPEN:
        return []
    refuse_malformed_device(device)
    if sitting.device and sitting.device != device:
        raise AnotherDevice(
            _("This paper is being written on another device or in another tab. To go on here, take it over.")
        )
    if sitting.device:
        return []
    sitting.device = device
    return ["device"]


def refuse_malformed_device(device: Any) -> None:
    """Raise ResponseRefused unless it names a device: 1 to 64 letters and digits."""
    if not isinstance(device, str) or not DEVICE.fullmatch(device):
        raise ResponseRefused(_("The name of the device must be 1 to 64 letters and digits."))


def _fresh(
    sitting: Sitting, checked: list[dict[str, Any]], known: Mapping[int, ResponseEvent], *, at: datetime
) -> list[dict[str, Any]]:
    """The events that are not in the log yet, in order. Raises SequenceConflict, ResponseRefused."""
    fresh: list[dict[str, Any]] = []
    for event in checked:
        seq, logged = event["seq"], known.get(event["seq"])
        if logged is not None:
            if (logged.kind, logged.slot, logged.response) != (event["kind"], event["slot"], event["response"]):
                _refuse_when_closed(sitting, at=at)
                message = _("Another tab or device has saved meanwhile; reload the page. (Event %(seq)d is another.)")
                raise SequenceConflict(filled(message, {"seq": seq}), seq=seq, last_seq=sitting.last_seq)
        elif fresh and fresh[-1]["seq"] == seq:
            if fresh[-1] != event:
                message = _("Event %(seq)d is there twice with different answers.")
                raise ResponseRefused(filled(message, {"seq": seq}), seq=seq)
        elif seq != sitting.last_seq + len(fresh) + 1:
            message = _("Event %(seq)d came, and %(expected)d was to be next; reload the page.")
            expected = sitting.last_seq + len(fresh) + 1
            raise SequenceConflict(
                filled(message, {"seq": seq, "expected": expected}), seq=seq, last_seq=sitting.last_seq
            )
        else:
            fresh.append(event)
    return fresh


def _refuse_when_closed(sitting: Sitting, *, at: datetime) -> None:
    if sitting.state != Sitting.State.OPEN:
        raise SittingClosed(_("This paper was handed in already; nothing more can be saved."))
    if sitting.paused_at is not None:
        raise SittingPaused(
            _("The exam officer has stopped the time of this paper; answers are taken when it goes on.")
        )
    if is_over(sitting, at=at):
        raise SittingClosed(_("The time is over; what was saved before is being marked."))
    if is_section_over(sitting, at=at):
        raise SectionOver(_("The time of this part is over; what was saved before counts. Reload the page to go on."))


def _known_events(sitting: Sitting, events: Sequence[Mapping[str, Any]]) -> dict[int, ResponseEvent]:
    repeated = [event["seq"] for event in events if event["seq"] <= sitting.last_seq]
    if not repeated:
        return {}
    return {row.seq: row for row in sitting.events.filter(seq__in=repeated)}
