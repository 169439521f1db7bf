"""The shape of questions/*.yaml, quizzes.yaml and content/exams/*.yaml."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from courses.services import Line, Slug

IdNumber = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]*$", max_length=100)]
Difficulty = Literal["basic", "intermediate", "advanced"]
Nature = Literal["knowledge", "situation"]


class QuestionFacts(BaseModel):
    """One question; `body` is checked by its type."""

    model_config = ConfigDict(extra="forbid")

    id: IdNumber
    type: str
    name: Line = Field(default="", max_length=255)
    difficulty: Difficulty = "basic"
    nature: Nature = "knowledge"
    outcome: Line = Field(default="", max_length=40)
    tags: list[Line] = []
    exam_only: bool = False
    body: dict[str, Any]


class CategoryFile(BaseModel):
    """One file of questions."""

    model_config = ConfigDict(extra="forbid")

    category: Line = Field(min_length=1, max_length=400)
    questions: list[QuestionFacts]

    @property
    def path(self) -> list[str]:
        """Names of the category from the root's child down."""
        return split_path(self.category)


class DrawFacts(BaseModel):
    """A row of the matrix."""

    model_config = ConfigDict(extra="forbid")

    bank: Slug | None = None
    category: Line | None = None
    difficulty: Difficulty | Literal[""] = ""
    nature: Nature | Literal[""] = ""
    outcome: Line = ""
    count: int = Field(ge=1, le=500)
    mark: Decimal = Field(gt=0, le=1000)


class QuizFacts(BaseModel):
    """One quiz."""

    model_config = ConfigDict(extra="forbid")

    slug: Slug
    kind: Literal["check", "practice", "test", "exam"]
    title: Line = Field(min_length=1, max_length=200)
    title_en: Line = Field(default="", max_length=200)
    pass_percent: Decimal = Field(default=Decimal(70), ge=0, le=100)
    time_limit_minutes: Decimal | None = Field(default=None, gt=0, le=1440)
    attempts: int | None = Field(default=None, ge=1, le=1000)
    attempt_grade: Literal["best", "last", "first", "mean"] = "best"
    shuffle_questions: bool = True
    shuffle_choices: bool = True
    feedback: Literal["never", "after_submit", "after_pass", "after_close"] = "after_submit"
    draw: list[DrawFacts] = []
    fixed: list[str] = []


class QuizFile(BaseModel):
    """quizzes.yaml."""

    model_config = ConfigDict(extra="forbid")

    quizzes: list[QuizFacts]


def split_path(category: str) -> list[str]:
    """`A / B` → ["A", "B"]."""
    return [part.strip() for part in category.split(" / ") if part.strip()]
