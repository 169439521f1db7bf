"""The protocol of a question type, and what marking gives."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Any, ClassVar, Generic, TypeVar

from django.utils.functional import Promise
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from assessments.question_types.editor import AFTER, BEFORE
from assessments.question_types.editor import Field as EditorField
from assessments.question_types.parts import without_pictures
from common.html import clean_html, plain_text
from common.vietnamese import nfc

MOST_TEXT = 20_000
MOST_RESPONSE = 10_000
ALMOST_ZERO, ALMOST_ONE = 0.000001, 0.999999


def _clean(text: str) -> str:
    return clean_html(nfc(text), allow_media=True)


# Rich text: HTML that was cleaned. Everything that walks bodies (media, Markdown, search) finds it by this type.
Html = Annotated[str, StringConstraints(max_length=MOST_TEXT), AfterValidator(_clean)]
PlainLine = Annotated[str, StringConstraints(max_length=500), AfterValidator(nfc)]
Fraction = Annotated[float, Field(ge=-1, le=1, allow_inf_nan=False)]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{1,20}$")]


class Shape(BaseModel):
    """Base of bodies and responses: unknown keys are refused, nothing is coerced silently."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Body(Shape):
    """What every question has."""

    stem: Annotated[Html, Field(min_length=1)]
    feedback: Html = ""
    feedback_right: Html = ""
    feedback_partial: Html = ""
    feedback_wrong: Html = ""
    hints: tuple[Html, ...] = ()
    penalty: Annotated[float, Field(ge=0, le=1)] = 1 / 3
    mark: Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)] = 1.0

    @property
    def cost(self) -> float:
        """What a wrong try takes away: the penalty with seven decimals, so that a third is what it is to Moodle."""
        return round(self.penalty, 7)

    def feedback_for(self, state: str) -> str:
        """What is told to everybody with this outcome; nothing while a person has to mark it."""
        if state in (State.NEEDS_MARKING, State.INVALID):
            return ""
        return {State.RIGHT: self.feedback_right, State.PARTIAL: self.feedback_partial}.get(
            State(state), self.feedback_wrong
        )


