"""The marks of a sitting given anew from its evidence, run by run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from assessments.evidence.faults import Fault
from assessments.grading.changes import REMOVED
from assessments.grading.engine import QuestionDefinition
from assessments.grading.sitting import NO_TRIES, SlotOutcome, mark_slot, run_digest, total_of, tries_of
from assessments.question_types import get_type
from common.digests import digest_of
from common.messages import filled

Json = Mapping[str, Any]
CLOSENESS = 1e-9
ENGINE, DECISION = "engine", "decision"
DECIDED = frozenset({"regrade", "moderated"})


def replay_run(run: Json, *, rules: Json, paper: Json, versions: Sequence[Json], events: Sequence[Json]) -> None:
    """Raise Fault where a run is not what its log, its questions and its marks give.

    What the engine marked is marked again. What people marked or decided is taken as it stands, where the reason of the run
    allows it; the sums and the digest hold for all of it. A run may be older than the end of the log (an answer
    file came later): its digest says which entry was the last then.
    """
    definitions = {
        version["id"]: QuestionDefinition(
            version["type"], version["body"], digest_of({"type": version["type"], "body": version["body"]})
        )
        for version in versions
    }
    places = {slot["slot"]: slot for slot in paper["slots"]}
    rows = [_outcome(row, places, definitions) for row in run["slots"]]
    marked = events[: _end_of(run, paper, rows, events)]
    tries = tries_of(rules, marked)
    if [row.slot for row in rows] != _asked(places):
        raise Fault(filled(_("Marking %(run)s does not cover the questions of the paper."), {"run": run["number"]}))
    for row, stored in zip(rows, run["slots"], strict=True):
        if row.source == ENGINE:
            again = mark_slot(rules, places[row.slot], definitions[row.version], tries.get(row.slot, NO_TRIES))
            _compare(run, row, again)
        elif row.source == DECISION and run["reason"] not in DECIDED and run["number"] == 1:
            raise _fault(run, stored["slot"])
        _compare_parts(run, row)
    total = total_of(rules, rows)
    told = (Decimal(run["score"]), Decimal(run["max_score"]), run["passed"])
    if (total.score, total.max_score, total.passed) != told:
        message = _("The sum of marking %(run)s is %(found)s, and it says %(told)s.")
        raise Fault(filled(message, {"run": run["number"], "found": total.score, "told": run["score"]}))


def _outcome(row: Json, places: Mapping[int, Json], definitions: Mapping[int, QuestionDefinition]) -> SlotOutcome:
    return SlotOutcome(
        slot=row["slot"],
        version=row["version"],
        digest=definitions[row["version"]].digest,
        section=places[row["slot"]].get("section", 1),
        state=row["state"],
        fraction=row["fraction"],
        mark=None if row["mark"] is None else Decimal(row["mark"]),
        max_mark=Decimal(row["max_mark"]),
        event_seq=row["event_seq"],
        source=row["source"],
    )


def _asked(places: Mapping[int, Json]) -> list[int]:
    return [number for number, slot in sorted(places.items()) if get_type(slot["type"]).is_answered]


def _end_of(run: Json, paper: Json, rows: Sequence[SlotOutcome], events: Sequence[Json]) -> int:
    """How many entries the log had when the run was made."""
    heads = [paper["digest"], *[event["digest"] for event in events]]
    for end in range(len(heads) - 1, -1, -1):
        # A log is marked when it is handed in, and again when an officer lets late answers count.
        if end != len(heads) - 1 and not (end and (events[end - 1]["kind"] == "submit" or events[end - 1]["late"])):
            continue
        digest = run_digest(
            engine=run["engine_version"],
            paper=paper["digest"],
            log=heads[end],
            marks=rows,
            score=Decimal(run["score"]),
            max_score=Decimal(run["max_score"]),
            passed=run["passed"],
        )
        if digest == run["digest"]:
            return end
    raise Fault(filled(_("The marks of marking %(run)s are not those of its digest."), {"run": run["number"]}))


def _compare(run: Json, told: SlotOutcome, again: SlotOutcome) -> None:
    is_close = (
        told.fraction is None
        if again.fraction is None
        else told.fraction is not None and abs(told.fraction - again.fraction) <= CLOSENESS
    )
    same = (told.state, told.mark, told.max_mark, told.event_seq) == (
        again.state,
        again.mark,
        again.max_mark,
        again.event_seq,
    )
    if not (same and is_close):
        message = _("Question %(slot)s of marking %(run)s gives %(again)s, and it says %(told)s.")
        values = {"slot": told.slot, "run": run["number"], "again": _said(again), "told": _said(told)}
        raise Fault(filled(message, values))


def _said(outcome: SlotOutcome) -> str:
    return f"{outcome.mark}/{outcome.max_mark} ({outcome.state})"


def _compare_parts(run: Json, row: SlotOutcome) -> None:
    """What people decided is within what the question is worth; a removed one is worth nothing."""
    if row.state == REMOVED and (row.mark != 0 or row.max_mark != 0):
        raise _fault(run, row.slot)
    if row.mark is not None and not -row.max_mark <= row.mark <= row.max_mark:
        raise _fault(run, row.slot)


def _fault(run: Json, slot: int) -> Fault:
    message = _("Question %(slot)s of marking %(run)s has a mark that it cannot have.")
    return Fault(filled(message, {"slot": slot, "run": run["number"]}))
