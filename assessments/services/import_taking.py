"""What a checked file becomes in a bank: decided row by row from a few reads, written in a fixed number of statements
for each stretch. Callers that write hold the bank's row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Max, OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from assessments.formats.places import Place
from assessments.models import Bank, Category, Question, QuestionVersion
from assessments.services.bank import NOTHING_SAID, category_paths, says_the_same
from assessments.services.import_reading import CheckedQuestion, ImportedItem, Reason, Row
from assessments.services.review import review_new_versions
from assessments.services.tags import same_tags, set_tags, tag_questions, tags_of
from common.messages import filled

UPDATED = [
    "category", "name", "status", "difficulty", "nature", "outcome", "exam_only", "current_version", "search_text",
    "text_key", "updated_at",
]  # fmt: skip


@dataclass(slots=True)
class _Known:
    """What stands in the bank under an identifier."""

    pk: int
    facts: dict[str, Any]
    version: int | None
    digest: str | None
    tags: set[str]


@dataclass(slots=True)
class _Change:
    """What a known question gets."""

    row: CheckedQuestion
    known: _Known
    is_new_version: bool
    is_retagged: bool


@dataclass(slots=True)
class Taking:
    """One file into one bank. `refs` and `texts` are identifiers and texts of the file so far, and whose they are."""

    bank: Bank | None
    status: str
    by: Any
    at: datetime
    is_kept: bool
    refs: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    categories: dict[tuple[str, ...], Category | int | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.bank is not None:
            self.categories = {path: pk for pk, path in category_paths(self.bank).items()}

    def take(self, rows: Sequence[Row]) -> list[ImportedItem]:
        """What becomes of a stretch of the file; it is written when the taking is kept."""
        questions = [row[0] for row in rows if not isinstance(row, ImportedItem)]
        known = self._known(questions)
        self._note_texts(questions)
        results: list[ImportedItem] = []
        new: list[CheckedQuestion] = []
        changes: list[_Change] = []
        for row in rows:
            if isinstance(row, ImportedItem):
                results.append(row)
                continue
            question, notes = row
            if question.idnumber in self.refs:
                results.append(_twice(question, self.refs[question.idnumber]))
                continue
            self.refs[question.idnumber] = question.ref
            twin = self.texts.setdefault(question.text_key, question.idnumber)
            if question.idnumber in known:
                change = self._change(question, known[question.idnumber])
                if change is not None:
                    changes.append(change)
                results.append(_result(question, "updated" if change else "skipped", notes))
                continue
            new.append(question)
            if twin != question.idnumber and question.text_key != NOTHING_SAID:
                notes.append(filled(_("It says the same as the question %(id)s."), {"id": twin}))
            results.append(_result(question, "imported", notes))
        if self.is_kept:
            self._create(new)
            self._update(changes)
        return results

    # Deciding

    def _known(self, rows: list[CheckedQuestion]) -> dict[str, _Known]:
        if self.bank is None:
            return {}
        names = ["name", "category_id", "difficulty", "nature", "outcome", "exam_only"]
        found = {}
        questions = Question.objects.filter(bank=self.bank, idnumber__in=[row.idnumber for row in rows])
        for pk, idnumber, version, digest, *facts in questions.values_list(
            "pk", "idnumber", "current_version_id", "current_version__digest", *names
        ):
            found[idnumber] = _Known(pk, dict(zip(names, facts, strict=True)), version, digest, set())
        tags = tags_of([known.pk for known in found.values()])
        for known in found.values():
            known.tags = tags.get(known.pk, set())
        return found

    def _note_texts(self, rows: list[CheckedQuestion]) -> None:
        if self.bank is None:
            return
        keys = {row.text_key for row in rows} - {NOTHING_SAID} - self.texts.keys()
        alike = Question.objects.filter(bank=self.bank, text_key__in=keys).order_by("-pk")
        self.texts |= dict(alike.values_list("text_key", "idnumber"))

    def _change(self, row: CheckedQuestion, known: _Known) -> _Change | None:
        is_new_version = not self._is_said(row, known)
        is_retagged = bool(row.tags) and not same_tags(row.tags, known.tags)
        facts = {"name": row.name, **row.facts}
        if row.category:
            facts["category_id"] = _key(self.categories.get(row.category))
        is_other = any(known.facts[name] != value for name, value in facts.items())
        return _Change(row, known, is_new_version, is_retagged) if is_new_version or is_retagged or is_other else None

    def _is_said(self, row: CheckedQuestion, known: _Known) -> bool:
        if known.digest == row.digest:
            return True
        if known.version == row.compared_with:
            return row.is_same
        # Somebody wrote this version since the file was read.
        return known.version is not None and says_the_same(
            QuestionVersion.objects.filter(pk=known.version).first(), digest=row.digest
        )

    # Writing

    def _category(self, path: tuple[str, ...]) -> int:
        """The id of a category, made with those above it when it is missing."""
        found = self.categories.get(path)
        if found is None:
            if path:
                self._category(path[:-1])
                above = self.categories[path[:-1]]
                parent = above if isinstance(above, Category) else Category.objects.get(pk=above)
                self.categories[path[:-1]] = parent
                found = parent.add_child(bank=self.bank, name=path[-1])
            else:
                found = Category.objects.get(bank=self.bank, depth=1)
            self.categories[path] = found
        return found if isinstance(found, int) else found.pk

    def _create(self, rows: list[CheckedQuestion]) -> None:
        """New questions with their first versions and tags."""
        if not rows:
            return
        questions = Question.objects.bulk_create(
            Question(
                bank=self.bank,
                category_id=self._category(row.category),
                idnumber=row.idnumber,
                name=row.name,
                status=Question.Status(self.status),
                search_text=row.search_text,
                text_key=row.text_key,
                **row.facts,
            )
            for row in rows
        )
        pairs = list(zip(rows, questions, strict=True))
        QuestionVersion.objects.bulk_create(self._version(row, question.pk, 1) for row, question in pairs)
        first = QuestionVersion.objects.filter(question=OuterRef("pk"), number=1).values("pk")
        Question.objects.filter(pk__in=[question.pk for question in questions]).update(current_version=Subquery(first))
        tag_questions({question.pk: row.tags for row, question in pairs if row.tags})

    def _version(self, row: CheckedQuestion, question: int, number: int) -> QuestionVersion:
        return QuestionVersion(
            question_id=question,
            number=number,
            type=row.type,
            body=row.body,
            digest=row.digest,
            created_at=self.at,
            created_by=self.by,
        )

    def _update(self, changes: list[_Change]) -> None:
        """Known questions with what the file says of them; ready ones go back to review when they must."""
        if not changes:
            return
        by_key = {change.known.pk: change for change in changes}
        locked = Question.objects.filter(pk__in=by_key).select_for_update(of=("self",)).order_by("pk")
        questions = {question.pk: question for question in locked}
        anew = [pk for pk, change in by_key.items() if change.is_new_version]
        numbers = dict(
            QuestionVersion.objects.filter(question__in=anew)
            .order_by()
            .values_list("question")
            .annotate(last=Max("number"))
        )
        versions = QuestionVersion.objects.bulk_create(
            self._version(by_key[pk].row, pk, numbers.get(pk, 0) + 1) for pk in anew
        )
        for version in versions:
            questions[version.question_id].current_version = version
        for pk, question in questions.items():
            row = by_key[pk].row
            question.name, question.search_text, question.text_key = row.name, row.search_text, row.text_key
            for name, value in row.facts.items():
                setattr(question, name, value)
            if row.category:
                question.category_id = self._category(row.category)
        assert self.bank is not None
        review_new_versions(
            bank=self.bank, questions=[questions[version.question_id] for version in versions], by=self.by, at=self.at
        )
        # Rows that exist, written over in one statement: bulk_update costs ten times as much.
        Question.objects.bulk_create(
            questions.values(), update_conflicts=True, unique_fields=["id"], update_fields=UPDATED
        )
        set_tags({pk: change.row.tags for pk, change in by_key.items() if change.is_retagged})


def _key(category: Category | int | None) -> int | None:
    return category.pk if isinstance(category, Category) else category


def _result(row: CheckedQuestion, status: str, notes: list[Reason]) -> ImportedItem:
    reason = "" if status == "skipped" else notes[0] if len(notes) == 1 else _joined(notes)
    return ImportedItem(row.ref, row.name, row.type, status, reason)


def _joined(notes: list[Reason]) -> Reason:
    return filled("%(notes)s", {"notes": _Notes(notes)}) if notes else ""


class _Notes:
    """Several sentences as one text, in the language in which it is shown."""

    def __init__(self, notes: list[Reason]) -> None:
        self.notes = notes

    def __str__(self) -> str:
        return " ".join(str(note) for note in self.notes)


def _twice(row: CheckedQuestion, first: str) -> ImportedItem:
    """A second item with the same identifier: the very same question is skipped, another one cannot be taken."""
    if row.is_named:
        facts = {"id": row.idnumber, "ref": Place(first)}
        reason = filled(_("The identifier %(id)s is taken by %(ref)s of this file; give one of them another."), facts)
        return ImportedItem(row.ref, row.name, row.type, "error", reason)
    reason = filled(_("It is the same question as %(ref)s of this file."), {"ref": Place(first)})
    return ImportedItem(row.ref, row.name, row.type, "skipped", reason)
