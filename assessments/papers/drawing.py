"""Drawing a paper from a seed: the same seed, pools, policies and questions give the same paper, for ever."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from assessments.papers.balance import balanced
from assessments.papers.blueprint import Blueprint
from assessments.papers.matching import fill_by_chance, fill_by_cost
from assessments.papers.policies import Policies

# Answers beside their prompts, words beside their gaps, drags beside their zones, items in their order: as written
# they would be the key.
ALWAYS_SHUFFLED = frozenset({"answers", "words", "drags", "items"})
NEVER_AS_WRITTEN = frozenset({"items"})  # three or more never stand in the right order by chance
PLAIN = Policies()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A question that may be drawn: its id, its current version, and what may be shuffled in it.

    `permutables` maps a name ("choices") to the ids in the author's order, `pinned` to those of them that keep their
    place; `make_variant` gives the values of one paper for a seed. Without `is_answered` it is only a text to read,
    which earns nothing.
    """

    question: int
    version: int
    type: str
    digest: str
    permutables: Mapping[str, Sequence[str]]
    is_answered: bool = True
    make_variant: Callable[[str], Mapping[str, Any]] = lambda _seed: {}
    pinned: Mapping[str, frozenset[str]] = field(default_factory=dict)


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
class _Place:
    question: int
    mark: Decimal
    section: int
    follows: bool = False


def draw_paper(
    blueprint: Blueprint,
    *,
    pools: Sequence[Sequence[int]],
    load: Callable[[list[int]], Mapping[int, Candidate]],
    seed: str,
    policies: Policies = PLAIN,
) -> list[PaperSlot]:
    """The slots of one paper.

    `pools[i]` are the question ids that row i may take, in any order (they are sorted first); `load` gives the
    questions that were chosen, and only those. Raises ValueError when a row cannot be filled (see feasibility.py) and
    KeyError when a chosen question cannot be loaded.
    """
    chance = random.Random(seed)  # noqa: S311  reproducible on purpose
    choosing = random.Random(policies.chosen_by) if policies.chosen_by else chance  # noqa: S311
    filled = choose_questions(blueprint, pools=pools, policies=policies, chance=choosing)
    places = [_Place(row.question, row.mark, row.section, row.requires_previous) for row in blueprint.fixed]
    for row, draw in enumerate(blueprint.draws):
        places += [_Place(question, draw.mark, draw.section) for question in filled[row]]
    ordered = _in_order(blueprint, places, chance)
    candidates = load([place.question for place in ordered])
    slots: list[PaperSlot] = []
    chain: list[PaperSlot] = []
    for number, place in enumerate(ordered, start=1):
        if not place.follows:
            chain = []
        candidate = candidates[place.question]
        order = draw_order(
            candidate.permutables,
            chance=chance,
            shuffle_choices=blueprint.shuffle_choices,
            pinned=candidate.pinned,
        )
        # By a seed of its own, so that values take nothing from the chance that orders the rest; by the question where
        # papers differ in their orders only, so that they do not differ in their numbers.
        own = f"{policies.chosen_by}:q{place.question}" if policies.chosen_by else f"{seed}:{number}"
        slot = PaperSlot(
            slot=number,
            question=place.question,
            version=candidate.version,
            type=candidate.type,
            digest=candidate.digest,
            mark=place.mark if candidate.is_answered else Decimal(0),
            order=order,
            values=candidate.make_variant(own),
            section=place.section,
            requires=_answered_before(chain, candidates),
        )
        chain.append(slot)
        slots.append(slot)
    return slots


def choose_questions(
    blueprint: Blueprint, *, pools: Sequence[Sequence[int]], policies: Policies, chance: random.Random
) -> list[list[int]]:
    """For each row of the matrix its questions.

    First among those that are neither seen nor in as many papers as they may be; where these do not suffice, with seen
    ones, oldest first; and only then with ones that are in too many papers already. Among equals the less used, then
    chance. Raises ValueError when a row cannot be filled at all.
    """
    counts = [draw.count for draw in blueprint.draws]
    free = free_pools(blueprint, pools, policies)
    if policies.is_plain:
        return _complete(counts, fill_by_chance(counts, free, chance=chance))
    recency = {question: rank for rank, question in enumerate(policies.seen, start=1)}
    barred = {question for question in policies.used if policies.is_barred(question)}

    def cost(question: int) -> tuple[bool, int, int]:
        return question in barred, recency.get(question, 0), policies.used.get(question, 0)

    filled: list[list[int]] = []
    for avoided in (barred | recency.keys(), barred, set[int]()):
        narrowed = [[question for question in pool if question not in avoided] for pool in free]
        filled = fill_by_cost(counts, narrowed, cost=cost, chance=chance, unit=policies.unit)
        if all(len(row) == count for row, count in zip(filled, counts, strict=True)):
            if policies.balance:
                return balanced(blueprint, narrowed, filled, policies, cost=cost, chance=chance)
            return filled
    return _complete(counts, filled)


def free_pools(blueprint: Blueprint, pools: Sequence[Sequence[int]], policies: Policies) -> list[list[int]]:
    """The pools without fixed questions and without what these exclude."""
    taken = {policies.unit(row.question) for row in blueprint.fixed}
    return [[question for question in pool if policies.unit(question) not in taken] for pool in pools]


def _complete(counts: Sequence[int], filled: list[list[int]]) -> list[list[int]]:
    for row, count in enumerate(counts):
        if len(filled[row]) < count:
            raise ValueError(f"row {row} wants {count} questions and can have {len(filled[row])}")
    return filled


def _in_order(blueprint: Blueprint, places: Sequence[_Place], chance: random.Random) -> list[_Place]:
    """Part after part; in each, what belongs together stays together, in its order."""
    if not blueprint.sections:
        return _mixed([_Place(p.question, p.mark, 1, p.follows) for p in places], blueprint.shuffle_questions, chance)
    ordered = []
    for number, section in enumerate(blueprint.sections, start=1):
        ordered += _mixed([p for p in places if p.section == number], section.shuffle_questions, chance)
    return ordered


def _mixed(places: Sequence[_Place], shuffle: bool, chance: random.Random) -> list[_Place]:
    chains: list[list[_Place]] = []
    for place in places:
        if place.follows and chains:
            chains[-1].append(place)
        else:
            chains.append([place])
    if shuffle:
        chance.shuffle(chains)
    return [place for chain in chains for place in chain]


def _answered_before(chain: Sequence[PaperSlot], candidates: Mapping[int, Candidate]) -> int | None:
    """The nearest slot before it in its chain that can be answered."""
    return next((slot.slot for slot in reversed(chain) if candidates[slot.question].is_answered), None)


def draw_order(
    permutables: Mapping[str, Sequence[str]],
    *,
    chance: random.Random,
    shuffle_choices: bool = True,
    pinned: Mapping[str, frozenset[str]] | None = None,
) -> dict[str, list[str]]:
    """The order of what a question lets be shuffled; without `shuffle_choices` only of what must be.

    What is pinned stands where the author put it: “none of these” stays last.
    """
    order: dict[str, list[str]] = {}
    for name, ids in sorted(permutables.items()):
        if shuffle_choices or name in ALWAYS_SHUFFLED:
            kept = (pinned or {}).get(name, frozenset())
            moving = [key for key in ids if key not in kept]
            chance.shuffle(moving)
            while name in NEVER_AS_WRITTEN and len(set(ids)) > 2 and moving == list(ids):
                chance.shuffle(moving)
            mixed = iter(moving)
            order[name] = [key if key in kept else next(mixed) for key in ids]
    return order
