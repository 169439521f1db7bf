"""Cloze: a text with fields of several kinds, each marked as the simple type is, weighed together (qtype_multianswer).

The text holds {#1}, {#2} …, one for each part. The fraction is Σ weight · fraction / Σ weight. The state is right when
every part is right, wrong when every part is wrong or left open, and partial otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal, TypeAlias

from django.utils.translation import gettext_lazy as _
from pydantic import Field, StringConstraints, ValidationError, model_validator
from pydantic_core import InitErrorDetails

from assessments.question_types import editor
from assessments.question_types.base import (
    MOST_RESPONSE,
    UNANSWERED,
    Body,
    Key,
    Outcome,
    QuestionType,
    Shape,
    State,
    graded,
    invalid,
)
from assessments.question_types.cloze_editor import PARTS, STEM, own_source
from assessments.question_types.editor import Fault
from assessments.question_types.editor import Field as EditorField
from assessments.question_types.multiple_choice import MultipleChoice, MultipleChoiceBody
from assessments.question_types.numerical import Numerical, NumericalBody
from assessments.question_types.parts import fields_in, named, sentences_of, stem_source
from assessments.question_types.short_answer import ShortAnswer, ShortAnswerBody
from assessments.question_types.single_choice import SingleChoice, SingleChoiceBody
from assessments.question_types.source import read_common, write_common
from common.html import plain_text
from common.messages import filled

FIELD = r"\{#([1-9][0-9]{0,2})\}"
MOST_PARTS = 50
PartId = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,2}$")]
Weight = Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)]


class ShortAnswerPartBody(ShortAnswerBody):
    """A short answer without a text of its own."""

    stem: Literal[""] = ""


class SingleChoicePartBody(SingleChoiceBody):
    """A single choice without a text of its own."""

    stem: Literal[""] = ""


class MultipleChoicePartBody(MultipleChoiceBody):
    """A multiple choice without a text of its own."""

    stem: Literal[""] = ""


class NumericalPartBody(NumericalBody):
    """A number without a text of its own."""

    stem: Literal[""] = ""


class ShortAnswerPart(Shape):
    """A word or two to type."""

    simple: ClassVar[QuestionType[Any, Any]] = ShortAnswer()
    id: PartId
    kind: Literal["short_answer"]
    weight: Weight = 1.0
    layout: Literal["field"] = "field"
    body: ShortAnswerPartBody


class ChoicePart(Shape):
    """One of several to choose, from a list or beside each other."""

    simple: ClassVar[QuestionType[Any, Any]] = SingleChoice()
    id: PartId
    kind: Literal["multiple_choice_one"]
    weight: Weight = 1.0
    layout: Literal["dropdown", "vertical", "horizontal"] = "dropdown"
    body: SingleChoicePartBody


class ChoicesPart(Shape):
    """Any number to tick."""

    simple: ClassVar[QuestionType[Any, Any]] = MultipleChoice()
    id: PartId
    kind: Literal["multiple_response"]
    weight: Weight = 1.0
    layout: Literal["vertical", "horizontal"] = "vertical"
    body: MultipleChoicePartBody


class NumericalPart(Shape):
    """A number to type."""

    simple: ClassVar[QuestionType[Any, Any]] = Numerical()
    id: PartId
    kind: Literal["numerical"]
    weight: Weight = 1.0
    layout: Literal["field"] = "field"
    body: NumericalPartBody


Part: TypeAlias = Annotated[ShortAnswerPart | ChoicePart | ChoicesPart | NumericalPart, Field(discriminator="kind")]
KINDS: dict[str, type[ShortAnswerPart | ChoicePart | ChoicesPart | NumericalPart]] = {
    "short_answer": ShortAnswerPart,
    "multiple_choice_one": ChoicePart,
    "multiple_response": ChoicesPart,
    "numerical": NumericalPart,
}


class ClozeBody(Body):
    """A text, and its parts in any order."""

    parts: Annotated[tuple[Part, ...], Field(min_length=1, max_length=MOST_PARTS)]

    @model_validator(mode="after")
    def _every_part_stands_in_the_text(self) -> ClozeBody:
        ids = [part.id for part in self.parts]
        placed = [number for _before, number in fields_in(self.stem, FIELD) if number is not None]
        if len(set(ids)) != len(ids):
            raise Fault(_("Two parts have the same number."), "parts")
        for number in placed:
            if number not in ids:
                sentence = _("{#%(number)s} has no part: add it below, or take it out of the text.")
                raise Fault(filled(sentence, {"number": number}), "stem")
            if placed.count(number) > 1:
                sentence = _("{#%(number)s} stands more than once in the text: each part belongs in one place.")
                raise Fault(filled(sentence, {"number": number}), "stem")
        for number in ids:
            if number not in placed:
                sentence = _("Part %(number)s is not in the text: write {#%(number)s} where it belongs.")
                raise Fault(filled(sentence, {"number": number}), "stem")
        if not any(part.weight for part in self.parts):
            raise Fault(_("No part has a weight: one at least must count."), "parts")
        return self


class PartResponse(Shape):
    """What was chosen, ticked or typed in one part."""

    choice: Key | None = None
    choices: Annotated[tuple[Key, ...], Field(max_length=20)] = ()
    text: Annotated[str, StringConstraints(max_length=MOST_RESPONSE)] | None = None
    unit: Annotated[str, StringConstraints(max_length=40)] | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was answered here."""
        return self.choice is None and not self.choices and not (self.text or "").strip()


