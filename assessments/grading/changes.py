"""What a regrade changes, and what each change does to one place of a paper. Pure: no ORM, no Celery."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

REMOVED = "removed"


class Change(BaseModel):
    """One question of a quiz, marked otherwise.

    `again`: by the version that each candidate saw. `version`: by `to_version`, also for those who saw another one –
    never done unless chosen so. `full_marks`: the question is void and everybody who had it gets its mark. `remove`:
    it is void and counts for nobody, neither earned nor possible. `from_versions` limits the change to who saw one of
    these versions; empty: whoever had the question.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    question: int
    action: Literal["again", "version", "full_marks", "remove"]
    from_versions: tuple[int, ...] = ()
    to_version: int | None = Field(default=None)

    @model_validator(mode="after")
    def _version_where_needed(self) -> Change:
        if (self.to_version is not None) != (self.action == "version"):
            raise ValueError("a version is named exactly where marking goes by another one")
        return self

    def concerns(self, *, question: int, version: int) -> bool:
        """Whether a place of a paper with this question, as this version, is marked otherwise."""
        return question == self.question and (not self.from_versions or version in self.from_versions)


def change_of(changes: Iterable[Change], *, question: int, version: int) -> Change | None:
    """The change that a place of a paper is under, if any."""
    return next((change for change in changes if change.concerns(question=question, version=version)), None)


def read_changes(stored: Sequence[object]) -> tuple[Change, ...]:
    """Changes as Regrade keeps them. Raises ValueError: not of this form, none, or a question named twice."""
    changes = tuple(Change.model_validate(one) for one in stored)
    if not changes or len({change.question for change in changes}) < len(changes):
        raise ValueError("each question once, and one at least")
    return changes
