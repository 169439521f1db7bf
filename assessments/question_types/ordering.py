"""Ordering: put the items into their right order. Ways of scoring, for n items (Moodle's qtype_ordering in brackets):

- `exact`: everything or nothing (all or nothing)
- `pairwise`: pairs of items whose order is right, of all n(n − 1)/2 (relative to all the previous and next items)
- `longest_run`: the longest chain of items that follow each other in the right order without one left out, of n; a
  chain may be interrupted by other items, and one item alone is none (longest contiguous subset)
- `position`: items in their place, of n (absolute position)
- `longest_subset`: the longest chain of items in the right order, of n; one item alone is none (longest ordered subset)
- `next`: items followed by the right one, of n − 1 (relative to the next item, excluding last)
- `next_and_last`: the same, and the last item being last, of n (relative to the next item, including last)
- `neighbours`: right items just before and just after each, beginning and end included, of 2n (relative to one
  previous and one next item)
- `distance`: n − 1 less the distance from its place for each item, of n(n − 1) (relative to correct position)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal, TypeAlias, get_args

from django.utils.translation import gettext_lazy as _
from pydantic import Field, StringConstraints, model_validator

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
from assessments.question_types.editor import FEEDBACK, Choice, Fault, Kept, RichText, Rows
from assessments.question_types.parts import named
from assessments.question_types.source import html_of, letters, listed, read_common, source_of, write_common

Scoring: TypeAlias = Literal[
    "position",
    "exact",
    "pairwise",
    "longest_run",
    "longest_subset",
    "next",
    "next_and_last",
    "neighbours",
    "distance",
]
# What stands in a place of a response: an item, or nothing yet.
Place = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{0,20}$")]


class Item(Shape):
    """A thing to put in its place."""

    id: Key
    text: Annotated[Html, Field(min_length=1)]
    feedback: Html = ""


class OrderingBody(Body):
    """2 to 20 items in the right order; candidates see them shuffled."""

    items: Annotated[tuple[Item, ...], Field(min_length=2, max_length=20)]
    scoring: Scoring = "position"

    @model_validator(mode="after")
    def _ids_are_unique(self) -> OrderingBody:
        if len({item.id for item in self.items}) != len(self.items):
            raise Fault(_("Two items have the same id."), "items")
        return self


class OrderingResponse(Shape):
    """Ids of the items from the first place on; "" is a place that was left empty."""

    order: Annotated[tuple[Place, ...], Field(max_length=20)] = ()


class Ordering(QuestionType[OrderingBody, OrderingResponse]):
    """Put them in order."""

    name = "ordering"
    label = _("Ordering")
    editor = (
        Rows(
            name="items",
            label=_("Items in the right order"),
            row_label=_("Item"),
            help=_("Candidates see them shuffled."),
            minimum=2,
            maximum=20,
            spare=4,
            fields=(Kept(name="id"), RichText(name="text", label=_("Text"), required=True), FEEDBACK),
        ),
        Choice(
            name="scoring",
            label=_("Marking"),
            options=[
                ("position", _("In part: each item in its place")),
                ("exact", _("All or nothing: the whole order")),
                ("pairwise", _("In part: each two items in the right order")),
                ("longest_run", _("In part: the longest chain without one left out")),
                ("longest_subset", _("In part: the longest chain in the right order")),
                ("next", _("In part: each item followed by the right one")),
                ("next_and_last", _("In part: each item followed by the right one, and the last being last")),
                ("neighbours", _("In part: the right item before and after each")),
                ("distance", _("In part: the nearer to its place, the more")),
            ],
        ),
    )
    Body = OrderingBody
    Response = OrderingResponse

    def is_empty(self, response: OrderingResponse) -> bool:
        return not any(response.order)

    def is_complete(self, body: OrderingBody, response: OrderingResponse, variant: Mapping[str, Any]) -> bool:
        return len([key for key in response.order if key]) == len(body.items)

    def grade(self, body: OrderingBody, response: OrderingResponse, variant: Mapping[str, Any]) -> Outcome:
        if self.is_empty(response):
            return UNANSWERED
        right = [item.id for item in body.items]
        if not set(response.order) <= {*right, ""} or len(response.order) > len(right):
            return invalid("there is no such item or place")
        parts = {
            key: State.RIGHT if key == right[place] else State.WRONG for place, key in enumerate(response.order) if key
        }
        feedback = [item.feedback for item in body.items if item.id in parts]
        return graded(SCORES[body.scoring](right, response.order), parts=parts, feedback=feedback)

    def parse_form(self, data: Mapping[str, Sequence[str]], prefix: str, body: OrderingBody) -> dict[str, Any]:
        order = list(data.get(prefix) or [])[: len(body.items)]
        while order and not order[-1]:
            order.pop()
        return {"order": order} if order else {}

    def to_form(self, body: OrderingBody, response: OrderingResponse, prefix: str) -> dict[str, list[str]]:
        return {} if self.is_empty(response) else {prefix: list(response.order)}

    def from_texts(self, body: OrderingBody, response: Mapping[str, Any]) -> dict[str, Any]:
        texts = response.get("order")
        if not isinstance(texts, list):
            return dict(response)
        left = {item.id: item.text for item in body.items}
        order = []
        for text in texts:
            key = "" if text in ("", None) else key_of(text, left, "item")
            left.pop(key, None)
            order.append(key)
        return {**response, "order": order}

    def permutables(self, body: OrderingBody) -> dict[str, list[str]]:
        return {"items": [item.id for item in body.items]}

    def from_source(self, source: Mapping[str, Any]) -> OrderingBody:
        body = read_common(source, {"items", "scoring"})
        rows = listed(source, "items", {"id", "text", "feedback"})
        taken = {str(row["id"]) for row in rows if row.get("id")}
        spare = iter([key for key in letters(2 * len(rows)) if key not in taken])
        body["items"] = []
        for number, row in enumerate(rows):
            if "text" not in row:
                raise Fault(_("This item says nothing: write a text, or take the row away."), "items", number, "text")
            item = {"id": str(row.get("id") or next(spare)), "text": html_of(row["text"])}
            body["items"].append(item | ({"feedback": html_of(row["feedback"])} if row.get("feedback") else {}))
        if "scoring" in source:
            body["scoring"] = source["scoring"]
        return OrderingBody.model_validate(body)

    def to_source(self, body: OrderingBody) -> dict[str, Any]:
        before, after = write_common(body)
        as_counted = [item.id for item in body.items] == letters(len(body.items))
        rows = []
        for item in body.items:
            row: dict[str, Any] = {} if as_counted else {"id": item.id}
            row["text"] = source_of(item.text)
            if item.feedback:
                row["feedback"] = source_of(item.feedback)
            rows.append(row)
        scoring = {} if body.scoring == "position" else {"scoring": body.scoring}
        return {**before, "items": rows, **scoring, **after}

    def correct_response(self, body: OrderingBody) -> dict[str, Any]:
        return {"order": [item.id for item in body.items]}

    def describe_response(self, body: OrderingBody, response: OrderingResponse) -> str:
        texts = {item.id: named(item.text) for item in body.items}
        return "; ".join(texts.get(key, "–") for key in response.order)

    def view(self, body: OrderingBody, response: OrderingResponse | None, variant: Mapping[str, Any]) -> dict[str, Any]:
        items = {item.id: item for item in body.items}
        order = variant.get("order") if isinstance(variant.get("order"), Mapping) else {}
        shown = ordered(list(items), (order or {}).get("items"))
        options = [
            {"id": key, "letter": letter.upper(), "text": items[key].text, "name": named(items[key].text)}
            for key, letter in zip(shown, letters(len(shown)), strict=True)
        ]
        given = [*(response.order if response else ()), *("" for _item in items)][: len(items)]
        return {
            "options": options,
            "places": [
                {"number": number, "options": [{**option, "chosen": option["id"] == key} for option in options]}
                for number, key in enumerate(given, start=1)
            ],
            "right": [
                {
                    "number": number,
                    "text": item.text,
                    "feedback": item.feedback,
                    "chosen": items[key].text if key in items else "",
                    "right": key == item.id,
                    "place": given.index(item.id) + 1 if item.id in given else None,
                }
                for number, (item, key) in enumerate(zip(body.items, given, strict=True), start=1)
            ],
        }


# Scores: what share of the right order an order has; each item counts where it comes first. -------------------


def _places(right: Sequence[str], order: Sequence[str]) -> list[int]:
    """The right places of the items, in the order that was given."""
    return [right.index(key) for key in dict.fromkeys(order) if key]


def _position(right: Sequence[str], order: Sequence[str]) -> float:
    return sum(wanted == key for wanted, key in zip(right, order, strict=False)) / len(right)


def _exact(right: Sequence[str], order: Sequence[str]) -> float:
    return float(list(right) == list(order))


def _pairwise(right: Sequence[str], order: Sequence[str]) -> float:
    places = _places(right, order)
    fitting = sum(first < second for n, first in enumerate(places) for second in places[n + 1 :])
    return fitting * 2 / (len(right) * (len(right) - 1))


def _longest_run(right: Sequence[str], order: Sequence[str]) -> float:
    ending: dict[int, int] = {}
    for place in _places(right, order):
        ending[place] = ending.get(place - 1, 0) + 1
    return _chain(ending) / len(right)


def _longest_subset(right: Sequence[str], order: Sequence[str]) -> float:
    ending: dict[int, int] = {}
    for place in _places(right, order):
        ending[place] = 1 + max((count for last, count in ending.items() if last < place), default=0)
    return _chain(ending) / len(right)


def _chain(ending: Mapping[int, int]) -> int:
    longest = max(ending.values(), default=0)
    return longest if longest > 1 else 0


def _followers(order: Sequence[str]) -> dict[str, str]:
    """What follows each item; "" after the last."""
    keys = list(dict.fromkeys(key for key in order if key))
    return dict(zip(keys, [*keys[1:], ""], strict=True))


def _next_and_last(right: Sequence[str], order: Sequence[str]) -> float:
    followers = _followers(order)
    return sum(followers.get(key) == after for key, after in _followers(right).items()) / len(right)


def _next(right: Sequence[str], order: Sequence[str]) -> float:
    followers = _followers(order)
    return sum(followers.get(key) == after for key, after in _followers(right).items() if after) / (len(right) - 1)


def _neighbours(right: Sequence[str], order: Sequence[str]) -> float:
    backwards = _next_and_last([*reversed(right)], [*reversed(order)])
    return (_next_and_last(right, order) + backwards) / 2


def _distance(right: Sequence[str], order: Sequence[str]) -> float:
    most = len(right) - 1
    first = {key: order.index(key) for key in order if key}
    earned = sum(max(most - abs(place - first[key]), 0) for place, key in enumerate(right) if key in first)
    return earned / (len(right) * most)


SCORES: dict[str, Callable[[Sequence[str], Sequence[str]], float]] = {
    "position": _position,
    "exact": _exact,
    "pairwise": _pairwise,
    "longest_run": _longest_run,
    "longest_subset": _longest_subset,
    "next": _next,
    "next_and_last": _next_and_last,
    "neighbours": _neighbours,
    "distance": _distance,
}
assert set(SCORES) == set(get_args(Scoring))

question_type = Ordering()
