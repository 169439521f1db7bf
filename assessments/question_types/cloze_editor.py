"""How the author of a cloze fills in a part: one form for all kinds, of which each kind takes its fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from assessments.question_types import editor
from assessments.question_types.editor import (
    FEEDBACK,
    FRACTION_HELP,
    Choice,
    Fault,
    Field,
    Flag,
    Kept,
    Line,
    Number,
    RichText,
    Rows,
    choices_field,
)
from assessments.question_types.multiple_choice import MultipleChoice
from assessments.question_types.numerical import Numerical
from assessments.question_types.short_answer import ShortAnswer
from assessments.question_types.single_choice import SingleChoice

STEM = RichText(
    name="stem",
    label=editor.STEM.label,
    required=True,
    lines=6,
    help=_("Write {#1} where the first part below belongs, {#2} for the second, and so on."),
)
_SIMPLE = {
    "short_answer": ShortAnswer.editor,
    "numerical": Numerical.editor,
    "multiple_choice_one": SingleChoice.editor,
    "multiple_response": MultipleChoice.editor,
}
_OF_THE_PART = {"id", "kind", "weight", "layout"}
_OWN = {kind: {field.name for field in fields} for kind, fields in _SIMPLE.items()}
_TYPED = {"short_answer", "numerical"}


def _seldom_used() -> dict[str, Field]:
    """The other fields of the simple types, each once."""
    found: dict[str, Field] = {}
    for fields in _SIMPLE.values():
        for field in fields:
            if field.name not in ("answers", "choices"):
                found.setdefault(field.name, replace(field, folded=True))
    return found


_CHOICES = choices_field(help_text=_("Of fields to choose from."))
PARTS = Rows(
    name="parts",
    label=_("Parts"),
    row_label=_("Part"),
    minimum=1,
    maximum=50,
    spare=2,
    fields=(
        Kept(name="id"),
        Choice(
            name="kind",
            label=_("Kind of field"),
            required=True,
            options=[
                ("short_answer", _("Type a word or two")),
                ("numerical", _("Type a number")),
                ("multiple_choice_one", _("Choose one")),
                ("multiple_response", _("Choose all that apply")),
            ],
        ),
        Number(name="weight", label=_("Weight"), minimum=0, maximum=1000, initial=1),
        Rows(
            name="answers",
            label=_("Accepted answers"),
            row_label=_("Answer"),
            help=_("Of fields to type in. The first one that fits counts."),
            maximum=50,
            spare=1,
            fields=(
                Line(name="text", label=_("Text")),
                Number(name="value", label=_("or number")),
                Number(name="tolerance", label=_("Tolerance"), minimum=0, help=_("Only of numbers.")),
                Number(
                    name="fraction",
                    label=_("Part of the mark"),
                    help=FRACTION_HELP,
                    minimum=-1,
                    maximum=1,
                    initial=1,
                ),
                FEEDBACK,
            ),
        ),
        replace(_CHOICES, minimum=0, spare=2),
        Choice(
            name="layout",
            label=_("Choices are shown"),
            options=[
                ("", _("as usual")),
                ("dropdown", _("as a list that opens")),
                ("vertical", _("below each other")),
                ("horizontal", _("beside each other")),
            ],
            folded=True,
        ),
        *_seldom_used().values(),
    ),
)


def _nothing(field: Field) -> Any:
    """What the form sends for a field that is left as it is."""
    if isinstance(field, Flag | Number):
        return field.initial
    return field.options[0][0] if isinstance(field, Choice) else [] if isinstance(field, Rows) else ""


_NOTHING = {"answers": [], "choices": []} | {name: _nothing(field) for name, field in _seldom_used().items()}


def own_source(kind: str, number: int, row: Mapping[str, Any]) -> dict[str, Any]:
    """What the simple type of a part reads. Raises Fault for what does not belong to its kind."""
    own = {}
    for key, value in row.items():
        if key in _OF_THE_PART or (key not in _OWN[kind] and key in _NOTHING and value == _NOTHING[key]):
            continue
        if key not in _OWN[kind] and key in _NOTHING:
            raise Fault(_("This does not belong to the kind of field chosen: leave it empty."), "parts", number, key)
        own[key] = value
    needed = "answers" if kind in _TYPED else "choices"
    if not own.get(needed):
        sentence = _("Add an accepted answer.") if kind in _TYPED else _("Add the choices.")
        raise Fault(sentence, "parts", number, needed)
    wanted, other = ("value", "text") if kind == "numerical" else ("text", "value")
    for place, answer in enumerate(own["answers"] if kind in _TYPED else ()):
        if isinstance(answer, Mapping) and answer.get(other) is not None and answer.get(wanted) is None:
            sentence = _("Type a number here.") if kind == "numerical" else _("Type a text here.")
            raise Fault(sentence, "parts", number, "answers", place, wanted)
    return own
