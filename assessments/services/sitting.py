"""A sitting's life: start, answers, handing in."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from assessments.exceptions import SittingRefused
from assessments.models import Quiz, ResponseEvent, Sitting
from assessments.papers import Blueprint
from assessments.papers.terms import Terms
from assessments.services.access import check_password, is_registered, limit_of, refusal_of_place, terms_for
from assessments.services.event_log import append_events, server_event
from assessments.services.papers import paper_for
from assessments.services.responses import HasKey, is_over
from assessments.services.sections import times_of_section
from common.locking import lock_row
from common.sweeps import nudge
from courses.permissions import may_open_activity

MOST_RACES = 3


# Starting -----------------------------------------------------------------------------------------------------


def start_sitting(
    *, person: Any, quiz: Quiz, at: datetime, enrolment: Any = None, password: str = "", address: str = ""
) -> Sitting:
    """The person's open sitting of this quiz, or a new one with a freshly drawn paper.

    `password` is what the candidate typed, `address` where the request comes from: a running paper is gone on with only
    from a room of the exam too. Raises SittingRefused when the quiz is not published or not open now, no attempt is left,
    the person is not on its list, or the course keeps it locked for this learner; EntryRefused for the wrong password or
    place. Two requests at once give one sitting.
    """
    terms = terms_for(person=person, quiz=quiz, at=at)
    misplaced = refusal_of_place(quiz=quiz, terms=terms, address=address)
    if misplaced is not None:
        raise misplaced
    running = Sitting.objects.filter(person=person, quiz=quiz, state=Sitting.State.OPEN)
    races = 0
    while True:
        current = running.first()
        if current is not None and not is_over(current, at=at):
            if not _is_left_behind(current, person=person, quiz=quiz, at=at, enrolment=enrolment):
                return current
            submit_sitting(sitting=current, by=person, at=at)
        elif current is not None:
            submit_sitting(sitting=current, by=None, at=at, submitted_by=Sitting.SubmittedBy.DEADLINE)
        if terms.passwords and refusal_to_start(person=person, quiz=quiz, at=at, enrolment=enrolment) is None:
            check_password(person=person, quiz=quiz, terms=terms, given=password, at=at)
        try:
            with transaction.atomic():
                return _open_sitting(person=person, quiz=quiz, at=at, enrolment=enrolment)
        except IntegrityError:  # another request of this person was first: look again
            races += 1
            if races == MOST_RACES:
                raise


def _is_left_behind(current: Sitting, *, person: Any, quiz: Quiz, at: datetime, enrolment: Any) -> bool:
    """Whether an open sitting belongs to an earlier enrolment, where it holds the place of the one to start now."""
    if enrolment is None or current.enrolment_id == enrolment.pk:
        return False
    return refusal_to_start(person=person, quiz=quiz, at=at, enrolment=enrolment) is None


def refusal_to_start(
    *, person: Any, quiz: Quiz, at: datetime, enrolment: Any = None, terms: Terms | None = None
) -> SittingRefused | None:
    """Why no new sitting may start now, password and place aside; None when it may. `terms` saves asking for them."""
    if quiz.current_version is None:
        return SittingRefused(_("This quiz is not published yet."))
    terms = terms or terms_for(person=person, quiz=quiz, at=at)
    if terms.opens_at is not None and at < terms.opens_at:
        return SittingRefused(_("This quiz is not open yet."))
    if terms.closes_at is not None and at >= terms.closes_at:
        return SittingRefused(_("This quiz is closed."))
    if quiz.registered_only and not is_registered(person=person, quiz=quiz):
        return SittingRefused(_("You are not on the list of candidates of this exam. Ask the exam officer."))
    if quiz.activity is not None:
        if enrolment is None or enrolment.person_id != person.pk or enrolment.course_id != quiz.activity.course_id:
            return SittingRefused(_("Enrol in the course first."))
        if enrolment.state != enrolment.State.ACTIVE:
            return SittingRefused(_("You have completed this course already."))
        if not may_open_activity(enrolment=enrolment, activity=quiz.activity):
            return SittingRefused(_("This is still locked: finish what comes before it in the course."))
    allowed = terms.attempts_allowed
    if allowed is not None and attempts_used(person=person, quiz=quiz, enrolment=enrolment) >= allowed:
        return SittingRefused(_("You have used all your attempts."))
    return None


def attempts_used(*, person: Any, quiz: Quiz, enrolment: Any = None) -> int:
    """How many sittings this person has had, in this enrolment when there is one."""
    return Sitting.objects.filter(person=person, quiz=quiz, enrolment=enrolment).count()


def _open_sitting(*, person: Any, quiz: Quiz, at: datetime, enrolment: Any) -> Sitting:
    # Numbered before it is asked whether one is left: a sitting that comes in between takes the number, not the rule.
    attempt = attempts_used(person=person, quiz=quiz, enrolment=enrolment) + 1
    terms = terms_for(person=person, quiz=quiz, at=at)
    refusal = refusal_to_start(person=person, quiz=quiz, at=at, enrolment=enrolment, terms=terms)
    if refusal is not None:
        raise refusal
    version = quiz.current_version
    assert version is not None
    blueprint = Blueprint.model_validate(version.blueprint)
    paper = paper_for(person=person, quiz=quiz, version=version, attempt=attempt, at=at)
    limit = limit_of(version.blueprint)
    granted = terms.granted_seconds(started_at=at, limit=limit)
    times = times_of_section(
        version.blueprint,
        section=1,
        begins_at=at,
        deadline=terms.deadline(started_at=at, limit=limit),
        granted_seconds=granted,
    )
    return Sitting.objects.create(
        person=person,
        quiz=quiz,
        quiz_version=version,
        paper=paper,
        enrolment=enrolment,
        attempt=attempt,
        started_at=at,
        granted_seconds=granted,
        grace_seconds=blueprint.grace_seconds,
        max_score=paper.max_score,
        chain_head=paper.digest,
        **times,
    )


# Handing in ---------------------------------------------------------------------------------------------------


@transaction.atomic
def submit_sitting(
    *, sitting: HasKey, by: Any, at: datetime, submitted_by: str = Sitting.SubmittedBy.CANDIDATE
) -> Sitting:
    """Hand the paper in: the log is closed, marking is due. Handing in twice changes nothing."""
    locked = lock_row(Sitting.objects.filter(pk=sitting.pk))
    assert locked is not None
    if locked.state != Sitting.State.OPEN:
        return locked
    if submitted_by == Sitting.SubmittedBy.DEADLINE and not is_over(locked, at=at):
        return locked  # an officer gave time, or stopped it, while the sweep was on its way
    if locked.deadline_at is not None and submitted_by == Sitting.SubmittedBy.CANDIDATE and is_over(locked, at=at):
        submitted_by = Sitting.SubmittedBy.DEADLINE
    if submitted_by == Sitting.SubmittedBy.DEADLINE and locked.deadline_at is not None:
        closed_at = min(at, locked.deadline_at + timedelta(seconds=locked.grace_seconds))
    else:
        closed_at = at
    told = {"submitted_by": str(submitted_by), "supervision": locked.supervision_head}
    append_events(locked, [server_event(locked, ResponseEvent.Kind.SUBMIT, told)], at=at, late=False)
    locked.state, locked.paused_at = Sitting.State.SUBMITTED, None
    locked.submitted_at, locked.submitted_by = closed_at, submitted_by
    locked.save(update_fields=["last_seq", "chain_head", "state", "paused_at", "submitted_at", "submitted_by"])
    from assessments.tasks import grade_sitting

    nudge(grade_sitting, locked.pk)
    return locked


def submit_overdue(*, at: datetime, limit: int = 500) -> int:
    """Hand in every open sitting whose deadline and grace are over, with what was saved; how many there were."""
    overdue = Sitting.objects.filter(state=Sitting.State.OPEN, deadline_at__lt=at, paused_at__isnull=True)
    overdue = overdue.order_by("deadline_at")[:limit]
    count = 0
    for sitting in overdue:
        if is_over(sitting, at=at):
            submit_sitting(sitting=sitting, by=None, at=at, submitted_by=Sitting.SubmittedBy.DEADLINE)
            count += 1
    return count
