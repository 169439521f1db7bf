"""Marking by people: what waits is claimed, marked on its own by one or two, reconciled by a third, and becomes a run."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from assessments.exceptions import ChangedMeanwhile, MarkingRefused
from assessments.grading.sitting import MARK_STEP, SlotOutcome, total_of
from assessments.models import (
    CalibrationMark,
    CalibrationSample,
    GradingRun,
    Marking,
    MarkingItem,
    QuestionVersion,
    Quiz,
    QuizMarker,
    Sitting,
    SlotGrade,
)
from assessments.question_types import State, get_type
from assessments.question_types.rubric import Criterion, UnfitLevels, rubric_mark
from assessments.services.grading import store_run
from assessments.services.runs import outcomes_of
from common.locking import lock_row
from common.messages import filled
from common.unicode import nfc

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # without 0/O and 1/I, which are mistaken for each other
CLAIM = timedelta(minutes=60)
MOST_COMMENT, MOST_ANNOTATIONS, MOST_NOTE = 5_000, 200, 1_000
RECONCILER = 3


# What waits ----------------------------------------------------------------------------------------------------


def open_marking(*, sitting: Sitting, at: datetime) -> list[MarkingItem]:
    """Put each answer of a waiting sitting that a person has to mark into the queue, under a number of its own.

    Idempotent. Numbers (số phách) are random and tell nothing of candidate, order or time.
    """
    run = sitting.current_run
    if sitting.state != Sitting.State.WAITING or run is None:
        return []
    there = set(sitting.marking_items.values_list("slot", flat=True))
    waiting = run.slot_grades.filter(state=State.NEEDS_MARKING, mark__isnull=True).exclude(slot__in=there)
    return MarkingItem.objects.bulk_create(
        [
            MarkingItem(
                sitting=sitting,
                slot=row.slot,
                question_version_id=row.question_version_id,
                code=_code(),
                max_mark=row.max_mark,
                created_at=at,
            )
            for row in waiting
        ],
        ignore_conflicts=True,
    )


def _code() -> str:
    return "".join(secrets.choice(ALPHABET) for _place in range(8))


def sittings_to_close() -> QuerySet[Sitting]:
    """Waiting sittings whose answers are all marked, oldest first: their result is due."""
    unmarked = MarkingItem.objects.filter(sitting=OuterRef("pk")).exclude(state=MarkingItem.State.DONE)
    marked = MarkingItem.objects.filter(sitting=OuterRef("pk"))
    return Sitting.objects.filter(Exists(marked), ~Exists(unmarked), state=Sitting.State.WAITING).order_by(
        "submitted_at"
    )


def sittings_to_open() -> QuerySet[Sitting]:
    """Waiting sittings of which nothing is in the queue yet, oldest first."""
    return Sitting.objects.filter(
        ~Exists(MarkingItem.objects.filter(sitting=OuterRef("pk"))), state=Sitting.State.WAITING
    ).order_by("submitted_at")


# Markers -------------------------------------------------------------------------------------------------------


@transaction.atomic
def add_marker(*, quiz: Quiz, person: Any, by: Any, at: datetime) -> QuizMarker:
    """Let a person mark answers of the quiz. Idempotent."""
    marker, _is_new = QuizMarker.objects.get_or_create(
        quiz=quiz, person=person, ended_at=None, defaults={"added_by": by, "added_at": at}
    )
    return marker


@transaction.atomic
def end_marker(*, marker: QuizMarker, by: Any, at: datetime) -> None:
    """Take a person off the list; what they handed in stays, what they had claimed is free again."""
    QuizMarker.objects.filter(pk=marker.pk, ended_at__isnull=True).update(ended_at=at)
    Marking.objects.filter(item__sitting__quiz=marker.quiz, marker=marker.person, handed_in_at__isnull=True).delete()


def is_marker(*, quiz: Quiz, person: Any) -> bool:
    """Whether the person is on the quiz's list of markers now."""
    return quiz.markers.filter(person=person, ended_at__isnull=True).exists()


# Claiming ------------------------------------------------------------------------------------------------------


