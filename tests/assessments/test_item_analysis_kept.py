"""Item analysis in the database: each sitting counted once, by the run that counts, whatever message is lost."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assessments import services
from assessments.analysis.lines import read_grades
from assessments.analysis.statistics import as_json
from assessments.exceptions import ReviewRefused
from assessments.models import (
    AnalysedSitting,
    GradingRun,
    ItemAnalysis,
    QuestionVersion,
    Quiz,
    QuizAnalysis,
    Sitting,
    SlotGrade,
    WithdrawalProposal,
)
from assessments.services.analysis import LEASE, WAIT
from assessments.services.analysis_counting import seconds_by_slot
from common.messages import in_both
from people.models import Person
from tests.conftest import NOW
from tests.factories import make_bank, make_person, make_quiz

LATER = NOW + timedelta(hours=1)

pytestmark = pytest.mark.django_db


def answered(quiz: Quiz, chooses: Callable[[str], str], *, at: Any = NOW) -> Sitting:
    """A marked sitting in which the question with this identifier was answered so ("": not at all)."""
    person = make_person(password=None)
    sitting = services.start_sitting(person=person, quiz=quiz, enrolment=None, at=at)
    events = []
    names = dict(
        QuestionVersion.objects.filter(pk__in=[slot["version"] for slot in sitting.paper.slots]).values_list(
            "pk", "question__idnumber"
        )
    )
    for slot in sitting.paper.slots:
        if choice := chooses(names[slot["version"]]):
            events.append({"seq": len(events) + 1, "slot": slot["slot"], "response": {"choice": choice}})
    services.record_responses(sitting=sitting, events=events, at=at + timedelta(seconds=30))
    services.submit_sitting(sitting=sitting, by=person, at=at + timedelta(seconds=60))
    services.grade_sitting(sitting_id=sitting.pk, worker="worker@test", at=at + timedelta(seconds=61))
    services.note_graded(sitting_id=sitting.pk, at=at)  # in tests nothing is ever committed
    sitting.refresh_from_db()
    return sitting


def of_strength(strength: float, chance: random.Random) -> Callable[[str], str]:
    return lambda name: "a" if chance.random() < strength else chance.choice(["b", "c", ""])


def marked_again(sitting: Sitting, marks: dict[int, Decimal], *, source: str = "engine") -> GradingRun:
    """Another run beside the one that counted, with other marks in these places."""
    old = GradingRun.objects.get(pk=sitting.current_run_id)
    rows = list(old.slot_grades.order_by("slot"))
    run = GradingRun.objects.create(
        sitting=sitting,
        number=old.number + 1,
        reason="regrade",
        engine_version=old.engine_version,
        worker="worker@test",
        graded_at=LATER,
        score=sum((marks.get(row.slot, row.mark or Decimal(0)) for row in rows), Decimal(0)),
        max_score=old.max_score,
        passed=old.passed,
        digest="d" * 64,
    )
    for row in rows:
        changed = row.slot in marks
        SlotGrade.objects.create(
            run=run,
            slot=row.slot,
            question_version_id=row.question_version_id,
            event_seq=row.event_seq,
            state=row.state,
            fraction=row.fraction,
            mark=marks.get(row.slot, row.mark),
            max_mark=row.max_mark,
            source=source if changed else row.source,
        )
    sitting.current_run, sitting.score = run, run.score
    sitting.save(update_fields=["current_run", "score"])
    services.note_graded(sitting_id=sitting.pk, at=LATER)
    return run


def analysed(quiz: Quiz, *, at: Any = LATER) -> QuizAnalysis:
    analysis = QuizAnalysis.objects.get(quiz_version=quiz.current_version)
    QuizAnalysis.objects.filter(pk=analysis.pk).update(due_at=at)
    assert services.analyse_quiz(analysis_id=analysis.pk, at=at)
    analysis.refresh_from_db()
    return analysis


def all_that_is_kept(analysis: QuizAnalysis) -> Any:
    items = ItemAnalysis.objects.filter(analysis=analysis).order_by("question_version_id")
    fields = [field.name for field in ItemAnalysis._meta.fields if field.name not in {"id", "calibration"}]
    counted = (
        AnalysedSitting.objects.filter(analysis=analysis).order_by("sitting_id").values_list("sitting_id", "run_id")
    )
    return analysis.totals, analysis.figures, analysis.sittings, list(items.values(*fields)), list(counted)


@pytest.fixture
def quiz() -> Quiz:
    return make_quiz(bank=make_bank(questions=6), count=4, kind="exam")


@pytest.fixture
def sat(quiz: Quiz) -> Quiz:
    chance = random.Random(7)
    for _candidate in range(12):
        answered(quiz, of_strength(chance.random(), chance))
    return quiz


def test_figures_are_those_of_the_command_over_the_same_grades(sat: Quiz) -> None:
    analysis = analysed(sat)
    lines = [
        f'{{"attempt": {row.run.sitting_id}, "question": {row.question_version_id}, "mark": {row.mark}, "max_mark": 1}}'
        for row in SlotGrade.objects.select_related("run")
    ]
    expected = as_json(*read_grades(BytesIO("\n".join(lines).encode())).figures())
    assert analysis.figures == expected["quiz"]
    for item in analysis.items.all():
        found = {name: getattr(item, name) for name in expected["questions"][str(item.question_version_id)]}
        assert found == expected["questions"][str(item.question_version_id)]


def test_counting_little_by_little_gives_what_counting_everything_anew_gives(sat: Quiz) -> None:
    chance = random.Random(9)
    analysed(sat)
    for step in range(4):
        for _candidate in range(3):
            answered(sat, of_strength(0.5, chance))
        if step % 2:
            again = chance.choice(list(Sitting.objects.filter(quiz=sat)))
            marked_again(again, {1: Decimal("0.5"), 3: Decimal(1)}, source=chance.choice(["engine", "decision"]))
        little = all_that_is_kept(analysed(sat))
        analysis = QuizAnalysis.objects.get(quiz_version=sat.current_version)
        services.recount_quiz(analysis=analysis, at=LATER)
        assert all_that_is_kept(analysed(sat)) == little


def test_a_sitting_that_goes_back_to_a_marker_is_counted_no_more(sat: Quiz) -> None:
    before = analysed(sat).sittings
    Sitting.objects.filter(pk=Sitting.objects.first().pk).update(state="waiting")  # type: ignore[union-attr]
    assert analysed(sat).sittings == before - 1


def test_a_voided_question_keeps_the_figures_of_what_was_answered_elsewhere(sat: Quiz) -> None:
    sitting = Sitting.objects.filter(quiz=sat).first()
    assert sitting is not None
    analysis = analysed(sat)
    voided = SlotGrade.objects.get(run=sitting.current_run_id, slot=2)
    before = analysis.items.get(question_version=voided.question_version_id).n
    marked_again(sitting, {2: Decimal(1)}, source="decision")
    after = analysed(sat)
    assert after.items.get(question_version=voided.question_version_id).n == before - 1
    assert after.sittings == analysis.sittings


def test_a_second_message_changes_nothing_and_one_too_early_neither(sat: Quiz) -> None:
    analysis = QuizAnalysis.objects.get(quiz_version=sat.current_version)
    assert analysis.due_at is not None
    assert not services.analyse_quiz(analysis_id=analysis.pk, at=analysis.due_at - timedelta(seconds=1))
    kept = all_that_is_kept(analysed(sat))
    assert not services.analyse_quiz(analysis_id=analysis.pk, at=LATER)
    assert all_that_is_kept(QuizAnalysis.objects.get(pk=analysis.pk)) == kept


def test_what_is_graded_while_it_is_worked_out_is_due_again(sat: Quiz, monkeypatch: Any) -> None:
    from assessments.services import analysis as module

    honest = module._work_out

    def slow(analysis_id: int, **times: Any) -> None:
        sitting = Sitting.objects.filter(quiz=sat).first()
        assert sitting is not None
        services.note_graded(sitting_id=sitting.pk, at=LATER)
        honest(analysis_id, **times)

    monkeypatch.setattr(module, "_work_out", slow)
    assert analysed(sat).due_at == LATER + WAIT


def test_a_worker_that_died_is_noticed_and_a_failure_is_shown_after_some_tries(sat: Quiz, monkeypatch: Any) -> None:
    from assessments.services import analysis as module

    def broken(*_arguments: Any, **_times: Any) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(module, "_work_out", broken)
    analysis = QuizAnalysis.objects.get(quiz_version=sat.current_version)
    at = LATER
    for _try in range(module.MOST_ATTEMPTS):
        with pytest.raises(RuntimeError):
            services.analyse_quiz(analysis_id=analysis.pk, at=at)
        at += LEASE
    assert not services.analyse_quiz(analysis_id=analysis.pk, at=at)
    analysis.refresh_from_db()
    assert (analysis.due_at, analysis.error) == (None, "RuntimeError: no")
    monkeypatch.undo()
    services.recount_quiz(analysis=analysis, at=at)
    assert analysed(sat, at=at).error == ""


def test_lost_messages_are_found_by_the_sweep(sat: Quiz) -> None:
    QuizAnalysis.objects.all().delete()
    services.find_unanalysed(at=LATER)
    assert analysed(sat).sittings == 12
    AnalysedSitting.objects.filter(sitting__in=Sitting.objects.all()[:1]).delete()
    QuizAnalysis.objects.update(checked_at=LATER)
    services.find_unanalysed(at=LATER + timedelta(days=1))
    assert not QuizAnalysis.objects.filter(due_at__isnull=False).exists()
    services.find_unanalysed(at=LATER + timedelta(days=1, seconds=1))
    assert QuizAnalysis.objects.filter(due_at__isnull=False).exists()


def test_grading_tells_the_analysis_once(quiz: Quiz, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        sitting = answered(quiz, lambda _name: "a")
    QuizAnalysis.objects.all().delete()
    with django_capture_on_commit_callbacks(execute=True):
        answered(quiz, lambda _name: "a")
    assert QuizAnalysis.objects.get(quiz_version=quiz.current_version).context == "exam"
    with CaptureQueriesContext(connection) as queries:
        services.note_graded(sitting_id=sitting.pk, at=NOW)
    assert len(queries) == 1


def test_practice_and_exams_are_kept_apart() -> None:
    bank = make_bank(questions=3)
    for kind in ("check", "practice", "test", "exam"):
        one = make_quiz(bank=bank, count=3, kind=kind)
        answered(one, lambda _name: "a")
    contexts = QuizAnalysis.objects.order_by("pk").values_list("context", flat=True)
    assert list(contexts) == ["practice", "practice", "exam", "exam"]


def test_counting_takes_as_many_queries_for_many_sittings_as_for_few(quiz: Quiz) -> None:
    chance = random.Random(1)
    counts = []
    for number in (2, 20):
        for _candidate in range(number):
            answered(quiz, of_strength(0.5, chance))
        with CaptureQueriesContext(connection) as queries:
            analysed(quiz)
        counts.append(len(queries))
    assert counts[1] <= counts[0] + 1  # a question that was not drawn before comes in by a statement of its own


def test_time_is_from_one_event_to_the_next_and_shared_by_what_came_together() -> None:
    def after(seconds: int) -> Any:
        return NOW + timedelta(seconds=seconds)

    events = [(1, after(20)), (2, after(50)), (2, after(60)), (3, after(90)), (1, after(90)), (None, after(95))]
    assert seconds_by_slot(events, NOW) == {1: 35, 2: 40, 3: 15}
    assert seconds_by_slot([], NOW) == {}


def strange(rest: int, chance: random.Random) -> Callable[[str], str]:
    """The strong choose b in question c1, whose key says a; elsewhere they are right."""

    def chooses(name: str) -> str:
        if name == "c1":
            return "b" if rest > 5 else "a"
        return "a" if chance.random() < rest / 10 else "c"

    return chooses


@pytest.fixture
def wrong_key() -> Quiz:
    quiz = make_quiz(bank=make_bank(questions=5), count=5, kind="exam")
    chance = random.Random(3)
    for number in range(40):
        answered(quiz, strange(number % 11, chance))
    return quiz


def test_a_question_whose_key_is_wrong_is_proposed_for_withdrawal_and_nothing_more(wrong_key: Quiz) -> None:
    analysed(wrong_key)
    proposal = WithdrawalProposal.objects.get()
    question = proposal.question_version.question
    assert question.idnumber == "c1"
    assert [flag["code"] for flag in proposal.flags] == ["wrong_key", "negative"]
    assert proposal.flags[0]["choice"] == "b"
    assert question.status == "ready"
    analysed(wrong_key)
    assert WithdrawalProposal.objects.count() == 1


def test_its_author_withdraws_it_or_says_why_not(wrong_key: Quiz) -> None:
    analysed(wrong_key)
    proposal = WithdrawalProposal.objects.get()
    by: Person = make_person()
    with pytest.raises(ReviewRefused) as refused:
        services.decide_withdrawal(proposal=proposal, withdraw=False, by=by, at=LATER, comment=" ")
    assert in_both(refused.value).startswith("Hãy cho biết vì sao giữ câu này")
    assert "Say why the question stays" in in_both(refused.value)
    services.decide_withdrawal(proposal=proposal, withdraw=False, by=by, at=LATER, comment="Đề đúng.")
    analysed(wrong_key)
    assert WithdrawalProposal.objects.count() == 1  # kept: not proposed again by the same attempts
    with pytest.raises(ReviewRefused) as refused:
        services.decide_withdrawal(proposal=proposal, withdraw=True, by=by, at=LATER)
    assert "decided on this proposal already" in in_both(refused.value)

    chance = random.Random(4)
    for number in range(40):
        answered(wrong_key, strange(number % 11, chance))
    analysed(wrong_key)
    again = WithdrawalProposal.objects.get(state="proposed")
    services.decide_withdrawal(proposal=again, withdraw=True, by=by, at=LATER)
    question = again.question_version.question
    question.refresh_from_db()
    assert question.status == "retired"
    assert question.reviews.get().by == by


def test_a_proposal_lapses_when_its_reason_is_gone(wrong_key: Quiz) -> None:
    analysed(wrong_key)
    gone = list(Sitting.objects.values_list("pk", flat=True)[:20])
    Sitting.objects.filter(pk__in=gone).update(state="waiting")
    analysed(wrong_key)
    assert WithdrawalProposal.objects.get().state == "lapsed"


def test_calibration_follows_and_says_what_is_missing(sat: Quiz) -> None:
    analysis = analysed(sat)
    assert analysis.calibration_due
    assert services.calibrate_quiz(analysis_id=analysis.pk, at=LATER)
    assert not services.calibrate_quiz(analysis_id=analysis.pk, at=LATER)
    analysis.refresh_from_db()
    assert analysis.calibration == {"problem": "too_few_attempts", "models": []}
    assert not analysed(sat).calibration_due


def test_two_workers_do_not_calibrate_the_same_quiz_and_a_dead_one_is_noticed(sat: Quiz, monkeypatch: Any) -> None:
    from assessments.services import calibration as service

    analysis = analysed(sat)

    def dies(_analysis: QuizAnalysis) -> Any:
        assert not services.calibrate_quiz(analysis_id=analysis.pk, at=LATER)
        raise KeyboardInterrupt

    monkeypatch.setattr(service, "_attempts", dies)
    with pytest.raises(KeyboardInterrupt):
        services.calibrate_quiz(analysis_id=analysis.pk, at=LATER)
    monkeypatch.undo()
    assert not services.due_calibrations(at=LATER + service.AGAIN - timedelta(seconds=1)).exists()
    assert services.calibrate_quiz(analysis_id=analysis.pk, at=LATER + service.AGAIN)


def test_enough_sittings_are_calibrated(quiz: Quiz, monkeypatch: Any) -> None:
    from assessments.analysis import calibration as engine
    from assessments.services import calibration as service

    monkeypatch.setattr(engine, "FEWEST_ATTEMPTS", 20)
    monkeypatch.setattr(service, "FEWEST_ATTEMPTS", 20)
    chance = random.Random(2)
    for _candidate in range(60):
        answered(quiz, of_strength(chance.random(), chance))
    analysis = analysed(quiz)
    services.calibrate_quiz(analysis_id=analysis.pk, at=LATER)
    analysis.refresh_from_db()
    assert [model["name"] for model in analysis.calibration["models"]] == ["1PL", "2PL"]
    assert all(set(item.calibration) == {"1PL", "2PL"} for item in analysis.items.all())
