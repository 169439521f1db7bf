"""Questions of a Word file into ours, with the answers that are marked, told or listed at the end."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from assessments.formats.base import Item, MediaFile, ReadProblem, Text
from assessments.formats.checking import NotTaken, checked_question
from assessments.formats.docx.answer_key import AnswerKey, Told, truths_by_letter
from assessments.formats.docx.choices import Choice, marked_at_end
from assessments.formats.docx.rich import ANSWER_MARKS, OBJECT, Rich, html_of_lines
from assessments.formats.docx.script import Question
from assessments.formats.drafts import (
    Draft,
    choice_draft,
    difficulty_of,
    numbers_of,
    short_draft,
    truth_draft,
    truth_of,
    truth_table_draft,
)
from assessments.formats.keys import LETTERS, Convention, Key
from assessments.formats.shelf import media_shown
from assessments.formats.table.cells import list_of_cell
from assessments.formats.table.types import WrongCell, type_named
from assessments.question_types.numbers import read_number
from common.decoding import legacy_font
from common.exceptions import LegacyFontText
from common.messages import filled
from common.vietnamese import fold

NO_CATEGORY = "(không)"
_TRUTHS = re.compile(r"[đsĐS](?:[\s,;/\-.]*[đsĐS])+")
_TRUTH_AT_END = re.compile(r"\s*(?:[-–—:=>→]+\s*|[(\[]\s*|\.\s+|\t)(Đúng|Sai|Đ|S|đúng|sai)\s*[)\]]?\s*\.?\s*$")
_ASKS_TRUTH = re.compile(r"đúng\s*(?:hay|hoặc|/|,|–|-)\s*sai", re.IGNORECASE)
_CONVENTION = Convention(())
_NATURES = {"kien thuc": "knowledge", "tinh huong": "situation"}
_QUOTED = 80


class Items:
    """What the whole file agrees on, and the item of each question."""

    def __init__(self, questions: Sequence[Question], key: AnswerKey, pictures: Mapping[str, bytes]) -> None:
        self._pictures = pictures
        self._told = _assigned(questions, key)
        self._kinds = _kinds_of_marks(questions)

    def item(self, question: Question, notes: Sequence[Text] = ()) -> Item:
        """The question, or why it is none; `notes` are about the whole file."""
        try:
            return self._item(question, notes)
        except WrongCell as problem:
            return self._problem(question, problem.reason)
        except NotTaken as problem:
            return self._problem(question, problem.reason)

    @staticmethod
    def _problem(question: Question, reason: Text) -> ReadProblem:
        name = question.facts.get("ten cau") or " ".join(line.plain.replace(OBJECT, " ") for line in question.stem)
        return ReadProblem(ref=question.ref, name=" ".join(name.split())[:_QUOTED], reason=reason)

    def _item(self, question: Question, notes: Sequence[Text]) -> Item:
        if question.faults:
            raise NotTaken(question.faults[0])
        _refuse_old_fonts(question)
        if not question.stem:
            raise NotTaken(_("The question is missing."))
        told = self._told.get(id(question), Told())
        own_notes = [*notes, *dict.fromkeys(question.notes)]
        if question.after:
            sentence = _("What stands after its last choice was left out: “%(text)s”.")
            text = " | ".join(line.plain.replace(OBJECT, " ").strip() for line in question.after)
            own_notes.append(
                filled(sentence, {"text": text if len(text) <= 2 * _QUOTED else f"{text[: 2 * _QUOTED]}…"})
            )
        type_name, own = self._draft(question, told, own_notes)
        body: dict[str, Any] = {
            **own,
            "stem": html_of_lines(question.stem),
            "feedback": html_of_lines([*question.feedback, *told.explanation]),
        }
        _tell(own, question)
        body |= own
        if question.grading:
            if type_name != "essay":
                raise NotTaken(_("It has notes for marking, and is no essay."))
            body["grader_info"] = html_of_lines(question.grading)
        facts = _facts(question, body)
        shown = media_shown(body)
        media = {name: MediaFile(name, content) for name, content in self._pictures.items() if name in shown}
        return checked_question(type_name, body, ref=question.ref, notes=own_notes, media=media, **facts)

    # Types ----------------------------------------------------------------------------------------------------

    def _draft(self, question: Question, told: Told, notes: list[Text]) -> Draft:
        wanted = type_named(question.facts.get("loai cau", ""))
        answer = _agreed(question.answer, told.answer)
        if not question.choices:
            return _without_choices(answer, wanted, notes)
        if len(question.choices) < 2:
            raise NotTaken(_("It has only one choice."))
        statements = _statements(question, answer, self._marked(question)[0], wanted)
        if statements is not None:
            return statements
        marked, mark = self._marked(question)
        lines = [choice.lines for choice in question.choices]
        if not marked and not answer and (ended := marked_at_end(question.choices)):
            marked, lines = (ended[0],), ended[1]
            sentence = _("The mark at the end of choice %(letter)s was read as the sign that it is right.")
            notes.append(filled(sentence, {"letter": LETTERS[ended[0]]}))
        texts = [html_of_lines([_bare(line, mark) for line in each]) for each in lines]
        if not all(texts):
            letter = LETTERS[[bool(text) for text in texts].index(False)]
            raise NotTaken(filled(_("The choice %(letter)s is empty."), {"letter": letter}))
        plain = [" ".join(line.plain.strip() for line in choice.lines) for choice in question.choices]
        right = _CONVENTION.right(Key(answer, plain)) if answer else ()
        if right and marked and right != marked:
            facts = {"told": _letters(right), "marked": _letters(marked)}
            raise NotTaken(filled(_("The answer says %(told)s, and %(marked)s is marked."), facts))
        right = right or marked
        if not right:
            raise NotTaken(_("No right answer is marked: say which one it is."))
        return choice_draft(texts, right, several=wanted == "multiple_choice")

    def _marked(self, question: Question) -> tuple[tuple[int, ...], str]:
        """(places of the choices that are marked as right, the look that does it)."""
        starred = tuple(place for place, choice in enumerate(question.choices) if choice.starred)
        if 0 < len(starred) < len(question.choices):
            return starred, ""
        for kind in self._kinds:
            places = _distinguished(question.choices, kind)
            if places:
                return places, kind
        return (), ""


def _bare(line: Rich, mark: str) -> Rich:
    return line.without(mark) if mark else line


def _distinguished(choices: Sequence[Choice], kind: str) -> tuple[int, ...]:
    """The choices that stand out by this look, by their letters or by their texts; () when none or all do."""
    letters = tuple(place for place, choice in enumerate(choices) if kind in choice.letter_marks)
    texts = tuple(place for place, choice in enumerate(choices) if kind in choice.marks())
    for places in (letters, texts):
        if 0 < len(places) < len(choices):
            return places
    return ()


def _kinds_of_marks(questions: Sequence[Question]) -> list[str]:
    """The looks by which this file marks right answers, the most usual first."""
    counts = Counter(kind for question in questions for kind in ANSWER_MARKS if _distinguished(question.choices, kind))
    return sorted(counts, key=lambda kind: (-counts[kind], ANSWER_MARKS.index(kind)))


def _letters(places: Sequence[int]) -> str:
    return ", ".join(LETTERS[place] for place in places)


def _agreed(own: str, told: str) -> str:
    """The answer below the question or at the end of the file. Raises NotTaken when they differ."""
    if own and told and _bare_answer(own) != _bare_answer(told):
        sentence = _("The answer below it says “%(own)s”, and the one at the end of the file “%(told)s”.")
        raise NotTaken(filled(sentence, {"own": own[:40], "told": told[:40]}))
    return (own or told).strip()


def _bare_answer(answer: str) -> str:
    return re.sub(r"[\s,;.]", "", answer.casefold())


def _without_choices(answer: str, wanted: str, notes: list[Text]) -> Draft:
    if wanted == "description":
        return "description", {}
    if not answer:
        if wanted != "essay":
            notes.append(_("It has neither choices nor an answer and was taken as an essay."))
        return "essay", {}
    truth = truth_of(answer)
    if truth is not None and wanted in ("", "true_false"):
        return truth_draft(truth)
    answers = [part.strip() for part in answer.split("|") if part.strip()]
    numbers = numbers_of(answers) if wanted in ("", "numerical") else None
    if numbers is not None:
        return "numerical", {"answers": numbers}
    if re.fullmatch(r"[A-T]", answer) and wanted != "short_answer":
        raise NotTaken(_("The answer names a choice, and there are no choices."))
    return short_draft(answers)


def _statements(question: Question, answer: str, marked: tuple[int, ...], wanted: str) -> Draft | None:
    """True or false for each statement, when that is what is asked; None for choices."""
    lines = [choice.lines for choice in question.choices]
    ends = [_TRUTH_AT_END.search(rich[-1].plain) for rich in lines]
    answer = truths_by_letter(answer) or answer
    asked = wanted == "matrix" or any(_ASKS_TRUTH.search(line.plain) for line in question.stem)
    if _TRUTHS.fullmatch(answer):
        said = re.sub(r"[\s,;/\-.]", "", answer.lower())
        if len(said) != len(lines):
            raise NotTaken(_("The answer says true or false for another number of statements."))
        truths = [sign == "đ" for sign in said]
    elif all(ends) and len(lines) >= 2:
        truths = [bool(truth_of(found[1])) for found in ends if found]
        lines = [[*rich[:-1], rich[-1].cut(0, found.start())] for rich, found in zip(lines, ends, strict=True) if found]
    elif asked and question.choices[0].is_lower and (marked or answer):
        places = _CONVENTION.right(Key(answer, ["?"] * len(lines))) if answer else marked
        truths = [place in places for place in range(len(lines))]
    else:
        return None
    return truth_table_draft(
        [
            (html_of_lines([_plainly(line) for line in rich]), truth, "")
            for rich, truth in zip(lines, truths, strict=True)
        ]
    )


def _plainly(line: Rich) -> Rich:
    return line.without("underline").without("colour").without("highlight")


def _tell(own: dict[str, Any], question: Question) -> None:
    """Put what is told of single choices or answers where it belongs. Raises NotTaken for what belongs nowhere."""
    places: dict[str, tuple[dict[str, Any], str]] = {}
    if "answer" in own:
        places = {"đúng": (own, "feedback_true"), "sai": (own, "feedback_false")}
    for name in ("choices", "rows"):
        places |= {key: (each, "feedback") for key, each in zip(LETTERS.lower(), own.get(name, ()), strict=False)}
    places |= {str(number): (each, "feedback") for number, each in enumerate(own.get("answers", ()), start=1)}
    for key, lines in question.told.items():
        if key not in places:
            raise NotTaken(filled(_("There is no “%(key)s” that feedback is for."), {"key": key}))
        holder, name = places[key]
        holder[name] = html_of_lines(lines)


# Facts --------------------------------------------------------------------------------------------------------


def _facts(question: Question, body: dict[str, Any]) -> dict[str, Any]:
    said = question.facts
    category = question.category
    if "chuong cua cau" in said:
        own = said["chuong cua cau"]
        category = () if own == NO_CATEGORY else list_of_cell(own, " / ")
    if "diem so" in said:
        mark, unit = read_number(said["diem so"])
        if mark is None or unit:
            raise NotTaken(filled(_("“%(mark)s” is no number of points."), {"mark": said["diem so"][:40]}))
        body["mark"] = mark
    nature = fold(said.get("loai kien thuc", ""))
    return {
        "name": said.get("ten cau", ""),
        "idnumber": said.get("ma cau", ""),
        "category": category,
        "tags": list_of_cell(said.get("the", ""), ", "),
        "difficulty": difficulty_of(said.get("muc do") or said.get("do kho", "")),
        "nature": _NATURES.get(nature, ""),
        "outcome": said.get("chuan dau ra", ""),
        "exam_only": fold(said.get("chi thi", "")) in ("co", "x", "yes"),
    }


def _refuse_old_fonts(question: Question) -> None:
    lines = [*question.stem, *question.feedback, *(line for choice in question.choices for line in choice.lines)]
    text = " ".join(line.plain for line in lines)
    found = legacy_font(text)
    if found is None and any(
        "old font" in piece.marks and not piece.text.isascii() and legacy_letters(piece.text)
        for line in lines
        for piece in line.pieces
    ):
        found = ("TCVN3/VNI", text.strip()[:40])
    if found is not None:
        raise NotTaken(LegacyFontText(*found).message)


def legacy_letters(text: str) -> bool:
    """Whether a text has letters that only old fonts show as Vietnamese: none of Unicode's Vietnamese block."""
    return not any("\u1ea0" <= sign <= "\u1ef9" or sign in "ăâđêôơưĂÂĐÊÔƠƯ" for sign in text)


# Answers at the end -------------------------------------------------------------------------------------------


def _assigned(questions: Sequence[Question], key: AnswerKey) -> dict[int, Told]:
    """What is told at the end, by question. Where numbers begin anew, parts go with parts in their order."""
    parts = [part for part in key.parts if part]
    numbers = [question.number for question in questions if question.number is not None]
    found: dict[int, Told] = {}
    if len(set(numbers)) == len(numbers):
        merged: dict[int, Told] = {}
        for part in parts:
            for number, told in part.items():
                known = merged.setdefault(number, Told())
                known.answer = known.answer or told.answer
                known.explanation += told.explanation
        for place, question in enumerate(questions, start=1):
            number = question.number if question.number is not None else place
            if number in merged:
                found[id(question)] = merged[number]
        return found
    order = list(dict.fromkeys(question.part for question in questions))
    if len(parts) == len(order):
        for question in questions:
            part = parts[order.index(question.part)]
            if question.number in part:
                found[id(question)] = part[question.number]
    return found
