"""What a question's figures mean in plain words, and which of it makes its withdrawal a question for its author."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from assessments.analysis.distractors import ChoiceFigures
from assessments.analysis.statistics import QuestionFigures

FEWEST = 30
TOO_EASY, TOO_HARD = 0.95, 0.20
WEAK_INDEX = 10.0
DEAD_SHARE = 0.05
CHANCE = 2.326  # one-sided: by chance alone one in a hundred would be accused

TOO_FEW: Final = "too_few"
WRONG_KEY: Final = "wrong_key"
NEGATIVE: Final = "negative"
PROPOSED: Final = frozenset({WRONG_KEY, NEGATIVE})

WORDS: dict[str, str | Promise] = {
    TOO_FEW: _("Fewer than 30 attempts: too early to say anything."),
    "no_variance": _("Everybody earned the same: this question tells nobody apart."),
    "too_easy": _("Nearly everybody is right: too easy to tell candidates apart."),
    "too_hard": _("Hardly anybody is right: too hard, or something in it misleads."),
    "guessed": _("Candidates do no better than by guessing."),
    WRONG_KEY: _("Strong candidates choose %(choice)s more than the answer: is the answer wrong?"),
    NEGATIVE: _("Strong candidates do worse here than weak ones: ambiguous, or the answer is wrong?"),
    "weak": _("It hardly tells strong candidates from weak ones."),
    "dead": _("Hardly anybody chooses %(choice)s: it distracts nobody."),
}
SHORT: dict[str, str | Promise] = {
    TOO_FEW: _("Too few attempts"),
    "no_variance": _("No differences"),
    "too_easy": _("Too easy"),
    "too_hard": _("Too hard"),
    "guessed": _("No better than guessing"),
    WRONG_KEY: _("Is the answer wrong?"),
    NEGATIVE: _("Strong candidates do worse"),
    "weak": _("Tells little apart"),
    "dead": _("A choice that nobody takes"),
}


@dataclass(frozen=True, slots=True)
class Flag:
    """Something to look at: `code` is a key of WORDS, `choice` the id of the choice it is about, or ""."""

    code: str
    choice: str = ""


def flags_of(
    figures: QuestionFigures,
    *,
    choices: Sequence[ChoiceFigures] = (),
    right: Collection[str] = (),
    guess: float | None = None,
) -> list[Flag]:
    """Flags of a question, the gravest first; with fewer than FEWEST attempts only that.

    Accusations (WRONG_KEY, NEGATIVE) need more than chance would give with so many attempts, and more than a trifle.
    """
    if figures.n < FEWEST:
        return [Flag(TOO_FEW)]
    found = _accused(figures, choices, right)
    if figures.sd == 0:
        found.append(Flag("no_variance"))
    elif figures.facility is not None:
        if figures.facility > TOO_EASY:
            found.append(Flag("too_easy"))
        elif guess is not None and figures.facility <= guess:
            found.append(Flag("guessed"))
        elif figures.facility < TOO_HARD:
            found.append(Flag("too_hard"))
    index = figures.discrimination_index
    if index is not None and index < WEAK_INDEX and not any(flag.code == NEGATIVE for flag in found):
        found.append(Flag("weak"))
    # Of a question that nearly everybody gets right, nobody takes the wrong choices: that was said already.
    if figures.facility is not None and figures.facility <= TOO_EASY:
        found += [
            Flag("dead", one.choice)
            for one in choices
            if one.choice and one.choice not in right and one.share < DEAD_SHARE
        ]
    return found


def _accused(figures: QuestionFigures, choices: Sequence[ChoiceFigures], right: Collection[str]) -> list[Flag]:
    least = max(100 * CHANCE / math.sqrt(figures.n), WEAK_INDEX)
    key = max(
        (one.discrimination for one in choices if one.choice in right and one.discrimination is not None), default=None
    )
    wrong = [
        one
        for one in choices
        if one.choice
        and one.choice not in right
        and one.share >= DEAD_SHARE
        and one.discrimination is not None
        and one.discrimination > least
        and (key is None or one.discrimination > key)
    ]
    wrong.sort(key=lambda one: -(one.discrimination or 0))
    found = [Flag(WRONG_KEY, one.choice) for one in wrong]
    if figures.discrimination_index is not None and figures.discrimination_index < -least:
        found.append(Flag(NEGATIVE))
    return found
