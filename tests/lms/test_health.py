"""The health page: 200 when everything lives, 503 and why when something does not."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from common import due_work
from lms.heartbeat import LATEST, PIPELINE, beat_heart, heartbeat_age
from lms.tasks import heartbeat

pytestmark = pytest.mark.django_db
JSON = {"HTTP_ACCEPT": "application/json"}


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, settings) -> None:
    """Signs of life of this test only."""
    settings.VAR_DIR = tmp_path


@pytest.fixture
def all_alive() -> None:
    """Worker, beat and the way through them gave a sign just now."""
    for name in LATEST:
        beat_heart(name)


def age(name: str, seconds: float) -> None:
    """Make the last sign of life of `name` that old."""
    path = Path(settings.VAR_DIR) / "run" / f"{name}.alive"
    moment = time.time() - seconds
    os.utime(path, (moment, moment))


@pytest.mark.usefixtures("all_alive")
def test_everything_alive_is_200(client: Client) -> None:
    answer = client.get("/health/", **JSON)
    assert answer.status_code == 200
    content = answer.json()
    assert content["status"] == "ok"
    assert all(check["ok"] for check in content["checks"].values())
    assert "no-cache" in answer["Cache-Control"]


def test_never_a_sign_of_life_is_503_and_says_whose(client: Client) -> None:
    beat_heart("beat")
    answer = client.get("/health/", **JSON)
    assert answer.status_code == 503
    checks = answer.json()["checks"]
    assert checks["beat"]["ok"]
    assert not checks["worker"]["ok"]
    assert checks["worker"]["age_seconds"] is None


@pytest.mark.usefixtures("all_alive")
@pytest.mark.parametrize("name", list(LATEST))
def test_a_sign_of_life_holds_until_its_time_is_over(client: Client, name: str) -> None:
    age(name, LATEST[name] - 2)
    assert client.get("/health/", **JSON).status_code == 200
    age(name, LATEST[name] + 2)
    answer = client.get("/health/", **JSON)
    assert answer.status_code == 503
    assert not answer.json()["checks"][name]["ok"]


@pytest.mark.usefixtures("all_alive")
def test_people_get_a_page(client: Client) -> None:
    answer = client.get("/health/", HTTP_ACCEPT="text/html,*/*")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/html")
    assert "<h1>" in answer.content.decode()


def test_live_asks_only_whether_pages_are_served(client: Client, django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        assert client.get("/health/?live").status_code == 204


@pytest.mark.usefixtures("all_alive")
def test_work_that_waits_is_counted_by_name(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(due_work, "_counts", {})
    due_work.register_due_work("sittings to grade", lambda: 3)
    due_work.register_due_work("certificates to render", lambda: 0)
    assert client.get("/health/", **JSON).json()["due"] == {
        "certificates to render": 0,
        "sittings to grade": 3,
    }


def test_the_heartbeat_task_marks_the_whole_way() -> None:
    assert heartbeat_age(PIPELINE) is None
    heartbeat()
    age_now = heartbeat_age(PIPELINE)
    assert age_now is not None
    assert age_now < 5


def test_a_shared_cache_carries_the_heartbeats_between_machines(settings, tmp_path: Path) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            "LOCATION": str(tmp_path / "cache"),
        }
    }
    beat_heart("worker")
    assert heartbeat_age("worker") is not None
    assert not (tmp_path / "run").exists()
