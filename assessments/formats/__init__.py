"""Question files of other systems: one module a format, each reading and writing; none knows the database.

A format is a module here with `question_format`; it is found by its name and its files by what they hold.
"""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

from assessments.formats.base import MediaFile, ParsedQuestion, QuestionFormat, ReadProblem, Unreadable

__all__ = ["MediaFile", "ParsedQuestion", "QuestionFormat", "ReadProblem", "Unreadable", "all_formats", "get_format"]


@cache
def all_formats() -> dict[str, QuestionFormat]:
    """Every format by name."""
    found = {}
    for _finder, name, _is_package in pkgutil.iter_modules(__path__):
        question_format = getattr(import_module(f"{__name__}.{name}"), "question_format", None)
        if question_format is not None:
            found[question_format.name] = question_format
    return found


def get_format(name: str) -> QuestionFormat:
    """The format with this name. Raises KeyError."""
    return all_formats()[name]
