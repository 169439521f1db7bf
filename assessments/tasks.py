"""Celery tasks of the assessments room."""

from typing import Any

from celery import shared_task
from django.utils import timezone

from assessments import services
from assessments.models import Sitting
from common.sweeps import sweep


@shared_task(bind=True)
def grade_sitting(self: Any, sitting_id: int) -> None:
    """Mark one sitting that is due."""
    services.grade_sitting(sitting_id=sitting_id, worker=self.request.hostname or "", at=timezone.now())


@shared_task
def sweep_sittings() -> None:
    """Hand in what is overdue, and nudge the marking of everything handed in without a grade."""
    services.submit_overdue(at=timezone.now())
    sweep(Sitting.objects.filter(state=Sitting.State.SUBMITTED).order_by("submitted_at"), grade_sitting)
