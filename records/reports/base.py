"""What a report is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Column:
    """A column: heading, and how its value is taken from a row."""

    heading: str | Promise
    value: Callable[[Any], Any]


class Report(Protocol):
    """A report over parameters that were checked for one reader."""

    name: str
    title_for_log: str
    columns: list[Column]

    @property
    def title(self) -> str | Promise:
        """What the report is called."""

    def check(self, parameters: dict[str, Any], *, reader: Any) -> dict[str, Any]:
        """The parameters in stored (JSON) form. Raises ReportRefused outside the reader's scope."""

    def rows(self, parameters: dict[str, Any]) -> Iterator[Any]:
        """The rows, a few at a time."""


def get_report(name: str) -> Report:
    """The report with this name. Raises KeyError."""
    from records.reports.unit_completion import UnitCompletion

    return {UnitCompletion.name: UnitCompletion()}[name]
