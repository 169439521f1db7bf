"""What a paper's HTML form says, as events for the log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict

from assessments.models import QuestionVersion, ResponseEvent, Sitting
from assessments.papers.disguise import names_of, revealed_response
from assessments.question_types import get_type


def form_events(data: QueryDict, sitting: Sitting) -> list[dict[str, Any]]:
    """Events for the answers and flags that were changed in this form.

    The form says in `base` how far the log was when it was shown. What it holds as it was shown then is no answer of
    this form: another tab or device may have answered since, and must not be overwritten by a page that was left open.
    A question whose fields are not in the form at all stays as it is.
    """
    fields = {key: data.getlist(key) for key in data}
    whole = set(data.getlist("shown"))
    named = {key[1:].split("-")[0] for key in data if key.startswith("q")}
    versions = QuestionVersion.objects.in_bulk([slot["version"] for slot in sitting.paper.slots])
    before, now = _states(sitting, base=_base(data, sitting))
    events: list[dict[str, Any]] = []

    def note(kind: str, number: int, response: dict[str, Any], *, untouched: dict[str, Any]) -> None:
        place = (kind, number)
        if response not in (before.get(place, untouched), now.get(place, untouched)):
            seq = sitting.last_seq + len(events) + 1
            events.append({"seq": seq, "slot": number, "kind": kind, "response": response})

    for slot in sitting.paper.slots:
        number = slot["slot"]
        if str(number) in whole | named:
            version = versions[slot["version"]]
            question_type = get_type(version.type)
            body = question_type.Body.model_validate(version.body)
            response = question_type.parse_form(fields, f"q{number}", body)
            names = names_of(seed=sitting.paper.seed, slot=slot)
            note(ResponseEvent.Kind.ANSWER.value, number, revealed_response(response, names), untouched={})
        if str(number) in whole:
            flag = {"flagged": f"flag-{number}" in data}
            note(ResponseEvent.Kind.FLAG.value, number, flag, untouched={"flagged": False})
    return events


def _base(data: Mapping[str, Any], sitting: Sitting) -> int:
    text = str(data.get("base", ""))
    return int(text) if text.isascii() and text.isdigit() and len(text) < 11 else sitting.last_seq


def _states(sitting: Sitting, *, base: int) -> tuple[dict[tuple[str, int], Any], dict[tuple[str, int], Any]]:
    """(kind, slot) → what the log says last: up to `base`, and now."""
    before: dict[tuple[str, int], Any] = {}
    now: dict[tuple[str, int], Any] = {}
    for seq, kind, slot, response in sitting.events.order_by("seq").values_list("seq", "kind", "slot", "response"):
        if slot is not None:
            now[kind, slot] = response or {}
            if seq <= base:
                before[kind, slot] = response or {}
    return before, now
