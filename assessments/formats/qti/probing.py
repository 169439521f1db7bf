"""Whether a question of ours marks as the file does: both mark the same responses, and the marks are compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import islice
from typing import Any

from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from assessments.formats.base import Text
from assessments.formats.checking import NotTaken, why_not
from assessments.formats.qti.marking import Marking, score_in
from assessments.formats.qti.values import Value
from assessments.question_types import get_type

NEAR = 1e-6
MOST_PROBES = 500
FEWEST_PROBES, MOST_STEPS = 60, 300_000  # the longer the rules, the fewer responses are tried


class Verdict(IntEnum):
    """How well the marks agree."""

    SAME = 0
    BELOW_ZERO = 1  # the file goes below nothing where we stop
    IN_PART = 2  # right is right and wrong is wrong, but parts earn otherwise
    OTHER = 3


@dataclass(frozen=True, slots=True)
class Probe:
    """One response, as ours and as the file's variables; `keys` are what was chosen in it."""

    ours: Mapping[str, Any]
    given: Mapping[str, Value]
    keys: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Tried:
    """A probe with what the file's rules made of it: outcomes, marks, and their part of the most marks."""

    probe: Probe
    outcomes: Mapping[str, Value]
    score: float
    fraction: float = 0.0


def tried(marking: Marking, probes: Iterable[Probe]) -> list[Tried]:
    """Every probe, run; the fractions are still to be told."""
    found = []
    for probe in islice(probes, max(FEWEST_PROBES, min(MOST_PROBES, MOST_STEPS // marking.size))):
        outcomes = marking.run(probe.given)
        found.append(Tried(probe, outcomes, score_in(outcomes)))
    return found


def verdict_on(type_name: str, body: Mapping[str, Any], trials: Sequence[Tried]) -> Verdict:
    """How the marks of a body agree with those of the file. Raises NotTaken when the body is none."""
    question_type = get_type(type_name)
    try:
        model = question_type.Body.model_validate(body)
    except ValidationError as problem:
        raise NotTaken(why_not(problem)) from None
    worst = Verdict.SAME
    for trial in trials:
        outcome = question_type.grade(
            model, question_type.Response.model_validate(trial.probe.ours), {"language": "en"}
        )
        ours, theirs = outcome.fraction, trial.fraction
        if ours is None:
            return Verdict.OTHER
        if abs(ours - theirs) <= NEAR:
            continue
        if theirs < 0 and abs(ours) <= NEAR:
            worst = max(worst, Verdict.BELOW_ZERO)
        elif (ours > 1 - NEAR) != (theirs > 1 - NEAR):
            return Verdict.OTHER
        else:
            worst = Verdict.IN_PART
    return worst


NOTES: dict[Verdict, Text] = {
    Verdict.BELOW_ZERO: _("In the file wrong answers can take the mark below zero; here nothing is the least."),
    Verdict.IN_PART: _("Partly right answers earn other marks here than by the rules of the file."),
}


def best_of(
    type_name: str, bodies: Iterable[Mapping[str, Any]], trials: Sequence[Tried]
) -> tuple[Mapping[str, Any], Text | None]:
    """(the body that agrees best, what to tell about it). Raises NotTaken when none gives right answers their mark."""
    found: tuple[Verdict, Mapping[str, Any]] | None = None
    refusal: NotTaken | None = None
    for body in bodies:
        try:
            verdict = verdict_on(body.get("type", type_name), _own(body), trials)
        except NotTaken as problem:
            refusal = refusal or problem
            continue
        if found is None or verdict < found[0]:
            found = verdict, body
        if verdict is Verdict.SAME:
            break
    if found is None and refusal is not None:
        raise refusal
    if found is None or found[0] is Verdict.OTHER:
        raise NotTaken(_("It is marked by rules that no type here has."))
    return found[1], NOTES.get(found[0])


def _own(body: Mapping[str, Any]) -> Mapping[str, Any]:
    return {key: value for key, value in body.items() if key != "type"}
