"""What an author fills in: each question type declares the fields of its source form, and the editor follows.

The source form is the dictionary that `from_source` reads and `to_source` writes (docs/content-packs.md). A field's
`name` is its key there; an empty field leaves the key out. Nothing here knows of HTML, Django forms or the database:
the administration builds its forms from these declarations, so that a new type gets its editor by declaring it.

A type also says what is wrong in words and where: `raise Fault(_("Tick the right choice."), "choices")` in a validator
of its body or in `from_source`. The place is a path of names and row numbers (from 0): `("choices", 1, "text")`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text: TypeAlias = str | Promise
Place: TypeAlias = tuple[str | int, ...]


class Fault(ValueError):
    """Something is wrong at `place`, said in one sentence: what, and what to do. No place: the question as a whole."""

    def __init__(self, message: Text, *place: str | int) -> None:
        super().__init__(message)
        self.message = message
        self.place: Place = place

    def __str__(self) -> str:
        return str(self.message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One key of the source form. `required`: an empty one is refused. `folded`: out of sight until it is used."""

    name: str
    label: Text
    help: Text = ""
    required: bool = False
    folded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RichText(Field):
    """Markdown; a value {"html": …} is shown as HTML and stays one. `lines`: how high the field is."""

    lines: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Line(Field):
    """One line of plain text."""

    max_length: int = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines(Field):
    """A list of plain texts, typed one a line."""

    maximum: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(Field):
    """A number, typed with a decimal comma or point; `integer`: a whole one."""

    minimum: float | None = None
    maximum: float | None = None
    integer: bool = False
    initial: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers(Field):
    """A list of numbers in one line, as coordinates are: separated by blanks or semicolons."""

    count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Field):
    """One of some values with their words. Unless it is required, the first one is the default and left out."""

    options: Sequence[tuple[str | bool | int, Text]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag(Field):
    """Yes or no; `initial` is what the type takes when the key is not there, and then it is left out."""

    initial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture(Field):
    """The address of a picture, as it stands in `src`: shown beside the field, chosen from the pictures uploaded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept(Field):
    """A value that is not edited and stays with its row, such as an id."""

    label: Text = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows(Field):
    """Repeated rows, in an order: each a dictionary of `fields`; `bare`: each the value of the only field itself.

    Rows may have rows. `spare` empty ones wait in a new question; empty ones are left out.
    """

    fields: tuple[Field, ...]
    row_label: Text
    minimum: int = 0
    maximum: int = 20
    spare: int = 1
    bare: bool = False


FRACTION_HELP = _("From −1 to 1; 1 earns the whole mark.")


FEEDBACK = RichText(name="feedback", label=_("Feedback"))
STEM = RichText(
    name="stem",
    label=_("Question"),
    required=True,
    lines=4,
    help=_("Markdown: **bold**, *italic*, lists, [links](https://…), tables."),
)
BEFORE: tuple[Field, ...] = (STEM,)
AFTER: tuple[Field, ...] = (
    RichText(name="feedback", label=_("What to remember"), help=_("Shown to everybody with the result.")),
    RichText(name="feedback_right", label=_("Feedback when right"), folded=True),
    RichText(name="feedback_partial", label=_("Feedback when partly right"), folded=True),
    RichText(name="feedback_wrong", label=_("Feedback when wrong"), folded=True),
    Rows(
        name="hints",
        label=_("Hints"),
        row_label=_("Hint"),
        fields=(RichText(name="text", label=_("Hint")),),
        bare=True,
        maximum=10,
        folded=True,
    ),
    Number(
        name="penalty",
        label=_("Penalty for each further try"),
        help=_("Part of the mark, 0 to 1; empty: one third."),
        minimum=0,
        maximum=1,
        folded=True,
    ),
    Number(
        name="mark",
        label=_("Default mark"),
        help=_("Taken where a quiz gives no mark of its own, and written into exports; empty: 1."),
        minimum=0,
        maximum=1000,
        folded=True,
    ),
)


def choices_field(*, help_text: Text) -> Rows:
    """The choices of a question that is answered by choosing."""
    return Rows(
        name="choices",
        label=_("Choices"),
        row_label=_("Choice"),
        help=help_text,
        minimum=2,
        maximum=20,
        spare=4,
        fields=(
            Kept(name="id"),
            RichText(name="text", label=_("Text"), required=True),
            Flag(name="correct", label=_("Right")),
            Flag(
                name="pinned",
                label=_("Keeps its place"),
                help=_("When choices are shuffled, as “none of these” must stay last."),
                folded=True,
            ),
            Number(
                name="fraction",
                label=_("Part of the mark"),
                help=_("Only for other values than the tick gives; −1 to 1."),
                minimum=-1,
                maximum=1,
                folded=True,
            ),
            FEEDBACK,
        ),
    )


SHUFFLE = Flag(
    name="shuffle",
    label=_("May be shuffled"),
    help=_("Switch it off when the order matters, as for “both A and B”."),
    initial=True,
)
