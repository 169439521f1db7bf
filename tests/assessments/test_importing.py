"""Bringing questions in: each item accounted for, nothing twice, nothing half."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assessments.formats import MediaFile, ParsedQuestion, ReadProblem, Unreadable
from assessments.models import Bank, Question, QuestionReview, QuestionVersion
from assessments.services import (
    CheckedFile,
    ImportReport,
    create_bank,
    import_questions,
    index_questions,
    read_file,
    take_questions,
    update_question,
)
from assessments.services.exporting import parsed_questions
from common.messages import in_both
from tests.conftest import NOW
from tests.factories import make_person

pytestmark = pytest.mark.django_db
DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script><circle r="4"/></svg>'


def parsed(number: int = 1, **facts: Any) -> ParsedQuestion:
    body = {
        "stem": f"<p>Câu số {number}?</p>",
        "choices": [{"id": "a", "text": "Đúng", "fraction": 1}, {"id": "b", "text": "Sai"}],
    }
    return ParsedQuestion(
        **{"ref": f"line {number}", "name": f"Câu {number}", "type": "single_choice", "body": body, **facts}
    )


@pytest.fixture
def bank() -> Bank:
    return create_bank(slug="ngan-hang", title="Ngân hàng", by=None)


def bring(bank: Bank, *items: Any, **options: Any) -> ImportReport:
    return import_questions(bank=bank, items=iter(items), format_name="test", by=None, at=NOW, **options)


def statuses(report: ImportReport) -> list[str]:
    return [item.status for item in report.items]


def test_a_second_import_of_the_same_file_changes_nothing(bank: Bank) -> None:
    items = [parsed(1, tags=["mạng", "an toàn"], category=["Chương 1", "Bài 2"]), parsed(2, idnumber="q2")]
    assert statuses(bring(bank, *items)) == ["imported", "imported"]
    before = list(Question.objects.order_by("pk").values())
    assert statuses(bring(bank, *items)) == ["skipped", "skipped"]
    assert list(Question.objects.order_by("pk").values()) == before
    assert QuestionVersion.objects.count() == 2


def test_a_changed_question_with_an_identifier_becomes_a_new_version(bank: Bank) -> None:
    bring(bank, parsed(1, idnumber="q1"))
    changed = parsed(1, idnumber="q1", name="Tên mới", body={**parsed(1).body, "stem": "<p>Câu sửa?</p>"})
    assert statuses(bring(bank, changed)) == ["updated"]
    question = bank.questions.get()
    assert (question.name, question.versions.count()) == ("Tên mới", 2)
    assert "cau sua" in question.search_text


def test_what_the_file_does_not_say_is_left_as_it_is(bank: Bank) -> None:
    bring(bank, parsed(1, idnumber="q1", difficulty="advanced", tags=["giữ"], category=["A"]))
    assert statuses(bring(bank, parsed(1, idnumber="q1"))) == ["skipped"]
    question = bank.questions.get()
    assert (question.difficulty, question.category.name, list(question.tags.names())) == ("advanced", "A", ["giữ"])


def test_items_that_cannot_be_taken_are_named_beside_those_that_can(bank: Bank) -> None:
    wrong = parsed(2, body={"stem": "<p>?</p>", "choices": [{"id": "a", "text": "Chỉ một"}]})
    report = bring(bank, parsed(1), wrong, ReadProblem(ref="line 9", name="Lạ", type="magic", reason="not known"))
    assert statuses(report) == ["imported", "error", "error"]
    assert not report.is_complete
    assert in_both(report.items[1].reason).startswith("phương án: cần ít nhất 2, hiện có 1 / choice")
    assert (report.items[2].ref, report.items[2].type, str(report.items[2].reason)) == ("line 9", "magic", "not known")


def test_a_file_that_breaks_off_leaves_nothing(bank: Bank) -> None:
    def broken() -> Iterator[ParsedQuestion]:
        yield from (parsed(number) for number in range(600))
        raise Unreadable("the file ends too early")

    with pytest.raises(Unreadable):
        import_questions(bank=bank, items=broken(), format_name="test", by=None, at=NOW)
    assert Question.objects.count() == 0


def test_a_dry_run_reports_the_same_and_keeps_nothing(bank: Bank) -> None:
    drawn = parsed(
        3,
        body={**parsed(3).body, "stem": '<p><img src="media:h.svg" alt="Hình"></p>'},
        media={"h.svg": MediaFile("h.svg", DRAWING)},
    )
    items = [parsed(1), parsed(1), drawn]
    dry = bring(bank, *items, dry_run=True)
    assert Question.objects.count() == 0
    assert not default_storage.exists("question-media") or default_storage.listdir("question-media")[1] == []
    assert statuses(bring(bank, *items)) == statuses(dry) == ["imported", "skipped", "imported"]
    assert statuses(bring(bank, *items, dry_run=True)) == ["skipped", "skipped", "skipped"]


def test_the_same_words_under_another_identifier_are_taken_and_said(bank: Bank) -> None:
    bring(bank, parsed(1, idnumber="q1"))
    shouted = {**parsed(1).body, "stem": "<p>CÂU SỐ 1 ?!</p>"}
    report = bring(bank, parsed(1, idnumber="q7", body=shouted))
    assert statuses(report) == ["imported"]
    assert "q1" in in_both(report.items[0].reason)


def test_old_questions_without_an_index_are_found_as_the_same(bank: Bank) -> None:
    bring(bank, parsed(1, idnumber="q1"))
    Question.objects.update(text_key="", search_text="")
    report = bring(bank, parsed(1, idnumber="q7"))
    assert "q1" in in_both(report.items[0].reason)
    assert "cau so 1" in bank.questions.get(idnumber="q1").search_text


def test_the_sweep_indexes_questions_that_are_due(bank: Bank) -> None:
    bring(bank, *(parsed(number) for number in range(3)))
    before = list(Question.objects.order_by("pk").values_list("text_key", "search_text"))
    Question.objects.update(text_key="", search_text="")
    assert (index_questions(most=2), index_questions(), index_questions()) == (2, 1, 0)
    assert list(Question.objects.order_by("pk").values_list("text_key", "search_text")) == before


def test_the_same_words_beside_another_picture_are_another_question(bank: Bank) -> None:
    def drawn(number: int) -> ParsedQuestion:
        drawing = DRAWING.replace(b'r="4"', b'r="%d"' % number)
        body = {**parsed(1).body, "stem": '<p>Hình gì? <img src="media:h.svg" alt="Hình"></p>'}
        return parsed(1, idnumber=f"q{number}", body=body, media={"h.svg": MediaFile("h.svg", drawing)})

    report = bring(bank, drawn(1), drawn(2), replace(drawn(1), idnumber="q3"))
    assert [in_both(item.reason) for item in report.items[:2]] == ["", ""]
    assert "q1" in in_both(report.items[2].reason)


def test_a_tag_in_another_case_is_the_same_tag_and_no_change(bank: Bank) -> None:
    bring(bank, parsed(1, idnumber="q1", tags=["Mạng", "LAN"]))
    assert statuses(bring(bank, parsed(1, idnumber="q1", tags=["mạng", "lan", "Lan"]))) == ["skipped"]
    assert statuses(bring(bank, parsed(2, idnumber="q2", tags=["lan"]))) == ["imported"]
    assert sorted(bank.questions.get(idnumber="q2").tags.names()) == ["LAN"]


def test_what_no_column_can_hold_is_cut_and_said(bank: Bank) -> None:
    long = parsed(1, idnumber="q1", name="n" * 300, outcome="o" * 50, tags=["t" * 120], category=list("abcdefghij"))
    (item,) = bring(bank, long).items
    assert item.status == "imported"
    said = in_both(item.reason)
    assert all(number in said for number in ("255", "40", "100", "8"))
    question = bank.questions.get()
    assert (question.category.depth, question.category.name) == (9, "h / i / j")
    assert statuses(bring(bank, long)) == ["skipped"]


def test_a_thousand_changed_questions_change_in_few_statements_and_go_back_to_review(bank: Bank) -> None:
    author = make_person()
    bring(bank, *(parsed(number, idnumber=f"q{number}", tags=["cũ"]) for number in range(600)))
    items = [
        parsed(
            number, idnumber=f"q{number}", tags=["mới"], body={**parsed(number).body, "stem": f"<p>Sửa {number}</p>"}
        )
        for number in range(600)
    ]
    with CaptureQueriesContext(connection) as queries:
        report = import_questions(bank=bank, items=items, format_name="test", by=author, at=NOW)
    assert report.count("updated") == 600
    assert len(queries) < 60
    assert set(bank.questions.values_list("status", flat=True)) == {"in_review"}
    assert QuestionReview.objects.filter(to_status="in_review").count() == 600
    question = bank.questions.get(idnumber="q7")
    assert (question.versions.count(), question.current_version.number) == (2, 2)  # type: ignore[union-attr]
    assert (list(question.tags.names()), "sua 7" in question.search_text) == (["mới"], True)


def test_nothing_is_locked_while_a_file_is_read(bank: Bank) -> None:
    def reading() -> Iterator[ParsedQuestion]:
        with CaptureQueriesContext(connection) as queries:
            yield parsed(1)
        assert not [query for query in queries if query["sql"].startswith(("INSERT", "UPDATE", "SAVEPOINT"))]

    import_questions(bank=bank, items=reading(), format_name="test", by=None, at=NOW)
    assert bank.questions.count() == 1


def test_a_version_written_while_the_file_was_read_is_compared_again(bank: Bank) -> None:
    bring(bank, parsed(1, idnumber="q1"))
    new = {**parsed(1).body, "stem": "<p>Mới?</p>"}
    with CheckedFile() as file:
        read_file(bank=bank, items=[parsed(1, idnumber="q1", body=new), parsed(2, idnumber="q2")], into=file)
        bring(bank, parsed(1, idnumber="q1", body=new), parsed(2, idnumber="q2"))
        report = take_questions(bank=bank, file=file, format_name="test", status="ready", by=None, at=NOW)
    assert statuses(report) == ["skipped", "skipped"]
    assert QuestionVersion.objects.count() == 3


def test_a_renamed_question_is_found_by_its_new_name(bank: Bank) -> None:
    bring(bank, parsed(1, idnumber="q1"))
    update_question(question=bank.questions.get(), by=None, name="Tường lửa")
    assert "tuong lua" in bank.questions.get().search_text


def test_one_identifier_for_two_questions_of_a_file_is_an_error(bank: Bank) -> None:
    report = bring(bank, parsed(1, idnumber="q1"), parsed(2, idnumber="q1"))
    assert statuses(report) == ["imported", "error"]
    assert "line 1" in in_both(report.items[1].reason)


def test_pictures_are_cleaned_kept_once_and_come_out_again(bank: Bank) -> None:
    media = {"hình 1.svg": MediaFile("hình 1.svg", DRAWING)}
    body = {**parsed(1).body, "stem": '<p><img src="media:h%C3%ACnh%201.svg" alt="Một vòng tròn"></p>'}
    bring(bank, parsed(1, body=body, media=media), parsed(2, body={**body, "feedback": "<p>x</p>"}, media=media))
    (name,) = default_storage.listdir("question-media")[1]
    with default_storage.open(f"question-media/{name}") as file:
        assert b"script" not in file.read()
    out = list(parsed_questions(bank, bank.questions.all()))
    assert len(out) == 2
    (picture,) = out[0].media.values()
    assert f'src="media:{picture.name}" alt="Một vòng tròn"' in out[0].body["stem"]


@pytest.mark.parametrize(
    ("media", "status", "words"),
    [
        ({}, "imported", "không có hình"),
        ({"h.png": MediaFile("h.png", b"<html><script>1</script></html>")}, "error", "h.png"),
        ({"h.png": MediaFile("h.png", b"%PDF-1.7 ...")}, "error", "h.png"),
    ],
)
def test_a_picture_that_is_none_is_named(bank: Bank, media: dict[str, MediaFile], status: str, words: str) -> None:
    body = {**parsed(1).body, "stem": '<p>Xem <img src="media:h.png" alt="Hình"></p>'}
    report = bring(bank, parsed(1, body=body, media=media))
    assert statuses(report) == [status]
    assert words in in_both(report.items[0].reason)


def test_what_comes_out_goes_in_again_as_it_was(bank: Bank) -> None:
    bring(bank, parsed(1, idnumber="q1", tags=["a"], category=["X", "Y"], difficulty="advanced", exam_only=True))
    (out,) = parsed_questions(bank, bank.questions.all())
    other = create_bank(slug="khac", title="Khác", by=None)
    assert statuses(bring(other, out)) == ["imported"]
    (again,) = parsed_questions(other, other.questions.all())
    assert replace(again, ref="") == replace(out, ref="")


def test_statements_grow_with_chunks_and_not_with_questions(bank: Bank) -> None:
    with CaptureQueriesContext(
        connection,
    ) as few:
        bring(bank, *(parsed(number, tags=["t"]) for number in range(10)))
    with CaptureQueriesContext(connection) as many:
        bring(bank, *(parsed(number, tags=["t"]) for number in range(100, 500)))
    assert len(many) <= len(few) + 12
