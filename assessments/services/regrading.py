"""Marking again: asked for with a reason, reported before anything changes, applied by decision beside the old runs."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from assessments.dependants import dependants_of
from assessments.exceptions import RegradeRefused
from assessments.grading.changes import REMOVED, Change, change_of, read_changes
from assessments.grading.engine import QuestionDefinition
from assessments.grading.sitting import NO_TRIES, SittingOutcome, SlotOutcome, mark_slot, total_of, tries_of
from assessments.models import (
    GradingRun,
    Question,
    QuestionVersion,
    Quiz,
    Regrade,
    RegradeItem,
    ResponseEvent,
    Sitting,
    SlotGrade,
)
from assessments.question_types import State as Result
from assessments.services.grading import store_run
from assessments.services.runs import as_outcome, tell_marked_again
from common.locking import lock_row
from common.messages import filled
from common.sweeps import nudge
from common.unicode import nfc
from courses.models import Enrolment

logger = logging.getLogger(__name__)
MOST_REASON = 500
MOST_ATTEMPTS = 5
CHUNK = 250
MARKED = (Sitting.State.GRADED, Sitting.State.WAITING)


# Asking and deciding -------------------------------------------------------------------------------------------


@transaction.atomic
def request_regrade(*, quiz: Quiz, changes: Sequence[Mapping[str, Any]], reason: str, by: Any, at: datetime) -> Regrade:
    """Ask what marking otherwise would do; the report is made by a worker and nothing changes yet.

    `changes`: see assessments/grading/changes.py. Raises RegradeRefused: no reason, no or unfit changes, a question
    that nobody had in this quiz, a version of another question or type, or another regrade of the quiz under way.
    """
    said = " ".join(nfc(reason).split())
    if not said or len(said) > MOST_REASON:
        raise RegradeRefused(_("Say why in at most 500 letters: a regrade is kept with its reason."))
    try:
        checked = read_changes(changes)
    except ValueError:
        raise RegradeRefused(_("Choose what is to change, each question once.")) from None
    for change in checked:
        _refuse_unfit(quiz, change)
    try:
        with transaction.atomic():
            regrade = Regrade.objects.create(
                quiz=quiz,
                changes=[change.model_dump(mode="json") for change in checked],
                reason=said,
                requested_by=by,
                requested_at=at,
            )
    except IntegrityError:
        message = _("Another regrade of this quiz is under way; apply or cancel it first.")
        raise RegradeRefused(message) from None
    _nudge(regrade)
    return regrade


def _refuse_unfit(quiz: Quiz, change: Change) -> None:
    grades = SlotGrade.objects.filter(run__sitting__quiz=quiz, question_version__question=change.question)
    seen = dict(grades.values_list("question_version_id", "question_version__type").distinct())
    if not seen:
        name = Question.objects.filter(pk=change.question).values_list("idnumber", flat=True).first() or change.question
        raise RegradeRefused(filled(_("Nobody had the question “%(name)s” in this quiz."), {"name": name}))
    if change.to_version is not None:
        target = QuestionVersion.objects.filter(pk=change.to_version, question=change.question).first()
        if target is None:
            raise RegradeRefused(_("The version to mark by is not one of this question."))
        if {target.type} != set(seen.values()):
            raise RegradeRefused(
                filled(
                    _("Version %(number)d is of another type than the one that candidates answered."),
                    {"number": target.number},
                )
            )


@transaction.atomic
def apply_regrade(*, regrade: Regrade, by: Any, at: datetime) -> Regrade:
    """Decide that the reported changes are made; a worker makes them. Doing it twice changes nothing.

    Raises RegradeRefused when there is no report (any more) to decide about.
    """
    locked = lock_row(Regrade.objects.filter(pk=regrade.pk))
    assert locked is not None
    if locked.state in {Regrade.State.APPLYING, Regrade.State.APPLIED}:
        return locked
    if locked.state != Regrade.State.REPORTED:
        raise RegradeRefused(_("There is no report to decide about yet."))
    locked.state, locked.decided_by, locked.decided_at = Regrade.State.APPLYING, by, at
    locked.attempts, locked.error = 0, ""
    locked.save(update_fields=["state", "decided_by", "decided_at", "attempts", "error"])
    _nudge(locked)
    return locked


@transaction.atomic
def cancel_regrade(*, regrade: Regrade, by: Any, at: datetime) -> Regrade:
    """Drop a regrade that was not applied. Raises RegradeRefused when it was, or is being."""
    locked = lock_row(Regrade.objects.filter(pk=regrade.pk))
    assert locked is not None
    if locked.state == Regrade.State.CANCELLED:
        return locked
    if (
        locked.state in {Regrade.State.APPLYING, Regrade.State.APPLIED}
        or locked.items.filter(run__isnull=False).exists()
    ):
        raise RegradeRefused(_("This regrade was applied; to undo it, ask for another one."))
    locked.state, locked.decided_by, locked.decided_at = Regrade.State.CANCELLED, by, at
    locked.save(update_fields=["state", "decided_by", "decided_at"])
    return locked


@transaction.atomic
def retry_regrade(*, regrade: Regrade, by: Any, at: datetime) -> Regrade:
    """Have a regrade that failed go on where it stopped. Raises RegradeRefused when it did not fail."""
    locked = lock_row(Regrade.objects.filter(pk=regrade.pk))
    assert locked is not None
    if locked.state != Regrade.State.FAILED:
        raise RegradeRefused(_("This regrade did not fail."))
    locked.state = Regrade.State.APPLYING if locked.decided_at else Regrade.State.REQUESTED
    locked.attempts, locked.error = 0, ""
    try:
        with transaction.atomic():
            locked.save(update_fields=["state", "attempts", "error"])
    except IntegrityError:
        message = _("Another regrade of this quiz is under way; apply or cancel it first.")
        raise RegradeRefused(message) from None
    _nudge(locked)
    return locked


def _nudge(regrade: Regrade) -> None:
    from assessments.tasks import work_on_regrade as task

    nudge(task, regrade.pk)


# The work ------------------------------------------------------------------------------------------------------


def work_on_regrade(*, regrade_id: int, worker: str, at: datetime) -> None:
    """Make the report or apply it, chunk by chunk, each in one transaction; what is done stays done whatever dies.

    Idempotent. After MOST_ATTEMPTS that brought nothing forward it is `failed` with the reason.
    """
    with transaction.atomic():
        regrade = lock_row(Regrade.objects.filter(pk=regrade_id, state__in=Regrade.DUE), skip_locked=True)
        if regrade is None:
            return
        if regrade.attempts >= MOST_ATTEMPTS:
            regrade.state = Regrade.State.FAILED
            regrade.error = regrade.error or "The worker died each time."
            regrade.save(update_fields=["state", "error"])
            return
        regrade.attempts += 1
        regrade.save(update_fields=["attempts"])
    try:
        step = _report_chunk if regrade.state == Regrade.State.REQUESTED else _apply_chunk
        while step(regrade_id, worker=worker, at=at):
            pass
    except Exception as problem:
        logger.exception("Regrade %s failed", regrade_id)
        Regrade.objects.filter(pk=regrade_id, state__in=Regrade.DUE).update(
            error=f"{type(problem).__name__}: {problem}"[:500]
        )
        raise


@transaction.atomic
def _report_chunk(regrade_id: int, *, worker: str, at: datetime) -> bool:
    """Report the next sittings; False when nothing is left to do here."""
    regrade = lock_row(Regrade.objects.filter(pk=regrade_id, state=Regrade.State.REQUESTED), skip_locked=True)
    if regrade is None:
        return False
    sittings = list(_marked_sittings(regrade).filter(pk__gt=regrade.last_sitting).order_by("pk")[:CHUNK])
    totals = Counter(regrade.totals)
    if not sittings:
        regrade.state, regrade.reported_at = Regrade.State.REPORTED, at
        regrade.save(update_fields=["state", "reported_at"])
        return False
    items = []
    for sitting, marking, grades in _remarked(sittings, read_changes(regrade.changes)):
        totals["sittings"] += 1
        if marking is not None:
            items.append(_item(regrade, sitting, marking, grades))
    RegradeItem.objects.bulk_create(items)
    for item in items:
        totals["changed"] += 1
        totals["up"] += item.new_score > item.old_score
        totals["down"] += item.new_score < item.old_score
        totals["newly_passed"] += item.new_passed and not item.old_passed
        totals["no_longer_passed"] += item.old_passed and not item.new_passed
    totals.update(_hanging(items))
    regrade.last_sitting, regrade.totals, regrade.attempts, regrade.error = sittings[-1].pk, dict(totals), 0, ""
    regrade.save(update_fields=["last_sitting", "totals", "attempts", "error"])
    return True


def _hanging(items: Sequence[RegradeItem]) -> Counter[str]:
    """What hangs on the sittings that change: completions of courses, and what higher rooms told."""
    hanging: Counter[str] = Counter()
    hanging["completions"] = sum(
        1
        for item in items
        if item.sitting.enrolment is not None and item.sitting.enrolment.state == Enrolment.State.COMPLETED
    )
    found = dependants_of([str(item.sitting.public_id) for item in items], {item.sitting.person_id for item in items})
    hanging.update(one.kind for one in found)
    return hanging


@transaction.atomic
def _apply_chunk(regrade_id: int, *, worker: str, at: datetime) -> bool:
    """Apply the next items; False when nothing is left to do here."""
    regrade = lock_row(Regrade.objects.filter(pk=regrade_id, state=Regrade.State.APPLYING), skip_locked=True)
    if regrade is None:
        return False
    items = {item.sitting_id: item for item in regrade.items.filter(run__isnull=True).order_by("sitting_id")[:CHUNK]}
    if not items:
        regrade.state, regrade.applied_at = Regrade.State.APPLIED, at
        regrade.save(update_fields=["state", "applied_at"])
        return False
    # Locked in the order of their numbers, as whoever locks several sittings does.
    sittings = list(_marked_sittings(regrade).filter(pk__in=items).order_by("pk").select_for_update(of=("self",)))
    numbers = dict(
        GradingRun.objects.filter(sitting__in=items)
        .values("sitting")
        .annotate(last=Max("number"))
        .values_list("sitting", "last")
    )
    for sitting, marking, _grades in _remarked(sittings, read_changes(regrade.changes)):
        item = items[sitting.pk]
        old_passed = sitting.passed
        if marking is None:  # marked otherwise since the report, in a way that leaves nothing to change
            item.run = sitting.current_run
        else:
            item.run = store_run(
                sitting=sitting,
                outcome=marking,
                worker=worker,
                at=at,
                reason=GradingRun.Reason.REGRADE,
                number=numbers[sitting.pk] + 1,
                note=regrade.reason,
                by=regrade.decided_by,
            )
            item.new_score, item.new_max, item.new_passed = marking.score, marking.max_score, marking.passed
            tell_marked_again(sitting, was_passed=bool(old_passed), regrade_id=regrade.pk)
    RegradeItem.objects.bulk_update(items.values(), ["run", "new_score", "new_max", "new_passed"])
    regrade.attempts, regrade.error = 0, ""
    regrade.save(update_fields=["attempts", "error"])
    return True


def _marked_sittings(regrade: Regrade) -> Any:
    return Sitting.objects.filter(quiz=regrade.quiz_id, state__in=MARKED, current_run__isnull=False).select_related(
        "paper", "quiz__activity", "quiz_version", "current_run", "enrolment"
    )


# Marking -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Answers:
    """What was sent for the places concerned, by sitting."""

    events: Mapping[int, Sequence[Mapping[str, Any]]]
    grades: Mapping[int, Sequence[SlotGrade]]
    definitions: Mapping[int, QuestionDefinition]


def _remarked(
    sittings: Sequence[Sitting], changes: Sequence[Change]
) -> Iterable[tuple[Sitting, SittingOutcome | None, Sequence[SlotGrade]]]:
    """Each sitting with its new marking, or None where nothing differs, and the marks before.

    Three queries for any number of sittings.
    """
    answers = _loaded(sittings, changes)
    for sitting in sittings:
        yield sitting, _remark(sitting, changes, answers), answers.grades.get(sitting.current_run_id or 0, ())


def _loaded(sittings: Sequence[Sitting], changes: Sequence[Change]) -> _Answers:
    questions = {change.question for change in changes}
    places = {slot["slot"] for sitting in sittings for slot in sitting.paper.slots if slot["question"] in questions}
    wanted = {change.to_version for change in changes if change.to_version}
    wanted |= {slot["version"] for sitting in sittings for slot in sitting.paper.slots if slot["question"] in questions}
    definitions = {
        row.pk: QuestionDefinition(type=row.type, body=row.body, digest=row.digest)
        for row in QuestionVersion.objects.filter(pk__in=wanted)
    }
    logged: dict[int, list[Mapping[str, Any]]] = {sitting.pk: [] for sitting in sittings}
    rows = ResponseEvent.objects.filter(
        sitting__in=sittings, slot__in=places, kind__in=[ResponseEvent.Kind.ANSWER, ResponseEvent.Kind.CHECK]
    ).order_by("sitting_id", "seq")
    for sitting, seq, kind, slot, response in rows.values_list("sitting_id", "seq", "kind", "slot", "response"):
        logged[sitting].append({"seq": seq, "kind": kind, "slot": slot, "response": response})
    grades: dict[int, list[SlotGrade]] = {}
    for grade in SlotGrade.objects.filter(run__in=[sitting.current_run_id for sitting in sittings]).order_by("slot"):
        grades.setdefault(grade.run_id, []).append(grade)
    return _Answers(logged, grades, definitions)


def _remark(sitting: Sitting, changes: Sequence[Change], answers: _Answers) -> SittingOutcome | None:
    rules = sitting.quiz_version.blueprint
    places = {slot["slot"]: slot for slot in sitting.paper.slots}
    tries = None
    outcomes, differs = [], False
    for grade in answers.grades.get(sitting.current_run_id or 0, ()):
        slot = places[grade.slot]
        before = _as_outcome(grade, slot, answers)
        change = change_of(changes, question=slot["question"], version=slot["version"])
        after = before
        if change is not None:
            if tries is None:
                tries = tries_of(rules, answers.events[sitting.pk])
            after = _changed(change, before, slot, rules, answers, tries.get(grade.slot, NO_TRIES))
            differs |= _worth(after) != _worth(before)
        outcomes.append(after)
    return total_of(rules, outcomes) if differs else None


def _worth(outcome: SlotOutcome) -> tuple[Any, ...]:
    return outcome.version, outcome.state, outcome.mark, outcome.max_mark, outcome.source


def _changed(
    change: Change, before: SlotOutcome, slot: Mapping[str, Any], rules: Any, answers: _Answers, tries: Any
) -> SlotOutcome:
    """One place of a paper under a change; what a person marked stays as they marked it unless the question is void."""
    mark = Decimal(slot["mark"])
    if change.action == "full_marks":
        return _decided(before, state=str(Result.RIGHT), fraction=1.0, mark=mark, max_mark=mark)
    if change.action == "remove":
        return _decided(before, state=REMOVED, fraction=None, mark=Decimal(0), max_mark=Decimal(0))
    version = change.to_version or slot["version"]
    outcome = mark_slot(rules, {**slot, "version": version}, answers.definitions[version], tries)
    return before if outcome.state == Result.NEEDS_MARKING else outcome


def _decided(
    before: SlotOutcome, *, state: str, fraction: float | None, mark: Decimal, max_mark: Decimal
) -> SlotOutcome:
    return SlotOutcome(
        slot=before.slot,
        version=before.version,
        digest=before.digest,
        section=before.section,
        state=state,
        fraction=fraction,
        mark=mark,
        max_mark=max_mark,
        event_seq=before.event_seq,
        source=SlotGrade.Source.DECISION.value,
    )


def _as_outcome(grade: SlotGrade, slot: Mapping[str, Any], answers: _Answers) -> SlotOutcome:
    is_as_seen = grade.question_version_id == slot["version"]
    digest = slot["digest"] if is_as_seen else _digest_of(grade.question_version_id, answers)
    return as_outcome(grade, slot, digest=digest)


def _digest_of(version: int, answers: _Answers) -> str:
    known = answers.definitions.get(version)
    return known.digest if known else QuestionVersion.objects.values_list("digest", flat=True).get(pk=version)


def _item(regrade: Regrade, sitting: Sitting, marking: SittingOutcome, grades: Sequence[SlotGrade]) -> RegradeItem:
    run = sitting.current_run
    assert run is not None
    before = {grade.slot: grade for grade in grades}
    changed = [
        {
            "slot": row.slot,
            "old": None if before[row.slot].mark is None else str(before[row.slot].mark),
            "new": None if row.mark is None else str(row.mark),
            "state": row.state,
            "version": row.version,
        }
        for row in marking.slots
        if (row.mark, row.state, row.max_mark, row.version)
        != (
            before[row.slot].mark,
            before[row.slot].state,
            before[row.slot].max_mark,
            before[row.slot].question_version_id,
        )
    ]
    return RegradeItem(
        regrade=regrade,
        sitting=sitting,
        base_run=run,
        slots=changed,
        old_score=run.score,
        new_score=marking.score,
        old_max=run.max_score,
        new_max=marking.max_score,
        old_passed=run.passed,
        new_passed=marking.passed,
    )
