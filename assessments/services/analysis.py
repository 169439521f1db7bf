"""Keeping item analysis up to date: sittings are counted once each, by the run that counts, and never forgotten."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, Q

from assessments.analysis.distractors import choice_figures, choices_of, random_guess, right_choices
from assessments.analysis.flags import PROPOSED, flags_of
from assessments.analysis.statistics import QuestionFigures, rounded
from assessments.analysis.tally import (
    COUNTING_VERSION,
    Tally,
    intended_weights,
    item_as_json,
    item_from_json,
    median_seconds,
    totals_as_json,
)
from assessments.models import (
    AnalysedSitting,
    ItemAnalysis,
    Quiz,
    QuizAnalysis,
    QuizVersion,
    Sitting,
    WithdrawalProposal,
)
from assessments.services.analysis_counting import counted
from common.locking import lock_row
from common.sweeps import nudge

logger = logging.getLogger(__name__)
WAIT = timedelta(minutes=1)  # sittings of an exam end together: they are counted together
CHECK_EVERY = timedelta(days=1)
LEASE = timedelta(minutes=35)  # longer than the task may take: a worker that died is noticed after it
AT_ONCE = 2_000
MOST_ATTEMPTS = 5
CALIBRATE_AFTER = 1.1  # as many times the sittings of the last calibration
FIGURES = tuple(QuestionFigures.__dataclass_fields__)
PRACTICE_KINDS = frozenset({Quiz.Kind.CHECK, Quiz.Kind.PRACTICE})


def note_graded(*, sitting_id: int, at: datetime) -> None:
    """A sitting has a grade, or another one: its quiz is due for analysis WAIT from now. One read when it is already."""
    row = (
        QuizVersion.objects.filter(sittings=sitting_id)
        .values_list("pk", "blueprint__kind", "analysis__pk", "analysis__due_at")
        .first()
    )
    if row is None:
        return
    version, kind, analysis, due_at = row
    if analysis is None:
        _begin(version, kind, at=at)
    elif due_at is None or due_at > at + WAIT:
        later = Q(due_at__isnull=True) | Q(due_at__gt=at + WAIT)
        QuizAnalysis.objects.filter(later, pk=analysis).update(due_at=at + WAIT)


def _begin(version_id: int, kind: str, *, at: datetime) -> None:
    context = QuizAnalysis.Context.PRACTICE if kind in PRACTICE_KINDS else QuizAnalysis.Context.EXAM
    QuizAnalysis.objects.get_or_create(
        quiz_version_id=version_id, defaults={"context": context, "due_at": at + WAIT, "checked_at": at}
    )


def find_unanalysed(*, at: datetime) -> None:
    """Make due what no message told of: versions that were sat and have no analysis, and once a day every other."""
    graded = Sitting.objects.filter(quiz_version=OuterRef("pk"), state=Sitting.State.GRADED)
    new = QuizVersion.objects.filter(Exists(graded), analysis__isnull=True)
    for version, kind in new.values_list("pk", "blueprint__kind"):
        _begin(version, kind, at=at)
    QuizAnalysis.objects.filter(due_at__isnull=True, checked_at__lt=at - CHECK_EVERY, error="").update(due_at=at)


def analyse_quiz(*, analysis_id: int, at: datetime) -> bool:
    """Count what is not counted yet, work out the figures, and say what they propose; True when it was due.

    Sittings are counted in transactions of AT_ONCE; the figures follow in one of their own. After MOST_ATTEMPTS failures
    in a row it is due no more and shows its error, until somebody asks again.
    """
    with transaction.atomic():
        analysis = lock_row(QuizAnalysis.objects.filter(pk=analysis_id, due_at__lte=at), skip_locked=True)
        if analysis is None:
            return False
        if analysis.attempts >= MOST_ATTEMPTS:
            analysis.due_at, analysis.error = None, analysis.error or "The worker died each time while counting."
            analysis.save(update_fields=["due_at", "error"])
            return False
        if analysis.counted_as != COUNTING_VERSION:
            _forget(analysis)
        analysis.attempts += 1
        analysis.due_at = lease = at + LEASE
        analysis.save()
    try:
        while _count_some(analysis_id):
            pass
        _work_out(analysis_id, lease=lease, at=at)
    except Exception as problem:
        logger.exception("Analysing %s failed", analysis_id)
        error = f"{type(problem).__name__}: {problem}"[:500]
        QuizAnalysis.objects.filter(pk=analysis_id).update(error=error, due_at=at + WAIT)
        raise
    return True


def _forget(analysis: QuizAnalysis) -> None:
    """Drop the counts of a locked analysis, so that everything is counted again. The caller saves it."""
    AnalysedSitting.objects.filter(analysis=analysis).delete()
    analysis.items.all().delete()
    analysis.totals, analysis.sittings, analysis.high_water = [], 0, 0
    analysis.counted_as, analysis.calibration_due = COUNTING_VERSION, True


def _uncounted(analysis: QuizAnalysis) -> Any:
    """Marked sittings whose run is not the one that is counted."""
    return Sitting.objects.filter(
        Q(analysed__isnull=True) | ~Q(analysed__run=F("current_run")),
        quiz_version_id=analysis.quiz_version_id,
        state=Sitting.State.GRADED,
    )


def _no_longer(analysis: QuizAnalysis) -> Any:
    """Counted sittings that are not marked any more: back with a marker."""
    return Sitting.objects.filter(analysed__analysis=analysis).exclude(state=Sitting.State.GRADED)


@transaction.atomic
def _count_some(analysis_id: int) -> bool:
    """Count AT_ONCE sittings, taking away what was counted of them before; False when nothing is left."""
    analysis = lock_row(QuizAnalysis.objects.filter(pk=analysis_id))
    if analysis is None:
        return False
    changed = list(_uncounted(analysis).order_by("pk").values_list("pk", "current_run_id")[:AT_ONCE])
    gone = list(_no_longer(analysis).order_by("pk").values_list("pk", flat=True)[:AT_ONCE]) if not changed else []
    if not changed and not gone:
        return False
    sittings = [pk for pk, _run in changed] or gone
    before = dict(AnalysedSitting.objects.filter(sitting__in=sittings).values_list("sitting_id", "run_id"))
    runs = {run for _pk, run in changed}
    tally = _load(analysis)
    for rows in counted(before.values()).values():
        tally.add(rows, times=-1)
    for rows in counted(runs).values():
        tally.add(rows)
    _store(analysis, tally)
    AnalysedSitting.objects.filter(sitting__in=sittings).delete()
    AnalysedSitting.objects.bulk_create(
        AnalysedSitting(sitting_id=pk, run_id=run, analysis=analysis) for pk, run in changed
    )
    analysis.high_water = max([analysis.high_water, *runs])
    analysis.save(update_fields=["totals", "sittings", "high_water"])
    return True


def _load(analysis: QuizAnalysis) -> Tally:
    tally = Tally()
    tally.totals.update(dict(analysis.totals))
    for version, counts in analysis.items.values_list("question_version_id", "counts"):
        tally.items[str(version)] = item_from_json(counts)
    return tally


def _store(analysis: QuizAnalysis, tally: Tally) -> None:
    analysis.totals, analysis.sittings = totals_as_json(tally.totals), tally.sittings
    kept = {str(item.question_version_id): item for item in analysis.items.only("pk", "analysis", "question_version")}
    new, changed = [], []
    for name, counts in tally.items.items():
        item = kept.pop(name, None)
        if item is None:
            new.append(ItemAnalysis(analysis=analysis, question_version_id=int(name), counts=item_as_json(counts)))
        else:
            item.counts = item_as_json(counts)
            changed.append(item)
    ItemAnalysis.objects.bulk_create(new)
    ItemAnalysis.objects.bulk_update(changed, ["counts"], batch_size=200)
    analysis.items.filter(pk__in=[item.pk for item in kept.values()]).delete()


@transaction.atomic
def _work_out(analysis_id: int, *, lease: datetime, at: datetime) -> None:
    analysis = lock_row(QuizAnalysis.objects.filter(pk=analysis_id))
    assert analysis is not None
    items = list(analysis.items.select_related("question_version"))
    tally = _load(analysis)
    questions, quiz = tally.figures()
    intended = intended_weights(tally)
    for item in items:
        name, version = str(item.question_version_id), item.question_version
        counts, figures = tally.items[name], questions[name]
        choices = choices_of(version.type, version.body)
        item.random_guess = random_guess(version.type, version.body)
        item.intended_weight = rounded(intended[name])
        item.median_seconds = median_seconds(counts)
        for field, value in asdict(figures).items():
            setattr(item, field, value if field == "n" else rounded(value))
        item.flags = [
            asdict(flag)
            for flag in flags_of(
                figures,
                choices=choice_figures(counts, choices) if choices is not None else (),
                right=right_choices(version.type, version.body) if choices is not None else (),
                guess=item.random_guess,
            )
        ]
    _propose(items, analysis, at=at)
    names = [*FIGURES, "intended_weight", "random_guess", "median_seconds", "flags"]
    ItemAnalysis.objects.bulk_update(items, names, batch_size=200)
    analysis.figures = {key: value if key == "n" else rounded(value) for key, value in asdict(quiz).items()}
    if analysis.due_at == lease:  # otherwise something was graded meanwhile
        analysis.due_at = None
    analysis.checked_at = analysis.computed_at = at
    analysis.attempts, analysis.error = 0, ""
    analysis.calibration_due = analysis.calibration_due or (
        analysis.sittings > CALIBRATE_AFTER * analysis.calibrated_sittings
    )
    analysis.save()
    if analysis.calibration_due:
        from assessments.tasks import calibrate_quiz as task

        nudge(task, analysis.pk)


def _propose(items: Iterable[ItemAnalysis], analysis: QuizAnalysis, *, at: datetime) -> None:
    """Propose the withdrawal of questions with grave flags, and let proposals lapse whose reasons are gone.

    What somebody decided to keep is not proposed again before it has twice the attempts.
    """
    State = WithdrawalProposal.State
    proposed: dict[int, WithdrawalProposal] = {}
    kept_with: dict[int, int] = {}
    for row in WithdrawalProposal.objects.filter(quiz_version_id=analysis.quiz_version_id).order_by("pk"):
        if row.state == State.PROPOSED:
            proposed[row.question_version_id] = row
        elif row.state == State.REJECTED:
            kept_with[row.question_version_id] = row.n
    for item in items:
        version = item.question_version_id
        grave = [flag for flag in item.flags if flag["code"] in PROPOSED]
        facts = {"flags": grave, "n": item.n, "figures": {name: getattr(item, name) for name in FIGURES}}
        row_before = proposed.get(version)
        if row_before is not None:
            facts = facts if grave else {"state": State.LAPSED}
            WithdrawalProposal.objects.filter(pk=row_before.pk).update(**facts)
        elif grave and item.n >= 2 * kept_with.get(version, 0):
            try:
                with transaction.atomic():
                    WithdrawalProposal.objects.create(
                        question_version_id=version,
                        quiz_version_id=analysis.quiz_version_id,
                        proposed_at=at,
                        **facts,
                    )
            except IntegrityError:  # another quiz proposes it already
                continue


@transaction.atomic
def recount_quiz(*, analysis: QuizAnalysis, at: datetime) -> None:
    """Forget all counts and count everything again; the figures stay until they are replaced."""
    locked = lock_row(QuizAnalysis.objects.filter(pk=analysis.pk))
    if locked is None:
        return
    _forget(locked)
    locked.due_at, locked.attempts, locked.error = at, 0, ""
    locked.save()
    from assessments.tasks import analyse_quiz as task

    nudge(task, locked.pk)