class ClozeResponse(Shape):
    """Number of the part → its answer, as the simple type has it."""

    parts: Annotated[dict[PartId, PartResponse], Field(max_length=MOST_PARTS)] = {}


class Cloze(QuestionType[ClozeBody, ClozeResponse]):
    """A text with fields to fill in."""

    name = "cloze"
    label = _("Text with fields (cloze)")
    counts_back = True
    answers_in_stem = True
    editor = (PARTS,)
    Body = ClozeBody
    Response = ClozeResponse

    @property
    def source_fields(self) -> tuple[EditorField, ...]:
        return (STEM, *self.editor, *editor.AFTER)

    def is_empty(self, response: ClozeResponse) -> bool:
        return all(part.is_empty for part in response.parts.values())

    def is_complete(self, body: ClozeBody, response: ClozeResponse, variant: Mapping[str, Any]) -> bool:
        answers = {part.id: _simple_response(part, response) for part in body.parts}
        return all(
            answers[part.id] is not None and part.simple.is_complete(part.body, answers[part.id], variant)
            for part in body.parts
        )

    def grade(self, body: ClozeBody, response: ClozeResponse, variant: Mapping[str, Any]) -> Outcome:
        if self.is_empty(response):
            return UNANSWERED
        if not set(response.parts) <= {part.id for part in body.parts}:
            return invalid("there is no such part")
        outcomes = {part.id: _graded_part(part, response, variant) for part in body.parts}
        for key, outcome in outcomes.items():
            if outcome.state is State.INVALID:
                return invalid(f"part {key}: {outcome.reason}")
        states = {outcome.state for outcome in outcomes.values()}
        whole = graded(
            sum(part.weight * (outcomes[part.id].fraction or 0.0) for part in body.parts) / _weight(body),
            parts={key: outcome.state for key, outcome in outcomes.items() if outcome.state is not State.UNANSWERED},
            feedback=[text for outcome in outcomes.values() for text in outcome.feedback],
        )
        if states == {State.RIGHT}:
            state = State.RIGHT
        else:
            state = State.WRONG if states <= {State.WRONG, State.UNANSWERED} else State.PARTIAL
        return Outcome(state, whole.fraction, whole.parts, whole.feedback)

    def final_fraction(self, body: ClozeBody, tries: Sequence[ClozeResponse], variant: Mapping[str, Any]) -> float:
        """Each part loses `penalty` for each try before the one in which its answer was last changed."""
        earned = 0.0
        for part in body.parts:
            before, last_change, fraction = part.simple.Response(), 0, 0.0
            for number, response in enumerate(tries):
                answer = _simple_response(part, response) or part.simple.Response()
                if not part.simple.is_same(before, answer):
                    before, last_change = answer, number
                    fraction = _graded_part(part, response, variant).fraction or 0.0
            earned += part.weight * max(0.0, fraction - last_change * body.cost)
        return earned / _weight(body)

    def parse_form(self, data: Mapping[str, Sequence[str]], prefix: str, body: ClozeBody) -> dict[str, Any]:
        parts = {part.id: part.simple.parse_form(data, f"{prefix}-{part.id}", part.body) for part in body.parts}
        filled_in = {key: answer for key, answer in parts.items() if answer}
        return {"parts": filled_in} if filled_in else {}

    def to_form(self, body: ClozeBody, response: ClozeResponse, prefix: str) -> dict[str, list[str]]:
        fields: dict[str, list[str]] = {}
        for part in body.parts:
            answer = _simple_response(part, response)
            if answer is not None:
                fields |= part.simple.to_form(part.body, answer, f"{prefix}-{part.id}")
        return fields

    def from_texts(self, body: ClozeBody, response: Mapping[str, Any]) -> dict[str, Any]:
        texts = response.get("parts")
        if not isinstance(texts, Mapping):
            return dict(response)
        parts = {part.id: part for part in body.parts}
        answers = {}
        for key, answer in texts.items():
            if str(key) not in parts:
                raise ValueError(f"there is no part “{key}”")
            part = parts[str(key)]
            answers[str(key)] = part.simple.from_texts(part.body, answer) if isinstance(answer, Mapping) else answer
        return {**response, "parts": answers}

    def permutables(self, body: ClozeBody) -> dict[str, list[str]]:
        return {
            f"{part.id}:{name}": ids for part in body.parts for name, ids in part.simple.permutables(part.body).items()
        }

    def pinned(self, body: ClozeBody) -> dict[str, frozenset[str]]:
        return {f"{part.id}:{name}": ids for part in body.parts for name, ids in part.simple.pinned(part.body).items()}

    def from_source(self, source: Mapping[str, Any]) -> ClozeBody:
        body = read_common(source, {"parts"})
        rows = source.get("parts")
        if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
            raise ValueError("“parts” must be a list of {…}")
        body["parts"] = [_part_from_source(number, row) for number, row in enumerate(rows)]
        return ClozeBody.model_validate(body)

    def to_source(self, body: ClozeBody) -> dict[str, Any]:
        before, after = write_common(body)
        before["stem"] = stem_source(body.stem, r"\\?\{\\?#([0-9]+)\\?\}", r"{#\1}")
        as_counted = [part.id for part in body.parts] == [str(n) for n in range(1, len(body.parts) + 1)]
        rows = []
        for part in body.parts:
            row: dict[str, Any] = {} if as_counted else {"id": part.id}
            row["kind"] = part.kind
            for key in ("weight", "layout"):
                if getattr(part, key) != type(part).model_fields[key].default:
                    row[key] = getattr(part, key)
            own = part.simple.to_source(part.body)
            rows.append(row | {key: value for key, value in own.items() if key != "stem"})
        return {**before, "parts": rows, **after}

    def correct_response(self, body: ClozeBody) -> dict[str, Any]:
        return {"parts": {part.id: part.simple.correct_response(part.body) for part in body.parts}}

    def describe_response(self, body: ClozeBody, response: ClozeResponse) -> str:
        said = []
        for part in body.parts:
            answer = _simple_response(part, response)
            if answer is not None and not part.simple.is_empty(answer):
                said.append(f"{part.id}: {part.simple.describe_response(part.body, answer)}")
        return "; ".join(said)

    def view(self, body: ClozeBody, response: ClozeResponse | None, variant: Mapping[str, Any]) -> dict[str, Any]:
        parts, sentences = {part.id: part for part in body.parts}, sentences_of(body.stem, FIELD)
        pieces: list[dict[str, Any]] = []
        for count, (before, number) in enumerate(fields_in(body.stem, FIELD), start=1):
            piece: dict[str, Any] = {"html": before, "part": None}
            if number is not None:
                piece["part"] = _part_view(parts[number], response or ClozeResponse(), variant) | {
                    "count": count,
                    "sentence": sentences.get(count, ""),
                }
            pieces.append(piece)
        return {"pieces": pieces}

    def search_text(self, body: ClozeBody) -> str:
        common = [body.stem, body.feedback, body.feedback_right, body.feedback_partial, body.feedback_wrong]
        parts = [part.simple.search_text(part.body) for part in body.parts]
        return plain_text(" ".join([*common, *body.hints, *parts]))


