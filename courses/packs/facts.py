"""The shape of pack.yaml and of a lesson's front matter."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.functional_validators import BeforeValidator
from pydantic_core import ErrorDetails

from common.html import plain_text
from common.messages import filled, in_both
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
    hours: Decimal = Field(default=Decimal(1), gt=0, le=1000, decimal_places=1)
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
    image: str = ""
    image_alt: Line = Field(default="", max_length=300)
    check: Slug | None = None


# What pydantic says in English, said again for authors in both languages; `%(…)s` come from the error's context.
REASONS: dict[str, str | Promise] = {
    "missing": _("is missing"),
    "extra_forbidden": _("is not a known key"),
    "string_type": _("must be a text; put it in quotes"),
    "string_too_short": _("must not be empty"),
    "string_too_long": _("is longer than %(max_length)s characters"),
    "string_pattern_mismatch": _("may hold only small letters a–z, digits and single hyphens"),
    "literal_error": _("must be one of: %(expected)s"),
    "int_type": _("must be a whole number"),
    "int_parsing": _("must be a whole number"),
    "int_from_float": _("must be a whole number"),
    "bool_type": _("must be true or false"),
    "bool_parsing": _("must be true or false"),
    "decimal_type": _("must be a number"),
    "decimal_parsing": _("must be a number"),
    "decimal_max_places": _("may have %(decimal_places)s decimal at most"),
    "float_type": _("must be a number"),
    "float_parsing": _("must be a number"),
    "finite_number": _("must be a number"),
    "greater_than": _("must be more than %(gt)s"),
    "greater_than_equal": _("must be %(ge)s or more"),
    "less_than": _("must be less than %(lt)s"),
    "less_than_equal": _("must be %(le)s or less"),
    "list_type": _("must be a list"),
    "too_short": _("needs %(min_length)s entries or more"),
    "too_long": _("has more than %(max_length)s entries"),
    "dict_type": _("must be “key: value” lines"),
    "model_type": _("must be “key: value” lines"),
}
MOST_KEY_SHOWN = 80


def explain(problem: ValidationError) -> list[str]:
    """One line for each thing wrong, in both languages: key and reason."""
    return [in_both(_explained(error)) for error in problem.errors()]


def _explained(error: ErrorDetails) -> Promise:
    key = ".".join(str(part) for part in error["loc"]) or "file"
    shown = key if len(key) <= MOST_KEY_SHOWN else f"{key[:MOST_KEY_SHOWN]}…"
    reason = REASONS.get(error["type"], error["msg"].replace("%", "%%"))
    return filled(_("%(key)s: %(reason)s."), {"key": shown, "reason": filled(reason, error.get("ctx", {}))})
