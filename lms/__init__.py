"""The Django project: settings, addresses, Celery, health, supervision and the demonstration."""

from lms.celery import app as celery_app

__all__ = ["celery_app"]
