"""Registering candidates: numbers in the order of names, rooms, withdrawing; lists in files are in registration_files."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.exceptions import AccessRefused
from assessments.models import Quiz, Registration, Sitting
from common.locking import lock_row
from common.messages import filled
from people.models import OrganisationUnit, Person
from people.queries import people_in_unit

BATCH = 500
NUMBER_DIGITS = 4
MARKING_DIGITS = 5
ROOM_FOR_CHANCE = 20  # so many free marking numbers for each one given


@dataclass(frozen=True, slots=True)
class Entry:
    """One candidate to register; an empty `number` means the next one in the order of names."""

    person: int
    sort_key: str
    number: str = ""
    room: str = ""
    seat: str = ""
    birth_place: str = ""
    gender: str = ""


@transaction.atomic
def register_people(
    *, quiz: Quiz, people: Iterable[Person], by: Any, at: datetime, room: str = ""
) -> list[Registration]:
    """Register these people, numbered on from the last number in Vietnamese order of names (TÊN first).

    Who is registered already keeps number and place. Returns the new registrations.
    """
    lock_row(Quiz.objects.filter(pk=quiz.pk))
    chosen = {person.pk: person for person in people}
    known = set(_registered(quiz).values_list("person_id", flat=True))
    words = " ".join(room.split())
    entries = [
        Entry(person=person.pk, sort_key=person.sort_key, room=words)
        for person in chosen.values()
        if person.pk not in known
    ]
    return register_entries(quiz=quiz, entries=entries, by=by, at=at)


def register_unit(*, quiz: Quiz, unit: OrganisationUnit, by: Any, at: datetime, room: str = "") -> list[Registration]:
    """Register everybody who works in the unit or below it today, as `register_people` does."""
    people = people_in_unit(unit, on=timezone.localdate(at)).filter(is_active=True)
    return register_people(quiz=quiz, people=people, by=by, at=at, room=room)


def register_entries(*, quiz: Quiz, entries: Sequence[Entry], by: Any, at: datetime) -> list[Registration]:
    """Write registrations, some statements for each 500. Needs a transaction that holds the lock of the quiz."""
    ordered = sorted(entries, key=lambda entry: (entry.sort_key, entry.person))
    numbers = iter(_next_numbers(quiz, sum(1 for entry in ordered if not entry.number)))
    marking = iter(_marking_numbers(quiz, len(ordered)))
    rows = [
        Registration(
            quiz=quiz,
            person_id=entry.person,
            candidate_number=entry.number or next(numbers),
            marking_number=next(marking),
            room=entry.room,
            seat=entry.seat,
            birth_place=entry.birth_place,
            gender=entry.gender,
            registered_by=by,
            registered_at=at,
        )
        for entry in ordered
    ]
    return Registration.objects.bulk_create(rows, batch_size=BATCH)


def _registered(quiz: Quiz) -> Any:
    return quiz.registrations.filter(withdrawn_at__isnull=True)


def _next_numbers(quiz: Quiz, count: int) -> list[str]:
    """The next numbers after the greatest one that is a number; withdrawn ones are not given again."""
    if not count:
        return []
    given = quiz.registrations.values_list("candidate_number", flat=True)
    taken = set(given)
    last = max((int(number) for number in taken if number.isdecimal() and len(number) < 10), default=0)
    digits = max(NUMBER_DIGITS, len(str(last + count)))
    return [str(last + step).zfill(digits) for step in range(1, count + 1)]


def _marking_numbers(quiz: Quiz, count: int) -> list[str]:
    """Numbers by chance, of one length, that this quiz has not given yet."""
    taken = set(quiz.registrations.values_list("marking_number", flat=True))
    digits = MARKING_DIGITS
    while 9 * 10 ** (digits - 1) < ROOM_FOR_CHANCE * (len(taken) + count):
        digits += 1
    chance, found = secrets.SystemRandom(), set[str]()
    while len(found) < count:
        number = str(chance.randrange(10 ** (digits - 1), 10**digits))
        if number not in taken:
            found.add(number)
    numbers = list(found)
    chance.shuffle(numbers)  # the order of a set tells something about the numbers
    return numbers


@transaction.atomic
def withdraw_registration(*, registration: Registration, reason: str, by: Any, at: datetime) -> Registration:
    """Take a candidate off the list; the row and its numbers stay. Withdrawing twice changes nothing.

    Raises AccessRefused without a reason, and while the candidate sits.
    """
    words = " ".join(reason.split())
    if not words:
        raise AccessRefused(_("Say why the candidate is taken off the list."))
    row = lock_row(Registration.objects.filter(pk=registration.pk))
    assert row is not None
    if row.withdrawn_at is not None:
        return row
    if Sitting.objects.filter(quiz_id=row.quiz_id, person_id=row.person_id, state=Sitting.State.OPEN).exists():
        raise AccessRefused(_("This candidate is sitting the exam now; end the sitting first."))
    row.withdrawn_by, row.withdrawn_at, row.withdrawn_reason = by, at, words
    row.save(update_fields=["withdrawn_by", "withdrawn_at", "withdrawn_reason"])
    return row


@transaction.atomic
def place_candidates(*, quiz: Quiz, rooms: Mapping[str, int]) -> int:
    """Give candidates without a room one, in the order of their numbers, as far as each room's seats go; how many.

    `rooms` says how many seats each room has; who is placed already keeps the place. All or nobody: raises AccessRefused
    when there are not enough seats.
    """
    lock_row(Quiz.objects.filter(pk=quiz.pk))
    waiting = list(_registered(quiz).filter(room="").order_by("candidate_number"))
    taken = dict(_registered(quiz).exclude(room="").order_by().values_list("room").annotate(count=Count("pk")))
    free = [(room, seat) for room, seats in rooms.items() for seat in range(taken.get(room, 0) + 1, seats + 1)]
    if len(free) < len(waiting):
        message = _("There are %(seats)d free seats for %(count)d candidates; add a room or seats.")
        raise AccessRefused(filled(message, {"seats": len(free), "count": len(waiting)}))
    for row, (room, seat) in zip(waiting, free, strict=False):
        row.room, row.seat = room, str(seat)
    Registration.objects.bulk_update(waiting, ["room", "seat"], batch_size=BATCH)
    return len(waiting)
