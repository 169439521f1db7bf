"""Rosters: a file of people and where they work, checked whole, then applied whole or not at all."""

from people.services.roster.apply import apply_roster
from people.services.roster.check import COLUMNS, MOST_ROWS, check_roster

__all__ = ["COLUMNS", "MOST_ROWS", "apply_roster", "check_roster"]
