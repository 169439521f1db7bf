"""One change for many questions: in one transaction, a few statements for each chunk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from taggit.models import TaggedItem

from assessments.exceptions import CategoryRefused, ChangedMeanwhile
from assessments.models import Category, Question
from assessments.services.bank import NOTHING_SAID
from assessments.services.review import set_status_of_locked
from assessments.services.tags import clean_tags, tag_questions

CHUNK = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What to give to every question; None and nothing leave it as it is."""

    status: str = ""
    comment: str = ""
    category: Category | None = None
    difficulty: str = ""
    nature: str = ""
    outcome: str | None = None
    exam_only: bool | None = None
    add_tags: Sequence[str] = ()
    remove_tags: Sequence[str] = ()

    def facts(self) -> dict[str, Any]:
        """The columns to set."""
        said: dict[str, Any] = {
            "category": self.category,
            "difficulty": self.difficulty or None,
            "nature": self.nature or None,
            "outcome": self.outcome,
            "exam_only": self.exam_only,
        }
        return {name: value for name, value in said.items() if value is not None}

    def __bool__(self) -> bool:
        return bool(self.status or self.facts() or self.add_tags or self.remove_tags)


@dataclass(slots=True)
class Edited:
    """How many questions were taken in hand, and how many of them wait for somebody else's approval."""

    count: int = 0
    own: int = field(default=0)


@transaction.atomic
def edit_questions(*, questions: QuerySet[Question], expected: int, changes: Changes, by: Any, at: datetime) -> Edited:
    """Give the changes to every question of the queryset. One's own versions are not approved, and counted.

    Raises ChangedMeanwhile when there are not `expected` of them any more, and CategoryRefused when the category is of
    another bank; then nothing is changed.
    """
    keys = list(questions.order_by("pk").values_list("pk", flat=True).distinct())
    if len(keys) != expected:
        raise ChangedMeanwhile(
            _("The questions have changed meanwhile: there are %(now)d now, not %(before)d. Look again.")
            % {"now": len(keys), "before": expected}
        )
    if changes.category is not None:
        foreign = Question.objects.filter(pk__in=questions.values("pk")).exclude(bank=changes.category.bank_id)
        if foreign.exists():
            raise CategoryRefused(_("Some of these questions are in another bank than the category."))
    edited = Edited()
    for chunk in _chunks(keys):
        rows = list(
            Question.objects.filter(pk__in=chunk)
            .select_for_update(of=("self",))
            .select_related("bank", "current_version")
            .order_by("pk")
        )
        if changes.status:
            edited.own += set_status_of_locked(
                questions=rows, status=changes.status, by=by, at=at, comment=changes.comment
            ).own
        Question.objects.filter(pk__in=chunk).update(**changes.facts(), updated_at=at)
        _change_tags(rows, changes)
        edited.count += len(rows)
    return edited


def _change_tags(rows: list[Question], changes: Changes) -> None:
    if changes.remove_tags:
        kind = ContentType.objects.get_for_model(Question)
        links = TaggedItem.objects.filter(content_type=kind, object_id__in=[row.pk for row in rows])
        links.filter(tag__name__in=clean_tags(changes.remove_tags)).delete()
    if changes.add_tags:
        names = clean_tags(changes.add_tags)
        tag_questions({row.pk: names for row in rows})


def _chunks(keys: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(keys), CHUNK):
        yield keys[start : start + CHUNK]


@transaction.atomic
def keep_one_of(*, keep: Question, by: Any, at: datetime) -> int:
    """Retire every other question of the bank that says the same as `keep`; how many were retired."""
    rows = list(
        Question.objects.filter(bank=keep.bank_id, text_key=keep.text_key)
        .exclude(text_key__in=["", NOTHING_SAID])
        .exclude(pk=keep.pk)
        .exclude(status=Question.Status.RETIRED)
        .select_for_update(of=("self",))
        .select_related("bank", "current_version")
        .order_by("pk")
    )
    comment = _("It says the same as %(id)s.") % {"id": keep.idnumber}
    return set_status_of_locked(questions=rows, status=Question.Status.RETIRED, by=by, at=at, comment=comment).changed