def claim_next(*, quiz: Quiz, marker: Any, at: datetime, version: QuestionVersion | None = None) -> Marking | None:
    """The next answer for this marker, theirs for an hour; their unfinished one first. None when nothing is left.

    Nobody marks an answer twice, their own answer, or one that enough markers have. Disagreements come first, so that
    they do not wait for the last. Raises MarkingRefused for who is no marker of the quiz, or has samples to mark first.
    """
    _refuse_stranger(quiz, marker, version)
    mine = Marking.objects.filter(marker=marker, handed_in_at__isnull=True, item__sitting__quiz=quiz)
    if version is not None:
        mine = mine.filter(item__question_version=version)
    while True:
        begun = mine.select_related("item").order_by("pk").first()
        if begun is not None:
            Marking.objects.filter(pk=begun.pk).update(claimed_until=at + CLAIM)
            return begun
        item = _free_items(quiz=quiz, marker=marker, at=at, version=version).first()
        if item is None:
            return None
        try:
            with transaction.atomic():
                return _claim(item, marker=marker, at=at)
        except IntegrityError:  # another marker was quicker: look again
            continue


def _refuse_stranger(quiz: Quiz, marker: Any, version: QuestionVersion | None) -> None:
    if not is_marker(quiz=quiz, person=marker):
        raise MarkingRefused(_("You are not on the list of markers of this quiz."))
    samples = CalibrationSample.objects.filter(item__sitting__quiz=quiz).exclude(marks__marker=marker)
    if version is not None:
        samples = samples.filter(item__question_version=version)
    if samples.exclude(made_by=marker).exists():
        raise MarkingRefused(_("Mark the samples first; you see then how far you are from the agreed marks."))


def _free_items(*, quiz: Quiz, marker: Any, at: datetime, version: QuestionVersion | None) -> QuerySet[MarkingItem]:
    taken = Marking.objects.filter(item=OuterRef("pk")).filter(Q(handed_in_at__isnull=False) | Q(claimed_until__gt=at))
    items = (
        MarkingItem.objects.filter(sitting__quiz=quiz)
        .filter(~Exists(Marking.objects.filter(item=OuterRef("pk"), marker=marker)))
        .exclude(sitting__person=marker)
        .annotate(
            held=Count("markings", filter=Q(markings__handed_in_at__isnull=False) | Q(markings__claimed_until__gt=at))
        )
        .filter(
            Q(state=MarkingItem.State.WAITING, held__lt=quiz.markers_per_answer)
            | Q(state=MarkingItem.State.DISAGREEMENT) & ~Exists(taken.filter(round=RECONCILER))
        )
    )
    if version is not None:
        items = items.filter(question_version=version)
    # Disagreements first, then what one marker has done, then by the random number: never in the order of handing in.
    return items.order_by("state", F("held").desc(), "code")


def _claim(item: MarkingItem, *, marker: Any, at: datetime) -> Marking:
    locked = lock_row(MarkingItem.objects.filter(pk=item.pk))
    assert locked is not None
    # Claims that ran out make room; a draft in one of them is lost only when somebody else takes the answer over.
    locked.markings.filter(handed_in_at__isnull=True, claimed_until__lte=at).delete()
    held = set(locked.markings.values_list("round", flat=True))
    rounds = [RECONCILER] if locked.state == MarkingItem.State.DISAGREEMENT else [1, 2]
    free = next((number for number in rounds if number not in held), None)
    if free is None:
        raise IntegrityError("every round of this answer is taken")
    return Marking.objects.create(item=locked, marker=marker, round=free, claimed_until=at + CLAIM)


# Marking -------------------------------------------------------------------------------------------------------


