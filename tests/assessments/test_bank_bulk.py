"""Many questions at once: what the filters find, one change for all of them, duplicates, and where a question is used."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assessments.exceptions import CategoryRefused, ChangedMeanwhile
from assessments.models import Bank, Question, QuizDraw, QuizQuestion
from assessments.services import Changes, create_question, edit_questions, ensure_category, update_bank, write_question
from courses.models import Competence, CompetenceArea, CompetenceFramework
from people.models import OrganisationUnit, Person, RoleGrant
from tests.assessments.test_admin import filled, signed_in, text_of
from tests.conftest import NOW
from tests.factories import (
    make_bank,
    make_officer,
    make_person,
    make_portal,
    make_quiz,
    make_unit,
    single_choice_body,
    sit,
)

QUESTIONS = "/quan-tri/cau-hoi/"
BULK = f"{QUESTIONS}sua-hang-loat/"


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
    return update_bank(bank=make_bank(questions=4), title="Ngân hàng", unit=unit, by=None)


def edit(bank: Bank, changes: Changes, by: Any = None) -> Any:
    questions = bank.questions.all()
    return edit_questions(questions=questions, expected=questions.count(), changes=changes, by=by, at=NOW)


def write(bank: Bank, author: Person, idnumber: str, **facts: Any) -> Question:
    facts.setdefault("body", single_choice_body(90))
    return write_question(
        bank=bank,
        category=bank.categories.get(depth=1),
        idnumber=idnumber,
        name=f"Câu {idnumber}",
        type="single_choice",
        by=author,
        at=NOW,
        **facts,
    )


# One change for many ---------------------------------------------------------------------------------------------


def test_one_change_reaches_every_question_and_leaves_the_rest_alone(bank: Bank) -> None:
    target = ensure_category(bank=bank, path=["Chương 2"])
    changes = Changes(category=target, difficulty="advanced", exam_only=True, outcome="DL1", add_tags=["mạng", "thi"])
    assert edit(bank, changes).count == 4
    edit(bank, Changes(remove_tags=["thi"], nature="situation"))
    for question in bank.questions.all():
        facts = (question.category, question.difficulty, question.nature, question.exam_only, question.outcome)
        assert facts == (target, "advanced", "situation", True, "DL1")
        assert set(question.tags.names()) == {"mạng"}
        assert (question.status, question.versions.count()) == ("ready", 1)


def test_ones_own_versions_are_not_approved_in_bulk_and_are_counted(bank: Bank, instructor: Person) -> None:
    own = write(bank, instructor, "moi", status="in_review")
    bank.questions.exclude(pk=own.pk).update(status="in_review")
    edited = edit(bank, Changes(status="ready", comment="Đã họp duyệt."), by=instructor)
    assert (edited.count, edited.own) == (5, 1)
    own.refresh_from_db()
    assert own.status == "in_review"
    others = bank.questions.exclude(pk=own.pk)
    assert set(others.values_list("status", flat=True)) == {"ready"}
    assert others.earliest("pk").reviews.get().comment == "Đã họp duyệt."


def test_a_category_of_another_bank_or_another_count_changes_nothing(bank: Bank) -> None:
    foreign = make_bank(questions=0).categories.get(depth=1)
    with pytest.raises(CategoryRefused):
        edit(bank, Changes(category=foreign, difficulty="advanced"))
    with pytest.raises(ChangedMeanwhile):
        edit_questions(questions=bank.questions.all(), expected=3, changes=Changes(nature="situation"), by=None, at=NOW)
    assert not bank.questions.exclude(difficulty="basic", nature="knowledge").exists()


def test_an_editor_of_one_question_is_told_of_a_change_of_many(bank: Bank, instructor: Person) -> None:
    client, url = signed_in(instructor), f"{QUESTIONS}{bank.questions.earliest('pk').pk}/"
    late = filled(client, url, **{"body-stem_0": "Muộn?"})
    edit_questions(
        questions=bank.questions.all(), expected=4, changes=Changes(difficulty="advanced"), by=None, at=timezone.now()
    )
    assert "Chưa có gì bị ghi đè" in text_of(client.post(url, late))


def test_the_statements_for_many_questions_grow_by_chunks_only(bank: Bank) -> None:
    counts = []
    for number in (0, 60):
        for index in range(number):
            create_question(
                bank=bank,
                category=bank.categories.get(depth=1),
                idnumber=f"n{index}",
                name="Câu",
                type="single_choice",
                body=single_choice_body(100 + index),
                by=None,
                at=NOW,
            )
        with CaptureQueriesContext(connection) as queries:
            edit(
                bank, Changes(status="retired" if number else "draft", nature="situation", add_tags=[f"nhãn {number}"])
            )
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_page_changes_exactly_what_the_filters_find(bank: Bank, instructor: Person) -> None:
    client = signed_in(instructor)
    bank.questions.filter(idnumber="c1").update(difficulty="advanced")
    url = f"{BULK}?bank={bank.pk}&difficulty=basic"
    page = text_of(client.get(url))
    assert "Sẽ sửa 3 câu hỏi" in page
    page = text_of(client.post(url, {"expected": "3", "nature": "situation", "add_tags": "thi, thử"}, follow=True))
    assert "Đã sửa 3 câu hỏi." in page
    assert bank.questions.filter(nature="situation").count() == 3
    assert bank.questions.get(idnumber="c1").nature == "knowledge"
    page = text_of(client.post(url, {"expected": "4", "nature": "knowledge"}))
    assert "nay có 3 câu, không phải 4" in page
    assert "Chưa có gì để đổi" in text_of(client.post(url, {"expected": "3"}))


def test_a_filter_that_cannot_be_read_means_nobody_and_others_questions_are_never_meant(
    bank: Bank, instructor: Person
) -> None:
    client = signed_in(instructor)
    foreign = make_bank(questions=1)
    assert "Chưa chọn câu hỏi nào" in text_of(client.get(f"{BULK}?status=khong-co"))
    assert "Chưa chọn câu hỏi nào" in text_of(client.get(f"{BULK}?id={foreign.questions.get().pk}"))
    assert "Sẽ sửa 4 câu hỏi" in text_of(client.get(BULK))


def test_ticked_questions_and_all_of_the_listing_lead_to_that_page(bank: Bank, instructor: Person) -> None:
    client = signed_in(instructor)
    action = "/quan-tri/bulk/assessments/question/edit/"
    pk = bank.questions.earliest("pk").pk
    assert client.get(f"{action}?id={pk}&next={QUESTIONS}").url == f"{BULK}?id={pk}"  # type: ignore[attr-defined]
    assert client.get(f"{action}?bank={bank.pk}&id=all&next={QUESTIONS}").url == f"{BULK}?bank={bank.pk}"  # type: ignore[attr-defined]


# Finding ---------------------------------------------------------------------------------------------------------


def test_questions_are_found_by_tag_outcome_competence_author_and_day(bank: Bank, instructor: Person) -> None:
    framework = CompetenceFramework.objects.create(code="khung", title="Khung")
    area = CompetenceArea.objects.create(framework=framework, code="1", title="Miền")
    competence = Competence.objects.create(area=area, key="khung:1.1", code="1.1", title="Duyệt web")
    Question.objects.update(updated_at=timezone.now() - timedelta(days=30))
    write(bank, instructor, "tim", tags=["Bảo mật"], outcome="DL2", competences=[competence])
    client = signed_in(instructor)
    for sought in (
        {"tag": "Bảo mật"},
        {"outcome": "dl2"},
        {"competence": competence.pk},
        {"author": "mai le"},
        {"changed_since": timezone.localdate().isoformat()},
        {"q": "cau tim"},
    ):
        page = text_of(client.get(QUESTIONS, sought))
        assert "Câu tim" in page, sought
        assert "Câu 1" not in page, sought


# Duplicates ------------------------------------------------------------------------------------------------------


def test_of_questions_that_say_the_same_one_is_kept(bank: Bank, instructor: Person) -> None:
    body = {**single_choice_body(1), "stem": "<p>CÂU  số 1 ?</p>"}
    twin = write(bank, instructor, "trung", body=body)
    client, url = signed_in(instructor), f"/quan-tri/ngan-hang-cau-hoi/{bank.pk}/trung-lap/"
    page = text_of(client.get(url))
    assert "trung" in page
    assert "Câu 2" not in page
    first = bank.questions.get(idnumber="c1")
    assert f'value="{first.pk}" checked' in " ".join(page.split())
    page = text_of(client.post(url, {"keep": first.pk}, follow=True))
    assert "không có câu nào trùng nhau" in page
    twin.refresh_from_db()
    assert (twin.status, twin.reviews.get().comment) == ("retired", "Trùng nội dung với c1.")
    assert client.post(url, {"keep": make_bank(questions=1).questions.get().pk}).status_code == 404


def test_the_page_of_duplicates_needs_no_more_queries_for_more_groups(bank: Bank, instructor: Person) -> None:
    client, url = signed_in(instructor), f"/quan-tri/ngan-hang-cau-hoi/{bank.pk}/trung-lap/"
    client.get(url)
    counts = []
    for number in (1, 2, 3):
        write(bank, instructor, f"t{number}", body=single_choice_body(number))
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        counts.append(len(queries))
    assert len(set(counts)) == 1


# Where used ------------------------------------------------------------------------------------------------------


def test_the_page_of_a_question_says_where_it_is_used_and_how_it_was_answered(bank: Bank, instructor: Person) -> None:
    question = bank.questions.earliest("pk")
    drawn = make_quiz(bank=bank, count=4)
    fixed = make_quiz(bank=bank, count=1)
    fixed.title = "Đề cố định"
    fixed.save()
    QuizDraw.objects.filter(quiz=fixed).update(difficulty="advanced")
    QuizQuestion.objects.create(quiz=fixed, question=question)
    sit(drawn, make_person(), right=4)
    client, url = signed_in(instructor), f"{QUESTIONS}{question.pk}/"
    page = " ".join(text_of(client.get(url)).split())
    assert "dòng 1 của ma trận có thể rút" in page
    assert "Đề cố định" in page
    assert page.count("của ma trận có thể rút") == 1
    assert "Có trong 1 bài đã chấm, được trả lời 1 lần. Trung bình thí sinh đạt 100" in page
    Question.objects.filter(pk=question.pk).update(status="retired")
    assert "của ma trận có thể rút" not in text_of(client.get(url))


def test_where_it_is_used_takes_as_many_queries_for_many_quizzes(bank: Bank, instructor: Person) -> None:
    question = bank.questions.earliest("pk")
    client, url = signed_in(instructor), f"{QUESTIONS}{question.pk}/"
    make_quiz(bank=bank, count=1)
    client.get(url)
    counts = []
    for number in (0, 5):
        for _index in range(number):
            make_quiz(bank=bank, count=1)
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        counts.append(len(queries))
    assert counts[0] == counts[1]


# Pictures --------------------------------------------------------------------------------------------------------


def test_a_picture_is_uploaded_shown_again_and_what_is_none_is_refused(bank: Bank, instructor: Person) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    client, url = signed_in(instructor), f"{QUESTIONS}hinh/{bank.pk}/"
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script><circle r="4"/></svg>'
    src = client.post(url, {"file": SimpleUploadedFile("h.svg", drawing)}).json()["src"]
    assert src.startswith("/media/question-media/")
    edit_url = f"{QUESTIONS}{bank.questions.earliest('pk').pk}/"
    client.post(edit_url, filled(client, edit_url, **{"body-stem_0": f"Xem ![Vòng tròn]({src})"}))
    assert client.get(url).json()["pictures"] == [src]
    answer = client.post(url, {"file": SimpleUploadedFile("h.png", b"<html>")})
    assert answer.status_code == 400
    assert "h.png" in answer.json()["detail"]


def test_the_second_of_two_who_save_a_quiz_is_told(bank: Bank, instructor: Person) -> None:
    from tests.assessments.test_admin_quizzes import filled as quiz_form

    quiz = make_quiz(bank=bank, count=1)
    client, url = signed_in(instructor), f"/quan-tri/de-thi/{quiz.pk}/"
    late = quiz_form(client, url, title="Của người sau")
    client.post(url, quiz_form(client, url, title="Của người trước"))
    assert "Chưa có gì bị ghi đè" in text_of(client.post(url, late))
    quiz.refresh_from_db()
    assert quiz.title == "Của người trước"
