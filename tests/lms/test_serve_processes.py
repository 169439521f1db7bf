"""`manage.py serve` with its real processes: started, killed, stopped."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection

from lms.serve.children import watch_parent
from lms.serve.leftovers import start_time
from tests.lms.served import PATIENCE, Served, group_members, wait_until

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are read from /proc"),
]


def address_of(database: dict[str, Any]) -> str:
    """The DATABASE_URL of Django's settings of a server's database."""
    user, password = (quote(str(database[key]), safe="") for key in ("USER", "PASSWORD"))
    return f"postgres://{user}:{password}@{database['HOST']}:{database['PORT']}/{database['NAME']}"


@pytest.fixture
def served(tmp_path: Path, transactional_db: None) -> Iterator[Served]:
    """A serve that has not been started, on the engines of this run; whatever it left is ended.

    On SQLite it gets a copy of the tests' migrated database, on a server that database itself.
    """
    folder = tmp_path / "var"
    folder.mkdir()
    (folder / "secret.key").write_text("of-this-test-" * 5)
    environment = {"BROKER_URL": settings.BROKER_URL}
    if connection.vendor == "sqlite":
        source = sqlite3.connect(str(connection.settings_dict["NAME"]))
        target = sqlite3.connect(folder / "hocso.sqlite3")
        source.backup(target)
        source.close()
        target.close()
    else:
        environment["DATABASE_URL"] = address_of(connection.settings_dict)
    one = Served(folder, environment)
    yield one
    if one.process is not None and one.process.poll() is None:
        one.process.kill()
        one.process.wait()
    one.children()
    for pid in one.orphans():
        os.kill(pid, signal.SIGKILL)


def is_healthy(served: Served) -> bool:
    """Whether the health page answers 200."""
    return served.health()[0] == 200


def test_serves_until_told_to_stop_and_leaves_no_process_behind(served: Served) -> None:
    served.start()
    wait_until(lambda: is_healthy(served), "health")
    assert set(served.health()[1]["checks"]) == {"database", "broker", "worker", "beat", "pipeline"}
    for name in ("web", "worker", "beat"):
        assert served.children()[name] in group_members(served.children()[name])

    seconds = served.stop(signal.SIGINT)

    assert seconds < 10  # five on a machine that has the time; other tests run beside this one
    assert served.process is not None
    assert served.process.returncode == 0
    assert served.orphans() == []
    assert "web    |" in served.log or "worker |" in served.log


def test_restarts_a_killed_child_and_says_so(served: Served) -> None:
    served.start()
    before = served.children()
    for pid in before.values():
        os.kill(pid, signal.SIGKILL)

    def all_new() -> bool:
        now = served.children()
        return len(now) == 3 and not set(now.values()) & set(before.values())

    wait_until(all_new, "new children")
    wait_until(lambda: is_healthy(served), "health after the restart")
    for name in ("web", "worker", "beat"):
        assert f"{name} died (SIGKILL), restarting in 0.5 s" in served.log
    served.stop()
    assert served.orphans() == []


def test_leaves_no_process_when_the_supervisor_itself_is_killed(served: Served) -> None:
    served.start()
    wait_until(lambda: is_healthy(served), "health")
    served.stop(signal.SIGKILL)
    wait_until(lambda: not served.orphans(), "no orphans")

    served.start()  # the lock and the port are free again
    served.stop()
    assert served.orphans() == []


def test_refuses_a_second_serve_on_the_same_folder(served: Served) -> None:
    served.start()
    second = Served(served.folder, served.environment).refused()
    assert second.returncode == 2
    assert len(second.stderr.strip().splitlines()) == 1
    assert "đang được phục vụ" in second.stderr
    assert "is being served already" in second.stderr
    assert is_healthy(served) or served.health()[0] == 503  # the first is undisturbed


def test_a_port_in_use_is_refused_in_one_line_and_nothing_is_started(served: Served) -> None:
    other = Served(served.folder.parent / "other", served.environment, port=served.port)
    shutil.copytree(served.folder, other.folder)
    served.start()
    refusal = other.refused()
    assert refusal.returncode == 2
    assert len(refusal.stderr.strip().splitlines()) == 1
    assert f"port {served.port} is in use" in refusal.stderr
    assert f"PORT={served.port + 1}" in refusal.stderr
    assert not (other.folder / "run" / "serve.json").exists()


def test_a_start_time_tells_a_process_from_a_later_one_of_the_same_number() -> None:
    own = start_time(os.getpid())
    assert own is not None
    assert own == start_time(os.getpid())
    assert start_time(2**22 + 1) is None


def test_a_pool_process_forked_in_its_parents_last_moment_ends_too() -> None:
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        watch_parent(parent=os.getpid())  # certainly not its parent
        time.sleep(PATIENCE)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as held:
        assert held.read() == ""
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 1
