"""Why the people room refuses."""

from __future__ import annotations

from common.exceptions import Refusal


class InvalidPerson(Refusal):
    """A person's data cannot be right, or belongs to somebody else."""


class InvalidCitizenId(InvalidPerson):
    """Not a citizen id (CCCD): 12 digits with a known province, and a birth date that fits."""


class InvalidUnit(Refusal):
    """A unit cannot be opened, closed or moved as asked."""


class InvalidAssignment(Refusal):
    """An assignment overlaps another or lies outside the unit's life."""


class InvalidRoster(Refusal):
    """A roster file cannot be read at all, or cannot be applied."""


class InvalidToken(Refusal):
    """An API token that cannot be made."""
