"""The marks of a run as the engine's own rows, to make another run of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from assessments import events
from assessments.grading.sitting import SlotOutcome
from assessments.models import Sitting, SlotGrade


def outcomes_of(sitting: Sitting) -> list[SlotOutcome]:
    """What each place of a sitting has in the run that counts, in the order of the paper; one query."""
    places = {slot["slot"]: slot for slot in sitting.paper.slots}
    rows = SlotGrade.objects.filter(run_id=sitting.current_run_id).select_related("question_version").order_by("slot")
    return [as_outcome(row, places[row.slot], digest=row.question_version.digest) for row in rows]


def as_outcome(row: SlotGrade, place: Mapping[str, Any], *, digest: str) -> SlotOutcome:
    """One stored mark; `place` is its slot in the paper, `digest` that of the version it was marked by."""
    return SlotOutcome(
        slot=row.slot,
        version=row.question_version_id,
        digest=digest,
        section=place.get("section", 1),
        state=row.state,
        fraction=row.fraction,
        mark=row.mark,
        max_mark=row.max_mark,
        event_seq=row.event_seq,
        source=row.source,
    )


def tell_marked_again(sitting: Sitting, *, was_passed: bool, regrade_id: int | None = None) -> None:
    """Send the news upwards once the transaction is committed; what higher rooms miss, their sweeps find."""
    pk = sitting.pk
    transaction.on_commit(
        lambda: events.sitting_regraded.send_robust(
            sender=Sitting, sitting_id=pk, regrade_id=regrade_id, was_passed=was_passed
        ),
        robust=True,
    )
