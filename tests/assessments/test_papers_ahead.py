"""Parallel papers and papers drawn ahead: made by a worker from rows that say what is due, each once."""

from __future__ import annotations

import pytest

from assessments.exceptions import PaperSetRefused
from assessments.models import Paper, PaperSet, Quiz, ReservedPaper
from assessments.services import start_sitting
from assessments.services.drawing_ahead import draw_ahead, quizzes_to_draw_ahead
from assessments.services.parallel import request_paper_set, retry_paper_set, use_paper_set, work_on_paper_set
from assessments.services.registration import register_people
from tests.conftest import NOW
from tests.factories import make_bank, make_person, make_quiz

pytestmark = pytest.mark.django_db


@pytest.fixture
def quiz() -> Quiz:
    return make_quiz(bank=make_bank(questions=12), count=4, kind="exam")


def drawn(quiz: Quiz, count: int = 3, **how: str) -> PaperSet:
    paper_set = request_paper_set(quiz=quiz, count=count, by=make_person(), at=NOW, **how)
    work_on_paper_set(paper_set_id=paper_set.pk, at=NOW)
    paper_set.refresh_from_db()
    assert (paper_set.state, paper_set.made) == (PaperSet.State.READY, count)
    return paper_set


def questions_of(paper: Paper) -> list[int]:
    return [slot["question"] for slot in paper.slots]


def test_parallel_papers_of_different_questions_share_none_while_the_bank_lasts(quiz: Quiz) -> None:
    paper_set = drawn(quiz)
    papers = [row.paper for row in paper_set.papers.order_by("number")]
    assert [row.number for row in paper_set.papers.order_by("number")] == [101, 102, 103]
    assert len({question for paper in papers for question in questions_of(paper)}) == 12


def test_parallel_papers_of_the_same_questions_differ_in_their_order(quiz: Quiz) -> None:
    papers = [row.paper for row in drawn(quiz, 4, questions=PaperSet.Questions.SAME).papers.all()]
    assert len({frozenset(questions_of(paper)) for paper in papers}) == 1
    assert len({str(paper.slots) for paper in papers}) == 4


def test_one_seed_gives_the_same_papers_again(quiz: Quiz) -> None:
    first, second = (drawn(quiz, seed="hat-giong") for _again in range(2))
    assert [row.paper.slots for row in first.papers.all()] == [row.paper.slots for row in second.papers.all()]


def test_candidates_get_the_papers_of_the_set_in_use_in_turn(quiz: Quiz) -> None:
    paper_set = use_paper_set(paper_set=drawn(quiz), in_use=True)
    sittings = [start_sitting(person=make_person(name=f"Lê Văn {letter}"), quiz=quiz, at=NOW) for letter in "ABC"]
    assert {sitting.paper_id for sitting in sittings} == set(paper_set.papers.values_list("paper_id", flat=True))


def test_a_message_twice_draws_nothing_twice_and_a_finished_set_is_left_alone(quiz: Quiz) -> None:
    paper_set = drawn(quiz)
    work_on_paper_set(paper_set_id=paper_set.pk, at=NOW)
    assert retry_paper_set(paper_set=paper_set).state == PaperSet.State.READY
    assert paper_set.papers.count() == 3


@pytest.mark.parametrize("count", [1, 101])
def test_a_number_of_papers_that_makes_no_sense_is_refused(quiz: Quiz, count: int) -> None:
    with pytest.raises(PaperSetRefused):
        request_paper_set(quiz=quiz, count=count, by=make_person(), at=NOW)


def test_registered_candidates_find_their_papers_drawn_and_each_once(quiz: Quiz) -> None:
    people = [make_person(name=f"Trần Văn {letter}") for letter in "ABC"]
    register_people(quiz=quiz, people=people, by=make_person(), at=NOW)
    Quiz.objects.filter(pk=quiz.pk).update(draw_ahead=True)
    assert list(quizzes_to_draw_ahead(at=NOW)) == [quiz]
    assert draw_ahead(quiz_id=quiz.pk, at=NOW) == 3
    assert draw_ahead(quiz_id=quiz.pk, at=NOW) == 0
    assert not quizzes_to_draw_ahead(at=NOW).exists()
    sitting = start_sitting(person=people[0], quiz=quiz, at=NOW)
    assert sitting.paper == ReservedPaper.objects.get(person=people[0]).paper
    assert Paper.objects.count() == 3
