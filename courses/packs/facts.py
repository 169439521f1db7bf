"""The shape of pack.yaml and of a lesson's front matter."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.functional_validators import BeforeValidator

from common.html import plain_text
from common.vietnamese import nfc


def _clean_line(value: Any) -> Any:
    return " ".join(plain_text(nfc(value)).split()) if isinstance(value, str) else value


Line = Annotated[str, BeforeValidator(_clean_line)]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=100)]


class Outcome(BaseModel):
    """A learning outcome."""

    model_config = ConfigDict(extra="forbid")

    code: Line = Field(min_length=1, max_length=40)
    text: Line = Field(min_length=1, max_length=500)


class Completion(BaseModel):
    """When the course is complete."""

    model_config = ConfigDict(extra="forbid")

    gated: bool = True
    lessons: Literal["all", "none"] = "all"
    test: Slug | None = None


class CertificateFacts(BaseModel):
    """Which certificate completing earns."""

    model_config = ConfigDict(extra="forbid")

    template: Slug
    validity_months: int | None = Field(default=None, ge=1, le=600)


class PackFacts(BaseModel):
    """pack.yaml."""

    model_config = ConfigDict(extra="forbid")

    format: Literal[1]
    slug: Slug
    code: Line = Field(min_length=1, max_length=40)
    title: Line = Field(min_length=1, max_length=200)
    title_en: Line = Field(default="", max_length=200)
    summary: Line = Field(min_length=1, max_length=500)
    summary_en: Line = Field(default="", max_length=500)
    outcome: Line = Field(default="", max_length=500)
    level: Literal["basic", "intermediate", "advanced"] = "basic"
    hours: Decimal = Field(default=Decimal(1), gt=0, le=1000)
    subject: Slug
    audiences: list[Slug] = []
    competences: list[str] = []
    author: Line = Field(default="", max_length=200)
    image: str = ""
    image_alt: Line = Field(default="", max_length=300)
    outcomes: list[Outcome] = []
    completion: Completion = Completion()
    certificate: CertificateFacts | None = None
    licence: Line = Field(default="", max_length=100)


class LessonFacts(BaseModel):
    """Front matter of a lesson."""

    model_config = ConfigDict(extra="forbid")

    title: Line = Field(min_length=1, max_length=200)
    summary: Line = Field(default="", max_length=500)
    minutes: int = Field(default=10, ge=1, le=600)
    check: Slug | None = None


def explain(problem: ValidationError) -> list[str]:
    """One line for each thing wrong: key and reason."""
    return [f"{'.'.join(str(part) for part in error['loc']) or 'file'}: {error['msg']}" for error in problem.errors()]
