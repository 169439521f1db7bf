"""What all tests share."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import storages
from django.db import connections
from django.test import TransactionTestCase
from django.utils import translation
from hypothesis import settings
from wagtail.models import Collection, Locale, Page, Site

from common.migrations_triggers import OFF_TABLE

settings.register_profile("deep", settings())  # property tests that look for it try far more cases

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)  # 09:00 in Tây Ninh


def _lift_triggers(lift: bool) -> None:
    for connection in connections.all():
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute(
                    f"CREATE TABLE IF NOT EXISTS {OFF_TABLE} (x)" if lift else f"DROP TABLE IF EXISTS {OFF_TABLE}"
                )


def _plant_roots() -> None:
    """What Wagtail's migrations leave, and emptying the tables takes: a test finds the same whatever ran before it."""
    if Page.objects.exists():
        return
    Locale.objects.get_or_create(language_code="vi")
    home = Page.add_root(title="Root", slug="root").add_child(title="Welcome", slug="home")
    Site.objects.create(hostname="localhost", root_page=home, is_default_site=True)
    Collection.add_root(name="Root")


@pytest.fixture(scope="session", autouse=True)
def _empty_append_only_tables_between_tests() -> Iterator[None]:
    """SQLite is emptied by DELETE, which the append-only triggers refuse: lift them for that moment only."""
    original: Any = TransactionTestCase._fixture_teardown

    def teardown(self: TransactionTestCase) -> None:
        _lift_triggers(True)
        try:
            original(self)
        finally:
            _lift_triggers(False)
        _plant_roots()

    TransactionTestCase._fixture_teardown = teardown
    yield
    TransactionTestCase._fixture_teardown = original


@pytest.fixture
def now() -> datetime:
    """The moment at which tests happen unless they say otherwise."""
    return NOW


@pytest.fixture(autouse=True)
def _vietnamese_to_begin_with() -> Iterator[None]:
    """A page in English leaves its language behind in the thread: no test begins with another's."""
    with translation.override("vi"):
        yield


@pytest.fixture(autouse=True)
def _files_in_their_own_folder(tmp_path: Path) -> None:
    """No test sees another's files: the storages that models hold are pointed at this test's folder."""
    for name in ("default", "private"):
        storage: Any = storages[name]
        for cached in ("base_location", "location"):
            storage.__dict__.pop(cached, None)
        storage._location = tmp_path / "files" / name
