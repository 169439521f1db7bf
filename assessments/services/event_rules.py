"""Which events a sitting takes: first their form, then whether they belong to this paper, part and question now."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from assessments.exceptions import ResponseRefused
from assessments.grading.engine import QuestionDefinition, Unusable, grade, open_question, read_response
from assessments.grading.progress import is_complete, progress_of
from assessments.grading.sitting import BY_CERTAINTY, DEFERRED, NO_TRIES, answer_of, tries_of
from assessments.models import ResponseEvent, Sitting
from assessments.question_types import State
from assessments.services.sheets import Sheet, definitions_of
from common.messages import filled

MOST_EVENTS = 200
MOST_BYTES = 64 * 1024
MOST_SEQ = 2_000_000_000
NUL_IN_JSON = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")  # an escaped NUL, and not the six characters somebody typed
ANSWER, FLAG, CHECK = ResponseEvent.Kind.ANSWER.value, ResponseEvent.Kind.FLAG.value, ResponseEvent.Kind.CHECK.value
KINDS = frozenset({ANSWER, FLAG, CHECK})
FLAGS = ({"flagged": True}, {"flagged": False})
Event = Mapping[str, Any]


# Their form ---------------------------------------------------------------------------------------------------


def checked_events(events: Sequence[Event]) -> list[dict[str, Any]]:
    """The events in the order of their numbers. Raises ResponseRefused for what is malformed."""
    if not isinstance(events, Sequence) or isinstance(events, str | bytes):
        raise ResponseRefused(_("The answers are not in the expected form."))
    if len(events) > MOST_EVENTS:
        raise ResponseRefused(filled(_("Too many answers at once: at most %(most)d."), {"most": MOST_EVENTS}))
    return sorted((checked_event(event) for event in events), key=lambda event: int(event["seq"]))


def checked_event(event: Event) -> dict[str, Any]:
    """One event as the log keeps it. Raises ResponseRefused for what is malformed."""
    if not isinstance(event, Mapping):
        raise ResponseRefused(_("The answers are not in the expected form."))
    seq, slot, kind = event.get("seq"), event.get("slot"), event.get("kind")
    kind = ANSWER if kind is None else kind
    if type(seq) is not int or not 1 <= seq <= MOST_SEQ:
        raise ResponseRefused(_("An answer has no valid sequence number."))
    if type(slot) is not int or not 1 <= slot <= 10_000:
        raise ResponseRefused(_("An answer does not say which question it belongs to."), seq=seq)
    if not isinstance(kind, str) or kind not in KINDS:
        raise ResponseRefused(_("The answers are not in the expected form."), seq=seq)
    response = event.get("response")
    malformed = filled(_("The answer to question %(slot)d is not in the expected form."), {"slot": slot})
    if response is not None and not isinstance(response, Mapping):
        raise ResponseRefused(malformed, seq=seq)
    try:
        written = json.dumps(response, ensure_ascii=False, allow_nan=False)
        size = len(written.encode())
    except (ValueError, TypeError, RecursionError):  # also half characters, which UTF-8 does not have
        raise ResponseRefused(malformed, seq=seq) from None
    if size > MOST_BYTES:
        raise ResponseRefused(filled(_("The answer to question %(slot)d is too long."), {"slot": slot}), seq=seq)
    if NUL_IN_JSON.search(written):
        raise ResponseRefused(malformed, seq=seq)
    return {
        "seq": seq,
        "slot": slot,
        "kind": str(kind),
        "response": dict(response) if response is not None else None,
        "client_time": _client_time(event.get("client_time")),
    }


def _client_time(value: Any) -> datetime | None:
    """The device's own time, kept as evidence only; what cannot be read is left out."""
    if isinstance(value, datetime):
        moment: datetime | None = value
    elif isinstance(value, str) and len(value) <= 40:
        try:
            moment = parse_datetime(value)
        except ValueError:
            return None
    else:
        return None
    return moment if moment is not None and moment.tzinfo is not None and 2000 <= moment.year <= 2200 else None


# Whether they may be ------------------------------------------------------------------------------------------


def refuse_what_may_not_be(sheet: Sheet, sitting: Sitting, events: Sequence[Event]) -> None:
    """Every event must belong to an open question and be one of its possible answers, right or wrong.

    Raises ResponseRefused, naming the event. One query at most for the questions, and one for the log where questions
    are checked one by one or depend on each other.
    """
    slots = [slot_of(sheet, event) for event in events]
    for event, slot in zip(events, slots, strict=True):
        _refuse_other_part(sheet, sitting, event, slot)
    definitions = refuse_what_is_no_answer(sheet, events)
    log = _Log(sheet, sitting, slots, definitions) if _needs_log(sheet, slots) else None
    for event, slot in zip(events, slots, strict=True):
        if event["kind"] == CHECK and sheet.behaviour in DEFERRED:
            raise ResponseRefused(_("Nothing is checked before this paper is handed in."), seq=event["seq"])
        if event["kind"] != FLAG and log is not None:
            log.take(event, slot)


def refuse_what_is_no_answer(sheet: Sheet, events: Sequence[Event]) -> dict[int, QuestionDefinition]:
    """Every event must belong to a question of the paper and be one of its possible answers, right or wrong.

    The questions by the id of their version. Raises ResponseRefused, naming the event.
    """
    slots = [slot_of(sheet, event) for event in events]
    definitions = definitions_of(slots)
    for event, slot in zip(events, slots, strict=True):
        if event["kind"] == FLAG:
            is_possible = event["response"] in FLAGS
        else:
            is_possible = _is_possible(sheet.behaviour, event, definitions[slot["version"]], slot)
        if not is_possible:
            message = _("The answer to question %(slot)d is none that this question takes.")
            raise ResponseRefused(filled(message, {"slot": event["slot"]}), seq=event["seq"])
    return definitions


def slot_of(sheet: Sheet, event: Event) -> Event:
    """The place of the paper that an event is about. Raises ResponseRefused."""
    slot = sheet.by_number.get(event["slot"])
    if slot is None:
        message = _("There is no question %(slot)s in this paper.")
        raise ResponseRefused(filled(message, {"slot": event["slot"]}), seq=event["seq"])
    return slot


def _refuse_other_part(sheet: Sheet, sitting: Sitting, event: Event, slot: Event) -> None:
    section = slot.get("section", 1)
    if not sheet.is_sequential or section == sitting.section:
        return
    if section < sitting.section:
        message = _("Question %(slot)d is in a part that is finished; its answers can no longer be changed.")
    else:
        message = _("Question %(slot)d is in a part that has not begun yet.")
    raise ResponseRefused(filled(message, {"slot": event["slot"]}), seq=event["seq"])


def _is_possible(behaviour: str, event: Event, definition: QuestionDefinition, slot: Event) -> bool:
    response, certainty = answer_of(behaviour, event["response"])
    if certainty is not None and (type(certainty) is not int or certainty not in (1, 2, 3)):
        return False
    return grade(definition, response, slot["variant"]).state is not State.INVALID


def _needs_log(sheet: Sheet, slots: Sequence[Event]) -> bool:
    return sheet.behaviour not in DEFERRED or any(slot.get("requires") is not None for slot in slots)


class _Log:
    """What was answered before, going on with each event of the batch."""

    def __init__(
        self,
        sheet: Sheet,
        sitting: Sitting,
        slots: Sequence[Event],
        definitions: Mapping[int, QuestionDefinition],
    ) -> None:
        self.sheet = sheet
        self.definitions = dict(definitions)
        required = {slot["requires"] for slot in slots if slot.get("requires") is not None}
        self.definitions.update(definitions_of([sheet.by_number[number] for number in required]))
        self.told: dict[int, list[Event]] = {}
        for row in log_of(sitting, {slot["slot"] for slot in slots} | required):
            self.told.setdefault(row["slot"], []).append(row)

    def take(self, event: Event, slot: Event) -> None:
        """Refuse the event, or count it."""
        number, seq, behaviour = event["slot"], event["seq"], self.sheet.behaviour
        required = slot.get("requires")
        if required is not None and not self._is_answered(required):
            message = _("Question %(slot)d opens when question %(before)d is answered.")
            raise ResponseRefused(filled(message, {"slot": number, "before": required}), seq=seq)
        definition, variant = self.definitions[slot["version"]], slot["variant"]
        tries = tries_of(self.sheet.rules, self.told.get(number, [])).get(number, NO_TRIES)
        if progress_of(behaviour, definition, variant, tries).is_closed:
            message = _("Question %(slot)d is closed: it was checked, and takes no more answers.")
            raise ResponseRefused(filled(message, {"slot": number}), seq=seq)
        if event["kind"] == CHECK:
            self._refuse_incomplete(event, slot)
        self.told.setdefault(number, []).append(event)

    def _refuse_incomplete(self, event: Event, slot: Event) -> None:
        number, behaviour = event["slot"], self.sheet.behaviour
        told = event["response"]
        if not told:
            saved = [row for row in self.told.get(number, []) if row["response"] or row["kind"] == ANSWER]
            told = saved[-1]["response"] if saved else None
        response, certainty = answer_of(behaviour, told)
        if not is_complete(self.definitions[slot["version"]], response, slot["variant"]):
            message = _("Question %(slot)d is not answered completely yet, so it cannot be checked.")
            raise ResponseRefused(filled(message, {"slot": number}), seq=event["seq"])
        if behaviour in BY_CERTAINTY and certainty is None:
            message = _("Say how sure you are of your answer to question %(slot)d, then check it.")
            raise ResponseRefused(filled(message, {"slot": number}), seq=event["seq"])

    def _is_answered(self, number: int) -> bool:
        slot = self.sheet.by_number.get(number)
        if slot is None:
            return True
        return has_answer(self.sheet, self.definitions[slot["version"]], self.told.get(number, []))


def log_of(sitting: Sitting, slots: set[int]) -> list[dict[str, Any]]:
    """Answers and checks of these slots in the order of the log."""
    rows = sitting.events.filter(kind__in=[ANSWER, CHECK], slot__in=slots).order_by("seq")
    names = ("seq", "kind", "slot", "response")
    return [dict(zip(names, row, strict=True)) for row in rows.values_list(*names)]


def has_answer(sheet: Sheet, definition: QuestionDefinition, told: Sequence[Event]) -> bool:
    """Whether the last of these events of one slot leaves it answered."""
    tries = tries_of(sheet.rules, told)
    if not told or not tries:
        return False
    response = next(iter(tries.values())).responses[-1]
    try:
        question_type, _body = open_question(definition)
        return read_response(question_type, response) is not None
    except Unusable:
        return False
