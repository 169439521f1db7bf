"""Parts of a pack that higher rooms own: questions, quizzes, the certificate rule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from django.utils.functional import Promise

if TYPE_CHECKING:
    from courses.models import Course
    from courses.packs.source import PackSource


@dataclass(frozen=True)
class PackProblem:
    """One thing wrong with a pack: which file, which line (0: the whole file), what to do."""

    source: str
    line: int
    message: str | Promise

    def __str__(self) -> str:
        return f"{self.source}:{self.line}: {self.message}" if self.line else f"{self.source}: {self.message}"


class PackPart(Protocol):
    """What a room adds to packs. `check` comes before anything is changed; `apply` runs in the same transaction."""

    name: str

    def check(self, pack: PackSource) -> list[PackProblem]: ...

    def apply(self, *, course: Course, pack: PackSource, by: Any, at: datetime) -> None: ...

    def write(self, *, course: Course, facts: dict[str, Any], target: Path) -> None: ...


_parts: dict[str, PackPart] = {}


def register_pack_part(part: PackPart) -> None:
    """Add a part; called from the owning room's AppConfig.ready."""
    _parts[part.name] = part


def pack_parts() -> list[PackPart]:
    """All parts, in a fixed order."""
    return [_parts[name] for name in sorted(_parts)]
