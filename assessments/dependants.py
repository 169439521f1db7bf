"""What hangs on a result in higher rooms: each registers how to find it, so that a regrade can say so beforehand."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Dependant:
    """One thing that stands on a sitting: its kind's key, and a line for people."""

    kind: str
    sitting: str
    text: str | Promise


Finder = Callable[[Collection[str], Collection[int]], list[Dependant]]
_finders: dict[str, Finder] = {}


def register_dependants(kind: str, find: Finder) -> None:
    """Let `find(public ids of sittings, ids of their people)` tell what of a kind stands on them, in few queries."""
    _finders[kind] = find


def dependants_of(sittings: Collection[str], people: Collection[int]) -> list[Dependant]:
    """Everything that stands on these sittings (public ids) of these people."""
    return [one for find in _finders.values() for one in find(sittings, people)] if sittings else []
