"""Writing the officers' log: entries chained per sitting and bound to the candidate's own chain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from assessments.models import Sitting, SupervisionEntry
from common.digests import chain_digest

BATCH = 500
CHANGED = (
    "notice_count",
    "supervision_head",
    "paused_at",
    "deadline_at",
    "section_deadline_at",
    "granted_seconds",
    "device",
)


@dataclass(frozen=True, slots=True)
class Act:
    """What an officer does: to how many sittings ever, it is one act with one `key`."""

    kind: SupervisionEntry.Kind
    by: Any
    at: datetime
    key: str
    reason: str = ""
    text: str = ""


def entry_content(entry: SupervisionEntry, *, sitting: str, by: str) -> dict[str, Any]:
    """What the digest of an entry covers, beside the digest before it (the first follows ""); times in UTC.

    `sitting` and `by` are the public ids of the sitting and of the officer.
    """
    return {
        "sitting": sitting,
        "number": entry.number,
        "kind": str(entry.kind),
        "seconds": entry.seconds,
        "text": entry.text,
        "reason": entry.reason,
        "by": by,
        "at": entry.at.astimezone(UTC).isoformat(),
        "key": entry.key,
        "log_seq": entry.log_seq,
        "log_digest": entry.log_digest,
    }


def append_entries(act: Act, sittings: Sequence[Sitting], *, seconds: Mapping[int, int] | None = None) -> None:
    """Add the act to the log of each of these locked sittings, and save them with what the caller changed of CHANGED.

    `seconds` says by sitting how far its deadline was moved. A few statements for each 500 sittings. Needs a
    transaction that holds the rows' locks.
    """
    if not sittings:
        return
    last = dict(
        SupervisionEntry.objects.filter(sitting__in=[row.pk for row in sittings])
        .order_by("number")
        .values_list("sitting_id", "number")
    )
    entries = [_entry(act, row, last.get(row.pk, 0) + 1, (seconds or {}).get(row.pk)) for row in sittings]
    SupervisionEntry.objects.bulk_create(entries, batch_size=BATCH)
    for row, entry in zip(sittings, entries, strict=True):
        row.supervision_head = entry.digest
        if act.kind in SupervisionEntry.TOLD:
            row.notice_count += 1
    Sitting.objects.bulk_update(sittings, CHANGED, batch_size=BATCH)


def _entry(act: Act, sitting: Sitting, number: int, seconds: int | None) -> SupervisionEntry:
    entry = SupervisionEntry(
        sitting=sitting,
        number=number,
        kind=act.kind,
        seconds=seconds,
        text=act.text,
        reason=act.reason,
        by=act.by,
        at=act.at,
        key=act.key,
        log_seq=sitting.last_seq,
        log_digest=sitting.chain_head,
        previous_digest=sitting.supervision_head,
    )
    content = entry_content(entry, sitting=str(sitting.public_id), by=str(act.by.public_id))
    entry.digest = chain_digest(sitting.supervision_head, content)
    return entry
