"""Questions into rows of the template: what its columns can say stands there for people, the rest beside it."""

from __future__ import annotations

import base64
import hashlib
import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import IO, Any

from django.utils.translation import gettext_lazy as _

from assessments.formats.base import Item, ParsedQuestion, ReadProblem
from assessments.formats.checking import NotTaken
from assessments.formats.extra import extra_text
from assessments.formats.keys import LETTERS, Convention
from assessments.formats.numbering import are_numbers
from assessments.formats.table.cells import cell_of_html, listed_cell
from assessments.formats.table.columns import (
    BY_NAME,
    COLUMNS,
    FILES_SHEET,
    GUIDE_SHEET,
    QUESTIONS_SHEET,
    WRITTEN,
    WRITTEN_CHOICES,
)
from assessments.formats.table.rows import Place, digest_of_cells, read_row
from assessments.formats.table.types import TYPE_NAMES
from assessments.question_types import get_type
from common.messages import filled
from common.tabular import Sheet, write_csv, write_xlsx
from common.tabular.formulas import guarded, guarded_csv, unguarded
from common.vietnamese import nfc

MOST_XLSX_CELL = 32_000
_PART = 30_000
_LEVELS = {"basic": "Cơ bản", "intermediate": "Trung bình", "advanced": "Nâng cao"}
_NATURES = {"knowledge": "Kiến thức", "situation": "Tình huống"}
WIDTHS = {
    "question": 48,
    "answer": 24,
    "feedback": 32,
    "category": 24,
    "body": 24,
    "files": 0,
    "extra": 0,
} | dict.fromkeys("abcdefgh", 24)
GUIDE_HEADINGS = ("Cột", "Tên khác", "Ghi gì vào đây")
GUIDE_WIDTHS = (22, 40, 90)


class TableWriter:
    """Writes one file; what it cannot take is in `problems`."""

    def __init__(self, *, csv: bool) -> None:
        self.csv = csv
        self.problems: list[ReadProblem] = []
        self._convention = Convention((), counts_from_one=True)
        self._names: dict[str, str] = {}  # name in the sheet of files → digest of its content
        self._files: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  closed by `write`

    def write(self, questions: Iterable[ParsedQuestion], file: IO[bytes], *, title: str) -> None:
        """Write the file."""
        with self._files:
            headings = [BY_NAME[name].heading for name in WRITTEN]
            if self.csv:
                write_csv(self._rows(questions), headings, file)
                return
            sheets = [
                Sheet(GUIDE_SHEET, GUIDE_HEADINGS, guide_rows(), widths=GUIDE_WIDTHS),
                Sheet(FILES_SHEET[0], FILES_SHEET[1], self._file_rows()),
            ]
            widths = [WIDTHS.get(name, 14) for name in WRITTEN]
            write_xlsx(
                self._rows(questions), headings, file, title=title or QUESTIONS_SHEET, widths=widths, more=sheets
            )

    def _rows(self, questions: Iterable[ParsedQuestion]) -> Iterator[Sequence[Any]]:
        for question in questions:
            try:
                cells = self._cells(question)
            except NotTaken as problem:
                self.problems.append(
                    ReadProblem(ref=question.ref, name=question.name, type=question.type, reason=problem.reason)
                )
                continue
            yield [self._value(name, cells.get(name, "")) for name in WRITTEN]

    def _value(self, name: str, text: str) -> Any:
        return int(text) if name == "mark" and text.isdecimal() else guarded(text)

    def _cells(self, question: ParsedQuestion) -> dict[str, str]:
        """The cells as they are read again. Raises NotTaken."""
        facts = {**_facts(question), **self._common_cells(question), "files": self._keep_files(question)}
        said = _said_by_columns(question, csv=self.csv)
        cells, read = self._tried(question, {**facts, **said})
        if not _is_body(read, question):
            rest = _source_beside(question, read)
            cells, read = self._tried(question, {**facts, **said, "body": rest} if rest else facts | _whole(question))
        if not _is_body(read, question):
            cells, read = self._tried(question, facts | _whole(question))
        if isinstance(read, ParsedQuestion) and are_numbers([question.idnumber]):
            read = replace(read, idnumber="")  # alone in its column it is a number of this file and no identifier
        extra = extra_text(question, read if isinstance(read, ParsedQuestion) else None)
        if extra:
            cells["extra"] = f"{digest_of_cells(cells)} {extra}".replace(";", "\\u003b")
        self._refuse_long(cells)
        return cells

    def _common_cells(self, question: ParsedQuestion) -> dict[str, str]:
        body = question.body
        return {
            "type": TYPE_NAMES.get(question.type, (question.type,))[0],
            "question": cell_of_html(body["stem"], csv=self.csv),
            "feedback": cell_of_html(body["feedback"], csv=self.csv),
            "mark": _number(body["mark"]),
        }

    def _tried(self, question: ParsedQuestion, cells: dict[str, str]) -> tuple[dict[str, str], Item]:
        """The cells as they come out of the file, and what is read of them."""
        guard = guarded_csv if self.csv else guarded
        carried = {name: unguarded(nfc(guard(text)).strip()) for name, text in cells.items()}
        carried = {name: text for name, text in carried.items() if text}
        files = {
            key: question.media[name].content
            for name, key in self._keys(carried.get("files", "")).items()
            if name in question.media
        }
        return carried, read_row(carried, {}, Place("", {}, files), self._convention)

    def _refuse_long(self, cells: dict[str, str]) -> None:
        for name, text in cells.items():
            if not self.csv and len(text) > MOST_XLSX_CELL:
                facts = {"heading": BY_NAME[name].heading, "most": MOST_XLSX_CELL}
                sentence = _("“%(heading)s” has more than the %(most)d characters that a cell can hold; use JSON.")
                raise NotTaken(filled(sentence, facts))

    # Files ----------------------------------------------------------------------------------------------------

    def _keep_files(self, question: ParsedQuestion) -> str:
        lines = []
        for name, file in question.media.items():
            encoded = base64.b64encode(file.content).decode("ascii")
            if self.csv:
                lines.append(f"{name} data:;base64,{encoded}")
                continue
            digest = hashlib.sha256(file.content).hexdigest()
            key, number = name, 1
            while self._names.setdefault(key, digest) != digest:
                number += 1
                key = f"{name}#{number}"
            self._files.write(json.dumps([key, encoded]).encode("ascii") + b"\n")
            lines.append(name if key == name else f"{name} = {key}")
        return "\n".join(lines)

    @staticmethod
    def _keys(files: str) -> dict[str, str]:
        keys = {}
        for line in files.split("\n"):
            name, equals, key = line.partition(" = ")
            keys[name] = key if equals else name
        return {name: key for name, key in keys.items() if name and " data:;base64," not in name}

    def _file_rows(self) -> Iterator[Sequence[Any]]:
        self._files.seek(0)
        written: set[str] = set()
        for line in self._files:
            key, encoded = json.loads(line)
            if key not in written:
                written.add(key)
                for part, start in enumerate(range(0, max(len(encoded), 1), _PART), start=1):
                    yield guarded(key), part, guarded(encoded[start : start + _PART])


