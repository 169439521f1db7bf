"""Appeals: a candidate contests a question within the window of the quiz; an officer decides with a reason."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from assessments.exceptions import AppealRefused
from assessments.models import Appeal, Regrade, Sitting
from common.locking import lock_row
from common.unicode import nfc

MOST_LETTERS = 2_000
MOST_DECISION = 1_000


def appeals_close_at(sitting: Sitting) -> datetime | None:
    """Until when questions of this sitting can be contested; None where they cannot be.

    The window opens when the candidate can see the result: when it was marked, or released by decision if that was later.
    """
    days = sitting.quiz_version.blueprint.get("appeal_days")
    if days is None or sitting.graded_at is None:
        return None
    begin = sitting.graded_at
    if sitting.quiz_version.blueprint.get("release") == "by_decision":
        if sitting.quiz.released_at is None:
            return None
        begin = max(begin, sitting.quiz.released_at)
    return begin + timedelta(days=int(days))


def refusal_to_appeal(*, sitting: Sitting, at: datetime) -> AppealRefused | None:
    """Why no question of this sitting can be contested now; None when one can."""
    closes_at = appeals_close_at(sitting)
    if sitting.state != Sitting.State.GRADED or sitting.withheld_at is not None:
        return AppealRefused(_("There is no result yet that could be contested."))
    if closes_at is None:
        return AppealRefused(_("Questions of this quiz cannot be contested."))
    if at >= closes_at:
        return AppealRefused(_("The time for contesting questions is over."))
    return None


@transaction.atomic
def file_appeal(*, sitting: Sitting, slot: int, text: str, by: Any, at: datetime) -> Appeal:
    """Contest the mark of one question. Raises AppealRefused: not one's own sitting, no result yet, too late, no such
    question, contested already, or nothing said.
    """
    locked = lock_row(Sitting.objects.filter(pk=sitting.pk, person=by).select_related("paper", "quiz", "quiz_version"))
    if locked is None:
        raise AppealRefused(_("This is not your sitting."))
    refusal = refusal_to_appeal(sitting=locked, at=at)
    if refusal is not None:
        raise refusal
    place = next((row for row in locked.paper.slots if row["slot"] == slot), None)
    if place is None or not locked.current_run or not locked.current_run.slot_grades.filter(slot=slot).exists():
        raise AppealRefused(_("There is no such question in this paper."))
    said = nfc(text).strip()
    if not said:
        raise AppealRefused(_("Say what is wrong with the question or its mark."))
    if len(said) > MOST_LETTERS:
        raise AppealRefused(_("The text is too long; 2,000 letters are enough."))
    try:
        with transaction.atomic():
            return Appeal.objects.create(
                sitting=locked, slot=slot, question_version_id=place["version"], text=said, filed_at=at
            )
    except IntegrityError:
        raise AppealRefused(_("You have contested this question already.")) from None


@transaction.atomic
def withdraw_appeal(*, appeal: Appeal, by: Any) -> Appeal:
    """Take an appeal back. Raises AppealRefused when it is not one's own or decided already."""
    locked = lock_row(Appeal.objects.filter(pk=appeal.pk, sitting__person=by))
    if locked is None or locked.state not in {Appeal.State.OPEN, Appeal.State.WITHDRAWN}:
        raise AppealRefused(_("This appeal was decided already."))
    locked.state = Appeal.State.WITHDRAWN
    locked.save(update_fields=["state"])
    return locked


def accept_appeal(*, appeal: Appeal, decision: str, by: Any, at: datetime, regrade: Regrade | None = None) -> Appeal:
    """The candidate is right. `decision` is the reason that they read; `regrade` is what follows for all, if anything.

    Raises AppealRefused when it was decided or withdrawn meanwhile, or no reason is given.
    """
    return _decide(appeal, Appeal.State.ACCEPTED, decision=decision, by=by, at=at, regrade=regrade)


def reject_appeal(*, appeal: Appeal, decision: str, by: Any, at: datetime) -> Appeal:
    """The mark stands, with the reason that the candidate reads. Raises AppealRefused, as accepting does."""
    return _decide(appeal, Appeal.State.REJECTED, decision=decision, by=by, at=at, regrade=None)


@transaction.atomic
def _decide(appeal: Appeal, state: str, *, decision: str, by: Any, at: datetime, regrade: Regrade | None) -> Appeal:
    locked = lock_row(Appeal.objects.filter(pk=appeal.pk))
    assert locked is not None
    if locked.state != Appeal.State.OPEN:
        raise AppealRefused(_("This appeal was decided already."))
    said = nfc(decision).strip()
    if not said:
        raise AppealRefused(_("Say why: the candidate reads the reason."))
    if len(said) > MOST_DECISION:
        raise AppealRefused(_("The text is too long; 1,000 letters are enough."))
    locked.state, locked.decision = state, said
    locked.decided_by, locked.decided_at, locked.regrade = by, at, regrade
    locked.save(update_fields=["state", "decision", "decided_by", "decided_at", "regrade"])
    return locked
