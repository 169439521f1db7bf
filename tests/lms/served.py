"""A real `manage.py serve` for tests: its processes, its answers, its end."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def wait_until(holds: Callable[[], Any], what: str, *, seconds: float = PATIENCE, pause: float = 0.05) -> Any:
    """The first true answer of `holds`, asked every `pause` seconds; AssertionError naming `what` when out of time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if answer := holds():
            return answer
        time.sleep(pause)
    raise AssertionError(f"not within {seconds} s: {what}")


def group_members(group: int) -> list[int]:
    """Living processes of a process group, read from /proc; zombies are dead."""
    members = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[2]) == group and fields[0] != "Z":
                members.append(int(entry.name))
    return members


@dataclass
class Served:
    """`manage.py serve` as a child process on a data folder and a port of its own."""

    folder: Path
    environment: dict[str, str]
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    groups: set[int] = field(default_factory=set)

    @property
    def log_file(self) -> Path:
        """Where its output goes."""
        return self.folder.parent / f"serve-{self.port}.log"

    @property
    def log(self) -> str:
        """What it has said so far."""
        return self.log_file.read_text("utf-8", "replace") if self.log_file.exists() else ""

    def command(self) -> tuple[list[str], dict[str, str]]:
        """The command line and its environment."""
        environment = {
            **os.environ,
            "VAR_DIR": str(self.folder),
            "PORT": str(self.port),
            "DJANGO_SETTINGS_MODULE": "lms.settings.local",
            "SWEEP_SECONDS": "2",
            **self.environment,
        }
        return [sys.executable, str(ROOT / "manage.py"), "serve"], environment

    def refused(self) -> subprocess.CompletedProcess[str]:
        """Start where starting must be refused; how it ended."""
        words, environment = self.command()
        return subprocess.run(
            words, env=environment, cwd=self.folder.parent, capture_output=True, text=True, timeout=PATIENCE
        )

    def start(self) -> Served:
        """Start, and wait for the line that says so."""
        words, environment = self.command()
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                words, env=environment, cwd=self.folder.parent, stdout=log, stderr=subprocess.STDOUT
            )
        wait_until(lambda: "sẵn sàng / ready" in self.log or self._ended(), "the ready line")
        assert not self._ended(), self.log
        wait_until(lambda: len(self.children()) == 3, "three children")
        return self

    def _ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def children(self) -> dict[str, int]:
        """Process id by name, as the supervisor wrote them down."""
        try:
            rows = json.loads((self.folder / "run" / "serve.json").read_text())["children"]
        except (OSError, ValueError):
            return {}
        pids = {row["name"]: row["pid"] for row in rows}
        self.groups |= set(pids.values())
        return pids

    def orphans(self) -> list[int]:
        """Processes that live on in any group that a child ever had."""
        return [pid for group in self.groups for pid in group_members(group)]

    def health(self) -> tuple[int, dict[str, Any]]:
        """Status and content of the health page; (0, {}) when nobody answers."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            link.request("GET", "/health/", headers={"Accept": "application/json"})
            answer = link.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError):
            return 0, {}
        finally:
            link.close()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> float:
        """Send a signal and wait for the end; seconds it took."""
        assert self.process is not None
        self.children()
        begun = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(timeout=PATIENCE)
        return time.monotonic() - begun
