"""Parts of a paper that are sat one after the other, each in its own time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from assessments.exceptions import ResponseRefused, SittingClosed, SittingPaused
from assessments.models import ResponseEvent, Sitting
from assessments.services.access import limit_of
from assessments.services.event_log import append_events, server_event
from assessments.services.responses import HasKey, is_over, is_section_over
from assessments.services.sheets import Sheet, sheet_of
from common.locking import lock_row

CANDIDATE, TIME = "candidate", "time"


def times_of_section(
    rules: Mapping[str, Any], *, section: int, begins_at: datetime, deadline: datetime | None, granted_seconds: int
) -> dict[str, Any]:
    """What a sitting says while it is in a part: the part, until when, and until when at all.

    Extra time is shared out among the parts. The last part ends the sitting: its time is the deadline of all.
    """
    parts = rules.get("sections") or []
    seconds = parts[section - 1].get("time_limit_seconds") if section <= len(parts) else None
    if seconds is None:
        return {"section": section, "section_deadline_at": None, "deadline_at": deadline}
    limit = limit_of(dict(rules))
    if limit:
        seconds += min(round(granted_seconds * seconds / limit), granted_seconds)
    end = begins_at + timedelta(seconds=seconds)
    if deadline is not None:
        end = min(end, deadline)
    if section == len(parts):
        return {"section": section, "section_deadline_at": None, "deadline_at": end}
    return {"section": section, "section_deadline_at": end, "deadline_at": deadline}


@transaction.atomic
def go_to_section(*, sitting: HasKey, section: int, at: datetime) -> Sitting:
    """The candidate has finished the part before `section` and goes on; asking twice changes nothing.

    The part that is left takes no more answers. Raises SittingClosed, SittingPaused, and ResponseRefused when that part
    is not the next.
    """
    locked = _locked(sitting)
    sheet = sheet_of(locked)
    if locked.state != Sitting.State.OPEN or is_over(locked, at=at):
        raise SittingClosed(_("This paper was handed in already; nothing more can be saved."))
    if not sheet.is_sequential or not 1 <= section <= min(locked.section + 1, len(sheet.sections)):
        raise ResponseRefused(_("There is no such part to go on to; reload the page."))
    if section > locked.section:
        if locked.paused_at is not None:
            raise SittingPaused(
                _("The exam officer has stopped the time of this paper; answers are taken when it goes on.")
            )
        _go_on(locked, sheet, by=CANDIDATE, begins_at=at, at=at)
    return locked


@transaction.atomic
def leave_sections_that_are_over(*, sitting: HasKey, at: datetime) -> Sitting:
    """Go on with the part whose turn it is when the time of those before is over; else change nothing."""
    locked = _locked(sitting)
    while locked.state == Sitting.State.OPEN and not is_over(locked, at=at) and is_section_over(locked, at=at):
        assert locked.section_deadline_at is not None
        ended_at = locked.section_deadline_at + timedelta(seconds=locked.grace_seconds)
        _go_on(locked, sheet_of(locked), by=TIME, begins_at=ended_at, at=at)
    return locked


def leave_overdue_sections(*, at: datetime, limit: int = 500) -> int:
    """Go on for every open sitting whose part is over; how many there were."""
    running = Sitting.objects.filter(state=Sitting.State.OPEN, section_deadline_at__lt=at, paused_at__isnull=True)
    overdue = [row for row in running.order_by("section_deadline_at")[:limit] if is_section_over(row, at=at)]
    for sitting in overdue:
        leave_sections_that_are_over(sitting=sitting, at=at)
    return len(overdue)


def _locked(sitting: HasKey) -> Sitting:
    locked = lock_row(Sitting.objects.filter(pk=sitting.pk).select_related("paper", "quiz_version"))
    assert locked is not None
    return locked


def _go_on(sitting: Sitting, sheet: Sheet, *, by: str, begins_at: datetime, at: datetime) -> None:
    times = times_of_section(
        sheet.rules,
        section=sitting.section + 1,
        begins_at=begins_at,
        deadline=sitting.deadline_at,
        granted_seconds=sitting.granted_seconds,
    )
    event = server_event(sitting, ResponseEvent.Kind.SECTION, {"section": times["section"], "by": by})
    append_events(sitting, [event], at=at, late=False)
    for name, value in times.items():
        setattr(sitting, name, value)
    sitting.save(update_fields=["chain_head", "last_seq", *times])
