"""Celery tasks of the certificates room."""

from celery import shared_task
from django.utils import timezone

from certificates import services
from certificates.models import Certificate
from certificates.queries import completions_due, sittings_marked_again
from common.sweeps import sweep


@shared_task
def issue_certificate(completion_id: int) -> None:
    """Issue the certificate of one completion if it is due."""
    services.issue_for_completion(completion_id=completion_id, at=timezone.now())


@shared_task(name="certificates.tasks.render_certificate")
def render_certificate(certificate_id: int) -> None:
    """Make the files of one certificate if they are due."""
    services.render_certificate(certificate_id=certificate_id, at=timezone.now())


@shared_task
def review_certificates(sitting_id: int) -> None:
    """Put up for review what stands on a sitting that was marked again."""
    services.raise_reviews(sitting_id=sitting_id, at=timezone.now())


@shared_task
def sweep_certificates() -> None:
    """Nudge completions without certificate, certificates without files, and what stands on a sitting marked again."""
    sweep(sittings_marked_again(at=timezone.now()), review_certificates)
    sweep(completions_due(), issue_certificate)
    sweep(
        Certificate.objects.filter(rendering=Certificate.Rendering.DUE).order_by("issued_at"),
        render_certificate,
    )
