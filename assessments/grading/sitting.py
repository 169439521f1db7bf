"""Marking a whole sitting: pure, from the rules, the paper, the questions and the log alone.

Everything comes as plain JSON, so that who has the evidence and no database comes to the same marks. Rules are a stored
blueprint, of which older ones lack what was added later. Marks are fractions of a slot's mark to four decimals; scores
have two, are never below 0, and are passed without rounding.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from assessments.grading.behaviours import RIGHT_BY_CERTAINTY, play
from assessments.grading.engine import QuestionDefinition, grade
from assessments.question_types import Outcome, State, get_type
from assessments.question_types.base import UNANSWERED, graded
from common.digests import digest_of

ANSWER, CHECK = "answer", "check"
DEFERRED = frozenset({"deferred", "deferred_certainty"})
BY_CERTAINTY = frozenset({"deferred_certainty", "immediate_certainty"})
MOST_CERTAIN = max(RIGHT_BY_CERTAINTY.values())
CERTAINTY = "certainty"  # beside the answer in its response
SCORE_STEP, MARK_STEP = Decimal("0.01"), Decimal("0.0001")
NOTHING = Decimal(0)

Rules = Mapping[str, Any]
Slot = Mapping[str, Any]
Event = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SlotOutcome:
    """What one slot earned. `version` is the id of the question's version and `digest` what it holds.

    `mark` is None while a person has to mark it, and for what cannot be read. `event_seq` is the event that decided.
    """

    slot: int
    version: int
    digest: str
    section: int
    state: str
    fraction: float | None
    mark: Decimal | None
    max_mark: Decimal
    event_seq: int | None
    source: str = "engine"


@dataclass(frozen=True, slots=True)
class SectionOutcome:
    """What a part earned; `passed` is None where it has no pass mark of its own."""

    number: int
    score: Decimal
    max_score: Decimal
    passed: bool | None


@dataclass(frozen=True, slots=True)
class SittingOutcome:
    """What a sitting earned. `waiting` are the slots that a person has to mark: until then the score is preliminary."""

    slots: tuple[SlotOutcome, ...]
    sections: tuple[SectionOutcome, ...]
    score: Decimal
    max_score: Decimal
    passed: bool
    waiting: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Tries:
    """What was answered to one slot: `responses` in their order, `committed` of them checked, the rest only saved."""

    responses: tuple[Any, ...] = ()
    certainties: tuple[int | None, ...] = ()
    committed: int = 0
    seq: int | None = None


NO_TRIES = Tries()


def mark_sitting(
    rules: Rules, slots: Sequence[Slot], definitions: Mapping[int, QuestionDefinition], events: Iterable[Event]
) -> SittingOutcome:
    """The outcome of a sitting of the paper `slots`, whose log is `events` ({"seq", "kind", "slot", "response"}).

    `definitions` has a question for each version that the paper names. Raises KeyError when one is missing.
    """
    tries = tries_of(rules, events)
    outcomes = [
        mark_slot(rules, slot, definitions[slot["version"]], tries.get(slot["slot"], NO_TRIES))
        for slot in slots
        if get_type(slot["type"]).is_answered
    ]
    return total_of(rules, outcomes)


def tries_of(rules: Rules, events: Iterable[Event]) -> dict[int, Tries]:
    """Slot → its tries under the behaviour of the rules, from a log in the order of its numbers.

    A check commits the answer it carries, or without one that was saved last. What was saved after the last check is a
    try that was not committed, unless it says the same.
    """
    behaviour = rules.get("behaviour", "deferred")
    saved: dict[int, tuple[Any, int]] = {}
    checked: dict[int, list[tuple[Any, int]]] = {}
    for event in events:
        slot, kind = event["slot"], event["kind"]
        if kind == ANSWER:
            saved[slot] = event["response"] or {}, event["seq"]
        elif kind == CHECK and behaviour not in DEFERRED:
            response = event["response"] or saved.get(slot, ({}, 0))[0]
            saved[slot] = response, event["seq"]
            checked.setdefault(slot, []).append((response, event["seq"]))
    if not checked and behaviour not in BY_CERTAINTY:
        return {slot: Tries((response,), (None,), 0, seq) for slot, (response, seq) in saved.items()}
    return {slot: _tries(behaviour, checked.get(slot, []), last) for slot, last in saved.items()}


def _tries(behaviour: str, checked: list[tuple[Any, int]], last: tuple[Any, int]) -> Tries:
    is_new = not checked or last[0] != checked[-1][0]
    told = [*checked, last] if is_new else checked
    answers = [answer_of(behaviour, response) for response, _seq in told]
    return Tries(
        tuple(answer for answer, _sure in answers), tuple(sure for _answer, sure in answers), len(checked), told[-1][1]
    )


def answer_of(behaviour: str, response: Any) -> tuple[Any, int | None]:
    """The answer in a response and how sure its author was (1 to 3; None: not said, or not asked by the behaviour)."""
    if behaviour not in BY_CERTAINTY or not isinstance(response, Mapping) or CERTAINTY not in response:
        return response, None
    return {key: value for key, value in response.items() if key != CERTAINTY}, response[CERTAINTY]


def mark_slot(rules: Rules, slot: Slot, definition: QuestionDefinition, tries: Tries) -> SlotOutcome:
    """What one slot earns. By certainty, full marks are for who was right and quite sure."""
    behaviour = rules.get("behaviour", "deferred")
    outcome = played(behaviour, slot, definition, tries)
    mark = Decimal(slot["mark"])
    fraction = outcome.fraction
    if fraction is not None:
        if behaviour in BY_CERTAINTY:
            fraction = round(fraction / MOST_CERTAIN, 7) + 0.0
        elif outcome.state is State.WRONG and fraction <= 0:
            fraction = min(fraction, -float(rules.get("wrong_penalty", 0))) + 0.0
    return SlotOutcome(
        slot=slot["slot"],
        version=slot["version"],
        digest=definition.digest,
        section=slot.get("section", 1),
        state=str(outcome.state),
        fraction=fraction,
        mark=None if fraction is None else (Decimal(repr(fraction)) * mark).quantize(MARK_STEP, ROUND_HALF_UP),
        max_mark=mark,
        event_seq=tries.seq,
    )


def played(behaviour: str, slot: Slot, definition: QuestionDefinition, tries: Tries) -> Outcome:
    """The outcome of the tries under a behaviour; its state says what became of the question as a whole."""
    if not tries.responses:
        return UNANSWERED
    variant = slot["variant"]
    if behaviour == "deferred":
        return grade(definition, tries.responses[-1], variant)
    outcome = play(behaviour, definition, tries.responses, variant, tries.certainties)
    if outcome.state is State.WRONG and outcome.fraction and outcome.fraction > 0 and behaviour.startswith("adaptive"):
        return replace(outcome, state=graded(outcome.fraction).state)  # the best try counts, not the last
    return outcome


def total_of(rules: Rules, outcomes: Sequence[SlotOutcome]) -> SittingOutcome:
    """The outcome of a sitting whose slots earned that; also of slots that people marked or decided about."""
    parts = rules.get("sections") or []
    score, max_score = _sum(outcomes)
    sections = []
    for number, part in enumerate(parts, start=1):
        part_score, part_max = _sum([row for row in outcomes if row.section == number])
        need = part.get("pass_percent")
        passed = None if need is None else is_pass(part_score, part_max, Decimal(str(need)))
        sections.append(SectionOutcome(number, part_score, part_max, passed))
    passed = is_pass(score, max_score, Decimal(str(rules["pass_percent"])))
    return SittingOutcome(
        slots=tuple(outcomes),
        sections=tuple(sections),
        score=score,
        max_score=max_score,
        passed=passed and all(section.passed is not False for section in sections),
        waiting=tuple(row.slot for row in outcomes if row.state == State.NEEDS_MARKING and row.mark is None),
    )


def _sum(outcomes: Sequence[SlotOutcome]) -> tuple[Decimal, Decimal]:
    max_score = sum((row.max_mark for row in outcomes), NOTHING).quantize(SCORE_STEP)
    total = sum((row.mark for row in outcomes if row.mark is not None), NOTHING)
    return min(max(total, NOTHING).quantize(SCORE_STEP, ROUND_HALF_UP), max_score), max_score


def is_pass(score: Decimal, max_score: Decimal, pass_percent: Decimal) -> bool:
    """Whether `score` reaches the pass mark, without rounding."""
    return max_score > 0 and score * 100 >= pass_percent * max_score


# What a run stands for ----------------------------------------------------------------------------------------

FIRST_FORMAT = frozenset({"1.0", "1.1"})  # engines whose runs did not name the versions that were marked


def run_digest(
    *,
    engine: str,
    paper: str,
    log: str,
    marks: Iterable[SlotOutcome],
    score: Decimal,
    max_score: Decimal,
    passed: bool,
) -> str:
    """The digest of a run over paper, log and marks, in the format of the engine that made it.

    `paper` is the digest of the paper, `log` that of the last event. Of each mark slot, digest, state, mark, max_mark
    and source count.
    """
    content = {"paper": paper, "log": log, "engine": engine, "score": _text(score, SCORE_STEP), "passed": passed}
    if engine in FIRST_FORMAT:
        rows: list[Any] = [[row.slot, row.state, _text(row.mark, MARK_STEP)] for row in marks]
        return digest_of({**content, "marks": rows})
    rows = [
        [
            row.slot,
            row.digest,
            row.state,
            _text(row.mark, MARK_STEP),
            _text(row.max_mark, SCORE_STEP),
            row.source,
        ]
        for row in marks
    ]
    return digest_of({**content, "format": 2, "max_score": _text(max_score, SCORE_STEP), "marks": rows})


def _text(number: Decimal | None, step: Decimal) -> str | None:
    return None if number is None else str(number.quantize(step, ROUND_HALF_UP))
