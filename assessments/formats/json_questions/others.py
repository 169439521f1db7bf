"""JSON of other people: where in it the questions are, and what the whole file says about each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Any

from django.utils.translation import gettext_lazy as _

from assessments.formats.base import MOST_FILE_BYTES, Item, ReadProblem, Text, Unreadable
from assessments.formats.json_questions import words
from assessments.formats.json_questions.entry import Entry, Habits
from assessments.formats.json_questions.own import FORMAT, read_question, refuse_newer
from assessments.formats.json_questions.question import item_of
from assessments.formats.json_questions.text import parsed, string_of
from assessments.formats.keys import Convention
from assessments.formats.numbering import are_numbers, source_of
from assessments.formats.texts import reads_as_html
from common.messages import filled

MOST_LEVELS = 20


@dataclass(slots=True)
class _Found:
    """A thing in the file that is or should be a question, under the names of the groups that it is in."""

    ref: str
    value: Any
    path: tuple[str, ...] = ()


@dataclass(slots=True)
class _Walk:
    """Collects what looks like questions."""

    found: list[_Found] = field(default_factory=list)

    def visit(self, value: Any, path: tuple[str, ...], depth: int = 0) -> None:
        """Look into a value; `path` are the names of the groups above it."""
        if depth > MOST_LEVELS:
            return
        if isinstance(value, list):
            # A list of questions is one whatever else is in it: that is told and not passed over.
            some = any(is_question(entry) for entry in value)
            for entry in value:
                if some and not _holds_list(entry):
                    self.add(entry, path)
                else:
                    self.visit(entry, path, depth + 1)
        elif isinstance(value, dict):
            if is_question(value) and not _holds_list(value):
                self.add(value, path)
                return
            fields = {words.folded_key(key): key for key in value}
            title = _title(value, fields)
            for name, key in fields.items():
                if isinstance(value[key], dict | list):
                    own = () if name in words.CONTAINERS or name.isdecimal() else (key.strip(),)
                    self.visit(value[key], (*path, *title, *own), depth + 1)

    def add(self, value: Any, path: tuple[str, ...]) -> None:
        """Take a value as a question."""
        self.found.append(_Found(f"question {len(self.found) + 1}", value, path))


def _title(value: Mapping[str, Any], fields: Mapping[str, str]) -> tuple[str, ...]:
    for name in (*words.CATEGORIES[::-1], *words.NAME):
        if name in fields and (text := string_of(value[fields[name]])):
            return (text,)
    return ()


def is_question(value: Any) -> bool:
    """Whether an object has a text to ask, and something to answer or a type."""
    if not isinstance(value, dict):
        return False
    names = {words.folded_key(key) for key in value}
    asks = names & set(words.QUESTION)
    answered = names & {*words.OPTIONS, *words.ANSWER, *words.TYPE, *words.PAIRS} - {"content", "text"}
    return bool(asks and (answered - asks or words.option_fields(dict.fromkeys(names, 1), set())))


def _holds_list(value: Any) -> bool:
    """Whether questions stand in an object, so that it is a group of them."""
    if not isinstance(value, dict):
        return isinstance(value, list)
    own = {*words.OPTIONS, *words.PAIRS}
    lists = [entry for key, entry in value.items() if isinstance(entry, list) and words.folded_key(key) not in own]
    return any(is_question(entry) for entries in lists for entry in entries[:3])


def read_others(file: IO[bytes], filename: str = "") -> Iterator[Item]:
    """The questions in the order of the file. Raises Unreadable before the first of them."""
    data = file.read(MOST_FILE_BYTES + 1)
    if len(data) > MOST_FILE_BYTES:
        raise Unreadable(filled(_("The file is larger than %(size)d MB."), {"size": MOST_FILE_BYTES // 1024**2}))
    if not data.strip():
        raise Unreadable(_("The file is empty."))
    value = _value(data)
    del data
    if isinstance(value, dict) and value.get("format") == FORMAT:
        yield from _own(value)
        return
    walk = _Walk()
    walk.visit(value, ())
    if not walk.found:
        raise Unreadable(
            _("The JSON holds no questions: objects with a question, its choices and the right answer are looked for.")
        )
    yield from _items(walk.found, filename)


def _value(data: bytes) -> Any:
    """The value of a JSON file, or the list of those in a file with one in each line."""
    try:
        return parsed(data)
    except Unreadable:
        lines = [line for line in data.splitlines() if line.strip()]
        if len(lines) < 2 or not all(line.strip().startswith(b"{") and line.strip().endswith(b"}") for line in lines):
            raise
    return [parsed(line, line=number) for number, line in enumerate(lines, start=1)]


def _own(value: Mapping[str, Any]) -> Iterator[Item]:
    refuse_newer(value.get("version"))
    questions = value.get("questions")
    if not isinstance(questions, list):
        raise Unreadable(_("“questions” must be a list."))
    for number, data in enumerate(questions, start=1):
        yield read_question(data, f"question {number}")


def _items(found: list[_Found], filename: str) -> Iterator[Item]:
    entries = [_entry(each) for each in found]
    outermost = {each.path[:1] for each in found}
    exam = next(iter(outermost), ()) if len(outermost) == 1 else ()
    habits = _habits([entry for entry in entries if isinstance(entry, Entry)], source_of(filename, *exam))
    notes = _notes(habits)
    for place, entry in enumerate(entries):
        item = entry if isinstance(entry, ReadProblem) else item_of(entry, habits, notes)
        entries[place] = ReadProblem(ref="", reason="")  # what was read is not needed any more
        if not isinstance(item, ReadProblem):
            notes = ()
        yield item


def _entry(found: _Found) -> Entry | ReadProblem:
    if not isinstance(found.value, dict):
        return ReadProblem(ref=found.ref, reason=_("Here must stand a question, as {…}."))
    return Entry.of(found.value, found.ref, found.path)


def _habits(entries: list[Entry], source: str) -> Habits:
    ids = Counter(entry.id for entry in entries if entry.id)
    numbered = are_numbers(entry.number for entry in entries)
    return Habits(
        convention=Convention(key for entry in entries if (key := entry.key) is not None),
        all_html=reads_as_html(entry.stem for entry in entries),
        ids_are_kept=not any(count > 1 for count in ids.values()),
        numbered_in=source if numbered else "",
        unknown=tuple(dict.fromkeys(name for entry in entries for name in entry.unknown)),
    )


def _notes(habits: Habits) -> tuple[Text, ...]:
    notes: list[Text] = []
    if habits.convention.note:
        notes.append(habits.convention.note)
    if habits.all_html:
        notes.append(_("The texts of this file were read as HTML."))
    if not habits.ids_are_kept:
        notes.append(_("The identifiers in the file are there more than once and were not kept."))
    if habits.unknown:
        names = ", ".join(habits.unknown)[:200]
        notes.append(filled(_("Not known here and left out: %(names)s."), {"names": names}))
    return tuple(notes)