def _weight(body: ClozeBody) -> float:
    return sum(part.weight for part in body.parts)


def _simple_response(part: Any, response: ClozeResponse) -> Any:
    """The answer of a part as its simple type has it; None when it does not fit."""
    answer = response.parts.get(part.id, PartResponse())
    try:
        return part.simple.Response.model_validate(answer.model_dump(exclude_defaults=True))
    except ValidationError:
        return None


def _graded_part(part: Any, response: ClozeResponse, variant: Mapping[str, Any]) -> Outcome:
    answer = _simple_response(part, response)
    if answer is None:
        return invalid("the answer does not have the form of this part")
    if part.simple.is_empty(answer):
        return UNANSWERED
    outcome: Outcome = part.simple.grade(part.body, answer, variant)
    return outcome


def _part_from_source(number: int, row: Mapping[str, Any]) -> dict[str, Any]:
    kind = KINDS.get(str(row.get("kind")))
    if kind is None:
        raise Fault(_("Choose what kind of field this part is."), "parts", number, "kind")
    own = own_source(str(row["kind"]), number, row)
    try:
        body = kind.simple.from_source({"stem": "–", **own}).model_dump(mode="json")
    except Fault as fault:
        raise Fault(fault.message, "parts", number, *fault.place) from fault
    except ValidationError as problem:
        raise _placed(problem, "parts", number) from problem
    del body["stem"]
    part = {"id": str(row.get("id") or number + 1), "kind": row["kind"], "body": body}
    if row.get("weight") is not None:
        part["weight"] = row["weight"]
    # A form sends the layout of choices for fields to type in as well.
    if row.get("layout") and kind.simple.name not in ("short_answer", "numerical"):
        part["layout"] = row["layout"]
    return part


def _placed(problem: ValidationError, *place: str | int) -> ValidationError:
    """The same errors, with the place of the part before theirs."""
    errors = [
        InitErrorDetails(
            type=error["type"], loc=(*place, *error["loc"]), input=error["input"], ctx=error.get("ctx", {})
        )
        for error in problem.errors()
    ]
    return ValidationError.from_exception_data("cloze", errors)


def _part_view(part: Any, response: ClozeResponse, variant: Mapping[str, Any]) -> dict[str, Any]:
    order = variant.get("order") if isinstance(variant.get("order"), Mapping) else {}
    begin = f"{part.id}:"
    own = {name.removeprefix(begin): ids for name, ids in (order or {}).items() if name.startswith(begin)}
    answer = _simple_response(part, response)
    outcome = _graded_part(part, response, variant)
    view = part.simple.view(part.body, answer, {**variant, "order": own})
    for choice in view.get("choices", ()):
        choice["name"] = named(choice["text"])
    return {
        **view,
        "scope": part.id,
        "kind": part.kind,
        "layout": part.layout,
        "right": {"state": str(outcome.state), "feedback": outcome.feedback},
    }


question_type = Cloze()
