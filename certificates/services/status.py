"""Suspending, revoking and restoring; nothing is deleted."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from certificates.exceptions import CertificateRefused
from certificates.models import Certificate
from certificates.services.reviews import close_reviews
from common.messages import filled


def revoke_certificate(*, certificate: Certificate, reason: str, by: Any, at: datetime) -> Certificate:
    """Take the certificate back; `reason` is shown to whoever verifies it. Raises CertificateRefused."""
    return _change(certificate, Certificate.Status.REVOKED, reason, by=by, at=at)


def suspend_certificate(*, certificate: Certificate, reason: str, by: Any, at: datetime) -> Certificate:
    """Take the certificate out of force for a while. Raises CertificateRefused."""
    return _change(certificate, Certificate.Status.SUSPENDED, reason, by=by, at=at)


def restore_certificate(*, certificate: Certificate, reason: str, by: Any, at: datetime) -> Certificate:
    """Put a suspended or revoked certificate back in force. Raises CertificateRefused."""
    return _change(certificate, Certificate.Status.VALID, reason, by=by, at=at)


ALLOWED = {
    Certificate.Status.REVOKED: {Certificate.Status.VALID, Certificate.Status.SUSPENDED},
    Certificate.Status.SUSPENDED: {Certificate.Status.VALID},
    Certificate.Status.VALID: {Certificate.Status.SUSPENDED, Certificate.Status.REVOKED},
}


@transaction.atomic
def _change(certificate: Certificate, status: str, reason: str, *, by: Any, at: datetime) -> Certificate:
    reason = " ".join(reason.split())
    if not reason:
        raise CertificateRefused(_("Write the reason; it is shown to whoever verifies the certificate."))
    locked = Certificate.objects.select_for_update().get(pk=certificate.pk)
    if locked.status not in ALLOWED[Certificate.Status(status)]:
        raise CertificateRefused(
            filled(
                _("Certificate %(number)s is “%(status)s”; this change is not possible."),
                {"number": locked.number, "status": locked.get_status_display()},
            )
        )
    locked.status, locked.status_reason = Certificate.Status(status), reason[:300]
    locked.status_changed_at, locked.status_by = at, by
    locked.save(update_fields=["status", "status_reason", "status_changed_at", "status_by"])
    close_reviews(certificate=locked, reason=reason, by=by, at=at)
    return locked
