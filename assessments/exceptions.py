"""Why the assessments room refuses."""

from __future__ import annotations

from common.exceptions import Refusal


class InvalidQuestion(Refusal):
    """A question's body does not fit its type, or its identifier is taken."""


class InfeasibleMatrix(Refusal):
    """The bank cannot give the questions that the quiz asks for."""


class SittingRefused(Refusal):
    """No sitting may start: not open, no attempts left, locked in the course."""


class ResponseRefused(Refusal):
    """An answer cannot be taken: too late, unknown place, malformed, or different from what was acknowledged."""


class SittingClosed(ResponseRefused):
    """The paper was handed in already, or its time is over."""


class ChangedMeanwhile(Refusal):
    """Somebody else changed what is being edited; saving would overwrite it."""
