"""The chained log of a sitting: what the digest of an event covers, and appending."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from assessments.models import ResponseEvent, Sitting
from common.digests import chain_digest


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


def append_events(sitting: Sitting, events: Sequence[Mapping[str, Any]], *, at: datetime, late: bool) -> None:
    """Write events ({"seq", "kind", "slot", "response", "client_time"}) that go on from the log of a locked sitting.

    `last_seq` and `chain_head` of the sitting are set and not saved: the caller saves them with what else it changes.
    """
    head, sitting_id = sitting.chain_head, str(sitting.public_id)
    rows = []
    for event in events:
        content = event_content(sitting=sitting_id, server_time=at, late=late, **event)
        digest = chain_digest(head, content)
        rows.append(
            ResponseEvent(
                sitting_id=sitting.pk,
                server_time=at,
                late=late,
                previous_digest=head,
                digest=digest,
                **event,
            )
        )
        head = digest
    ResponseEvent.objects.bulk_create(rows)
    sitting.chain_head, sitting.last_seq = head, events[-1]["seq"]


def server_event(sitting: Sitting, kind: str, response: Mapping[str, Any]) -> dict[str, Any]:
    """An event of the server's own, next in the log."""
    return {
        "seq": sitting.last_seq + 1,
        "kind": str(kind),
        "slot": None,
        "response": dict(response),
        "client_time": None,
    }
