"""The lines of a Word file as questions with their parts: what teachers' numbering, letters and words mean."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _

from assessments.formats.base import Text
from assessments.formats.docx.answer_key import KEY_HEADING, AnswerKey, pairs_of_table
from assessments.formats.docx.choices import CHOICE, Choice, choices_behind, choices_in, statements_in
from assessments.formats.docx.lines import QUESTION, Line, grid
from assessments.formats.docx.rich import OBJECT, Rich
from assessments.formats.docx.shared import Shared, shared_text
from common.messages import filled
from common.vietnamese import fold

_NUMBER = re.compile(r"\s*(\d{1,4})\s*[.)/:]\s*")
_ABOUT = re.compile(r"\s*[(\[]([^)\]]{1,40})[)\]]")
_AFTER_NUMBER = re.compile(r"\s*[.:)\-–—/]?\s*")
_ANSWER = re.compile(r"\s*[-–=>⇒→*]*\s*(?:đáp\s*(?:án|số)|đ/?a|answer|ans|key|trả\s*lời|kết\s*quả)(?:\s*(?:đúng|là|chính xác))*\s*[:：]\s*(.*)|\s*[-–=>⇒→*]*\s*(?:đáp\s*án|chọn)(?:\s*(?:đúng|là|đáp\s*án|câu|ý))*\s+([A-T](?:\s*[,;]\s*[A-T])*)\s*\.?\s*", re.IGNORECASE | re.DOTALL)  # fmt: skip
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
_END = re.compile(r"[\s\-–—_.*=/]*(?:hết|the\s*end)[\s\-–—_.*=/]*", re.IGNORECASE)
# What stands behind the name of a part and tells how to answer.
_INSTRUCTION = re.compile(r"\s*[.:;(]*\s*(?=(?:thí sinh|học sinh|trong mỗi|mỗi câu)\b)", re.IGNORECASE)
_EXERCISE = re.compile(r"\s*bài\s*(?:tập)?\s*(?:số)?\s*(\d{1,3})\b(?=\s*[.:)(\-–—])", re.IGNORECASE)


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
        self._exercises = frozenset(place for place, line in enumerate(lines) if self._is_exercise(line, place))
        self._worded = bool(self._exercises) or any(QUESTION.match(line.rich.plain) for line in lines)
        self._numbered = not self._worded and _are_numbered(line.rich.plain for line in lines)
        self._current: Question | None = None
        self._state = "above"  # above, stem, choices, feedback, more (into `_open`), key
        self._open: list[Rich] = []
        self._shared: Shared | None = None
        self._category: list[tuple[int, str]] = []
        self._part, self._last = 0, 0
        for place, line in enumerate(lines):
            before = self._current
            self._read(line, place)
            if before is not None and self._current is before and self._state != "key":
                before.faults += line.faults
                before.notes += line.notes
        self._settle()
        self._close_shared()

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
        elif _END.fullmatch(plain):
            self.left_out.append(plain.strip())
        elif shared := shared_text(line.rich):
            self._settle()
            self._close_shared()
            self._shared, self._state = shared, "above"
            shared.faults += line.faults
        elif self._is_heading(line):
            self._open_group(line)
        elif (self.questions or self._current) and KEY_HEADING.fullmatch(plain) and not self._is_own_answer(place):
            self._settle()
            self._state = "key"
        elif self._current is None and self._shared is not None and not self._shared.is_used:
            self._shared.lines.append(line.rich)
            self._shared.faults += line.faults
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
        elif choices := choices_in(line.rich, question.choices, self._next_start(place)):
            self._keep_after(question)
            question.choices += choices
            self._state = "choices"
        elif self._state == "choices":
            self._after_choices(question, line, place)
        elif line.table is not None and (statements := statements_in(line.table)):
            question.choices += statements
            self._state = "choices"
        else:
            self._add_to_stem(question, line.rich, place)

    def _add_to_stem(self, question: Question, rich: Rich, place: int) -> None:
        stem, choices = choices_behind(rich, self._next_start(place))
        if stem:
            question.stem.append(stem)
        if choices:
            question.choices += choices
            self._state = "choices"

    def _after_choices(self, question: Question, line: Line, place: int) -> None:
        if not (self._worded or self._numbered) and len(question.choices) >= 2 and line.rich.plain.strip(OBJECT):
            self._begin(None, line.rich, line, place)
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
            found = _EXERCISE.match(plain) if place in self._exercises else QUESTION.match(plain)
        elif self._numbered:
            found = _NUMBER.match(plain)
            if found and int(found[1]) not in (self._last + 1, 1) and self._last:
                found = None
        else:
            found = None
            if self._current is None and not self._is_heading(line) and self._is_followed_by_choices(place):
                self._begin(None, line.rich, line, place)
                return True
        if found is None:
            return False
        rest = line.rich.cut(found.end())
        self._begin(int(found[1]), rest, line, place)
        return True

    def _is_followed_by_choices(self, place: int) -> bool:
        after = [each for each in self._lines[place + 1 : place + 12] if each.rich]
        found = CHOICE.match(after[0].rich.plain) if after else None
        return bool(found and found[2].upper() == "A")

    def _is_exercise(self, line: Line, place: int) -> bool:
        """Whether “Bài 3:” is a question, and not the heading of a lesson: choices or an answer follow, or it has points."""
        found = _EXERCISE.match(line.rich.plain)
        if found is None or line.heading is not None:
            return False
        if _POINTS.search(line.rich.plain[found.end() : found.end() + 20]):
            return True
        for after in self._lines[place + 1 : place + 12]:
            plain = after.rich.plain
            if QUESTION.match(plain) or _GROUP.match(plain) or _NUMBER.match(plain):
                return False
            first = CHOICE.match(plain)
            if (first and first[2].upper() == "A") or _ANSWER.fullmatch(plain):
                return True
        return False

    def _begin(self, number: int | None, rich: Rich, line: Line, place: int) -> None:
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
        self._put_shared(question)
        if rich:
            self._add_to_stem(question, rich, place)

    def _put_shared(self, question: Question) -> None:
        """The text that questions share, before each of them."""
        shared, number = self._shared, question.number
        if shared is None:
            return
        if number is None or not shared.first <= number <= shared.last:
            self._close_shared()
        else:
            shared.is_used = True
            question.stem += shared.lines
            question.faults += shared.faults
            sentence = _("The text that several questions share stands before each of them: “%(text)s”.")
            question.notes.append(filled(sentence, {"text": shared.said[:80]}))

    def _close_shared(self) -> None:
        if self._shared is not None and not self._shared.is_used:
            self.left_out += [self._shared.said, *(line.plain.strip() for line in self._shared.lines)]
        self._shared = None

    def _settle(self) -> None:
        if self._current is not None:
            self.questions.append(self._current)
        self._current = None

    def _is_heading(self, line: Line) -> bool:
        plain = line.rich.plain
        if line.heading is not None and not (self._state in ("stem", "choices") and CHOICE.match(plain)):
            return True
        return (
            bool(_GROUP.match(plain)) and len(_without_instruction(plain)) <= 150 and not plain.rstrip().endswith("?")
        )

    def _open_group(self, line: Line) -> None:
        self._settle()
        whole = " ".join(line.rich.plain.replace(OBJECT, " ").split())
        name = _without_instruction(whole)
        if name != whole:
            self.left_out.append(whole[len(name) :].strip(" ."))
        found = _GROUP.match(name)
        depth = line.heading if line.heading is not None else _DEPTHS[" ".join(fold(found[1]).split())] if found else 0
        self._category = [each for each in self._category if each[0] < depth] + [(depth, name)]
        self._state = "above"

    def _next_start(self, place: int) -> str:
        """The letter of the choice that the next line begins with."""
        for line in self._lines[place + 1 : place + 4]:
            if line.rich:
                found = CHOICE.match(line.rich.plain)
                return found[2] if found else ""
        return ""


def _without_instruction(name: str) -> str:
    """“PHẦN I. Trắc nghiệm. Thí sinh trả lời …” without what tells candidates how to answer."""
    found = _GROUP.match(name) and _INSTRUCTION.search(name)
    return name[: found.start()] if found and found.start() else name


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
