"""What the children run. Each is forked from the loaded supervisor: quick to start, sharing its memory."""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import socket
import sys
import threading
import time
import warnings
from collections.abc import Callable
from typing import Any

from celery import signals
from celery.platforms import SecurityWarning
from django.conf import settings
from gunicorn.app.base import BaseApplication

from lms.celery import app

WEB_WORKERS = 2
WEB_THREADS = 4
WORKER_PROCESSES = 2
QUEUES = "default,grading,documents,mail"
PR_SET_PDEATHSIG = 1


def die_with_parent(parent: int) -> None:
    """Have the kernel kill this process when the thread that forked it ends; only on Linux."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it ended before the kernel knew
        os._exit(1)


def watch_parent(parent: int) -> None:
    """End this process within a second of the end of `parent`, which forked it.

    For Celery's pool, whose processes may be forked by a thread that ends before them: the kernel's own
    notice (die_with_parent) would then come too early. The parent's number is the caller's to know: a process
    forked in its parent's last moment would ask too late, and take its adopter for its parent.
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()


class Web(BaseApplication):
    """Gunicorn on a socket that the supervisor opened; connections wait in it while the web restarts."""

    def __init__(self, listener: socket.socket) -> None:
        self.listener = listener
        super().__init__()

    def load_config(self) -> None:
        """Two processes of four threads; everything else that differs from Gunicorn's own."""
        for name, value in {
            "bind": f"fd://{self.listener.fileno()}",
            "worker_class": "gthread",
            "workers": WEB_WORKERS,
            "threads": WEB_THREADS,
            "preload_app": True,
            "timeout": 60,
            "graceful_timeout": 2,
            "keepalive": 5,
            "loglevel": "warning",
            "control_socket_disable": True,
            "worker_tmp_dir": "/dev/shm" if os.path.isdir("/dev/shm") else None,  # noqa: S108  heartbeats only
            "post_fork": lambda server, worker: die_with_parent(server.pid),
        }.items():
            self.cfg.set(name, value)

    def load(self) -> Callable[..., Any]:
        """Django."""
        from lms.wsgi import application

        return application


def run_web(listener: socket.socket) -> None:
    """Serve HTTP until told to stop."""
    Web(listener).run()


def run_worker() -> int:
    """Do Celery's tasks until told to stop; no chatter between workers, so that idling costs nothing."""
    keep_our_logging()
    parent = os.getpid()
    signals.worker_process_init.connect(lambda **_kwargs: watch_parent(parent), weak=False)
    worker = app.Worker(
        hostname=f"worker@{socket.gethostname()}",
        concurrency=WORKER_PROCESSES,
        queues=QUEUES,
        loglevel="INFO",
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        quiet=True,
    )
    worker.start()
    return int(worker.exitcode or 0)


def run_beat() -> None:
    """Send the sweeps when they are due."""
    keep_our_logging()
    app.Beat(schedule=settings.CELERY_BEAT_SCHEDULE_FILENAME, loglevel="INFO", quiet=True).run()


def keep_our_logging() -> None:
    """Celery logs as the settings say; the comings and goings of every task are left out."""
    signals.setup_logging.connect(lambda **_kwargs: None, weak=False)
    for name in ("celery.app.trace", "celery.worker.strategy", "celery.worker.request", "celery.beat"):
        logging.getLogger(name).setLevel(logging.WARNING)
    warnings.simplefilter("ignore", SecurityWarning)  # in a container everything runs as root
