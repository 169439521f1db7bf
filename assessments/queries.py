"""Reads that more than one caller needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import get_language

from assessments.grading.sitting import SlotOutcome, total_of
from assessments.models import QuestionVersion, Quiz, ResponseEvent, Sitting, SlotGrade
from assessments.question_types import get_type
from assessments.services.sheets import sheet_of
from assessments.showing import ShownSlot, answered_slots, paper_slots, result_slots

__all__ = [
    "ShownSlot",
    "answered_count",
    "answered_slots",
    "attempts_of",
    "flagged_slots",
    "paper_slots",
    "part_title",
    "result_slots",
    "right_answers",
    "sections",
    "shown_slots",
    "topics",
]


def shown_slots(sitting: Sitting, *, with_result: bool) -> list[ShownSlot]:
    """Every slot of the sitting's paper with what was answered; see assessments/showing.py.

    Only `with_result` tells what was right: otherwise views and responses hold no key, and answers have the names
    that this paper gives them.
    """
    return result_slots(sitting) if with_result else paper_slots(sitting)


def flagged_slots(sitting: Sitting) -> set[int]:
    """Places that the candidate marked to come back to."""
    flags = sitting.events.filter(kind=ResponseEvent.Kind.FLAG).order_by("seq").values_list("slot", "response")
    last = {slot: response for slot, response in flags if slot is not None}
    return {slot for slot, response in last.items() if response == {"flagged": True}}


def answered_count(sitting: Sitting) -> int:
    """How many questions have an answer that was not cleared again."""
    return len(answered_slots(sitting))


def attempts_of(person: Any, quiz: Quiz, *, enrolment: Any = None) -> QuerySet[Sitting]:
    """A person's sittings of a quiz, in this enrolment when there is one, newest first."""
    return Sitting.objects.filter(person=person, quiz=quiz, enrolment=enrolment).order_by("-attempt")


def topics(sitting: Sitting) -> list[dict[str, Any]]:
    """How the candidate did by category of question: right and all, in the order of the paper."""
    rows = (
        SlotGrade.objects.filter(run_id=sitting.current_run_id)
        .order_by("slot")
        .values_list("state", "question_version__question__category", "question_version__question__category__name")
    )
    found: dict[int, dict[str, Any]] = {}
    for state, category, name in rows:
        entry = found.setdefault(category, {"name": name, "right": 0, "count": 0})
        entry["count"] += 1
        entry["right"] += state == "right"
    return list(found.values())


def part_title(part: Mapping[str, Any]) -> str:
    """The title of a part of the paper in the reader's language."""
    is_english = (get_language() or "").startswith("en")
    return str((part.get("title_en") if is_english else "") or part["title"])


def sections(sitting: Sitting) -> list[dict[str, Any]]:
    """How the candidate did by part of the paper: title, score, possible score, passed (None: no pass mark of its own)."""
    sheet = sheet_of(sitting)
    if not sheet.sections:
        return []
    rows = SlotGrade.objects.filter(run_id=sitting.current_run_id).order_by("slot")
    parts = {slot["slot"]: slot.get("section", 1) for slot in sheet.slots}
    total = total_of(
        sheet.rules,
        [
            SlotOutcome(
                slot=row.slot,
                version=row.question_version_id,
                digest="",
                section=parts.get(row.slot, 1),
                state=row.state,
                fraction=row.fraction,
                mark=row.mark,
                max_mark=row.max_mark,
                event_seq=row.event_seq,
            )
            for row in rows
        ],
    )
    return [
        {
            "title": part_title(part),
            "score": outcome.score,
            "max_score": outcome.max_score,
            "passed": outcome.passed,
        }
        for part, outcome in zip(sheet.sections, total.sections, strict=True)
    ]


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