def guide_rows() -> Iterator[Sequence[str]]:
    """What the second sheet says about each column."""
    for column in COLUMNS:
        letter = column.name.removeprefix("feedback_")
        if len(letter) == 1 and letter != "a":
            continue
        heading = column.heading if len(letter) > 1 else f"{column.heading} … {column.heading[:-1]}T"
        yield heading, ", ".join(column.others.split(", ")[:4]), column.help


def _is_body(read: Item, question: ParsedQuestion) -> bool:
    return isinstance(read, ParsedQuestion) and read.type == question.type and read.body == question.body


def _source(question: ParsedQuestion) -> dict[str, Any]:
    """The body in the form of content packs, without what has columns for every type."""
    question_type = get_type(question.type)
    source = question_type.to_source(question_type.Body.model_validate(question.body))
    return {key: value for key, value in source.items() if key not in ("stem", "feedback", "mark")}


def _source_beside(question: ParsedQuestion, read: Item) -> str:
    """The column “body” for what the other columns did not say; "" when they say something else."""
    if not isinstance(read, ParsedQuestion) or read.type != question.type:
        return ""
    said, source = _source(read), _source(question)
    if any(source.get(key) != value for key, value in said.items()):
        return ""
    return _json({key: value for key, value in source.items() if key not in said})


def _whole(question: ParsedQuestion) -> dict[str, str]:
    """The column “body” with everything of the type."""
    return {"body": _json(_source(question))}


def _json(value: Any) -> str:
    """One line without a place that another list separator would make a formula."""
    return json.dumps(value, ensure_ascii=False).replace(";", "\\u003b") if value else ""


def _facts(question: ParsedQuestion) -> dict[str, str]:
    return {
        "id": question.idnumber,
        "name": question.name,
        "category": listed_cell(question.category, " / "),
        "tags": listed_cell(question.tags, ", "),
        "difficulty": _LEVELS.get(question.difficulty, ""),
        "nature": _NATURES.get(question.nature, ""),
        "outcome": question.outcome,
        "exam_only": "Có" if question.exam_only else "",
    }


def _said_by_columns(question: ParsedQuestion, *, csv: bool) -> dict[str, str]:
    """What the columns can say of a body, perhaps less than all of it."""
    body = question.body

    def text(html: str) -> str:
        return cell_of_html(html, csv=csv)

    if question.type in ("single_choice", "multiple_choice") and len(body["choices"]) <= WRITTEN_CHOICES:
        choices = list(zip(LETTERS, body["choices"], strict=False))
        cells = {letter.lower(): text(choice["text"]) for letter, choice in choices}
        cells |= {f"feedback_{letter.lower()}": text(choice["feedback"]) for letter, choice in choices}
        right = [letter for letter, choice in choices if choice["fraction"] > 0]
        return {**cells, "answer": ", ".join(right)}
    if question.type == "true_false":
        feedback = {"feedback_a": text(body["feedback_true"]), "feedback_b": text(body["feedback_false"])}
        return {"answer": "Đúng" if body["answer"] else "Sai", **feedback}
    if question.type == "short_answer":
        return {"answer": " | ".join(answer["text"].replace("\\*", "*") for answer in body["answers"])}
    if question.type == "numerical":
        return {"answer": " | ".join(map(_toleranced, body["answers"]))}
    if question.type == "matching":
        lines = [f"{text(pair['prompt'])} -> {text(pair['answer'])}" for pair in body["pairs"]]
        return {"answer": "\n".join([*lines, *(f"-> {text(extra['answer'])}" for extra in body["extra_answers"])])}
    if question.type == "ordering":
        return {"answer": "\n".join(text(item["text"]) for item in body["items"])}
    if question.type == "matrix" and [column["text"] for column in body["columns"]] == ["Đúng", "Sai"]:
        truths = {row: "Đúng" if right == [body["columns"][0]["id"]] else "Sai" for row, right in body["right"].items()}
        return {"answer": "\n".join(f"{text(row['text'])} -> {truths[row['id']]}" for row in body["rows"])}
    if question.type == "essay":
        return {"answer": text(body["grader_info"])}
    return {} if question.type == "description" else _whole(question)


def _toleranced(answer: dict[str, Any]) -> str:
    tolerance = f" ± {_number(answer['tolerance'])}" if answer["tolerance"] else ""
    return f"{_number(answer['value'])}{tolerance}"


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value).replace(".", ",")
