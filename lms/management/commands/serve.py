"""`manage.py serve`: web, worker and beat until Ctrl-C."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from lms.serve import checks, children, leftovers
from lms.serve.exceptions import CannotServe
from lms.serve.output import Output
from lms.serve.supervisor import Child, Supervisor


class Command(BaseCommand):
    """Serve the platform of VAR_DIR on PORT."""

    help = "Serve web, worker and beat until Ctrl-C. PORT and VAR_DIR choose the port and the data folder."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Check first, then serve; exit code 2 with one line when something is in the way."""
        try:
            supervisor = self.prepare()
        except CannotServe as refusal:
            self.stderr.write(str(refusal), style_func=str)
            raise SystemExit(2) from refusal
        supervisor.serve()

    def prepare(self) -> Supervisor:
        """A supervisor ready to start; everything that can refuse has been asked. Raises CannotServe."""
        port = checks.read_port(str(settings.PORT))
        host = os.environ.get("BIND", "").strip() or "127.0.0.1"
        folder = Path(settings.VAR_DIR)
        pid_file = folder / "run" / "serve.json"
        checks.check_folder(folder)
        checks.check_broker()
        checks.check_database()
        checks.check_secret()
        checks.check_addresses()
        lock = checks.take_lock(pid_file.parent)
        output = Output()
        for name in leftovers.end_leftovers(pid_file):
            output.say(f"Đã dọn {name} còn sót của lần chạy trước / ended {name} left by an earlier run")
        listener = checks.open_port(host, port)
        for needed in (Path(settings.CELERY_BEAT_SCHEDULE_FILENAME).parent, Path(settings.STATIC_ROOT)):
            needed.mkdir(parents=True, exist_ok=True)
        address = f"http://{'localhost' if host in ('0.0.0.0', '::') else host}:{port}/"  # noqa: S104
        return Supervisor(
            children=[
                Child("web", lambda: children.run_web(listener), keeps=(listener.fileno(),)),
                Child("worker", children.run_worker),
                Child("beat", children.run_beat),
            ],
            listener=listener,
            lock=lock,
            pid_file=pid_file,
            output=output,
            on_ready=lambda: output.say(f"Học Số sẵn sàng / ready: {address} (health: {address}health/)"),
        )
