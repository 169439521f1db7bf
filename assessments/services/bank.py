"""Banks, and their questions: made and versioned."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from assessments.exceptions import InvalidQuestion
from assessments.models import Bank, Category, Question, QuestionVersion
from assessments.question_types import get_type
from common.digests import digest_of
from common.messages import filled
from common.vietnamese import fold, nfc


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


def checked_body(type_name: str, body: dict[str, Any]) -> dict[str, Any]:
    """The body as it will be stored: validated by its type and cleaned. Raises InvalidQuestion."""
    try:
        question_type = get_type(type_name)
    except KeyError:
        raise InvalidQuestion(filled(_("“%(type)s” is not a question type."), {"type": type_name})) from None
    try:
        model = question_type.Body.model_validate(body)
    except ValidationError as problem:
        first = problem.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "body"
        raise InvalidQuestion(filled(_("%(place)s: %(reason)s"), {"place": place, "reason": first["msg"]})) from problem
    stored: dict[str, Any] = model.model_dump(mode="json")
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


def text_key(text: str) -> str:
    """What two questions have in common that say the same: letters and digits only, diacritics and case aside."""
    return digest_of("".join(letter for letter in fold(text) if letter.isalnum()))


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
    question_type = get_type(type_name)
    text = question_type.search_text(question_type.Body.model_validate(stored))
    question.search_text = fold(f"{question.idnumber} {question.name} {text}")
    question.text_key = text_key(text)
    question.save(update_fields=["current_version", "search_text", "text_key", "updated_at"])
    return version


@transaction.atomic
def update_question(*, question: Question, by: Any, tags: Iterable[str] | None = None, **fields: Any) -> bool:
    """Change what a question is for (category, name, difficulty, nature, outcome, exam_only); True when it changed."""
    locked = Question.objects.select_for_update().get(pk=question.pk)
    changed = [name for name, value in fields.items() if getattr(locked, name) != value]
    for name in changed:
        setattr(locked, name, fields[name])
    if changed:
        locked.save(update_fields=[*changed, "updated_at"])
    if tags is not None and set(locked.tags.names()) != set(tags):
        locked.tags.set(list(tags))
        return True
    return bool(changed)
