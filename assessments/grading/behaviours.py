"""What several tries are worth: pure and total, by the rules of Moodle's behaviours (docs/grading.md).

Every behaviour takes the tries in their order. An empty one is no try anywhere. One that is not complete (see
QuestionType.is_complete) is not marked while the question is open; it counts as what was last answered when it closes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from assessments.grading.engine import FAULT, QuestionDefinition, Unusable, mark, open_question, read_response
from assessments.question_types import AnyType, Outcome, State
from assessments.question_types.base import UNANSWERED, Body, Shape, graded, invalid

LEAST_RIGHT = 0.00000005
RIGHT_BY_CERTAINTY = {1: 1.0, 2: 2.0, 3: 3.0}
WRONG_BY_CERTAINTY = {1: 0.0, 2: -2.0, 3: -6.0}
UNSAID = 1


Reader = Callable[[AnyType, Any], Shape | None]


@dataclass(frozen=True, slots=True)
class _Open:
    """A question that somebody is answering."""

    type: AnyType
    body: Body
    variant: Mapping[str, Any]
    reader: Reader

    def read(self, tries: Sequence[Any]) -> Iterator[tuple[int, Shape]]:
        """(index, answer) of every try that is not empty. Raises Unusable, naming the try."""
        for index, response in enumerate(tries):
            try:
                answer = self.reader(self.type, response)
            except Unusable as problem:
                raise Unusable(f"try {index + 1}: {problem}") from problem
            if answer is not None:
                yield index, answer

    def mark(self, answer: Shape) -> Outcome:
        """What the answer is worth by itself. Raises Unusable, of an answer that does not fit its question."""
        outcome = mark(self.type, self.body, answer, self.variant)
        if outcome.state is State.INVALID:
            raise Unusable(outcome.reason)
        return outcome

    def is_complete(self, answer: Shape) -> bool:
        """Whether it counts as a try."""
        return self.type.is_complete(self.body, answer, self.variant)


def play(
    behaviour: str,
    definition: QuestionDefinition,
    tries: Any,
    variant: Any = None,
    certainties: Any = (),
    *,
    reader: Reader = read_response,
) -> Outcome:
    """The outcome of `tries` (a list of responses) under a behaviour of BEHAVIOURS.

    `certainties` holds for each try 1, 2, 3 or None (not said); only the two certainty-based ones look at it, and only
    their fractions leave −1…1 (they are −6…3). A needed marker gives needs_marking; what cannot be read, `invalid`.
    `reader` turns a try into an answer when its turn comes; what comes after the question is closed is not read.
    """
    if behaviour not in BEHAVIOURS:
        return invalid(f"there is no behaviour “{behaviour}”")
    if not isinstance(tries, list | tuple):
        return invalid("the tries must be a list of responses")
    if not isinstance(certainties, list | tuple):
        return invalid("the certainties must be a list")
    if any(sure is not None and (type(sure) is not int or sure not in RIGHT_BY_CERTAINTY) for sure in certainties):
        return invalid("a certainty is 1, 2 or 3")
    sure = (*certainties, *[None] * (len(tries) - len(certainties)))
    try:
        question_type, body = open_question(definition)
        opened = _Open(question_type, body, variant if isinstance(variant, Mapping) else {}, reader)
        return BEHAVIOURS[behaviour](opened, tries, sure)
    except Unusable as problem:
        return problem.outcome
    except (ArithmeticError, LookupError, ValueError, TypeError, AttributeError, RecursionError) as problem:
        return invalid(f"{FAULT}{type(problem).__name__}")


def _deferred(question: _Open, tries: Sequence[Any], certainties: Sequence[int | None]) -> Outcome:
    """What was last answered counts."""
    for _index, answer in question.read(tries[-1:]):
        return question.mark(answer)
    return UNANSWERED


def _immediate(question: _Open, tries: Sequence[Any], certainties: Sequence[int | None]) -> Outcome:
    """The first complete answer counts and closes the question."""
    last: Shape | None = None
    for _index, answer in question.read(tries):
        last = answer
        if question.is_complete(answer):
            break
    return UNANSWERED if last is None else question.mark(last)


def _deferred_certainty(question: _Open, tries: Sequence[Any], certainties: Sequence[int | None]) -> Outcome:
    """As deferred, by the certainty of the last answer."""
    return _by_certainty(_deferred(question, tries, certainties), certainties[len(tries) - 1] if tries else None)


def _immediate_certainty(question: _Open, tries: Sequence[Any], certainties: Sequence[int | None]) -> Outcome:
    """As immediate; an answer is complete when the certainty is said."""
    last: tuple[Shape, int | None] | None = None
    for index, answer in question.read(tries):
        last = answer, certainties[index]
        if certainties[index] is not None and question.is_complete(answer):
            break
    return UNANSWERED if last is None else _by_certainty(question.mark(last[0]), last[1])


def _by_certainty(outcome: Outcome, certainty: int | None) -> Outcome:
    if outcome.fraction is None or outcome.state is State.UNANSWERED:
        return outcome
    sure = UNSAID if certainty is None else certainty
    if outcome.fraction <= LEAST_RIGHT:
        return replace(outcome, fraction=WRONG_BY_CERTAINTY[sure])
    return replace(outcome, fraction=round(outcome.fraction * RIGHT_BY_CERTAINTY[sure], 7))


def _interactive(question: _Open, tries: Sequence[Any], certainties: Sequence[int | None]) -> Outcome:
    """One try more than there are hints; each wrong one costs the penalty. A right answer or the last try closes.

    Types that count back mark each part by the try from which it was right for good. When the question is left with
    tries over, the last answer counts, and a wrong one has cost its penalty.
    """
    allowed = len(question.body.hints) + 1
    counted: list[Shape] = []
    outcome, waiting = UNANSWERED, False
    for _index, answer in question.read(tries):
        if waiting:
            counted.pop()
        outcome = question.mark(answer)
        counted.append(answer)
        waiting = not question.is_complete(answer)
        if not waiting and (outcome.state is State.RIGHT or len(counted) == allowed):
            return _after(question, counted, outcome, len(counted) - 1)
    return _after(question, counted, outcome, len(counted) - waiting)


def _after(question: _Open, counted: Sequence[Shape], outcome: Outcome, wrong: int) -> Outcome:
    if outcome.fraction is None or not counted:
        return outcome
    if question.type.counts_back:
        fraction = question.type.final_fraction(question.body, counted, question.variant)
    else:
        fraction = max(outcome.fraction - wrong * question.body.cost, 0.0)
    return replace(outcome, fraction=graded(fraction).fraction)


def _adaptive(question: _Open, tries: Sequence[Any], certainties: Sequence[int | None]) -> Outcome:
    """The best try counts, each after the penalties of those before it; the same answer again is not a try."""
    return _best(question, tries, question.body.cost)


def _adaptive_no_penalty(question: _Open, tries: Sequence[Any], certainties: Sequence[int | None]) -> Outcome:
    """The best try counts."""
    return _best(question, tries, 0.0)


def _best(question: _Open, tries: Sequence[Any], penalty: float) -> Outcome:
    best, count = 0.0, 0
    outcome, unsent = UNANSWERED, 0.0
    before: Shape | None = None
    for _index, answer in question.read(tries):
        is_complete = question.is_complete(answer)
        if is_complete and before is not None and question.type.is_same(before, answer):
            continue
        outcome = question.mark(answer)
        if outcome.fraction is None:
            continue
        worth = outcome.fraction - penalty * count
        if is_complete:
            best, count, before, unsent = max(best, worth), count + 1, answer, 0.0
        else:
            unsent = worth
    if outcome.fraction is None or outcome is UNANSWERED:
        return outcome
    return replace(outcome, fraction=graded(max(best, unsent)).fraction)


_Behaviour = Callable[[_Open, Sequence[Any], Sequence[int | None]], Outcome]
BEHAVIOURS: Mapping[str, _Behaviour] = {
    "deferred": _deferred,
    "immediate": _immediate,
    "interactive": _interactive,
    "adaptive": _adaptive,
    "adaptive_no_penalty": _adaptive_no_penalty,
    "deferred_certainty": _deferred_certainty,
    "immediate_certainty": _immediate_certainty,
}
