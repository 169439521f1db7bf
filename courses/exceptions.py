"""Why the courses room refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.exceptions import Refusal

if TYPE_CHECKING:
    from courses.packs.parts import PackProblem


class EnrolmentRefused(Refusal):
    """The course takes no enrolment, or not from this person now."""


class LessonLocked(Refusal):
    """A lesson before it, or its check, is not done yet."""


class NotEnrolled(Refusal):
    """The enrolment is over or not of this course."""


class InvalidPack(Refusal):
    """A content pack cannot be taken; `problems` lists each place."""

    def __init__(self, problems: list[PackProblem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class CannotExport(Refusal):
    """The course has nothing to write a pack from."""
