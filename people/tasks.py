"""Celery tasks of the people room."""

from celery import shared_task
from django.utils import timezone

from common.sweeps import sweep
from people import services
from people.models import OutgoingMail


@shared_task
def send_mail(mail_id: int) -> None:
    """Send one mail that is due."""
    services.send_due_mail(mail_id=mail_id, at=timezone.now())


@shared_task
def sweep_mail() -> None:
    """Nudge every mail that is due."""
    sweep(OutgoingMail.objects.filter(state=OutgoingMail.State.DUE, due_at__lte=timezone.now()), send_mail)
