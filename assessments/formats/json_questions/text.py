"""JSON of strangers as plain data."""

from __future__ import annotations

import json
from typing import Any

from django.utils.translation import gettext_lazy as _

from assessments.formats.base import Unreadable
from common.decoding import decode_bytes
from common.exceptions import UndecodableText
from common.messages import filled
from common.vietnamese import nfc

# Beside the keys of an object: the first of its keys that stood there twice.
TWICE = "\0twice"


def parsed(data: bytes, *, line: int = 1) -> Any:
    """The value; an object with a key twice says so under TWICE. Raises Unreadable with the line (`line`: the first)."""
    text = _decoded(data)
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_refuse_constant)
    except json.JSONDecodeError as problem:
        facts = {"line": line + problem.lineno - 1, "column": problem.colno}
        sentence = _("The JSON breaks off or is wrong at line %(line)d, column %(column)d.")
        raise Unreadable(filled(sentence, facts)) from None
    except RecursionError:
        raise Unreadable(_("The JSON is nested too deeply.")) from None
    except ValueError:  # NaN, or a number with thousands of digits
        raise Unreadable(_("The JSON holds a number that is none.")) from None


def _decoded(data: bytes) -> str:
    # A whole file is decoded without looking for old fonts: that is done question by question.
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return decode_bytes(data)[0]
    except UndecodableText as problem:
        raise Unreadable(problem.message) from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        seen: set[str] = set()
        for key, _value in pairs:
            if key in seen:
                return {**made, TWICE: key}
            seen.add(key)
    return made


def _refuse_constant(name: str) -> float:
    raise ValueError(name)


def string_of(value: Any) -> str:
    """A scalar as people write it, NFC and trimmed; "" for anything else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and abs(value) < 1e15 and value == int(value):
        return str(int(value))
    if isinstance(value, str | int | float):
        return nfc(str(value)).strip()
    return ""
