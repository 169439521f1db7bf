"""Celery tasks of the records room."""

from celery import shared_task
from django.utils import timezone

from common.sweeps import sweep
from records import services
from records.models import ReportExport


@shared_task(name="records.tasks.build_export")
def build_export(export_id: int) -> None:
    """Build one export that is due."""
    services.build_export(export_id=export_id, at=timezone.now())


@shared_task
def sweep_exports() -> None:
    """Nudge every export that was asked for and not built."""
    sweep(ReportExport.objects.filter(state=ReportExport.State.REQUESTED).order_by("requested_at"), build_export)
