"""One row of a table into a question or the reason why it is none."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from assessments.formats.base import Item, MediaFile, ReadProblem, Text
from assessments.formats.checking import NotTaken, checked_question, why_not
from assessments.formats.drafts import Draft, difficulty_of
from assessments.formats.extra import STALE, Extra, read_extra
from assessments.formats.keys import Convention
from assessments.formats.shelf import MediaShelf
from assessments.formats.table.cells import HTML_MARK, html_of_cell, list_of_cell
from assessments.formats.table.types import Row, WrongCell, draft_of, type_named
from assessments.formats.texts import decoded_base64
from assessments.question_types import get_type
from assessments.question_types.editor import Fault
from assessments.question_types.numbers import read_number
from common.exceptions import YamlProblem
from common.messages import filled
from common.vietnamese import fold, nfc
from common.yaml_text import load_yaml

_NATURES = {"kien thuc": "knowledge", "knowledge": "knowledge", "tinh huong": "situation", "situation": "situation"}
_YES = frozenset(["co", "x", "yes", "true", "1", "dung", "c", "y"])
_NO = frozenset(["khong", "no", "false", "0", "sai", "k", "n"])


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands, what its columns are called, and the files that came with the workbook."""

    ref: str
    columns: Mapping[str, tuple[str, str]]
    files: Mapping[str, bytes] = field(default_factory=dict)

    def told(self, column: str, reason: Text) -> Text:
        """The reason with the heading and letter of its column."""
        if column not in self.columns:
            return reason
        heading, letter = self.columns[column]
        facts = {"heading": heading, "letter": letter, "reason": reason}
        return filled(_("Column “%(heading)s” (%(letter)s): %(reason)s"), facts)


def read_row(
    cells: Mapping[str, str],
    marks: Mapping[str, frozenset[str]],
    place: Place,
    convention: Convention,
    *,
    all_html: bool = False,
    notes: tuple[Text, ...] = (),
) -> Item:
    """The question of a row, its cells by our names and not empty."""
    shelf = MediaShelf()
    name = cells.get("name") or cells.get("id") or ""
    try:
        _take_files(cells.get("files", ""), place, shelf)
        row = Row(cells, marks, partial(_html, shelf=shelf, all_html=all_html))
        facts = _facts(cells)
        extra = _extra(cells)
        type_name, body = _read_body(row, convention, extra)
    except WrongCell as problem:
        return ReadProblem(
            ref=place.ref, name=name, type=cells.get("type", ""), reason=place.told(problem.column, problem.reason)
        )
    except NotTaken as problem:
        return ReadProblem(ref=place.ref, name=name, type=cells.get("type", ""), reason=problem.reason)
    facts = {"name": cells.get("name", ""), **facts, **extra.facts}
    if type_name == "essay" and not cells.get("type") and not extra.type:
        notes = (*notes, _("It has neither choices nor an answer and was taken as an essay."))
    if extra.is_stale:
        notes = (*notes, STALE)
    return checked_question(type_name, body, ref=place.ref, media=shelf.media, notes=notes, **facts)


def _html(text: str, *, shelf: MediaShelf, all_html: bool) -> str:
    if all_html and text and text[: len(HTML_MARK)].upper() != HTML_MARK:
        text = f"{HTML_MARK} {text}"
    return html_of_cell(text, shelf.keep)


# Body ---------------------------------------------------------------------------------------------------------


def _read_body(row: Row, convention: Convention, extra: Extra) -> Draft:
    if extra.type:
        return extra.type, dict(extra.body)
    type_name, own = _own_body(row, convention) if row.get("body") else draft_of(row, convention)
    common: dict[str, Any] = {}
    if not row.get("body"):
        if not row.get("question"):
            raise WrongCell("question", _("The question is missing."))
        common["stem"] = row.html(row.get("question"))
    if row.get("feedback"):
        if own.get("feedback"):
            raise WrongCell("feedback", _("It is here and in the column “Nội dung”: empty one of them."))
        common["feedback"] = row.html(row.get("feedback"))
    if row.get("mark"):
        common["mark"] = _mark(row.get("mark"))
    return type_name, {**own, **common, **extra.body}


