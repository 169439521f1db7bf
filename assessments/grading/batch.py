"""Marking lines of responses against the questions of a file: pure, streaming, each line answered for.

The shapes are a contract (docs/grading.md, tests/contract/test_grade_responses.py).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import IO, Any, NoReturn

from assessments.formats.base import Item, ParsedQuestion, ReadProblem
from assessments.grading.behaviours import play
from assessments.grading.engine import QuestionDefinition, Unusable, grade, open_question, read_response
from assessments.question_types import Outcome
from assessments.question_types.base import invalid
from common.digests import NotCanonical, digest_of
from common.messages import in_both
from common.vietnamese import nfc

MOST_LINE_BYTES = 4 * 1024 * 1024
MOST_REASON = 500
Line = dict[str, Any]


class Questions:
    """The questions of a bank by identifier and by name. Two with the same are not mistaken for each other."""

    def __init__(self, items: Iterable[Item]) -> None:
        self._by_id: dict[str, QuestionDefinition | str] = {}
        self._by_name: dict[str, QuestionDefinition | str] = {}
        for item in items:
            self._add(item)

    def find(self, key: str) -> QuestionDefinition:
        """The question with this identifier, or else this name. Raises Unusable."""
        folded = _folded(key)
        found = self._by_id.get(folded) or self._by_name.get(folded) or f"the bank has no question “{key}”"
        if isinstance(found, str):
            raise Unusable(found)
        return found

    def _add(self, item: Item) -> None:
        found: QuestionDefinition | str
        if isinstance(item, ReadProblem):
            found = f"the question “{item.name}” ({item.ref}) cannot be taken: {in_both(item.reason)}"
        else:
            found = _definition(item)
        if isinstance(item, ParsedQuestion) and item.idnumber:
            self._put(self._by_id, item.idnumber, found)
        if item.name:
            self._put(self._by_name, item.name, found)

    @staticmethod
    def _put(known: dict[str, QuestionDefinition | str], key: str, found: QuestionDefinition | str) -> None:
        folded = _folded(key)
        known[folded] = f"the bank has more than one question “{key}”" if folded in known else found


def _folded(key: str) -> str:
    return " ".join(nfc(key).split())


def _definition(item: ParsedQuestion) -> QuestionDefinition | str:
    body = dict(item.body)
    try:
        return QuestionDefinition(item.type, body, digest_of([item.type, body]))
    except NotCanonical as problem:
        return f"the question “{item.name}” ({item.ref}) cannot be read: {problem}"


def grade_lines(questions: Questions, lines: IO[bytes], *, language: str) -> Iterator[Line]:
    """What each line of responses is worth, in their order; blank lines are passed over."""
    for number, line in enumerate(_lines(lines), start=1):
        if line is None or line.strip():
            yield _graded_line(questions, number, line, language)


def _lines(file: IO[bytes]) -> Iterator[bytes | None]:
    """Line by line; None for one that is too long, so that memory stays bounded."""
    first = True
    while line := file.readline(MOST_LINE_BYTES):
        whole = line.endswith(b"\n") or len(line) < MOST_LINE_BYTES
        while not whole:
            rest = file.readline(MOST_LINE_BYTES)
            whole = not rest or rest.endswith(b"\n")
            if whole:
                line = b""
        if first:
            line, first = line.removeprefix(b"\xef\xbb\xbf"), False
        yield line or None


def _graded_line(questions: Questions, number: int, line: bytes | None, language: str) -> Line:
    asked: Line = {}
    max_mark: float | None = None
    try:
        asked = _parsed(line)
        definition = questions.find(_question(asked))
        max_mark = open_question(definition)[1].mark
        outcome = _outcome(definition, asked, language)
    except Unusable as problem:
        outcome = invalid(f"line {number}: {problem}" if not asked else str(problem))
    return as_line(asked.get("attempt"), asked.get("question"), outcome, max_mark)


def as_line(attempt: Any, question: Any, outcome: Outcome, max_mark: float | None) -> Line:
    """A line of the output."""
    fraction = outcome.fraction
    mark = None if fraction is None or max_mark is None else round(fraction * max_mark, 7)
    line = {
        "attempt": attempt if isinstance(attempt, str | int | float) else None,
        "question": question if isinstance(question, str) else None,
        "state": str(outcome.state),
        "fraction": _short(fraction),
        "mark": _short(mark),
        "max_mark": _short(max_mark),
    }
    return {**line, "reason": outcome.reason[:MOST_REASON]} if outcome.reason else line


def as_json(line: Line) -> bytes:
    """The line in UTF-8; half characters (lone surrogates) stay escaped."""
    return json.dumps(line, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"


def _parsed(line: bytes | None) -> Line:
    if line is None:
        raise Unusable(f"it is longer than {MOST_LINE_BYTES} bytes")
    try:
        asked = _JSON.decode(line.decode("utf-8"))
    except (ValueError, RecursionError) as problem:
        raise Unusable(f"it is not JSON in UTF-8 ({type(problem).__name__})") from problem
    if not isinstance(asked, dict) or not asked:
        raise Unusable("it is not an object with attempt, question and response or tries")
    return asked


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)


def _finite(digits: str) -> float:
    number = float(digits)
    return number if math.isfinite(number) else _no_number(digits)


_JSON = json.JSONDecoder(parse_constant=_no_number, parse_float=_finite)


def _question(asked: Line) -> str:
    key = asked.get("question")
    if not isinstance(key, str):
        raise Unusable("“question” must be the identifier or the name of a question")
    return key


def _outcome(definition: QuestionDefinition, asked: Line, language: str) -> Outcome:
    variant = asked.get("variant")
    if variant is not None and not isinstance(variant, dict):
        raise Unusable("“variant” must be an object")
    variant = {"language": language, **(variant or {})}
    if "tries" in asked:
        return play(
            "interactive",
            definition,
            asked["tries"],
            variant,
            reader=lambda kind, response: read_response(kind, _with_ids(definition, response, variant)),
        )
    if "response" not in asked:
        raise Unusable("there is neither “response” nor “tries”")
    return grade(definition, _with_ids(definition, asked["response"], variant), variant)


def _with_ids(definition: QuestionDefinition, response: Any, variant: Line) -> Any:
    """The response with ids for the texts of the question. Raises Unusable for a text that it does not have."""
    if not isinstance(response, Mapping):
        return response
    question_type, body = open_question(definition)
    try:
        return question_type.from_texts(question_type.drawn(body, variant), response)
    except ValueError as problem:
        raise Unusable(str(problem)) from problem
    except (ArithmeticError, LookupError, TypeError, AttributeError, RecursionError) as problem:
        raise Unusable("the response does not have the form of this question type") from problem


def _short(number: float | None) -> float | int | None:
    return int(number) if number is not None and number.is_integer() else number
