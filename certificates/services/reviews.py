"""Certificates put up for review when the sitting under them was marked again; decided by people, with a reason."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from assessments.models import Sitting
from assessments.services import Dependant
from certificates.exceptions import CertificateRefused
from certificates.models import Certificate, CertificateReview
from common.messages import filled

KIND = "certificates"
MOST_REASON = 300


def raise_reviews(*, sitting_id: int, at: datetime) -> list[CertificateReview]:
    """Put up for review each certificate in force that stands on another marking of this sitting. Idempotent."""
    sitting = Sitting.objects.select_related("current_run").get(pk=sitting_id)
    run = sitting.current_run
    if run is None or sitting.state != Sitting.State.GRADED:
        return []
    raised = []
    for certificate in _standing_on([str(sitting.public_id)], [sitting.person_id]):
        if certificate.snapshot.get("sitting_digest") == run.digest:
            continue
        review, is_new = CertificateReview.objects.get_or_create(
            certificate=certificate,
            run_digest=run.digest,
            defaults={
                "sitting": UUID(certificate.snapshot["sitting"]),
                "old_score": certificate.snapshot.get("score") or "",
                "new_score": str(run.score),
                "is_still_passed": run.passed,
                "raised_at": at,
            },
        )
        if is_new:
            raised.append(review)
    return raised


def _standing_on(sittings: Collection[str], people: Collection[int]) -> list[Certificate]:
    in_force = Certificate.objects.filter(person__in=people).exclude(
        status__in=[Certificate.Status.REVOKED, Certificate.Status.REPLACED]
    )
    wanted = set(sittings)
    return [row for row in in_force if row.snapshot.get("sitting") in wanted]


def certificates_on(sittings: Collection[str], people: Collection[int]) -> list[Dependant]:
    """The certificates that stand on these sittings, for who is about to mark them again; one query."""
    return [
        Dependant(KIND, row.snapshot["sitting"], filled(_("Certificate %(number)s"), {"number": row.number}))
        for row in _standing_on(sittings, people)
    ]


@transaction.atomic
def keep_certificate(*, review: CertificateReview, reason: str, by: Any, at: datetime) -> CertificateReview:
    """Leave the certificate as it is, with the reason. Raises CertificateRefused: decided already, or no reason."""
    locked = CertificateReview.objects.select_for_update().get(pk=review.pk)
    if locked.decision:
        raise CertificateRefused(_("This review was decided already."))
    said = " ".join(reason.split())
    if not said or len(said) > MOST_REASON:
        raise CertificateRefused(_("Say in at most 300 letters why the certificate stays as it is."))
    _close(locked, CertificateReview.Decision.KEPT, said, by=by, at=at)
    return locked


def close_reviews(*, certificate: Certificate, reason: str, by: Any, at: datetime) -> None:
    """The certificate was changed: what was open about it is decided by that. Inside the caller's transaction."""
    for review in CertificateReview.objects.select_for_update().filter(certificate=certificate, decision=""):
        _close(review, CertificateReview.Decision.CHANGED, reason[:MOST_REASON], by=by, at=at)


def _close(review: CertificateReview, decision: str, reason: str, *, by: Any, at: datetime) -> None:
    review.decision, review.reason, review.decided_by, review.decided_at = decision, reason, by, at
    review.save(update_fields=["decision", "reason", "decided_by", "decided_at"])
