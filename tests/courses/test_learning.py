"""Enrolling, gates, completing: once, whatever happens."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections, transaction

from courses.exceptions import EnrolmentRefused, LessonLocked, NotEnrolled
from courses.models import CourseCompletion, Enrolment
from courses.queries import course_path, progress_percent
from courses.services import complete_lesson, decide_completion, enrol, record_activity_result, withdraw
from tests.conftest import NOW
from tests.factories import activity, complete, load_small_pack, make_course, make_person


def result(enrolment: Enrolment, key: str, fraction: float, *, passed: bool) -> None:
    record_activity_result(
        enrolment=enrolment,
        activity=activity(enrolment.course, key),
        fraction=fraction,
        passed=passed,
        evidence={"sitting": str(fraction)},
        at=NOW,
    )


def states(enrolment: Enrolment) -> list[str]:
    return [step.state.value for step in course_path(course=enrolment.course, enrolment=enrolment)]


@pytest.fixture
def enrolment(db: Any) -> Enrolment:
    person = make_person()
    return enrol(person=person, course=make_course(checks=2), by=person, at=NOW)


def test_a_gated_course_opens_step_by_step(enrolment: Enrolment) -> None:
    course = enrolment.course
    assert states(enrolment) == ["open", "locked", "locked", "locked", "locked"]
    complete_lesson(enrolment=enrolment, activity=activity(course, "bai-1"), at=NOW)
    assert states(enrolment) == ["done", "open", "locked", "locked", "locked"]
    result(enrolment, "kt-1", 0.6, passed=False)
    assert states(enrolment) == ["done", "open", "locked", "locked", "locked"]
    result(enrolment, "kt-1", 0.8, passed=True)
    assert states(enrolment) == ["done", "done", "open", "locked", "locked"]
    assert progress_percent(enrolment) == 40


def test_a_locked_lesson_cannot_be_marked_as_read(enrolment: Enrolment) -> None:
    with pytest.raises(LessonLocked):
        complete_lesson(enrolment=enrolment, activity=activity(enrolment.course, "bai-2"), at=NOW)


def test_an_open_course_has_no_gates_but_its_test_comes_last(db: Any) -> None:
    person = make_person()
    enrolment = enrol(person=person, course=make_course(checks=2, gated=False), by=person, at=NOW)
    assert states(enrolment) == ["open", "locked", "open", "locked", "locked"]


def test_the_best_result_counts_and_what_was_passed_stays_passed(enrolment: Enrolment) -> None:
    complete_lesson(enrolment=enrolment, activity=activity(enrolment.course, "bai-1"), at=NOW)
    for fraction, passed in [(0.8, True), (0.2, False), (0.9, True)]:
        result(enrolment, "kt-1", fraction, passed=passed)
    progress = enrolment.progress.get(activity__key="kt-1")
    assert (progress.best_fraction, progress.evidence) == (0.9, {"sitting": "0.9"})
    assert progress.completed_at is not None


def test_a_course_completes_when_everything_required_is_done_and_not_before(db: Any) -> None:
    course, person = make_course(checks=1), make_person()
    enrolment = enrol(person=person, course=course, by=person, at=NOW)
    for key in ("bai-1", "kt-1"):
        result(enrolment, key, 1.0, passed=True)
        assert decide_completion(enrolment_id=enrolment.pk, at=NOW) is None
    result(enrolment, "thi", 0.85, passed=True)
    completion = decide_completion(enrolment_id=enrolment.pk, at=NOW)
    assert completion is not None
    assert completion.fraction == 0.85
    assert [row["key"] for row in completion.evidence["activities"]] == ["bai-1", "kt-1", "thi"]


def test_completing_twice_makes_one_completion_that_the_database_protects(db: Any) -> None:
    completion = complete(make_course(checks=1), make_person())
    assert decide_completion(enrolment_id=completion.enrolment_id, at=NOW) is None
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE courses_coursecompletion SET fraction = 1")


@pytest.mark.django_db(transaction=True)
def test_workers_racing_complete_a_course_once() -> None:
    course, person = make_course(checks=1), make_person()
    enrolment = enrol(person=person, course=course, by=person, at=NOW)
    for key in ("bai-1", "kt-1", "thi"):
        result(enrolment, key, 1.0, passed=True)
    made: list[CourseCompletion | None] = []

    def work() -> None:
        try:
            made.append(decide_completion(enrolment_id=enrolment.pk, at=NOW))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 4
    assert sum(row is not None for row in made) == 1
    assert CourseCompletion.objects.count() == 1


def test_enrolling_twice_is_once_and_a_closed_course_takes_nobody(enrolment: Enrolment) -> None:
    assert enrol(person=enrolment.person, course=enrolment.course, by=None, at=NOW) == enrolment
    enrolment.course.is_open = False
    enrolment.course.save()
    with pytest.raises(EnrolmentRefused):
        enrol(person=make_person(), course=enrolment.course, by=None, at=NOW)


def test_after_leaving_nothing_is_recorded(enrolment: Enrolment) -> None:
    withdraw(enrolment=enrolment, by=enrolment.person, at=NOW)
    with pytest.raises(NotEnrolled):
        complete_lesson(enrolment=enrolment, activity=activity(enrolment.course, "bai-1"), at=NOW)
    result(enrolment, "kt-1", 1.0, passed=True)
    assert enrolment.progress.count() == 0


def test_a_learner_reads_enrols_and_is_stopped_at_the_gate(client: Any, db: Any) -> None:
    course = load_small_pack()
    first, second = "/khoa-hoc/mat-khau-tot/mat-khau-yeu/", "/khoa-hoc/mat-khau-tot/giu-mat-khau/"
    assert client.get(first).status_code == 200, "the first lesson is open to everybody"
    assert client.get(second).status_code == 302
    client.force_login(make_person())
    client.post(f"/hoc/{course.slug}/ghi-danh/")
    assert client.get(second).status_code == 302
    page = client.get(first).content.decode()
    assert "Tôi đã đọc xong" in page
    progress = Enrolment.objects.get().progress.get()
    assert progress.revision is not None, "which revision was seen"


def test_course_pages_cost_the_same_with_one_and_many_learners(
    client: Any, db: Any, django_assert_max_num_queries: Any
) -> None:
    course = load_small_pack()
    for _ in range(5):
        person = make_person()
        enrol(person=person, course=course, by=person, at=NOW)
    client.force_login(make_person())
    client.get("/khoa-hoc/")
    for address, most in [("/", 40), ("/khoa-hoc/", 32), ("/khoa-hoc/mat-khau-tot/", 36), ("/hoc/", 20)]:
        with django_assert_max_num_queries(most):
            assert client.get(address).status_code == 200


def test_search_needs_no_diacritics(client: Any, db: Any) -> None:
    load_small_pack()
    assert "Mật khẩu tốt" in client.get("/khoa-hoc/?q=mat+khau").content.decode()
    assert "Mật khẩu tốt" in client.get("/khoa-hoc/?q=TỐT+mật").content.decode()
    assert "Mật khẩu tốt" not in client.get("/khoa-hoc/?q=excel").content.decode()
    assert "Mật khẩu tốt" in client.get("/tim-kiem/?q=mat+khau").content.decode()


def test_english_screens_stand_around_the_vietnamese_text(client: Any, db: Any) -> None:
    load_small_pack()
    page = client.get("/en/khoa-hoc/mat-khau-tot/").content.decode()
    assert "Good passwords" in page
    assert "The way through the course" in page
