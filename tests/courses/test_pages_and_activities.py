"""Whatever happens to lesson pages in the administration, the course's lessons follow or the refusal is clear."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from cms.services import publish_page
from courses.models import Activity, ActivityProgress, Course, CoursePage, Enrolment, LessonPage
from courses.queries import course_path, is_learnt_from
from courses.services import complete_lesson, enrol, export_pack
from tests.conftest import NOW
from tests.factories import activity, load_small_pack, make_officer, make_person, make_unit

pytestmark = pytest.mark.django_db
BODY = [{"type": "text", "value": "<p>Chữ.</p>"}]


@pytest.fixture
def course(client: Any) -> Course:
    course = load_small_pack()
    client.force_login(make_officer(make_unit(), "administrator"))
    return course


def course_page(course: Course) -> CoursePage:
    return CoursePage.objects.get(course=course, locale__language_code="vi")


def lesson(slug: str) -> LessonPage:
    return LessonPage.objects.get(slug=slug, locale__language_code="vi")


def keys(course: Course) -> list[str]:
    return [step.activity.key for step in course_path(course=course)]


def add_lesson(course: Course, slug: str, title: str = "Bài mới") -> LessonPage:
    page = LessonPage(title=title, slug=slug, locale=course_page(course).locale)
    publish_page(page=page, parent=course_page(course), changes={"body": BODY})
    return lesson(slug)


def learner(course: Course, *done: str) -> Enrolment:
    person = make_person()
    enrolment = enrol(person=person, course=course, by=person, at=NOW)
    for key in done:
        complete_lesson(enrolment=enrolment, activity=activity(course, key), at=NOW)
    return enrolment


def post(client: Any, name: str, page: Any, *args: Any, data: dict[str, Any] | None = None) -> Any:
    return client.post(reverse(name, args=[page.pk, *args]), data or {}, follow=True)


def test_a_published_lesson_joins_the_course_in_both_languages(course: Course, client: Any) -> None:
    page = add_lesson(course, "bai-ba")
    assert keys(course) == ["mat-khau-yeu", "kt-bai-01", "giu-mat-khau", "bai-ba", "thi-cuoi-khoa"]
    english = page.get_translations().get()
    assert english.specific.activity_id == page.activity_id
    assert client.get("/en/khoa-hoc/mat-khau-tot/").status_code == 200


def test_a_renamed_lesson_stays_the_same_lesson(course: Course) -> None:
    page = add_lesson(course, "bai-ba")
    publish_page(
        page=page.get_latest_revision_as_object(), parent=None, changes={"slug": "ten-khac", "title": "Tên khác"}
    )
    assert lesson("ten-khac").activity_id == page.activity_id
    assert activity(course, "bai-ba").title == "Tên khác"


def test_reordered_pages_reorder_the_lessons_with_their_checks(course: Course, client: Any) -> None:
    response = client.post(
        reverse("wagtailadmin_pages:set_page_position", args=[lesson("giu-mat-khau").pk]) + "?position=0"
    )
    assert response.status_code == 200
    assert keys(course) == ["giu-mat-khau", "mat-khau-yeu", "kt-bai-01", "thi-cuoi-khoa"]


def test_an_unpublished_lesson_leaves_with_its_check_and_comes_back_as_the_same(course: Course, client: Any) -> None:
    enrolment = learner(course, "mat-khau-yeu")
    page = lesson("mat-khau-yeu")
    post(client, "wagtailadmin_pages:unpublish", page)
    assert keys(course) == ["giu-mat-khau", "thi-cuoi-khoa"]
    enrolment.refresh_from_db()
    assert enrolment.due_check, "who had only this left is looked at again"
    lesson("mat-khau-yeu").get_latest_revision().publish()
    assert keys(course) == ["mat-khau-yeu", "kt-bai-01", "giu-mat-khau", "thi-cuoi-khoa"]
    assert course_path(course=course, enrolment=enrolment)[0].is_done


def test_a_lesson_that_people_have_learnt_from_cannot_be_deleted(course: Course, client: Any) -> None:
    learner(course, "mat-khau-yeu")
    response = post(client, "wagtailadmin_pages:delete", lesson("mat-khau-yeu"))
    assert "Đã có người học" in response.content.decode()
    post(client, "wagtailadmin_pages:delete", course_page(course))
    assert is_learnt_from(course_page(course).get_parent())
    bulk = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "delete"])
    client.post(f"{bulk}?id={lesson('mat-khau-yeu').pk}")
    assert LessonPage.objects.filter(slug="mat-khau-yeu").count() == 2
    assert ActivityProgress.objects.count() == 1


def test_a_lesson_that_nobody_has_opened_can_be_deleted(course: Course, client: Any) -> None:
    page = add_lesson(course, "bai-ba")
    post(client, "wagtailadmin_pages:delete", page)
    assert not LessonPage.objects.filter(slug="bai-ba", locale__language_code="vi").exists()
    assert keys(course) == ["mat-khau-yeu", "kt-bai-01", "giu-mat-khau", "thi-cuoi-khoa"]


def test_a_lesson_cannot_move_to_another_course(course: Course, client: Any) -> None:
    other = Course.objects.create(slug="khac", code="KHAC", title="Khác", subject=course.subject)
    page = CoursePage(title="Khác", slug="khac", course=other, locale=course_page(course).locale)
    publish_page(page=page, parent=course_page(course).get_parent(), changes={})
    other_page = course_page(other)
    response = post(client, "wagtailadmin_pages:move_confirm", lesson("giu-mat-khau"), other_page.pk)
    assert "không chuyển sang khoá khác được" in response.content.decode()
    assert lesson("giu-mat-khau").get_parent().pk == course_page(course).pk


def test_a_copied_lesson_is_a_lesson_of_its_own(course: Course) -> None:
    lesson("giu-mat-khau").copy(update_attrs={"slug": "ban-sao", "title": "Bản sao"}, keep_live=True)
    assert lesson("ban-sao").activity_id != lesson("giu-mat-khau").activity_id
    assert keys(course) == ["mat-khau-yeu", "kt-bai-01", "giu-mat-khau", "ban-sao", "thi-cuoi-khoa"]


def test_a_course_page_cannot_be_doubled(course: Course, client: Any) -> None:
    response = client.get(reverse("wagtailadmin_pages:copy", args=[course_page(course).pk]), follow=True)
    assert "Mỗi khoá học có một trang" in response.content.decode()
    second = CoursePage(title="Nữa", slug="nua", course=course, locale=course_page(course).locale)
    with pytest.raises(Exception, match="đã có trang"):
        course_page(course).get_parent().add_child(instance=second)


def test_the_revision_seen_is_kept_also_for_readers_in_english(course: Course, client: Any) -> None:
    enrolment = learner(course)
    client.force_login(enrolment.person)
    client.get("/en/khoa-hoc/mat-khau-tot/mat-khau-yeu/")
    assert enrolment.progress.get().revision_id == lesson("mat-khau-yeu").live_revision_id


def test_what_is_written_by_hand_can_be_exported(course: Course, tmp_path: Any) -> None:
    add_lesson(course, "bai-ba")
    export_pack(course=course, folder=tmp_path / "out")
    assert (tmp_path / "out/lessons/03-bai-ba.md").read_text().endswith("Chữ.\n")


def test_lessons_of_a_course_have_their_keys_once(course: Course) -> None:
    for number in range(3):
        add_lesson(course, f"bai-{number}", title="Trùng tên")
    assert Activity.objects.filter(course=course, kind="lesson").count() == 5
