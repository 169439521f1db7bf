"""A sitting over the REST API: only one's own, never the key, and each refusal in words."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from assessments.models import Quiz, Sitting
from assessments.question_types import all_types, get_type
from assessments.services import record_responses, start_sitting, submit_sitting
from people.models import Person
from tests.assessments.papers import BODIES, quiz_of_every_type
from tests.conftest import NOW
from tests.factories import activity, make_course, make_person, make_quiz

pytestmark = pytest.mark.django_db
SECRETS = (
    "BÍ MẬT",
    "31415",
    "31.415",
    "0.0625",
    "mậtkhẩubímật",
    "fraction",
    "tolerance",
    "factor",
    '"right"',
    "accepted",
)


@pytest.fixture
def person() -> Person:
    return make_person()


def signed_in(person: Person, **more: Any) -> Client:
    client = Client(**more)
    client.force_login(person)
    return client


def post(client: Client, address: str, content: Any = None, **more: Any) -> Any:
    body = content if isinstance(content, bytes) else json.dumps(content or {})
    return client.post(address, body, content_type="application/json", **more)


def address_of(sitting: Sitting | str, name: str = "record_responses") -> str:
    return reverse(f"api:{name}", kwargs={"public_id": getattr(sitting, "public_id", sitting)})


def started(client: Client, quiz: Quiz) -> dict[str, Any]:
    answer = post(client, reverse("api:start_sitting", args=[quiz.pk]))
    assert answer.status_code == 200
    started: dict[str, Any] = answer.json()
    return started


def test_a_sitting_from_start_to_result(person: Person) -> None:
    client, quiz = signed_in(person), quiz_of_every_type(time_limit_seconds=600)
    paper = started(client, quiz)
    assert started(client, quiz)["id"] == paper["id"]
    assert paper["last_seq"] == 0
    slot = next(slot for slot in paper["slots"] if slot["type"] == "single_choice")
    choice = next(row["id"] for row in slot["body"]["choices"] if row["text"] == "Chọn một")
    events = [
        {"seq": 1, "slot": slot["slot"], "response": {"choice": choice}, "client_time": "2026-11-24T09:00:00Z"},
        {"seq": 2, "slot": slot["slot"], "kind": "flag", "response": {"flagged": True}},
    ]
    for _ in range(2):
        kept = post(client, address_of(paper["id"]), {"events": events})
        assert (kept.status_code, kept.json()["acknowledged"]) == (200, 2)
    again = next(row for row in started(client, quiz)["slots"] if row["slot"] == slot["slot"])
    assert (again["response"], again["flagged"]) == ({"choice": choice}, True)
    assert Sitting.objects.get().events.get(seq=1).response == {"choice": "a"}
    receipt = post(client, address_of(paper["id"], "submit_sitting")).json()
    assert (receipt["state"], receipt["answers"]) == ("submitted", 1)
    result = client.get(address_of(paper["id"], "sitting_result")).json()
    assert (result["state"], result["score"], result["passed"]) == ("submitted", None, None)


def test_the_paper_never_tells_the_right_answer(person: Person) -> None:
    """Neither in words, nor in ids, nor in their order: papers of one key cannot be told from those of another."""
    client = signed_in(person)
    for rules in ({}, {"shuffle_choices": False}, {"shuffle_questions": False}):
        quiz = quiz_of_every_type(**rules)
        paper = post(client, reverse("api:start_sitting", args=[quiz.pk])).content.decode()
        page = client.get(reverse("assessments:sitting", args=[json.loads(paper)["id"]])).content.decode()
        shown = json.dumps(json.loads(paper), ensure_ascii=False)
        for text in (shown, page):
            assert [secret for secret in SECRETS if secret in text] == []
        seed = Sitting.objects.get(quiz=quiz).paper.seed
        assert seed not in shown + page
        for slot in json.loads(paper)["slots"]:
            question_type = get_type(slot["type"])
            key = question_type.correct_response(question_type.Body.model_validate(BODIES[slot["type"]]))
            if slot["type"] == "matching":
                assert not {row["id"] for row in slot["body"]["rows"]} & {
                    option["id"] for row in slot["body"]["rows"] for option in row["options"]
                }
                assert all(f'value="{answer}"' not in slot["html"] for answer in key["pairs"].values())
            if slot["type"] in {"single_choice", "multiple_choice"} and "shuffle_choices" not in rules:
                assert not {row["id"] for row in slot["body"]["choices"]} & set("abcd")
    assert set(BODIES) == {question_type.name for question_type in all_types()}


def test_the_answers_of_a_matching_question_stand_in_another_order_in_each_paper() -> None:
    quiz, orders = quiz_of_every_type(shuffle_choices=False), set()
    for _ in range(6):
        paper = started(signed_in(make_person()), quiz)
        rows = next(slot for slot in paper["slots"] if slot["type"] == "matching")["body"]["rows"]
        orders.add(tuple(option["text"] for option in rows[0]["options"]))
    assert len(orders) > 1


def test_names_of_answers_differ_from_paper_to_paper() -> None:
    quiz, names = quiz_of_every_type(), []
    for _ in range(2):
        paper = started(signed_in(make_person()), quiz)
        slot = next(slot for slot in paper["slots"] if slot["type"] == "single_choice")
        names.append({row["id"] for row in slot["body"]["choices"]})
    assert not names[0] & names[1]


@pytest.mark.parametrize("name", ["record_responses", "submit_sitting"])
def test_somebody_elses_sitting_cannot_be_told_from_one_that_is_not_there(person: Person, name: str) -> None:
    foreign = start_sitting(person=make_person(), quiz=make_quiz(), at=NOW)
    client = signed_in(person)
    answers = [post(client, address_of(which, name), {"events": []}) for which in (foreign, str(uuid4()))]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content
    foreign.refresh_from_db()
    assert (foreign.state, foreign.events.count()) == ("open", 0)
    results = [client.get(address_of(which, "sitting_result")) for which in (foreign, str(uuid4()))]
    assert [(row.status_code, row.content) for row in results] == [(404, answers[0].content)] * 2


def test_pages_of_somebody_elses_sitting_cannot_be_told_from_those_that_are_not_there(person: Person) -> None:
    foreign = start_sitting(person=make_person(), quiz=make_quiz(), at=NOW)
    client = signed_in(person)
    for name in ("sitting", "result"):
        answers = [client.get(reverse(f"assessments:{name}", args=[x])) for x in (foreign.public_id, uuid4())]
        assert [answer.status_code for answer in answers] == [404, 404]
    assert client.post(reverse("assessments:sitting_submit", args=[foreign.public_id])).status_code == 404
    foreign.refresh_from_db()
    assert foreign.state == "open"


def test_nobody_gets_401_in_json_and_pages_ask_to_sign_in() -> None:
    quiz = make_quiz()
    sitting = start_sitting(person=make_person(), quiz=quiz, at=NOW)
    client = Client()
    for address in (
        reverse("api:start_sitting", args=[quiz.pk]),
        address_of(sitting),
        address_of(sitting, "submit_sitting"),
    ):
        answer = post(client, address, {"events": []})
        assert (answer.status_code, answer["Content-Type"]) == (401, "application/json; charset=utf-8")
        assert "đăng nhập" in answer.json()["detail"]
    page = client.get(reverse("assessments:sitting", args=[sitting.public_id]))
    assert (page.status_code, page["Location"].split("?")[0]) == (302, reverse("account_login"))


def test_a_request_from_another_site_is_refused_and_changes_nothing(person: Person) -> None:
    sitting = start_sitting(person=person, quiz=make_quiz(), at=NOW)
    client = signed_in(person, enforce_csrf_checks=True)
    for name in ("record_responses", "submit_sitting"):
        answer = post(client, address_of(sitting, name), {"events": [{"seq": 1, "slot": 1, "response": {}}]})
        assert (answer.status_code, answer["Content-Type"]) == (403, "application/json; charset=utf-8")
        assert "tải lại" in answer.json()["detail"].lower()
    assert client.post(reverse("assessments:sitting_submit", args=[sitting.public_id])).status_code == 403
    sitting.refresh_from_db()
    assert (sitting.state, sitting.last_seq) == ("open", 0)


def test_signing_in_again_goes_on_with_the_new_token_and_every_answer(person: Person) -> None:
    sitting = start_sitting(person=person, quiz=make_quiz(), at=timezone.now())
    client = signed_in(person, enforce_csrf_checks=True)
    page = client.get(reverse("assessments:sitting", args=[sitting.public_id]))
    event = {"seq": 1, "slot": 1, "response": {"choice": "b"}}
    old = page.cookies["csrftoken"].value
    assert post(client, address_of(sitting), {"events": [event]}, headers={"X-CSRFToken": old}).status_code == 200
    client.session.flush()
    assert post(client, address_of(sitting), {"events": [event]}, headers={"X-CSRFToken": old}).status_code == 401
    client.force_login(person)
    page = client.get(reverse("assessments:sitting", args=[sitting.public_id]))
    assert page.content.decode().count(" checked") == 1
    new = client.cookies["csrftoken"].value
    batch = {"events": [event, {"seq": 2, "slot": 2, "response": {"choice": "a"}}]}
    kept = post(client, address_of(sitting), batch, headers={"X-CSRFToken": new})
    assert kept.json()["acknowledged"] == 2


MALFORMED: dict[str, tuple[bytes, int]] = {
    "nothing": (b"", 422),
    "no JSON": (b"{", 400),
    "half a letter": (b'{"events": "\xff"}', 400),
    "a bottomless list": (b'{"events": ' + b"[" * 200_000, 400),
    "another shape": (b"[]", 422),
    "no events": (b"{}", 422),
    "events that are none": (b'{"events": [1, "x", null]}', 422),
    "events that are a text": (b'{"events": "x"}', 422),
    "a number of five thousand digits": (b'{"events": [{"seq": ' + b"9" * 5_000 + b"}]}", 400),
    "NaN": (b'{"events": [{"seq": NaN, "slot": 1, "response": {}}]}', 409),
    "more than 200": (json.dumps({"events": [{"seq": n, "slot": 1} for n in range(1, 202)]}).encode(), 409),
    "a null character": (b'{"events": [{"seq": 1, "slot": 1, "response": {"choice": "a\\u0000"}}]}', 409),
    "half a character": (b'{"events": [{"seq": 1, "slot": 1, "response": {"choice": "\\ud800"}}]}', 409),
    "a kind that is a list": (b'{"events": [{"seq": 1, "slot": 1, "kind": [1], "response": {}}]}', 409),
    "a slot that is a list": (b'{"events": [{"seq": 1, "slot": [1], "response": {"choice": "a"}}]}', 409),
    "six megabytes": (b'{"events": ["' + b"x" * 6_000_000 + b'"]}', 413),
}


@pytest.mark.parametrize("case", MALFORMED)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_what_is_malformed_is_refused_in_the_readers_language(person: Person, case: str, language: str) -> None:
    body, status = MALFORMED[case]
    sitting = start_sitting(person=person, quiz=make_quiz(), at=timezone.now())
    with translation.override(language):
        answer = post(signed_in(person), address_of(sitting), body)
    detail = answer.json()["detail"]
    assert (answer.status_code, isinstance(detail, str)) == (status, True)
    assert detail.isascii() is (language == "en")
    assert sitting.events.count() == 0


def test_a_device_is_told_where_to_go_on_what_to_drop_and_when_it_is_over(person: Person) -> None:
    client = signed_in(person)
    sitting = start_sitting(person=person, quiz=make_quiz(), at=timezone.now())
    record_responses(sitting=sitting, events=[{"seq": 1, "slot": 1, "response": {"choice": "a"}}], at=timezone.now())

    def refusal(*events: dict[str, Any]) -> dict[str, Any]:
        answer = post(client, address_of(sitting), {"events": list(events)})
        assert answer.status_code == 409
        refused: dict[str, Any] = answer.json()
        del refused["detail"]
        return refused

    other = {"seq": 1, "slot": 2, "response": {"choice": "a"}}
    assert refusal(other) == {"code": "conflict", "seq": 1, "last_seq": 1}
    assert refusal({**other, "seq": 5}) == {"code": "conflict", "seq": 5, "last_seq": 1}
    wrong = {"seq": 3, "slot": 2, "response": {"choice": "?"}}
    assert refusal({**other, "seq": 2}, wrong) == {"code": "invalid", "seq": 3, "last_seq": 1}
    submit_sitting(sitting=sitting, by=person, at=timezone.now())
    assert refusal({**other, "seq": 3})["code"] == "closed"


def test_a_quiz_that_may_not_be_started_says_why(person: Person) -> None:
    course = make_course(checks=1)
    quiz = make_quiz(activity=activity(course, "kt-1"), kind="check")
    answer = post(signed_in(person), reverse("api:start_sitting", args=[quiz.pk]))
    assert (answer.status_code, "ghi danh" in answer.json()["detail"].lower()) == (409, True)
    assert post(signed_in(person), reverse("api:start_sitting", args=[0])).status_code == 404
