"""What a grading run tells of each question: mark, what was chosen, how long it took. Reads only.

Millions of marks pass here: columns come as whole numbers and texts, and nothing is made into an object that is the same
for thousands of rows.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import TextField
from django.db.models.functions import Cast

from assessments.analysis.distractors import chosen
from assessments.analysis.tally import SCALE, Counted
from assessments.models import GradingRun, QuestionVersion, ResponseEvent, SlotGrade

TIMED = (ResponseEvent.Kind.ANSWER, ResponseEvent.Kind.FLAG, ResponseEvent.Kind.CHECK)


def counted(runs: Iterable[int]) -> dict[int, list[Counted]]:
    """For each run its questions, as they are counted; four queries for any number of runs.

    A mark that a person decided (a question that was voided) counts in the total and tells nothing of its question; so
    does one that is still missing.
    """
    runs = list(runs)
    if not runs:
        return {}
    of_runs = GradingRun.objects.filter(pk__in=runs).annotate(begun=Cast("sitting__started_at", TextField()))
    sittings = {run: (sitting, begun) for run, sitting, begun in of_runs.values_list("pk", "sitting_id", "begun")}
    events = _events({sitting for sitting, _begun in sittings.values()})
    grades = _grades(runs)
    types = dict(
        QuestionVersion.objects.filter(pk__in={row[1] for one in grades.values() for row in one}).values_list(
            "pk", "type"
        )
    )
    choices: dict[tuple[int, str | None], list[str] | None] = {}
    found: dict[int, list[Counted]] = {}
    for run, (sitting, begun) in sittings.items():
        answers: dict[int | None, str | None] = {seq: response for seq, _slot, response, _time in events[sitting]}
        seconds = seconds_by_slot([(slot, time) for _seq, slot, _response, time in events[sitting]], moment(begun))
        rows = found[run] = []
        for slot, version, seq, mark, maximum, source in grades[run]:
            asked = version, answers.get(seq)
            if asked not in choices:
                response = None if asked[1] is None else json.loads(asked[1])
                choices[asked] = chosen(types[version], response)
            decided = source == SlotGrade.Source.DECISION
            rows.append(
                Counted(str(version), None if decided else mark, mark or 0, maximum, choices[asked], seconds.get(slot))
            )
    return found


def _events(sittings: set[int]) -> dict[int, list[tuple[int, int | None, str | None, datetime]]]:
    """(seq, slot, response as text, time) of each sitting, in order."""
    found: dict[int, list[Any]] = defaultdict(list)
    rows = ResponseEvent.objects.filter(sitting__in=sittings, kind__in=TIMED).order_by("sitting", "seq")
    rows = rows.annotate(text=Cast("response", TextField()), time=Cast("server_time", TextField()))
    times: dict[str, datetime] = {}
    for sitting, seq, slot, text, time in rows.values_list("sitting_id", "seq", "slot", "text", "time").iterator():
        known = times.get(time)
        if known is None:
            known = times[time] = moment(time)
        found[sitting].append((seq, slot, text, known))
    return found


def _grades(runs: Sequence[int]) -> dict[int, list[tuple[int, int, int | None, int | None, int, str]]]:
    """(slot, version, seq, mark, greatest mark, source) of each run; marks in units."""
    found: dict[int, list[Any]] = defaultdict(list)
    rows = SlotGrade.objects.filter(run__in=runs).order_by("run", "slot")
    rows = rows.annotate(earned=Cast("mark", TextField()), most=Cast("max_mark", TextField()))
    names = ("run_id", "slot", "question_version_id", "event_seq", "earned", "most", "source")
    units = Units()
    for run, slot, version, seq, mark, maximum, source in rows.values_list(*names).iterator():
        found[run].append((slot, version, seq, None if mark is None else units[mark], units[maximum], source))
    return found


class Units(dict[str, int]):
    """Marks as the database writes them, in units; each is worked out once."""

    def __missing__(self, text: str) -> int:
        found = self[text] = round(Decimal(text) * SCALE)
        return found


def moment(text: str) -> datetime:
    """A time as the database writes it; two of them can be compared, and that is all that is needed."""
    return datetime.fromisoformat(text)


def seconds_by_slot(events: Sequence[tuple[int | None, datetime]], begun: datetime) -> dict[int, int]:
    """Whole seconds that each place took: from the event before (or the start) to each of its own, by the server's clock.

    Events that arrive together share the time since the one before equally: which of them took it cannot be known.
    """
    spent: dict[int, float] = defaultdict(float)
    before = begun
    together: list[int] = []
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
