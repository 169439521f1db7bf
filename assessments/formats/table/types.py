"""What each type of question is called in the template, and its body out of the cells of a row."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from assessments.formats.base import Text
from assessments.formats.checking import NotTaken
from assessments.formats.drafts import (
    Draft,
    choice_draft,
    lettered_lines,
    matching_draft,
    numbers_of,
    ordering_draft,
    short_draft,
    truth_draft,
    truth_of,
    truth_table_draft,
)
from assessments.formats.keys import LETTERS, Convention, Key, distinguished
from assessments.formats.table.cells import HTML_MARK
from assessments.formats.table.columns import CHOICES
from assessments.question_types import all_types
from common.messages import filled
from common.vietnamese import fold, nfc

# The first name is the one that we write.
TYPE_NAMES: dict[str, tuple[str, ...]] = {
    "single_choice": (
        "Một đáp án",
        "trắc nghiệm",
        "một lựa chọn",
        "chọn một",
        "single",
        "multiple choice",
        "mcq",
        "tn",
    ),
    "multiple_choice": (
        "Nhiều đáp án",
        "nhiều lựa chọn",
        "chọn nhiều",
        "multiple",
        "multiple answers",
        "multi",
        "checkbox",
        "multiple select",
        "multiselect",
    ),
    "true_false": ("Đúng sai", "đúng/sai", "true/false", "true false", "tf", "đs"),
    "short_answer": ("Trả lời ngắn", "điền từ", "short answer", "short", "text", "tln"),
    "numerical": ("Số", "điền số", "numeric", "number"),
    "matching": ("Ghép cặp", "ghép đôi", "nối", "nối cặp", "match", "matching"),
    "ordering": ("Sắp xếp", "sắp thứ tự", "order", "ordering", "sequence"),
    "matrix": ("Bảng đúng sai", "đúng sai từng ý", "nhiều ý đúng sai", "ma trận"),
    "essay": ("Tự luận", "essay", "tl", "open ended", "open-ended"),
    "description": ("Nội dung", "mô tả", "description"),
    "gap_select": ("Điền khuyết",),
    "gap_drag": ("Kéo thả từ",),
    "cloze": ("Câu nhiều phần",),
    "drag_image": ("Kéo thả lên hình",),
    "mark_image": ("Đánh dấu trên hình",),
    "hotspot": ("Chọn vùng trên hình",),
    "calculated": ("Tính toán",),
    "calculated_choice": ("Tính toán có phương án",),
    "file_upload": ("Nộp tệp",),
}
_ARROW = re.compile(r"\s*(?:->|→|=>|⇒|⟶)\s*")
_TRUTHS = re.compile(r"[đsĐS](?:[\s,;/\-.]*[đsĐS])+")
_AMBIGUOUS = frozenset(["trac nghiem", "multiple choice", "mcq", "tn", "dung sai", "dung/sai", "dung_sai", "ds"])


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of a row by our names, texts not empty; how choices stand out; texts as HTML by `html`."""

    cells: Mapping[str, str]
    marks: Mapping[str, frozenset[str]]
    html: Callable[[str], str]

    def get(self, name: str) -> str:
        """A cell, "" when empty."""
        return self.cells.get(name, "")

    def feedback(self, count: int) -> list[str]:
        """HTML of the feedback of so many choices."""
        return [self.html(self.get(f"feedback_{letter.lower()}")) for letter in LETTERS[:count]]

    def lines(self) -> list[str]:
        """The lines of the answer."""
        return [" ".join(line.split()) for line in self.get("answer").split("\n") if line.strip()]


class WrongCell(NotTaken):
    """A cell is wrong; `column` is our name of it."""

    def __init__(self, column: str, reason: Text) -> None:
        super().__init__(reason)
        self.column = column


def type_named(text: str) -> str:
    """Our name of a type; "" when none is said. Raises WrongCell."""
    said = fold(text).strip()
    if not said:
        return ""
    if said.replace(" ", "_") in {one.name for one in all_types()}:
        return said.replace(" ", "_")
    for name, words in TYPE_NAMES.items():
        if said in {fold(word) for word in words}:
            return name
    raise WrongCell("type", filled(_("There is no type “%(type)s” here."), {"type": text[:60]}))


def with_choices(cells: Mapping[str, str]) -> dict[str, str]:
    """The cells of a row with its choices in cells of their own, where they are lines of one cell (A. … B. …)."""
    found = dict(cells)
    if any(name in found for name in LETTERS.lower()):
        return found
    listed, question = found.get(CHOICES, ""), found.get("question", "")
    if listed:
        stem, choices = lettered_lines(listed)
        if not choices or stem:
            choices = [part.strip() for part in re.split(r"\n" if "\n" in listed else r"[;|]", listed) if part.strip()]
        del found[CHOICES]
    elif question[: len(HTML_MARK)].upper() != HTML_MARK:
        stem, choices = lettered_lines(question)
        if choices and stem:
            found["question"] = stem
        else:
            choices = []
    else:
        return found
    found |= dict(zip(LETTERS.lower(), choices, strict=False))
    return found


