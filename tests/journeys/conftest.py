"""A platform served on the tests' own database, so that a test arranges and asserts with the ORM."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.core.files.storage import storages
from django.db import connection

from tests.journeys.sitting_page import chromium_path
from tests.lms.served import Served


def database_url() -> str:
    """The DATABASE_URL of the database that this test process uses."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{database['NAME']}"
    user, password = (quote(str(database[key]), safe="") for key in ("USER", "PASSWORD"))
    return f"postgres://{user}:{password}@{database['HOST']}:{database['PORT']}/{database['NAME']}"


@pytest.fixture
def platform(tmp_path: Path, transactional_db: None) -> Iterator[Served]:
    """A serve that has not been started: the tests' database, secret and broker, its files where the test looks."""
    folder = tmp_path / "var"
    folder.mkdir()
    for name in ("default", "private"):
        storage = storages[name]
        for cached in ("base_location", "location"):
            storage.__dict__.pop(cached, None)
        storage._location = folder / "files" / ("public" if name == "default" else name)  # type: ignore[attr-defined]
    one = Served(
        folder,
        {
            "DATABASE_URL": database_url(),
            "BROKER_URL": settings.BROKER_URL,
            "SECRET_KEY": settings.SECRET_KEY,
            "SWEEP_SECONDS": "1",
        },
    )
    yield one
    if one.process is not None and one.process.poll() is None:
        one.stop()
    for pid in one.orphans():
        os.kill(pid, signal.SIGKILL)


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Playwright; its event loop is not ours, and the ORM is used beside it."""
    chromium_path()
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        yield driver
