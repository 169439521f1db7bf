"""The answers at the end of a Word file: “1.A 2.B”, a table of them, or a line with an explanation for each."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from assessments.formats.docx.rich import Rich

KEY_HEADING = re.compile(
    r"\s*[-–—=*_.]*\s*(?:bảng\s+)?(?:đáp\s*án|hướng\s+dẫn\s+(?:chấm|giải)|lời\s+giải\s+chi\s+tiết|answer\s*keys?|answers|key)"
    r"(?:\s+(?:và|chi\s+tiết|tham\s+khảo|trắc\s+nghiệm|đề|phần|mã|lời\s+giải|thang\s+điểm)\b[^:]{0,60})?\s*:?\s*[-–—=*_.]*\s*",
    re.IGNORECASE,
)
_LETTERS = r"[A-T](?:\s*[,;&]?\s*[A-T])*(?![^\W\d_])|[a-t](?![^\W\d_])"
_TRUTHS = r"[ĐS](?:\s*[,;/\-]?\s*[ĐS])+(?![^\W\d_])"
_PAIR = re.compile(rf"(?:câu\s*)?(\d{{1,4}})\s*[.:\-–)/=]*\s*({_TRUTHS}|{_LETTERS})", re.IGNORECASE)
_NUMBERED = re.compile(r"\s*(?:câu\s*(?:hỏi)?\s*(?:số)?\s*)?(\d{1,4})\s*[.:)\-–]\s*(?=\S)", re.IGNORECASE)
_CHOSEN = re.compile(
    r"(?:(?:chọn|đáp\s*án|phương\s*án|answer)\s*(?:đúng)?\s*(?:là)?\s*:?\s*)+([A-T](?:\s*[,;]\s*[A-T])*)(?![^\W\d_])\s*[.:)]*\s*"
    r"|([A-T])(?:\s*[.:)]\s*|\s*$)",
    re.IGNORECASE,
)
_TRUTH_LINE = re.compile(rf"({_TRUTHS})\s*$")
_NUMBER_CELL = re.compile(r"(?:câu\s*)?(\d{1,4})\s*[.)]?", re.IGNORECASE)
_ANSWER_CELL = re.compile(rf"(?:{_TRUTHS}|{_LETTERS}|Đ|đúng|sai|Đúng|Sai)")
_HEADER_CELL = re.compile(
    r"(?:câu|câu hỏi|câu số|stt|tt|đáp án|đa|đ/a|chọn|answer|question|no\.?|kết quả|)", re.IGNORECASE
)


@dataclass(slots=True)
class Told:
    """What the end of the file says about one question."""

    answer: str = ""
    explanation: list[Rich] = field(default_factory=list)


@dataclass(slots=True)
class AnswerKey:
    """What was told, by the parts of the file in which numbers begin anew."""

    parts: list[dict[int, Told]] = field(default_factory=lambda: [{}])
    last: int = 0
    left_out: list[str] = field(default_factory=list)

    def begin_part(self) -> None:
        """A heading: what follows belongs to another part."""
        if self.parts[-1]:
            self.parts.append({})
        self.last = 0

    def add(self, number: int, answer: str) -> Told:
        """Keep an answer. A number that was there, or is smaller than the last, begins a part."""
        if number in self.parts[-1] and answer and self.parts[-1][number].answer:
            self.begin_part()
        told = self.parts[-1].setdefault(number, Told())
        told.answer = answer or told.answer
        self.last = number
        return told

    def read_line(self, rich: Rich) -> None:
        """A line after the heading of the answers."""
        line = rich.plain.strip()
        pairs = _pairs_of(line)
        if pairs:
            for number, answer in pairs:
                self.add(number, answer)
            return
        found = _NUMBERED.match(rich.plain)
        if found is None:
            if self.last:
                self.parts[-1][self.last].explanation.append(rich)
            elif line:
                self.left_out.append(line)
            return
        rest = rich.cut(found.end())
        chosen = _CHOSEN.match(rest.plain)
        if chosen:
            told = self.add(int(found[1]), chosen[1] or chosen[2])
            if explanation := rest.cut(chosen.end()):
                told.explanation.append(explanation)
        elif len(rest.plain) <= 100 and "." not in rest.plain.rstrip("."):
            self.add(int(found[1]), rest.plain.strip())
        else:
            self.add(int(found[1]), "").explanation.append(rest)

    def read_table(self, cells: list[list[str]]) -> bool:
        """A table of answers; False when it is none."""
        pairs = pairs_of_table(cells)
        for number, answer in pairs:
            self.add(number, answer)
        return bool(pairs)

    def __bool__(self) -> bool:
        return any(self.parts)


def _pairs_of(line: str) -> list[tuple[int, str]]:
    """“1.A 2.B; Câu 3: C”, when the line is nothing else."""
    found = [(int(match[1]), match[2]) for match in _PAIR.finditer(line)]
    rest = _PAIR.sub("", line)
    return found if found and not rest.strip(" \t,;|.-–") else []


def pairs_of_table(cells: list[list[str]]) -> list[tuple[int, str]]:
    """The answers in a table that holds nothing else: rows of numbers over rows of answers, columns, or “1.A”."""
    found: list[tuple[int, str]] = []
    rows = [row for row in cells if any(cell.strip() for cell in row)]
    index = 0
    while index < len(rows):
        row, below = rows[index], rows[index + 1] if index + 1 < len(rows) else []
        over = _over(row, below)
        if over:
            found += over
            index += 2
            continue
        beside = _beside(row)
        if beside is None:
            return []
        found += beside
        index += 1
    return found if len(found) >= 2 or (found and len(rows) <= 2) else []


def _over(row: list[str], below: list[str]) -> list[tuple[int, str]]:
    pairs = []
    if len(row) != len(below):
        return []
    for cell, answer in zip(row, below, strict=True):
        number = _NUMBER_CELL.fullmatch(cell.strip())
        if number and answer.strip() and not _NUMBER_CELL.fullmatch(answer.strip()):
            pairs.append((int(number[1]), answer.strip()))
        elif not (
            _HEADER_CELL.fullmatch(cell.strip()) and (_HEADER_CELL.fullmatch(answer.strip()) or not cell.strip())
        ):
            return []
    return pairs if len(pairs) >= 2 or (pairs and len(row) <= 2) else []


def _beside(row: list[str]) -> list[tuple[int, str]] | None:
    """Answers in a row; None when it holds something else."""
    pairs: list[tuple[int, str]] = []
    waiting: int | None = None
    for cell in (cell.strip() for cell in row):
        number = _NUMBER_CELL.fullmatch(cell)
        if waiting is not None and cell:
            pairs.append((waiting, cell))
            waiting = None
        elif number:
            waiting = int(number[1])
        elif inside := _pairs_of(cell):
            pairs += inside
        elif not _HEADER_CELL.fullmatch(cell):
            return None
    return pairs
