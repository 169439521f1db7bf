"""Signs of life of the background processes, where every web process can read them.

Kept in the cache when processes share one (CACHE_URL), else as files in VAR_DIR/run.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from celery import current_app, signals
from django.conf import settings
from django.core.cache import cache

SECONDS_BETWEEN = 15.0
# The whole way: sent by beat, carried by the broker, done by a worker. It waits behind long tasks.
PIPELINE = "pipeline"
LATEST = {"worker": 60.0, "beat": 60.0, PIPELINE: 300.0}


def beat_heart(name: str) -> None:
    """Note that `name` lives now."""
    if _is_shared():
        cache.set(_key(name), time.time(), timeout=None)
        return
    path = _path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    os.utime(path)


def heartbeat_age(name: str) -> float | None:
    """Seconds since `name` last gave a sign of life; None when it never did."""
    if _is_shared():
        moment = cache.get(_key(name))
    else:
        try:
            moment = _path(name).stat().st_mtime
        except OSError:
            moment = None
    return None if moment is None else max(0.0, time.time() - float(moment))


def _is_shared() -> bool:
    """Whether what one process puts into the cache is there for the others."""
    return not settings.CACHES["default"]["BACKEND"].endswith(("LocMemCache", "DummyCache"))


def _key(name: str) -> str:
    return f"heartbeat:{name}"


def _path(name: str) -> Path:
    return Path(settings.VAR_DIR) / "run" / f"{name}.alive"


@signals.worker_ready.connect
def _worker_is_ready(sender: Any, **_kwargs: Any) -> None:
    """A worker's own timer keeps its heart beating, however long its tasks are."""
    beat_heart("worker")
    sender.timer.call_repeatedly(SECONDS_BETWEEN, beat_heart, ("worker",))


@signals.beat_init.connect
def _beat_is_ready(**_kwargs: Any) -> None:
    """Beat's heart beats whenever it sends something; the first time at once."""
    beat_heart("beat")
    signals.before_task_publish.connect(_beat_sends, weak=False)
    current_app.send_task("lms.tasks.heartbeat", expires=LATEST[PIPELINE])


def _beat_sends(**_kwargs: Any) -> None:
    beat_heart("beat")
