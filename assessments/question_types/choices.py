"""What single and multiple choice share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from django.utils.translation import gettext_lazy as _
from pydantic import Field, model_validator

from assessments.question_types.base import ALMOST_ONE, Body, Fraction, Html, Key, Shape, key_of, ordered
from assessments.question_types.editor import Fault
from assessments.question_types.source import html_of, letters, listed, source_of
from common.html import plain_text


class Choice(Shape):
    """A choice: what it says, what it is worth (−1 to 1), what it tells who chose it.

    A pinned one keeps its place when the others are shuffled, as “none of these” does. It is stored only where it is
    pinned, so that the digests of choices from before stay what they were.
    """

    id: Key
    text: Annotated[Html, Field(min_length=1)]
    fraction: Fraction = 0.0
    feedback: Html = ""
    pinned: Annotated[bool, Field(exclude_if=lambda pinned: not pinned)] = False


class ChoiceBody(Body):
    """2 to 20 choices with ids of their own."""

    choices: Annotated[tuple[Choice, ...], Field(min_length=2, max_length=20)]
    shuffle: bool = True

    @model_validator(mode="after")
    def _ids_are_unique(self) -> ChoiceBody:
        ids = [choice.id for choice in self.choices]
        if len(set(ids)) != len(ids):
            raise Fault(_("Two choices have the same id."), "choices")
        return self


def read_choices(source: Mapping[str, Any], *, right: float | None, wrong: float | None) -> list[dict[str, Any]]:
    """Choices of a pack; `correct: true` is worth `right`, the rest `wrong` (None: by the number of right ones)."""
    rows = listed(source, "choices", {"text", "correct", "fraction", "feedback", "id", "pinned"})
    correct = sum(1 for row in rows if row.get("correct") is True)
    worth_right = right if right is not None else 1 / max(correct, 1)
    worth_wrong = wrong if wrong is not None else -1 / max(correct, 1)
    taken = {str(row["id"]) for row in rows if "id" in row}
    spare = [key for key in letters(2 * len(rows)) if key not in taken]
    choices = []
    for key, row in zip(letters(len(rows)), rows, strict=True):
        if "text" not in row:
            raise ValueError(f"choice {key}: “text” is missing")
        if row.get("correct") not in (None, True, False):
            raise ValueError(f"choice {key}: “correct” must be true or false")
        if row.get("pinned") not in (None, True, False):
            raise ValueError(f"choice {key}: “pinned” must be true or false")
        fraction = row["fraction"] if "fraction" in row else (worth_right if row.get("correct") else worth_wrong)
        own = str(row.get("id") or (key if key in spare else spare[0]))
        if own in spare:
            spare.remove(own)
        choice = {"id": own, "text": html_of(row["text"]), "fraction": fraction}
        if row.get("feedback"):
            choice["feedback"] = html_of(row["feedback"])
        if row.get("pinned"):
            choice["pinned"] = True
        choices.append(choice)
    return choices


def write_choices(body: ChoiceBody, *, right: float | None, wrong: float | None) -> list[dict[str, Any]]:
    """The choices as packs write them: `correct` where that says it, `fraction` where it does not."""
    correct = [choice for choice in body.choices if choice.fraction > 0]
    worth_right = right if right is not None else 1 / max(len(correct), 1)
    worth_wrong = wrong if wrong is not None else -1 / max(len(correct), 1)
    simple = all(c.fraction == (worth_right if c.fraction > 0 else worth_wrong) for c in body.choices)
    rows = []
    for key, choice in zip(letters(len(body.choices)), body.choices, strict=True):
        row: dict[str, Any] = {} if choice.id == key else {"id": choice.id}
        row["text"] = source_of(choice.text)
        if not simple:
            row["fraction"] = choice.fraction
        elif choice.fraction > 0:
            row["correct"] = True
        if choice.feedback:
            row["feedback"] = source_of(choice.feedback)
        if choice.pinned:
            row["pinned"] = True
        rows.append(row)
    return rows


def pinned_choices(body: ChoiceBody) -> dict[str, frozenset[str]]:
    """What of the choices keeps its place, as `QuestionType.pinned` says it."""
    kept = frozenset(choice.id for choice in body.choices if choice.pinned)
    return {"choices": kept} if kept and body.shuffle else {}


def choice_views(
    body: ChoiceBody, chosen: set[str], variant: Mapping[str, Any], *, right: set[str]
) -> list[dict[str, Any]]:
    """Choices in the order of the paper, as templates show them."""
    by_id = {choice.id: choice for choice in body.choices}
    order = variant.get("order", {}).get("choices") if isinstance(variant.get("order"), Mapping) else None
    return [
        {
            "id": key,
            "letter": chr(ord("A") + number),
            "text": by_id[key].text,
            "feedback": by_id[key].feedback,
            "chosen": key in chosen,
            "right": key in right,
        }
        for number, key in enumerate(ordered(list(by_id), order))
    ]


def best_choice(body: ChoiceBody) -> Choice:
    """The choice that is worth most; the first of equals."""
    return max(body.choices, key=lambda choice: choice.fraction)


def choice_named(body: ChoiceBody, text: Any) -> str:
    """The id of the choice with this text. Raises ValueError."""
    return key_of(text, {choice.id: choice.text for choice in body.choices}, "choice")


def choices_named(body: ChoiceBody, texts: Sequence[Any]) -> list[str]:
    """The ids of the choices with these texts; one that several choices have means the first that is left.

    Raises ValueError.
    """
    left = {choice.id: choice.text for choice in body.choices}
    found: list[str] = []
    for text in texts:
        try:
            key = key_of(text, left, "choice")
        except ValueError:
            key = choice_named(body, text)  # said twice: marking refuses it
        left.pop(key, None)
        found.append(key)
    return found


def right_choices(body: ChoiceBody) -> set[str]:
    """Ids of the choices that are worth everything; without one, of those that are worth most."""
    most = min(max(choice.fraction for choice in body.choices), ALMOST_ONE)
    return {choice.id for choice in body.choices if choice.fraction >= most}


def choice_text(body: ChoiceBody, key: str) -> str:
    """Plain text of a choice."""
    return next((plain_text(choice.text) for choice in body.choices if choice.id == key), "?")
