"""What never changes about a sitting, kept by each process: rules, paper, names, questions.

Rows of papers, versions and quiz versions are append-only, so what was read once stays true. Sheets are kept by the
public id of the sitting and questions by their digest: neither is ever given twice, whatever becomes of a database.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Any, Generic, TypeVar
from uuid import UUID

from assessments.grading.engine import QuestionDefinition
from assessments.models import QuestionVersion, Sitting
from assessments.papers.disguise import names_of
from assessments.question_types import get_type

MOST_SHEETS = 1_000
MOST_DEFINITIONS = 20_000
V = TypeVar("V")


class Kept(Generic[V]):
    """The values used last, at most `most` of them; safe between threads."""

    def __init__(self, most: int) -> None:
        self._most, self._values, self._lock = most, OrderedDict[Any, V](), Lock()

    def get(self, key: Any) -> V | None:
        """The value, or None."""
        with self._lock:
            value = self._values.get(key)
            if value is not None:
                self._values.move_to_end(key)
            return value

    def put(self, key: Any, value: V) -> None:
        """Keep it, and forget what was not used for longest."""
        with self._lock:
            self._values[key] = value
            while len(self._values) > self._most:
                self._values.popitem(last=False)

    def clear(self) -> None:
        """Forget everything, as a process that has just begun."""
        with self._lock:
            self._values.clear()


@dataclass(frozen=True)
class Sheet:
    """The fixed part of a sitting. `rules` is the blueprint as stored; `slots` is the paper."""

    pk: int
    public_id: UUID
    person_id: int
    rules: Mapping[str, Any]
    seed: str
    slots: tuple[Mapping[str, Any], ...]

    @cached_property
    def by_number(self) -> dict[int, Mapping[str, Any]]:
        """Slot → what is there."""
        return {slot["slot"]: slot for slot in self.slots}

    @cached_property
    def names(self) -> dict[int, dict[str, str]]:
        """Slot → (id → name in the form) of what can be answered there."""
        return {slot["slot"]: names_of(seed=self.seed, slot=slot) for slot in self.slots}

    @cached_property
    def numbers(self) -> dict[int, int]:
        """Slot → the number of its question, counted without the texts that ask nothing."""
        asked = [slot["slot"] for slot in self.slots if get_type(slot["type"]).is_answered]
        return {slot: number for number, slot in enumerate(asked, start=1)}

    @property
    def behaviour(self) -> str:
        """How questions behave while they are answered."""
        return str(self.rules.get("behaviour", "deferred"))

    @property
    def sections(self) -> list[Mapping[str, Any]]:
        """The parts of the paper; none: it is one."""
        return list(self.rules.get("sections") or [])

    @cached_property
    def is_sequential(self) -> bool:
        """Whether parts are sat one after the other."""
        return any(part.get("time_limit_seconds") for part in self.sections)

    def open_slots(self, section: int) -> list[Mapping[str, Any]]:
        """The slots that can be seen while `section` is sat."""
        if not self.is_sequential:
            return list(self.slots)
        return [slot for slot in self.slots if slot.get("section", 1) == section]


_sheets: Kept[Sheet] = Kept(MOST_SHEETS)
_definitions: Kept[QuestionDefinition] = Kept(MOST_DEFINITIONS)


def forget_all() -> None:
    """Begin as a new process does; for tests and measurements."""
    _sheets.clear()
    _definitions.clear()


def sheet_for(public_id: UUID) -> Sheet | None:
    """The sheet of a sitting, or None when there is no such sitting."""
    sheet = _sheets.get(public_id)
    if sheet is None:
        row = Sitting.objects.select_related("paper", "quiz_version").filter(public_id=public_id).first()
        sheet = None if row is None else sheet_of(row)
    return sheet


def sheet_of(sitting: Sitting) -> Sheet:
    """The sheet of this sitting."""
    sheet = _sheets.get(sitting.public_id)
    if sheet is None:
        sheet = Sheet(
            pk=sitting.pk,
            public_id=sitting.public_id,
            person_id=sitting.person_id,
            rules=sitting.quiz_version.blueprint,
            seed=sitting.paper.seed,
            slots=tuple(sitting.paper.slots),
        )
        _sheets.put(sitting.public_id, sheet)
    return sheet


def definitions_of(slots: Iterable[Mapping[str, Any]]) -> dict[int, QuestionDefinition]:
    """The questions of these slots by the id of their version; one query for those that are not known yet."""
    found: dict[int, QuestionDefinition] = {}
    missing = []
    for slot in slots:
        known = _definitions.get(slot["digest"])
        if known is None:
            missing.append(slot["version"])
        else:
            found[slot["version"]] = known
    if missing:
        rows = QuestionVersion.objects.filter(pk__in=missing).values_list("pk", "type", "body", "digest")
        for pk, type_name, body, digest in rows:
            found[pk] = QuestionDefinition(type=type_name, body=body, digest=digest)
            _definitions.put(digest, found[pk])
    return found