def choices_of(row: Row) -> list[str]:
    """The cells with choices. Raises WrongCell for one that was left out."""
    filled_in = [letter for letter in LETTERS if row.get(letter.lower())]
    for letter, expected in zip(filled_in, LETTERS, strict=False):
        if letter != expected:
            sentence = _("It is empty, and %(letter)s after it is not: fill in the choices without a gap.")
            raise WrongCell(expected.lower(), filled(sentence, {"letter": letter}))
    return [row.get(letter.lower()) for letter in filled_in]


def key_of_row(row: Row) -> Key | None:
    """The answer of a row with choices, for what the file agrees on."""
    choices = [row.get(letter.lower()) for letter in LETTERS if row.get(letter.lower())]
    said = row.get("answer")
    return Key(said, choices) if choices and said and not _TRUTHS.fullmatch(said) else None


def draft_of(row: Row, convention: Convention) -> Draft:
    """Type and body of a row without a body of its own. Raises NotTaken."""
    said = row.get("type")
    wanted = type_named(said)
    choices = choices_of(row)
    # In these words many people call every question with choices, or with statements, whatever it is.
    loose = fold(said).strip() in _AMBIGUOUS
    if not wanted or (loose and (choices or "\n" in row.get("answer"))):
        return _guessed(row, choices, convention)
    return _READERS.get(wanted, _unsaid)(row, choices, convention, wanted)


def _guessed(row: Row, choices: list[str], convention: Convention) -> Draft:
    answer = row.get("answer")
    if choices:
        if _TRUTHS.fullmatch(answer):
            return _truth_table(row, choices, convention, "matrix")
        if len(choices) == 2 and {truth_of(text, short=False) for text in choices} == {True, False}:
            return _truth(row, choices, convention, "true_false")
        return _choice(row, choices, convention, "")
    if not answer:
        return _open(row, choices, convention, "essay")
    if truth_of(answer) is not None:
        return _truth(row, choices, convention, "true_false")
    lines = row.lines()
    if all(_ARROW.search(line) for line in lines):
        parts = [_ARROW.split(line, maxsplit=1) for line in lines]
        if all(truth_of(part[1]) is not None for part in parts):
            return _truth_table(row, choices, convention, "matrix")
        if len(parts) > 1:
            return _matching(row, choices, convention, "matching")
    if len(lines) > 1:
        raise WrongCell("type", _("The answer has several lines: say whether they are to be matched or ordered."))
    if numbers_of(answer.split("|")):
        return _numerical(row, choices, convention, "numerical")
    return _short(row, choices, convention, "short_answer")


def _choice(row: Row, choices: list[str], convention: Convention, wanted: str) -> Draft:
    if len(choices) < 2:
        raise WrongCell("b" if choices else "a", _("At least two choices are needed."))
    texts, right = right_of(row, choices, convention)
    if wanted == "single_choice" and len(right) > 1:
        raise WrongCell("answer", _("Several answers are right, but the type says that one is."))
    several = wanted == "multiple_choice"
    return choice_draft([row.html(text) for text in texts], right, row.feedback(len(texts)), several)


def right_of(row: Row, choices: list[str], convention: Convention) -> tuple[list[str], tuple[int, ...]]:
    """The choices, and the places of the right ones. Raises WrongCell."""
    answer = row.get("answer")
    if answer:
        try:
            return choices, convention.right(Key(answer, choices))
        except NotTaken as problem:
            raise WrongCell("answer", problem.reason) from None
    starred = [place for place, text in enumerate(choices) if text.startswith("*")]
    if 0 < len(starred) < len(choices):
        return [text.removeprefix("*").lstrip() for text in choices], tuple(starred)
    right = distinguished([row.marks.get(letter.lower(), frozenset()) for letter in LETTERS[: len(choices)]])
    if not right:
        raise WrongCell("answer", _("No right answer is marked: say which one it is."))
    return choices, right


def _truth(row: Row, choices: list[str], convention: Convention, wanted: str) -> Draft:
    answer = truth_of(row.get("answer"))
    if choices:
        texts, right = right_of(row, choices, convention)
        answer = truth_of(texts[right[0]]) if len(right) == 1 else None
    if answer is None:
        raise WrongCell("answer", _("Write Đúng or Sai."))
    feedback = row.feedback(2)
    if choices and truth_of(choices[0]) is False:
        feedback.reverse()
    return truth_draft(answer, *feedback)


