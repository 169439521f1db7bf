"""Our own form of questions (docs/question-formats.md): everything, one question a line, so that changes can be read."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import IO, Any

from django.utils.translation import gettext_lazy as _

from assessments.formats.base import Item, MediaFile, ParsedQuestion, ReadProblem, Text, Unreadable
from assessments.formats.checking import checked_question
from assessments.formats.json_questions.text import parsed
from assessments.formats.texts import decoded_base64
from common.messages import filled

FORMAT = "hocso-questions"
VERSION = 1
MOST_LINE = 100 * 1024 * 1024
_HEAD = re.compile(rb'(?:\xef\xbb\xbf)?\{"format": ?"hocso-questions", ?"version": ?(\d+)[,}]')
_TEXTS = ("name", "idnumber", "difficulty", "nature", "outcome")
_LISTS = ("category", "tags")
_KNOWN = frozenset(["type", "body", "media", "exam_only", *_TEXTS, *_LISTS])


def write_own(questions: Iterable[ParsedQuestion], file: IO[bytes], *, title: str) -> list[ReadProblem]:
    """Write the file; nothing is left out."""
    head = json.dumps({"format": FORMAT, "version": VERSION, "bank": title}, ensure_ascii=False)
    file.write(f'{head[:-1]}, "questions": ['.encode())
    separator = b"\n"
    for question in questions:
        file.write(separator + json.dumps(_as_data(question), ensure_ascii=False, allow_nan=False).encode())
        separator = b",\n"
    file.write(b"\n]}\n")
    return []


def _as_data(question: ParsedQuestion) -> dict[str, Any]:
    data: dict[str, Any] = {"type": question.type}
    data |= {key: getattr(question, key) for key in _TEXTS if getattr(question, key)}
    data |= {key: list(getattr(question, key)) for key in _LISTS if getattr(question, key)}
    if question.exam_only:
        data["exam_only"] = True
    data["body"] = question.body
    if question.media:
        data["media"] = {name: base64.b64encode(file.content).decode("ascii") for name, file in question.media.items()}
    return data


def read_own(file: IO[bytes]) -> Iterator[Item] | None:
    """The questions line by line when the file stands as we write it; None, the file at its beginning, when not."""
    first = file.readline(4096)
    found = _HEAD.match(first)
    if found is None or not first.rstrip().endswith(b'"questions": ['):
        file.seek(0)
        return None
    refuse_newer(int(found[1]))
    return _lines(file)


def refuse_newer(version: object) -> None:
    """Raises Unreadable for a version that this program does not know."""
    if version != VERSION:
        sentence = _("The file was written by a newer version of the platform (%(version)s); update this one first.")
        raise Unreadable(filled(sentence, {"version": str(version)[:20]}))


def _lines(file: IO[bytes]) -> Iterator[Item]:
    number = 1
    while line := file.readline(MOST_LINE + 1):
        number += 1
        text = line.strip()
        if text == b"]}":
            return
        if not text.startswith(b"{") or len(line) > MOST_LINE:
            break
        data = parsed(text.removesuffix(b","), line=number)
        yield read_question(data, f"line {number}")
    raise Unreadable(filled(_("The file is cut off or damaged at line %(line)d."), {"line": number}))


def read_question(data: Any, ref: str) -> Item:
    """One question of our form."""
    if not isinstance(data, dict):
        return ReadProblem(ref=ref, reason=_("Here must stand a question, as {…}."))
    name = data.get("name", "")
    name = name if isinstance(name, str) else ""
    wrong = _wrong_field(data)
    if wrong:
        sentence = _("“%(field)s” is missing or of the wrong kind.")
        return ReadProblem(ref=ref, name=name, reason=filled(sentence, {"field": wrong}))
    media: dict[str, MediaFile] = {}
    for key, encoded in data.get("media", {}).items():
        content = decoded_base64(encoded) if isinstance(encoded, str) else None
        if content is None:
            sentence = _("The file “%(name)s” inside it cannot be read.")
            return ReadProblem(ref=ref, name=name, type=data["type"], reason=filled(sentence, {"name": key[:80]}))
        media[key] = MediaFile(key, content)
    facts: dict[str, Any] = {key: data.get(key, "") for key in _TEXTS if key != "name"}
    facts |= {key: tuple(data.get(key, ())) for key in _LISTS}
    facts |= {"exam_only": data.get("exam_only", False), "media": media}
    return checked_question(data["type"], data["body"], ref=ref, name=name, notes=_unknown(data), **facts)


def _wrong_field(data: Mapping[str, Any]) -> str:
    kinds: dict[str, type] = {"type": str, "body": dict, "media": dict, "exam_only": bool}
    kinds |= dict.fromkeys(_TEXTS, str) | dict.fromkeys(_LISTS, list)
    for key, kind in kinds.items():
        if key in data and not isinstance(data[key], kind):
            return key
    for key in _LISTS:
        if not all(isinstance(item, str) for item in data.get(key, ())):
            return key
    return next((key for key in ("type", "body") if key not in data), "")


def _unknown(data: Mapping[str, Any]) -> list[Text]:
    unknown = sorted(data.keys() - _KNOWN)
    if not unknown:
        return []
    return [filled(_("Not known here and left out: %(names)s."), {"names": ", ".join(unknown)[:200]})]
