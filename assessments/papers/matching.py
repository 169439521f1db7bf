"""Which question fills which row of the matrix: a matching between the places of the rows and the questions.

Rows may overlap, so filling one after the other can fail where a solution exists. Of mutually exclusive questions a paper
has at most one; as each question is in at most one group, a group is matched like one question that fits every row one of
its members fits. So whether a matrix can be filled stays a bipartite matching, and both algorithms here find a filling
whenever there is one.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from typing import Any

Unit = Callable[[int], Hashable]


def fill_by_chance(
    counts: Sequence[int],
    pools: Sequence[Sequence[int]],
    *,
    chance: random.Random,
    unit: Unit = lambda question: question,
) -> list[list[int]]:
    """For each row the questions it gets, as many as can be, no unit twice; earlier rows first (Kuhn, 1955).

    Papers from before there were policies were drawn by this: it must not take more or less from `chance`.
    """
    shuffled: list[list[int]] = []
    for pool in pools:
        row_pool = sorted(set(pool))
        chance.shuffle(row_pool)
        shuffled.append(row_pool)
    owner: dict[Hashable, tuple[int, int]] = {}  # unit → row, and the question of the unit that the row has

    def place(row: int, visited: set[Hashable]) -> bool:
        stack: list[tuple[int, int, int]] = [(row, 0, -1)]  # row, next index in its pool, what the row above took of it
        while stack:
            current, index, given_up = stack.pop()
            pool = shuffled[current]
            while index < len(pool):
                question = pool[index]
                index += 1
                key = unit(question)
                if key in visited:
                    continue
                visited.add(key)
                if key not in owner:
                    owner[key] = (current, question)
                    # Each row on the stack takes over the unit that the row above it just gave up.
                    freed = given_up
                    while stack:
                        below, _next, below_given_up = stack.pop()
                        owner[unit(freed)] = (below, freed)
                        freed = below_given_up
                    return True
                stack.append((current, index, given_up))
                stack.append((owner[key][0], 0, question))
                break
        return False

    for row, count in enumerate(counts):
        for _place in range(count):
            if not place(row, set()):
                break
    return [
        [question for question in pool if owner.get(unit(question)) == (row, question)]
        for row, pool in enumerate(shuffled)
    ]


def fill_by_cost(
    counts: Sequence[int],
    pools: Sequence[Sequence[int]],
    *,
    cost: Callable[[int], Any],
    chance: random.Random,
    unit: Unit = lambda question: question,
) -> list[list[int]]:
    """For each row the questions it gets, as many as can be, no unit twice, and of these the cheapest.

    The units that can be matched at once are the independent sets of a transversal matroid (Edmonds and Fulkerson,
    1965), so taking them in the order of their cost, each that still can be matched, gives the cheapest filling: its
    sorted costs are the least, one by one. A unit costs what its cheapest member does; where members of one group fit
    different rows at different costs, the filling may therefore be dearer than need be (never smaller). Chance decides
    among equals.
    """
    members: dict[Hashable, dict[int, list[int]]] = {}
    for row, pool in enumerate(pools):
        for question in sorted(set(pool)):
            members.setdefault(unit(question), {}).setdefault(row, []).append(question)
    least = {key: min(cost(q) for row in rows.values() for q in row) for key, rows in members.items()}
    order = sorted(members, key=lambda key: min(min(row) for row in members[key].values()))
    chance.shuffle(order)
    order.sort(key=lambda key: least[key])
    filled: list[list[Hashable]] = [[] for _ in counts]
    closed = {row for row, count in enumerate(counts) if count == 0}
    for key in order:
        if len(closed) == len(counts):
            break
        if not _augment(key, members, filled, counts, closed):
            continue
    result = []
    for row, keys in enumerate(filled):
        chosen = []
        for key in keys:
            candidates = list(members[key][row])
            chance.shuffle(candidates)
            chosen.append(min(candidates, key=cost))
        result.append(chosen)
    return result


def _augment(
    key: Hashable,
    members: dict[Hashable, dict[int, list[int]]],
    filled: list[list[Hashable]],
    counts: Sequence[int],
    closed: set[int],
) -> bool:
    """Give this unit a row, moving others to other rows where that makes room. Rows that no room is behind are closed."""
    came: dict[int, tuple[int, Hashable]] = {}  # row → the row before it, and the unit that would move
    waiting: deque[int] = deque()
    for row in members[key]:
        if row not in closed:
            came[row] = (-1, key)
            waiting.append(row)
    while waiting:
        row = waiting.popleft()
        if len(filled[row]) < counts[row]:
            while row != -1:
                before, mover = came[row]
                if before != -1:
                    filled[before].remove(mover)
                filled[row].append(mover)
                row = before
            return True
        for other in filled[row]:
            for further in members[other]:
                if further not in came and further not in closed:
                    came[further] = (row, other)
                    waiting.append(further)
    closed.update(came)
    return False
