"""What people see of courses: search, gates, both languages, previews, an empty installation, and few queries."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cms.models import ArticleCategory, ArticlePage
from cms.services import publish_page
from courses.models import CatalogueIndexPage, Course, CoursePage, LessonPage, SubjectField
from courses.services import complete_lesson, enrol, keep_search_text
from tests.conftest import NOW
from tests.factories import activity, load_small_pack, make_officer, make_person, make_portal, make_unit

pytestmark = pytest.mark.django_db


def add_courses(count: int, *, title: str = "Khoá", begin: int = 0) -> None:
    parent = CatalogueIndexPage.objects.get(locale__language_code="vi")
    for number in range(begin, begin + count):
        course = Course.objects.create(
            slug=f"k-{number}", code=f"K{number:03d}", title=f"{title} {number}", subject=SubjectField.objects.all()[0]
        )
        keep_search_text(course=course)
        page = CoursePage(title=course.title, slug=course.slug, course=course, locale=parent.locale)
        publish_page(page=page, parent=parent, changes={})


def text_of(client: Any, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, address
    return str(response.content.decode())


def queries(client: Any, address: str) -> int:
    client.get(address)  # sessions, content types and sites are read once
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert client.get(address).status_code == 200
    return len(caught)


@pytest.mark.parametrize("address", ["/", "/khoa-hoc/", "/en/khoa-hoc/", "/tim-kiem/?q=khoa", "/hoc/"])
def test_queries_do_not_grow_with_courses(client: Any, address: str) -> None:
    load_small_pack()
    person = make_person()
    client.force_login(person)
    add_courses(4)
    for course in Course.objects.all():
        enrol(person=person, course=course, by=person, at=NOW)
    few = queries(client, address)
    add_courses(16, begin=4)
    for course in Course.objects.all():
        enrol(person=person, course=course, by=person, at=NOW)
    assert queries(client, address) == few


def test_queries_of_course_and_lesson_do_not_grow_with_lessons(client: Any) -> None:
    course = load_small_pack()
    person = make_person()
    enrol(person=person, course=course, by=person, at=NOW)
    client.force_login(person)
    addresses = ("/khoa-hoc/mat-khau-tot/", "/khoa-hoc/mat-khau-tot/mat-khau-yeu/")
    few = [queries(client, address) for address in addresses]
    parent = CoursePage.objects.get(course=course, locale__language_code="vi")
    for number in range(12):
        page = LessonPage(title=f"Bài {number}", slug=f"bai-{number}", locale=parent.locale)
        publish_page(page=page, parent=parent, changes={"body": [{"type": "text", "value": "<p>Chữ.</p>"}]})
    assert [queries(client, address) for address in addresses] == few


@pytest.mark.parametrize("words", ["hoa binh", "hòa bình", "hoà bình", "HÒA", "bình hoà", "dien tu", "Điện tử"])
def test_search_ignores_diacritics_order_and_tone_placement(client: Any, words: str) -> None:
    make_portal()
    add_courses(1, title="Dịch vụ điện tử ở Hoà Bình")
    assert "Dịch vụ điện tử ở Hoà Bình 0" in text_of(client, f"/khoa-hoc/?q={words}")


def test_many_courses_come_in_pages_that_keep_the_filter(client: Any) -> None:
    make_portal()
    add_courses(30)
    first = text_of(client, "/khoa-hoc/?q=khoa")
    assert "1 / 2" in first
    assert re.search(r'href="\?q=khoa&amp;page=2"', first)
    assert "K024" not in first
    assert "Khoá 29" in text_of(client, "/khoa-hoc/?q=khoa&page=2")
    assert "Không có khoá học nào hợp" in text_of(client, "/khoa-hoc/?q=zzz")
    assert "Không có khoá học nào hợp" in text_of(client, "/khoa-hoc/?subject=khong-co")


def test_a_gated_lesson_says_which_check_opens_it(client: Any) -> None:
    course, person = load_small_pack(), make_person()
    enrolment = enrol(person=person, course=course, by=person, at=NOW)
    complete_lesson(enrolment=enrolment, activity=activity(course, "mat-khau-yeu"), at=NOW)
    client.force_login(person)
    assert f"Mở khi bạn đạt “{activity(course, 'kt-bai-01').title}”" in text_of(client, "/khoa-hoc/mat-khau-tot/")


def test_english_pages_say_when_the_text_is_vietnamese_and_mark_it_for_screen_readers(client: Any) -> None:
    load_small_pack()
    page = text_of(client, "/en/khoa-hoc/mat-khau-tot/mat-khau-yeu/")
    assert '<html lang="en">' in page
    assert '<article class="prose" lang="vi">' in page
    assert "an English version does not exist yet" in page
    assert "does not exist yet" not in text_of(client, "/khoa-hoc/mat-khau-tot/mat-khau-yeu/")


def test_the_language_switch_leads_to_the_same_page_or_the_nearest(client: Any) -> None:
    load_small_pack()
    for vietnamese in ("/khoa-hoc/", "/khoa-hoc/mat-khau-tot/", "/tim-kiem/?q=a", "/tai-khoan/login/"):
        assert f'href="/en{vietnamese}" hreflang="en"' in text_of(client, vietnamese)
        assert f'href="{vietnamese}" hreflang="vi"' in text_of(client, f"/en{vietnamese}")
    parent = CatalogueIndexPage.objects.get(locale__language_code="vi").get_parent().get_children().get(slug="tin-tuc")
    article = ArticlePage(title="Chỉ tiếng Việt", slug="chi-tieng-viet", author="B", date=NOW, locale=parent.locale)
    article.category = ArticleCategory.objects.all()[0]
    publish_page(page=article, parent=parent, changes={})
    assert 'href="/en/tin-tuc/" hreflang="en"' in text_of(client, "/tin-tuc/chi-tieng-viet/")
    assert 'href="/en/"' in text_of(client, "/en/khong-co/", 404)


@pytest.mark.parametrize("model", [CoursePage, LessonPage, ArticlePage])
def test_a_page_that_is_only_begun_can_be_previewed(model: Any) -> None:
    load_small_pack()
    above: Any = {
        CoursePage: CatalogueIndexPage.objects.get(locale__language_code="vi"),
        LessonPage: CoursePage.objects.get(locale__language_code="vi"),
        ArticlePage: CatalogueIndexPage.objects.get(locale__language_code="vi").get_parent(),
    }[model]
    page = model(title="Mới bắt đầu", slug="moi", locale=above.locale)
    page.depth, page.path = above.depth + 1, model._get_path(above.path, above.depth + 1, 99)
    page.set_url_path(above)
    assert "Mới bắt đầu" in page.make_preview_request().render().content.decode()


def test_an_empty_installation_opens_and_says_what_to_do(client: Any) -> None:
    assert "Cổng chưa có trang nào" in text_of(client, "/")
    assert "The portal has no pages yet" in text_of(client, "/en/")
    for address in ("/tim-kiem/", "/tim-kiem/?q=a", "/kiem-tra/", "/tai-khoan/login/", "/en/tim-kiem/"):
        text_of(client, address)
    make_portal()
    assert "Chưa có khoá học nào" in text_of(client, "/khoa-hoc/")
    assert "There is no course yet" in text_of(client, "/en/khoa-hoc/")
    assert "Chưa có khoá học nào." in text_of(client, "/")
    client.force_login(make_person())
    assert "Chọn khoá học" in text_of(client, "/hoc/")


def test_a_new_course_leads_to_its_page_which_knows_its_course(client: Any) -> None:
    make_portal()
    client.force_login(make_officer(make_unit(), "administrator"))
    data = {
        "title": "Đặt lịch khám", "slug": "dat-lich-kham", "code": "DLK", "summary": "Tóm tắt.", "level": "basic",
        "hours": "1", "subject": SubjectField.objects.all()[0].pk, "gated": "on", "require_lessons": "on",
        "is_open": "on", "outcomes-TOTAL_FORMS": "1", "outcomes-INITIAL_FORMS": "0", "outcomes-MIN_NUM_FORMS": "0",
        "outcomes-MAX_NUM_FORMS": "1000", "outcomes-0-code": "DL.1", "outcomes-0-text": "Đặt được lịch",
        "outcomes-0-id": "",
    }  # fmt: skip
    response = client.post(reverse("wagtailsnippets_courses_course:add"), data, follow=True)
    form = response.content.decode()
    assert "hãy viết trang của khoá" in form
    assert 'value="Đặt lịch khám"' in form
    course = Course.objects.get(slug="dat-lich-kham")
    assert course.outcomes.get().text == "Đặt được lịch"
    assert "dat lich" in course.search_text
