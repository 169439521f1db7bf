"""A question file on its way into a bank: read to its end, checked and cleaned while the database is free.

What was read waits in temporary files, not in memory, until it is taken whole (import_taking).
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from types import TracebackType
from typing import Any, TypeAlias

from django.core.files.storage import default_storage
from django.utils.functional import Promise
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from assessments.exceptions import InvalidQuestion
from assessments.formats import ParsedQuestion, ReadProblem
from assessments.formats.base import Item
from assessments.models import Bank, Question, QuestionVersion
from assessments.services.bank import checked_model, says_the_same, search_facts, version_digest
from assessments.services.categories import MOST_LEVELS, MOST_NAME
from assessments.services.import_numbers import Numbers
from assessments.services.indexing import index_questions
from assessments.services.media import checked_picture, keep_picture, media_name, with_addresses
from assessments.services.tags import MOST_TAG, clean_tags
from common.digests import digest_of
from common.messages import filled
from common.vietnamese import fold, nfc

MOST_ROWS, MOST_SIGNS = 500, 2_000_000
Reason: TypeAlias = str | Promise


@dataclass(frozen=True, slots=True)
class ImportedItem:
    """What became of one item: `status` is imported, updated, skipped or error; `reason` says why or what to know."""

    ref: str
    name: str
    type: str
    status: str
    reason: Reason = ""


@dataclass(slots=True, kw_only=True)
class CheckedQuestion:
    """A question that fits its type and the columns of a bank, with its pictures at their final addresses.

    `compared_with` is the version that stood in the bank while the file was read and has another digest; `is_same`
    says whether it says the same all the same (its type has got new fields since).
    """

    ref: str
    name: str
    type: str
    body: dict[str, Any]
    digest: str
    idnumber: str
    is_named: bool
    category: tuple[str, ...]
    tags: list[str]
    facts: dict[str, Any]
    text_key: str
    search_text: str
    number: str = ""
    numbered_in: str = ""
    compared_with: int | None = None
    is_same: bool = False


Row: TypeAlias = ImportedItem | tuple[CheckedQuestion, list[Reason]]


class CheckedFile:
    """Everything in a file, checked, stretch by stretch. A context: at its end the temporary files are gone."""

    def __init__(self) -> None:
        self._texts = tempfile.TemporaryFile()  # noqa: SIM115  closed by __exit__
        self._bytes = tempfile.TemporaryFile()  # noqa: SIM115
        self._pictures: dict[str, tuple[int, int]] = {}
        self._stretches: list[list[ImportedItem | list[Reason]]] = []

    def __enter__(self) -> CheckedFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._texts.close()
        self._bytes.close()

    def add(self, rows: Iterable[Row]) -> None:
        """Lay a stretch of the file aside."""
        kept: list[ImportedItem | list[Reason]] = []
        for row in rows:
            if isinstance(row, ImportedItem):
                kept.append(row)
            else:
                self._texts.write(json.dumps(asdict(row[0]), ensure_ascii=False).encode() + b"\n")
                kept.append(row[1])
        self._stretches.append(kept)

    def stretches(self) -> Iterator[list[Row]]:
        """The stretches in their order."""
        self._texts.seek(0)
        for kept in self._stretches:
            rows: list[Row] = []
            for row in kept:
                if isinstance(row, ImportedItem):
                    rows.append(row)
                else:
                    facts = json.loads(self._texts.readline())
                    question = CheckedQuestion(**{**facts, "category": tuple(facts["category"])})
                    rows.append((question, list(row)))
            yield rows

    def add_picture(self, path: str, content: bytes) -> None:
        """Lay a clean picture aside, each once."""
        if path not in self._pictures:
            self._pictures[path] = (self._bytes.seek(0, 2), len(content))
            self._bytes.write(content)

    def store_pictures(self) -> None:
        """Keep every picture for good; under the digest of its bytes, so that doing it twice is harmless."""
        for path, (start, size) in self._pictures.items():
            if not default_storage.exists(path):
                self._bytes.seek(start)
                keep_picture(path, self._bytes.read(size))


def read_file(*, bank: Bank | None, items: Iterable[Item], into: CheckedFile) -> None:
    """Check every item and compare it with what `bank` has now; no lock is held.

    Nothing is changed, but that questions of the bank are indexed which are due, so that their doubles are found. What `items` raises (Unreadable) goes on to the caller.
    """
    if bank is not None:
        index_questions(bank=bank)
    numbers = Numbers(bank)
    rows: list[Row] = []
    signs = 0
    for item in items:
        row = _checked(item, into)
        rows.append(row)
        signs += 0 if isinstance(row, ImportedItem) else len(row[0].search_text)
        if len(rows) >= MOST_ROWS or signs >= MOST_SIGNS:
            _settle(numbers, rows)
            _compare(bank, rows)
            into.add(rows)
            rows, signs = [], 0
    _settle(numbers, rows)
    _compare(bank, rows)
    into.add(rows)


def _settle(numbers: Numbers, rows: list[Row]) -> None:
    numbers.settle([row[0] for row in rows if not isinstance(row, ImportedItem) and row[0].numbered_in])


def _compare(bank: Bank | None, rows: list[Row]) -> None:
    """Find out, for known questions, whether another digest means another question."""
    if bank is None:
        return
    wanted = {row[0].idnumber: row[0] for row in rows if not isinstance(row, ImportedItem)}
    known = Question.objects.filter(bank=bank, idnumber__in=wanted).values_list(
        "idnumber", "current_version", "current_version__digest"
    )
    differing = {
        version: wanted[idnumber]
        for idnumber, version, digest in known
        if version and digest != wanted[idnumber].digest
    }
    for version in QuestionVersion.objects.filter(pk__in=differing):
        question = differing[version.pk]
        question.compared_with = version.pk
        question.is_same = says_the_same(version, digest=question.digest)


# One item -----------------------------------------------------------------------------------------------------


def _checked(item: Item, file: CheckedFile) -> Row:
    """The item as it can be stored, or why it cannot."""
    if isinstance(item, ReadProblem):
        return ImportedItem(item.ref, item.name, item.type, "error", item.reason)
    notes: list[Reason] = list(item.notes)
    try:
        model = checked_model(item.type, _with_pictures(item, notes, file))
    except InvalidQuestion as problem:
        return ImportedItem(item.ref, item.name, item.type, "error", problem.message)
    body: dict[str, Any] = model.model_dump(mode="json")
    digest = version_digest(item.type, body)
    name = _short(_("name"), nfc(item.name), 255, notes)
    given = nfc(item.idnumber).strip()
    idnumber = given or made_idnumber(name, digest)
    if len(idnumber) > 100:
        reason = _("The identifier is longer than 100 characters; shorten it in the file.")
        return ImportedItem(item.ref, item.name, item.type, "error", reason)
    text, key = search_facts(item.type, model, body)
    question = CheckedQuestion(
        ref=item.ref,
        name=name,
        type=item.type,
        body=body,
        digest=digest,
        idnumber=idnumber,
        is_named=bool(given),
        category=_category(item.category, notes),
        tags=_tags(item.tags, notes),
        facts=_facts(item, notes),
        text_key=key,
        search_text=fold(f"{idnumber} {name} {text}"),
        number=item.number,
        numbered_in=item.numbered_in,
    )
    return question, notes


def made_idnumber(name: str, digest: str) -> str:
    """The identifier of a question whose file gives none: readable, and the same for the same question."""
    return f"{slugify(fold(name))[:60].strip('-') or 'cau'}-{digest_of([name, digest])[:12]}"


def _with_pictures(item: ParsedQuestion, notes: list[Reason], file: CheckedFile) -> dict[str, Any]:
    """The body with the addresses that its pictures will be kept at. Raises InvalidQuestion for one that is none."""

    def address(source: str) -> str | None:
        name = media_name(source)
        if name is None:
            return source
        media = item.media.get(name)
        if media is None:
            notes.append(filled(_("The picture “%(name)s” is missing in the file."), {"name": name[:80]}))
            return None
        content, path = checked_picture(media)
        file.add_picture(path, content)
        return default_storage.url(path)

    return with_addresses(item.body, address)


def _short(field: Reason, text: str, most: int, notes: list[Reason]) -> str:
    """The text as long as its column is; that it was cut is told."""
    if len(text) > most:
        facts = {"field": field, "most": most, "text": f"{text[:40]}…"}
        notes.append(filled(_("Cut to %(most)d characters: %(field)s “%(text)s”."), facts))
    return text[:most]


def _category(path: Iterable[str], notes: list[Reason]) -> tuple[str, ...]:
    """The names of a category in NFC with single blanks; below the deepest level that a tree has, joined to one."""
    names = [clean for name in path if (clean := " ".join(nfc(name).split()))]
    if len(names) > MOST_LEVELS:
        notes.append(filled(_("Categories below level %(most)d became one."), {"most": MOST_LEVELS}))
        names = [*names[: MOST_LEVELS - 1], " / ".join(names[MOST_LEVELS - 1 :])]
    return tuple(_short(_("category"), name, MOST_NAME, notes) for name in names)


def _tags(tags: Iterable[str], notes: list[Reason]) -> list[str]:
    return clean_tags(_short(_("tag"), " ".join(nfc(tag).split()), MOST_TAG, notes) for tag in tags)


def _facts(item: ParsedQuestion, notes: list[Reason]) -> dict[str, Any]:
    """What the file says about the question beside its text; what it does not say is left as it is."""
    outcome = _short(_("learning outcome"), nfc(item.outcome), 40, notes)
    facts = {"difficulty": item.difficulty, "nature": item.nature, "outcome": outcome}
    said: dict[str, Any] = {name: value for name, value in facts.items() if value}
    if item.exam_only:
        said["exam_only"] = True
    return said
