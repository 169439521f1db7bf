"""How the choices of a question drew candidates of all strengths. Rests are totals without the question itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from assessments.analysis.moments import ratio
from assessments.analysis.tally import NO_ANSWER, SCALE, ItemTally

GROUPS = 5


@dataclass(frozen=True, slots=True)
class ChoiceFigures:
    """How a choice did.

    `share` of the attempts that chose it, and `mean_rest` of those (marks); `discrimination` in percent: how choosing it
    goes along with the rest (point-biserial), so that it should be above 0 for the right choice only. `by_group`: shares
    in GROUPS groups of attempts, weakest first.
    """

    choice: str
    n: int
    share: float
    mean_rest: float | None
    discrimination: float | None
    by_group: tuple[float, ...]


def rests_of(item: ItemTally) -> Counter[int]:
    """How often each rest came."""
    rests: Counter[int] = Counter()
    for counts in item.pairs.values():
        for (mark, total), n in counts.items():
            rests[total - mark] += n
    return rests


def choice_figures(item: ItemTally, choices: Sequence[str]) -> list[ChoiceFigures]:
    """For each of the question's choices, those that nobody chose too, and for no answer where there was one missing."""
    rests = rests_of(item)
    n = sum(rests.values())
    r = sum(rest * count for rest, count in rests.items())
    variance = n * sum(rest * rest * count for rest, count in rests.items()) - r * r
    limits = group_limits(rests)
    sizes = by_group(rests, limits)
    found = []
    for choice in [*choices, *([NO_ANSWER] if item.choices.get(NO_ANSWER) else [])]:
        chosen = item.choices.get(choice, Counter())
        count = sum(chosen.values())
        sum_of_rests = sum(rest * times for rest, times in chosen.items())
        index = ratio(n * sum_of_rests - count * r, n * count - count * count, variance)
        found.append(
            ChoiceFigures(
                choice=choice,
                n=count,
                share=count / n if n else 0.0,
                mean_rest=float(Fraction(sum_of_rests, count * SCALE)) if count else None,
                discrimination=None if index is None else 100 * index,
                by_group=tuple(
                    part / size if size else 0.0 for part, size in zip(by_group(chosen, limits), sizes, strict=True)
                ),
            )
        )
    return found


def group_limits(rests: Mapping[int, int]) -> list[int]:
    """The greatest rest of each group but the last, so that groups are about equal and equal rests stay together."""
    n, passed = sum(rests.values()), 0
    limits: list[int] = []
    for rest, count in sorted(rests.items()):
        passed += count
        while len(limits) < GROUPS - 1 and passed * GROUPS >= n * (len(limits) + 1):
            limits.append(rest)
    return limits


def by_group(rests: Mapping[int, int], limits: Sequence[int]) -> list[int]:
    """How many fall into each group."""
    counts = [0] * (len(limits) + 1)
    for rest, count in rests.items():
        counts[sum(1 for limit in limits if rest > limit)] += count
    return counts


@dataclass(frozen=True, slots=True)
class Group:
    """Attempts of about one strength: how many, their mean rest and their mean mark as a fraction."""

    n: int
    mean_rest: float
    facility: float


def curve(item: ItemTally) -> list[Group]:
    """The question's own characteristic curve: mean mark by group of rests, weakest first; empty groups left out."""
    limits = group_limits(rests_of(item))
    size = [0] * (len(limits) + 1)
    rests, marks = list(size), [Fraction(0)] * len(size)
    for maximum, counts in item.pairs.items():
        if not maximum:
            continue
        for (mark, total), n in counts.items():
            group = sum(1 for limit in limits if total - mark > limit)
            size[group] += n
            rests[group] += n * (total - mark)
            marks[group] += Fraction(n * mark, maximum)
    return [
        Group(n, float(Fraction(rest, n * SCALE)), float(mark / n))
        for n, rest, mark in zip(size, rests, marks, strict=True)
        if n
    ]


def random_guess(type_name: str, body: Mapping[str, Any]) -> float | None:
    """The mean fraction that blind guessing earns; None where it cannot be said."""
    if type_name == "single_choice":
        fractions = [Fraction(str(choice.get("fraction", 0))) for choice in body["choices"]]
        return float(sum(fractions, Fraction(0)) / len(fractions))
    return 0.5 if type_name == "true_false" else None


def choices_of(type_name: str, body: Mapping[str, Any]) -> list[str] | None:
    """The ids of what can be chosen; None for types without single choices."""
    if type_name in {"single_choice", "multiple_choice"}:
        return [choice["id"] for choice in body["choices"]]
    return ["true", "false"] if type_name == "true_false" else None


def right_choices(type_name: str, body: Mapping[str, Any]) -> set[str]:
    """Those that earn something."""
    if type_name == "true_false":
        return {"true" if body["answer"] else "false"}
    return {choice["id"] for choice in body.get("choices", ()) if choice.get("fraction", 0) > 0}


def chosen(type_name: str, response: Any) -> list[str] | None:
    """What a response chose; one NO_ANSWER when nothing; None for types without single choices."""
    response = response if isinstance(response, Mapping) else {}
    if type_name == "single_choice":
        return [str(response["choice"])] if response.get("choice") is not None else [NO_ANSWER]
    if type_name == "multiple_choice":
        return sorted({str(one) for one in response.get("choices") or ()}) or [NO_ANSWER]
    if type_name == "true_false":
        answer = response.get("answer")
        return [NO_ANSWER] if answer is None else ["true" if answer else "false"]
    return None
