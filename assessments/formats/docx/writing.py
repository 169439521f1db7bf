"""Questions into a Word file in the form that is read, with the answers in a table at its end."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import IO

from django.utils.translation import gettext_lazy as _

from assessments.formats.base import Item, ParsedQuestion, ReadProblem, Text, Unreadable
from assessments.formats.checking import NotTaken, name_of
from assessments.formats.docx.answer_key import KEY_HEADING
from assessments.formats.docx.choices import CHOICE
from assessments.formats.docx.items import NO_CATEGORY
from assessments.formats.docx.lines import QUESTION
from assessments.formats.docx.parts import DOCUMENT_END, DOCUMENT_START, FIXED_PARTS, PICTURE_TYPES, relations_part
from assessments.formats.docx.reading import read_items
from assessments.formats.docx.rich import OBJECT
from assessments.formats.docx.sheet import Sheet
from assessments.formats.keys import LETTERS
from assessments.formats.table.cells import listed_cell
from assessments.formats.table.types import TYPE_NAMES
from common.messages import filled

_LEVELS = {"basic": "Cơ bản", "intermediate": "Trung bình", "advanced": "Nâng cao"}
_NATURES = {"knowledge": "Kiến thức", "situation": "Tình huống"}
_IN_TABLE = frozenset(["single_choice", "multiple_choice", "matrix"])
_TYPES = _IN_TABLE | {"true_false", "short_answer", "numerical", "essay", "description"}
_COLUMNS = 10


def write_items(questions: Iterable[ParsedQuestion], file: IO[bytes], *, title: str) -> list[ReadProblem]:
    """Write the file; the questions of which the form would lose something are given back."""
    problems: list[ReadProblem] = []
    answers: list[tuple[int, str]] = []
    category: tuple[str, ...] = ()
    number = 0
    with tempfile.TemporaryFile() as body, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        pictures = _Pictures(archive)
        head = Sheet()
        if title:
            head.paragraph(title, style="Title")
        body.write(DOCUMENT_START + head.xml())
        for question in questions:
            try:
                _refuse_what_would_be_lost(question)
                text = _written(question, number + 1, category, pictures)
            except NotTaken as problem:
                name, kind = question.name, question.type
                problems.append(ReadProblem(ref=question.ref, name=name, type=kind, reason=problem.reason))
                continue
            number += 1
            category = _category_after(category, question)
            body.write(text)
            if question.type in _IN_TABLE:
                answers.append((number, _answer(question)))
        body.write(_table_of_answers(answers) + DOCUMENT_END)
        body.seek(0)
        with archive.open("word/document.xml", "w", force_zip64=True) as part:
            while chunk := body.read(1024 * 1024):
                part.write(chunk)
        for name, content in FIXED_PARTS.items():
            archive.writestr(name, content)
        archive.writestr("word/_rels/document.xml.rels", relations_part(pictures.names))
    return problems


class _Pictures:
    """Puts pictures into the archive, each content once."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._known: dict[bytes, str] = {}
        self.names: list[str] = []

    def relation(self, name: str, content: bytes) -> str:
        """The id by which the document shows it."""
        if content not in self._known:
            ending = PurePosixPath(name).suffix.lower()
            own = f"media/image{len(self.names) + 1}{ending if ending[1:] in PICTURE_TYPES else '.bin'}"
            self._archive.writestr(f"word/{own}", content)
            self.names.append(own)
            self._known[content] = f"rId{len(self.names) + 100}"
        return self._known[content]


def _written(question: ParsedQuestion, number: int, category: tuple[str, ...], pictures: _Pictures) -> bytes:
    sheet, body = Sheet(question.media, pictures.relation), question.body
    _write_category(sheet, question, category)
    sheet.html(body["stem"], before=f"Câu {number}. ")
    if question.type in ("single_choice", "multiple_choice"):
        for letter, choice in zip(LETTERS, body["choices"], strict=False):
            sheet.html(choice["text"], before=f"{letter}. ", indented=True)
    elif question.type == "matrix":
        for letter, row in zip(LETTERS.lower(), body["rows"], strict=False):
            sheet.html(row["text"], before=f"{letter}) ", indented=True)
    elif question.type not in ("essay", "description"):
        sheet.paragraph(f"Đáp án: {_answer(question)}")
    for label, text in _facts(question):
        sheet.paragraph(f"{label}: {text}", style="Fact")
    if question.category != _category_after(category, question):
        sheet.paragraph(f"Chương của câu: {listed_cell(question.category, ' / ') or NO_CATEGORY}", style="Fact")
    for key, html in _told(question):
        sheet.html(html, before=f"Phản hồi {key}: ")
    if body.get("grader_info"):
        sheet.html(body["grader_info"], before="Hướng dẫn chấm: ")
    if body["feedback"]:
        sheet.html(body["feedback"], before="Lời giải: ")
    return sheet.xml()


def _write_category(sheet: Sheet, question: ParsedQuestion, category: tuple[str, ...]) -> None:
    """The headings that lead from one category to that of the question."""
    wanted = tuple(question.category)
    if _category_after(category, question) != wanted:
        return
    pairs = zip(wanted, category, strict=False)
    same = next((depth for depth, (one, other) in enumerate(pairs) if one != other), min(len(wanted), len(category)))
    for depth, name in list(enumerate(wanted))[same:]:
        sheet.paragraph(name, style=f"Heading{depth + 1}")


