"""What tests arrange with: every factory goes through the services."""

from __future__ import annotations

from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

from wagtail.models import Collection, Locale, Page

from assessments.models import Bank, Quiz, QuizDraw, Sitting
from assessments.services import (
    create_bank,
    create_question,
    ensure_category,
    grade_sitting,
    publish_quiz,
    record_responses,
    start_sitting,
    submit_sitting,
)
from certificates.services import ensure_templates, set_certificate_rule
from cms.services import ensure_portal
from courses.models import Activity, Course, CourseCompletion, Enrolment, SubjectField
from courses.services import (
    decide_completion,
    enrol,
    ensure_catalogue,
    import_frameworks,
    import_pack,
    record_activity_result,
    sync_activity,
)
from people.models import OrganisationUnit, Person, RoleGrant
from people.services import assign_person, create_person, ensure_groups, grant_role, open_unit
from tests.conftest import NOW

numbers = count(1)
START = date(2025, 7, 1)
SMALL_PACK = Path(__file__).resolve().parents[1] / "data" / "packs" / "mat-khau-tot"
CONTENT = Path(__file__).resolve().parents[2] / "content"
PASSWORD = "mot-mat-khau-dai-2026"


def make_unit(*, name: str = "Đơn vị", parent: OrganisationUnit | None = None, code: str = "") -> OrganisationUnit:
    """An open unit."""
    n = next(numbers)
    return open_unit(code=code or f"DV{n}", name=f"{name} {n}", parent=parent, valid_from=START, by=None)


def make_person(*, name: str = "Nguyễn Thị Hương", password: str | None = PASSWORD, **fields: Any) -> Person:
    """A person with a staff number."""
    n = next(numbers)
    fields.setdefault("staff_number", f"NV{n:05d}")
    return create_person(full_name=name, password=password, by=None, **fields)


def make_officer(unit: OrganisationUnit, role: str = RoleGrant.Role.HR_OFFICER) -> Person:
    """A person with a role in a unit."""
    ensure_groups()
    person = make_person(name="Lê Thị Mai")
    grant_role(person=person, role=role, unit=unit, valid_from=START, by=None)
    person.refresh_from_db()
    return person


def put_to_work(person: Person, unit: OrganisationUnit, **fields: Any) -> None:
    """Assign a person from the beginning on."""
    assign_person(person=person, unit=unit, valid_from=fields.pop("valid_from", START), by=None, **fields)


def make_course(*, checks: int = 2, gated: bool = True) -> Course:
    """A course of lessons with a check each, and a final test; no pages."""
    n = next(numbers)
    subject, _created = SubjectField.objects.get_or_create(slug="tin-hoc", defaults={"name": "Tin học"})
    course = Course.objects.create(
        slug=f"khoa-{n}", code=f"K{n}", title=f"Khoá {n}", title_en=f"Course {n}", subject=subject, gated=gated, hours=2
    )
    for number in range(1, checks + 1):
        lesson = sync_activity(
            course=course, kind="lesson", key=f"bai-{number}", title=f"Bài {number}", position=number * 10
        )
        sync_activity(
            course=course,
            kind="check",
            key=f"kt-{number}",
            title=f"Kiểm tra {number}",
            position=number * 10 + 1,
            lesson=lesson,
        )
    sync_activity(course=course, kind="test", key="thi", title="Bài thi", position=1000)
    return course


def activity(course: Course, key: str) -> Activity:
    """An activity of a course."""
    return course.activities.get(key=key)


def make_bank(*, questions: int = 4, **facts: Any) -> Bank:
    """A bank of ready single-choice questions whose first choice ("a") is right."""
    bank = create_bank(slug=f"nh-{next(numbers)}", title="Ngân hàng", by=None)
    category = ensure_category(bank=bank, path=["Chương 1"])
    for number in range(1, questions + 1):
        create_question(
            bank=bank,
            category=category,
            idnumber=f"c{number}",
            name=f"Câu {number}",
            type="single_choice",
            body=single_choice_body(number),
            status="ready",
            by=None,
            at=NOW,
            **facts,
        )
    return bank


def single_choice_body(number: int = 1) -> dict[str, Any]:
    """Choice "a" is right."""
    return {
        "stem": f"<p>Câu số {number}?</p>",
        "choices": [
            {"id": "a", "text": "Đúng", "fraction": 1.0, "feedback": "Vì thế."},
            {"id": "b", "text": "Sai", "fraction": 0.0, "feedback": "Không phải."},
            {"id": "c", "text": "Cũng sai", "fraction": 0.0, "feedback": "Không phải."},
        ],
    }


def make_quiz(*, bank: Bank | None = None, count: int = 4, activity: Activity | None = None, **rules: Any) -> Quiz:
    """A published quiz that draws `count` questions."""
    bank = bank or make_bank(questions=count)
    rules.setdefault("kind", "test")
    quiz = Quiz.objects.create(slug=f"de-{next(numbers)}", title="Đề", bank=bank, activity=activity, **rules)
    QuizDraw.objects.create(quiz=quiz, bank=bank, count=count, mark=1)
    publish_quiz(quiz=quiz, by=None, at=NOW)
    return Quiz.objects.get(pk=quiz.pk)


def sit(quiz: Quiz, person: Person, *, right: int, enrolment: Enrolment | None = None, at: Any = NOW) -> Sitting:
    """A graded sitting with so many right answers."""
    sitting = start_sitting(person=person, quiz=quiz, enrolment=enrolment, at=at)
    events = [
        {"seq": n, "slot": slot["slot"], "response": {"choice": "a" if n <= right else "b"}}
        for n, slot in enumerate(sitting.paper.slots, start=1)
    ]
    record_responses(sitting=sitting, events=events, at=at)
    submit_sitting(sitting=sitting, by=person, at=at)
    grade_sitting(sitting_id=sitting.pk, worker="worker@test", at=at)
    sitting.refresh_from_db()
    return sitting


def complete(course: Course, person: Person, *, at: Any = NOW) -> CourseCompletion:
    """A completion, everything passed."""
    enrolment = enrol(person=person, course=course, by=person, at=at)
    for row in course.activities.order_by("position"):
        record_activity_result(
            enrolment=enrolment,
            activity=row,
            fraction=0.9,
            passed=True,
            evidence={"sitting": "s", "score": "18.00", "max_score": "20.00", "digest": "d" * 64},
            at=at,
        )
    completion = decide_completion(enrolment_id=enrolment.pk, at=at)
    assert completion is not None
    return completion


def make_portal() -> None:
    """Languages, home, catalogue; also after the tables were emptied."""
    if Page.get_first_root_node() is None:
        Locale.objects.get_or_create(language_code="vi")
        Page.add_root(title="Root", slug="root")
    if Collection.get_first_root_node() is None:
        Collection.add_root(name="Root")
    ensure_portal()
    ensure_catalogue()


def make_rule(course: Course, unit: OrganisationUnit, **fields: Any) -> None:
    """Completing the course earns a certificate."""
    ensure_templates(at=NOW)
    fields.setdefault("validity_months", None)
    set_certificate_rule(course=course, template_slug="hoan-thanh-khoa-hoc", by=None, **fields)


def load_small_pack() -> Course:
    """The small pack, with all that it needs."""
    make_portal()
    import_frameworks(folder=CONTENT / "frameworks")
    if not OrganisationUnit.objects.exists():
        make_unit(name="Tỉnh", code="TN")
    ensure_templates(at=NOW)
    return import_pack(folder=SMALL_PACK, by=None, at=NOW)
