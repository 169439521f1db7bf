"""The places of a paper as templates and the API show them: open, while they are checked one by one, and marked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from assessments import fragments
from assessments.grading.engine import QuestionDefinition, grade, open_question
from assessments.grading.progress import Progress, progress_of
from assessments.grading.sitting import BY_CERTAINTY, CERTAINTY, DEFERRED, MARK_STEP, NO_TRIES, Tries, tries_of
from assessments.models import ResponseEvent, Sitting, SlotGrade
from assessments.papers.disguise import disguised_response, disguised_view
from assessments.papers.review import EVERYTHING, shown_during
from assessments.question_types import State
from assessments.services.event_rules import has_answer
from assessments.services.sheets import Sheet, definitions_of, sheet_of

OUTCOMES = {
    "right": _("Right"),
    "partial": _("Partly right"),
    "wrong": _("Wrong"),
    "unanswered": _("Not answered"),
    "invalid": _("Not readable"),
    "needs_marking": _("Waits for a marker"),
}
CERTAINTIES = ((1, _("Not very")), (2, _("Fairly")), (3, _("Quite sure")))
ANSWER, CHECK, FLAG = ResponseEvent.Kind.ANSWER.value, ResponseEvent.Kind.CHECK.value, ResponseEvent.Kind.FLAG.value
RESULT = frozenset({"response", "correctness", "right_answer", "feedback"})  # what a type's own result page shows
Slot = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ShownSlot:
    """One place of a paper as a template shows it; a text that asks nothing has no `number`.

    `locked_by` is the number of the question to answer first; until then nothing of this one is told. What became of it
    (`outcome`, `earned`, `feedback_texts`, `right_answer`) is there as far as it may be seen.
    """

    slot: int
    number: int | None
    type: str
    template: str
    stem: str
    answers_in_stem: bool
    body: Any
    mark: str
    response: dict[str, Any]
    answered: bool
    flagged: bool
    outcome: str | Promise = ""
    earned: Any = None
    outcome_code: str = ""
    feedback: str = ""
    feedback_texts: tuple[str, ...] = ()
    general_feedback: str = ""
    right_answer: str = ""
    hint: str = ""
    locked_by: int | None = None
    is_closed: bool = False
    tries: int = 0
    tries_left: int | None = None
    can_check: bool = False
    asks_certainty: bool = False
    certainty: int | None = None
    certainties: Any = CERTAINTIES
    is_untouched: bool = False
    fixed_html: str = ""
    make_view: Callable[[], dict[str, Any]] = field(default=dict, repr=False, compare=False)
    source: Any = field(default=None, repr=False, compare=False)  # (slot, definition, names) of an untouched one

    @property
    def view(self) -> dict[str, Any]:
        """What the type's template shows; worked out when it is needed."""
        return self.make_view()

    @property
    def html(self) -> str:
        """The form of the answer, or the marked answer; nothing of a question that is locked."""
        if self.locked_by is not None:
            return ""
        if self.fixed_html:
            return mark_safe(self.fixed_html)  # noqa: S308
        if self.is_untouched:
            return mark_safe(fragments.untouched_html(*self.source))  # noqa: S308  the types' own templates
        return mark_safe(  # noqa: S308
            fragments.render(self.template, {"slot": self, "view": self.view, "body": self.body})
        )

    def question(self, total: int) -> str:
        """The whole question of the paper's page."""
        if self.is_untouched and self.number is not None and not (self.can_check or self.asks_certainty):
            return mark_safe(  # noqa: S308
                fragments.question_html(
                    slot=self.slot,
                    number=self.number,
                    total=total,
                    stem=self.stem,
                    answers_in_stem=self.answers_in_stem,
                    answer=self.html,
                )
            )
        return mark_safe(  # noqa: S308
            fragments.render(fragments.QUESTION, {"slot": self, "total": total, "answer": self.html})
        )

    @property
    def marked_question(self) -> str:
        """The whole question of the result's page."""
        return mark_safe(fragments.marked_question(self))  # noqa: S308


# The open paper -----------------------------------------------------------------------------------------------


def paper_slots(sitting: Sitting, *, only: int | None = None) -> list[ShownSlot]:
    """What the candidate sees of the paper now, with what was answered; at most two queries for any number of slots.

    Views and responses hold no key, and answers have the names that this paper gives them. Where parts are sat one
    after the other, only the open one is there. `only` limits it to one slot.
    """
    sheet = sheet_of(sitting)
    is_open = sitting.state == Sitting.State.OPEN
    there = sheet.open_slots(sitting.section) if is_open else sheet.slots
    slots = [slot for slot in there if only in (None, slot["slot"])]
    wanted = [*slots, *(sheet.by_number[slot["requires"]] for slot in slots if slot.get("requires") in sheet.by_number)]
    definitions = definitions_of(wanted)
    told, flagged = _log(sitting, {slot["slot"] for slot in wanted} if only else None)
    return [_open(sheet, slot, definitions, told, flagged) for slot in slots]


