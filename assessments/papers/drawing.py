"""Drawing a paper from a seed: the same seed and the same candidates give the same paper, for ever.

Rows of a matrix may overlap (a category and the whole bank), so whether the matrix can be met is a matching
problem: each place in each row needs a question of its own. Greedy filling can fail where a solution exists;
augmenting paths (Kuhn, 1955) find one whenever there is one.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from assessments.papers.blueprint import Blueprint

# Answers beside their prompts, words beside their gaps, drags beside their zones, items in their order: as written
# they would be the key.
ALWAYS_SHUFFLED = frozenset({"answers", "words", "drags", "items"})
NEVER_AS_WRITTEN = frozenset({"items"})  # three or more never stand in the right order by chance


@dataclass(frozen=True, slots=True)
class Candidate:
    """A question that may be drawn: its id, its current version, and what may be shuffled in it.

    `permutables` maps a name ("choices") to the ids in the author's order; `make_variant` gives the values of one
    paper for a seed. Without `is_answered` it is only a text to read, which earns nothing.
    """

    question: int
    version: int
    type: str
    digest: str
    permutables: Mapping[str, Sequence[str]]
    is_answered: bool = True
    make_variant: Callable[[str], Mapping[str, Any]] = lambda _seed: {}


@dataclass(frozen=True, slots=True)
class PaperSlot:
    """One place of a paper, as stored in Paper.slots."""

    slot: int
    question: int
    version: int
    type: str
    digest: str
    mark: Decimal
    order: dict[str, list[str]]
    values: Mapping[str, Any] = field(default_factory=dict)
    section: int = 1
    requires: int | None = None

    def as_json(self) -> dict[str, object]:
        """The stored form; marks are decimal strings, `requires` is the slot that must be answered before."""
        return {
            "slot": self.slot,
            "question": self.question,
            "version": self.version,
            "type": self.type,
            "digest": self.digest,
            "mark": str(self.mark),
            "section": self.section,
            **({"requires": self.requires} if self.requires is not None else {}),
            "variant": {**self.values, **({"order": self.order} if self.order else {})},
        }


@dataclass(frozen=True, slots=True)
class Shortage:
    """A row of the matrix that the bank cannot fill beside the others; row numbers count from 0."""

    row: int
    wanted: int
    available: int


def find_shortages(blueprint: Blueprint, pools: Sequence[Sequence[int]]) -> list[Shortage]:
    """Rows that cannot be filled. `pools[i]` are the questions that row i may take.

    Fixed questions are taken before. Empty when every row can be filled at once.
    """
    fixed = {question.question for question in blueprint.fixed}
    filled = _match(blueprint, pools, fixed, random.Random(0))  # noqa: S311  reproducible on purpose
    return [
        Shortage(row, draw.count, len(filled[row]))
        for row, draw in enumerate(blueprint.draws)
        if len(filled[row]) < draw.count
    ]


def draw_paper(
    blueprint: Blueprint,
    *,
    pools: Sequence[Sequence[int]],
    load: Callable[[list[int]], Mapping[int, Candidate]],
    seed: str,
) -> list[PaperSlot]:
    """The slots of one paper.

    `pools[i]` are the question ids that row i may take, in any order (they are sorted first); `load` gives the
    questions that were chosen, and only those. Raises ValueError when a row cannot be filled (see find_shortages)
    and KeyError when a chosen question cannot be loaded.
    """
    chance = random.Random(seed)  # noqa: S311  reproducible on purpose
    fixed = [question.question for question in blueprint.fixed]
    filled = _match(blueprint, pools, set(fixed), chance)
    for row, draw in enumerate(blueprint.draws):
        if len(filled[row]) < draw.count:
            raise ValueError(f"row {row} wants {draw.count} questions and can have {len(filled[row])}")
    chosen = [(question.question, question.mark) for question in blueprint.fixed]
    for row, draw in enumerate(blueprint.draws):
        chosen += [(question, draw.mark) for question in filled[row]]
    if blueprint.shuffle_questions:
        chance.shuffle(chosen)
    candidates = load([question for question, _mark in chosen])
    slots = []
    for number, (question, mark) in enumerate(chosen, start=1):
        candidate = candidates[question]
        order = draw_order(candidate.permutables, chance=chance, shuffle_choices=blueprint.shuffle_choices)
        mark = mark if candidate.is_answered else Decimal(0)
        # By a seed of its own, so that values take nothing from the chance that orders the rest.
        values = candidate.make_variant(f"{seed}:{number}")
        slots.append(
            PaperSlot(number, question, candidate.version, candidate.type, candidate.digest, mark, order, values)
        )
    return slots


def draw_order(
    permutables: Mapping[str, Sequence[str]], *, chance: random.Random, shuffle_choices: bool = True
) -> dict[str, list[str]]:
    """The order of what a question lets be shuffled; without `shuffle_choices` only of what must be."""
    order: dict[str, list[str]] = {}
    for name, ids in sorted(permutables.items()):
        if shuffle_choices or name in ALWAYS_SHUFFLED:
            shuffled = list(ids)
            chance.shuffle(shuffled)
            while name in NEVER_AS_WRITTEN and len(set(ids)) > 2 and shuffled == list(ids):
                chance.shuffle(shuffled)
            order[name] = shuffled
    return order


def _match(
    blueprint: Blueprint, pools: Sequence[Sequence[int]], taken: set[int], chance: random.Random
) -> list[list[int]]:
    """For each row the questions it gets, as many as can be, no question twice."""
    shuffled: list[list[int]] = []
    for pool in pools:
        row_pool = sorted(set(pool) - taken)
        chance.shuffle(row_pool)
        shuffled.append(row_pool)
    owner: dict[int, int] = {}

    def place(row: int, visited: set[int]) -> bool:
        stack: list[tuple[int, int, int]] = [(row, 0, -1)]  # row, next index in its pool, question it gives up
        while stack:
            current, index, given_up = stack.pop()
            pool = shuffled[current]
            while index < len(pool):
                question = pool[index]
                index += 1
                if question in visited:
                    continue
                visited.add(question)
                if question not in owner:
                    owner[question] = current
                    # Each row on the stack takes over the question that the row above it just gave up.
                    freed = given_up
                    while stack:
                        below, _next, below_given_up = stack.pop()
                        owner[freed] = below
                        freed = below_given_up
                    return True
                stack.append((current, index, given_up))
                stack.append((owner[question], 0, question))
                break
        return False

    for row, draw in enumerate(blueprint.draws):
        for _place in range(draw.count):
            if not place(row, set()):
                break
    result: list[list[int]] = [[] for _ in blueprint.draws]
    for row, pool in enumerate(shuffled):
        result[row] = [question for question in pool if owner.get(question) == row]
    return result