class State(StrEnum):
    """What became of a response."""

    RIGHT = "right"
    PARTIAL = "partial"
    WRONG = "wrong"
    UNANSWERED = "unanswered"
    NEEDS_MARKING = "needs_marking"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The mark of one response.

    `fraction` is −1 to 1 with seven decimals, 0 when unanswered, None when a person must mark it or it is invalid.
    `parts` says for each part (a choice, a pair) the state of what was answered there; `feedback` is HTML to show.
    """

    state: State
    fraction: float | None
    parts: Mapping[str, State] = field(default_factory=dict)
    feedback: tuple[str, ...] = ()
    reason: str = ""


UNANSWERED = Outcome(State.UNANSWERED, 0.0)


def graded(fraction: float, *, parts: Mapping[str, State] | None = None, feedback: Sequence[str] = ()) -> Outcome:
    """The outcome of a fraction: right above 0.999999, wrong below 0.000001 (Moodle, question_state)."""
    rounded = round(fraction, 7)
    if rounded > ALMOST_ONE:
        state = State.RIGHT
    elif rounded < ALMOST_ZERO:
        state = State.WRONG
    else:
        state = State.PARTIAL
    return Outcome(state, rounded + 0.0, parts or {}, tuple(text for text in feedback if text))


def invalid(reason: str) -> Outcome:
    """A response that does not fit its question."""
    return Outcome(State.INVALID, None, reason=reason)


B = TypeVar("B", bound=Body)
R = TypeVar("R", bound=Shape)


class QuestionType(ABC, Generic[B, R]):
    """One kind of question. Subclasses are stateless; each module has one as `question_type`.

    `is_answered`: there is something to answer (a description has nothing). `counts_back`: with several tries each
    part is marked by the try that got it right for good (see `final_fraction`). `answers_in_stem`: the fields stand
    within the text, which then only the type's own templates show.
    """

    is_answered: ClassVar[bool] = True
    counts_back: ClassVar[bool] = False
    answers_in_stem: ClassVar[bool] = False
    name: ClassVar[str]
    label: ClassVar[str | Promise]
    editor: ClassVar[tuple[EditorField, ...]]
    Body: type[B]
    Response: type[R]

    @property
    def source_fields(self) -> tuple[EditorField, ...]:
        """Every field of the source form in the order of the editor: the common ones around the type's own."""
        return (*BEFORE, *self.editor, *AFTER)

    @property
    def template(self) -> str:
        """The candidate's form."""
        return f"assessments/question_types/{self.name}/question.html"

    @property
    def result_template(self) -> str:
        """The marked answer with its explanations."""
        return f"assessments/question_types/{self.name}/result.html"

    @abstractmethod
    def grade(self, body: B, response: R, variant: Mapping[str, Any]) -> Outcome:
        """Mark a response that has the right shape. Pure and deterministic."""

    @abstractmethod
    def is_empty(self, response: R) -> bool:
        """Whether nothing was answered."""

    def is_complete(self, body: B, response: R, variant: Mapping[str, Any]) -> bool:
        """Whether every part is answered in a form that can be marked; less than that does not count as a try."""
        return not self.is_empty(response)

    def is_same(self, one: R, other: R) -> bool:
        """Whether two responses say the same; the second of them does not count as a try."""
        return one == other

    @abstractmethod
    def parse_form(self, data: Mapping[str, Sequence[str]], prefix: str, body: B) -> dict[str, Any]:
        """The response in the fields of an HTML form that begin with `prefix`."""

    @abstractmethod
    def to_form(self, body: B, response: R, prefix: str) -> dict[str, list[str]]:
        """The fields of an HTML form that parse_form reads as this response."""

    @abstractmethod
    def from_texts(self, body: B, response: Mapping[str, Any]) -> dict[str, Any]:
        """The response that names texts (plain, white space folded) instead of ids, as outsiders write it.

        `{"choice": "Owl"}`, `{"choices": […]}`, `{"answer": true}`, `{"text": "3.14", "unit": "m"}`,
        `{"pairs": {"frog": "amphibian"}}`, `{"order": […]}`, `{"gaps": {"1": "quick"}}`,
        `{"parts": {"1": {"text": "Owl"}}}`, `{"drops": {"1": "label"}}`, `{"points": {"label": [[x, y]]}}`,
        `{"cells": {"row": "column"}}`. Raises ValueError, naming it, for a text that the question does not have.
        """

    def shown_stem(self, body: B, variant: Mapping[str, Any]) -> str:
        """The text of the question as the candidate may see it: HTML without anything that tells the key."""
        return body.stem

    def make_variant(self, body: B, seed: str) -> dict[str, Any]:
        """The values of one paper, drawn from `seed`, for questions that have any; orders are not among them."""
        return {}

    def drawn(self, body: B, variant: Mapping[str, Any]) -> B:
        """The body as one paper shows it, the paper's values in its texts and in `correct_response`."""
        return body

    def final_fraction(self, body: B, tries: Sequence[R], variant: Mapping[str, Any]) -> float:
        """The fraction (0–1) after several tries, of types that count back by part. `body.cost` a wrong try."""
        raise NotImplementedError(self.name)

    @abstractmethod
    def from_source(self, source: Mapping[str, Any]) -> B:
        """The body from the form that packs use (docs/content-packs.md). Raises ValueError or ValidationError."""

    @abstractmethod
    def to_source(self, body: B) -> dict[str, Any]:
        """The form that packs use; from_source gives the body back."""

    @abstractmethod
    def correct_response(self, body: B) -> dict[str, Any]:
        """A response that earns everything."""

    @abstractmethod
    def describe_response(self, body: B, response: R) -> str:
        """The response in plain text, for lists and exports."""

    @abstractmethod
    def view(self, body: B, response: R | None, variant: Mapping[str, Any]) -> dict[str, Any]:
        """What the templates need: choices in the order of the paper, what was chosen, what was right."""

    def permutables(self, body: B) -> dict[str, list[str]]:
        """What may be shuffled: name → ids in the author's order."""
        return {}

    def pinned(self, body: B) -> dict[str, frozenset[str]]:
        """Of what may be shuffled, what keeps the author's place: name → ids."""
        return {}

    def search_text(self, body: B) -> str:
        """Everything readable in the body."""
        return plain_text(" ".join(_texts(body.model_dump(mode="json"))))


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for item in value.values() for text in _texts(item)]
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    return []


@lru_cache(maxsize=4096)
def folded_text(html: str) -> str:
    """Plain text with its white space folded: how outsiders name a choice, an item, a gap."""
    return " ".join(plain_text(html).split())


def key_of(text: Any, keys: Mapping[str, str], what: str) -> str:
    """The id whose HTML (`keys`: id → HTML) says `text`, the first of several. Raises ValueError when none does.

    Exactly, or else but for case, or else with the alternative texts of its pictures.
    """
    if isinstance(text, str | int | float) and not isinstance(text, bool):
        wanted = " ".join(str(text).split())
        for key, html in keys.items():
            if folded_text(html) == wanted:
                return key
        wanted = _alike(wanted)
        for named in (folded_text, _folded_name):
            for key, html in keys.items():
                if _alike(named(html)) == wanted:
                    return key
    raise ValueError(f"there is no {what} “{text}”")


def _alike(text: str) -> str:
    return nfc(text).casefold()


def _folded_name(html: str) -> str:
    return folded_text(without_pictures(html))


def ordered(ids: Sequence[str], wanted: Sequence[str] | None) -> list[str]:
    """`ids` in the order of the paper; what the paper does not know comes last, what is gone is left out."""
    if not wanted:
        return list(ids)
    known = [key for key in wanted if key in set(ids)]
    return known + [key for key in ids if key not in set(known)]
