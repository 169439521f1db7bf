"""What the two types share whose gaps in a text are filled from a list of words.

The text holds [[1]], [[2]] …: the number is that of the right word in the list, not of the gap. Candidates see gaps
numbered as they stand in the text, which tells nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Annotated, Any

from django.utils.translation import gettext_lazy as _
from pydantic import Field, StringConstraints, model_validator

from assessments.question_types import editor
from assessments.question_types.base import (
    UNANSWERED,
    Body,
    Html,
    Outcome,
    QuestionType,
    Shape,
    State,
    graded,
    invalid,
    key_of,
    ordered,
)
from assessments.question_types.editor import Fault, Flag, Kept, Number, RichText, Rows
from assessments.question_types.editor import Field as EditorField
from assessments.question_types.parts import (
    fields_in,
    match_fraction,
    named,
    sentences_of,
    stem_source,
    with_fields,
)
from assessments.question_types.source import html_of, listed, read_common, source_of, write_common
from common.html import plain_text
from common.messages import filled

GAP = r"\[\[([1-9][0-9]{0,2})\]\]"
MOST_GAPS = MOST_WORDS = 60
Number3 = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,2}$")]


class Word(Shape):
    """A word of the list. Words of a group may fill the gaps of this group; a reusable one as many as it likes, and
    one that several gaps want needs no leave."""

    id: Number3
    text: Annotated[Html, Field(min_length=1)]
    group: Annotated[int, Field(ge=1, le=20)] = 1
    reusable: bool = False


class GapsBody(Body):
    """A text with gaps, and the words: the gap [[3]] is filled right by the word 3, or by one that says the same."""

    words: Annotated[tuple[Word, ...], Field(min_length=1, max_length=MOST_WORDS)]
    shuffle: bool = True

    @cached_property
    def gaps(self) -> dict[str, Word]:
        """Number of the gap in the text → its right word."""
        words = {word.id: word for word in self.words}
        numbers = [number for _before, number in fields_in(self.stem, GAP) if number is not None]
        return {str(count): words[number] for count, number in enumerate(numbers, start=1)}

    @model_validator(mode="after")
    def _every_gap_has_its_word(self) -> GapsBody:
        ids = [word.id for word in self.words]
        if len(set(ids)) != len(ids):
            raise Fault(_("Two words have the same number."), "words")
        numbers = [number for _before, number in fields_in(self.stem, GAP) if number is not None]
        if not numbers:
            raise Fault(_("The text has no gap: write [[1]] where the first word of the list belongs."), "stem")
        if len(numbers) > MOST_GAPS:
            raise Fault(filled(_("There may be at most %(most)d gaps: take some away."), {"most": MOST_GAPS}), "stem")
        for number in numbers:
            if number not in ids:
                sentence = _("[[%(number)s]] has no word: add it to the list, or take the gap away.")
                raise Fault(filled(sentence, {"number": number}), "stem")
        return self


class GapsResponse(Shape):
    """Number of the gap in the text → id of the word in it."""

    gaps: Annotated[dict[Number3, Number3], Field(max_length=MOST_GAPS)] = {}


STEM = RichText(
    name="stem",
    label=editor.STEM.label,
    required=True,
    lines=6,
    help=_("Write [[1]] where the first word of the list belongs, [[2]] for the second, and so on."),
)


def words_field(*, with_reuse: bool) -> Rows:
    """The list of words."""
    reuse = Flag(name="reusable", label=_("May be used more than once"))
    return Rows(
        name="words",
        label=_("Words"),
        row_label=_("Word"),
        help=_("The first is the right one for [[1]], and so on; those that no gap names are wrong everywhere."),
        minimum=1,
        maximum=MOST_WORDS,
        spare=4,
        fields=(
            Kept(name="id"),
            RichText(name="text", label=_("Text"), required=True),
            Number(
                name="group",
                label=_("Group"),
                help=_("A gap offers only words of the group of its right word."),
                minimum=1,
                maximum=20,
                integer=True,
                initial=1,
            ),
            *((reuse,) if with_reuse else ()),
        ),
    )


class GapType(QuestionType[GapsBody, GapsResponse]):
    """Everything but name, label and templates."""

    counts_back = True
    answers_in_stem = True
    Body = GapsBody
    Response = GapsResponse

    @property
    def source_fields(self) -> tuple[EditorField, ...]:
        return (STEM, *self.editor, *editor.AFTER)

    def shown_stem(self, body: GapsBody, variant: Mapping[str, Any]) -> str:
        return with_fields(body.stem, GAP, {count: f"[[{count}]]" for count in range(1, len(body.gaps) + 1)})

    def is_empty(self, response: GapsResponse) -> bool:
        return not response.gaps

    def is_complete(self, body: GapsBody, response: GapsResponse, variant: Mapping[str, Any]) -> bool:
        return set(body.gaps) <= set(response.gaps)

    def grade(self, body: GapsBody, response: GapsResponse, variant: Mapping[str, Any]) -> Outcome:
        if not response.gaps:
            return UNANSWERED
        gaps, words = body.gaps, {word.id: word for word in body.words}
        if not set(response.gaps) <= set(gaps) or not set(response.gaps.values()) <= set(words):
            return invalid("there is no such gap or word")
        parts = {
            gap: State.RIGHT if _says_the_same(words[response.gaps[gap]], word) else State.WRONG
            for gap, word in gaps.items()
            if gap in response.gaps
        }
        return graded(sum(state is State.RIGHT for state in parts.values()) / len(gaps), parts=parts)

    def final_fraction(self, body: GapsBody, tries: Sequence[GapsResponse], variant: Mapping[str, Any]) -> float:
        right = [
            {gap for gap, state in self.grade(body, response, variant).parts.items() if state is State.RIGHT}
            for response in tries
        ]
        return match_fraction(list(body.gaps), right, body.cost)

    def parse_form(self, data: Mapping[str, Sequence[str]], prefix: str, body: GapsBody) -> dict[str, Any]:
        gaps = {}
        for gap in body.gaps:
            values = data.get(f"{prefix}-{gap}") or []
            if values and values[0]:
                gaps[gap] = values[0]
        return {"gaps": gaps} if gaps else {}

    def to_form(self, body: GapsBody, response: GapsResponse, prefix: str) -> dict[str, list[str]]:
        return {f"{prefix}-{gap}": [word] for gap, word in response.gaps.items()}

    def from_texts(self, body: GapsBody, response: Mapping[str, Any]) -> dict[str, Any]:
        texts = response.get("gaps")
        if not isinstance(texts, Mapping):
            return dict(response)
        gaps, named_gaps = body.gaps, {}
        for gap, text in texts.items():
            if str(gap) not in gaps:
                raise ValueError(f"there is no gap “{gap}”")
            if text in ("", None):
                continue
            group = gaps[str(gap)].group
            own = {word.id: word.text for word in body.words if word.group == group}
            named_gaps[str(gap)] = key_of(text, own, "word")
        return {**response, "gaps": named_gaps}

    def permutables(self, body: GapsBody) -> dict[str, list[str]]:
        return {"words": [word.id for word in body.words]} if body.shuffle else {}

    def from_source(self, source: Mapping[str, Any]) -> GapsBody:
        body = read_common(source, {"words", "shuffle"})
        words = source.get("words")
        if isinstance(words, list):
            words = [{"text": word} if isinstance(word, str | int | float) else word for word in words]
        rows = listed({"words": words}, "words", {"id", "text", "group", "reusable"})
        body["words"] = []
        for number, row in enumerate(rows, start=1):
            if "text" not in row:
                raise Fault(_("This word is empty: write it, or take the row away."), "words", number - 1, "text")
            word = {"id": str(row.get("id") or number), "text": html_of(row["text"])}
            body["words"].append(word | {key: row[key] for key in ("group", "reusable") if key in row})
        if "shuffle" in source:
            body["shuffle"] = source["shuffle"]
        return self.Body.model_validate(body)

    def to_source(self, body: GapsBody) -> dict[str, Any]:
        before, after = write_common(body)
        before["stem"] = stem_source(body.stem, r"\\\[\\\[([0-9]+)\\\]\\\]", r"[[\1]]")
        as_counted = [word.id for word in body.words] == [str(n) for n in range(1, len(body.words) + 1)]
        rows: list[Any] = []
        for word in body.words:
            row: dict[str, Any] = {} if as_counted else {"id": word.id}
            row["text"] = source_of(word.text)
            if word.group != 1:
                row["group"] = word.group
            if word.reusable:
                row["reusable"] = True
            rows.append(row)
        shuffle = {} if body.shuffle else {"shuffle": False}
        return {**before, "words": rows, **shuffle, **after}

    def correct_response(self, body: GapsBody) -> dict[str, Any]:
        return {"gaps": {gap: word.id for gap, word in body.gaps.items()}}

    def describe_response(self, body: GapsBody, response: GapsResponse) -> str:
        texts = {word.id: named(word.text) for word in body.words}
        return "; ".join(f"{gap}: {texts[response.gaps[gap]]}" for gap in body.gaps if response.gaps.get(gap) in texts)

    def view(self, body: GapsBody, response: GapsResponse | None, variant: Mapping[str, Any]) -> dict[str, Any]:
        order = variant.get("order") if isinstance(variant.get("order"), Mapping) else {}
        words = {word.id: word for word in body.words}
        shown = [words[key] for key in ordered(list(words), (order or {}).get("words"))]
        given = dict(response.gaps) if response else {}
        gaps, sentences = body.gaps, sentences_of(body.stem, GAP)
        pieces: list[dict[str, Any]] = []
        for count, (before, number) in enumerate(fields_in(body.stem, GAP), start=1):
            gap = str(count)
            piece: dict[str, Any] = {"html": before, "gap": None}
            if number is not None:
                chosen = words.get(given.get(gap, ""))
                piece["gap"] = {
                    "number": gap,
                    "sentence": sentences.get(count, ""),
                    "group": gaps[gap].group,
                    "options": [
                        {"id": word.id, "name": named(word.text), "chosen": word is chosen}
                        for word in shown
                        if word.group == gaps[gap].group
                    ],
                    "chosen": chosen.text if chosen else "",
                    "answer": gaps[gap].text,
                    "right": chosen is not None and _says_the_same(chosen, gaps[gap]),
                }
            pieces.append(piece)
        wanted = [word.id for word in gaps.values()]
        groups = sorted({word.group for word in gaps.values()})
        return {
            "pieces": pieces,
            "groups": [
                {
                    "number": group,
                    "options": [
                        {
                            "id": word.id,
                            "text": word.text,
                            "name": named(word.text),
                            "reusable": word.reusable or wanted.count(word.id) > 1,
                        }
                        for word in shown
                        if word.group == group
                    ],
                }
                for group in groups
            ],
        }

    def search_text(self, body: GapsBody) -> str:
        filled_stem = with_fields(body.stem, GAP, {int(gap): word.text for gap, word in body.gaps.items()})
        words = " ".join(word.text for word in body.words)
        texts = [filled_stem, words, body.feedback, body.feedback_right, body.feedback_partial, body.feedback_wrong]
        return plain_text(" ".join([*texts, *body.hints]))


def _says_the_same(one: Word, other: Word) -> bool:
    return one.id == other.id or (one.group == other.group and one.text == other.text)