def _short(row: Row, choices: list[str], convention: Convention, wanted: str) -> Draft:
    _refuse_choices(choices)
    answers = [part.strip() for part in row.get("answer").split("|") if part.strip()]
    if not row.get("type") and len(answers) == 1 and re.fullmatch(rf"[{LETTERS}]", answers[0]):
        raise WrongCell("answer", _("The answer names a choice, and there are no choices."))
    if not answers:
        raise WrongCell("answer", _("Write the accepted answers, with | between them."))
    return short_draft([nfc(answer) for answer in answers])


def _numerical(row: Row, choices: list[str], convention: Convention, wanted: str) -> Draft:
    _refuse_choices(choices)
    numbers = numbers_of([part for part in row.get("answer").split("|") if part.strip()])
    if numbers is None:
        raise WrongCell("answer", _("This is no number. Write one such as 3,14 or 3,14 ± 0,01."))
    return "numerical", {"answers": numbers}


def _matching(row: Row, choices: list[str], convention: Convention, wanted: str) -> Draft:
    _refuse_choices(choices)
    pairs, extra = [], []
    for line in row.lines():
        parts = _ARROW.split(line, maxsplit=1)
        if len(parts) < 2 or not parts[1]:
            sentence = _("“%(line)s” is no pair: write left -> right, one pair a line.")
            raise WrongCell("answer", filled(sentence, {"line": line[:60]}))
        if parts[0]:
            pairs.append((row.html(parts[0]), row.html(parts[1])))
        else:
            extra.append(row.html(parts[1]))
    return matching_draft(pairs, extra)


def _ordering(row: Row, choices: list[str], convention: Convention, wanted: str) -> Draft:
    if not choices:
        return ordering_draft([row.html(line) for line in row.lines()])
    answer = row.get("answer")
    order = [LETTERS.find(sign) for sign in re.sub(r"[\s,;>→-]", "", answer.upper())] or list(range(len(choices)))
    if sorted(order) != list(range(len(choices))):
        raise WrongCell("answer", _("Name every choice once, in the right order, such as C, A, B."))
    return ordering_draft([row.html(choices[place]) for place in order])


def _truth_table(row: Row, choices: list[str], convention: Convention, wanted: str) -> Draft:
    answer = row.get("answer")
    if choices:
        said = re.sub(r"[\s,;/\-.]", "", answer.lower())
        if set(said) <= set("đs") and len(said) == len(choices):
            truths = [sign == "đ" for sign in said]
        else:
            right = convention.right(Key(answer, choices)) if answer else ()
            if not right:
                raise WrongCell("answer", _("Say of each statement whether it is true, such as Đ, S, Đ, S."))
            truths = [place in right for place in range(len(choices))]
        rows = zip(map(row.html, choices), truths, row.feedback(len(choices)), strict=True)
        return truth_table_draft(list(rows))
    statements = []
    for line in row.lines():
        parts = _ARROW.split(line, maxsplit=1)
        truth = truth_of(parts[-1]) if len(parts) == 2 else None
        if truth is None:
            sentence = _("“%(line)s” does not end in -> Đúng or -> Sai.")
            raise WrongCell("answer", filled(sentence, {"line": line[:60]}))
        statements.append((row.html(parts[0]), truth, ""))
    return truth_table_draft(statements)


def _open(row: Row, choices: list[str], convention: Convention, wanted: str) -> Draft:
    _refuse_choices(choices)
    if row.get("answer") and wanted == "description":
        raise WrongCell("answer", _("This type has no answer: leave the cell empty."))
    return wanted, {"grader_info": row.html(row.get("answer"))} if row.get("answer") else {}


def _unsaid(row: Row, choices: list[str], convention: Convention, wanted: str) -> Draft:
    if row.get("body"):
        column = next(name for name in ("answer", *LETTERS.lower()) if row.get(name))
        raise WrongCell(column, _("The column “Nội dung (YAML/JSON)” says the answer already: empty this cell."))
    sentence = _("Questions of the type “%(type)s” need the column “Nội dung (YAML/JSON)”.")
    raise WrongCell("body", filled(sentence, {"type": TYPE_NAMES.get(wanted, (wanted,))[0]}))


def _refuse_choices(choices: Sequence[str]) -> None:
    if choices:
        raise WrongCell("a", _("This type has no choices: empty the cells, or change the type."))


_Reader = Callable[[Row, list[str], Convention, str], Draft]
_READERS: dict[str, _Reader] = {
    "single_choice": _choice,
    "multiple_choice": _choice,
    "true_false": _truth,
    "short_answer": _short,
    "numerical": _numerical,
    "matching": _matching,
    "ordering": _ordering,
    "matrix": _truth_table,
    "essay": _open,
    "file_upload": _open,
    "description": _open,
}
