"""Why serving is refused."""

from __future__ import annotations


class CannotServe(Exception):
    """Serving is refused: what is wrong and what to do, in Vietnamese and in English, for one line."""

    def __init__(self, vietnamese: str, english: str) -> None:
        super().__init__(english)
        self.vietnamese = vietnamese
        self.english = english

    def __str__(self) -> str:
        return f"Học Số: {self.vietnamese}. / {self.english}."
