"""Papers that are about equally difficult: a local search towards the mean of what the rows of the matrix can give."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from assessments.papers.blueprint import Blueprint
from assessments.papers.policies import EXPECTED, Policies

CLOSE_ENOUGH = Fraction(1, 400)  # of the marks of the paper
MOST_SWAPS = 200


def mean_score(blueprint: Blueprint, pools: Sequence[Sequence[int]], policies: Policies) -> Fraction:
    """What a paper of this blueprint is expected to earn in the mean, in marks."""
    fixed = sum((_worth(q.mark, q.question, policies) for q in blueprint.fixed), Fraction(0))
    rows = Fraction(0)
    for draw, pool in zip(blueprint.draws, pools, strict=True):
        if pool:
            in_all = sum(policies.expected.get(question, EXPECTED) for question in pool)
            rows += Fraction(draw.mark) * draw.count * Fraction(in_all, 100 * len(pool))
    return fixed + rows


def balanced(
    blueprint: Blueprint,
    pools: Sequence[Sequence[int]],
    filled: Sequence[Sequence[int]],
    policies: Policies,
    *,
    cost: Callable[[int], Any],
    chance: random.Random,
) -> list[list[int]]:
    """The filling with questions exchanged inside their rows until the paper is as difficult as the mean.

    An exchanged question never costs more than the one before it, so avoiding and sparing questions goes before being
    equal. Each step takes the exchange that helps most; it ends when the paper is close enough (a quarter of a percent
    of its marks) or no single exchange helps. That need not be the best of all papers.
    """
    rows = [list(row) for row in filled]
    marks = [Fraction(draw.mark) for draw in blueprint.draws]
    whole = Fraction(blueprint.max_score)
    target = mean_score(blueprint, pools, policies)
    fixed = sum((_worth(q.mark, q.question, policies) for q in blueprint.fixed), Fraction(0))
    away = fixed - target
    for row, questions in enumerate(rows):
        away += marks[row] * sum(Fraction(policies.expected.get(q, EXPECTED), 100) for q in questions)
    taken = {policies.unit(question) for row in rows for question in row}
    spare = [_spare(pool, row, taken, policies, chance) for pool, row in zip(pools, rows, strict=True)]
    for _swap in range(MOST_SWAPS):
        if abs(away) <= CLOSE_ENOUGH * whole:
            break
        best: tuple[Fraction, int, int, int] | None = None
        for row, questions in enumerate(rows):
            for index, question in enumerate(questions):
                now = policies.expected.get(question, EXPECTED)
                for expected, others in spare[row].items():
                    left = abs(away + marks[row] * Fraction(expected - now, 100))
                    if left < abs(away) and (best is None or left < best[0]):
                        found = _first_free(others, question, taken, policies, cost)
                        if found is not None:
                            best = (left, row, index, found)
        if best is None:
            break
        _left, row, index, other = best
        question = rows[row][index]
        now, then = policies.expected.get(question, EXPECTED), policies.expected.get(other, EXPECTED)
        away += marks[row] * Fraction(then - now, 100)
        taken.discard(policies.unit(question))
        taken.add(policies.unit(other))
        rows[row][index] = other
        spare[row][then].remove(other)
        spare[row].setdefault(now, []).append(question)
    return rows


def _worth(mark: Any, question: int, policies: Policies) -> Fraction:
    return Fraction(mark) * Fraction(policies.expected.get(question, EXPECTED), 100)


def _spare(
    pool: Sequence[int], row: Sequence[int], taken: set[Any], policies: Policies, chance: random.Random
) -> dict[int, list[int]]:
    """What could be in this row instead, by expected score, in the order of chance."""
    others = sorted(set(pool) - set(row))
    chance.shuffle(others)
    found: dict[int, list[int]] = {}
    for question in others:
        found.setdefault(policies.expected.get(question, EXPECTED), []).append(question)
    return found


def _first_free(
    others: Sequence[int], instead_of: int, taken: set[Any], policies: Policies, cost: Callable[[int], Any]
) -> int | None:
    own, most = policies.unit(instead_of), cost(instead_of)
    for question in others:
        unit = policies.unit(question)
        if (unit == own or unit not in taken) and cost(question) <= most:
            return question
    return None
