"""What candidates see of a sitting by moment: during it, right after, later, when the quiz has closed; and when released."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from assessments.models import Quiz, Sitting
from assessments.papers.review import EVERYTHING, SCORE_ONLY, shown_after, shown_during
from assessments.permissions import may_see_feedback, may_see_of_result, may_see_result
from assessments.queries import paper_slots, result_slots
from assessments.services import record_responses, start_sitting
from tests.assessments.test_sitting_behaviours import fixed_quiz
from tests.conftest import NOW
from tests.factories import make_person, make_quiz, sit

REVIEW = {
    "during": ["correctness"],
    "right_after": ["marks"],
    "later": ["response", "marks"],
    "closed": ["right_answer"],
}
CLOSE = NOW + timedelta(hours=1)


@pytest.mark.parametrize(
    ("after", "shown"),
    [
        (0, {"marks"}),
        (119, {"marks"}),
        (120, {"response", "marks"}),
        (3599, {"response", "marks"}),
        (3600, {"right_answer"}),
    ],
)
def test_each_moment_shows_its_own(after: int, shown: set[str]) -> None:
    rules = {"feedback": "by_moment", "review": REVIEW}
    at = NOW + timedelta(seconds=after)
    assert shown_after(rules, at=at, submitted_at=NOW, closes_at=CLOSE, passed=True, attempt=1) == shown


def test_a_quiz_that_has_closed_is_closed_also_right_after() -> None:
    rules = {"feedback": "by_moment", "review": REVIEW}
    found = shown_after(rules, at=CLOSE, submitted_at=CLOSE, closes_at=CLOSE, passed=True, attempt=1)
    assert found == {"right_answer"}


@pytest.mark.parametrize(
    ("rule", "passed", "attempt", "at", "shown"),
    [
        ("never", True, 2, CLOSE, SCORE_ONLY),
        ("after_submit", False, 1, NOW, EVERYTHING),
        ("after_pass", False, 1, NOW, SCORE_ONLY),
        ("after_pass", True, 1, NOW, EVERYTHING),
        ("after_pass", False, 2, NOW, EVERYTHING),
        ("after_close", True, 1, NOW, SCORE_ONLY),
        ("after_close", True, 1, CLOSE, EVERYTHING),
    ],
)
def test_the_simple_rules_keep_their_meaning(rule: str, passed: bool, attempt: int, at: Any, shown: Any) -> None:
    rules = {"feedback": rule, "attempts_allowed": 2}
    found = shown_after(rules, at=at, submitted_at=NOW, closes_at=CLOSE, passed=passed, attempt=attempt)
    assert found == shown


def test_during_a_paper_something_is_told_only_where_questions_are_checked() -> None:
    assert shown_during({"feedback": "after_submit"}) == frozenset()
    assert shown_during({"feedback": "after_submit", "behaviour": "interactive"}) == EVERYTHING
    assert shown_during({"feedback": "never", "behaviour": "immediate"}) == {"response", "correctness"}
    by_moment = {"feedback": "by_moment", "review": REVIEW, "behaviour": "immediate"}
    assert shown_during(by_moment) == {"correctness"}
    assert shown_during({**by_moment, "behaviour": "deferred"}) == frozenset()


@pytest.mark.django_db
def test_a_result_is_seen_when_it_is_released_and_not_withheld() -> None:
    sitting = sit(make_quiz(release=Quiz.Release.BY_DECISION), make_person(), right=4)
    assert not may_see_result(sitting=sitting, at=NOW)
    sitting.quiz.released_at = NOW
    assert not may_see_result(sitting=sitting, at=NOW - timedelta(seconds=1))
    assert may_see_result(sitting=sitting, at=NOW)
    assert may_see_feedback(sitting=sitting, at=NOW)
    sitting.withheld_at = NOW
    assert not may_see_result(sitting=sitting, at=NOW)
    assert may_see_of_result(sitting=sitting, at=NOW) == frozenset()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "part", [frozenset(), {"response"}, {"correctness"}, {"marks"}, {"feedback"}, {"response", "marks"}]
)
def test_a_marked_question_tells_no_more_than_it_may(part: Any) -> None:
    sitting = sit(make_quiz(count=2), make_person(), right=1)
    right, wrong = result_slots(sitting, shown=frozenset(part))
    for slot, word in ((right, "Vì thế."), (wrong, "Không phải.")):
        assert bool(slot.outcome) is ("correctness" in part)
        assert (slot.earned is not None) is ("marks" in part)
        assert (word in str(slot.feedback_texts)) is ("feedback" in part)
        assert ("checked" in slot.html) is ("response" in part)
        assert slot.right_answer == ""
        assert "is-right" not in slot.html
    assert [row.right_answer for row in result_slots(sitting, shown=frozenset({"right_answer"}))] == ["Đúng", "Đúng"]


@pytest.mark.django_db
def test_a_try_tells_its_outcome_and_hint_and_the_right_answer_only_when_it_is_closed() -> None:
    sitting = start_sitting(person=make_person(), quiz=fixed_quiz(behaviour="interactive"), at=NOW)

    def state_after(seq: int, choice: str) -> Any:
        check = {"seq": seq, "slot": 1, "kind": "check", "response": {"choice": choice}}
        record_responses(sitting=sitting, events=[check], at=NOW)
        return paper_slots(Sitting.objects.get(pk=sitting.pk), only=1)[0]

    first = state_after(1, "b")
    assert (first.outcome_code, first.tries_left, first.is_closed, first.hint) == ("wrong", 2, False, "<p>Gợi ý 1</p>")
    assert (first.right_answer, first.feedback_texts) == ("", ("Không phải.",))
    assert state_after(2, "c").hint == "<p>Gợi ý 2</p>"
    last = state_after(3, "b")
    assert (last.tries_left, last.is_closed, last.hint, last.right_answer) == (0, True, "", "Đúng")
    page = last.question(2)
    assert "inert" in page
    assert 'name="check"' not in page
