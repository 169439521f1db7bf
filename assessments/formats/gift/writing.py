"""Questions into a GIFT file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import IO, Any

from django.utils.translation import gettext_lazy as _

from assessments.formats.base import ParsedQuestion, ReadProblem
from assessments.formats.checking import NotTaken
from assessments.formats.extra import extra_text
from assessments.formats.gift.reading import CATEGORY, Block, digest_of_text, read_block
from assessments.formats.gift.signs import escaped, escaped_html
from assessments.formats.moodle_xml.reading import split_path
from assessments.formats.moodle_xml.source import percent_of, written
from assessments.formats.moodle_xml.write_simple import interval
from assessments.formats.moodle_xml.writing import category_path
from common.messages import filled

Body = Mapping[str, Any]


def write_items(questions: Iterable[ParsedQuestion], file: IO[bytes]) -> list[ReadProblem]:
    """Write the file; the questions that GIFT cannot say are given back."""
    problems: list[ReadProblem] = []
    category: tuple[str, ...] = ()
    for question in questions:
        try:
            text = question_text(question)
        except NotTaken as problem:
            problems.append(
                ReadProblem(ref=question.ref, name=question.name, type=question.type, reason=problem.reason)
            )
            continue
        if tuple(question.category) != category:
            category = tuple(question.category)
            file.write(f"{CATEGORY} {category_path(category)}\n\n".encode())
        file.write(f"{text}\n\n".encode())
    return problems


def question_text(question: ParsedQuestion) -> str:
    """The block of a question. Raises NotTaken."""
    write = WRITERS.get(question.type)
    if write is None:
        raise NotTaken(filled(_("GIFT has no form for “%(type)s”."), {"type": question.type}))
    if question.media:
        raise NotTaken(_("GIFT has no place for pictures and other files."))
    body = question.body
    answers = write(body)
    name = f"::{escaped(question.name)}::" if question.name else ""
    text = f"{name}[html]{escaped(body['stem'])}"
    if answers is not None:
        general = f"\n\t####{escaped_html(body['feedback'])}" if body["feedback"] else ""
        text += f"{{{answers}{general}\n}}" if answers or general else "{}"
    comments = [_comment(question)] if question.idnumber or question.tags else []
    read = read_block(Block(1, tuple(comments), text), split_path(category_path(question.category)))
    extra = extra_text(question, read if isinstance(read, ParsedQuestion) else None)
    if extra:
        comments.append(f"// [hocso:{digest_of_text(text)}]{extra}")
    return "\n".join([*comments, text])


def _comment(question: ParsedQuestion) -> str:
    marks = [f"[id:{_bracketed(question.idnumber)}]"] if question.idnumber else []
    return " ".join(["//", *marks, *(f"[tag:{_bracketed(tag)}]" for tag in question.tags)])


def _bracketed(text: str) -> str:
    return " ".join(text.split()).replace("]", "\\]")


def _write_choices(body: Body) -> str:
    if body.get("scoring") == "all_or_nothing":
        raise NotTaken(_("GIFT cannot say that a multiple choice is marked all or nothing."))
    single = "scoring" not in body
    if single and not any(choice["fraction"] == 1 for choice in body["choices"]):
        raise NotTaken(_("GIFT cannot say a single choice of which none is worth everything."))
    return "".join(
        _row("=" if single and choice["fraction"] == 1 else f"~{_weight(choice['fraction'])}", choice)
        for choice in body["choices"]
    )


def _weight(fraction: float) -> str:
    return f"%{percent_of(fraction)}%" if fraction else ""


def _row(sign: str, row: Mapping[str, Any], text: str | None = None) -> str:
    feedback = f"#{escaped_html(row['feedback'])}" if row["feedback"] else ""
    return f"\n\t{sign}{escaped_html(row['text']) if text is None else text}{feedback}"


def _write_true_false(body: Body) -> str:
    right, wrong = ("true", "false") if body["answer"] else ("false", "true")
    told_wrong, told_right = escaped_html(body[f"feedback_{wrong}"]), escaped_html(body[f"feedback_{right}"])
    return (
        right.upper()
        + (f"#{told_wrong}" if told_wrong or told_right else "")
        + (f"#{told_right}" if told_right else "")
    )


def _write_short_answer(body: Body) -> str:
    return "".join(
        _row(
            f"={_weight(answer['fraction']) or '%0%'}",
            answer,
            ("[plain]" if answer["text"].startswith("[") else "") + escaped(answer["text"]),
        )
        for answer in body["answers"]
    )


def _write_numerical(body: Body) -> str:
    if body["units"]:
        raise NotTaken(_("GIFT has no units for numbers."))
    rows = []
    for answer in body["answers"]:
        value, tolerance = interval(answer["value"], answer["tolerance"], body["tolerance_type"])
        rows.append(_row(f"={_weight(answer['fraction']) or '%0%'}", answer, f"{written(value)}:{written(tolerance)}"))
    if body["other_fraction"]:
        rows.append(_row(f"={_weight(body['other_fraction'])}", {"feedback": body["other_feedback"]}, "*"))
    elif body["other_feedback"]:
        rows.append(f"\n\t~#{escaped_html(body['other_feedback'])}")
    return "#" + "".join(rows)


def _write_matching(body: Body) -> str:
    rows = []
    for prompt, answer in [
        *((pair["prompt"], pair["answer"]) for pair in body["pairs"]),
        *(("", extra["answer"]) for extra in body["extra_answers"]),
    ]:
        if "->" in prompt:
            raise NotTaken(_("GIFT cannot say a pair with an arrow -> in it."))
        rows.append(f"\n\t={escaped_html(prompt)} -> {escaped(answer)}")
    return "".join(rows)


WRITERS: dict[str, Callable[[Body], str | None]] = {
    "single_choice": _write_choices,
    "multiple_choice": _write_choices,
    "true_false": _write_true_false,
    "short_answer": _write_short_answer,
    "numerical": _write_numerical,
    "matching": _write_matching,
    "essay": lambda body: "",
    "description": lambda body: None,
}
