"""The Celery application. What is due is in the database; Celery only does it (docs/adr/0001-embedded-broker.md)."""

import os

from celery import Celery

from lms import broker  # noqa: F401  registers the embedded transport

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.local")

app = Celery("lms")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