def _category_after(category: tuple[str, ...], question: ParsedQuestion) -> tuple[str, ...]:
    """The category that the headings say when the question is written.

    No heading says that a path only becomes shorter, or what reads like a question or a choice: a line of the
    question itself does.
    """
    wanted = tuple(question.category)
    is_shorter = wanted == category[: len(wanted)] and wanted != category
    return category if is_shorter or len(wanted) > 9 or not all(map(_is_heading, wanted)) else wanted


def _is_heading(name: str) -> bool:
    if name != " ".join(name.split()) or OBJECT in name:
        return False
    return not (CHOICE.match(name) or QUESTION.match(name) or KEY_HEADING.fullmatch(name))


def _answer(question: ParsedQuestion) -> str:
    body = question.body
    if question.type in ("single_choice", "multiple_choice"):
        return ", ".join(
            letter for letter, choice in zip(LETTERS, body["choices"], strict=False) if choice["fraction"] > 0
        )
    if question.type == "matrix":
        first = body["columns"][0]["id"]
        return ", ".join("Đ" if body["right"][row["id"]] == [first] else "S" for row in body["rows"])
    if question.type == "true_false":
        return "Đúng" if body["answer"] else "Sai"
    if question.type == "numerical":
        return " | ".join(
            _number(answer["value"]) + (f" ± {_number(answer['tolerance'])}" if answer["tolerance"] else "")
            for answer in body["answers"]
        )
    return " | ".join(answer["text"].replace("\\*", "*") for answer in body["answers"])


def _told(question: ParsedQuestion) -> list[tuple[str, str]]:
    """What is told of single choices, rows or answers, with what each is called."""
    body = question.body
    told = [(letter, choice["feedback"]) for letter, choice in zip(LETTERS, body.get("choices", ()), strict=False)]
    told += [(letter, row["feedback"]) for letter, row in zip(LETTERS, body.get("rows", ()), strict=False)]
    told += [(str(number), answer["feedback"]) for number, answer in enumerate(body.get("answers", ()), start=1)]
    told += [("Đúng", body.get("feedback_true", "")), ("Sai", body.get("feedback_false", ""))]
    return [(key, html) for key, html in told if html]


def _facts(question: ParsedQuestion) -> list[tuple[str, str]]:
    own_name = "" if question.name == name_of(question.body["stem"]) else question.name
    # A question with several choices of which one is right, and types that look like others, say what they are.
    facts = [
        ("Loại câu", TYPE_NAMES[question.type][0] if question.type != "single_choice" else ""),
        ("Mã câu", question.idnumber),
        ("Tên câu", own_name),
        ("Điểm số", "" if question.body["mark"] == 1 else _number(question.body["mark"])),
        ("Mức độ", _LEVELS.get(question.difficulty, "")),
        ("Thẻ", listed_cell(question.tags, ", ")),
        ("Loại kiến thức", _NATURES.get(question.nature, "")),
        ("Chuẩn đầu ra", question.outcome),
        ("Chỉ thi", "Có" if question.exam_only else ""),
    ]
    return [(label, text) for label, text in facts if text]


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value).replace(".", ",")


def _table_of_answers(answers: Sequence[tuple[int, str]]) -> bytes:
    if not answers:
        return b""
    sheet = Sheet()
    sheet.paragraph("ĐÁP ÁN", style="Heading1", outline=False)
    rows: list[list[str]] = []
    for start in range(0, len(answers), _COLUMNS):
        batch = answers[start : start + _COLUMNS]
        empty = [""] * (_COLUMNS - len(batch)) if len(answers) > _COLUMNS else []
        rows.append(["Câu", *(str(number) for number, _answer in batch), *empty])
        rows.append(["Đáp án", *(answer for _number, answer in batch), *empty])
    sheet.table(rows)
    return sheet.xml()


# What the form cannot say -------------------------------------------------------------------------------------


def _refuse_what_would_be_lost(question: ParsedQuestion) -> None:
    """Raises NotTaken unless the question, alone in a file, is read again as it is."""
    if question.type not in _TYPES:
        sentence = _("The Word form has no way to write the type “%(type)s”; use JSON, XLSX or Moodle XML.")
        raise NotTaken(filled(sentence, {"type": question.type}))
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        pictures = _Pictures(archive)
        text = _written(question, 1, (), pictures)
        answers = _table_of_answers([(1, _answer(question))]) if question.type in _IN_TABLE else b""
        archive.writestr("word/document.xml", DOCUMENT_START + text + answers + DOCUMENT_END)
        for name, content in FIXED_PARTS.items():
            archive.writestr(name, content)
        archive.writestr("word/_rels/document.xml.rels", relations_part(pictures.names))
    made.seek(0)
    lost = _lost(question, _read(made))
    if lost:
        sentence = _("The Word form would lose or change its “%(field)s”; use JSON, XLSX or Moodle XML.")
        raise NotTaken(filled(sentence, {"field": lost}))


def _read(file: IO[bytes]) -> Sequence[Item]:
    try:
        return list(read_items(file))
    except Unreadable:
        return ()


def _lost(question: ParsedQuestion, read: Sequence[Item]) -> Text:
    """The first field that is not read as it was."""
    if len(read) != 1 or not isinstance(read[0], ParsedQuestion):
        return "stem"
    back = read[0]
    if back.type != question.type:
        return "type"
    for key, value in question.body.items():
        if value != back.body[key]:
            return key
    plain = replace(question, ref="", notes=(), body={}, media={})
    if replace(back, ref="", notes=(), body={}, media={}) != replace(
        plain, category=tuple(plain.category), tags=tuple(plain.tags)
    ):
        return _("name, identifier or other facts")
    same_media = sorted(file.content for file in back.media.values()) == sorted(
        file.content for file in question.media.values()
    )
    return "" if same_media else "media"
