"""Reads that more than one caller needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from assessments.models import QuestionVersion, Quiz, Sitting, SlotGrade
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
    """One place of a paper as a template shows it."""

    slot: int
    type: str
    template: str
    body: Any
    view: dict[str, Any]
    mark: str
    response: dict[str, Any]
    answered: bool
    outcome: str | Promise
    earned: Any
    feedback: str
    outcome_code: str


def shown_slots(sitting: Sitting, *, with_result: bool) -> list[ShownSlot]:
    """Every slot of the sitting's paper with what was answered; three queries for any number of slots.

    Only `with_result` tells what was right: otherwise the views that templates get hold no key.
    """
    versions = QuestionVersion.objects.in_bulk([slot["version"] for slot in sitting.paper.slots])
    answers = last_answers(sitting)
    grades: dict[int, SlotGrade] = {}
    if with_result and sitting.current_run_id:
        grades = {row.slot: row for row in SlotGrade.objects.filter(run_id=sitting.current_run_id)}
    return [_shown(slot, versions, answers, grades, with_result=with_result) for slot in sitting.paper.slots]


def _shown(slot: dict[str, Any], versions: Any, answers: Any, grades: Any, *, with_result: bool) -> ShownSlot:
    version = versions[slot["version"]]
    question_type = get_type(version.type)
    body = question_type.Body.model_validate(version.body)
    event = answers.get(slot["slot"])
    raw = (event.response if event is not None else None) or {}
    try:
        response = question_type.Response.model_validate(raw)
    except ValueError:
        response = question_type.Response()
    grade = grades.get(slot["slot"])
    general = ""
    if grade is not None:
        general = {"right": body.feedback_right, "partial": body.feedback_partial}.get(grade.state, body.feedback_wrong)
    return ShownSlot(
        slot=slot["slot"],
        type=version.type,
        template=question_type.result_template if with_result else question_type.template,
        body=body,
        view=question_type.view(body, response, slot["variant"]),
        mark=slot["mark"],
        response=raw,
        answered=not question_type.is_empty(response),
        outcome=OUTCOMES.get(grade.state, "") if grade is not None else "",
        outcome_code=grade.state if grade is not None else "",
        earned=grade.mark if grade is not None else None,
        feedback=general,
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


def right_answers(sitting: Sitting) -> dict[str, str | list[str]]:
    """The form fields of a paper answered right."""
    versions = QuestionVersion.objects.in_bulk([slot["version"] for slot in sitting.paper.slots])
    fields: dict[str, str | list[str]] = {}
    for slot in sitting.paper.slots:
        version = versions[slot["version"]]
        question_type = get_type(version.type)
        answer = question_type.correct_response(question_type.Body.model_validate(version.body))
        name = f"q{slot['slot']}"
        if "choice" in answer:
            fields[name] = answer["choice"]
        elif "choices" in answer:
            fields[name] = answer["choices"]
        elif "answer" in answer:
            fields[name] = "true" if answer["answer"] else "false"
        elif "pairs" in answer:
            fields.update({f"{name}-{key}": value for key, value in answer["pairs"].items()})
        else:
            fields[name] = f"{answer['text']} {answer.get('unit', '')}".strip()
    return fields
