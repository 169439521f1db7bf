"""The record of an exam (biên bản coi thi): who came, who did what when and why; to print and sign."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation

from assessments.models import Quiz, Sitting, SupervisionEntry
from assessments.permissions import registrations_to_supervise, sittings_to_supervise
from assessments.supervising.pages import ExamPage

MOST_NAMED = 10
KINDS = dict(SupervisionEntry.Kind.choices)


@dataclass(slots=True)
class Line:
    """One act, to however many candidates."""

    at: datetime
    kind: Any
    by: str
    reason: str
    text: str
    seconds: int | None
    count: int = 0
    names: list[str] = field(default_factory=list)

    @property
    def minutes(self) -> float | None:
        """How far deadlines were moved."""
        return self.seconds / 60 if self.seconds is not None else None


@dataclass(frozen=True, slots=True)
class Record:
    """What is printed."""

    lines: list[Line]
    listed: int
    came: int
    absent: list[tuple[str, str, str]]
    handed_in: dict[str, int]
    open: int
    first: datetime | None
    last: datetime | None


def read_record(quiz: Quiz, by: Any) -> Record:
    """The record as far as this officer supervises the exam; a few queries for any number of candidates."""
    sittings = sittings_to_supervise(by).filter(quiz=quiz)
    listed = list(
        registrations_to_supervise(by)
        .filter(quiz=quiz, withdrawn_at__isnull=True)
        .order_by("room", "candidate_number")
        .values_list("person_id", "candidate_number", "person__full_name", "room")
    )
    facts = list(sittings.order_by().values_list("person_id", "state", "submitted_by", "started_at", "submitted_at"))
    came = {person for person, *_rest in facts}
    numbers = {person: number for person, number, _name, _room in listed}
    counts = Counter(by_whom for _person, state, by_whom, *_times in facts if state != Sitting.State.OPEN)
    return Record(
        lines=_lines(sittings, numbers),
        listed=len(listed),
        came=len(came),
        absent=[(number, name, room) for person, number, name, room in listed if person not in came],
        handed_in={str(name): counts[value] for value, name in Sitting.SubmittedBy.choices if counts[value]},
        open=sum(1 for _person, state, *_rest in facts if state == Sitting.State.OPEN),
        first=min((started for *_rest, started, _submitted in facts), default=None),
        last=max((submitted for *_rest, submitted in facts if submitted is not None), default=None),
    )


def _lines(sittings: Any, numbers: dict[int, str]) -> list[Line]:
    entries = SupervisionEntry.objects.filter(sitting__in=sittings.order_by().values("pk")).order_by("at", "pk")
    found: dict[tuple[str, str], Line] = {}
    rows = entries.values_list(
        "key",
        "kind",
        "at",
        "by__full_name",
        "reason",
        "text",
        "seconds",
        "sitting__person",
        "sitting__person__full_name",
    )
    for key, kind, at, by, reason, text, seconds, person, name in rows:
        line = found.setdefault((key, kind), Line(at, KINDS.get(kind, kind), by, reason, text, seconds))
        line.count += 1
        if line.seconds != seconds:
            line.seconds = None  # paused at different moments: no one figure is true
        if line.count <= MOST_NAMED:
            number = numbers.get(person, "")
            line.names.append(f"{number} {name}".strip())
    return list(found.values())


class RecordView(ExamPage):
    """The record, on paper."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A page of its own without the administration around it."""
        granted = self.quiz.accommodations.select_related("person", "unit", "created_by").order_by("created_at", "pk")
        context = {
            "quiz": self.quiz,
            "record": read_record(self.quiz, self.by),
            "granted": granted if self.is_whole else granted.none(),
            "now": timezone.now(),
            "by": self.by,
        }
        with translation.override("vi"):  # an official paper
            return render(request, "assessments/admin/supervision_record.html", context)
