"""Matching: each prompt gets an answer from one list; every pair weighs the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Annotated, Any

from django.utils.translation import gettext_lazy as _
from pydantic import Field, model_validator

from assessments.question_types.base import (
    UNANSWERED,
    Body,
    Html,
    Key,
    Outcome,
    QuestionType,
    Shape,
    State,
    graded,
    invalid,
    key_of,
    ordered,
)
from assessments.question_types.editor import FEEDBACK, SHUFFLE, Fault, RichText, Rows
from assessments.question_types.parts import match_fraction
from assessments.question_types.source import html_of, listed, read_common, source_of, write_common
from common.html import plain_text


class Pair(Shape):
    """A prompt and its answer."""

    id: Key
    prompt: Annotated[Html, Field(min_length=1)]
    answer: Annotated[Html, Field(min_length=1)]
    feedback: Html = ""


class ExtraAnswer(Shape):
    """An answer that belongs to no prompt."""

    id: Key
    answer: Annotated[Html, Field(min_length=1)]


class MatchingBody(Body):
    """2 to 20 pairs; answers that say the same are the same answer."""

    pairs: Annotated[tuple[Pair, ...], Field(min_length=2, max_length=20)]
    extra_answers: Annotated[tuple[ExtraAnswer, ...], Field(max_length=20)] = ()
    shuffle: bool = True

    @model_validator(mode="after")
    def _ids_are_unique(self) -> MatchingBody:
        ids = [*(pair.id for pair in self.pairs), *(extra.id for extra in self.extra_answers)]
        if len(set(ids)) != len(ids):
            raise Fault(_("Two pairs have the same id."), "pairs")
        return self


class MatchingResponse(Shape):
    """Prompt id → answer id (the id of the pair or extra answer whose text was chosen)."""

    pairs: Annotated[dict[Key, Key], Field(max_length=20)] = {}


class Matching(QuestionType[MatchingBody, MatchingResponse]):
    """Match the pairs."""

    name = "matching"
    counts_back = True
    label = _("Matching")
    editor = (
        Rows(
            name="pairs",
            label=_("Pairs"),
            row_label=_("Pair"),
            help=_("Each weighs the same. Pairs with the same answer share it in the list."),
            minimum=2,
            maximum=20,
            spare=3,
            fields=(
                RichText(name="prompt", label=_("Item"), required=True),
                RichText(name="answer", label=_("Its answer"), required=True),
                FEEDBACK,
            ),
        ),
        Rows(
            name="extra_answers",
            label=_("Extra wrong answers"),
            row_label=_("Extra answer"),
            help=_("They stand in the list and belong to nothing."),
            maximum=20,
            fields=(RichText(name="answer", label=_("Answer")),),
            bare=True,
        ),
        SHUFFLE,
    )
    Body = MatchingBody
    Response = MatchingResponse

    def is_empty(self, response: MatchingResponse) -> bool:
        return not response.pairs

    def is_complete(self, body: MatchingBody, response: MatchingResponse, variant: Mapping[str, Any]) -> bool:
        return all(pair.id in response.pairs for pair in body.pairs)

    def grade(self, body: MatchingBody, response: MatchingResponse, variant: Mapping[str, Any]) -> Outcome:
        if not response.pairs:
            return UNANSWERED
        answers = _answers(body)
        prompts = {pair.id: pair for pair in body.pairs}
        if not set(response.pairs) <= set(prompts) or not set(response.pairs.values()) <= set(answers):
            return invalid("there is no such prompt or answer")
        parts: dict[str, State] = {}
        feedback = []
        for key, pair in prompts.items():
            if key in response.pairs:
                right = _said(answers[response.pairs[key]]) == _said(pair.answer)
                parts[key] = State.RIGHT if right else State.WRONG
                feedback.append(pair.feedback)
        right_count = sum(1 for state in parts.values() if state is State.RIGHT)
        return graded(right_count / len(prompts), parts=parts, feedback=feedback)

    def final_fraction(
        self, body: MatchingBody, tries: Sequence[MatchingResponse], variant: Mapping[str, Any]
    ) -> float:
        right = [
            {key for key, state in self.grade(body, response, variant).parts.items() if state is State.RIGHT}
            for response in tries
        ]
        return match_fraction([pair.id for pair in body.pairs], right, body.cost)

    def parse_form(self, data: Mapping[str, Sequence[str]], prefix: str, body: MatchingBody) -> dict[str, Any]:
        pairs = {}
        for pair in body.pairs:
            values = data.get(f"{prefix}-{pair.id}") or []
            if values and values[0]:
                pairs[pair.id] = values[0]
        return {"pairs": pairs} if pairs else {}

    def to_form(self, body: MatchingBody, response: MatchingResponse, prefix: str) -> dict[str, list[str]]:
        return {f"{prefix}-{key}": [value] for key, value in response.pairs.items()}

    def from_texts(self, body: MatchingBody, response: Mapping[str, Any]) -> dict[str, Any]:
        pairs = response.get("pairs")
        if not isinstance(pairs, Mapping):
            return dict(response)
        prompts, answers = {pair.id: pair.prompt for pair in body.pairs}, _answers(body)
        named = {
            key_of(p, prompts, "item"): key_of(a, answers, "answer") for p, a in pairs.items() if a not in ("", None)
        }
        return {**response, "pairs": named}

    def permutables(self, body: MatchingBody) -> dict[str, list[str]]:
        answers = {"answers": list(_distinct(body))}
        return {"prompts": [pair.id for pair in body.pairs], **answers} if body.shuffle else answers

    def from_source(self, source: Mapping[str, Any]) -> MatchingBody:
        body = read_common(source, {"pairs", "extra_answers", "shuffle"})
        rows = listed(source, "pairs", {"prompt", "answer", "feedback"})
        body["pairs"] = [
            {
                "id": f"p{number}",
                "prompt": html_of(row.get("prompt", "")),
                "answer": html_of(row.get("answer", "")),
                "feedback": html_of(row["feedback"]) if row.get("feedback") else "",
            }
            for number, row in enumerate(rows, start=1)
        ]
        extra = source.get("extra_answers") or []
        if not isinstance(extra, list):
            raise ValueError("“extra_answers” must be a list")
        body["extra_answers"] = [
            {"id": f"x{number}", "answer": html_of(text)} for number, text in enumerate(extra, start=1)
        ]
        if "shuffle" in source:
            body["shuffle"] = source["shuffle"]
        return MatchingBody.model_validate(body)

    def to_source(self, body: MatchingBody) -> dict[str, Any]:
        before, after = write_common(body)
        pairs = []
        for pair in body.pairs:
            row: dict[str, Any] = {"prompt": source_of(pair.prompt), "answer": source_of(pair.answer)}
            if pair.feedback:
                row["feedback"] = source_of(pair.feedback)
            pairs.append(row)
        own: dict[str, Any] = {"pairs": pairs}
        if body.extra_answers:
            own["extra_answers"] = [source_of(row.answer) for row in body.extra_answers]
        if not body.shuffle:
            own["shuffle"] = False
        return {**before, **own, **after}

    def correct_response(self, body: MatchingBody) -> dict[str, Any]:
        return {"pairs": {pair.id: pair.id for pair in body.pairs}}

    def describe_response(self, body: MatchingBody, response: MatchingResponse) -> str:
        answers = _answers(body)
        return "; ".join(
            f"{plain_text(pair.prompt)} → {plain_text(answers[response.pairs[pair.id]])}"
            for pair in body.pairs
            if response.pairs.get(pair.id) in answers
        )

    def view(self, body: MatchingBody, response: MatchingResponse | None, variant: Mapping[str, Any]) -> dict[str, Any]:
        order = variant.get("order") if isinstance(variant.get("order"), Mapping) else {}
        answers, distinct = _answers(body), _distinct(body)
        given = dict(response.pairs) if response else {}
        pairs = {pair.id: pair for pair in body.pairs}
        listed_answers = ordered(list(distinct), (order or {}).get("answers"))
        rows = []
        for key in ordered(list(pairs), (order or {}).get("prompts")):
            chosen = given.get(key)
            rows.append(
                {
                    "id": key,
                    "prompt": pairs[key].prompt,
                    "answer": plain_text(pairs[key].answer),
                    "feedback": pairs[key].feedback,
                    "chosen": plain_text(answers[chosen]) if chosen in answers else "",
                    "right": chosen in answers and plain_text(answers[chosen]) == plain_text(pairs[key].answer),
                    "options": [
                        {
                            "id": option,
                            "text": plain_text(answers[option]),
                            "chosen": chosen in answers and plain_text(answers[chosen]) == plain_text(answers[option]),
                        }
                        for option in listed_answers
                    ],
                }
            )
        return {"rows": rows}


_said = lru_cache(maxsize=4096)(plain_text)


def _answers(body: MatchingBody) -> dict[str, str]:
    """Every answer id with its text."""
    pairs = {pair.id: pair.answer for pair in body.pairs}
    return pairs | {extra.id: extra.answer for extra in body.extra_answers}


def _distinct(body: MatchingBody) -> dict[str, str]:
    """Ids of answers whose texts differ, the first of equals."""
    seen: dict[str, str] = {}
    for key, text in _answers(body).items():
        seen.setdefault(plain_text(text), key)
    return {key: text for text, key in seen.items()}


question_type = Matching()
