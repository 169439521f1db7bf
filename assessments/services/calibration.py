"""Calibrating the questions of a quiz by item response theory, when enough was sat."""

from __future__ import annotations

import logging
from collections import defaultdict
from dataclasses import asdict
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from assessments.analysis.calibration import FEWEST_ATTEMPTS, MOST_ATTEMPTS, CannotCalibrate, calibrate
from assessments.analysis.statistics import rounded
from assessments.models import AnalysedSitting, ItemAnalysis, QuizAnalysis, SlotGrade
from common.locking import lock_row

logger = logging.getLogger(__name__)
AGAIN = timedelta(minutes=15)


def due_calibrations(*, at: datetime) -> QuerySet[QuizAnalysis]:
    """Analyses to calibrate: not those that a worker took less than AGAIN ago, which it finishes or died at."""
    rested = Q(calibrated_at__isnull=True) | Q(calibrated_at__lte=at - AGAIN)
    return QuizAnalysis.objects.filter(rested, calibration_due=True, due_at__isnull=True)


def calibrate_quiz(*, analysis_id: int, at: datetime) -> bool:
    """Fit 1PL and 2PL to the counted sittings of a quiz; True when that was due, and nobody else is at it.

    A right answer is one that earned the whole mark. What stands in the way is kept in `calibration["problem"]`. Not in
    one transaction with the fit, which takes seconds.
    """
    claimed = due_calibrations(at=at).filter(pk=analysis_id).update(calibrated_at=at)
    if not claimed:
        return False
    analysis = QuizAnalysis.objects.get(pk=analysis_id)
    fitted, problem = [], ""
    try:
        fitted = calibrate(_attempts(analysis))
        if not all(model.converged for model in fitted):
            problem = "no_convergence"
    except CannotCalibrate as refusal:
        problem = refusal.reason
    except Exception:  # the library may fail on data that nobody foresaw: the page says so, and nothing else stops
        logger.exception("Calibrating %s failed", analysis_id)
        problem = "failed"
    with transaction.atomic():
        locked = lock_row(QuizAnalysis.objects.filter(pk=analysis_id))
        if locked is None:
            return False
        locked.calibration = {
            "problem": problem,
            "models": [
                {
                    "name": model.name,
                    "attempts": model.attempts,
                    "converged": model.converged,
                    "log_likelihood": rounded(model.log_likelihood),
                    "aic": rounded(model.aic),
                    "bic": rounded(model.bic),
                }
                for model in fitted
            ],
        }
        locked.calibration_due, locked.calibrated_at, locked.calibrated_sittings = False, at, analysis.sittings
        locked.save(update_fields=["calibration", "calibration_due", "calibrated_at", "calibrated_sittings"])
        items = list(locked.items.all())
        for item in items:
            name = str(item.question_version_id)
            item.calibration = {
                model.name: {key: rounded(value) for key, value in asdict(model.items[name]).items()}
                for model in fitted
                if name in model.items
            }
        ItemAnalysis.objects.bulk_update(items, ["calibration"], batch_size=200)
    return True


def _attempts(analysis: QuizAnalysis) -> list[dict[str, bool]]:
    """Which questions each counted sitting had and whether they were right; the newest MOST_ATTEMPTS sittings."""
    if analysis.sittings < FEWEST_ATTEMPTS:
        raise CannotCalibrate("too_few_attempts")
    counted = AnalysedSitting.objects.filter(analysis=analysis).order_by("-run_id")
    runs = list(counted.values_list("run_id", flat=True)[:MOST_ATTEMPTS])
    found: dict[int, dict[str, bool]] = defaultdict(dict)
    for begin in range(0, len(runs), 500):
        marks = SlotGrade.objects.filter(run__in=runs[begin : begin + 500], mark__isnull=False, max_mark__gt=0)
        marks = marks.exclude(source=SlotGrade.Source.DECISION)
        for run, version, mark, maximum in marks.values_list("run_id", "question_version_id", "mark", "max_mark"):
            found[run][str(version)] = mark is not None and mark >= maximum
    return [found[run] for run in runs if run in found]
