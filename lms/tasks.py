"""The platform's own background work."""

from __future__ import annotations

from celery import shared_task

from lms.heartbeat import PIPELINE, beat_heart


@shared_task
def heartbeat() -> None:
    """Sent by beat, carried by the broker, done by a worker: all three live."""
    beat_heart(PIPELINE)