def _log(sitting: Sitting, slots: set[int] | None) -> tuple[dict[int, list[dict[str, Any]]], set[int]]:
    """(slot → answers and checks in their order, the flagged slots)."""
    told: dict[int, list[dict[str, Any]]] = {}
    flags: dict[int, bool] = {}
    if sitting.last_seq == 0:
        return told, set()
    rows = sitting.events.filter(kind__in=[ANSWER, CHECK, FLAG]).order_by("seq")
    if slots is not None:
        rows = rows.filter(slot__in=slots)
    for seq, kind, slot, response in rows.values_list("seq", "kind", "slot", "response"):
        if slot is None:
            continue
        if kind == FLAG:
            flags[slot] = response == {"flagged": True}
        else:
            told.setdefault(slot, []).append({"seq": seq, "kind": kind, "slot": slot, "response": response})
    return told, {slot for slot, is_flagged in flags.items() if is_flagged}


def _open(
    sheet: Sheet,
    slot: Slot,
    definitions: Mapping[int, QuestionDefinition],
    told: Mapping[int, list[dict[str, Any]]],
    flagged: set[int],
) -> ShownSlot:
    number, definition = slot["slot"], definitions[slot["version"]]
    required = sheet.by_number.get(slot.get("requires") or 0)
    if required is not None and not has_answer(sheet, definitions[required["version"]], told.get(required["slot"], [])):
        return _locked(sheet, slot, required)
    question_type, body = open_question(definition)
    behaviour, names = sheet.behaviour, sheet.names[number]
    tries = tries_of(sheet.rules, told.get(number, [])).get(number, NO_TRIES)
    drawn = question_type.drawn(body, slot["variant"])
    raw = dict(tries.responses[-1] or {}) if tries.responses else {}
    try:
        response = question_type.Response.model_validate(raw)
    except ValueError:
        response, raw = question_type.Response(), {}
    is_asked = question_type.is_answered
    common = {
        "slot": number,
        "number": sheet.numbers.get(number),
        "type": slot["type"],
        "template": question_type.template,
        "stem": question_type.shown_stem(drawn, slot["variant"]),
        "answers_in_stem": question_type.answers_in_stem,
        "body": drawn,
        "make_view": lambda: disguised_view(question_type.view(drawn, response, slot["variant"]), names),
        "mark": slot["mark"],
        "response": {**disguised_response(raw, names), **_certainty(tries)},
        "answered": not question_type.is_empty(response),
        "flagged": number in flagged,
        "asks_certainty": is_asked and behaviour in BY_CERTAINTY,
        "certainty": tries.certainties[-1] if tries.certainties else None,
        "is_untouched": not raw and number not in flagged and not tries.responses,
        "source": (slot, definition, names),
    }
    if behaviour in DEFERRED or not is_asked:
        return ShownSlot(**common)
    progress = progress_of(behaviour, definition, slot["variant"], tries)
    return ShownSlot(
        **common,
        tries=progress.tries,
        tries_left=progress.tries_left,
        is_closed=progress.is_closed,
        can_check=not progress.is_closed,
        hint=progress.hint,
        **_told_of_try(shown_during(sheet.rules), slot, definition, drawn, progress),
    )


def _certainty(tries: Tries) -> dict[str, int]:
    sure = tries.certainties[-1] if tries.certainties else None
    return {} if sure is None else {CERTAINTY: sure}


def _locked(sheet: Sheet, slot: Slot, required: Slot) -> ShownSlot:
    return ShownSlot(
        slot=slot["slot"],
        number=sheet.numbers.get(slot["slot"]),
        type=slot["type"],
        template="",
        stem="",
        answers_in_stem=False,
        body=None,
        mark=slot["mark"],
        response={},
        answered=False,
        flagged=False,
        locked_by=sheet.numbers.get(required["slot"], required["slot"]),
    )


def _told_of_try(
    shown: frozenset[str], slot: Slot, definition: QuestionDefinition, body: Any, progress: Progress
) -> dict[str, Any]:
    """What is told of the last try; the right answer only when the question is closed."""
    outcome = progress.outcome
    if outcome is None:
        return {}
    question_type, _body = open_question(definition)
    told: dict[str, Any] = {}
    if "correctness" in shown:
        told |= {"outcome": OUTCOMES.get(outcome.state, ""), "outcome_code": str(outcome.state)}
    if "marks" in shown and outcome.fraction is not None:
        told["earned"] = (Decimal(repr(outcome.fraction)) * Decimal(slot["mark"])).quantize(MARK_STEP)
    if "feedback" in shown:
        told["feedback_texts"] = _texts(*outcome.feedback, body.feedback_for(outcome.state))
    if "right_answer" in shown and progress.is_closed and outcome.state is not State.RIGHT:
        told["right_answer"] = _right_answer(question_type, body)
    return told


