"""Papers: drawn, stored, and which one a candidate gets."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _

from assessments.exceptions import SittingRefused
from assessments.models import Paper, Question, Quiz, QuizVersion
from assessments.papers import Blueprint, Candidate, draw_paper
from assessments.question_types import get_type
from assessments.services.quiz import pools_of
from common.digests import digest_of


def paper_for(*, person: Any, quiz: Quiz, version: QuizVersion, attempt: int, at: datetime) -> Paper:
    """The paper of this person's attempt at a version of the quiz; drawn now.

    Raises SittingRefused when the bank has become too small since publishing.
    """
    blueprint = Blueprint.model_validate(version.blueprint)
    return make_paper(quiz_version=version, blueprint=blueprint, seed=secrets.token_hex(16), at=at)


def make_paper(*, quiz_version: QuizVersion, blueprint: Blueprint, seed: str, at: datetime) -> Paper:
    """Draw and store one paper. Raises SittingRefused when the bank has become too small since publishing."""
    try:
        slots = draw_paper(blueprint, pools=pools_of(blueprint), load=load_candidates, seed=seed)
    except (ValueError, KeyError):
        raise SittingRefused(
            _("The question bank no longer has enough questions for this quiz; tell the exam officer.")
        ) from None
    stored = [slot.as_json() for slot in slots]
    return Paper.objects.create(
        quiz_version=quiz_version,
        seed=seed,
        slots=stored,
        max_score=sum(slot.mark for slot in slots),
        digest=digest_of({"quiz_version": quiz_version.digest, "seed": seed, "slots": stored}),
        created_at=at,
    )


def load_candidates(questions: list[int]) -> dict[int, Candidate]:
    """The current versions of these questions, ready for a paper."""
    rows = Question.objects.filter(pk__in=questions, current_version__isnull=False).values_list(
        "pk",
        "current_version_id",
        "current_version__type",
        "current_version__digest",
        "current_version__body",
    )
    return {pk: _candidate(pk, version, type_name, digest, body) for pk, version, type_name, digest, body in rows}


def _candidate(pk: int, version: int, type_name: str, digest: str, stored: Mapping[str, Any]) -> Candidate:
    question_type = get_type(type_name)
    body = question_type.Body.model_validate(stored)
    return Candidate(
        pk,
        version,
        type_name,
        digest,
        question_type.permutables(body),
        is_answered=question_type.is_answered,
        make_variant=partial(question_type.make_variant, body),
        pinned=question_type.pinned(body),
    )
