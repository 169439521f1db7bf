"""What a grading run tells of each question: mark, what was chosen, how long it took. Reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from assessments.analysis.distractors import chosen
from assessments.analysis.tally import Counted
from assessments.models import GradingRun, QuestionVersion, ResponseEvent, SlotGrade

NOTHING = Decimal(0)
TIMED = (ResponseEvent.Kind.ANSWER, ResponseEvent.Kind.FLAG, ResponseEvent.Kind.CHECK)


def counted(runs: Iterable[int]) -> dict[int, list[Counted]]:
    """For each run its questions, as they are counted; four queries for any number of runs.

    A mark that a person decided (a question that was voided) counts in the total and tells nothing of its question; so
    does one that is still missing.
    """
    runs = list(runs)
    if not runs:
        return {}
    sittings = dict(GradingRun.objects.filter(pk__in=runs).values_list("pk", "sitting_id"))
    begun = dict(GradingRun.objects.filter(pk__in=runs).values_list("sitting_id", "sitting__started_at"))
    events: dict[int, list[Any]] = defaultdict(list)
    rows = ResponseEvent.objects.filter(sitting__in=set(sittings.values()), kind__in=TIMED).order_by("sitting", "seq")
    for sitting, seq, kind, slot, response, time in rows.values_list(
        "sitting_id", "seq", "kind", "slot", "response", "server_time"
    ):
        events[sitting].append((seq, kind, slot, response, time))
    grades: dict[int, list[Any]] = defaultdict(list)
    marks = SlotGrade.objects.filter(run__in=runs).order_by("run", "slot")
    for run, *row in marks.values_list(
        "run_id", "slot", "question_version_id", "event_seq", "mark", "max_mark", "source"
    ):
        grades[run].append(row)
    types = dict(
        QuestionVersion.objects.filter(pk__in={row[1] for one in grades.values() for row in one}).values_list(
            "pk", "type"
        )
    )
    found = {}
    for run, sitting in sittings.items():
        answers = {seq: response for seq, kind, _slot, response, _time in events[sitting]}
        seconds = seconds_by_slot(
            [(slot, time) for _seq, _kind, slot, _response, time in events[sitting]], begun[sitting]
        )
        found[run] = [
            Counted(
                question=str(version),
                mark=None if source == SlotGrade.Source.DECISION else mark,
                earned=mark if mark is not None else NOTHING,
                maximum=maximum,
                choices=chosen(types[version], answers.get(seq)),
                seconds=seconds.get(slot),
            )
            for slot, version, seq, mark, maximum, source in grades[run]
        ]
    return found


def seconds_by_slot(events: Sequence[tuple[int | None, datetime]], begun: datetime) -> dict[int, int]:
    """Whole seconds that each place took: from the event before (or the start) to each of its own, by the server's clock.

    Events that arrive together share the time since the one before equally: which of them took it cannot be known.
    """
    spent: dict[int, float] = defaultdict(float)
    before, together = begun, []
    for place, (slot, time) in enumerate(events):
        if slot is not None:
            together.append(slot)
        if place + 1 < len(events) and events[place + 1][1] == time:
            continue
        length = max((time - before).total_seconds(), 0.0)
        for one in together:
            spent[one] += length / len(together)
        before, together = time, []
    return {slot: round(length) for slot, length in spent.items()}
