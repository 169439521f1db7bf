"""Start, watch, restart and stop the children: one thread, one loop, nothing polled."""

from __future__ import annotations

import os
import selectors
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO, Any

from lms.serve import leftovers
from lms.serve.children import die_with_parent
from lms.serve.output import Output

STOP_SECONDS = 3.0  # then they are killed: all must be gone within five seconds
FIRST_DELAY = 0.5
LONGEST_DELAY = 30.0
HEALTHY_SECONDS = 60.0
PROBE_SECONDS = 0.2
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD)


@dataclass
class Child:
    """One supervised process: what it runs, and how it is doing."""

    name: str
    run: Callable[[], int | None]
    keeps: tuple[int, ...] = ()
    pid: int = 0
    pipe: int = -1
    started: float = 0.0
    restart_at: float | None = None
    delay: float = FIRST_DELAY

    def next_delay(self, *, now: float) -> float:
        """Seconds until it is started again: doubled when it dies young, short again after a healthy run."""
        if now - self.started >= HEALTHY_SECONDS:
            self.delay = FIRST_DELAY
        delay = self.delay
        self.delay = min(self.delay * 2, LONGEST_DELAY)
        return delay


@dataclass
class Supervisor:
    """Keeps `children` running until a signal comes.

    The first must answer HTTP on `listener` before the others are started: people wait for pages, not for
    sweeps.
    """

    children: list[Child]
    listener: socket.socket
    lock: IO[Any]
    pid_file: Path
    on_ready: Callable[[], None]
    output: Output = field(default_factory=Output)

    def __post_init__(self) -> None:
        self.selector = selectors.DefaultSelector()
        self.probe: socket.socket | None = None
        self.probe_at: float | None = None
        self.stop_at: float | None = None
        self.asked = 0

    def serve(self) -> None:
        """Run until SIGINT, SIGTERM or SIGHUP, then stop everything within STOP_SECONDS and a little."""
        self.wake_reader, self.wake_writer = os.pipe()
        for descriptor in (self.wake_reader, self.wake_writer):
            os.set_blocking(descriptor, False)
        signal.set_wakeup_fd(self.wake_writer, warn_on_full_buffer=False)
        for number in SIGNALS:
            signal.signal(number, self._on_signal)
        self.selector.register(self.wake_reader, selectors.EVENT_READ, "wake")
        self._start(self.children[0])
        self.probe_at = time.monotonic() + PROBE_SECONDS
        while self.stop_at is None or any(child.pid for child in self.children):
            self._turn()
        self._drain()
        self.pid_file.unlink(missing_ok=True)
        self.output.say("Đã dừng hết / all stopped.")

    # The loop ---------------------------------------------------------------------------------------------

    def _turn(self) -> None:
        """Wait for something to happen, and deal with it."""
        ready = self.selector.select(self._seconds_to_wait())
        while self.asked:
            self.asked -= 1
            self._stop()
        for key, _events in ready:
            if key.data == "wake":
                self._read(self.wake_reader)
            elif key.data == "probe":
                self._finish_probe(serving=self.stop_at is None)
            else:
                self._read_output(key.data)
        self._reap()
        now = time.monotonic()
        if self.stop_at is not None:
            if now >= self.stop_at:
                self._kill_all()
            return
        for child in self.children:
            if child.restart_at is not None and now >= child.restart_at:
                self._start(child)
        if self.probe_at is not None and now >= self.probe_at:
            self._begin_probe()

    def _seconds_to_wait(self) -> float | None:
        moments = [self.stop_at] if self.stop_at is not None else [self.probe_at]
        if self.stop_at is None:
            moments += [child.restart_at for child in self.children]
        due = [moment for moment in moments if moment is not None]
        return max(0.0, min(due) - time.monotonic()) if due else None

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        """Only noted here; the wake-up pipe turns the loop, which acts on it."""
        if number != signal.SIGCHLD:
            self.asked += 1

    def _stop(self) -> None:
        """Tell everybody to finish; asked again: at once."""
        if self.stop_at is not None:
            self.stop_at = time.monotonic()
            return
        self.stop_at = time.monotonic() + STOP_SECONDS
        self.output.say("Đang dừng web, worker, beat… / stopping web, worker, beat…")
        for child in self.children:
            child.restart_at = None
            if child.pid:
                os.kill(child.pid, signal.SIGTERM)

    # Starting ---------------------------------------------------------------------------------------------

    def _start(self, child: Child) -> None:
        """Fork `child` into a process group of its own."""
        reader, writer = os.pipe()
        parent = os.getpid()
        child.restart_at = None
        sys.stdout.flush()
        sys.stderr.flush()
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        pid = os.fork()
        if pid == 0:
            self._become(child, parent=parent, writer=writer, reader=reader, mask=blocked)
        os.close(writer)
        try:
            os.setpgid(pid, pid)  # the child does it too: whoever comes first
        except (PermissionError, ProcessLookupError):
            pass
        child.pid, child.pipe, child.started = pid, reader, time.monotonic()
        os.set_blocking(reader, False)
        self.selector.register(reader, selectors.EVENT_READ, child)
        leftovers.remember(self.pid_file, {one.name: one.pid for one in self.children if one.pid})
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)

    def _become(self, child: Child, *, parent: int, writer: int, reader: int, mask: set[int | signal.Signals]) -> None:
        """In the forked process: leave everything of the supervisor behind and run; never returns."""
        code = 1
        try:
            os.setpgid(0, 0)
            signal.set_wakeup_fd(-1)
            for number in SIGNALS:
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            die_with_parent(parent)
            with open(os.devnull) as nothing:
                os.dup2(nothing.fileno(), 0)
            os.dup2(writer, 1)
            os.dup2(writer, 2)
            self._close_inherited(child, writer, reader)
            for stream in (sys.stdout, sys.stderr):
                stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]
            code = child.run() or 0
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
        except BaseException:  # noqa: BLE001  the child's own end, whatever it was, is for its log
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def _close_inherited(self, child: Child, *more: int) -> None:
        self.selector.close()
        self.lock.close()
        others = {self.listener.fileno(), self.wake_reader, self.wake_writer, *more}
        others |= {other.pipe for other in self.children if other.pid}
        if self.probe is not None:
            others.add(self.probe.fileno())
        for descriptor in others - set(child.keeps):
            os.close(descriptor)

    # Readiness --------------------------------------------------------------------------------------------

    def _begin_probe(self) -> None:
        """Ask whether pages are served; the answer comes back through the loop."""
        self.probe_at = None
        try:
            self.probe = socket.create_connection(self.listener.getsockname()[:2], timeout=1)
            self.probe.sendall(b"GET /health/?live HTTP/1.0\r\nHost: localhost\r\n\r\n")
        except OSError:
            self._drop_probe()
            return
        self.probe.setblocking(False)
        self.selector.register(self.probe, selectors.EVENT_READ, "probe")

    def _finish_probe(self, *, serving: bool) -> None:
        """Any answer that is not a failure of the server means that pages can be read: start the others."""
        assert self.probe is not None
        try:
            status = self.probe.recv(64).split(b" ")
        except OSError:
            status = []
        answered = len(status) > 1 and status[0].startswith(b"HTTP/") and status[1] not in (b"500", b"502")
        self.selector.unregister(self.probe)
        if not answered:
            self._drop_probe()
            return
        self.probe.close()
        self.probe = None
        if not serving:
            return
        self.on_ready()
        for child in self.children[1:]:
            self._start(child)

    def _drop_probe(self) -> None:
        if self.probe is not None:
            self.probe.close()
            self.probe = None
        self.probe_at = time.monotonic() + PROBE_SECONDS

    # Reading and ending -----------------------------------------------------------------------------------

    @staticmethod
    def _read(descriptor: int) -> bytes:
        try:
            return os.read(descriptor, 65536)
        except (BlockingIOError, InterruptedError):
            return b""

    def _read_output(self, child: Child) -> None:
        data = self._read(child.pipe)
        if data:
            self.output.feed(child.name, data)
        else:
            self._close_pipe(child)

    def _close_pipe(self, child: Child) -> None:
        if child.pipe >= 0:
            self.selector.unregister(child.pipe)
            os.close(child.pipe)
            child.pipe = -1
            self.output.finish(child.name)

    def _reap(self) -> None:
        """Notice children that ended: clear what is left of their groups, and plan the restart."""
        for child in self.children:
            if not child.pid:
                continue
            pid, status = os.waitpid(child.pid, os.WNOHANG)
            if not pid:
                continue
            self._kill_group(pid)
            self._read_rest(child)
            child.pid = 0
            if self.stop_at is None:
                self._plan_restart(child, status)

    def _plan_restart(self, child: Child, status: int) -> None:
        now = time.monotonic()
        delay = child.next_delay(now=now)
        child.restart_at = now + delay
        code = os.waitstatus_to_exitcode(status)
        how = signal.Signals(-code).name if code < 0 else f"mã/code {code}"
        shown = f"{delay:g}"
        self.output.say(
            f"{child.name} đã dừng ({how}), chạy lại sau {shown.replace('.', ',')} s"
            f" / {child.name} died ({how}), restarting in {shown} s"
        )

    def _read_rest(self, child: Child) -> None:
        if child.pipe >= 0:
            while data := self._read(child.pipe):
                self.output.feed(child.name, data)
            self._close_pipe(child)

    def _kill_all(self) -> None:
        for child in self.children:
            if child.pid:
                self._kill_group(child.pid)
        self.stop_at = time.monotonic() + 0.5

    @staticmethod
    def _kill_group(pid: int) -> None:
        try:
            os.killpg(pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass

    def _drain(self) -> None:
        for child in self.children:
            self._close_pipe(child)
        self.selector.close()
        signal.set_wakeup_fd(-1)
