"""What a draw depends on beside the blueprint, the pools and the seed. Stored with the paper, so that it can be replayed.

How often a question was used is counted outside; here it is data. See docs/papers.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# Expected score in percent of the mark where nothing is known from statistics yet: an assumption, the same for all.
EXPECTED_BY_DIFFICULTY = {"basic": 80, "intermediate": 60, "advanced": 40}
EXPECTED = 60


@dataclass(frozen=True, slots=True)
class Policies:
    """What the policies see.

    `groups`: question → name of the group of which a paper has at most one. `seen`: what the candidate had lately, oldest
    first. `used`: question → in how many papers it is already; one in `most` or more is taken only when nothing else is
    left. `expected`: question → expected score in percent. With `balance` papers are drawn towards the mean of their rows.
    `chosen_by`: the seed that chooses the questions, where several papers with orders of their own share them.
    """

    groups: Mapping[int, str] = field(default_factory=dict)
    seen: tuple[int, ...] = ()
    used: Mapping[int, int] = field(default_factory=dict)
    most: int | None = None
    expected: Mapping[int, int] = field(default_factory=dict)
    balance: bool = False
    chosen_by: str = ""

    @property
    def is_plain(self) -> bool:
        """Whether chance alone chooses."""
        return not (self.groups or self.seen or self.used or self.balance)

    def unit(self, question: int) -> str | int:
        """What a paper has at most once: the question, or its group."""
        return self.groups.get(question, question)

    def is_barred(self, question: int) -> bool:
        """Whether it is in as many papers as it may be."""
        return self.most is not None and self.used.get(question, 0) >= self.most

    def inputs(self) -> dict[str, Any]:
        """As it is stored in the paper; groups and expected scores are stored once for many papers, with the pools."""
        stored: dict[str, Any] = {}
        if self.seen:
            stored["seen"] = list(self.seen)
        if self.used:
            stored["used"] = _by_value(self.used)
        if self.most is not None:
            stored["most"] = self.most
        if self.balance:
            stored["balance"] = True
        if self.chosen_by:
            stored["chosen_by"] = self.chosen_by
        return stored

    @classmethod
    def from_inputs(cls, inputs: Mapping[str, Any], basis: Mapping[str, Any]) -> Policies:
        """As they were: from what the paper and its basis have stored."""
        return cls(
            groups={question: name for name, questions in basis.get("groups", ()) for question in questions},
            seen=tuple(inputs.get("seen", ())),
            used=_from_values(inputs.get("used", ())),
            most=inputs.get("most"),
            expected=_from_values(basis.get("expected", ())),
            balance=bool(inputs.get("balance")),
            chosen_by=inputs.get("chosen_by", ""),
        )


def basis_of(pools: list[list[int]], policies: Policies) -> dict[str, Any]:
    """What many papers share: the questions of each row, groups and expected scores, in one canonical form."""
    members: dict[str, list[int]] = {}
    for question, name in policies.groups.items():
        members.setdefault(name, []).append(question)
    stored: dict[str, Any] = {"pools": [sorted(set(pool)) for pool in pools]}
    if members:
        stored["groups"] = [[name, sorted(questions)] for name, questions in sorted(members.items())]
    if policies.expected:
        stored["expected"] = _by_value(policies.expected)
    return stored


def expected_percent(difficulty: str) -> int:
    """The assumed score of a question of this difficulty, in percent."""
    return EXPECTED_BY_DIFFICULTY.get(difficulty, EXPECTED)


def _by_value(values: Mapping[int, int]) -> list[list[Any]]:
    found: dict[int, list[int]] = {}
    for question, value in values.items():
        found.setdefault(value, []).append(question)
    return [[value, sorted(questions)] for value, questions in sorted(found.items())]


def _from_values(stored: Any) -> dict[int, int]:
    return {question: value for value, questions in stored for question in questions}
