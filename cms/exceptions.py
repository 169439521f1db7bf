"""Why the portal room refuses."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise

from common.exceptions import Refusal


@dataclass
class Problem:
    """One thing wrong with a source file: where, and what to do."""

    source: str
    line: int
    message: str | Promise

    def __str__(self) -> str:
        place = f"{self.source}:{self.line}" if self.line else self.source
        return f"{place}: {self.message}"


class InvalidContent(Refusal):
    """A content file cannot be taken; `problems` lists each place."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems
