"""One readable stream of lines: `worker | …`, coloured where somebody looks."""

from __future__ import annotations

import os
import sys
from typing import TextIO

COLOURS = {"web": "32", "worker": "36", "beat": "35", "serve": "1"}
WIDTH = max(len(name) for name in COLOURS)


class Output:
    """Writes whole lines, each with the name of who said it."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stdout
        self.coloured = self.stream.isatty() and "NO_COLOR" not in os.environ
        self._parts: dict[str, bytes] = {}

    def feed(self, name: str, data: bytes) -> None:
        """Bytes that `name` wrote; whole lines are shown, the rest waits."""
        *lines, rest = (self._parts.pop(name, b"") + data).split(b"\n")
        if rest:
            self._parts[name] = rest
        for line in lines:
            self.say(line.decode("utf-8", "replace").rstrip("\r"), name=name)

    def finish(self, name: str) -> None:
        """`name` will write no more: show what it began."""
        rest = self._parts.pop(name, b"")
        if rest:
            self.say(rest.decode("utf-8", "replace"), name=name)

    def say(self, text: str, *, name: str = "serve") -> None:
        """One line from `name`."""
        label = f"{name:<{WIDTH}} |"
        if self.coloured:
            label = f"\x1b[{COLOURS.get(name, '0')}m{label}\x1b[0m"
        try:
            self.stream.write(f"{label} {text}\n")
            self.stream.flush()
        except (BrokenPipeError, ValueError):
            pass  # nobody reads any more; serving goes on
