"""The lines of a Word file as questions with their parts: what teachers' numbering, letters and words mean."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from assessments.formats.base import Text
from assessments.formats.docx.answer_key import KEY_HEADING, AnswerKey, pairs_of_table
from assessments.formats.docx.lines import QUESTION, Line, grid
from assessments.formats.docx.rich import ANSWER_MARKS, OBJECT, Rich
from common.vietnamese import fold

_NUMBER = re.compile(r"\s*(\d{1,4})\s*[.)/:]\s*")
_ABOUT = re.compile(r"\s*[(\[]([^)\]]{1,40})[)\]]")
_AFTER_NUMBER = re.compile(r"\s*[.:)\-–—/]?\s*")
CHOICE = re.compile(r"\s*([*#✓✔]?)\s*\(?([A-Ta-t])(\*?)\s?([.):/])\s*")
_ANSWER = re.compile(r"\s*[-–=>⇒→*]*\s*(?:đáp\s*án|đ/?a|answer|ans|key|trả\s*lời)(?:\s*(?:đúng|là|chính xác))*\s*[:：]\s*(.*)|\s*[-–=>⇒→*]*\s*(?:đáp\s*án|chọn)(?:\s*(?:đúng|là|đáp\s*án|câu|ý))*\s+([A-T](?:\s*[,;]\s*[A-T])*)\s*\.?\s*", re.IGNORECASE | re.DOTALL)  # fmt: skip
_FEEDBACK = re.compile(r"\s*(?:lời\s*giải|giải\s*thích|hướng\s*dẫn(?:\s*giải)?|hd|explanation|feedback|gợi\s*ý(?:\s*trả\s*lời)?|giải|phản\s*hồi)\s*(?:chi\s*tiết)?\s*[:：.]\s*|\s*(?:lời\s*giải|giải\s*thích|hướng\s*dẫn\s*giải)(?:\s*chi\s*tiết)?\s*$", re.IGNORECASE)  # fmt: skip
_GRADING = re.compile(r"\s*(?:hướng\s*dẫn\s*chấm|gợi\s*ý\s*chấm)\s*[:：]\s*", re.IGNORECASE)
# Of a choice (A), of true or false (Đúng), or of the first accepted answer (1).
_TOLD = re.compile(r"\s*phản\s*hồi\s+([A-T]|\d{1,2}|đúng|sai)\s*[:：]\s*", re.IGNORECASE)
_FACT = re.compile(r"\s*(mã câu|tên câu|loại câu|thẻ|mức độ|độ khó|chuẩn đầu ra|loại kiến thức|chỉ thi|điểm số|chương của câu)\s*[:：]\s*(.+)", re.IGNORECASE | re.DOTALL)  # fmt: skip
_GROUP = re.compile(r"\s*(phần|part|chương|chapter|chủ\s*đề|chuyên\s*đề|bài|mục|module|mô\s*đun)\s+([IVXLC]+|\d{1,3}(?:\.\d{1,3})*|[A-E])\s*(?=[.:)\-–—]|$|\s+[A-ZĐÀ-Ỹ])", re.IGNORECASE)  # fmt: skip
_DEPTHS = {
    "phan": 0,
    "part": 0,
    "chuong": 1,
    "chapter": 1,
    "module": 1,
    "mo dun": 1,
    "chu de": 1,
    "chuyen de": 1,
    "bai": 2,
    "muc": 3,
}
_LEVELS = {"nb": "basic", "th": "basic", "vd": "intermediate", "vdc": "advanced", "nhan biet": "basic", "thong hieu": "basic", "van dung": "intermediate", "van dung cao": "advanced", "biet": "basic", "hieu": "basic", "de": "basic", "trung binh": "intermediate", "kho": "advanced", "co ban": "basic", "nang cao": "advanced"}  # fmt: skip
_POINTS = re.compile(r"(\d+(?:[.,]\d+)?)\s*(?:điểm|đ|points?|pts?)", re.IGNORECASE)
MOST_CHOICES = 20


@dataclass(slots=True)
class Choice:
    """A choice: its letter's looks and its text's, whether a star stands at it, its lines."""

    is_lower: bool
    delimiter: str
    starred: bool
    letter_marks: frozenset[str]
    lines: list[Rich]

    def marks(self) -> frozenset[str]:
        """The looks of its text as a whole."""
        return self.lines[0].marks() if self.lines else frozenset()


@dataclass(slots=True)
class Question:
    """A question as it stands there."""

    ref: str
    number: int | None
    part: int
    category: tuple[str, ...]
    stem: list[Rich] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)
    answer: str = ""
    feedback: list[Rich] = field(default_factory=list)
    grading: list[Rich] = field(default_factory=list)
    told: dict[str, list[Rich]] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)
    after: list[Rich] = field(default_factory=list)
    faults: list[Text] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)


class Script:
    """Goes through the lines once; `questions`, `key` and what was `left_out` are the result."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.questions: list[Question] = []
        self.key = AnswerKey()
        self.left_out: list[str] = []
        self._lines = lines
        self._worded = any(QUESTION.match(line.rich.plain) for line in lines)
        self._numbered = not self._worded and _are_numbered(line.rich.plain for line in lines)
        self._current: Question | None = None
        self._state = "above"  # above, stem, choices, feedback, more (into `_open`), key
        self._open: list[Rich] = []
        self._category: list[tuple[int, str]] = []
        self._part, self._last = 0, 0
        for place, line in enumerate(lines):
            before = self._current
            self._read(line, place)
            if before is not None and self._current is before and self._state != "key":
                before.faults += line.faults
                before.notes += line.notes
        self._settle()

    # Lines ----------------------------------------------------------------------------------------------------

    def _read(self, line: Line, place: int) -> None:
        if not line.rich:
            return
        if line.table is not None and self._read_table(line):
            return
        plain = line.rich.plain
        if self._state == "key":
            if line.heading is not None or _GROUP.match(plain):
                self.key.begin_part()
            else:
                self.key.read_line(line.rich)
        elif self._begins_question(line, place):
            pass
        elif self._is_heading(line):
            self._open_group(line)
        elif (self.questions or self._current) and KEY_HEADING.fullmatch(plain) and not self._is_own_answer(place):
            self._settle()
            self._state = "key"
        elif self._current is None:
            self.left_out.append(plain.strip())
        else:
            self._read_part(self._current, line, place)

    def _read_part(self, question: Question, line: Line, place: int) -> None:
        plain = line.rich.plain
        if found := _FACT.fullmatch(plain):
            question.facts[fold(found[1])] = found[2].strip()
        elif found := _GRADING.match(plain):
            self._state, self._open = "more", question.grading
            self._open.append(line.rich.cut(found.end()))
        elif found := _TOLD.match(plain):
            self._state, self._open = "more", question.told.setdefault(found[1].lower(), [])
            self._open.append(line.rich.cut(found.end()))
        elif found := _FEEDBACK.match(plain):
            self._state = "feedback"
            self._add_feedback(question, line.rich.cut(found.end()))
        elif found := _ANSWER.fullmatch(plain):
            question.answer = (found[1] or found[2] or "").strip()
        elif self._state == "more":
            self._open.append(line.rich)
        elif self._state == "feedback":
            self._add_feedback(question, line.rich)
        elif choices := self._choices_in(question, line.rich, place):
            self._keep_after(question)
            question.choices += choices
            self._state = "choices"
        elif self._state == "choices":
            self._after_choices(question, line)
        else:
            question.stem.append(line.rich)

    def _after_choices(self, question: Question, line: Line) -> None:
        if not (self._worded or self._numbered) and len(question.choices) >= 2 and line.rich.plain.strip(OBJECT):
            self._begin(None, line.rich, line)
        elif not line.rich.plain.strip(OBJECT + " \t"):
            question.choices[-1].lines.append(line.rich)  # a picture below its letter
        else:
            question.after.append(line.rich)

    @staticmethod
    def _keep_after(question: Question) -> None:
        """What stood between two choices belongs to the first of them."""
        if question.choices and question.after:
            question.choices[-1].lines += question.after
            question.after = []

    def _add_feedback(self, question: Question, rich: Rich) -> None:
        found = _ANSWER.fullmatch(rich.plain)
        if found and not question.answer and not question.feedback:
            question.answer = (found[1] or found[2] or "").strip()
        elif rich:
            question.feedback.append(rich)

    def _is_own_answer(self, place: int) -> bool:
        """Whether “Đáp án:” or “Lời giải” alone belongs to the question above and not to the end of the file."""
        plain = self._lines[place].rich.plain
        if not _FEEDBACK.match(plain) and not plain.rstrip().endswith(":"):
            return False
        for line in self._lines[place + 1 :]:
            if line.rich:
                return line.table is None and not (
                    re.match(r"\s*(?:câu\s*)?\d", line.rich.plain, re.IGNORECASE) or _GROUP.match(line.rich.plain)
                )
        return False

    def _read_table(self, line: Line) -> bool:
        """Take a table of answers; False for one that belongs to a question or stands above all of them."""
        if line.table is None or not (self.questions or self._current):
            return False
        cells = grid(line.table)
        if self._state == "key":
            if not self.key.read_table(cells):
                self.left_out.append(" ".join(cell for row in cells for cell in row)[:80])
            return True
        pairs = pairs_of_table(cells)
        if len(pairs) < 2 or not all(_looks_like_answer(answer) for _number, answer in pairs):
            return False
        for number, answer in pairs:
            self.key.add(number, answer)
        return True

    # Where things begin ---------------------------------------------------------------------------------------

    def _begins_question(self, line: Line, place: int) -> bool:
        plain = line.rich.plain
        if self._worded:
            found = QUESTION.match(plain)
        elif self._numbered:
            found = _NUMBER.match(plain)
            if found and int(found[1]) not in (self._last + 1, 1) and self._last:
                found = None
        else:
            found = None
            if self._current is None and not self._is_heading(line) and self._is_followed_by_choices(place):
                self._begin(None, line.rich, line)
                return True
        if found is None:
            return False
        rest = line.rich.cut(found.end())
        self._begin(int(found[1]), rest, line)
        return True

    def _is_followed_by_choices(self, place: int) -> bool:
        after = [each for each in self._lines[place + 1 : place + 12] if each.rich]
        found = CHOICE.match(after[0].rich.plain) if after else None
        return bool(found and found[2].upper() == "A")

    def _begin(self, number: int | None, rich: Rich, line: Line) -> None:
        self._settle()
        if number is not None and number <= self._last:
            self._part += 1
        self._last = number or 0
        shown = f"question {number}" if number is not None else f"question {len(self.questions) + 1}"
        question = Question(shown, number, self._part, tuple(name for _depth, name in self._category))
        question.faults, question.notes = list(line.faults), list(line.notes)
        rich = _without_about(rich, question)
        rich = rich.cut(_AFTER_NUMBER.match(rich.plain).end())  # type: ignore[union-attr]  # it matches anything
        self._current, self._state = question, "stem"
        if rich:
            question.stem.append(rich)

    def _settle(self) -> None:
        if self._current is not None:
            self.questions.append(self._current)
        self._current = None

    def _is_heading(self, line: Line) -> bool:
        plain = line.rich.plain
        if line.heading is not None and not (self._state in ("stem", "choices") and CHOICE.match(plain)):
            return True
        return bool(_GROUP.match(plain)) and len(plain) <= 150 and not plain.rstrip().endswith("?")

    def _open_group(self, line: Line) -> None:
        self._settle()
        name = " ".join(line.rich.plain.replace(OBJECT, " ").split())
        found = _GROUP.match(name)
        depth = line.heading if line.heading is not None else _DEPTHS[" ".join(fold(found[1]).split())] if found else 0
        self._category = [each for each in self._category if each[0] < depth] + [(depth, name)]
        self._state = "above"

    # Choices --------------------------------------------------------------------------------------------------

    def _choices_in(self, question: Question, rich: Rich, place: int) -> list[Choice]:
        """The choices that a line begins with the next one of; [] when it does not."""
        first = CHOICE.match(rich.plain)
        known = len(question.choices)
        if first is None or known >= MOST_CHOICES or not _is_next(first, known, question.choices):
            return []
        found = [first]
        following = self._next_start(place)
        while known + len(found) < MOST_CHOICES:
            letter = chr(ord(first[2]) + len(found))
            if following == letter:
                break
            pattern = re.compile(rf"(?<=\s)([*#✓✔]?)\(?({letter})(\*?)\s?([{re.escape(first[4])}])\s*")
            match = pattern.search(rich.plain, found[-1].end())
            if match is None:
                break
            found.append(match)
        ends = [*(match.start() for match in found[1:]), len(rich.plain)]
        return [_choice(match, rich, end) for match, end in zip(found, ends, strict=True)]

    def _next_start(self, place: int) -> str:
        """The letter of the choice that the next line begins with."""
        for line in self._lines[place + 1 : place + 4]:
            if line.rich:
                found = CHOICE.match(line.rich.plain)
                return found[2] if found else ""
        return ""


