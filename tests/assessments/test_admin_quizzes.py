"""How instructors and exam officers put quizzes together in the administration."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from assessments.models import Bank, Paper, Quiz, Sitting
from assessments.permissions import quizzes_for
from assessments.services import ensure_category, update_bank
from people.models import OrganisationUnit, Person, RoleGrant
from tests.assessments.forms import form_data
from tests.assessments.test_admin import signed_in, text_of
from tests.factories import make_bank, make_officer, make_portal, make_quiz, make_unit

QUIZZES = "/quan-tri/de-thi/"


@pytest.fixture(autouse=True)
def _portal(db: Any) -> None:
    make_portal()


@pytest.fixture
def unit() -> OrganisationUnit:
    return make_unit(parent=make_unit(name="Tỉnh"), name="Trung tâm")


@pytest.fixture
def officer(unit: OrganisationUnit) -> Person:
    return make_officer(unit, RoleGrant.Role.EXAM_OFFICER)


def bank_of(unit: OrganisationUnit, *, questions: int = 4, title: str = "Ngân hàng") -> Bank:
    return update_bank(bank=make_bank(questions=questions), title=title, unit=unit, by=None)


@pytest.fixture
def bank(unit: OrganisationUnit) -> Bank:
    return bank_of(unit, title="Ngân hàng của trung tâm")


def filled(client: Client, url: str, **changes: Any) -> dict[str, Any]:
    return form_data(text_of(client.get(url)), "w-editor-form", **changes)


def row(number: int, bank: Bank, **values: Any) -> dict[str, Any]:
    """A new row of the matrix."""
    facts = {"bank": bank.pk, "category": "", "difficulty": "", "nature": "", "outcome": "", "count": 2, "mark": "1,5"}
    facts.update({"id": "", "ORDER": number + 1, "DELETE": "", **values})
    return {f"draws-{number}-{name}": value for name, value in facts.items()}


def a_new_quiz(client: Client, of: Bank, **changes: Any) -> Any:
    facts = {
        "title": "Kỳ thi tháng 12",
        "slug": "ky-thi-thang-12",
        "kind": "exam",
        "bank": of.pk,
        "pass_percent": "62,5",
        "time_limit_seconds": "1,5",
        "draws-TOTAL_FORMS": "1",
        **row(0, of),
        **changes,
    }
    return client.post(f"{QUIZZES}moi/", filled(client, f"{QUIZZES}moi/", **facts), follow=True)


def test_an_exam_officer_makes_an_exam_with_minutes_and_decimal_commas(bank: Bank, officer: Person) -> None:
    page = text_of(a_new_quiz(signed_in(officer), bank))
    assert "Đã lưu và công bố thành phiên bản 1." in page
    quiz = Quiz.objects.get(slug="ky-thi-thang-12")
    assert quiz.time_limit_seconds == 90
    assert str(quiz.pass_percent) == "62.50"
    assert str(quiz.draws.get().mark) == "1.50"
    assert quiz.current_version is not None
    assert quiz.current_version.published_by == officer
    assert 'value="1,5"' in page


def test_each_row_that_the_bank_cannot_fill_is_named_and_candidates_keep_the_version_before(
    bank: Bank, officer: Person
) -> None:
    client = signed_in(officer)
    a_new_quiz(client, bank)
    quiz = Quiz.objects.get(slug="ky-thi-thang-12")
    url = f"{QUIZZES}{quiz.pk}/"
    changes = {"draws-TOTAL_FORMS": "2", **row(1, bank, count=9, difficulty="advanced")}
    page = text_of(client.post(url, filled(client, url, **changes), follow=True))
    assert "Đã lưu nhưng chưa công bố." in page
    assert "Dòng 2 (Ngân hàng của trung tâm – Nâng cao): cần 9, có 0" in page
    assert "Thí sinh đang làm phiên bản 1." in page
    assert quiz.versions.count() == 1
    assert "cần 9, có 0" in text_of(client.get(f"{url}de-mau/"))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"time_limit_seconds": "mười"}, "“mười” không phải là số phút"),
        ({"time_limit_seconds": "0,1"}, "Hãy nhập số phút từ 0,5 đến 1440"),
        ({"pass_percent": "101"}, "100"),
        ({"attempts_allowed": "0"}, "1"),
        ({"opens_at": "2026-12-02 08:00", "closes_at": "2026-12-01 08:00"}, "Giờ đóng phải sau giờ mở"),
        ({"draws-0-count": "0"}, "1"),
        ({"draws-0-mark": "-1"}, "0,01"),
        ({"bank": ""}, "ngân hàng"),
    ],
)
def test_a_wrong_rule_is_said_and_nothing_is_saved(
    bank: Bank, officer: Person, changes: dict[str, Any], sentence: str
) -> None:
    page = text_of(a_new_quiz(signed_in(officer), bank, **changes))
    assert "Chưa tạo được đề; hãy xem chỗ được đánh dấu." in page
    assert sentence in page
    assert not Quiz.objects.filter(slug="ky-thi-thang-12").exists()


def test_nothing_of_another_unit_can_be_put_into_a_quiz_whatever_is_sent(bank: Bank, officer: Person) -> None:
    foreign = bank_of(make_unit(), title="Ngân hàng nơi khác")
    category = ensure_category(bank=foreign, path=["Chương 1"])
    client = signed_in(officer)
    assert "Ngân hàng nơi khác" not in text_of(client.get(f"{QUIZZES}moi/"))
    stolen = foreign.questions.first()
    assert stolen is not None
    fixed = {"fixed_questions-TOTAL_FORMS": "1", "fixed_questions-0-question": stolen.pk, "fixed_questions-0-mark": "1"}
    for changes, sentence in (
        ({"bank": foreign.pk}, "Hãy chọn một ngân hàng thuộc phạm vi của bạn."),
        ({"draws-0-bank": foreign.pk}, "Hãy chọn một ngân hàng thuộc phạm vi của bạn."),
        ({"draws-0-category": category.pk}, "Hãy chọn một chuyên mục trong ngân hàng thuộc phạm vi của bạn."),
        (fixed, "Hãy chọn một câu hỏi trong ngân hàng thuộc phạm vi của bạn."),
    ):
        assert sentence in text_of(a_new_quiz(client, bank, **changes)), changes
        assert not Quiz.objects.filter(slug="ky-thi-thang-12").exists()


def test_a_category_must_be_of_the_bank_of_its_row(bank: Bank, unit: OrganisationUnit, officer: Person) -> None:
    other = ensure_category(bank=bank_of(unit, title="Ngân hàng thứ hai"), path=["Chương 1"])
    page = text_of(a_new_quiz(signed_in(officer), bank, **{"draws-0-category": other.pk}))
    assert "Chuyên mục này không thuộc ngân hàng “Ngân hàng của trung tâm”" in page


def test_quizzes_of_other_units_are_not_listed(bank: Bank, officer: Person) -> None:
    make_quiz(bank=bank, count=1)
    elsewhere = bank_of(make_unit())
    foreign = make_quiz(bank=elsewhere, count=1)
    mixed = make_quiz(bank=bank, count=1)
    mixed.draws.update(bank=elsewhere)
    nobodys = make_quiz(bank=elsewhere, count=1)
    Quiz.objects.filter(pk=nobodys.pk).update(bank=None)
    nobodys.draws.all().delete()
    for quiz, title in ((foreign, "Đề nơi khác"), (mixed, "Đề lẫn lộn"), (nobodys, "Đề toàn tỉnh")):
        Quiz.objects.filter(pk=quiz.pk).update(title=title)
    page = text_of(signed_in(officer).get(QUIZZES))
    for title in ("Đề nơi khác", "Đề lẫn lộn", "Đề toàn tỉnh"):
        assert title not in page
    assert quizzes_for(officer).count() == 1


def test_a_quiz_without_a_bank_belongs_to_who_draws_from_all_its_banks(unit: OrganisationUnit, officer: Person) -> None:
    quiz = make_quiz(bank=bank_of(unit), count=1)
    Quiz.objects.filter(pk=quiz.pk).update(bank=None)
    assert quizzes_for(officer).filter(pk=quiz.pk).exists()
    assert not quizzes_for(make_officer(make_unit(), RoleGrant.Role.EXAM_OFFICER)).filter(pk=quiz.pk).exists()


def test_the_second_of_two_editors_overwrites_nothing(bank: Bank, officer: Person) -> None:
    client = signed_in(officer)
    a_new_quiz(client, bank)
    url = f"{QUIZZES}{Quiz.objects.get(slug='ky-thi-thang-12').pk}/"
    late = filled(client, url, title="Của người sau")
    client.post(url, filled(client, url, title="Của người trước"))
    assert "Có người đã lưu đề này trong lúc bạn sửa." in text_of(client.post(url, late))
    assert Quiz.objects.get(slug="ky-thi-thang-12").title == "Của người trước"


def test_a_sample_paper_is_drawn_as_a_candidate_sees_it_and_stored_nowhere(bank: Bank, officer: Person) -> None:
    quiz = make_quiz(bank=bank, count=3)
    page = text_of(signed_in(officer).get(f"{QUIZZES}{quiz.pk}/de-mau/"))
    assert page.count('class="choice-list"') == 3
    assert "Vì thế." not in page
    assert not Paper.objects.exists()
    assert not Sitting.objects.exists()


def test_the_list_needs_no_more_queries_for_more_quizzes(bank: Bank, officer: Person) -> None:
    client = signed_in(officer)
    make_quiz(bank=bank, count=1)
    client.get(QUIZZES)
    counts = []
    for number in (0, 12):
        for _index in range(number):
            make_quiz(bank=bank, count=1)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(QUIZZES, {"q": "de"}).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_bank_is_made_for_a_unit_of_ones_own_with_its_root_category(unit: OrganisationUnit) -> None:
    client = signed_in(make_officer(unit, RoleGrant.Role.INSTRUCTOR))
    url = "/quan-tri/ngan-hang-cau-hoi/moi/"
    foreign = make_unit()
    wrong = client.post(url, filled(client, url, title="Mới", slug="moi", unit=foreign.pk))
    assert "Hãy chọn một đơn vị thuộc phạm vi của bạn." in text_of(wrong)
    client.post(url, filled(client, url, title="Mới", slug="moi", unit=unit.pk))
    bank = Bank.objects.get(slug="moi")
    assert bank.categories.get(depth=1).name == "Mới"
    edit = f"/quan-tri/ngan-hang-cau-hoi/{bank.pk}/"
    client.post(edit, filled(client, edit, title="Tên mới"))
    assert bank.categories.get(depth=1).name == "Tên mới"
