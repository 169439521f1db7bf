"""Celery tasks of the courses room."""

from celery import shared_task
from django.utils import timezone

from common.sweeps import sweep
from courses import services
from courses.models import Enrolment


@shared_task(name="courses.tasks.decide_completion")
def decide_completion(enrolment_id: int) -> None:
    """Complete one enrolment if everything is done."""
    services.decide_completion(enrolment_id=enrolment_id, at=timezone.now())


@shared_task
def sweep_completions() -> None:
    """Nudge every enrolment whose progress changed and was not looked at since."""
    sweep(Enrolment.objects.filter(state=Enrolment.State.ACTIVE, due_check=True), decide_completion)
