"""Bringing the questions of a file into a bank: all that can be taken, in one transaction, each item accounted for.

A question is known again by its identifier; one whose file gives none gets an identifier made from what it says, so
that the same file brings nothing twice. What is known and unchanged is skipped, what is known and changed becomes a
new version.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import PurePath
from typing import IO, Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils.functional import Promise
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from taggit.models import Tag, TaggedItem

from assessments.exceptions import InvalidQuestion, UnknownFormat
from assessments.formats import ParsedQuestion, QuestionFormat, ReadProblem, all_formats, get_format
from assessments.formats.base import Item
from assessments.models import Bank, Category, Question, QuestionVersion
from assessments.question_types import get_type
from assessments.services.bank import (
    add_version,
    checked_body,
    ensure_category,
    says_the_same,
    text_key,
    update_question,
    version_digest,
)
from assessments.services.media import media_name, picture_address, store_picture, with_addresses
from assessments.services.review import review_new_version
from common.digests import digest_of
from common.messages import filled
from common.vietnamese import fold, nfc

CHUNK = 500
HEAD_BYTES = 64 * 1024
Reason = str | Promise


@dataclass(frozen=True, slots=True)
class ImportedItem:
    """What became of one item: `status` is imported, updated, skipped or error; `reason` says why or what to know."""

    ref: str
    name: str
    type: str
    status: str
    reason: Reason = ""


@dataclass(slots=True)
class ImportReport:
    """What became of a file."""

    format: str
    items: list[ImportedItem] = field(default_factory=list)

    def count(self, status: str) -> int:
        """How many items have this status."""
        return Counter(item.status for item in self.items)[status]

    @property
    def is_complete(self) -> bool:
        """Whether every item was taken."""
        return self.count("error") == 0


@dataclass(slots=True)
class _Checked:
    """A question of the file that fits its type, with its pictures at their final addresses."""

    item: ParsedQuestion
    body: dict[str, Any]
    digest: str
    idnumber: str
    key: str
    search_text: str
    notes: list[Reason]


@dataclass(slots=True)
class _Seen:
    """Identifiers of this file and where they stand; texts of this bank and file and whose they are."""

    refs: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)


def recognise_format(file: IO[bytes], filename: str, wanted: str = "auto") -> QuestionFormat:
    """The format called `wanted`, or the one that the file is of; the file is left at its beginning.

    Raises UnknownFormat.
    """
    if wanted != "auto":
        return get_format(wanted)
    head = file.read(HEAD_BYTES)
    file.seek(0)
    suffix = PurePath(filename).suffix.lower()
    # Plain texts look alike: the format that the name promises is asked first.
    for question_format in sorted(all_formats().values(), key=lambda one: suffix not in one.extensions):
        if question_format.reads and question_format.recognises(head, filename):
            return question_format
    names = ", ".join(str(one.label) for one in all_formats().values() if one.reads)
    raise UnknownFormat(
        filled(_("This is no question file that is known here. Known are: %(names)s."), {"names": names})
    )


@transaction.atomic
def import_questions(
    *,
    bank: Bank,
    items: Iterable[Item],
    format_name: str,
    status: str = Question.Status.READY,
    dry_run: bool = False,
    by: Any,
    at: datetime,
) -> ImportReport:
    """Take every item that can be taken; what `items` raises (Unreadable) undoes all of it.

    New questions get `status`; known ones keep theirs. With `dry_run` the report is the same and nothing is kept.
    """
    report, seen = ImportReport(format_name), _Seen()
    locked = Bank.objects.select_for_update().get(pk=bank.pk)
    categories: dict[tuple[str, ...], Category] = {}
    for chunk in _chunks(items):
        rows = [_checked(item, keep=not dry_run) for item in chunk]
        report.items += _take(locked, rows, categories, seen, status=status, by=by, at=at)
    if dry_run:
        transaction.set_rollback(True)
    return report


def _chunks(items: Iterable[Item]) -> Iterator[list[Item]]:
    stream = iter(items)
    while chunk := list(islice(stream, CHUNK)):
        yield chunk


# One item -----------------------------------------------------------------------------------------------------


def _checked(item: Item, *, keep: bool) -> _Checked | ImportedItem:
    """The item as it can be stored, or why it cannot."""
    if isinstance(item, ReadProblem):
        return ImportedItem(item.ref, item.name, item.type, "error", item.reason)
    notes: list[Reason] = list(item.notes)
    try:
        body = checked_body(item.type, _with_pictures(item, notes, keep=keep))
    except InvalidQuestion as problem:
        return ImportedItem(item.ref, item.name, item.type, "error", problem.message)
    digest = version_digest(item.type, body)
    name = nfc(item.name)[:255]
    idnumber = nfc(item.idnumber).strip() or made_idnumber(name, digest)
    if len(idnumber) > 100:
        reason = _("The identifier is longer than 100 characters; shorten it in the file.")
        return ImportedItem(item.ref, item.name, item.type, "error", reason)
    question_type = get_type(item.type)
    text = question_type.search_text(question_type.Body.model_validate(body))
    search_text = fold(f"{idnumber} {name} {text}")
    return _Checked(item, body, digest, idnumber, text_key(text), search_text, notes)


def made_idnumber(name: str, digest: str) -> str:
    """The identifier of a question whose file gives none: readable, and the same for the same question."""
    return f"{slugify(fold(name))[:60].strip('-') or 'cau'}-{digest_of([name, digest])[:12]}"


def _with_pictures(item: ParsedQuestion, notes: list[Reason], *, keep: bool) -> dict[str, Any]:
    """The body with the addresses at which its pictures are kept. Raises InvalidQuestion for one that is none."""

    def address(source: str) -> str | None:
        name = media_name(source)
        if name is None:
            return source
        media = item.media.get(name)
        if media is None:
            notes.append(filled(_("The picture “%(name)s” is missing in the file."), {"name": name[:80]}))
            return None
        return store_picture(media) if keep else picture_address(media)

    return with_addresses(item.body, address)


# A chunk ------------------------------------------------------------------------------------------------------


def _take(
    bank: Bank,
    rows: list[_Checked | ImportedItem],
    categories: dict[tuple[str, ...], Category],
    seen: _Seen,
    *,
    status: str,
    by: Any,
    at: datetime,
) -> list[ImportedItem]:
    checked = [row for row in rows if isinstance(row, _Checked)]
    known = {
        question.idnumber: question
        for question in Question.objects.filter(  # type: ignore[misc]  # taggit is unknown to the plugin
            bank=bank, idnumber__in=[row.idnumber for row in checked]
        )
        .select_related("current_version")
        .prefetch_related("tags")
    }
    alike = Question.objects.filter(bank=bank, text_key__in=[row.key for row in checked])
    for key, idnumber in alike.values_list("text_key", "idnumber"):
        seen.texts.setdefault(key, idnumber)
    results: list[ImportedItem] = []
    new: list[tuple[_Checked, Category]] = []
    for row in rows:
        if isinstance(row, ImportedItem):
            results.append(row)
            continue
        if row.idnumber in seen.refs:
            results.append(_twice(row, seen.refs[row.idnumber]))
            continue
        seen.refs[row.idnumber] = row.item.ref
        category = _category(bank, row.item.category, categories)
        twin = seen.texts.setdefault(row.key, row.idnumber)
        if row.idnumber in known:
            changed = _update(known[row.idnumber], row, category, by=by, at=at)
            results.append(_result(row, "updated" if changed else "skipped"))
        else:
            new.append((row, category))
            if twin != row.idnumber:
                row.notes.append(filled(_("It says the same as the question %(id)s."), {"id": twin}))
            results.append(_result(row, "imported"))
    _create(bank, new, status=status, by=by, at=at)
    return results


def _result(row: _Checked, status: str) -> ImportedItem:
    reason = "" if status == "skipped" else row.notes[0] if len(row.notes) == 1 else _joined(row.notes)
    return ImportedItem(row.item.ref, row.item.name, row.item.type, status, reason)


def _joined(notes: list[Reason]) -> Reason:
    return filled("%(notes)s", {"notes": _Notes(notes)}) if notes else ""


class _Notes:
    """Several sentences as one text, in the language in which it is shown."""

    def __init__(self, notes: list[Reason]) -> None:
        self.notes = notes

    def __str__(self) -> str:
        return " ".join(str(note) for note in self.notes)


def _twice(row: _Checked, first: str) -> ImportedItem:
    """A second item with the same identifier: the very same question is skipped, another one cannot be taken."""
    if row.item.idnumber:
        facts = {"id": row.idnumber, "ref": first}
        reason = filled(_("The identifier %(id)s is taken by %(ref)s of this file; give one of them another."), facts)
        return ImportedItem(row.item.ref, row.item.name, row.item.type, "error", reason)
    reason = filled(_("It is the same question as %(ref)s of this file."), {"ref": first})
    return ImportedItem(row.item.ref, row.item.name, row.item.type, "skipped", reason)


def _category(bank: Bank, path: Iterable[str], known: dict[tuple[str, ...], Category]) -> Category:
    names = tuple(clean for name in path if (clean := " ".join(nfc(name).split())))
    if names not in known:
        known[names] = ensure_category(bank=bank, path=names)
    return known[names]


def _facts(item: ParsedQuestion) -> dict[str, Any]:
    """What the file says about the question beside its text; what it does not say is left as it is."""
    facts: Mapping[str, str] = {"difficulty": item.difficulty, "nature": item.nature, "outcome": nfc(item.outcome)[:40]}
    said: dict[str, Any] = {name: value for name, value in facts.items() if value}
    if item.exam_only:
        said["exam_only"] = True
    return said


def _update(question: Question, row: _Checked, category: Category, *, by: Any, at: datetime) -> bool:
    """Bring a known question to what the file says; whether anything changed."""
    facts: dict[str, Any] = {"name": nfc(row.item.name)[:255], **_facts(row.item)}
    if row.item.category:
        facts["category"] = category
    tags = clean_tags(row.item.tags)
    wanted = tags if tags and {tag.name for tag in question.tags.all()} != set(tags) else None
    changed = False
    if wanted is not None or any(getattr(question, name) != value for name, value in facts.items()):
        changed = update_question(question=question, by=by, tags=wanted, **facts)
    current = question.current_version
    if not says_the_same(current, digest=row.digest):
        add_version(question=question, type=row.item.type, body=row.body, by=by, at=at)
        review_new_version(question=question, by=by, at=at)
        changed = True
    return changed


def clean_tags(tags: Iterable[str]) -> list[str]:
    """Tags in NFC with single blanks, each once, at most 100 characters."""
    found = {" ".join(nfc(tag).split())[:100]: None for tag in tags}
    return [tag for tag in found if tag]


def _create(bank: Bank, rows: list[tuple[_Checked, Category]], *, status: str, by: Any, at: datetime) -> None:
    """New questions with their first versions and tags, in a fixed number of statements."""
    questions = [
        Question(
            bank=bank,
            category=category,
            idnumber=row.idnumber,
            name=nfc(row.item.name)[:255],
            status=Question.Status(status),
            search_text=row.search_text,
            text_key=row.key,
            **_facts(row.item),
        )
        for row, category in rows
    ]
    Question.objects.bulk_create(questions)
    versions = [
        QuestionVersion(
            question=question,
            number=1,
            type=row.item.type,
            body=row.body,
            digest=row.digest,
            created_at=at,
            created_by=by,
        )
        for question, (row, _category) in zip(questions, rows, strict=True)
    ]
    QuestionVersion.objects.bulk_create(versions)
    for question, version in zip(questions, versions, strict=True):
        question.current_version = version
    Question.objects.bulk_update(questions, ["current_version"])
    tag_questions(
        [(question, clean_tags(row.item.tags)) for question, (row, _category) in zip(questions, rows, strict=True)]
    )


def tag_questions(tagged: list[tuple[Question, list[str]]]) -> None:
    """Add tags to questions, in a fixed number of statements; tags that they have already stay once."""
    wanted = {name for _question, names in tagged for name in names}
    if not wanted:
        return
    tags = {tag.name: tag for tag in Tag.objects.filter(name__in=wanted)}
    for name in sorted(wanted - set(tags)):
        tags[name] = Tag.objects.filter(name__iexact=name).first() or Tag.objects.create(name=name)
    kind = ContentType.objects.get_for_model(Question)
    links = {
        (question.pk, tags[name].pk): TaggedItem(content_type=kind, object_id=question.pk, tag=tags[name])
        for question, names in tagged
        for name in names
    }
    TaggedItem.objects.bulk_create(links.values(), ignore_conflicts=True)
