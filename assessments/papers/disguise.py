"""What stands in a candidate's form instead of the ids of shuffled answers.

Ids follow the author's order, and in matching the right answer has the id of its prompt: shown as they are, they
would be the key. Each paper therefore shows names of its own, made from its seed, which never leaves the server.

A question with parts (cloze) names the answers of each part apart: the order "1:choices" is that of the choices of
part 1, the view says `scope: "1"` where that part begins, and the response has it under `parts`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

# Where views of question types list what can be answered, and what in a view tells which answer is right.
ANSWER_LISTS = frozenset({"choices", "options"})
KEY_FIELDS = frozenset({"right", "feedback", "accepted", "answer"})


def names_of(*, seed: str, slot: Mapping[str, Any]) -> dict[str, str]:
    """Id → name in the form, for every answer that this slot of a paper shuffles; "1:a" is the answer a of part 1."""
    order = slot["variant"].get("order") or {}
    ids = set()
    for name, keys in order.items():
        part, colon, what = name.rpartition(":")
        if what != "prompts":
            ids |= {f"{part}{colon}{key}" for key in keys}
    return {
        key: hashlib.blake2b(f"{slot['slot']}:{key}".encode(), key=seed.encode(), digest_size=6).hexdigest()
        for key in ids
    }


def disguised_view(view: Any, names: Mapping[str, str]) -> Any:
    """A question type's view for the candidate: without the key, and with names for ids."""
    if isinstance(view, Mapping):
        if "scope" in view:
            names = _of_part(names, str(view["scope"]))
        return {
            key: _listed(value, names) if key in ANSWER_LISTS else disguised_view(value, names)
            for key, value in view.items()
            if key not in KEY_FIELDS
        }
    if isinstance(view, list | tuple):
        return [disguised_view(item, names) for item in view]
    return view if isinstance(view, str | int | float | bool) or view is None else str(view)


def _listed(rows: Any, names: Mapping[str, str]) -> Any:
    shown = disguised_view(rows, names)
    return [{**row, "id": names.get(row["id"], row["id"])} for row in shown]


def _of_part(names: Mapping[str, str], part: str) -> dict[str, str]:
    begin = f"{part}:"
    return {key.removeprefix(begin): name for key, name in names.items() if key.startswith(begin)}


def disguised_response(response: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """A stored response as the form names its answers."""
    return _renamed_response(response, names, lambda own: own)


def revealed_response(response: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """The response behind what a form sent. What is no name of this paper stays as it is, for marking to judge."""
    return _renamed_response(response, names, lambda own: {name: key for key, name in own.items()})


def _renamed_response(
    response: Mapping[str, Any],
    names: Mapping[str, str],
    direction: Callable[[Mapping[str, str]], Mapping[str, str]],
) -> dict[str, Any]:
    own = direction(names)
    renamed = {}
    for key, value in response.items():
        if key == "parts" and isinstance(value, Mapping):
            renamed[key] = {
                part: _renamed_response(answer, _of_part(names, str(part)), direction)
                if isinstance(answer, Mapping)
                else answer
                for part, answer in value.items()
            }
        else:
            renamed[key] = _renamed(value, own)
    return renamed


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return names.get(value, value)
    if isinstance(value, list | tuple):
        return [names.get(item, item) if isinstance(item, str) else item for item in value]
    if isinstance(value, Mapping):
        return {key: names.get(item, item) if isinstance(item, str) else item for key, item in value.items()}
    return value
