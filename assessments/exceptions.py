"""Why the assessments room refuses."""

from __future__ import annotations

from django.utils.functional import Promise

from common.exceptions import Refusal


class InvalidQuestion(Refusal):
    """A question's body does not fit its type, or its identifier is taken."""


class InfeasibleMatrix(Refusal):
    """The bank cannot give the questions that the quiz asks for."""


class PaperSetRefused(Refusal):
    """Parallel papers that cannot be drawn or used as asked for."""


class SittingRefused(Refusal):
    """No sitting may start: not open, no attempts left, locked in the course."""


class EntryRefused(SittingRefused):
    """The wrong password or the wrong place; `code` is `password`, `wait` or `place`."""

    def __init__(self, message: str | Promise, *, code: str) -> None:
        super().__init__(message)
        self.code = code


class AccessRefused(Refusal):
    """A registration or an accommodation that cannot be; `problems` says where in a file, when it came in one."""

    def __init__(self, message: str | Promise, *, problems: tuple[str | Promise, ...] = ()) -> None:
        super().__init__(message)
        self.problems = problems


class SupervisionRefused(Refusal):
    """Something that an officer wanted of sittings and that none of them can take."""


class ResponseRefused(Refusal):
    """An answer cannot be taken; nothing that came with it was kept. `seq` is the event at fault, when it is one.

    `code` is for devices: malformed events are `invalid` and will always be.
    """

    code = "invalid"

    def __init__(self, message: str | Promise, *, seq: int | None = None) -> None:
        super().__init__(message)
        self.seq = seq


class SequenceConflict(ResponseRefused):
    """The numbers do not go on from the log: another tab or device wrote meanwhile, or a batch is missing.

    Nothing is wrong with the answers: number them from `last_seq` + 1 and send them again.
    """

    code = "conflict"

    def __init__(self, message: str | Promise, *, seq: int, last_seq: int) -> None:
        super().__init__(message, seq=seq)
        self.last_seq = last_seq


class SittingClosed(ResponseRefused):
    """The paper was handed in already, or its time is over."""

    code = "closed"


class ChangedMeanwhile(Refusal):
    """Somebody else changed what is being edited; saving would overwrite it."""


class UnknownFormat(Refusal):
    """No question format that is known here fits the file."""


class ReviewRefused(Refusal):
    """A step of the review that this person may not take, or that leads nowhere."""


class CategoryRefused(Refusal):
    """A change of the tree of categories that would break it, or something that stands on it."""


class FileRefused(Refusal):
    """A question file that is not taken, or a step with it that cannot be taken now."""


class DecisionRefused(Refusal):
    """A decision about results that cannot be taken now, or that gives no reason."""


class AppealRefused(Refusal):
    """A question that cannot be contested, or an appeal that cannot be decided now."""


class RegradeRefused(Refusal):
    """A change of marks that makes no sense, or a step with it that cannot be taken now."""


class AnswerFileRefused(Refusal):
    """An answer file that is not taken, or a decision about one that cannot be taken now; `code` is for devices."""

    code = "refused"


class AnswersKnown(AnswerFileRefused):
    """Everything in an answer file is in the log already: the device may forget it."""

    code = "known"


class AnotherDevice(ResponseRefused):
    """The candidate went on with another device or tab; this one has to take the paper over first."""

    code = "device"


class SittingPaused(ResponseRefused):
    """An officer stopped the time: the answers are to be sent again when it goes on."""

    code = "paused"


class SectionOver(ResponseRefused):
    """The time of this part is over, and the next one begins: the paper is to be loaded again."""

    code = "section"


class MarkingRefused(Refusal):
    """A marking by a person that cannot be taken as it is."""
