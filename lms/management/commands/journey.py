"""`manage.py journey`: set the platform up, serve it, play the main job, say what was made."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import DatabaseError
from django.utils import timezone

from lms.demo.people import PASSWORD, PEOPLE, DemoRefused, ensure_demo_people, require_demo
from lms.demo.visitor import StepFailed
from lms.serve import checks
from lms.serve.children import die_with_parent
from lms.serve.exceptions import CannotServe

READY_SECONDS = 60


class Command(BaseCommand):
    """Exit 0 only when every step really happened, 1 when one did not, 2 when nothing could be begun."""

    help = "Set the platform up with real content and play the whole journey over HTTP. May be repeated."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.started = time.monotonic()
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # what was started is stopped, as by Ctrl-C
        try:
            port = self._check()
            with checks.take_lock(Path(settings.VAR_DIR) / "run", "journey"):
                checks.take_lock(Path(settings.VAR_DIR) / "run").close()
                self._set_up()
                self._play(port)
        except (CannotServe, DemoRefused) as refusal:
            self.stderr.write(str(refusal), style_func=str)
            raise SystemExit(2) from refusal

    def _check(self) -> int:
        """The port; everything that can refuse has been asked, and nothing was touched."""
        require_demo()
        port = checks.read_port(str(settings.PORT))
        checks.check_folder(Path(settings.VAR_DIR))
        checks.check_broker()
        checks.check_before_migrating()
        checks.open_port("127.0.0.1", port).close()
        return port

    def _set_up(self) -> None:
        from lms.demo.content import load_content

        self.say("Tạo cơ sở dữ liệu / making the database")
        try:
            call_command("migrate", interactive=False, verbosity=0)
        except DatabaseError as error:
            raise checks.unreachable(error) from error
        self.say("Nạp nội dung / loading the content")
        load_content(at=timezone.now(), say=self.say)
        ensure_demo_people(at=timezone.now())

    def _play(self, port: int) -> None:
        from lms.demo.journey import Journey

        base = f"http://127.0.0.1:{port}"
        folder = Path(settings.VAR_DIR) / "journey"
        folder.mkdir(parents=True, exist_ok=True)
        self.say("Khởi động web, worker, beat / starting web, worker, beat")
        with (folder / "serve.log").open("wb") as log:
            server = subprocess.Popen(
                [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), "serve"],
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=partial(die_with_parent, os.getpid()),
                env={**os.environ, "SWEEP_SECONDS": os.environ.get("SWEEP_SECONDS", "2")},
            )
        try:
            self._wait_until_ready(base, server, folder / "serve.log")
            report = Journey(base=base, folder=folder, say=self.say).play()
        except StepFailed as problem:
            self.stderr.write(f"Bước không thành / a step failed: {problem}", style_func=str)
            self.stderr.write(f"Xem / see: {folder / 'serve.log'}", style_func=str)
            raise SystemExit(1) from problem
        finally:
            server.send_signal(signal.SIGTERM)
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()
        self._print_table(report, folder, base)

    def _wait_until_ready(self, base: str, server: subprocess.Popen[bytes], log: Path) -> None:
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until:
            if server.poll() is not None:
                raise StepFailed(log.read_text(encoding="utf-8", errors="replace")[-1000:])
            try:
                with urllib.request.urlopen(f"{base}/health/", timeout=5):  # noqa: S310  our own server
                    return
            except urllib.error.HTTPError:
                pass  # it answers; the worker is not up yet
            except OSError:
                pass
            time.sleep(0.2)
        raise StepFailed(f"the platform was not ready within {READY_SECONDS} s")

    def _print_table(self, report: dict[str, Any], folder: Path, base: str) -> None:
        write = self.stdout.write
        write("")
        write(f"Hành trình đã xong / the journey is done: {folder / 'report.json'}")
        for label, path in [
            ("Chứng chỉ / certificate", report["certificate"]["pdf"]),
            ("Ảnh / picture", report["certificate"]["image"]),
            ("Báo cáo / records", report["records"]["xlsx"]),
            ("Kiểm tra / verify", report["certificate"]["verify_url"]),
        ]:
            write(f"  {label:24} {path}")
        write("")
        write(f"{'Vai trò / role':30} {'Đăng nhập / login':28} {'Trang / page'}")
        rows = [(row.role or "citizen", row.email, row.page) for row in PEOPLE]
        for role, login, page in [
            *rows,
            ("civil servant", "CC0001", "/hoc/"),
            ("anybody", "–", "/kiem-tra/"),
        ]:
            write(f"{role:30} {login:28} {base}{page}")
        write(f"Mật khẩu của mọi người minh hoạ / everybody's password: {PASSWORD}")

    def say(self, text: str) -> None:
        """A line of progress with the seconds since the start."""
        self.stdout.write(f"[{time.monotonic() - self.started:5.1f} s] {text}")
        self.stdout.flush()
