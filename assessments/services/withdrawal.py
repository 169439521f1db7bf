"""Deciding on questions whose figures speak against them: by a person, never by a figure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from assessments.exceptions import ReviewRefused
from assessments.models import Question, WithdrawalProposal
from assessments.services.review import set_status
from common.locking import lock_row

MOST_COMMENT = 500


@transaction.atomic
def decide_withdrawal(
    *, proposal: WithdrawalProposal, withdraw: bool, by: Any, at: datetime, comment: str = ""
) -> WithdrawalProposal:
    """Retire the proposed question, or keep it and say why. New papers are drawn without a retired one.

    Raises ReviewRefused when it was decided already, or when it is kept without a word. What was sat stays as it is:
    voiding or correcting a question there is a regrade.
    """
    locked = lock_row(
        WithdrawalProposal.objects.select_related("question_version__question").filter(
            pk=proposal.pk, state=WithdrawalProposal.State.PROPOSED
        )
    )
    if locked is None:
        raise ReviewRefused(_("Somebody decided on this proposal already, or its reason is gone: look at it again."))
    comment = comment.strip()[:MOST_COMMENT]
    if not withdraw and not comment:
        raise ReviewRefused(_("Say why the question stays: others will read it when the figures speak up again."))
    locked.state = WithdrawalProposal.State.ACCEPTED if withdraw else WithdrawalProposal.State.REJECTED
    locked.decided_by, locked.decided_at, locked.comment = by, at, comment
    locked.save(update_fields=["state", "decided_by", "decided_at", "comment"])
    question = locked.question_version.question
    # A later version may have mended what this one had: then there is nothing to retire.
    if withdraw and question.current_version_id == locked.question_version_id:
        set_status(question=question, status=Question.Status.RETIRED, by=by, at=at, comment=comment)
    return locked
