"""Running numbers of questions: 1, 2, 3 say which question of its file it is, and nothing about any other file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePath

_BARE = re.compile(r"\d{1,4}")


def are_numbers(identifiers: Iterable[str]) -> bool:
    """Whether all identifiers of a file are bare numbers of up to four digits, each there once."""
    found = [text for text in identifiers if text]
    return bool(found) and len(set(found)) == len(found) and all(_BARE.fullmatch(text) for text in found)


def source_of(filename: str, *inside: str) -> str:
    """What the numbers of a file count in: what the file calls its exam or sheet, else its own name."""
    named = " ".join(name for name in inside if name)
    return named or PurePath(filename).stem