def _own_body(row: Row, convention: Convention) -> Draft:
    """The body in its column, in the form of content packs; what columns of their own say goes into it."""
    source = _source(row.get("body"))
    answered = any(row.get(name) for name in ("answer", *"abcdefghijklmnopqrst"))
    type_name, own = draft_of(row, convention) if answered else (type_named(row.get("type")), {})
    if not type_name:
        raise WrongCell("type", _("Say the type of what stands in the column “Nội dung (YAML/JSON)”."))
    question_type = get_type(type_name)
    try:
        said = question_type.to_source(question_type.Body.model_validate({"stem": "…", **own})) if answered else {}
        said.pop("stem", None)
        if row.get("question"):
            said["stem"] = {"html": row.html(row.get("question"))}
        twice = sorted(said.keys() & source.keys())
        if twice:
            sentence = _("“%(field)s” is here and in other columns: empty one of them.")
            raise WrongCell("body", filled(sentence, {"field": twice[0]}))
        body = question_type.from_source({**said, **source})
    except ValidationError as problem:
        raise WrongCell("body", why_not(problem)) from None
    except Fault as problem:
        raise WrongCell("body", problem.message) from None
    except (ValueError, TypeError, KeyError, AttributeError) as problem:
        raise WrongCell("body", str(problem)) from None
    return type_name, body.model_dump(mode="json")


def _source(text: str) -> dict[str, Any]:
    try:
        source = load_yaml(text, source="YAML")
    except YamlProblem as problem:
        raise WrongCell("body", str(problem)) from None
    if not isinstance(source, dict):
        raise WrongCell("body", _("Write the fields of the question, each as “name: value”."))
    return {str(key): value for key, value in source.items()}


# Facts --------------------------------------------------------------------------------------------------------


def _facts(cells: Mapping[str, str]) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "idnumber": cells.get("id", ""),
        "category": list_of_cell(cells.get("category", ""), " / "),
        "tags": list_of_cell(cells.get("tags", ""), ", "),
        "outcome": cells.get("outcome", ""),
    }
    try:
        facts["difficulty"] = difficulty_of(cells.get("difficulty", ""))
    except NotTaken as problem:
        raise WrongCell("difficulty", problem.reason) from None
    nature = fold(cells.get("nature", ""))
    if nature and nature not in _NATURES:
        raise WrongCell("nature", _("Write Kiến thức or Tình huống."))
    facts["nature"] = _NATURES.get(nature, "")
    exam_only = fold(cells.get("exam_only", ""))
    if exam_only and exam_only not in _YES | _NO:
        raise WrongCell("exam_only", _("Write Có or Không."))
    facts["exam_only"] = exam_only in _YES
    return facts


def _mark(text: str) -> float:
    number, unit = read_number(text)
    if number is None or unit or not 0 <= number <= 1000:
        raise WrongCell("mark", _("Write a number from 0 to 1000."))
    return number


# What our own exports add -------------------------------------------------------------------------------------


def digest_of_cells(cells: Mapping[str, str]) -> str:
    """What tells whether a row was changed since it was written, its column “extra” aside."""
    rest = sorted((name, text) for name, text in cells.items() if name != "extra" and text)
    return hashlib.sha256(json.dumps(rest, ensure_ascii=False).encode("utf-8", "replace")).hexdigest()[:16]


def _extra(cells: Mapping[str, str]) -> Extra:
    text = cells.get("extra", "")
    if not text:
        return Extra()
    digest, _space, data = text.partition(" ")
    return read_extra(data, belongs=digest == digest_of_cells(cells))


def _take_files(text: str, place: Place, shelf: MediaShelf) -> None:
    """Files of the row: a line each, “name”, “name = name in the sheet of files”, or “name data:;base64,…”."""
    for line in text.split("\n"):
        name, marker, data = line.partition(" data:;base64,")
        if marker:
            content = decoded_base64(data)
        else:
            name, _equals, wanted = line.partition(" = ")
            content = place.files.get(nfc(wanted or name).strip())
        name = name.strip()
        if not name:
            continue
        if content is None:
            raise WrongCell("files", filled(_("The file “%(name)s” is not in the file."), {"name": name[:80]}))
        shelf.media[name] = MediaFile(name, content)
