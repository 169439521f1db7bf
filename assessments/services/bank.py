"""Banks, and their questions: made and versioned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from assessments.exceptions import InvalidQuestion
from assessments.formats.checking import why_not
from assessments.models import Bank, Category, Question, QuestionVersion
from assessments.question_types import get_type
from assessments.question_types.base import Body
from assessments.services.media import pictures_in
from common.digests import digest_of
from common.messages import filled
from common.vietnamese import fold, nfc

NOTHING_SAID = "-"


@transaction.atomic
def create_bank(*, slug: str, title: str, unit: Any = None, by: Any) -> Bank:
    """The bank with this slug, made with its root category when there is none."""
    bank, created = Bank.objects.get_or_create(slug=slug, defaults={"title": title[:200], "unit": unit})
    if created:
        Category.add_root(bank=bank, name=title[:200])
    return bank


@transaction.atomic
def update_bank(*, bank: Bank, title: str, unit: Any, by: Any, self_approval: bool | None = None) -> Bank:
    """Give a bank another title, owning unit or rule of approval; its root category carries the title along."""
    locked = Bank.objects.select_for_update().get(pk=bank.pk)
    locked.title, locked.unit = title[:200], unit
    if self_approval is not None:
        locked.self_approval = self_approval
    locked.save(update_fields=["title", "unit", "self_approval"])
    Category.objects.filter(bank=locked, depth=1).update(name=title[:200])
    return locked


@transaction.atomic
def ensure_category(*, bank: Bank, path: Iterable[str]) -> Category:
    """The category at `path` (names from the root's children down), made where missing."""
    category = Category.objects.get(bank=bank, depth=1)
    for name in path:
        wanted = " ".join(nfc(name).split())[:200]
        child = category.get_children().filter(name=wanted).first()
        category = child or Category.objects.get(pk=category.pk).add_child(bank=bank, name=wanted)
    return category


def category_paths(bank: Bank) -> dict[int, tuple[str, ...]]:
    """Category id → names from the root's children down. One query."""
    names: dict[str, str] = {}
    found = {}
    step = Category.steplen
    for category in Category.objects.filter(bank=bank).order_by("path"):
        names[category.path] = category.name
        ends = range(2 * step, len(category.path) + 1, step)
        found[category.pk] = tuple(names[category.path[:end]] for end in ends)
    return found


def checked_model(type_name: str, body: Mapping[str, Any]) -> Body:
    """The body validated by its type and cleaned. Raises InvalidQuestion."""
    try:
        question_type = get_type(type_name)
    except KeyError:
        raise InvalidQuestion(filled(_("“%(type)s” is not a question type."), {"type": type_name})) from None
    try:
        model: Body = question_type.Body.model_validate(body)
    except ValidationError as problem:
        raise InvalidQuestion(why_not(problem)) from problem
    return model


def checked_body(type_name: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """The body as it will be stored: validated by its type and cleaned. Raises InvalidQuestion."""
    stored: dict[str, Any] = checked_model(type_name, body).model_dump(mode="json")
    return stored


def version_digest(type_name: str, body: dict[str, Any]) -> str:
    """SHA-256 of type and body in canonical JSON."""
    return digest_of({"type": type_name, "body": body})


def says_the_same(version: QuestionVersion | None, *, digest: str) -> bool:
    """Whether a version is what `digest` stands for, also when its type has got new fields with defaults since."""
    if version is None:
        return False
    if version.digest == digest:
        return True
    try:
        return version_digest(version.type, checked_body(version.type, version.body)) == digest
    except InvalidQuestion:
        return False


def search_facts(type_name: str, model: Body, stored: Mapping[str, Any]) -> tuple[str, str]:
    """(all words of a body, what it has in common with others that say the same) of a body and its stored form."""
    text = get_type(type_name).search_text(model)
    return text, text_key(text, pictures_in(stored))


def text_key(text: str, pictures: Iterable[str] = ()) -> str:
    """Equal for questions that say the same: by letters and digits, diacritics and case aside, and by pictures.

    NOTHING_SAID when there is nothing to compare.
    """
    letters = "".join(letter for letter in fold(text) if letter.isalnum())
    shown = sorted(pictures)
    if not letters and not shown:
        return NOTHING_SAID
    return digest_of([letters, *shown] if shown else letters)


@transaction.atomic
def create_question(
    *,
    bank: Bank,
    category: Category,
    idnumber: str,
    name: str,
    type: str,
    body: dict[str, Any],
    difficulty: str = Question.Difficulty.BASIC,
    nature: str = Question.Nature.KNOWLEDGE,
    outcome: str = "",
    tags: Iterable[str] = (),
    exam_only: bool = False,
    status: str = Question.Status.DRAFT,
    by: Any,
    at: datetime,
) -> Question:
    """A new question with its first version.

    Raises InvalidQuestion when the body does not fit the type or the identifier is taken in this bank.
    """
    idnumber = nfc(idnumber).strip()
    Bank.objects.select_for_update().get(pk=bank.pk)  # two at once must not take one identifier
    if Question.objects.filter(bank=bank, idnumber=idnumber).exists():
        raise InvalidQuestion(filled(_("The identifier %(id)s is taken in this bank."), {"id": idnumber}))
    stored = checked_body(type, body)
    question = Question.objects.create(
        bank=bank,
        category=category,
        idnumber=idnumber,
        name=nfc(name)[:255],
        difficulty=Question.Difficulty(difficulty),
        nature=Question.Nature(nature),
        outcome=outcome,
        exam_only=exam_only,
        status=Question.Status(status),
    )
    question.tags.set(list(tags))
    _store_version(question, type, stored, by=by, at=at, note="")
    return question


@transaction.atomic
def add_version(
    *, question: Question, type: str, body: dict[str, Any], by: Any, at: datetime, note: str = ""
) -> QuestionVersion:
    """A new version, which becomes the current one; the same type and body give the current version back.

    Past sittings keep the version that they showed. Raises InvalidQuestion.
    """
    stored = checked_body(type, body)
    locked = Question.objects.select_for_update().get(pk=question.pk)
    current = locked.current_version
    if current is not None and says_the_same(current, digest=version_digest(type, stored)):
        return current
    version = _store_version(locked, type, stored, by=by, at=at, note=note)
    question.current_version = version
    return version


def _store_version(
    question: Question, type_name: str, stored: dict[str, Any], *, by: Any, at: datetime, note: str
) -> QuestionVersion:
    last = question.versions.order_by("-number").values_list("number", flat=True).first() or 0
    version = QuestionVersion.objects.create(
        question=question,
        number=last + 1,
        type=type_name,
        body=stored,
        digest=version_digest(type_name, stored),
        created_at=at,
        created_by=by,
        note=note[:300],
    )
    question.current_version = version
    index_question(question, version)
    question.save(update_fields=["current_version", "search_text", "text_key", "updated_at"])
    return version


def index_question(question: Question, version: QuestionVersion) -> None:
    """Set by what a question is found: its words and what it has in common with others."""
    model = get_type(version.type).Body.model_validate(version.body)
    text, question.text_key = search_facts(version.type, model, version.body)
    question.search_text = fold(f"{question.idnumber} {question.name} {text}")


@transaction.atomic
def update_question(*, question: Question, by: Any, tags: Iterable[str] | None = None, **fields: Any) -> bool:
    """Change what a question is for (category, name, difficulty, nature, outcome, exam_only); True when it changed."""
    locked = Question.objects.select_for_update(of=("self",)).select_related("current_version").get(pk=question.pk)
    changed = [name for name, value in fields.items() if getattr(locked, name) != value]
    for name in changed:
        setattr(locked, name, fields[name])
    if "name" in changed and locked.current_version is not None:
        index_question(locked, locked.current_version)
    if changed:
        locked.save(update_fields=[*changed, "search_text", "text_key", "updated_at"])
    if tags is not None and set(locked.tags.names()) != set(tags):
        locked.tags.set(list(tags))
        locked.save(update_fields=["updated_at"])  # who began before this must not overwrite it
        return True
    return bool(changed)
