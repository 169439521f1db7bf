"""Sessions are Django's own, read by a plain statement: what is over or unknown is no session."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from people.sessions import SessionStore
from tests.factories import make_person

pytestmark = pytest.mark.django_db


def test_what_was_kept_is_there_until_it_is_over() -> None:
    store: Any = SessionStore()
    store["một"] = 1
    store.save()
    assert SessionStore(store.session_key)["một"] == 1
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    late = SessionStore(store.session_key)
    assert late.get("một") is None
    assert late.session_key is None


@pytest.mark.parametrize("key", ["x" * 32, "'; DROP TABLE django_session; --"])
def test_an_unknown_key_opens_nothing(key: str) -> None:
    assert SessionStore(key).get("một") is None


def test_signing_in_and_out() -> None:
    client = Client()
    client.force_login(make_person())
    assert client.get("/nhan-su/toi/").status_code == 200
    client.logout()
    assert client.get("/nhan-su/toi/").status_code == 302