def _is_next(found: re.Match[str], known: int, choices: Sequence[Choice]) -> bool:
    expected = chr(ord("A") + known)
    if found[2].upper() != expected:
        return False
    same_kind = not choices or choices[0].is_lower == found[2].islower()
    return same_kind and (not choices or found[4] in ".)" or found[4] == choices[0].delimiter)


def _choice(found: re.Match[str], rich: Rich, end: int) -> Choice:
    letter = rich.cut(found.start(2), found.end(2))
    content = rich.cut(found.end(), end)
    return Choice(
        is_lower=found[2].islower(),
        delimiter=found[4],
        starred=bool(found[1] or found[3]),
        letter_marks=letter.marks() & frozenset(ANSWER_MARKS),
        lines=[content],
    )


def _without_about(rich: Rich, question: Question) -> Rich:
    """The text without “(NB)” or “(0,5 điểm)” before it, which are kept as facts."""
    while found := _ABOUT.match(rich.plain):
        said = fold(found[1]).strip(" .")
        points = _POINTS.fullmatch(found[1].strip())
        if said in _LEVELS:
            question.facts.setdefault("muc do", _LEVELS[said])
        elif points:
            question.facts.setdefault("diem so", points[1])
        else:
            break
        rich = rich.cut(found.end())
    return rich


def _are_numbered(lines: Iterable[str]) -> bool:
    """Whether “1.”, “2.” … stand before questions: lines with them, choices between them."""
    expected, choices, numbers = 1, 0, 0
    for plain in lines:
        found = _NUMBER.match(plain)
        if found and int(found[1]) in (expected, 1):
            numbers, expected = numbers + 1, int(found[1]) + 1
        elif CHOICE.match(plain):
            choices += 1
    return numbers >= 1 and (choices >= 1 or numbers >= 2)


def _looks_like_answer(text: str) -> bool:
    return bool(re.fullmatch(r"[A-T](?:\s*[,;&]?\s*[A-T])*|[a-t]|[ĐS](?:[\s,;/\-]*[ĐS])*|Đúng|Sai", text))
