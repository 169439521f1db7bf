"""Whether a blueprint can become papers: what is missing, row by row, and what contradicts itself."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from assessments.papers.blueprint import Blueprint
from assessments.papers.drawing import PLAIN, free_pools
from assessments.papers.matching import fill_by_chance
from assessments.papers.policies import Policies

WHOLE = 10_000  # hundredths of a percent


@dataclass(frozen=True, slots=True)
class Shortage:
    """A row of the matrix that the bank cannot fill beside the others; row numbers count from 0.

    `by_exposure`: one paper could be filled, but not many of them within the limit of exposure; then `wanted` and
    `available` are numbers of questions that all papers together need.
    """

    row: int
    wanted: int
    available: int
    by_exposure: bool = False


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Something about parts, chains or fixed questions that no bank can mend. `row` counts from 0 in its list."""

    kind: Literal["empty_section", "no_such_section", "nothing_before", "text_before", "exclusive"]
    row: int
    of: Literal["sections", "fixed", "draws"]
    section: int = 1
    other: int = 0


def find_shortages(blueprint: Blueprint, pools: Sequence[Sequence[int]], policies: Policies = PLAIN) -> list[Shortage]:
    """Rows that cannot be filled. `pools[i]` are the questions that row i may take.

    Fixed questions and what they exclude are taken before; of what excludes each other a paper has one. Empty when every
    row can be filled at once and, where the blueprint limits exposure, in all papers within that limit.
    """
    counts = [draw.count for draw in blueprint.draws]
    free = free_pools(blueprint, pools, policies)
    filled = fill_by_chance(counts, free, chance=random.Random(0), unit=policies.unit)  # noqa: S311
    short = [Shortage(row, n, len(filled[row])) for row, n in enumerate(counts) if len(filled[row]) < n]
    if short or blueprint.exposure_percent is None:
        return short
    return _exposure_shortages(counts, free, blueprint.exposure_percent, policies)


def _exposure_shortages(
    counts: Sequence[int], pools: Sequence[Sequence[int]], percent: Decimal, policies: Policies
) -> list[Shortage]:
    """Rows that many papers cannot fill with each question in at most `percent` of them.

    In the long run a question gives `percent` of a place, a group at most a whole one: a maximum flow from questions to
    rows. Questions that fit the same rows are counted together. A group counts where its members fit, all in one.
    """
    share = int(percent * WHOLE / 100)
    members: dict[object, list[int]] = {}
    rows_of: dict[object, set[int]] = {}
    for row, pool in enumerate(pools):
        for question in set(pool):
            key = policies.unit(question)
            rows_of.setdefault(key, set()).add(row)
            members.setdefault(key, []).append(question)
    capacity: dict[tuple[int, ...], int] = {}
    for unit, fitting in rows_of.items():
        kind = tuple(sorted(fitting))
        capacity[kind] = capacity.get(kind, 0) + min(WHOLE, share * len(set(members[unit])))
    given = _flow(capacity, [count * WHOLE for count in counts])
    return [
        Shortage(row, -(-count * WHOLE // share), given[row] // share, by_exposure=True)
        for row, count in enumerate(counts)
        if given[row] < count * WHOLE
    ]


def _flow(capacity: Mapping[tuple[int, ...], int], wanted: Sequence[int]) -> list[int]:
    """How much each row gets, earlier rows first: augmenting paths from what is left to what is wanted."""
    left = dict(capacity)
    sent: dict[tuple[int, ...], dict[int, int]] = {kind: {} for kind in capacity}
    given = [0] * len(wanted)
    for row, amount in enumerate(wanted):
        while given[row] < amount:
            came: dict[int, tuple[int, tuple[int, ...]]] = {row: (-1, ())}
            waiting, source, end = deque([row]), None, row
            while waiting and source is None:
                end = waiting.popleft()
                for kind in sorted(capacity):
                    if end not in kind:
                        continue
                    if left[kind] > 0:
                        source = kind
                        break
                    for other, much in sent[kind].items():
                        if much > 0 and other not in came:
                            came[other] = (end, kind)
                            waiting.append(other)
            if source is None:
                break
            much, at = min(left[source], amount - given[row]), end
            while came[at][0] != -1:
                much = min(much, sent[came[at][1]][at])
                at = came[at][0]
            left[source] -= much
            sent[source][end] = sent[source].get(end, 0) + much
            at = end
            while came[at][0] != -1:
                before, kind = came[at]
                sent[kind][at] -= much
                sent[kind][before] = sent[kind].get(before, 0) + much
                at = before
            given[row] += much
    return given


def find_contradictions(
    blueprint: Blueprint, *, policies: Policies = PLAIN, texts: frozenset[int] = frozenset()
) -> list[Contradiction]:
    """What is wrong with parts, chains and fixed questions. `texts` are questions that are only read."""
    found: list[Contradiction] = []
    sections = len(blueprint.sections)
    rows = [("fixed", i, row.section) for i, row in enumerate(blueprint.fixed)]
    rows += [("draws", i, row.section) for i, row in enumerate(blueprint.draws)]
    for number in range(1, sections + 1):
        if all(section != number for _of, _row, section in rows):
            found.append(Contradiction("empty_section", number - 1, "sections", number))
    for of, row, section in rows:
        if section > max(sections, 1):
            found.append(Contradiction("no_such_section", row, of, section))  # type: ignore[arg-type]
    chain_of: dict[int, list[int]] = {}  # part → the fixed questions of the chain that is being built
    for row, question in enumerate(blueprint.fixed):
        chain = chain_of.setdefault(question.section if sections else 1, [])
        if not question.requires_previous:
            chain.clear()
        elif not chain:
            found.append(Contradiction("nothing_before", row, "fixed", question.section))
        elif all(before in texts for before in chain):
            found.append(Contradiction("text_before", row, "fixed", question.section))
        chain.append(question.question)
    first_of: dict[object, int] = {}
    for row, question in enumerate(blueprint.fixed):
        unit = policies.unit(question.question)
        if unit in first_of:
            found.append(Contradiction("exclusive", row, "fixed", other=first_of[unit]))
        first_of.setdefault(unit, row)
    return found
