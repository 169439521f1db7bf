"""The health page: what works, what waits. 200 when everything does, 503 when something does not."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from common.due_work import count_due_work
from lms import broker
from lms.celery import app
from lms.heartbeat import LATEST, heartbeat_age

logger = logging.getLogger(__name__)
BROKER_SECONDS = 2


@dataclass(frozen=True)
class Check:
    """One thing that must work. `detail` holds no secret and no address: the page is public."""

    name: str
    ok: bool
    detail: str
    age_seconds: float | None = None


def check_health() -> list[Check]:
    """Database, broker, worker, beat and the way through all of them, in this order."""
    return [_database(), _broker(), *(_heart(name, latest) for name, latest in LATEST.items())]


def _database() -> Check:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    except Exception:  # whatever the driver raises, the page must say it
        logger.exception("The database does not answer")
        return Check("database", False, _("does not answer"))
    return Check("database", True, _("answers"))


def _broker() -> Check:
    """Reachable, and for the embedded broker writable, which is the same as publishing."""
    try:
        if urlsplit(settings.BROKER_URL).scheme == broker.SCHEME:
            folder = Path(str(settings.CELERY_BROKER_TRANSPORT_OPTIONS["data_folder_out"]))
            folder.mkdir(parents=True, exist_ok=True)
            broker.write_atomically(folder / "health", b"")
        else:
            with app.connection_for_write(connect_timeout=BROKER_SECONDS) as link:
                link.ensure_connection(max_retries=1, timeout=BROKER_SECONDS)
    except Exception:  # whatever the transport raises, the page must say it
        logger.exception("The broker does not answer")
        return Check("broker", False, _("does not answer"))
    return Check("broker", True, _("answers"))


def _heart(name: str, latest: float) -> Check:
    age = heartbeat_age(name)
    if age is None:
        return Check(name, False, _("no sign of life yet"))
    detail = _("last sign of life %(seconds)d s ago") % {"seconds": age}
    return Check(name, age <= latest, detail, round(age, 1))


@never_cache
@require_safe
def health_page(request: HttpRequest) -> HttpResponse:
    """JSON for machines that ask for it, a plain page for people; needs no sign-in and no session.

    `?live` asks only whether pages are served: 204, nothing checked.
    """
    if "live" in request.GET:
        return HttpResponse(status=204)
    checks = check_health()
    ok = all(check.ok for check in checks)
    due = count_due_work() if checks[0].ok else {}
    status = 200 if ok else 503
    if request.accepts("application/json") and not request.accepts("text/html"):
        return JsonResponse(
            {
                "status": "ok" if ok else "failing",
                "checks": {
                    check.name: {"ok": check.ok, "detail": check.detail, "age_seconds": check.age_seconds}
                    for check in checks
                },
                "due": due,
            },
            status=status,
        )
    context = {"ok": ok, "checks": checks, "due": due.items()}
    return render(request, "lms/health.html", context, status=status)
