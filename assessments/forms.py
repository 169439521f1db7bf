"""What a paper's HTML form says, as events for the log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict

from assessments.grading.engine import open_question
from assessments.grading.sitting import BY_CERTAINTY, CERTAINTY
from assessments.models import ResponseEvent, Sitting
from assessments.papers.disguise import revealed_response
from assessments.services.sheets import definitions_of, sheet_of


def form_events(data: QueryDict, sitting: Sitting) -> list[dict[str, Any]]:
    """Events for the answers and flags that were changed in this form.

    The form says in `base` how far the log was when it was shown. What it holds as it was shown then is no answer of
    this form: another tab or device may have answered since, and must not be overwritten by a page that was left open.
    A question whose fields are not in the form at all stays as it is.
    """
    fields = {key: data.getlist(key) for key in data}
    whole = set(data.getlist("shown"))
    named = {key[1:].split("-")[0] for key in data if key.startswith("q")}
    sheet = sheet_of(sitting)
    slots = sheet.open_slots(sitting.section)
    definitions = definitions_of(slots)
    before, now = _states(sitting, base=_base(data, sitting))
    events: list[dict[str, Any]] = []

    def note(kind: str, number: int, response: dict[str, Any], *, untouched: dict[str, Any]) -> None:
        place = (kind, number)
        if response not in (before.get(place, untouched), now.get(place, untouched)):
            seq = sitting.last_seq + len(events) + 1
            events.append({"seq": seq, "slot": number, "kind": kind, "response": response})

    for slot in slots:
        number = slot["slot"]
        if str(number) in whole | named:
            question_type, body = open_question(definitions[slot["version"]])
            response = question_type.parse_form(fields, f"q{number}", body)
            response = revealed_response(response, sheet.names[number])
            certainty = data.get(f"certainty-{number}", "")
            if response and certainty in {"1", "2", "3"} and sheet.behaviour in BY_CERTAINTY:
                response = {**response, CERTAINTY: int(certainty)}
            note(ResponseEvent.Kind.ANSWER.value, number, response, untouched={})
        if str(number) in whole:
            flag = {"flagged": f"flag-{number}" in data}
            note(ResponseEvent.Kind.FLAG.value, number, flag, untouched={"flagged": False})
    checked = data.get("check", "")
    if checked.isascii() and checked.isdigit() and len(checked) < 6:
        seq = sitting.last_seq + len(events) + 1
        events.append({"seq": seq, "slot": int(checked), "kind": ResponseEvent.Kind.CHECK.value, "response": None})
    return events


def _base(data: Mapping[str, Any], sitting: Sitting) -> int:
    text = str(data.get("base", ""))
    return int(text) if text.isascii() and text.isdigit() and len(text) < 11 else sitting.last_seq


def _states(sitting: Sitting, *, base: int) -> tuple[dict[tuple[str, int], Any], dict[tuple[str, int], Any]]:
    """(kind, slot) → what the log says last: up to `base`, and now."""
    before: dict[tuple[str, int], Any] = {}
    now: dict[tuple[str, int], Any] = {}
    for seq, kind, slot, response in sitting.events.order_by("seq").values_list("seq", "kind", "slot", "response"):
        if slot is None or (kind == ResponseEvent.Kind.CHECK and not response):
            continue
        kind = ResponseEvent.Kind.ANSWER.value if kind == ResponseEvent.Kind.CHECK else kind  # it was answered, too
        now[kind, slot] = response or {}
        if seq <= base:
            before[kind, slot] = response or {}
    return before, now
