"""The live board: who is in, who is not yet, who has handed in; the same number of queries for any number of candidates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Max, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from assessments.models import Accommodation, Quiz, ResponseEvent, Sitting
from assessments.permissions import registrations_to_supervise, sittings_to_supervise
from assessments.services.access import grants_of_people
from common.vietnamese import fold
from people.queries import start_of

PER_PAGE = 100
HEARD_LATELY = timedelta(seconds=60)
AWAY, SITTING, PAUSED, LOST, DONE, FAILED = "away", "sitting", "paused", "lost", "done", "failed"
STATUSES: dict[str, Promise] = {
    SITTING: pgettext_lazy("candidate", "Sitting"),
    LOST: pgettext_lazy("candidate", "Not heard of"),
    PAUSED: pgettext_lazy("candidate", "Paused"),
    AWAY: pgettext_lazy("candidate", "Not come yet"),
    DONE: pgettext_lazy("candidate", "Handed in"),
    FAILED: pgettext_lazy("candidate", "Marking failed"),
}


@dataclass(slots=True)
class BoardRow:
    """One candidate. What stands below `status` is only known for rows of the page that is shown."""

    person: int
    name: str
    search: str
    sort_key: str
    number: str = ""
    room: str = ""
    seat: str = ""
    sitting: Sitting | None = None
    status: str = AWAY
    left: timedelta | None = None
    heard: datetime | None = None
    saved: datetime | None = None
    answered: int = 0
    devices: int = 0
    accommodations: list[Accommodation] = field(default_factory=list)

    @property
    def status_name(self) -> Promise:
        """In words."""
        return STATUSES[self.status]

    @property
    def is_running(self) -> bool:
        """Whether there is something to stop, extend or end."""
        return self.status in {SITTING, PAUSED, LOST}


@dataclass(frozen=True, slots=True)
class Filters:
    """What the officer looks for."""

    words: str = ""
    room: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class Board:
    """A page of rows, and the totals of everybody in the chosen room."""

    rows: Page[BoardRow]
    totals: list[tuple[str, Promise, int]]
    rooms: list[str]
    count: int
    questions: int
    at: datetime


def read_board(*, quiz: Quiz, by: Any, filters: Filters, page: Any, at: datetime) -> Board:
    """Candidates on the list of the quiz, and who has sat it today or sits it still, as far as `by` supervises them."""
    everybody = _everybody(quiz, by, at=at)
    rooms = sorted({row.room for row in everybody if row.room})
    in_room = [row for row in everybody if not filters.room or row.room == filters.room]
    counts = Counter(row.status for row in in_room)
    words = fold(filters.words).split()[:8]
    found = [
        row
        for row in in_room
        if (not filters.status or row.status == filters.status) and all(word in row.search for word in words)
    ]
    shown = Paginator(found, PER_PAGE).get_page(page)
    _fill(quiz, list(shown.object_list), at=at)
    return Board(
        rows=shown,
        totals=[
            (status, name, counts[status]) for status, name in STATUSES.items() if counts[status] or status != FAILED
        ],
        rooms=rooms,
        count=len(in_room),
        questions=_question_count(quiz),
        at=at,
    )


def _everybody(quiz: Quiz, by: Any, *, at: datetime) -> list[BoardRow]:
    rows: dict[int, BoardRow] = {}
    listed = registrations_to_supervise(by).filter(quiz=quiz, withdrawn_at__isnull=True).order_by("candidate_number")
    facts = listed.values_list(
        "person_id", "person__full_name", "person__search_text", "person__sort_key", "candidate_number", "room", "seat"
    )
    for person, name, search, sort_key, number, room, seat in facts:
        text = f"{search} {fold(number)} {fold(seat)}"
        rows[person] = BoardRow(person, name, text, sort_key, number=number, room=room, seat=seat)
    today = Q(state=Sitting.State.OPEN) | Q(started_at__gte=start_of(timezone.localdate(at)))
    on_list = Q(person__in=quiz.registrations.filter(withdrawn_at__isnull=True).values("person"))
    sittings = sittings_to_supervise(by).filter(today | on_list, quiz=quiz).select_related("person")
    for sitting in sittings.order_by("started_at").only(*_READ):
        who = sitting.person
        row = rows.get(who.pk)
        if row is None:
            row = rows[who.pk] = BoardRow(who.pk, who.full_name, who.search_text, who.sort_key)
        row.sitting = sitting
        _judge(row, sitting, at=at)
    return sorted(rows.values(), key=lambda row: (row.room == "", row.room, row.number == "", row.number, row.sort_key))


_READ = (
    "state",
    "attempt",
    "quiz_id",
    "started_at",
    "deadline_at",
    "paused_at",
    "submitted_at",
    "submitted_by",
    "last_seen_at",
    "last_seq",
    "granted_seconds",
    "person__full_name",
    "person__search_text",
    "person__sort_key",
)


def _judge(row: BoardRow, sitting: Sitting, *, at: datetime) -> None:
    row.heard, row.left = sitting.last_seen_at, None
    if sitting.state == Sitting.State.FAILED:
        row.status = FAILED
    elif sitting.state != Sitting.State.OPEN:
        row.status = DONE
    elif sitting.paused_at is not None:
        row.status = PAUSED
    else:
        is_heard = at - (sitting.last_seen_at or sitting.started_at) <= HEARD_LATELY
        row.status = SITTING if is_heard else LOST
    if sitting.state == Sitting.State.OPEN and sitting.deadline_at is not None:
        row.left = max(sitting.deadline_at - (sitting.paused_at or at), timedelta(0))


def _fill(quiz: Quiz, rows: Sequence[BoardRow], *, at: datetime) -> None:
    """What is told of the rows that are shown, in a few queries."""
    by_sitting = {row.sitting.pk: row for row in rows if row.sitting is not None}
    events = ResponseEvent.objects.filter(sitting__in=by_sitting).order_by()
    changes = Count("pk", filter=Q(kind=ResponseEvent.Kind.DEVICE))
    for pk, saved, devices in events.values_list("sitting").annotate(saved=Max("server_time"), devices=changes):
        by_sitting[pk].saved, by_sitting[pk].devices = saved, devices
    answers = events.filter(kind=ResponseEvent.Kind.ANSWER).order_by("seq")
    last: dict[tuple[int, int], bool] = {}
    for pk, slot, response in answers.values_list("sitting_id", "slot", "response"):
        if slot is not None:
            last[pk, slot] = not is_blank(response)
    for (pk, _slot), is_answered in last.items():
        by_sitting[pk].answered += is_answered
    granted = grants_of_people(quiz=quiz, people=[row.person for row in rows], at=at)
    for row in rows:
        row.accommodations = granted.get(row.person, [])
        if row.saved is not None and (row.heard is None or row.saved > row.heard):
            row.heard = row.saved
            if row.status == LOST and at - row.saved <= HEARD_LATELY:
                row.status = SITTING


def is_blank(response: Any) -> bool:
    """Whether an answer of whatever type says nothing: it was cleared again."""
    if isinstance(response, Mapping):
        return all(is_blank(value) for value in response.values())
    if isinstance(response, list):
        return all(is_blank(value) for value in response)
    return response is None or response is False or response == ""


def _question_count(quiz: Quiz) -> int:
    blueprint = quiz.current_version.blueprint if quiz.current_version is not None else {}
    return len(blueprint.get("fixed", ())) + sum(draw["count"] for draw in blueprint.get("draws", ()))