def _texts(*texts: str) -> tuple[str, ...]:
    return tuple(text for text in texts if text)


def _right_answer(question_type: Any, body: Any) -> str:
    right = question_type.Response.model_validate(question_type.correct_response(body))
    return str(question_type.describe_response(body, right))


# The marked paper ---------------------------------------------------------------------------------------------


def result_slots(sitting: Sitting, *, shown: frozenset[str] = EVERYTHING) -> list[ShownSlot]:
    """Every slot of a marked sitting with as much of its result as `shown` allows; four queries at most."""
    sheet = sheet_of(sitting)
    grades = {row.slot: row for row in SlotGrade.objects.filter(run_id=sitting.current_run_id)}
    told, _flagged = _log(sitting, None)
    versions = [{"version": row.question_version_id, "digest": ""} for row in grades.values()]
    by_slot = {slot["slot"]: slot for slot in sheet.slots}
    definitions = definitions_of([*sheet.slots, *_other_versions(versions, by_slot.values())])
    tries = tries_of(sheet.rules, [row for rows in told.values() for row in rows])
    return [
        _marked(sheet, slot, definitions, grades.get(slot["slot"]), tries.get(slot["slot"], NO_TRIES), shown)
        for slot in sheet.slots
    ]


def _other_versions(versions: Iterable[Mapping[str, Any]], slots: Iterable[Slot]) -> list[Mapping[str, Any]]:
    known = {slot["version"] for slot in slots}
    return [row for row in versions if row["version"] not in known]


def _marked(
    sheet: Sheet,
    slot: Slot,
    definitions: Mapping[int, QuestionDefinition],
    row: SlotGrade | None,
    tries: Tries,
    shown: frozenset[str],
) -> ShownSlot:
    definition = definitions[row.question_version_id if row is not None else slot["version"]]
    question_type, body = open_question(definition)
    variant = slot["variant"]
    drawn = question_type.drawn(body, variant)
    raw = dict(tries.responses[-1] or {}) if tries.responses and "response" in shown else {}
    try:
        response = question_type.Response.model_validate(raw)
    except ValueError:
        response = question_type.Response()
    is_whole = shown >= RESULT
    names = {} if is_whole else sheet.names[slot["slot"]]
    state = row.state if row is not None else ""
    told: dict[str, Any] = {}
    if row is not None and "correctness" in shown:
        told |= {"outcome": OUTCOMES.get(state, ""), "outcome_code": state}
    if row is not None and "marks" in shown:
        told["earned"] = row.mark
    if "feedback" in shown:
        told["feedback"] = drawn.feedback_for(state) if state else ""
        told["general_feedback"] = drawn.feedback
        if not is_whole and tries.responses:
            told["feedback_texts"] = _texts(*grade(definition, tries.responses[-1], variant).feedback)
    if row is not None and "right_answer" in shown and not is_whole:
        told["right_answer"] = _right_answer(question_type, drawn)
    return ShownSlot(
        slot=slot["slot"],
        number=sheet.numbers.get(slot["slot"]),
        type=definition.type,
        template=question_type.result_template if is_whole else question_type.template,
        stem=question_type.shown_stem(drawn, variant),
        answers_in_stem=question_type.answers_in_stem,
        body=drawn,
        make_view=lambda: _view(question_type.view(drawn, response, variant), names, is_whole=is_whole),
        fixed_html=fragments.marked_html(slot, definition, raw) if is_whole else "",
        mark=slot["mark"],
        response=raw if is_whole else disguised_response(raw, names),
        answered=not question_type.is_empty(response),
        flagged=False,
        is_closed=not is_whole,
        **told,
    )


def _view(view: dict[str, Any], names: Mapping[str, str], *, is_whole: bool) -> dict[str, Any]:
    return view if is_whole else dict(disguised_view(view, names))


def answered_slots(sitting: Sitting) -> set[int]:
    """Slots with an answer that was not cleared again; one query, and one for questions that are not known yet."""
    sheet = sheet_of(sitting)
    told, _flagged = _log(sitting, None)
    definitions = definitions_of([sheet.by_number[number] for number in told if number in sheet.by_number])
    return {
        number
        for number, rows in told.items()
        if number in sheet.by_number and has_answer(sheet, definitions[sheet.by_number[number]["version"]], rows)
    }
