"""A text that several questions of a Word file share: “Đọc đoạn văn sau và trả lời câu 1 đến câu 3: …”."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from assessments.formats.base import Text
from assessments.formats.docx.rich import Rich

_OPENS = re.compile(
    r"\s*[(*\[]?\s*(?:hãy\s+)?(?:đọc|dựa|sử\s*dụng|dùng|căn\s*cứ|quan\s*sát|xem|nghiên\s*cứu|cho|từ|thông\s*tin|dữ\s*kiện|đoạn|ngữ\s*liệu|read|use|look|refer|questions?)\b",
    re.IGNORECASE,
)
_RANGE = re.compile(
    r"(?:các\s*)?(?:câu(?:\s*hỏi)?|questions?)\s*(?:số\s*)?(?:từ\s*)?(?:câu\s*)?(\d{1,4})\s*(?:đến|tới|và|to|and|[-–—,])\s*(?:câu\s*)?(\d{1,4})"
    r"\s*[)\]*]?\s*[.:]?",
    re.IGNORECASE,
)
_MOST_QUESTIONS = 60


@dataclass(slots=True)
class Shared:
    """The text, what announced it, and the numbers of the questions that it belongs to."""

    said: str
    first: int
    last: int
    lines: list[Rich] = field(default_factory=list)
    faults: list[Text] = field(default_factory=list)
    is_used: bool = False


def shared_text(rich: Rich) -> Shared | None:
    """What a line announces; None when it announces nothing."""
    if not _OPENS.match(rich.plain):
        return None
    found = _RANGE.search(rich.plain[:400])
    if found is None or not 0 < int(found[2]) - int(found[1]) < _MOST_QUESTIONS:
        return None
    shared = Shared(rich.plain[: found.end()].strip(), int(found[1]), int(found[2]))
    rest = rich.cut(found.end())
    if len(rest.plain) > 2:
        shared.lines.append(rest)
    return shared
