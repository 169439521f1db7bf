"""What exam officers do with running sittings: stop the clock, give time, end, tell. One act, one transaction.

Each act takes a queryset of sittings, which the caller has narrowed to those that the officer supervises, and a `key`
that whoever asks has chosen: the same act asked for twice with one key is done once. Sittings that cannot take an act are
left out and counted; when none can, the act is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from assessments.exceptions import SupervisionRefused
from assessments.models import Sitting, SupervisionEntry
from assessments.services.responses import is_over
from assessments.services.sitting import submit_sitting
from assessments.services.supervision_log import Act, append_entries
from common.messages import filled

MOST_MINUTES = 8 * 60
MOST_TEXT = 1000
MOST_REASON = 500
MOST_KEY = 64
Kind = SupervisionEntry.Kind

HANDED_IN = _("handed in already")
OVER = _("the time is over")
IS_PAUSED = _("paused already")
NOT_PAUSED = _("not paused")
NO_LIMIT = _("no time limit")


@dataclass(frozen=True, slots=True)
class Done:
    """What an act came to: how many sittings took it (now or, with the same key, before), and which could not, why."""

    count: int
    left_out: tuple[tuple[int, str | Promise], ...] = ()


class _CannotTakeError(Exception):
    def __init__(self, why: str | Promise) -> None:
        super().__init__(why)
        self.why = why


@transaction.atomic
def pause_sittings(*, sittings: QuerySet[Sitting], reason: str, by: Any, at: datetime, key: str) -> Done:
    """Let their time stand still. Raises SupervisionRefused without a reason, and when none can be paused."""

    def pause(sitting: Sitting) -> None:
        _refuse_finished(sitting, at=at)
        if sitting.paused_at is not None:
            raise _CannotTakeError(IS_PAUSED)
        sitting.paused_at = at

    return _perform(_act(Kind.PAUSE, by=by, at=at, key=key, reason=reason), sittings, pause)


@transaction.atomic
def resume_sittings(*, sittings: QuerySet[Sitting], reason: str, by: Any, at: datetime, key: str) -> Done:
    """Let their time go on: the deadline moves by as long as the pause was. Raises SupervisionRefused like pausing."""

    def resume(sitting: Sitting) -> int:
        if sitting.state != Sitting.State.OPEN:
            raise _CannotTakeError(HANDED_IN)
        if sitting.paused_at is None:
            raise _CannotTakeError(NOT_PAUSED)
        pause = max(at - sitting.paused_at, timedelta(0))
        sitting.paused_at = None
        _move(sitting, pause)
        return round(pause.total_seconds())

    return _perform(_act(Kind.RESUME, by=by, at=at, key=key, reason=reason), sittings, resume)


@transaction.atomic
def extend_sittings(*, sittings: QuerySet[Sitting], minutes: int, reason: str, by: Any, at: datetime, key: str) -> Done:
    """Give them `minutes` more, beyond the closing of the quiz too. Raises SupervisionRefused like pausing.

    A sitting whose deadline and grace have passed is over, handed in or not, and gets no more time.
    """
    if not 1 <= minutes <= MOST_MINUTES:
        raise SupervisionRefused(filled(_("Give from 1 to %(most)d minutes."), {"most": MOST_MINUTES}))

    def extend(sitting: Sitting) -> int:
        _refuse_finished(sitting, at=at)
        if sitting.deadline_at is None:
            raise _CannotTakeError(NO_LIMIT)
        _move(sitting, timedelta(minutes=minutes))
        return 60 * minutes

    return _perform(_act(Kind.EXTEND, by=by, at=at, key=key, reason=reason), sittings, extend)


@transaction.atomic
def end_sittings(*, sittings: QuerySet[Sitting], reason: str, by: Any, at: datetime, key: str) -> Done:
    """Hand them in now with what was saved. Raises SupervisionRefused like pausing."""

    def end(sitting: Sitting) -> None:
        if sitting.state != Sitting.State.OPEN:
            raise _CannotTakeError(HANDED_IN)

    ended: list[Sitting] = []
    done = _perform(_act(Kind.END, by=by, at=at, key=key, reason=reason), sittings, end, ended)
    for sitting in ended:
        submit_sitting(sitting=sitting, by=by, at=at, submitted_by=Sitting.SubmittedBy.OFFICER)
    return done


@transaction.atomic
def message_sittings(
    *, sittings: QuerySet[Sitting], text: str, by: Any, at: datetime, key: str, reason: str = ""
) -> Done:
    """Show them a message. Raises SupervisionRefused without a text, and when all have handed in."""
    words = " ".join(text.split())
    if not words:
        raise SupervisionRefused(_("Write the message."))
    if len(words) > MOST_TEXT:
        raise SupervisionRefused(filled(_("The message is longer than %(most)d characters."), {"most": MOST_TEXT}))
    act = _act(Kind.MESSAGE, by=by, at=at, key=key, reason=reason, text=words)
    return _perform(act, sittings, _refuse_handed_in)


@transaction.atomic
def note_sittings(*, sittings: QuerySet[Sitting], reason: str, by: Any, at: datetime, key: str) -> Done:
    """Put a note into their logs that candidates do not see, also after handing in. Raises SupervisionRefused if empty."""
    return _perform(_act(Kind.NOTE, by=by, at=at, key=key, reason=reason), sittings, lambda sitting: None)


@transaction.atomic
def release_devices(*, sittings: QuerySet[Sitting], reason: str, by: Any, at: datetime, key: str) -> Done:
    """Let another device go on with the paper, as when the first one broke. Raises SupervisionRefused like pausing."""

    def release(sitting: Sitting) -> None:
        _refuse_handed_in(sitting)
        sitting.device = ""

    return _perform(_act(Kind.RELEASE, by=by, at=at, key=key, reason=reason), sittings, release)


def _act(kind: SupervisionEntry.Kind, *, by: Any, at: datetime, key: str, reason: str, text: str = "") -> Act:
    words = " ".join(reason.split())
    if not words and kind != Kind.MESSAGE:
        raise SupervisionRefused(_("Say why: the reason stands in the record of the exam."))
    if len(words) > MOST_REASON:
        raise SupervisionRefused(filled(_("The reason is longer than %(most)d characters."), {"most": MOST_REASON}))
    if not 1 <= len(key) <= MOST_KEY:
        raise SupervisionRefused(_("The page was open for too long. Reload it and try again."))
    return Act(kind=kind, by=by, at=at, key=key, reason=words, text=text)


def _perform(
    act: Act,
    sittings: QuerySet[Sitting],
    change: Callable[[Sitting], int | None],
    changed: list[Sitting] | None = None,
) -> Done:
    """Lock, change what can take it, and log; `changed` collects them."""
    rows = Sitting.objects.filter(pk__in=sittings.order_by().values("pk"))
    locked = list(rows.order_by("pk").select_for_update(of=("self",)))
    known = set(
        SupervisionEntry.objects.filter(key=act.key, sitting__in=[row.pk for row in locked]).values_list(
            "sitting_id", flat=True
        )
    )
    taken: list[Sitting] = [] if changed is None else changed
    seconds: dict[int, int] = {}
    left_out: list[tuple[int, str | Promise]] = []
    for row in locked:
        if row.pk in known:
            continue
        try:
            moved = change(row)
        except _CannotTakeError as problem:
            left_out.append((row.pk, problem.why))
            continue
        taken.append(row)
        if moved is not None:
            seconds[row.pk] = moved
    if not taken and not known:
        _refuse(left_out)
    append_entries(act, taken, seconds=seconds)
    return Done(count=len(taken) + len(known), left_out=tuple(left_out))


def _refuse(left_out: list[tuple[int, str | Promise]]) -> None:
    if not left_out:
        raise SupervisionRefused(_("Nobody is chosen who sits this exam now."))
    if len(left_out) == 1:
        raise SupervisionRefused(filled(_("This cannot be done: %(why)s."), {"why": left_out[0][1]}))
    values = {"count": len(left_out), "why": left_out[0][1]}
    raise SupervisionRefused(filled(_("This can be done for none of the %(count)d chosen: %(why)s."), values))


def _refuse_handed_in(sitting: Sitting) -> None:
    if sitting.state != Sitting.State.OPEN:
        raise _CannotTakeError(HANDED_IN)


def _refuse_finished(sitting: Sitting, *, at: datetime) -> None:
    _refuse_handed_in(sitting)
    if is_over(sitting, at=at):
        raise _CannotTakeError(OVER)


def _move(sitting: Sitting, by: timedelta) -> None:
    if sitting.deadline_at is not None:
        sitting.deadline_at += by
    if sitting.section_deadline_at is not None:
        sitting.section_deadline_at += by
