"""Review of questions: who may approve, what stays of each step, and what an edited version becomes."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, transaction

from assessments.exceptions import ReviewRefused
from assessments.models import Bank, Question, QuestionReview
from assessments.services import restore_version, set_status, update_bank, write_question
from people.models import OrganisationUnit, Person, RoleGrant
from tests.assessments.test_admin import filled, signed_in, text_of
from tests.conftest import NOW
from tests.factories import make_bank, make_officer, make_portal, make_unit, single_choice_body

QUESTIONS = "/quan-tri/cau-hoi/"
BANKS = "/quan-tri/ngan-hang-cau-hoi/"


@pytest.fixture(autouse=True)
def _portal(db: Any) -> None:
    make_portal()


@pytest.fixture
def unit() -> OrganisationUnit:
    return make_unit(parent=make_unit(name="Tỉnh"), name="Sở Nội vụ")


@pytest.fixture
def author(unit: OrganisationUnit) -> Person:
    return make_officer(unit, RoleGrant.Role.INSTRUCTOR)


@pytest.fixture
def reviewer(unit: OrganisationUnit) -> Person:
    return make_officer(unit, RoleGrant.Role.INSTRUCTOR)


@pytest.fixture
def bank(unit: OrganisationUnit) -> Bank:
    bank = make_bank(questions=1)
    return update_bank(bank=bank, title="Ngân hàng tin học", unit=unit, by=None)


@pytest.fixture
def question(bank: Bank, author: Person) -> Question:
    return write_question(
        bank=bank,
        category=bank.categories.get(depth=1),
        idnumber="moi",
        name="Câu mới",
        type="single_choice",
        body=single_choice_body(7),
        status="in_review",
        by=author,
        at=NOW,
    )


def test_an_author_cannot_approve_their_own_version(question: Question, author: Person) -> None:
    with pytest.raises(ReviewRefused):
        set_status(question=question, status="ready", by=author, at=NOW)
    question.refresh_from_db()
    assert question.status == "in_review"


def test_somebody_else_approves_and_the_step_stays(question: Question, reviewer: Person) -> None:
    set_status(question=question, status="ready", by=reviewer, at=NOW, comment="Đã đối chiếu giáo trình.")
    step = question.reviews.latest("pk")
    assert (step.from_status, step.to_status, step.by, step.version) == (
        "in_review",
        "ready",
        reviewer,
        question.current_version,
    )
    assert step.comment == "Đã đối chiếu giáo trình."


def test_a_bank_may_let_authors_approve(question: Question, bank: Bank, author: Person) -> None:
    update_bank(bank=bank, title=bank.title, unit=bank.unit, self_approval=True, by=None)
    assert set_status(question=question, status="ready", by=author, at=NOW).status == "ready"


def test_only_an_administrator_of_the_unit_sets_that_rule(bank: Bank, unit: OrganisationUnit, author: Person) -> None:
    page = text_of(signed_in(author).get(f"{BANKS}{bank.pk}/"))
    assert "self_approval" not in page
    signed_in(author).post(f"{BANKS}{bank.pk}/", {"title": bank.title, "unit": unit.pk, "self_approval": "on"})
    bank.refresh_from_db()
    assert not bank.self_approval
    admin = signed_in(make_officer(unit, RoleGrant.Role.ADMINISTRATOR))
    admin.post(f"{BANKS}{bank.pk}/", {"title": bank.title, "unit": unit.pk, "self_approval": "on"})
    bank.refresh_from_db()
    assert bank.self_approval


def test_who_sends_a_question_back_says_why(question: Question, author: Person, reviewer: Person) -> None:
    with pytest.raises(ReviewRefused):
        set_status(question=question, status="draft", by=reviewer, at=NOW)
    assert set_status(question=question, status="draft", by=author, at=NOW).status == "draft"


def test_steps_cannot_be_changed_or_taken_away(question: Question) -> None:
    step = question.reviews.get()
    with pytest.raises(DatabaseError), transaction.atomic():
        QuestionReview.objects.filter(pk=step.pk).update(comment="khác")
    with pytest.raises(DatabaseError), transaction.atomic():
        step.delete()


def test_a_new_version_of_a_ready_question_waits_for_review_again(
    question: Question, author: Person, reviewer: Person
) -> None:
    set_status(question=question, status="ready", by=reviewer, at=NOW)
    client, url = signed_in(author), f"{QUESTIONS}{question.pk}/"
    page = text_of(client.post(url, filled(client, url, **{"body-stem_0": "Câu sửa?"}), follow=True))
    assert "đang chờ người khác duyệt" in page
    question.refresh_from_db()
    assert question.status == "in_review"
    page = text_of(signed_in(reviewer).get(f"{url}duyet/"))
    assert "Thay đổi so với phiên bản 1" in page
    assert "sửa" in page


def test_details_of_a_ready_question_change_without_review(
    question: Question, author: Person, reviewer: Person
) -> None:
    set_status(question=question, status="ready", by=reviewer, at=NOW)
    client, url = signed_in(author), f"{QUESTIONS}{question.pk}/"
    client.post(url, filled(client, url, difficulty="advanced"))
    question.refresh_from_db()
    assert (question.status, question.difficulty) == ("ready", "advanced")


def test_an_old_version_is_restored_as_a_new_one(question: Question, author: Person) -> None:
    client, url = signed_in(author), f"{QUESTIONS}{question.pk}/"
    client.post(url, filled(client, url, **{"body-stem_0": "Câu sửa?"}))
    page = text_of(client.post(f"{url}lich-su/khoi-phuc/", {"version": "1"}, follow=True))
    assert "Đã khôi phục phiên bản 1 thành phiên bản 3." in page
    bodies = list(question.versions.order_by("number").values_list("body", flat=True))
    assert bodies[2] == bodies[0] != bodies[1]
    same = restore_version(question=question, version=question.versions.get(number=3), by=author, at=NOW)
    assert not same.is_new_version
    assert question.versions.count() == 3


def test_two_versions_are_compared_word_by_word_for_eyes_and_ears(question: Question, author: Person) -> None:
    client, url = signed_in(author), f"{QUESTIONS}{question.pk}/"
    client.post(url, filled(client, url, **{"body-stem_0": "Câu số 8?", "body-choices-1-text_0": "Hoàn toàn sai"}))
    page = text_of(client.get(f"{url}lich-su/so-sanh/", {"from": "2", "to": "1"}))
    assert "Từ phiên bản 1 sang phiên bản 2." in page
    assert '<del><span class="w-sr-only">[bỏ: </span>7<span' in page
    assert '<ins><span class="w-sr-only">[thêm: </span>8<span' in page
    assert "Phương án 2 – Nội dung" in page
    assert client.get(f"{url}lich-su/so-sanh/", {"from": "1", "to": "9"}).status_code == 404
    assert client.get(f"{url}lich-su/so-sanh/").status_code == 404


def test_the_list_of_reviews_has_what_others_wrote(question: Question, author: Person, reviewer: Person) -> None:
    waiting = f"{QUESTIONS}cho-duyet/"
    assert "Câu mới" in text_of(signed_in(reviewer).get(waiting))
    own = text_of(signed_in(author).get(waiting))
    assert "Câu mới" not in own
    assert "1 câu của bạn đang chờ người khác duyệt." in own


def test_one_approves_on_the_page_only_the_version_that_one_saw(
    question: Question, author: Person, reviewer: Person
) -> None:
    url = f"{QUESTIONS}{question.pk}/duyet/"
    seen = question.current_version_id
    client = signed_in(author)
    client.post(f"{QUESTIONS}{question.pk}/", filled(client, f"{QUESTIONS}{question.pk}/", **{"body-stem_0": "Khác?"}))
    page = text_of(signed_in(reviewer).post(url, {"step": "ready", "version": seen, "comment": ""}))
    assert "Đã có phiên bản mới hơn" in page
    question.refresh_from_db()
    page = text_of(
        signed_in(reviewer).post(url, {"step": "ready", "version": question.current_version_id}, follow=True)
    )
    question.refresh_from_db()
    assert question.status == "ready"
    assert "Sẵn sàng" in page
    refused = signed_in(author).post(url, {"step": "approve", "version": question.current_version_id})
    assert "Có người vừa xử lý câu này" in text_of(refused)
