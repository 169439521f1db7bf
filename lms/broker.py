"""The embedded message broker: kombu's filesystem transport with whole messages only.

Kombu's own channel writes messages and exchange tables in place, so a reader can take a half-written file and
crash. Here each file is written under another name and renamed: a reader sees all of it or nothing. Deleting the
folder while everything runs loses the messages in it and nothing else. What is lost with a killed worker or a
deleted folder is found again by the sweeps (docs/adr/0001-embedded-broker.md).
"""

from __future__ import annotations

import fcntl
import os
import shutil
import uuid
from pathlib import Path
from queue import Empty
from time import time_ns
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.encoding import bytes_to_str, str_to_bytes
from kombu.utils.json import dumps, loads

SCHEME = "embedded"
LONGEST_WAIT = 0.5  # seconds


def write_atomically(path: Path, data: bytes) -> None:
    """Write `data` so that a reader of `path` sees all of it or nothing."""
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")
    try:
        part.write_bytes(data)
    except FileNotFoundError:  # the folder was deleted under us
        part.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(data)
    os.replace(part, path)


class Channel(filesystem.Channel):
    """One folder a queue; a message is one file, and taking it is one rename."""

    def _folder(self, queue: str) -> Path:
        folder = Path(self.data_folder_in) / queue.replace("/", "_")
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _put(self, queue: str, payload: dict[str, Any], **kwargs: Any) -> None:  # type: ignore[override]
        name = f"{time_ns():020d}_{uuid.uuid4().hex}.msg"
        write_atomically(self._folder(queue) / name, str_to_bytes(dumps(payload)))

    def _get(self, queue: str, timeout: float | None = None) -> dict[str, Any]:
        folder = self._folder(queue)
        for name in self._waiting(folder):
            taken = folder / f".{name}.taken"
            try:
                os.rename(folder / name, taken)
            except FileNotFoundError:
                continue  # another worker was quicker
            payload = taken.read_bytes()
            taken.unlink(missing_ok=True)
            message: dict[str, Any] = loads(bytes_to_str(payload))
            return message
        raise Empty()

    @staticmethod
    def _waiting(folder: Path) -> list[str]:
        try:
            return sorted(name for name in os.listdir(folder) if name.endswith(".msg"))
        except FileNotFoundError:
            return []

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        table = self._exchange_file(exchange)
        table.parent.mkdir(parents=True, exist_ok=True)
        with (table.parent / ".lock").open("w") as guard:
            fcntl.flock(guard, fcntl.LOCK_EX)
            queues = self.get_table(exchange)
            bound = filesystem.exchange_queue_t(routing_key or "", pattern or "", queue or "")
            if bound not in queues:
                write_atomically(table, str_to_bytes(dumps([bound, *queues])))

    def _lookup(self, exchange: str, routing_key: str, default: str | None = None) -> list[str]:
        """Queues for a message; ours are named as their routing key, which also holds when the tables are gone."""
        queues: list[str] = super()._lookup(exchange, routing_key, default)
        return queues or [routing_key]

    def _delete(self, queue: str, exchange: str, routing_key: str, pattern: str, *args: Any, **kwargs: Any) -> None:
        super()._delete(queue, exchange, routing_key, pattern, *args, **kwargs)
        shutil.rmtree(self._folder(queue), ignore_errors=True)

    def _purge(self, queue: str) -> int:
        count = 0
        folder = self._folder(queue)
        for name in self._waiting(folder):
            (folder / name).unlink(missing_ok=True)
            count += 1
        return count

    def _size(self, queue: str) -> int:
        return len(self._waiting(self._folder(queue)))


class Transport(filesystem.Transport):
    """`embedded://`: the folders are given in the transport options."""

    Channel = Channel
    default_connection_params: dict[str, Any] = {}

    def drain_events(self, connection: Any, timeout: float | None = None) -> None:  # type: ignore[override]
        """Wait at most half a second for a message, so that a worker told to stop notices it soon."""
        super().drain_events(connection, timeout=min(timeout or LONGEST_WAIT, LONGEST_WAIT))


TRANSPORT_ALIASES[SCHEME] = "lms.broker:Transport"


def transport_options(folder: Path) -> dict[str, Any]:
    """Kombu's transport options for messages kept in `folder`; polls ten times a second."""
    return {
        "data_folder_in": str(folder / "queues"),
        "data_folder_out": str(folder / "queues"),
        "control_folder": str(folder / "control"),
        "polling_interval": 0.1,
    }
