"""Item response theory: 1PL and 2PL by marginal maximum likelihood, with fit, by the library mirt (docs/adr).

The library brings numpy, which takes a second and 60 MB to load: it is imported where it is used, in the worker.
"""

from __future__ import annotations

import math
import random
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

FEWEST_ATTEMPTS, FEWEST_QUESTIONS = 100, 3
MOST_ATTEMPTS = 10_000
MISSING = -1


@dataclass(frozen=True, slots=True)
class ItemParameters:
    """A question in one model: slope a, difficulty b (0: half of average candidates are right), standard errors, fit.

    Infit and outfit are mean squares: 1 fits, below 0.7 too neatly, above 1.3 strong candidates fail where weak ones do not.
    """

    slope: float
    difficulty: float
    slope_error: float | None
    difficulty_error: float | None
    infit: float | None
    outfit: float | None


@dataclass(frozen=True, slots=True)
class Model:
    """A model fitted to all questions: the lower AIC and BIC of two models is the better trade."""

    name: str
    attempts: int
    converged: bool
    log_likelihood: float
    aic: float
    bic: float
    items: Mapping[str, ItemParameters]


class CannotCalibrate(ValueError):
    """Too few attempts, or too few questions that some got right and some wrong; `reason` is one of REASONS."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


REASONS = ("too_few_attempts", "too_few_questions", "no_convergence")


def calibrate(attempts: Sequence[Mapping[str, bool]]) -> list[Model]:
    """The models 1PL and 2PL of `attempts`: for each attempt, which questions it got and whether it was right.

    Above MOST_ATTEMPTS a sample is taken, the same for the same attempts. Questions that all or none got right are left
    out. Raises CannotCalibrate.
    """
    if len(attempts) < FEWEST_ATTEMPTS:
        raise CannotCalibrate("too_few_attempts")
    if len(attempts) > MOST_ATTEMPTS:
        attempts = random.Random(0).sample(list(attempts), MOST_ATTEMPTS)  # noqa: S311  reproducible on purpose
    right: dict[str, list[int]] = {}
    for attempt in attempts:
        for name, is_right in attempt.items():
            counts = right.setdefault(name, [0, 0])
            counts[0] += 1
            counts[1] += is_right
    names = sorted(name for name, (n, score) in right.items() if 0 < score < n and n >= FEWEST_ATTEMPTS)
    if len(names) < FEWEST_QUESTIONS:
        raise CannotCalibrate("too_few_questions")
    rows = [[int(attempt[name]) if name in attempt else MISSING for name in names] for attempt in attempts]
    rows = [row for row in rows if any(value != MISSING for value in row)]
    return [_fitted(name, names, rows) for name in ("1PL", "2PL")]


def _fitted(model: str, names: Sequence[str], rows: Sequence[Sequence[int]]) -> Model:
    import mirt
    import numpy
    from mirt.diagnostics.itemfit import compute_itemfit

    data = numpy.array(rows, dtype=int)
    # Equal slopes that are estimated: the library's own "1PL" holds them at 1.
    equal: Any = [{"parameter": "discrimination", "items": list(range(len(names)))}] if model == "1PL" else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = mirt.fit_mirt(data, model="2PL", constraints=equal)
        fit = compute_itemfit(result, data)
    found, errors = result.model.parameters, result.standard_errors
    return Model(
        name=model,
        attempts=len(rows),
        converged=bool(result.converged),
        log_likelihood=float(result.log_likelihood),
        aic=float(result.aic),
        bic=float(result.bic),
        items={
            name: ItemParameters(
                slope=float(found["discrimination"][place]),
                difficulty=float(found["difficulty"][place]),
                slope_error=_finite(errors.get("discrimination"), place),
                difficulty_error=_finite(errors.get("difficulty"), place),
                infit=_finite(fit.get("infit"), place),
                outfit=_finite(fit.get("outfit"), place),
            )
            for place, name in enumerate(names)
        },
    )


def _finite(values: Any, place: int) -> float | None:
    value = None if values is None else float(values[place])
    return value if value is not None and math.isfinite(value) else None


def probability(slope: float, difficulty: float, ability: float) -> float:
    """How likely somebody of this ability is right."""
    return 1 / (1 + math.exp(-max(-700.0, min(700.0, slope * (ability - difficulty)))))
