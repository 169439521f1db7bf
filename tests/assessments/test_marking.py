"""Marking by people: nobody is named, nothing is marked twice or lost, and two who differ are reconciled."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from assessments.evidence.verify import verify_contents
from assessments.exceptions import ChangedMeanwhile, MarkingRefused
from assessments.models import CalibrationMark, Marking, MarkingItem, Quiz, QuizQuestion, Sitting
from assessments.services import (
    add_marker,
    claim_next,
    close_marking,
    create_question,
    end_marker,
    ensure_category,
    grade_sitting,
    hand_in_marking,
    make_sample,
    mark_sample,
    open_marking,
    publish_quiz,
    record_responses,
    request_regrade,
    save_marking,
    sittings_to_close,
    sittings_to_open,
    start_sitting,
    submit_sitting,
)
from assessments.services.evidence import contents_of
from assessments.services.regrading import work_on_regrade
from common.messages import in_both
from tests.conftest import NOW
from tests.factories import make_bank, make_person, make_quiz

pytestmark = pytest.mark.django_db

RUBRIC = [
    {"id": "c1", "text": "Đúng nội dung", "levels": [
        {"id": "l1", "text": "Không", "points": 0}, {"id": "l2", "text": "Một phần", "points": 1.5},
        {"id": "l3", "text": "Đủ", "points": 3}]},
    {"id": "c2", "text": "Trình bày", "levels": [
        {"id": "l1", "text": "Khó đọc", "points": 0}, {"id": "l2", "text": "Rõ ràng", "points": 1}]},
]  # fmt: skip


def essay_quiz(*, rubric: bool = False, **rules: Any) -> Quiz:
    """One single choice for 1 mark and an essay for 4."""
    bank = make_bank(questions=1)
    body: dict[str, Any] = {"stem": "<p>Viết một e-mail mời họp.</p>"}
    if rubric:
        body["rubric"] = RUBRIC
    essay = create_question(
        bank=bank, category=ensure_category(bank=bank, path=["Tự luận"]), idnumber="tl1", name="Tự luận",
        type="essay", body=body, status="ready", by=None, at=NOW,
    )  # fmt: skip
    quiz = make_quiz(bank=bank, count=1, pass_percent=50, **rules)
    QuizQuestion.objects.create(quiz=quiz, question=essay, mark=4)
    # A row of the matrix for one question beside the fixed essay: the single choice.
    publish_quiz(quiz=quiz, by=None, at=NOW)
    return Quiz.objects.get(pk=quiz.pk)


def written(quiz: Quiz, text: str = "Kính mời anh chị họp lúc 8 giờ.", name: str = "Lê Văn An") -> Sitting:
    person = make_person(name=name)
    sitting = start_sitting(person=person, quiz=quiz, at=NOW)
    events = [
        {"seq": n, "slot": slot["slot"], "response": {"text": text} if slot["type"] == "essay" else {"choice": "a"}}
        for n, slot in enumerate(sitting.paper.slots, start=1)
    ]
    record_responses(sitting=sitting, events=events, at=NOW)
    submit_sitting(sitting=sitting, by=person, at=NOW)
    grade_sitting(sitting_id=sitting.pk, worker="w", at=NOW)
    sitting.refresh_from_db()
    return sitting


def marker_of(quiz: Quiz, name: str = "Trần Thị Chấm") -> Any:
    person = make_person(name=name)
    add_marker(quiz=quiz, person=person, by=make_person(), at=NOW)
    return person


def claimed(quiz: Quiz, marker: Any, at: Any = NOW) -> Marking:
    marking = claim_next(quiz=quiz, marker=marker, at=at)
    assert marking is not None
    return marking


def give(quiz: Quiz, marker: Any, mark: str) -> MarkingItem:
    marking = save_marking(
        marking=claimed(quiz, marker), mark=Decimal(mark), revision=0, by=marker, at=NOW, comment="Được."
    )
    return hand_in_marking(marking=marking, revision=1, by=marker, at=NOW)


def test_what_a_person_has_to_mark_waits_without_a_score_and_then_counts() -> None:
    quiz = essay_quiz()
    sitting, marker = written(quiz), marker_of(quiz)
    assert (sitting.state, sitting.score) == (Sitting.State.WAITING, None)
    item = give(quiz, marker, "3.5")
    sitting.refresh_from_db()
    assert (item.state, sitting.state, sitting.score, sitting.passed) == ("done", "graded", Decimal("4.50"), True)
    assert [(run.reason, run.score) for run in sitting.runs.order_by("number")] == [
        ("initial", 1),
        ("marked", Decimal("4.5")),
    ]
    assert [check.name for check in verify_contents(contents_of(sitting)) if not check.ok] == []
    assert claim_next(quiz=quiz, marker=marker, at=NOW) is None


def test_a_marker_sees_a_number_that_tells_nothing_of_the_candidate() -> None:
    quiz = essay_quiz()
    codes = {written(quiz, name=f"Lê Văn {letter}").marking_items.get().code for letter in "ABCD"}
    assert len(codes) == 4
    assert all((len(code) == 8 and code.isascii() and code.isupper()) or code.isalnum() for code in codes)


def test_two_markers_within_the_tolerance_give_the_mean() -> None:
    quiz = essay_quiz(markers_per_answer=2, marking_tolerance_percent=25)
    sitting = written(quiz)
    assert give(quiz, marker_of(quiz, "Một"), "2").state == "waiting"
    assert give(quiz, marker_of(quiz, "Hai"), "3").state == "done"
    sitting.refresh_from_db()
    assert sitting.score == Decimal("3.50")


def test_two_who_differ_more_wait_for_a_third_who_decides() -> None:
    quiz = essay_quiz(markers_per_answer=2, marking_tolerance_percent=25)
    sitting = written(quiz)
    first, second, third = (marker_of(quiz, name) for name in ("Một", "Hai", "Ba"))
    give(quiz, first, "1")
    assert give(quiz, second, "2.01").state == "disagreement"
    for same in (first, second):
        assert claim_next(quiz=quiz, marker=same, at=NOW) is None
    marking = claimed(quiz, third)
    assert marking.round == 3
    give(quiz, third, "1.5")
    sitting.refresh_from_db()
    assert sitting.score == Decimal("2.50")


def test_nobody_gets_an_answer_that_others_have_until_their_hour_is_over() -> None:
    quiz = essay_quiz()
    written(quiz)
    first, second = marker_of(quiz, "Một"), marker_of(quiz, "Hai")
    mine = claimed(quiz, first)
    assert claimed(quiz, first) == mine
    assert claim_next(quiz=quiz, marker=second, at=NOW + timedelta(minutes=59)) is None
    taken = claimed(quiz, second, at=NOW + timedelta(minutes=61))
    assert taken.item == mine.item
    with pytest.raises(MarkingRefused, match="nhận bài này"):
        save_marking(marking=mine, mark=Decimal(1), revision=0, by=first, at=NOW)


def test_two_tabs_lose_nothing() -> None:
    quiz = essay_quiz()
    written(quiz)
    marker = marker_of(quiz)
    marking = claimed(quiz, marker)
    save_marking(marking=marking, mark=Decimal(3), comment="Tốt", revision=0, by=marker, at=NOW)
    with pytest.raises(ChangedMeanwhile):
        save_marking(marking=marking, mark=Decimal(1), revision=0, by=marker, at=NOW)
    with pytest.raises(ChangedMeanwhile):
        hand_in_marking(marking=marking, revision=0, by=marker, at=NOW)
    marking.refresh_from_db()
    assert (marking.mark, marking.comment) == (3, "Tốt")


def test_with_a_rubric_the_mark_follows_from_the_levels() -> None:
    quiz = essay_quiz(rubric=True)
    sitting, marker = written(quiz), marker_of(quiz)
    marking = claimed(quiz, marker)
    half = save_marking(marking=marking, levels={"c1": "l2"}, revision=0, by=marker, at=NOW)
    assert half.mark is None
    with pytest.raises(MarkingRefused, match="mỗi tiêu chí"):
        hand_in_marking(marking=marking, revision=1, by=marker, at=NOW)
    save_marking(marking=marking, levels={"c1": "l2", "c2": "l2"}, revision=1, by=marker, at=NOW)
    hand_in_marking(marking=marking, revision=2, by=marker, at=NOW)
    sitting.refresh_from_db()
    assert sitting.score == Decimal("3.50")  # 1 + 4 × 2.5/4


def test_what_cannot_be_a_marking_is_said_in_both_languages_and_keeps_what_was() -> None:
    quiz, ruled = essay_quiz(), essay_quiz(rubric=True)
    written(quiz)
    written(ruled)
    marker, other = marker_of(quiz), marker_of(ruled)
    plain, by_rubric = claimed(quiz, marker), claimed(ruled, other)
    cases: list[tuple[Marking, Any, dict[str, Any], str, str]] = [
        (plain, marker, {"mark": Decimal("4.01")}, "từ 0 đến 4", "from 0 to 4"),
        (plain, marker, {"mark": Decimal("-0.5")}, "từ 0 đến 4", "from 0 to 4"),
        (plain, marker, {"levels": {"c1": "l1"}}, "không có bảng tiêu chí", "no rubric"),
        (plain, marker, {"comment": "x" * 5001}, "quá dài", "too long"),
        (plain, marker, {"annotations": [{"start": 5, "end": 5}]}, "phần nào", "which part"),
        (plain, other, {"mark": Decimal(1)}, "nhận bài này", "taken this answer over"),
        (by_rubric, other, {"levels": {"c9": "l1"}}, "tiêu chí", "no such criterion"),
        (by_rubric, other, {"levels": {"c1": "l9", "c2": "l1"}}, "mức", "no such level"),
    ]
    for marking, by, what, vietnamese, english in cases:
        with pytest.raises(MarkingRefused) as refused:
            save_marking(**{"marking": marking, "revision": 0, "by": by, "at": NOW, **what})
        said = in_both(refused.value)
        assert vietnamese in said, said
        assert english in said, said
    assert set(Marking.objects.values_list("revision", flat=True)) == {0}


def test_only_markers_of_the_quiz_mark_and_nobody_their_own_answer() -> None:
    quiz = essay_quiz()
    sitting = written(quiz)
    with pytest.raises(MarkingRefused):
        claim_next(quiz=quiz, marker=make_person(), at=NOW)
    add_marker(quiz=quiz, person=sitting.person, by=make_person(), at=NOW)
    assert claim_next(quiz=quiz, marker=sitting.person, at=NOW) is None


def test_a_marker_who_leaves_frees_what_they_had_claimed() -> None:
    quiz = essay_quiz()
    written(quiz)
    leaver, stays = marker_of(quiz, "Một"), marker_of(quiz, "Hai")
    claimed(quiz, leaver)
    end_marker(marker=quiz.markers.get(person=leaver), by=make_person(), at=NOW)
    assert claimed(quiz, stays)
    with pytest.raises(MarkingRefused):
        claim_next(quiz=quiz, marker=leaver, at=NOW)


def test_samples_are_marked_first_and_show_how_far_one_is_off() -> None:
    quiz = essay_quiz()
    sample_sitting, _other = written(quiz, name="Lê Văn Mẫu"), written(quiz, name="Lê Văn Khác")
    chief, marker = marker_of(quiz, "Trưởng"), marker_of(quiz, "Mới")
    sample = make_sample(
        item=sample_sitting.marking_items.get(), agreed_mark=Decimal(3), explanation="Thiếu lời chào.", by=chief, at=NOW
    )
    sample_sitting.refresh_from_db()
    assert (sample_sitting.state, sample_sitting.score) == ("graded", 4)
    with pytest.raises(MarkingRefused, match="bài mẫu"):
        claim_next(quiz=quiz, marker=marker, at=NOW)
    mark_sample(sample=sample, mark=Decimal("2.5"), by=marker, at=NOW)
    mark_sample(sample=sample, mark=Decimal(3), by=marker, at=NOW)
    assert CalibrationMark.objects.get().mark == Decimal("2.5")
    assert claimed(quiz, marker)


def test_handing_in_twice_and_lost_messages_change_nothing() -> None:
    quiz = essay_quiz()
    sitting, marker = written(quiz), marker_of(quiz)
    MarkingItem.objects.all().delete()
    assert list(sittings_to_open()) == [sitting]
    open_marking(sitting=sitting, at=NOW)
    assert open_marking(sitting=sitting, at=NOW) == []
    assert not sittings_to_open().exists()
    marking = save_marking(marking=claimed(quiz, marker), mark=Decimal(2), revision=0, by=marker, at=NOW)
    hand_in_marking(marking=marking, revision=1, by=marker, at=NOW)
    hand_in_marking(marking=marking, revision=1, by=marker, at=NOW)
    assert close_marking(sitting_id=sitting.pk, at=NOW) is None
    assert not sittings_to_close().exists()
    assert sitting.runs.count() == 2


def test_what_a_person_marked_stays_when_the_question_is_marked_again() -> None:
    quiz = essay_quiz()
    sitting, marker = written(quiz), marker_of(quiz)
    give(quiz, marker, "3")
    essay = next(slot["question"] for slot in sitting.paper.slots if slot["type"] == "essay")
    regrade = request_regrade(
        quiz=quiz, changes=[{"question": essay, "action": "again"}], reason="Kiểm tra", by=marker, at=NOW
    )
    work_on_regrade(regrade_id=regrade.pk, worker="w", at=NOW)
    assert not regrade.items.exists()
