"""The tree of categories: what may be changed, and what stands on it and is kept."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assessments.exceptions import CategoryRefused
from assessments.models import Bank, Category, QuizDraw
from assessments.services import (
    add_category,
    delete_category,
    ensure_category,
    merge_category,
    move_category,
    publish_quiz,
    rename_category,
    update_bank,
)
from people.models import OrganisationUnit, Person, RoleGrant
from tests.assessments.test_admin import signed_in, text_of
from tests.conftest import NOW
from tests.factories import make_bank, make_officer, make_portal, make_quiz, make_unit

BANKS = "/quan-tri/ngan-hang-cau-hoi/"


@pytest.fixture(autouse=True)
def _portal(db: Any) -> None:
    make_portal()


@pytest.fixture
def unit() -> OrganisationUnit:
    return make_unit(parent=make_unit(name="Tỉnh"))


@pytest.fixture
def instructor(unit: OrganisationUnit) -> Person:
    return make_officer(unit, RoleGrant.Role.INSTRUCTOR)


@pytest.fixture
def bank(unit: OrganisationUnit) -> Bank:
    return update_bank(bank=make_bank(questions=3), title="Ngân hàng", unit=unit, by=None)


@pytest.fixture
def chapter(bank: Bank) -> Category:
    return bank.categories.get(name="Chương 1")


def root(bank: Bank) -> Category:
    return bank.categories.get(depth=1)


def test_a_category_is_added_renamed_and_moved_with_what_is_below_it(bank: Bank, chapter: Category) -> None:
    part = add_category(under=root(bank), name="  Phần  A ", by=None)
    assert part.name == "Phần A"
    below = add_category(under=chapter, name="Bài 1", by=None)
    moved = move_category(category=chapter, under=part, by=None)
    below.refresh_from_db()
    assert below.path.startswith(moved.path)
    assert moved.path.startswith(Category.objects.get(pk=part.pk).path)
    assert bank.questions.filter(category=moved).count() == 3
    assert rename_category(category=moved, name="Chương một", by=None).name == "Chương một"
    assert Category.find_problems() == ([], [], [], [], [])


@pytest.mark.parametrize("name", ["", "   ", "CHƯƠNG 1"])
def test_a_name_is_there_once_below_its_parent(bank: Bank, chapter: Category, name: str) -> None:
    with pytest.raises(CategoryRefused):
        add_category(under=root(bank), name=name, by=None)
    assert rename_category(category=chapter, name="CHƯƠNG 1", by=None).name == "CHƯƠNG 1"


def test_nothing_is_moved_below_itself_or_into_another_bank(bank: Bank, chapter: Category) -> None:
    below = add_category(under=chapter, name="Bài 1", by=None)
    foreign = root(make_bank(questions=0))
    for target in (below, chapter, foreign):
        with pytest.raises(CategoryRefused):
            move_category(category=chapter, under=target, by=None)
    with pytest.raises(CategoryRefused):
        merge_category(category=below, into=foreign, by=None)
    for change in (
        lambda row: rename_category(category=row, name="Khác", by=None),
        lambda row: delete_category(category=row, by=None),
    ):
        with pytest.raises(CategoryRefused):
            change(root(bank))


def test_merging_takes_the_questions_along(bank: Bank, chapter: Category) -> None:
    other = add_category(under=root(bank), name="Chương 2", by=None)
    assert merge_category(category=chapter, into=other, by=None) == 3
    assert not Category.objects.filter(pk=chapter.pk).exists()
    assert bank.questions.filter(category=other).count() == 3


def test_only_an_empty_category_is_taken_away(bank: Bank, chapter: Category) -> None:
    with pytest.raises(CategoryRefused, match="câu hỏi"):
        delete_category(category=chapter, by=None)
    empty = add_category(under=chapter, name="Bài 1", by=None)
    with pytest.raises(CategoryRefused):
        merge_category(category=chapter, into=root(bank), by=None)
    delete_category(category=empty, by=None)
    assert not Category.objects.filter(pk=empty.pk).exists()


def test_a_category_that_a_quiz_draws_from_stays_even_when_only_the_published_version_does(
    bank: Bank, chapter: Category
) -> None:
    quiz = make_quiz(bank=bank, count=2)
    QuizDraw.objects.filter(quiz=quiz).update(category=chapter)
    publish_quiz(quiz=quiz, by=None, at=NOW)
    QuizDraw.objects.filter(quiz=quiz).update(category=None)
    with pytest.raises(CategoryRefused, match=quiz.title):
        merge_category(category=chapter, into=root(bank), by=None)


def test_the_tree_is_shown_with_counts_in_a_fixed_number_of_queries(bank: Bank, instructor: Person) -> None:
    client, url = signed_in(instructor), f"{BANKS}{bank.pk}/chuyen-muc/"
    client.get(url)
    counts = []
    for number in (0, 20):
        for index in range(number):
            ensure_category(bank=bank, path=[f"Phần {index}", "Bài"])
        with CaptureQueriesContext(connection) as queries:
            page = text_of(client.get(url))
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert "Chương 1" in page


def test_an_instructor_changes_the_tree_on_its_pages(bank: Bank, chapter: Category, instructor: Person) -> None:
    client, url = signed_in(instructor), f"{BANKS}{bank.pk}/chuyen-muc/"
    page = text_of(client.post(url, {"name": "Chương 2", "under": root(bank).pk}, follow=True))
    assert "Đã thêm chuyên mục “Chương 2”." in page
    assert "Trong “Ngân hàng” đã có chuyên mục" in text_of(
        client.post(url, {"name": "Chương 2", "under": root(bank).pk})
    )
    one = f"{url}{chapter.pk}/"
    assert "Chương 1" in text_of(client.get(one))
    page = client.post(one, {"action": "rename", "rename-name": "Mở đầu"}, follow=True)
    assert "Chuyên mục nay có tên “Mở đầu”." in text_of(page)
    target = bank.categories.get(name="Chương 2")
    foreign = root(make_bank(questions=0))
    assert "Hãy chọn một chuyên mục của ngân hàng này." in text_of(
        client.post(one, {"action": "merge", "merge-place": foreign.pk})
    )
    client.post(one, {"action": "move", "move-place": target.pk})
    chapter.refresh_from_db()
    assert chapter.depth == 3
    assert "còn câu hỏi" in text_of(client.post(one, {"action": "delete"}))
    client.post(one, {"action": "merge", "merge-place": target.pk})
    assert bank.questions.filter(category=target).count() == 3
    assert client.get(f"{url}{root(bank).pk}/").status_code == 404
