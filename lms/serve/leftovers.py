"""Which processes belong to a supervisor, kept in a file: the next one can end what a killed one left."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path


def start_time(pid: int) -> int | None:
    """When the process began, in clock ticks since boot; None when there is none (or no /proc to ask)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    # The name may hold spaces and brackets; the fields after the last bracket are plain.
    return int(stat.rpartition(")")[2].split()[19])


def remember(path: Path, pids: dict[str, int]) -> None:
    """Write which children (name to process id) run now."""
    rows = [{"name": name, "pid": pid, "start_time": start_time(pid)} for name, pid in pids.items()]
    part = path.with_suffix(".part")
    part.write_text(json.dumps({"pid": os.getpid(), "children": rows}, indent=1) + "\n")
    part.replace(path)


def end_leftovers(path: Path) -> list[str]:
    """Kill the groups of the children that `path` names if they still are those processes; their names."""
    try:
        rows = json.loads(path.read_text())["children"]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    ended = []
    for row in rows:
        began = start_time(row["pid"])
        if began is None or began != row["start_time"]:
            continue  # ended, or the number now belongs to somebody else
        try:
            os.killpg(row["pid"], signal.SIGKILL)
            ended.append(str(row["name"]))
        except (ProcessLookupError, PermissionError):
            continue
    return ended
