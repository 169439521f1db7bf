"""What instructors do with questions in the administration, and what others cannot."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assessments.models import Bank, Question, Sitting
from assessments.services import create_bank, create_question, ensure_category, update_bank
from people.models import OrganisationUnit, Person, RoleGrant
from tests.assessments.forms import form_data
from tests.conftest import NOW
from tests.factories import make_bank, make_officer, make_person, make_portal, make_quiz, make_unit, single_choice_body

QUESTIONS = "/quan-tri/cau-hoi/"
PREVIEW = "/quan-tri/cau-hoi/xem-thu/"


@pytest.fixture(autouse=True)
def _portal(db: Any) -> None:
    make_portal()


@pytest.fixture
def unit() -> OrganisationUnit:
    return make_unit(parent=make_unit(name="Tỉnh"), name="Sở Nội vụ")


@pytest.fixture
def instructor(unit: OrganisationUnit) -> Person:
    return make_officer(unit, RoleGrant.Role.INSTRUCTOR)


def bank_of(unit: OrganisationUnit, *, questions: int = 2) -> Bank:
    bank = make_bank(questions=questions)
    return update_bank(bank=bank, title=bank.title, unit=unit, self_approval=True, by=None)


@pytest.fixture
def bank(unit: OrganisationUnit) -> Bank:
    return bank_of(unit)


@pytest.fixture
def question(bank: Bank) -> Question:
    return bank.questions.get(idnumber="c1")


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def text_of(response: Any) -> str:
    return str(response.content.decode())


def filled(client: Client, url: str, **changes: Any) -> dict[str, Any]:
    """The form at this address as a browser would send it."""
    return form_data(text_of(client.get(url)), "question", **changes)


NEW = {
    "body-stem_0": "Mật khẩu nào **mạnh** hơn?",
    "body-choices-0-text_0": "123456",
    "body-choices-0-feedback_0": "Ai cũng đoán được.",
    "body-choices-1-text_0": "một câu dài dễ nhớ",
    "body-choices-1-correct": "on",
    "body-choices-1-feedback_0": "Dài thì khó đoán.",
    "name": "Mật khẩu mạnh",
    "new_category": "Mật khẩu",
    "tags": "mật khẩu, an toàn, mật khẩu",
    "status": "ready",
}


# Writing ---------------------------------------------------------------------------------------------------------


def test_an_instructor_writes_a_question_that_can_be_drawn(bank: Bank, instructor: Person) -> None:
    client = signed_in(instructor)
    url = f"{QUESTIONS}moi/{bank.pk}/single_choice/"
    response = client.post(url, filled(client, url, **NEW), follow=True)
    assert "đã lưu “mật khẩu mạnh” thành phiên bản 1" in text_of(response).lower()
    question = Question.objects.get(name="Mật khẩu mạnh")
    assert question.current_version is not None
    assert question.current_version.created_by == instructor
    assert question.current_version.body["stem"] == "<p>Mật khẩu nào <strong>mạnh</strong> hơn?</p>"
    assert [choice["fraction"] for choice in question.current_version.body["choices"]] == [0.0, 1.0]
    assert question.category.name == "Mật khẩu"
    assert set(question.tags.names()) == {"mật khẩu", "an toàn"}
    assert question.idnumber.startswith(bank.slug)
    quiz = make_quiz(bank=bank, count=3)
    assert quiz.current_version is not None


def test_the_first_step_leads_to_the_form_of_the_chosen_kind(bank: Bank, instructor: Person) -> None:
    response = signed_in(instructor).get(f"{QUESTIONS}moi/", {"bank": bank.pk, "type": "matching"}, follow=True)
    assert "Các cặp" in text_of(response)


@pytest.mark.parametrize(
    ("changes", "sentence", "place"),
    [
        ({"body-stem_0": "  "}, "“Câu hỏi” còn trống: hãy điền vào.", "id_body-stem_0"),
        ({"body-choices-1-correct": None}, "Chưa có phương án đúng: hãy đánh dấu một phương án.", "body-choices"),
        ({"body-choices-0-correct": "on"}, "Có nhiều hơn một phương án đúng", "body-choices"),
        ({"body-choices-0-text_0": ""}, "“Nội dung” còn trống: hãy điền vào.", "id_body-choices-0-text_0"),
        ({"body-choices-0-fraction": "2"}, "Hãy nhập một số từ -1 đến 1.", "id_body-choices-0-fraction"),
        ({"body-stem_0": "a" * 20_001}, "Nội dung quá dài", "id_body-stem_0"),
        ({"name": ""}, "“Tên gọi” còn trống: hãy điền vào.", "id_name"),
        ({"idnumber": "c1"}, "Mã c1 đã có trong ngân hàng này: hãy chọn mã khác.", "id_idnumber"),
        ({"category": "999999"}, "Hãy chọn một chuyên mục của ngân hàng này.", "id_category"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_saved(
    bank: Bank, instructor: Person, changes: dict[str, Any], sentence: str, place: str
) -> None:
    client = signed_in(instructor)
    url = f"{QUESTIONS}moi/{bank.pk}/single_choice/"
    before = (Question.objects.count(), bank.categories.count())
    page = text_of(client.post(url, filled(client, url, **{**NEW, **changes})))
    assert sentence in page
    assert f'href="#{place}"' in page
    assert "Mật khẩu" in page
    assert (Question.objects.count(), bank.categories.count()) == before


def test_only_a_changed_text_makes_a_version_and_the_page_says_which(question: Question, instructor: Person) -> None:
    client = signed_in(instructor)
    url = f"{QUESTIONS}{question.pk}/"
    page = client.post(url, filled(client, url), follow=True)
    assert "Không có gì thay đổi; vẫn là phiên bản 1." in text_of(page)
    page = client.post(url, filled(client, url, difficulty="advanced", name="Đặt tên khác"), follow=True)
    assert "nội dung không đổi, vẫn là phiên bản 1" in text_of(page)
    page = client.post(url, filled(client, url, **{"body-stem_0": "Câu mới?", "note": "rõ hơn"}), follow=True)
    assert "Đã lưu thành phiên bản 2." in text_of(page)
    question.refresh_from_db()
    assert question.difficulty == "advanced"
    assert "dat ten khac" in question.search_text
    assert "cau moi" in question.search_text
    assert question.versions.count() == 2
    history = text_of(client.get(f"{url}lich-su/"))
    assert "rõ hơn" in history
    assert instructor.full_name in history


@pytest.mark.parametrize("first", [{"body-stem_0": "Của người trước?"}, {"difficulty": "advanced"}, {"tags": "nhãn"}])
def test_the_second_of_two_authors_overwrites_nothing(
    question: Question, instructor: Person, unit: OrganisationUnit, first: dict[str, Any]
) -> None:
    url = f"{QUESTIONS}{question.pk}/"
    one, two = signed_in(instructor), signed_in(make_officer(unit, RoleGrant.Role.INSTRUCTOR))
    late = filled(two, url, **{"body-stem_0": "Của người sau?"})
    one.post(url, filled(one, url, **first))
    page = text_of(two.post(url, late))
    assert "Chưa có gì bị ghi đè" in page
    assert "Của người sau?" in page
    if "body-stem_0" in first:
        assert f"{instructor.full_name} đã tạo phiên bản 2" in page
    question.refresh_from_db()
    assert question.current_version is not None
    assert "Của người sau" not in question.current_version.body["stem"]


def test_a_sitting_under_way_keeps_the_version_that_it_showed(
    question: Question, bank: Bank, instructor: Person
) -> None:
    from assessments.services import start_sitting

    quiz = make_quiz(bank=bank, count=2)
    sitting: Sitting = start_sitting(person=make_person(), quiz=quiz, at=timezone.now())
    client, url = signed_in(instructor), f"{QUESTIONS}{question.pk}/"
    client.post(url, filled(client, url, **{"body-stem_0": "Câu mới?"}))
    slot = next(slot for slot in sitting.paper.slots if slot["question"] == question.pk)
    assert slot["version"] == question.versions.get(number=1).pk


# Trying ----------------------------------------------------------------------------------------------------------


def test_the_preview_shows_unsaved_text_and_marks_a_trial_answer(question: Question, instructor: Person) -> None:
    client = signed_in(instructor)
    data = filled(client, f"{QUESTIONS}{question.pk}/", **{"body-stem_0": "Chưa lưu?"})
    page = text_of(client.post(PREVIEW, data))
    assert "Chưa lưu?" in page
    assert 'class="choice-list"' in page
    trial = form_data(page.replace('class="question"', 'id="trial"', 1), "trial", q1="a", mark="1")
    marked = text_of(client.post(PREVIEW, trial))
    assert "Vì thế." in marked
    assert "Chưa lưu?" in marked
    question.refresh_from_db()
    assert question.versions.count() == 1


def test_the_preview_of_what_is_wrong_says_what_is_wrong(question: Question, instructor: Person) -> None:
    client = signed_in(instructor)
    data = filled(client, f"{QUESTIONS}{question.pk}/", **{"body-stem_0": ""})
    assert "“Câu hỏi” còn trống: hãy điền vào." in text_of(client.post(PREVIEW, data))
    for junk in (
        {"type": "single_choice"},
        {"type": "single_choice", "source": "["},
        {"type": "single_choice", "source": "[]"},
    ):
        assert client.post(PREVIEW, junk).status_code == 200
    assert client.post(PREVIEW, {"type": "khong-co"}).status_code == 404


def test_what_is_tried_is_cleaned_as_what_is_saved(question: Question, instructor: Person) -> None:
    client = signed_in(instructor)
    data = filled(
        client, f"{QUESTIONS}{question.pk}/", **{"body-stem_0": "<script>alert(1)</script>Chào", "body-stem_1": "html"}
    )
    page = text_of(client.post(PREVIEW, data))
    assert '<div class="stem">Chào</div>' in page


def test_a_saved_question_is_tried_as_a_candidate_sees_it(question: Question, instructor: Person) -> None:
    client, url = signed_in(instructor), f"{QUESTIONS}{question.pk}/thu/"
    assert "Câu số 1?" in text_of(client.get(url))
    assert "Vì thế." in text_of(client.post(url, {"q1": "a", "mark": "1"}))
    assert Sitting.objects.count() == 0


# The list --------------------------------------------------------------------------------------------------------


def test_questions_are_found_without_diacritics_and_by_what_they_are_for(bank: Bank, instructor: Person) -> None:
    category = ensure_category(bank=bank, path=["Chương 1", "Mục sâu"])
    create_question(
        bank=bank,
        category=category,
        idnumber="x1",
        name="Lừa đảo qua điện thoại",
        type="true_false",
        body={"stem": "<p>Đúng?</p>", "answer": True},
        difficulty="advanced",
        nature="situation",
        exam_only=True,
        by=None,
        at=NOW,
    )
    client = signed_in(instructor)
    above = category.get_parent()
    for sought in (
        {"q": "dien thoai lua dao"},
        {"status": "draft"},
        {"difficulty": "advanced"},
        {"nature": "situation"},
        {"exam_only": "true"},
        {"type": "true_false"},
        {"category": category.pk},
    ):
        page = text_of(client.get(QUESTIONS, sought))
        assert "Lừa đảo qua điện thoại" in page, sought
        assert "Câu 1" not in page, sought
    page = text_of(client.get(QUESTIONS, {"category": above.pk, "bank": bank.pk}))
    assert "Lừa đảo qua điện thoại" in page
    assert "Câu 1" in page


def test_the_list_needs_no_more_queries_for_more_questions(bank: Bank, instructor: Person) -> None:
    client = signed_in(instructor)
    client.get(QUESTIONS)
    counts = []
    for number in (0, 30):
        for index in range(number):
            create_question(
                bank=bank,
                category=bank.categories.get(depth=1),
                idnumber=f"n{index}",
                name="Câu",
                type="single_choice",
                body=single_choice_body(index),
                by=None,
                at=NOW,
            )
        assert f'href="{QUESTIONS}{bank.questions.earliest("idnumber").pk}/thu/"' in text_of(client.get(QUESTIONS))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(QUESTIONS).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] < 45


# Whose -----------------------------------------------------------------------------------------------------------

NOBODY = ("learner", "hr_officer")
ADDRESSES = [
    (QUESTIONS, "GET", {"instructor": 200, "administrator": 200, "exam_officer": 403, "hr_officer": 403}),
    (f"{QUESTIONS}moi/", "GET", {"instructor": 200, "administrator": 200, "exam_officer": 403}),
    (f"{QUESTIONS}moi/{{bank}}/single_choice/", "GET", {"instructor": 200, "stranger": 404, "exam_officer": 403}),
    (f"{QUESTIONS}moi/{{bank}}/single_choice/", "POST", {"instructor": 200, "stranger": 404, "exam_officer": 403}),
    (
        f"{QUESTIONS}{{question}}/",
        "GET",
        {"instructor": 200, "administrator": 200, "stranger": 404, "exam_officer": 403},
    ),
    (f"{QUESTIONS}{{question}}/", "POST", {"instructor": 200, "stranger": 404, "exam_officer": 403}),
    (f"{QUESTIONS}{{question}}/lich-su/", "GET", {"instructor": 200, "stranger": 404, "exam_officer": 403}),
    (f"{QUESTIONS}{{question}}/thu/", "GET", {"instructor": 200, "stranger": 404, "exam_officer": 403}),
    (f"{QUESTIONS}{{question}}/thu/", "POST", {"instructor": 200, "stranger": 404, "exam_officer": 403}),
    (PREVIEW, "POST", {"instructor": 404, "stranger": 404, "exam_officer": 403}),
    (f"{QUESTIONS}chon/", "GET", {"instructor": 200, "exam_officer": 200, "stranger": 200, "hr_officer": 403}),
    (f"{QUESTIONS}chon/chosen/{{question}}/", "GET", {"instructor": 200, "exam_officer": 200, "stranger": 404}),
    ("/quan-tri/ngan-hang-cau-hoi/", "GET", {"instructor": 200, "exam_officer": 403}),
    ("/quan-tri/ngan-hang-cau-hoi/{bank}/", "GET", {"instructor": 200, "stranger": 404, "exam_officer": 403}),
    ("/quan-tri/de-thi/", "GET", {"instructor": 200, "exam_officer": 200, "administrator": 200, "hr_officer": 403}),
    ("/quan-tri/de-thi/moi/", "GET", {"instructor": 200, "exam_officer": 200}),
    ("/quan-tri/de-thi/{quiz}/", "GET", {"instructor": 200, "exam_officer": 200, "stranger": 404}),
    ("/quan-tri/de-thi/{quiz}/", "POST", {"exam_officer": 200, "stranger": 404}),
    ("/quan-tri/de-thi/{quiz}/de-mau/", "GET", {"instructor": 200, "exam_officer": 200, "stranger": 404}),
]


def test_each_role_reaches_exactly_its_own_pages(bank: Bank, question: Question, unit: OrganisationUnit) -> None:
    keys = {"bank": bank.pk, "question": question.pk, "quiz": make_quiz(bank=bank, count=1).pk}
    roles = ("instructor", "exam_officer", "administrator", "hr_officer")
    clients = {role: signed_in(make_officer(unit, role)) for role in roles}
    clients["stranger"] = signed_in(make_officer(make_unit(), RoleGrant.Role.INSTRUCTOR))
    visitors = {"learner": signed_in(make_person()), "visitor": Client()}
    wrong = []
    for address, method, expected in ADDRESSES:
        url = address.format(**keys)
        for role, status in expected.items():
            got = getattr(clients[role], method.lower())(url).status_code
            if got != status:
                wrong.append((role, method, url, got, status))
        for role, client in visitors.items():
            got = getattr(client, method.lower())(url).status_code
            if got not in {302, 403}:
                wrong.append((role, method, url, got, "302 or 403"))
    assert not wrong


def test_menus_have_only_what_one_may_do(unit: OrganisationUnit) -> None:
    instructor = text_of(signed_in(make_officer(unit, RoleGrant.Role.INSTRUCTOR)).get("/quan-tri/"))
    officer = text_of(signed_in(make_officer(unit, RoleGrant.Role.EXAM_OFFICER)).get("/quan-tri/"))
    assert QUESTIONS in instructor
    assert "/quan-tri/de-thi/" in instructor
    assert QUESTIONS not in officer
    assert "/quan-tri/de-thi/" in officer


def test_an_expired_role_in_the_province_opens_nothing(unit: OrganisationUnit) -> None:
    from datetime import date

    from assessments.permissions import banks_for
    from people.services import grant_role

    person = make_officer(unit, RoleGrant.Role.INSTRUCTOR)
    grant_role(person=person, role=RoleGrant.Role.INSTRUCTOR, unit=None, valid_from=date(2025, 1, 1), by=None)
    create_bank(slug="toan-tinh", title="Toàn tỉnh", by=None)
    assert banks_for(person).filter(slug="toan-tinh").exists()
    RoleGrant.objects.filter(person=person, unit__isnull=True).update(valid_to=date(2025, 2, 1))
    assert not banks_for(person).filter(slug="toan-tinh").exists()