@transaction.atomic
def save_marking(
    *,
    marking: Marking,
    revision: int,
    by: Any,
    at: datetime,
    mark: Decimal | None = None,
    levels: Mapping[str, str] | None = None,
    comment: str = "",
    annotations: Sequence[Mapping[str, Any]] = (),
) -> Marking:
    """Keep what a marker has so far; with a rubric the mark follows from the levels once each criterion has one.

    `revision` is the one that the page showed. Raises ChangedMeanwhile when another tab has saved since, and
    MarkingRefused for what is handed in already, a mark out of bounds, unfit levels or annotations.
    """
    locked = lock_row(Marking.objects.filter(pk=marking.pk, marker=by).select_related("item__question_version"))
    if locked is None:
        raise MarkingRefused(_("Somebody else has taken this answer over; go on with the next one."))
    if locked.handed_in_at is not None:
        raise MarkingRefused(_("This marking was handed in already."))
    if locked.revision != revision:
        raise ChangedMeanwhile(_("Another tab has saved this marking meanwhile; reload the page to see it."))
    rubric = rubric_for(locked.item.question_version)
    chosen = dict(levels or {})
    if rubric:
        mark = _by_rubric(rubric, chosen, locked.item)
    elif chosen:
        raise MarkingRefused(_("This question has no rubric."))
    if mark is not None and not 0 <= mark <= locked.item.max_mark:
        message = _("The mark is from 0 to %(most)s.")
        raise MarkingRefused(filled(message, {"most": locked.item.max_mark.normalize()}))
    locked.mark = None if mark is None else mark.quantize(MARK_STEP, ROUND_HALF_UP)
    locked.levels, locked.comment = chosen, _said(comment, MOST_COMMENT)
    locked.annotations = _annotations(annotations)
    locked.revision, locked.saved_at, locked.claimed_until = revision + 1, at, at + CLAIM
    locked.save(update_fields=["mark", "levels", "comment", "annotations", "revision", "saved_at", "claimed_until"])
    return locked


def rubric_for(version: QuestionVersion) -> tuple[Criterion, ...]:
    """The rubric of a question's version; empty when it has none."""
    body = get_type(version.type).Body.model_validate(version.body)
    return tuple(getattr(body, "rubric", ()))


def _by_rubric(rubric: Sequence[Criterion], levels: Mapping[str, str], item: MarkingItem) -> Decimal | None:
    names = {criterion.id for criterion in rubric}
    if not set(levels) <= names:
        raise MarkingRefused(_("There is no such criterion in the rubric."))
    if set(levels) < names:
        return None
    try:
        return rubric_mark(rubric, levels, max_mark=item.max_mark)
    except UnfitLevels:
        raise MarkingRefused(_("There is no such level in the rubric.")) from None


def _said(text: str, most: int) -> str:
    said = nfc(text).strip()
    if len(said) > most:
        raise MarkingRefused(filled(_("The text is too long: at most %(most)d letters."), {"most": most}))
    return said


