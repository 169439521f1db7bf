"""Which question of a bank a running number means: 1, 2, 3 count in one exam or file, and nowhere else.

A question keeps the identifier that its first import made of the name of its exam or file and its number. It is known
again by what it says, wherever it stands in the file now, and by its number where it says about the same (a correction).
Where the number is taken by a question that says something else – another file of the same name, a question put in
before it – it is a new question beside that one, and nothing is overwritten.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from django.utils.text import slugify

from assessments.models import Bank, Question
from assessments.services.bank import NOTHING_SAID
from common.vietnamese import fold

# So much of their words two versions of one question share.
ALIKE = 0.6


class Numbered(Protocol):
    """What is looked at of a question that was read: `digest` and `text_key` say what it says."""

    idnumber: str
    number: str
    numbered_in: str
    digest: str
    text_key: str
    search_text: str


@dataclass(slots=True)
class _Source:
    """What a bank has of one exam or file: identifier → text for searching, text key → identifiers."""

    texts: dict[str, str] = field(default_factory=dict)
    by_key: dict[str, list[str]] = field(default_factory=dict)


@dataclass(slots=True)
class Numbers:
    """The numbers of one file while it is read into a bank (None: one that is still to be made)."""

    bank: Bank | None
    _known: dict[str, _Source] = field(default_factory=dict)
    _taken: set[str] = field(default_factory=set)

    def settle(self, questions: Sequence[Numbered]) -> None:
        """Give every question of a stretch its identifier: first those that the bank knows by what they say."""
        later = []
        for question in questions:
            found = self._by_text(question)
            if found:
                self._name(question, found)
            else:
                later.append(question)
        for question in later:
            self._name(question, self._by_number(question))

    def _by_text(self, question: Numbered) -> str:
        if question.text_key == NOTHING_SAID:
            return ""
        known, own = self._of(_prefix(question)), _own(question)
        same = [name for name in known.by_key.get(question.text_key, ()) if name not in self._taken]
        return own if own in same else same[0] if same else ""

    def _by_number(self, question: Numbered) -> str:
        own, texts = _own(question), self._of(_prefix(question)).texts
        if own in self._taken or (own in texts and not _are_alike(question.search_text, texts[own])):
            return f"{own}-{question.digest[:8]}"
        return own

    def _name(self, question: Numbered, idnumber: str) -> None:
        self._taken.add(idnumber)
        made = fold(question.idnumber)
        question.search_text = f"{fold(idnumber)}{question.search_text[len(made) :]}"
        question.idnumber = idnumber

    def _of(self, prefix: str) -> _Source:
        if prefix not in self._known:
            source = self._known[prefix] = _Source()
            known = Question.objects.filter(bank=self.bank, idnumber__startswith=f"{prefix}-")
            rows = known.values_list("idnumber", "text_key", "search_text").order_by("pk") if self.bank else ()
            for idnumber, key, text in rows:
                source.texts[idnumber] = text
                source.by_key.setdefault(key, []).append(idnumber)
        return self._known[prefix]


def _prefix(question: Numbered) -> str:
    return slugify(fold(question.numbered_in))[:60].strip("-") or "cau"


def _own(question: Numbered) -> str:
    return f"{_prefix(question)}-{question.number}"


def _are_alike(one: str, other: str) -> bool:
    """Whether two texts for searching share most words; the first word of each is the identifier."""
    first, second = set(one.split()[1:]), set(other.split()[1:])
    return bool(first and second) and len(first & second) / len(first | second) >= ALIKE
