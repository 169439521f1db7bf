"""Who may come in on which terms: accommodations, passwords, rooms, and extra time for those who sit already."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.exceptions import AccessRefused, EntryRefused
from assessments.models import Accommodation, PasswordGuard, Quiz, Registration, Sitting, SupervisionEntry
from assessments.papers.terms import Grant, Terms, merged_terms, read_networks
from assessments.services.supervision_log import Act, append_entries
from common.locking import lock_row
from common.messages import filled
from people.models import Assignment, OrganisationUnit

MOST_WRONG = 5
WAIT = timedelta(minutes=5)
MOST_MINUTES = 24 * 60
MOST_FACTOR = Decimal(10)
MOST_EXTRA_ATTEMPTS = 100
SETTLED_AFTER = timedelta(minutes=10)


# On which terms -----------------------------------------------------------------------------------------------


def terms_for(*, person: Any, quiz: Quiz, at: datetime) -> Terms:
    """On which terms this person may sit this quiz now: its rules and the accommodations that hold for the person.

    One query where nobody has an accommodation, else at most three.
    """
    return terms_of_people(quiz=quiz, people=[person.pk], at=at)[person.pk]


def terms_of_people(*, quiz: Quiz, people: Sequence[int], at: datetime) -> dict[int, Terms]:
    """The same for many people by their ids, in as many queries."""
    grants = grants_of_people(quiz=quiz, people=people, at=at)
    version = quiz.current_version
    allowed = version.blueprint["attempts_allowed"] if version is not None else None
    rules: dict[str, Any] = {
        "opens_at": quiz.opens_at,
        "closes_at": quiz.closes_at,
        "attempts_allowed": allowed,
        "password": quiz.password,
        "ip_ranges": quiz.ip_ranges,
    }
    plain = merged_terms(**rules)
    return {
        person: merged_terms(**rules, grants=map(grant_of, grants[person])) if person in grants else plain
        for person in people
    }


def grants_of_people(*, quiz: Quiz, people: Sequence[int], at: datetime) -> dict[int, list[Accommodation]]:
    """The accommodations that hold for each of these people: their own, their units', their room's."""
    wanted = set(people)
    found: dict[int, list[Accommodation]] = defaultdict(list)
    rows = list(quiz.accommodations.filter(withdrawn_at__isnull=True).select_related("unit").order_by("pk"))
    for row in rows:
        if row.person_id in wanted:
            found[row.person_id].append(row)
    of_units = [row for row in rows if row.unit is not None]
    if of_units:
        working = Assignment.objects.valid_on(timezone.localdate(at)).filter(person__in=wanted)
        for person, path in working.values_list("person_id", "unit__path"):
            for row in of_units:
                if path.startswith(row.unit.path) and row not in found[person]:
                    found[person].append(row)
    of_rooms = [row for row in rows if row.room]
    if of_rooms:
        seated = quiz.registrations.filter(withdrawn_at__isnull=True, person__in=wanted)
        for person, room in seated.values_list("person_id", "room"):
            found[person] += [row for row in of_rooms if row.room == room]
    return {person: rows for person, rows in found.items() if rows}


def grant_of(row: Accommodation) -> Grant:
    """An accommodation as the merging needs it."""
    return Grant(
        extra_minutes=row.extra_minutes,
        time_factor=row.time_factor,
        extra_attempts=row.extra_attempts,
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        ip_ranges=row.ip_ranges,
        password=row.password,
    )


def limit_of(blueprint: dict[str, Any]) -> int | None:
    """The seconds that a paper takes by the rules: its limit, or the sum of its parts when all have one."""
    parts = [part.get("time_limit_seconds") for part in blueprint.get("sections") or ()]
    whole: int | None = blueprint.get("time_limit_seconds")
    if parts and all(parts):
        return min(whole, sum(parts)) if whole else sum(parts)
    return whole


# Coming in ----------------------------------------------------------------------------------------------------


def refusal_of_place(*, quiz: Quiz, terms: Terms, address: str) -> EntryRefused | None:
    """Why this device may not open the paper; None when it may."""
    if terms.takes_address(address):
        return None
    message = _(
        "This exam is sat only on the devices of its rooms, and this one (%(address)s) is none. Ask the exam officer."
    )
    return EntryRefused(filled(message, {"address": address or "?"}), code="place")


def is_registered(*, person: Any, quiz: Quiz) -> bool:
    """Whether this person stands on the quiz's list and was not withdrawn."""
    return quiz.registrations.filter(person=person, withdrawn_at__isnull=True).exists()