def _annotations(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    if len(rows) > MOST_ANNOTATIONS:
        raise MarkingRefused(filled(_("Too many notes: at most %(most)d."), {"most": MOST_ANNOTATIONS}))
    kept = []
    for row in rows:
        start, end = row.get("start"), row.get("end")
        if type(start) is not int or type(end) is not int or not 0 <= start < end <= 100_000:
            raise MarkingRefused(_("A note does not say which part of the answer it belongs to."))
        kept.append({"start": start, "end": end, "text": _said(str(row.get("text", "")), MOST_NOTE)})
    return kept


@transaction.atomic
def hand_in_marking(*, marking: Marking, revision: int, by: Any, at: datetime) -> MarkingItem:
    """Give the mark for good; the answer is done, waits for the second marker, or for a third when two disagree.

    When it was the last of its sitting, the sitting gets its result. Handing in twice changes nothing. Raises as
    saving does, and MarkingRefused when no mark is given yet.
    """
    item = lock_row(MarkingItem.objects.filter(markings=marking.pk).select_related("sitting__quiz", "question_version"))
    locked = lock_row(Marking.objects.filter(pk=marking.pk, marker=by))
    if item is None or locked is None:
        raise MarkingRefused(_("Somebody else has taken this answer over; go on with the next one."))
    if locked.handed_in_at is not None:
        return item
    if locked.revision != revision:
        raise ChangedMeanwhile(_("Another tab has saved this marking meanwhile; reload the page to see it."))
    if locked.mark is None:
        raise MarkingRefused(_("Give a mark, or a level for each criterion, before handing in."))
    locked.handed_in_at = at
    locked.save(update_fields=["handed_in_at"])
    _settle(item, at=at)
    return item


def _settle(item: MarkingItem, *, at: datetime) -> None:
    """What the markings handed in so far make of the answer."""
    quiz = item.sitting.quiz
    marks = {row.round: row.mark for row in item.markings.filter(handed_in_at__isnull=False) if row.mark is not None}
    if RECONCILER in marks:
        item.mark = marks[RECONCILER]
    elif len(marks) < quiz.markers_per_answer:
        return
    else:
        given = list(marks.values())
        if max(given) - min(given) > item.max_mark * quiz.marking_tolerance_percent / 100:
            item.state = MarkingItem.State.DISAGREEMENT
            item.save(update_fields=["state"])
            return
        item.mark = (sum(given, Decimal(0)) / len(given)).quantize(MARK_STEP, ROUND_HALF_UP)
    item.state, item.done_at = MarkingItem.State.DONE, at
    item.save(update_fields=["mark", "state", "done_at"])
    close_marking(sitting_id=item.sitting_id, at=at)


@transaction.atomic
def close_marking(*, sitting_id: int, at: datetime) -> GradingRun | None:
    """The result of a waiting sitting once people have marked everything: a run beside that of the engine.

    None when something still waits. Idempotent; a sweep calls it for what died in between.
    """
    sitting = lock_row(
        Sitting.objects.filter(pk=sitting_id, state=Sitting.State.WAITING).select_related(
            "paper", "quiz__activity", "quiz_version", "current_run", "enrolment"
        )
    )
    if sitting is None:
        return None
    marked = {item.slot: item for item in sitting.marking_items.all()}
    before = outcomes_of(sitting)
    waiting = [row.slot for row in before if row.state == State.NEEDS_MARKING and row.mark is None]
    if any(slot not in marked or marked[slot].state != MarkingItem.State.DONE for slot in waiting):
        return None
    after = [_by_person(row, marked[row.slot]) if row.slot in waiting else row for row in before]
    return store_run(
        sitting=sitting,
        outcome=total_of(sitting.quiz_version.blueprint, after),
        worker="",
        at=at,
        reason=GradingRun.Reason.MARKED,
        number=sitting.runs.count() + 1,
    )


def _by_person(row: SlotOutcome, item: MarkingItem) -> SlotOutcome:
    assert item.mark is not None
    fraction = float(item.mark / row.max_mark) if row.max_mark else 0.0
    state = State.RIGHT if item.mark >= row.max_mark else State.PARTIAL if item.mark > 0 else State.WRONG
    return replace(
        row, state=str(state), fraction=round(fraction, 7), mark=item.mark, source=SlotGrade.Source.PERSON.value
    )


# Calibration ---------------------------------------------------------------------------------------------------


@transaction.atomic
def make_sample(
    *, item: MarkingItem, agreed_mark: Decimal, explanation: str, by: Any, at: datetime
) -> CalibrationSample:
    """Let markers of the quiz mark this answer before they begin; the agreed mark is its own, too.

    Raises MarkingRefused: no explanation, a mark out of bounds, marked already, or a sample already.
    """
    said = _said(explanation, MOST_COMMENT)
    if not said:
        raise MarkingRefused(_("Say why the agreed mark is right; markers learn from it."))
    if not 0 <= agreed_mark <= item.max_mark:
        message = _("The mark is from 0 to %(most)s.")
        raise MarkingRefused(filled(message, {"most": item.max_mark.normalize()}))
    locked = lock_row(MarkingItem.objects.filter(pk=item.pk))
    assert locked is not None
    if locked.state == MarkingItem.State.DONE or locked.markings.exists():
        raise MarkingRefused(_("Somebody marks this answer already; choose another one as a sample."))
    sample = CalibrationSample.objects.create(
        item=locked, agreed_mark=agreed_mark, explanation=said, made_by=by, made_at=at
    )
    locked.mark, locked.state, locked.done_at = agreed_mark, MarkingItem.State.DONE, at
    locked.save(update_fields=["mark", "state", "done_at"])
    close_marking(sitting_id=locked.sitting_id, at=at)
    return sample


@transaction.atomic
def mark_sample(*, sample: CalibrationSample, mark: Decimal, by: Any, at: datetime) -> CalibrationMark:
    """What a marker gives to a sample; the first mark stays. Raises MarkingRefused out of its bounds."""
    if not 0 <= mark <= sample.item.max_mark:
        message = _("The mark is from 0 to %(most)s.")
        raise MarkingRefused(filled(message, {"most": sample.item.max_mark.normalize()}))
    given, _is_new = CalibrationMark.objects.get_or_create(
        sample=sample, marker=by, defaults={"mark": mark.quantize(MARK_STEP, ROUND_HALF_UP), "at": at}
    )
    return given
