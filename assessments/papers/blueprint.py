"""The blueprint of a quiz version: rules, fixed questions and the matrix, as it is stored in QuizVersion."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Mark = Decimal
RIGHT_AFTER_SECONDS = 120  # as in Moodle, so that its users' rules keep their meaning


class FixedQuestion(BaseModel):
    """A question that every paper has."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    question: int
    mark: Mark = Field(gt=0)
    section: int = Field(default=1, ge=1)
    requires_previous: bool = False


class Draw(BaseModel):
    """A row of the matrix: `count` questions among `categories` (ids, branches resolved), narrowed when not empty."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    bank: int
    category: int | None = None
    label: str = ""
    difficulty: str = ""
    nature: str = ""
    outcome: str = ""
    count: int = Field(ge=1)
    mark: Mark = Field(gt=0)
    section: int = Field(default=1, ge=1)


class Section(BaseModel):
    """A part of every paper. With a time limit, parts are sat one after the other and a finished one is closed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    title_en: str = ""
    time_limit_seconds: int | None = Field(default=None, ge=30)
    pass_percent: Decimal | None = Field(default=None, ge=0, le=100)
    shuffle_questions: bool = True


Shown = Literal["response", "correctness", "marks", "right_answer", "feedback"]


class Review(BaseModel):
    """What candidates see of a sitting by moment.

    `during` it; `right_after` handing in (the first `RIGHT_AFTER_SECONDS`); `later`, while the quiz is open; when it is
    `closed`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    during: tuple[Shown, ...] = ()
    right_after: tuple[Shown, ...] = ()
    later: tuple[Shown, ...] = ()
    closed: tuple[Shown, ...] = ()


class Blueprint(BaseModel):
    """Everything that decides a sitting of this version of the quiz."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["check", "practice", "test", "exam"]
    pass_percent: Decimal = Field(ge=0, le=100)
    time_limit_seconds: int | None = Field(default=None, ge=30)
    grace_seconds: int = Field(default=30, ge=0)
    attempts_allowed: int | None = Field(default=None, ge=1)
    attempt_grade: Literal["best", "last", "first", "mean"] = "best"
    shuffle_questions: bool = True
    shuffle_choices: bool = True
    feedback: Literal["never", "after_submit", "after_pass", "after_close", "by_moment"] = "after_submit"
    review: Review | None = None
    behaviour: Literal[
        "deferred",
        "immediate",
        "interactive",
        "adaptive",
        "adaptive_no_penalty",
        "deferred_certainty",
        "immediate_certainty",
    ] = "deferred"
    wrong_penalty: Decimal = Field(default=Decimal(0), ge=0, le=1)
    avoid_seen_days: int | None = Field(default=None, ge=1)
    exposure_percent: Decimal | None = Field(default=None, gt=0, le=100)
    balance_difficulty: bool = False
    release: Literal["automatic", "by_decision"] = "automatic"
    appeal_days: int | None = Field(default=None, ge=1)
    sections: tuple[Section, ...] = ()
    fixed: tuple[FixedQuestion, ...] = ()
    draws: tuple[Draw, ...] = ()

    @property
    def question_count(self) -> int:
        """How many questions a paper has."""
        return len(self.fixed) + sum(draw.count for draw in self.draws)

    @property
    def max_score(self) -> Decimal:
        """Marks of a whole paper."""
        return sum((q.mark for q in self.fixed), Decimal(0)) + sum(
            (draw.mark * draw.count for draw in self.draws), Decimal(0)
        )