def check_password(*, person: Any, quiz: Quiz, terms: Terms, given: str, at: datetime) -> None:
    """Raise EntryRefused unless `given` opens. After MOST_WRONG wrong ones nothing does until WAIT has passed.

    Must not run inside a transaction that the refusal rolls back, or the wrong ones are forgotten.
    """
    if not terms.passwords:
        return
    guard = PasswordGuard.objects.filter(quiz=quiz, person=person).first()
    if guard is None and terms.knows_password(given):
        return
    if not given.strip():
        raise EntryRefused(_("Enter the password that is read out in the room."), code="password")
    with transaction.atomic():
        PasswordGuard.objects.get_or_create(quiz=quiz, person=person, defaults={"since": at})
        guard = lock_row(PasswordGuard.objects.filter(quiz=quiz, person=person))
        assert guard is not None
        if at >= guard.since + WAIT:
            guard.wrong, guard.since = 0, at
        is_waiting = guard.wrong >= MOST_WRONG
        is_right = not is_waiting and terms.knows_password(given)
        if not is_waiting and not is_right:
            guard.wrong += 1
        guard.save(update_fields=["wrong", "since"])
    if is_waiting:
        minutes = max(1, -int((at - guard.since - WAIT).total_seconds() // 60))
        message = _("Too many wrong passwords. Try again in %(minutes)d min, or ask the exam officer.")
        raise EntryRefused(filled(message, {"minutes": minutes}), code="wait")
    if not is_right:
        raise EntryRefused(_("This is not the password. Ask the exam officer in the room."), code="password")


# Granting -----------------------------------------------------------------------------------------------------


@transaction.atomic
def grant_accommodation(
    *,
    quiz: Quiz,
    reason: str,
    by: Any,
    at: datetime,
    person: Any = None,
    unit: OrganisationUnit | None = None,
    room: str = "",
    extra_minutes: int = 0,
    time_factor: Decimal = Decimal(1),
    extra_attempts: int = 0,
    opens_at: datetime | None = None,
    closes_at: datetime | None = None,
    ip_ranges: str = "",
    password: str = "",
) -> Accommodation:
    """Grant something to a person, everybody in a unit (and below), or everybody in a room of the quiz.

    Extra time, and a later closing, move the deadline of sittings that are running, in the same transaction and with an
    entry in their log. Raises AccessRefused without a reason, without anything granted, and for what makes no sense.
    """
    row = Accommodation(
        quiz=quiz,
        person=person,
        unit=unit,
        room=" ".join(room.split()),
        extra_minutes=extra_minutes,
        time_factor=time_factor,
        extra_attempts=extra_attempts,
        opens_at=opens_at,
        closes_at=closes_at,
        ip_ranges=ip_ranges.strip(),
        password=" ".join(password.split()),
        reason=" ".join(reason.split()),
        created_by=by,
        created_at=at,
    )
    _refuse_senseless(row)
    row.save()
    give_extra_time(row, at=at)
    return row


def _refuse_senseless(row: Accommodation) -> None:
    if not row.reason:
        raise AccessRefused(_("Say why: an accommodation needs a reason."))
    if sum(1 for target in (row.person, row.unit, row.room) if target) != 1:
        raise AccessRefused(_("Choose one: a person, a unit or a room."))
    if not 0 <= row.extra_minutes <= MOST_MINUTES:
        raise AccessRefused(filled(_("Extra time is from 0 to %(most)d minutes."), {"most": MOST_MINUTES}))
    if not 1 <= row.time_factor <= MOST_FACTOR:
        raise AccessRefused(_("The time is multiplied by 1 to 10; 1.25 is a quarter more."))
    if not 0 <= row.extra_attempts <= MOST_EXTRA_ATTEMPTS:
        raise AccessRefused(filled(_("Extra attempts are from 0 to %(most)d."), {"most": MOST_EXTRA_ATTEMPTS}))
    if row.opens_at is not None and row.closes_at is not None and row.closes_at <= row.opens_at:
        raise AccessRefused(_("The own window closes before it opens."))
    try:
        read_networks(row.ip_ranges)
    except ValueError:
        raise AccessRefused(_("Write one network a line, as 10.1.2.0/24 or 10.1.2.15.")) from None
    granted = (row.extra_minutes, row.time_factor > 1, row.extra_attempts, row.opens_at, row.closes_at)
    if not any([*granted, row.ip_ranges, row.password]):
        raise AccessRefused(
            _("Nothing is granted yet: give extra time, an attempt, a window, an address or a password.")
        )


@transaction.atomic
def withdraw_accommodation(*, accommodation: Accommodation, reason: str, by: Any, at: datetime) -> Accommodation:
    """End an accommodation; it stays in the log. A running sitting keeps the time that it was given.

    Withdrawing twice changes nothing. Raises AccessRefused without a reason.
    """
    words = " ".join(reason.split())
    if not words:
        raise AccessRefused(_("Say why it is withdrawn."))
    row = lock_row(Accommodation.objects.filter(pk=accommodation.pk))
    assert row is not None
    if row.withdrawn_at is None:
        row.withdrawn_by, row.withdrawn_at, row.withdrawn_reason = by, at, words
        row.save(update_fields=["withdrawn_by", "withdrawn_at", "withdrawn_reason"])
    return row


# Extra time for those who sit already ------------------------------------------------------------------------


@transaction.atomic
def give_extra_time(row: Accommodation, *, at: datetime) -> int:
    """Move the deadlines of running sittings to what this accommodation grants; how many moved. Idempotent."""
    if row.extra_minutes == 0 and row.time_factor == 1 and row.closes_at is None:
        return 0
    key = f"accommodation-{row.pk}"
    running = Sitting.objects.filter(quiz_id=row.quiz_id, state=Sitting.State.OPEN, deadline_at__isnull=False)
    running = running.exclude(pk__in=SupervisionEntry.objects.filter(key=key).values("sitting"))
    locked = list(
        running.filter(person__in=people_of(row, at=at))
        .select_related("quiz__current_version", "quiz_version")
        .order_by("pk")
        .select_for_update(of=("self",))
    )
    if not locked:
        return 0
    quiz = locked[0].quiz
    terms = terms_of_people(quiz=quiz, people=[sitting.person_id for sitting in locked], at=at)
    moved, seconds = [], {}
    for sitting in locked:
        more = extend_by_terms(sitting, terms[sitting.person_id], at=at)
        if more:
            moved.append(sitting)
            seconds[sitting.pk] = more
    act = Act(kind=SupervisionEntry.Kind.EXTEND, by=row.created_by, at=at, key=key, reason=row.reason)
    append_entries(act, moved, seconds=seconds)
    return len(moved)


def extend_by_terms(sitting: Sitting, terms: Terms, *, at: datetime) -> int:
    """Move the deadline of this locked sitting to what the terms grant, unsaved; by how many seconds.

    Never back: what was given once is kept. A sitting whose time is over stays over.
    """
    from assessments.services.responses import is_over

    assert sitting.deadline_at is not None
    if is_over(sitting, at=at):
        return 0
    blueprint = sitting.quiz_version.blueprint
    limit = limit_of(blueprint)
    more = terms.granted_seconds(started_at=sitting.started_at, limit=limit) - sitting.granted_seconds
    if more <= 0:
        return 0
    sitting.granted_seconds += more
    sitting.deadline_at += timedelta(seconds=more)
    if sitting.section_deadline_at is not None:
        part = (blueprint.get("sections") or [])[sitting.section - 1]["time_limit_seconds"]
        share = part / limit if limit else 1
        sitting.section_deadline_at += timedelta(seconds=min(round(more * share), more))
    return more


def people_of(row: Accommodation, *, at: datetime) -> Any:
    """The ids of whom an accommodation is for, as a query."""
    if row.person_id is not None:
        return [row.person_id]
    if row.unit is not None:
        working = Assignment.objects.valid_on(timezone.localdate(at)).filter(unit__path__startswith=row.unit.path)
        return working.values("person")
    seated = Registration.objects.filter(quiz_id=row.quiz_id, room=row.room, withdrawn_at__isnull=True)
    return seated.values("person")


def settle_extra_time(*, at: datetime) -> int:
    """Give what was granted lately to sittings that were being started at that very moment; how many.

    A sitting that reads its terms just before an accommodation is committed, and is committed just after, is found by
    neither. The sweep finds it here. One query, as a rule.
    """
    lately = Accommodation.objects.filter(withdrawn_at__isnull=True, created_at__gte=at - SETTLED_AFTER)
    return sum(give_extra_time(row, at=at) for row in lately.select_related("unit", "created_by"))
