"""Aiken: one question in plain text, its choices by letters, one line that names the right one, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Any

from django.utils.translation import gettext_lazy as _

from assessments.formats.base import Item, ParsedQuestion, QuestionFormat, ReadProblem, Text
from assessments.formats.checking import NotTaken, checked_question, name_of
from assessments.formats.lines import read_lines, text_at_the_start
from assessments.formats.texts import from_plain, to_plain
from assessments.question_types.source import letters
from common.messages import filled

_CHOICE = re.compile(r"([A-Z])[.)](?:\s+(.*)|(\S.+))")
_ANSWER = re.compile(r"ANSWER\s*:\s*(.*)", re.IGNORECASE)
_RIGHT = re.compile(r"\(?([A-Z])(?:\s*[.)](.*))?", re.IGNORECASE)
_SMALL = re.compile(r"([a-z])[.)]\s*(\S.*)")
_TELLING = (
    re.compile(r"^[ \t]*A[.)]", re.MULTILINE | re.IGNORECASE),
    re.compile(r"^[ \t]*ANSWER[ \t]*:[ \t]*\(?[A-Z](?:[ \t]*[.)].*)?[ \t]*$", re.MULTILINE | re.IGNORECASE),
)
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MOST_LINES = 2000


@dataclass(slots=True)
class _Draft:
    """A question while its lines come."""

    line: int = 0
    stem: list[str] = field(default_factory=list)
    choices: list[tuple[str, list[str]]] = field(default_factory=list)
    size: int = 0

    def next_letter(self) -> str:
        return _ALPHABET[len(self.choices)] if len(self.choices) < len(_ALPHABET) else ""


class Aiken(QuestionFormat):
    """Choices A. or A), and ANSWER: X."""

    name = "aiken"
    label = "Aiken"
    extensions = (".txt", ".aiken")

    def recognises(self, head: bytes, filename: str) -> bool:
        text = text_at_the_start(head)
        return all(telling.search(text) for telling in _TELLING)

    def read(self, file: IO[bytes], filename: str = "") -> Iterator[Item]:
        draft, blank = _Draft(), True
        for number, raw in read_lines(file):
            line = raw.strip()
            answer = _ANSWER.fullmatch(line)
            choice = None if answer else _choice(draft, line)
            if answer:
                yield _finished(draft, answer[1].strip(), number)
                draft = _Draft()
            elif choice:
                again = choice[0] in dict(draft.choices)
                if again:  # the answer of the question before is missing
                    following = draft.choices[-1][1][1:]
                    yield _unanswered(draft)
                    draft = _Draft(line=number - len(following), stem=following)
                draft.choices.append((choice[0], [choice[1]]))
            elif line and draft.choices and blank:
                yield _unanswered(draft)
                draft = _Draft(line=number, stem=[line])
            elif line:
                draft.size += 1
                draft.line = draft.line or number
                if draft.size <= MOST_LINES:
                    (draft.choices[-1][1] if draft.choices else draft.stem).append(line)
            blank = not line
        if draft.stem or draft.choices:
            yield _unanswered(draft)

    def write(self, questions: Iterable[ParsedQuestion], file: IO[bytes], *, title: str = "") -> list[ReadProblem]:
        problems = []
        for question in questions:
            try:
                file.write(question_text(question).encode())
            except NotTaken as problem:
                problems.append(
                    ReadProblem(ref=question.ref, name=question.name, type=question.type, reason=problem.reason)
                )
        return problems


def question_text(question: ParsedQuestion) -> str:
    """The lines of a question and a blank one. Names, identifiers, categories and tags have no place. Raises NotTaken."""
    if question.type != "single_choice":
        raise NotTaken(filled(_("Aiken has no form for “%(type)s”."), {"type": question.type}))
    body = question.body
    lines = [_one_line(body["stem"])]
    lines += [
        f"{letter}. {_one_line(choice['text'])}" for letter, choice in zip(_ALPHABET, body["choices"], strict=False)
    ]
    right = [letter for letter, choice in zip(_ALPHABET, body["choices"], strict=False) if choice["fraction"] == 1]
    draft = _Draft(line=1, stem=[lines[0]])
    draft.choices = [(letter, [line[3:]]) for letter, line in zip(_ALPHABET, lines[1:], strict=False)]
    read = _finished(draft, right[0] if right else "", 1)
    lost = _lost(body, read.body) if isinstance(read, ParsedQuestion) else ["choices"]
    if _choice(_Draft(), lines[0]) or _ANSWER.fullmatch(lines[0]):
        lost.append("stem")
    if lost:
        raise NotTaken(filled(_("Aiken cannot say its %(fields)s."), {"fields": ", ".join(lost)}))
    return "\n".join([*lines, f"ANSWER: {right[0]}", "", ""])


def _lost(body: Mapping[str, Any], read: Mapping[str, Any]) -> list[str]:
    """What of a body does not come back; ids of choices mean nothing, and the usual penalty is no matter."""
    names = letters(len(body["choices"]))
    said = {**body, "choices": [{**row, "id": key} for key, row in zip(names, body["choices"], strict=True)]}
    if abs(said["penalty"] - read["penalty"]) < 1e-6:
        said["penalty"] = read["penalty"]
    return [key for key in said if said[key] != read[key]]


def _one_line(html: str) -> str:
    text = to_plain(html)
    if text is None or "\n" in text or text != text.strip():
        raise NotTaken(_("Aiken has only plain text, one line for the question and one for each choice."))
    return text


def _choice(draft: _Draft, line: str) -> tuple[str, str] | None:
    """(letter, text) of a line that is a choice. Without a space after the letter only the next letter is one."""
    found = _CHOICE.fullmatch(line)
    if found is None or not (draft.stem or draft.choices):
        return None
    letter, text, glued = found.groups()
    if glued is not None and letter not in {draft.next_letter(), "A"}:
        return None
    if not draft.choices and letter != "A":
        return None
    return letter, (text if glued is None else glued).strip()


def _finished(draft: _Draft, answer: str, number: int) -> Item:
    """The question whose answer line has come."""
    if not draft.choices:
        draft = _with_small_letters(draft)
    texts = {letter: from_plain("\n".join(lines)) for letter, lines in draft.choices}
    stem = from_plain("\n".join(draft.stem))
    right = _right_letter(answer, draft)
    reason: Text | None = None
    if not stem:
        reason = filled(_("ANSWER in line %(line)d belongs to no question."), {"line": number})
    elif draft.size > MOST_LINES:
        reason = _("It is too long for a question.")
    elif not texts:
        reason = _("It has no choices.")
    elif not right:
        reason = filled(
            _("ANSWER in line %(line)d names no choice: “%(text)s”."), {"line": number, "text": answer[:40]}
        )
    if reason is not None:
        return ReadProblem(ref=f"line {draft.line or number}", name=name_of(stem), type="single_choice", reason=reason)
    choices = [
        {"id": key, "text": texts[letter], "fraction": float(letter == right)}
        for key, letter in zip(letters(len(texts)), texts, strict=True)
    ]
    return checked_question("single_choice", {"stem": stem, "choices": choices}, ref=f"line {draft.line}", name="")


def _with_small_letters(draft: _Draft) -> _Draft:
    """The question with choices a), b) …, when it has none with capital letters: then those are no part of its text."""
    found = [_SMALL.fullmatch(line) for line in draft.stem]
    begin = next((place for place, match in enumerate(found) if place and match and match[1] == "a"), len(found))
    read = _Draft(line=draft.line, stem=draft.stem[:begin], size=draft.size)
    for line, match in zip(draft.stem[begin:], found[begin:], strict=True):
        if match and match[1].upper() == read.next_letter():
            read.choices.append((match[1].upper(), [match[2]]))
        else:
            read.choices[-1][1].append(line)
    return read


def _right_letter(answer: str, draft: _Draft) -> str:
    """The letter that the answer line names, alone or with the text of its choice; "" when it names none."""
    found = _RIGHT.fullmatch(answer)
    lines = dict(draft.choices).get(found[1].upper()) if found else None
    if found is None or lines is None:
        return ""
    said = " ".join((found[2] or "").split())
    return found[1].upper() if said in ("", " ".join(" ".join(lines).split())) else ""


def _unanswered(draft: _Draft) -> ReadProblem:
    return ReadProblem(
        ref=f"line {draft.line}",
        name=name_of(from_plain("\n".join(draft.stem))),
        type="single_choice",
        reason=_("No line ANSWER: X names its right choice.") if draft.choices else _("It has no choices."),
    )


question_format = Aiken()
