"""A paper drawn to be looked at: the same drawing as for a sitting, stored nowhere."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from assessments.exceptions import InfeasibleMatrix
from assessments.models import QuestionVersion, Quiz
from assessments.papers import draw_paper
from assessments.question_types import get_type
from assessments.services.papers import load_candidates
from assessments.services.quiz import blueprint_of, named_shortages, pools_of
from common.messages import filled


@dataclass(frozen=True, slots=True)
class SampleSlot:
    """One place of the paper as the candidate's template shows it."""

    slot: int
    number: int | None
    template: str
    stem: str
    answers_in_stem: bool
    body: Any
    view: dict[str, Any]


def sample_paper(quiz: Quiz, *, seed: str) -> list[SampleSlot]:
    """A paper of the quiz as edited now; the same seed gives the same one while the bank stays as it is.

    Raises InfeasibleMatrix when the quiz has no question or the bank cannot fill its matrix.
    """
    blueprint = blueprint_of(quiz)
    if blueprint.question_count == 0:
        raise InfeasibleMatrix(_("The quiz has no questions; add a question or a row to its matrix."))
    try:
        paper = draw_paper(blueprint, pools=pools_of(blueprint), load=load_candidates, seed=seed)
    except ValueError:
        rows = {"rows": "; ".join(named_shortages(quiz))}
        raise InfeasibleMatrix(filled(_("The bank does not have enough questions: %(rows)s."), rows)) from None
    versions = QuestionVersion.objects.in_bulk([slot.version for slot in paper])
    shown: list[SampleSlot] = []
    count = itertools.count(1)
    for place in paper:
        question_type = get_type(place.type)
        variant: Any = place.as_json()["variant"]
        body = question_type.drawn(question_type.Body.model_validate(versions[place.version].body), variant)
        view = question_type.view(body, question_type.Response(), variant)
        shown.append(
            SampleSlot(
                slot=place.slot,
                number=next(count) if question_type.is_answered else None,
                template=question_type.template,
                stem=question_type.shown_stem(body, variant),
                answers_in_stem=question_type.answers_in_stem,
                body=body,
                view=view,
            )
        )
    return shown
