"""Papers of the bank by the policies of the quiz: what was seen, exposure, exclusions, parts – and repeated from storage."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from assessments.exceptions import InfeasibleMatrix, SittingRefused
from assessments.models import Bank, Paper, PaperBasis, PaperTally, Question, Quiz, QuizDraw, QuizQuestion, QuizSection
from assessments.services import publish_quiz, start_sitting, submit_sitting
from assessments.services.papers import draw_for, expected_scores, measured_scores, redrawn
from assessments.services.quiz import blueprint_of, named_contradictions, pools_of
from assessments.tasks import grade_sitting
from common.messages import in_both
from tests.conftest import NOW
from tests.factories import make_bank, make_person, make_quiz, sit

pytestmark = pytest.mark.django_db


def asked(paper: Paper) -> list[int]:
    return [slot["question"] for slot in paper.slots]


def edited(quiz: Quiz, **rules: Any) -> Quiz:
    for name, value in rules.items():
        setattr(quiz, name, value)
    quiz.save()
    publish_quiz(quiz=quiz, by=None, at=NOW)
    return Quiz.objects.select_related("current_version").get(pk=quiz.pk)


def refusal_of(quiz: Quiz) -> str:
    with pytest.raises(InfeasibleMatrix) as caught:
        publish_quiz(quiz=quiz, by=None, at=NOW)
    return str(caught.value)


def test_a_candidate_gets_new_questions_first_and_the_oldest_of_the_seen_ones_then() -> None:
    quiz = make_quiz(bank=make_bank(questions=10), count=4, kind="exam", avoid_seen_days=30)
    person = make_person()
    papers = []
    for attempt in range(4):
        sitting = start_sitting(person=person, quiz=quiz, at=NOW + timedelta(hours=attempt))
        submit_sitting(sitting=sitting, by=person, at=NOW + timedelta(hours=attempt, minutes=1))
        papers.append(set(asked(sitting.paper)))
    assert not papers[0] & papers[1]
    assert len(papers[2] - papers[0] - papers[1]) == 2  # all that is left
    assert papers[2] & papers[0]
    assert not papers[2] & papers[1]
    assert papers[3] <= papers[0] | papers[1]
    assert len(papers[3] & papers[0]) == 2  # those of the first that the third did not repeat


def test_what_was_seen_longer_ago_than_the_quiz_says_is_like_new() -> None:
    quiz = make_quiz(bank=make_bank(questions=4), count=4, kind="exam", avoid_seen_days=7)
    person = make_person()
    submit_sitting(sitting=start_sitting(person=person, quiz=quiz, at=NOW), by=person, at=NOW)
    later = start_sitting(person=person, quiz=quiz, at=NOW + timedelta(days=8))
    assert "seen" not in later.paper.inputs
    submit_sitting(sitting=later, by=person, at=NOW + timedelta(days=8))
    soon = start_sitting(person=person, quiz=quiz, at=NOW + timedelta(days=9))
    assert sorted(soon.paper.inputs["seen"]) == sorted(asked(later.paper))


def test_no_question_is_in_more_papers_of_the_version_than_the_limit() -> None:
    quiz = make_quiz(bank=make_bank(questions=20), count=5, kind="exam", exposure_percent=Decimal(25))
    version = quiz.current_version
    assert version is not None
    uses: Counter[int] = Counter()
    for _paper in range(12):
        uses.update(asked(draw_for(version=version, person=make_person(), at=NOW)))
    assert max(uses.values()) == 3
    tally = PaperTally.objects.get(quiz_version=version)
    assert (tally.papers, {int(key): count for key, count in tally.used.items()}) == (12, dict(uses))


def test_of_questions_that_exclude_each_other_a_paper_has_one_whatever_the_case_of_the_word() -> None:
    bank = make_bank(questions=6)
    first, second, third = Question.objects.filter(bank=bank).order_by("pk")[:3]
    for question, word in ((first, "Mật khẩu"), (second, "mật  khẩu"), (third, "MẬT KHẨU")):
        question.exclusive_group = word
        question.save()
    quiz = make_quiz(bank=bank, count=4, kind="exam")
    for _paper in range(6):
        assert len({first.pk, second.pk, third.pk} & set(asked(draw_for_nobody(quiz)))) == 1
    QuizDraw.objects.filter(quiz=quiz).update(count=5)
    assert "cần 5, có 4" in refusal_of(quiz)


def draw_for_nobody(quiz: Quiz) -> Paper:
    assert quiz.current_version is not None
    return draw_for(version=quiz.current_version, person=make_person(), at=NOW)


def test_a_stored_draw_can_be_repeated_when_the_bank_has_long_changed() -> None:
    bank = make_bank(questions=12)
    quiz = make_quiz(
        bank=bank,
        count=4,
        kind="exam",
        avoid_seen_days=30,
        exposure_percent=Decimal(50),
        balance_difficulty=True,
    )
    person = make_person()
    for _attempt in range(2):
        sitting = start_sitting(person=person, quiz=quiz, at=NOW)
        submit_sitting(sitting=sitting, by=person, at=NOW)
    plain = draw_for_nobody(make_quiz(bank=bank, count=3))
    Question.objects.filter(bank=bank).exclude(pk__in=asked(sitting.paper)).update(
        status="retired", exclusive_group="x"
    )
    make_bank(questions=3)
    for paper in (sitting.paper, plain):
        assert redrawn(Paper.objects.get(pk=paper.pk)) == paper.slots
    assert PaperBasis.objects.count() == 2  # one for both papers of the quiz
    assert {"basis", "seen", "used", "most", "balance"} == set(sitting.paper.inputs)
    assert set(plain.inputs) == {"basis"}


def test_nothing_changes_a_basis_or_what_a_paper_was_drawn_from() -> None:
    paper = draw_for_nobody(make_quiz())
    for change in (
        lambda: PaperBasis.objects.update(content={}),
        lambda: PaperBasis.objects.all().delete(),
        lambda: Paper.objects.filter(pk=paper.pk).update(inputs={}),
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()


# Expected difficulty ------------------------------------------------------------------------------------------


def test_expected_scores_are_those_of_exams_and_never_of_practice() -> None:
    bank = make_bank(questions=4)
    exam = make_quiz(bank=bank, count=4, kind="exam")
    practice = make_quiz(bank=bank, count=4, kind="practice")
    for number in range(20):
        for quiz, right in ((exam, 4 if number < 12 else 0), (practice, 0)):
            sitting = sit(quiz, make_person(), right=right)
            grade_sitting(sitting.pk)
    questions = list(Question.objects.filter(bank=bank).values_list("pk", flat=True))
    assert measured_scores(questions) == dict.fromkeys(questions, 60)
    version = exam.current_version
    assert version is not None
    blueprint = blueprint_of(exam)
    found = expected_scores(version=version, blueprint=blueprint, pools=pools_of(blueprint))
    assert found == dict.fromkeys(questions, 60)


def test_without_statistics_the_difficulty_says_what_is_expected() -> None:
    bank = make_bank(questions=3)
    for question, difficulty in zip(bank.questions.all(), ["basic", "intermediate", "advanced"], strict=True):
        question.difficulty = difficulty
        question.save()
    quiz = make_quiz(bank=bank, count=3)
    blueprint = blueprint_of(quiz)
    assert quiz.current_version is not None
    found = expected_scores(version=quiz.current_version, blueprint=blueprint, pools=pools_of(blueprint))
    assert sorted(found.values()) == [40, 60, 80]


# Practice and exams -------------------------------------------------------------------------------------------

EVERY_POLICY: list[dict[str, Any]] = [
    {},
    {"avoid_seen_days": 30},
    {"exposure_percent": Decimal(50)},
    {"balance_difficulty": True},
    {"avoid_seen_days": 30, "exposure_percent": Decimal(60), "balance_difficulty": True},
]


@pytest.mark.parametrize("policies", EVERY_POLICY)
@pytest.mark.parametrize("kind", ["practice", "check"])
def test_practice_never_draws_what_is_reserved_for_exams(kind: str, policies: dict[str, Any]) -> None:
    bank = make_bank(questions=12)
    reserved = set(Question.objects.filter(bank=bank).order_by("pk").values_list("pk", flat=True)[:6])
    Question.objects.filter(pk__in=reserved).update(exam_only=True)
    quiz = make_quiz(bank=bank, count=3, kind=kind, **policies)
    person = make_person()
    for _paper in range(5):
        sitting = start_sitting(person=person, quiz=quiz, at=NOW)
        assert not reserved & set(asked(sitting.paper))
        submit_sitting(sitting=sitting, by=person, at=NOW)
    exam = make_quiz(bank=bank, count=12, kind="exam")
    assert reserved <= set(asked(draw_for_nobody(exam)))


def test_a_practice_with_a_fixed_question_reserved_for_exams_is_neither_published_nor_started() -> None:
    bank = make_bank(questions=6)
    question = Question.objects.filter(bank=bank).order_by("pk").first()
    assert question is not None
    quiz = make_quiz(bank=bank, count=2, kind="practice")
    QuizQuestion.objects.create(quiz=quiz, question=question)
    quiz = edited(quiz)
    question.exam_only = True
    question.save()
    with pytest.raises(SittingRefused) as caught:
        start_sitting(person=make_person(), quiz=quiz, at=NOW)
    assert in_both(caught.value) == " / ".join(
        [
            "Một câu hỏi của bài này đã được dành riêng cho kỳ thi sau khi bài được công bố; bạn báo người soạn.",
            "A question of this quiz has been reserved for exams since it was published; tell its author.",
        ]
    )
    assert "dành riêng cho kỳ thi" in refusal_of(quiz)


# Parts and chains ---------------------------------------------------------------------------------------------


def test_parts_and_chains_stand_in_the_slots_of_a_sitting() -> None:
    bank = make_bank(questions=8)
    one, two = Question.objects.filter(bank=bank).order_by("pk")[:2]
    quiz = make_quiz(bank=bank, count=2, kind="exam")
    QuizSection.objects.create(quiz=quiz, title="Trắc nghiệm", sort_order=0)
    QuizSection.objects.create(quiz=quiz, title="Thực hành", sort_order=1)
    QuizQuestion.objects.create(quiz=quiz, question=one, section=2, sort_order=0)
    QuizQuestion.objects.create(quiz=quiz, question=two, section=2, sort_order=1, requires_previous=True)
    slots = start_sitting(person=make_person(), quiz=edited(quiz), at=NOW).paper.slots
    assert [slot["section"] for slot in slots] == [1, 1, 2, 2]
    assert [slot.get("requires") for slot in slots] == [None, None, None, 3]
    assert [slot["question"] for slot in slots[2:]] == [one.pk, two.pk]


def test_contradictions_are_refused_in_words_before_publishing() -> None:
    bank = make_bank(questions=6)
    one, two = Question.objects.filter(bank=bank).order_by("pk")[:2]
    Question.objects.filter(pk__in=[one.pk, two.pk]).update(exclusive_group="mạng")
    quiz = make_quiz(bank=bank, count=1, kind="exam")
    QuizSection.objects.create(quiz=quiz, title="Lý thuyết", sort_order=0)
    QuizSection.objects.create(quiz=quiz, title="Thực hành", sort_order=1)
    QuizDraw.objects.filter(quiz=quiz).update(section=4)
    QuizQuestion.objects.create(quiz=quiz, question=one, section=1, sort_order=0, requires_previous=True)
    QuizQuestion.objects.create(quiz=quiz, question=two, section=1, sort_order=1)
    assert named_contradictions(blueprint_of(Quiz.objects.get(pk=quiz.pk))) == [
        "Phần 2 (Thực hành) chưa có câu hỏi nào: bạn thêm một dòng ma trận hoặc câu cố định, hoặc bỏ phần này.",
        "Không có phần 4 mà dòng 1 ghi: bạn chọn một phần đã có, hoặc thêm phần đó.",
        f"Trong phần của mình, trước câu cố định “{one.idnumber}” không có câu nào: câu này không thể chờ câu trả lời ở đó.",
        f"Hai câu cố định “{one.idnumber}” và “{two.idnumber}” loại trừ nhau: bạn chỉ giữ một câu.",
    ]
    assert refusal_of(quiz).startswith("Phần 2 (Thực hành) chưa có câu hỏi nào")


def test_a_limit_of_exposure_that_the_bank_cannot_keep_is_named_before_publishing() -> None:
    quiz = make_quiz(bank=make_bank(questions=10), count=5)
    quiz.exposure_percent = Decimal("12.5")
    quiz.save()
    assert "mỗi câu có trong nhiều nhất 12,5% số đề, cần 40 câu mà chỉ có 10" in refusal_of(quiz)


def test_publishing_needs_no_bank_for_fixed_questions() -> None:
    bank: Bank = make_bank(questions=2)
    quiz = make_quiz(bank=bank, count=1)
    QuizDraw.objects.filter(quiz=quiz).delete()
    for order, question in enumerate(bank.questions.order_by("pk")):
        QuizQuestion.objects.create(quiz=quiz, question=question, sort_order=order, mark=2)
    assert draw_for_nobody(edited(quiz, shuffle_questions=False)).max_score == 4
