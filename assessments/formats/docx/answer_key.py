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
_NAMED = re.compile(r"(?<!\w)câu\s*\d{1,4}\s*[.:)]", re.IGNORECASE)
_CHOSEN = re.compile(
    r"(?:(?:chọn|đáp\s*án|phương\s*án|answer)\s*(?:đúng)?\s*(?:là)?\s*:?\s*)+([A-T](?:\s*[,;]\s*[A-T])*)(?![^\W\d_])\s*[.:)]*\s*"
    r"|([A-T])(?:\s*[.:)]\s*|\s*$)",
    re.IGNORECASE,
)
_TRUTH_LINE = re.compile(rf"({_TRUTHS})\s*$")
_NUMBER_CELL = re.compile(r"(?:câu\s*)?(\d{1,4})\s*[.)]?", re.IGNORECASE)
_ANSWER_CELL = re.compile(rf"(?:{_TRUTHS}|{_LETTERS}|Đ|đúng|sai|Đúng|Sai)")
_HEADER_CELL = re.compile(
    r"(?:câu|câu hỏi|câu số|stt|tt|đáp án|đa|đ/a|chọn|answer|question|no\.?|kết quả|ý|lệnh hỏi|mã đề|)", re.IGNORECASE
)
_SAYS_ANSWER = re.compile(r"(?:đáp án|đa|đ/a|đáp số|chọn|answer|kết quả)", re.IGNORECASE)
_SAYS_QUESTION = re.compile(r"(?:câu|câu hỏi|câu số|stt|tt|question|no\.?)", re.IGNORECASE)
_STATEMENT_CELL = re.compile(r"(?:ý\s*)?([a-h])\s*[.)]?", re.IGNORECASE)
_STATEMENT = re.compile(
    r"\s*(?:ý\s*)?([a-h])\s*[).:\-–=]*\s*(đúng|sai|true|false|đ|s|t|f)(?![^\W\d_])\s*[;,.]?", re.IGNORECASE
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
        answer = truths_by_letter(answer) or answer
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
        named = [found.start() for found in _NAMED.finditer(rich.plain)]
        if len(named) > 1 and not rich.plain[: named[0]].strip():  # “Câu 1: 10  Câu 2: 2,5”
            for start, end in zip(named, [*named[1:], len(rich.plain)], strict=True):
                self._read_one(rich.cut(start, end))
        else:
            self._read_one(rich)

    def _read_one(self, rich: Rich) -> None:
        """An answer with what explains it, or the rest of the explanation of the last."""
        line, found = rich.plain.strip(), _NUMBERED.match(rich.plain)
        if found is None:
            if self.last:
                self.parts[-1][self.last].explanation.append(rich)
            elif line:
                self.left_out.append(line)
            return
        rest = rich.cut(found.end())
        chosen = _CHOSEN.match(rest.plain)
        if truths_by_letter(rest.plain):
            self.add(int(found[1]), rest.plain)
        elif chosen:
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


def truths_by_letter(text: str) -> str:
    """“a) Đúng; b) Sai” as “Đ, S”, in the order of the letters; "" when the text says anything else."""
    found = list(_STATEMENT.finditer(text))
    letters = "".join(match[1].lower() for match in found)
    if len(found) < 2 or letters != "abcdefgh"[: len(found)] or _STATEMENT.sub("", text).strip():
        return ""
    return ", ".join("Đ" if match[2][0].lower() in "đt" else "S" for match in found)


def _statement_rows(rows: list[list[str]]) -> list[tuple[int, str]]:
    """A table of statements: their letters above and the questions at the left, or the other way round."""
    if len(rows) < 2 or len({len(row) for row in rows}) != 1:
        return []
    for table in (rows, [list(column) for column in zip(*rows, strict=True)]):
        head = [_STATEMENT_CELL.fullmatch(cell.strip()) for cell in table[0][1:]]
        letters = "".join(match[1].lower() for match in head if match)
        numbers = [_NUMBER_CELL.fullmatch(row[0].strip()) for row in table[1:]]
        if len(letters) != len(head) or len(head) < 2 or letters != "abcdefgh"[: len(head)]:
            continue
        if all(numbers):
            said = [
                "; ".join(f"{letter}) {cell}" for letter, cell in zip(letters, row[1:], strict=True))
                for row in table[1:]
            ]
            pairs = [
                (int(number[1]), truths_by_letter(text)) for number, text in zip(numbers, said, strict=True) if number
            ]
            if all(answer for _number, answer in pairs):
                return pairs
    return []


def pairs_of_table(cells: list[list[str]]) -> list[tuple[int, str]]:
    """The answers in a table that holds nothing else: rows of numbers over rows of answers, columns, or “1.A”."""
    found: list[tuple[int, str]] = []
    rows = [row for row in cells if any(cell.strip() for cell in row)]
    if statements := _statement_rows(rows):
        return statements
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
    is_named = _are_over(row, below)
    for cell, answer in zip(row, below, strict=True):
        number = _NUMBER_CELL.fullmatch(cell.strip())
        if number and answer.strip() and (is_named or not _NUMBER_CELL.fullmatch(answer.strip())):
            pairs.append((int(number[1]), answer.strip()))
        elif not (
            _HEADER_CELL.fullmatch(cell.strip()) and (_HEADER_CELL.fullmatch(answer.strip()) or not cell.strip())
        ):
            return []
    return pairs if len(pairs) >= 2 or (pairs and len(row) <= 2) else []


def _are_over(row: list[str], below: list[str]) -> bool:
    """Whether answers that are numbers too stand below the numbers of their questions.

    Their headings say so; else the upper row counts up by one and the lower one does not go on counting.
    """
    if row and _SAYS_QUESTION.fullmatch(row[0].strip()) and _SAYS_ANSWER.fullmatch(below[0].strip()):
        return True
    counted = [_NUMBER_CELL.fullmatch(cell.strip()) for cell in row if not _HEADER_CELL.fullmatch(cell.strip())]
    numbers = [int(found[1]) for found in counted if found]
    if len(numbers) != len(counted) or len(numbers) < 3:
        return False
    return numbers == list(range(numbers[0], numbers[0] + len(numbers))) and [
        cell.strip() for cell in below if cell.strip()
    ][:1] != [str(numbers[-1] + 1)]


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
