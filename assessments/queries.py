"""Reads that more than one caller needs."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from assessments.models import QuestionVersion, Quiz, ResponseEvent, Sitting, SlotGrade
from assessments.papers.disguise import disguised_response, disguised_view, names_of
from assessments.question_types import get_type
from assessments.services.grading import last_answers

OUTCOMES = {
    "right": _("Right"),
    "partial": _("Partly right"),
    "wrong": _("Wrong"),
    "unanswered": _("Not answered"),
    "invalid": _("Not readable"),
    "needs_marking": _("Waits for a marker"),
}


@dataclass(frozen=True, slots=True)
class ShownSlot:
    """One place of a paper as a template shows it; a text that asks nothing has no `number`."""

    slot: int
    number: int | None
    type: str
    template: str
    stem: str
    answers_in_stem: bool
    body: Any
    view: dict[str, Any]
    mark: str
    response: dict[str, Any]
    answered: bool
    flagged: bool
    outcome: str | Promise
    earned: Any
    feedback: str
    outcome_code: str


def shown_slots(sitting: Sitting, *, with_result: bool) -> list[ShownSlot]:
    """Every slot of the sitting's paper with what was answered; three queries for any number of slots.

    Only `with_result` tells what was right: otherwise views and responses hold no key, and answers have the names
    that this paper gives them.
    """
    versions = QuestionVersion.objects.in_bulk([slot["version"] for slot in sitting.paper.slots])
    answers, flagged = last_answers(sitting), flagged_slots(sitting)
    if with_result:
        runs = SlotGrade.objects.filter(run_id=sitting.current_run_id) if sitting.current_run_id else []
        grades = {row.slot: row for row in runs}
        shown = [_shown(slot, versions, answers, grades, with_result=True) for slot in sitting.paper.slots]
    else:
        shown = [
            _shown(
                slot,
                versions,
                answers,
                {},
                with_result=False,
                names=names_of(seed=sitting.paper.seed, slot=slot),
                is_flagged=slot["slot"] in flagged,
            )
            for slot in sitting.paper.slots
        ]
    return numbered(shown)


def numbered(slots: list[ShownSlot]) -> list[ShownSlot]:
    """The slots with the numbers of the questions, counted without the texts that ask nothing."""
    count = itertools.count(1)
    return [replace(slot, number=next(count) if get_type(slot.type).is_answered else None) for slot in slots]


def flagged_slots(sitting: Sitting) -> set[int]:
    """Places that the candidate marked to come back to."""
    flags = sitting.events.filter(kind=ResponseEvent.Kind.FLAG).order_by("seq").values_list("slot", "response")
    last = {slot: response for slot, response in flags if slot is not None}
    return {slot for slot, response in last.items() if response == {"flagged": True}}


def answered_count(sitting: Sitting) -> int:
    """How many questions have an answer that was not cleared again."""
    return sum(1 for slot in shown_slots(sitting, with_result=False) if slot.answered)


def _shown(
    slot: dict[str, Any],
    versions: Any,
    answers: Any,
    grades: Any,
    *,
    with_result: bool,
    names: Mapping[str, str] | None = None,
    is_flagged: bool = False,
) -> ShownSlot:
    version = versions[slot["version"]]
    question_type = get_type(version.type)
    body = question_type.drawn(question_type.Body.model_validate(version.body), slot["variant"])
    event = answers.get(slot["slot"])
    raw = (event.response if event is not None else None) or {}
    try:
        response = question_type.Response.model_validate(raw)
    except ValueError:
        response = question_type.Response()
    grade = grades.get(slot["slot"])
    view = question_type.view(body, response, slot["variant"])
    return ShownSlot(
        slot=slot["slot"],
        number=None,
        type=version.type,
        stem=question_type.shown_stem(body, slot["variant"]),
        answers_in_stem=question_type.answers_in_stem,
        template=question_type.result_template if with_result else question_type.template,
        body=body,
        view=view if with_result else disguised_view(view, names or {}),
        mark=slot["mark"],
        response=raw if with_result else disguised_response(raw, names or {}),
        answered=not question_type.is_empty(response),
        flagged=is_flagged,
        outcome=OUTCOMES.get(grade.state, "") if grade is not None else "",
        outcome_code=grade.state if grade is not None else "",
        earned=grade.mark if grade is not None else None,
        feedback=body.feedback_for(grade.state) if grade is not None else "",
    )


def attempts_of(person: Any, quiz: Quiz, *, enrolment: Any = None) -> QuerySet[Sitting]:
    """A person's sittings of a quiz, in this enrolment when there is one, newest first."""
    return Sitting.objects.filter(person=person, quiz=quiz, enrolment=enrolment).order_by("-attempt")


def topics(sitting: Sitting) -> list[dict[str, Any]]:
    """How the candidate did by category of question: right and all, in the order of the paper."""
    rows = (
        SlotGrade.objects.filter(run_id=sitting.current_run_id)
        .select_related("question_version__question__category")
        .order_by("slot")
    )
    found: dict[int, dict[str, Any]] = {}
    for row in rows:
        category = row.question_version.question.category
        entry = found.setdefault(category.pk, {"name": category.name, "right": 0, "count": 0})
        entry["count"] += 1
        entry["right"] += row.state == "right"
    return list(found.values())


def right_answers(sitting: Sitting) -> dict[str, list[str]]:
    """The form fields of a paper answered right."""
    versions = QuestionVersion.objects.in_bulk([slot["version"] for slot in sitting.paper.slots])
    fields: dict[str, list[str]] = {}
    for slot in sitting.paper.slots:
        version = versions[slot["version"]]
        question_type = get_type(version.type)
        body = question_type.drawn(question_type.Body.model_validate(version.body), slot["variant"])
        right = question_type.Response.model_validate(question_type.correct_response(body))
        fields.update(question_type.to_form(body, right, f"q{slot['slot']}"))
    return fields
