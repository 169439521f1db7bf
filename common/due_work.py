"""How much work is due in each room, for the health page: a room registers how to count it."""

from __future__ import annotations

from collections.abc import Callable

_counts: dict[str, Callable[[], int]] = {}


def register_due_work(name: str, count: Callable[[], int]) -> None:
    """Let `count` answer how many rows of `name` ("sittings to grade") wait; the last one named so counts."""
    _counts[name] = count


def count_due_work() -> dict[str, int]:
    """Rows that wait, by name in alphabetical order; one query a name."""
    return {name: _counts[name]() for name in sorted(_counts)}
