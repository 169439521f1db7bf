"""The pages of a sitting, as a candidate without JavaScript sees them, and what they cost."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments.models import Quiz, Sitting
from assessments.question_types import get_type
from assessments.services import grade_sitting, record_responses, start_sitting
from assessments.services.sheets import forget_all
from courses.services import enrol
from tests.assessments.papers import quiz_of_every_type
from tests.factories import activity, make_bank, make_course, make_person, make_quiz, sit

pytestmark = pytest.mark.django_db


class Candidate:
    """A browser without scripts: keeps the form that it was last shown, and sends all of it."""

    def __init__(self, person: Any) -> None:
        self.client = Client()
        self.client.force_login(person)
        self.page = BeautifulSoup("", "html.parser")

    def open(self, address: str) -> BeautifulSoup:
        self.page = BeautifulSoup(self.client.get(address, follow=True).content, "html.parser")
        return self.page

    def start(self, quiz: Quiz) -> Sitting:
        answer = self.client.post(reverse("assessments:quiz_start", args=[quiz.slug]), follow=True)
        self.page = BeautifulSoup(answer.content, "html.parser")
        return Sitting.objects.filter(quiz=quiz).latest("pk")

    def fields(self) -> dict[str, list[str]]:
        """What the form holds now."""
        fields: dict[str, list[str]] = {}
        for field in self.page.select("#paper input[name]"):
            is_box = field.get("type") in {"radio", "checkbox"}
            if not is_box or field.has_attr("checked"):
                fields.setdefault(str(field["name"]), []).append(str(field.get("value", "")))
        for select in self.page.select("#paper select"):
            chosen = select.select_one("option[selected]") or select.select_one("option")
            fields[str(select["name"])] = [str(chosen["value"] if chosen else "")]
        return fields

    def value(self, slot: int, text: str) -> str:
        """The value of the choice that says `text`."""
        label = next(row for row in self.page.select(f"#q{slot} label") if text in row.get_text())
        field = label.find("input")
        assert field is not None
        return str(field["value"])

    def send(self, changes: dict[str, Any], *, save: bool = False) -> BeautifulSoup:
        form = self.page.select_one("#paper")
        assert form is not None
        data = {**self.fields(), **changes, **({"save": "1"} if save else {})}
        data = {key: value for key, value in data.items() if value is not None}
        self.page = BeautifulSoup(self.client.post(str(form["action"]), data, follow=True).content, "html.parser")
        return self.page


def slots_by_type(sitting: Sitting) -> dict[str, int]:
    return {slot["type"]: slot["slot"] for slot in sitting.paper.slots}


def test_a_paper_of_every_type_is_sat_without_javascript() -> None:
    person, quiz = make_person(), quiz_of_every_type()
    candidate = Candidate(person)
    sitting = candidate.start(quiz)
    at = slots_by_type(sitting)
    total = sum(get_type(name).is_answered for name in at)
    options = {row.get_text(): row["value"] for row in candidate.page.select(f"#q{at['matching']} option")}
    pairs = {f"q{at['matching']}-p{n}": str(options[f"Đáp {n}"]) for n in range(1, 6)}
    page = candidate.send(
        {
            f"q{at['single_choice']}": candidate.value(at["single_choice"], "Chọn một"),
            f"q{at['multiple_choice']}": [candidate.value(at["multiple_choice"], f"Chọn {n}") for n in ("bốn", "năm")],
            f"q{at['true_false']}": "false",
            f"q{at['numerical']}": "31.415,5 km",
            f"q{at['short_answer']}": "mậtkhẩubímật",
        },
        save=True,
    )
    assert "Đã lưu" in page.get_text()
    assert f"Đã trả lời 5/{total}" in " ".join(page.select_one("#saved").get_text().split())  # type: ignore[union-attr]
    page = candidate.send({**pairs, f"flag-{at['matching']}": "1"}, save=True)
    assert f"Đã trả lời 6/{total}" in " ".join(page.select_one("#saved").get_text().split())  # type: ignore[union-attr]
    assert "cần xem lại" in page.select_one(f"[data-nav='{at['matching']}']").get_text()  # type: ignore[union-attr]
    candidate.send({})
    run = grade_sitting(sitting_id=sitting.pk, worker="w", at=timezone.now())
    assert run is not None
    assert run.score == 6


def test_saving_or_reloading_an_unchanged_form_writes_nothing() -> None:
    candidate = Candidate(make_person())
    sitting = candidate.start(quiz_of_every_type())
    candidate.send({f"q{slots_by_type(sitting)['true_false']}": "true"}, save=True)
    candidate.open(reverse("assessments:sitting", args=[sitting.public_id]))
    candidate.send({}, save=True)
    assert sitting.events.count() == 1


def test_a_form_that_was_left_open_does_not_undo_what_another_device_answered() -> None:
    person = make_person()
    desk, phone, quiz = Candidate(person), Candidate(person), make_quiz()
    sitting = desk.start(quiz)
    phone.start(quiz)
    phone.send({"q1": phone.value(1, "Đúng"), "q2": phone.value(2, "Đúng")}, save=True)
    desk.send({"q2": desk.value(2, "Cũng sai"), "q3": desk.value(3, "Đúng")})
    last = {row.slot: row.response for row in sitting.events.filter(kind="answer").order_by("seq")}
    assert last == {1: {"choice": "a"}, 2: {"choice": "c"}, 3: {"choice": "a"}}


def test_a_form_without_its_questions_hands_in_what_was_saved() -> None:
    person = make_person()
    candidate, quiz = Candidate(person), make_quiz(count=1)
    sitting = candidate.start(quiz)
    candidate.send({"q1": candidate.value(1, "Đúng")}, save=True)
    candidate.client.post(reverse("assessments:sitting_submit", args=[sitting.public_id]))
    run = grade_sitting(sitting_id=sitting.pk, worker="w", at=timezone.now())
    assert run is not None
    assert run.score == 1


@pytest.mark.parametrize("value", ["zzz", "a\x00", "x" * 5_000])
def test_a_forged_form_is_refused_in_words_and_hands_nothing_in(value: str) -> None:
    candidate = Candidate(make_person())
    sitting = candidate.start(make_quiz())
    page = candidate.send({"q1": value, "q2": candidate.value(2, "Đúng")})
    assert "câu 1" in page.select_one(".alert-error, .alert-danger, .alert").get_text()  # type: ignore[union-attr]
    sitting.refresh_from_db()
    assert (sitting.state, sitting.events.count()) == ("open", 0)


def test_a_form_that_comes_too_late_hands_in_what_was_saved_and_says_so() -> None:
    person = make_person()
    quiz = make_quiz(count=2, time_limit_seconds=60, grace_seconds=0)
    sitting = start_sitting(person=person, quiz=quiz, at=timezone.now() - timedelta(seconds=59))
    candidate = Candidate(person)
    candidate.open(reverse("assessments:sitting", args=[sitting.public_id]))
    record_responses(
        sitting=sitting, events=[{"seq": 1, "slot": 1, "response": {"choice": "a"}}], at=sitting.started_at
    )
    Sitting.objects.filter(pk=sitting.pk).update(deadline_at=timezone.now() - timedelta(seconds=1))
    page = candidate.send({"q2": candidate.value(2, "Đúng")})
    assert "đã hết giờ" in page.get_text().lower() or "hết giờ" in page.get_text().lower()
    sitting.refresh_from_db()
    assert (sitting.submitted_by, sitting.events.filter(kind="answer").count()) == ("deadline", 1)


def test_after_handing_in_every_way_back_leads_to_the_result() -> None:
    person = make_person()
    sitting = sit(make_quiz(), person, right=4, at=timezone.now())
    candidate = Candidate(person)
    address = reverse("assessments:sitting", args=[sitting.public_id])
    assert candidate.client.get(address)["Location"] == reverse("assessments:result", args=[sitting.public_id])
    submitted = candidate.client.post(reverse("assessments:sitting_submit", args=[sitting.public_id]), {"q1": "b"})
    assert submitted["Location"] == reverse("assessments:result", args=[sitting.public_id])
    assert "no-store" in candidate.client.get(address)["Cache-Control"]
    assert sitting.events.filter(kind="answer").count() == 4


def test_a_timed_test_says_plainly_that_it_needs_javascript() -> None:
    candidate = Candidate(make_person())
    candidate.start(make_quiz(time_limit_seconds=600))
    assert "cần JavaScript" in candidate.page.select_one("noscript").get_text()  # type: ignore[union-attr]


def test_each_question_has_a_name_and_each_field_a_label() -> None:
    candidate = Candidate(make_person())
    candidate.start(quiz_of_every_type(time_limit_seconds=600))
    for place in candidate.page.select("fieldset[data-slot]"):
        names = [candidate.page.find(id=name) for name in str(place["aria-labelledby"]).split()]
        assert all(name is not None and name.get_text(strip=True) for name in names)
        for field in place.select("input:not([type=hidden]), select"):
            assert field.find_parent("label") is not None or field.get("aria-label")
    assert candidate.page.select_one("#saved-announcer[role=status]")
    assert candidate.page.select_one("[role=timer][aria-labelledby]")
    assert re.search("chưa trả lời", candidate.page.select_one("#questions").get_text())  # type: ignore[union-attr]


def test_the_result_says_what_next() -> None:
    person = make_person()
    quiz = make_quiz(count=2, attempts_allowed=2, feedback="after_pass")
    candidate = Candidate(person)
    for attempt, expected in ((1, "Thử lại"), (2, "Bạn đã dùng hết")):
        sitting = sit(quiz, person, right=0, at=timezone.now())
        page = candidate.open(reverse("assessments:result", args=[sitting.public_id]))
        main = page.select_one("main").get_text()  # type: ignore[union-attr]
        assert expected in main
        assert bool(page.select(".question")) is (attempt == 2)
        assert ("Thử lại" in main) is (attempt == 1)


def test_explanations_stand_by_topic_and_question() -> None:
    person = make_person()
    sitting = sit(make_quiz(), person, right=3, at=timezone.now())
    page = Candidate(person).open(reverse("assessments:result", args=[sitting.public_id]))
    assert [row.get_text(strip=True) for row in page.select(".outcome")] == ["Đúng", "Đúng", "Đúng", "Sai"]
    assert len(page.select(".question .feedback")) == 12


def test_attempts_beyond_twenty_are_counted() -> None:
    person, quiz = make_person(), make_quiz(count=1, attempts_allowed=25)
    for _ in range(22):
        sit(quiz, person, right=0, at=timezone.now())
    page = Candidate(person).open(reverse("assessments:quiz_start", args=[quiz.slug]))
    assert "còn 3 lượt" in " ".join(page.select_one(".rules").get_text().split()).lower()  # type: ignore[union-attr]


def queries_of_a_sitting(count: int) -> dict[str, int]:
    """Queries of each request of one sitting of `count` questions, in six batches."""
    person, course = make_person(), make_course(checks=0)
    enrol(person=person, course=course, by=person, at=timezone.now())
    quiz = make_quiz(bank=make_bank(questions=count), count=count, activity=activity(course, "thi"))
    client = Client()
    client.force_login(person)
    start = reverse("assessments:quiz_start", args=[quiz.slug])
    counted: dict[str, int] = {}

    def count_queries(name: str, send: Any) -> Any:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            answer = send()
        counted[name] = max(len(captured), counted.get(name, 0))
        return answer

    client.get(start)  # fills the caches of sites and settings
    forget_all()
    count_queries("rules", lambda: client.get(start))
    count_queries("start", lambda: client.post(start))
    sitting = Sitting.objects.get(quiz=quiz)
    ids = {"public_id": sitting.public_id}
    count_queries("paper", lambda: client.get(reverse("assessments:sitting", kwargs=ids)))
    events = [{"seq": n, "slot": n, "response": {"choice": "a"}} for n in range(1, count + 1)]
    size = -(-count // 6)
    address = reverse("api:record_responses", kwargs=ids)

    def send(batch: list[dict[str, Any]]) -> Any:
        return client.post(address, json.dumps({"events": batch}), content_type="application/json")

    for first in range(0, count, size):
        batch = events[first : first + size]
        assert count_queries("batch", partial(send, batch)).status_code == 200
    count_queries("hand in", lambda: client.post(reverse("assessments:sitting_submit", kwargs=ids)))
    count_queries("marking", lambda: grade_sitting(sitting_id=sitting.pk, worker="w", at=timezone.now()))
    result = count_queries("result", lambda: client.get(reverse("assessments:result", kwargs=ids)))
    assert len(BeautifulSoup(result.content, "html.parser").select(".question")) == count
    return counted


def test_a_sitting_of_thirty_questions_costs_as_many_queries_as_one_of_six() -> None:
    queries_of_a_sitting(6)
    small, large = queries_of_a_sitting(6), queries_of_a_sitting(30)
    assert small == large  # with questions that this process has not met before
    assert sum(large.values()) + 5 * large["batch"] <= 150
