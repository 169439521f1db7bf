"""How long somebody else keeps SQLite's one write lock, seen from outside."""

from __future__ import annotations

import sqlite3
import threading
import time
from pathlib import Path
from types import TracebackType

PAUSE = 0.01


class WriteLockWatch:
    """While it runs, asks for the write lock again and again; `longest` is the longest time in which it got none."""

    def __init__(self, database: Path) -> None:
        self.database, self.longest = database, 0.0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._ask, daemon=True)

    def __enter__(self) -> WriteLockWatch:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _ask(self) -> None:
        connection = sqlite3.connect(self.database, timeout=0, isolation_level=None)
        refused_since: float | None = None
        while not self._ended.is_set():
            try:
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("ROLLBACK")
                refused_since = None
            except sqlite3.OperationalError:
                refused_since = refused_since or time.monotonic()
                self.longest = max(self.longest, time.monotonic() - refused_since)
            self._ended.wait(PAUSE)
        connection.close()
