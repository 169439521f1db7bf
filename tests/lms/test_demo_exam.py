"""The trial exam for load tests: one command, again and again, only where demonstration people are allowed."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from assessments.models import Quiz, Sitting
from people.models import Person
from tests.factories import make_bank, make_person

pytestmark = pytest.mark.django_db


def demo_exam(**options: Any) -> dict[str, Any]:
    out = io.StringIO()
    call_command("demo_exam", stdout=out, **options)
    told: dict[str, Any] = json.loads(out.getvalue())
    return told


def refusal(capsys: pytest.CaptureFixture[str], **options: Any) -> str:
    with pytest.raises(SystemExit) as stopped:
        call_command("demo_exam", **options)
    assert stopped.value.code == 2
    return capsys.readouterr().err


def test_a_candidate_can_sign_in_and_start_at_once_and_repeating_changes_nothing() -> None:
    make_bank(questions=5)
    told = demo_exam(candidates=3, questions=4)
    assert demo_exam(candidates=3, questions=4) == told
    assert (told["candidates"], told["first"], told["last"]) == (3, "thisinh00001", "thisinh00003")
    assert Person.objects.filter(is_demo=True).count() == 3
    quiz = Quiz.objects.get(pk=told["quiz"])
    assert told["url"].endswith(f"/bai-thi/{quiz.slug}/")
    client = Client()
    answer = client.post("/tai-khoan/login/", {"login": "thisinh00002", "password": told["password"]})
    assert answer.status_code == 302
    started = client.post(f"/api/v1/quizzes/{quiz.pk}/sittings", "{}", content_type="application/json")
    assert len(started.json()["slots"]) == 4
    assert Sitting.objects.get().person.staff_number == "thisinh00002"


def test_more_candidates_are_added_with_few_statements(django_assert_max_num_queries: Any) -> None:
    make_bank(questions=4)
    demo_exam(candidates=1, questions=4)
    with django_assert_max_num_queries(40):
        assert demo_exam(candidates=1200, questions=4)["last"] == "thisinh01200"


def test_what_cannot_be_made_is_refused_in_words(capsys: pytest.CaptureFixture[str], settings: Any) -> None:
    make_bank(questions=2)
    assert "2 câu" in refusal(capsys, candidates=1, questions=3)
    for wrong in ({"candidates": 0}, {"candidates": 100_000}, {"candidates": 1, "questions": 0}):
        assert "1" in refusal(capsys, **wrong)
    make_person(staff_number="thisinh00001")
    assert "người thật" in refusal(capsys, candidates=1, questions=2)
    settings.DEMO_ALLOWED = False
    assert "demonstration people are refused" in refusal(capsys, candidates=1)
    assert not Person.objects.filter(is_demo=True).exists()
