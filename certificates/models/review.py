"""Certificates whose ground has moved: the sitting that they stand on was marked again. A person decides."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from certificates.models.certificate import Certificate


class CertificateReview(models.Model):
    """One certificate put up for review: kept as it is with a reason, or changed; nothing happens by itself."""

    class Decision(models.TextChoices):
        KEPT = "kept", _("Kept as it is")
        CHANGED = "changed", _("Certificate changed")

    certificate = models.ForeignKey(Certificate, models.PROTECT, related_name="reviews")
    sitting = models.UUIDField(help_text=_("The sitting that was marked again."))
    run_digest = models.CharField(max_length=64, help_text=_("Digest of the marking that raised the review."))
    old_score = models.CharField(max_length=20, blank=True)
    new_score = models.CharField(max_length=20)
    is_still_passed = models.BooleanField()
    raised_at = models.DateTimeField()
    decision = models.CharField(max_length=8, choices=Decision, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("certificate for review")
        verbose_name_plural = _("certificates for review")
        ordering = [F("decided_at").asc(nulls_first=True), "raised_at"]
        constraints = [
            models.UniqueConstraint(fields=["certificate", "run_digest"], name="certificate_review_once_per_marking"),
            models.CheckConstraint(
                condition=Q(decision="", decided_at__isnull=True)
                | (~Q(decision="") & ~Q(reason="") & Q(decided_at__isnull=False, decided_by__isnull=False)),
                name="certificate_review_decided_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.certificate_id}"
