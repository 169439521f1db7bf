"""The REST shapes that load tests and programs of others rely on: start, answer, hand in, result, by token or session."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from assessments.models import Quiz, Sitting
from assessments.services import grade_sitting
from people.models import Person
from people.services import create_api_token, person_of_api_token, revoke_api_token
from tests.factories import make_person, make_quiz

pytestmark = pytest.mark.django_db
API = "/api/v1"


def by_token(person: Person) -> Client:
    _token, secret = create_api_token(person=person, name="Phần mềm thử tải", at=timezone.now())
    return Client(enforce_csrf_checks=True, headers={"Authorization": f"Bearer {secret}"})


def by_session(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def sent(client: Client, address: str, content: Any = None) -> dict[str, Any]:
    answer = client.post(f"{API}{address}", json.dumps(content or {}), content_type="application/json")
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def is_moment(text: str) -> bool:
    return datetime.fromisoformat(text).tzinfo is not None


@pytest.mark.parametrize("come_in", [by_token, by_session])
def test_a_sitting_has_these_shapes_and_every_step_may_be_repeated(come_in: Any) -> None:
    quiz = make_quiz(count=3, time_limit_seconds=600, pass_percent=50)
    client = come_in(make_person())

    started = sent(client, f"/quizzes/{quiz.pk}/sittings")
    assert {"id", "deadline", "slots"} <= set(started)
    assert is_moment(started["deadline"])
    for slot in started["slots"]:
        assert {"slot", "type", "html", "body"} <= set(slot)
        assert [type(slot[name]) for name in ("slot", "type", "html", "body")] == [int, str, str, dict]
        assert f'name="q{slot["slot"]}"' in slot["html"]
    again = sent(client, f"/quizzes/{quiz.pk}/sittings")
    assert {**again, "server_time": ""} == {**started, "server_time": ""}

    address = f"/sittings/{started['id']}"
    events = [
        {
            "seq": seq,
            "slot": slot["slot"],
            "response": {"choice": next(row["id"] for row in slot["body"]["choices"] if row["text"] == "Đúng")},
            "client_time": "2026-11-24T09:00:00+07:00",
        }
        for seq, slot in enumerate(started["slots"], start=1)
    ]
    for _ in range(2):
        kept = sent(client, f"{address}/responses", {"events": events})
        assert set(kept) == {"acknowledged", "server_time", "deadline"}
        assert (kept["acknowledged"], kept["deadline"]) == (3, started["deadline"])
        assert is_moment(kept["server_time"])

    receipts = [sent(client, f"{address}/submit") for _ in range(2)]
    for receipt in receipts:
        assert {"id", "state", "answers", "digest", "submitted_at", "server_time"} <= set(receipt)
    assert receipts[0]["submitted_at"] == receipts[1]["submitted_at"]
    assert (receipts[0]["answers"], receipts[0]["digest"]) == (3, receipts[1]["digest"])

    sitting = Sitting.objects.get()
    waiting = client.get(f"{API}{address}/result").json()
    assert (waiting["state"], waiting["score"], waiting["passed"]) == ("submitted", None, None)
    grade_sitting(sitting_id=sitting.pk, worker="w", at=timezone.now())
    results = [client.get(f"{API}{address}/result").json() for _ in range(2)]
    assert results[0] == results[1]
    assert results[0] == {
        "id": started["id"],
        "state": "graded",
        "released": True,
        "score": "3.00",
        "max_score": "3.00",
        "passed": True,
    }


def test_the_openapi_document_names_the_routes_and_needs_no_account() -> None:
    document = Client().get(f"{API}/openapi.json").json()
    for path, method in (
        ("/api/v1/quizzes/{quiz_id}/sittings", "post"),
        ("/api/v1/sittings/{public_id}/responses", "post"),
        ("/api/v1/sittings/{public_id}/submit", "post"),
        ("/api/v1/sittings/{public_id}/result", "get"),
        ("/api/v1/sittings/{public_id}/device", "post"),
        ("/api/v1/sittings/{public_id}/section", "post"),
        ("/api/v1/sittings/{public_id}/slots/{slot}", "get"),
    ):
        assert method in document["paths"][path], path
    schemas = document["components"]["securitySchemes"]
    assert {row["type"] for row in schemas.values()} == {"http", "apiKey"}


def test_a_session_without_its_csrf_token_is_refused_and_a_token_needs_none() -> None:
    quiz, person = make_quiz(), make_person()
    client = Client(enforce_csrf_checks=True)
    client.force_login(person)
    address = f"{API}/quizzes/{quiz.pk}/sittings"
    assert client.post(address, "{}", content_type="application/json").status_code == 403
    assert by_token(person).post(address, "{}", content_type="application/json").status_code == 200


@pytest.mark.parametrize(
    "header", ["Bearer ", "Bearer x", "Bearer hocso_", "Basic hocso_x", "Bearer hocso_" + "a" * 500]
)
def test_what_is_no_token_opens_nothing(header: str) -> None:
    answer = Client(headers={"Authorization": header}).post(
        f"{API}/quizzes/{make_quiz().pk}/sittings", "{}", content_type="application/json"
    )
    assert answer.status_code == 401
    assert Sitting.objects.count() == 0


def test_a_token_that_was_revoked_or_whose_person_left_opens_nothing() -> None:
    person, now = make_person(), timezone.now()
    token, secret = create_api_token(person=person, name="x", at=now)
    assert person_of_api_token(secret, at=now) == person
    assert person_of_api_token(secret, at=token.expires_at) is None
    assert secret not in str(list(type(token).objects.values()))
    person.is_active = False
    person.save()
    assert person_of_api_token(secret, at=now) is None
    person.is_active = True
    person.save()
    revoke_api_token(person=person, pk=token.pk, at=now)
    assert person_of_api_token(secret, at=now) is None


def test_one_makes_and_revokes_ones_tokens_on_ones_own_page() -> None:
    person = make_person()
    client = by_session(person)
    page = client.post("/nhan-su/toi/ma-truy-cap/", {"name": "Máy thi phòng 3"})
    assert page.content.decode().count("hocso_") == 2  # the token itself, this once, and how it begins
    token = person.program_tokens.get()
    assert "Máy thi phòng 3" in client.get("/nhan-su/toi/ma-truy-cap/").content.decode()
    other = by_session(make_person()).post("/nhan-su/toi/ma-truy-cap/", {"revoke": token.pk})
    assert other.status_code == 404
    client.post("/nhan-su/toi/ma-truy-cap/", {"revoke": token.pk})
    token.refresh_from_db()
    assert token.revoked_at is not None


def test_where_results_are_released_by_decision_none_is_told_before() -> None:
    quiz = make_quiz(release=Quiz.Release.BY_DECISION)
    person = make_person()
    client = by_session(person)
    started = sent(client, f"/quizzes/{quiz.pk}/sittings")
    sent(client, f"/sittings/{started['id']}/submit")
    grade_sitting(sitting_id=Sitting.objects.get().pk, worker="w", at=timezone.now())
    result = client.get(f"{API}/sittings/{started['id']}/result").json()
    assert (result["released"], result["score"], result["passed"]) == (False, None, None)
    Quiz.objects.update(released_at=timezone.now())
    assert client.get(f"{API}/sittings/{started['id']}/result").json()["score"] == "0.00"
