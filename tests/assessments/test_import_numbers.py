"""Running numbers (1, 2, 3) are no identity beyond their file: two files never overwrite each other's questions."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Sequence

import pytest

from assessments.formats import get_format
from assessments.models import Bank, Question
from assessments.services import create_bank, import_questions, recognise_format
from assessments.services.exporting import export_questions
from tests.conftest import NOW

pytestmark = pytest.mark.django_db
NETWORK = [
    "Thiết bị nào nối các mạng khác nhau với nhau?",
    "Giao thức nào dùng để gửi thư điện tử đi?",
    "Địa chỉ IPv4 gồm bao nhiêu bit?",
]
OFFICE = [
    "Phím tắt nào lưu văn bản?",
    "Hàm nào tính trung bình cộng trong bảng tính?",
    "Định dạng nào là của trình chiếu?",
]


@pytest.fixture
def bank() -> Bank:
    return create_bank(slug="ngan-hang", title="Ngân hàng", by=None)


def as_json(stems: Sequence[str], answer: str = "A", exam: str = "") -> bytes:
    rows = [
        {"id": number, "question": stem, "options": ["Một", "Hai"], "answer": answer}
        for number, stem in enumerate(stems, 1)
    ]
    return json.dumps({"exam": exam, "questions": rows} if exam else rows).encode()


def as_csv(stems: Sequence[str], answer: str = "A", heading: str = "STT") -> bytes:
    rows = [
        f"{heading},Câu hỏi,A,B,Đáp án",
        *(f"{number},{stem},Một,Hai,{answer}" for number, stem in enumerate(stems, 1)),
    ]
    return "\n".join(rows).encode()


def bring(bank: Bank, data: bytes, name: str) -> dict[str, int]:
    file = io.BytesIO(data)
    found = recognise_format(file, name)
    report = import_questions(bank=bank, items=found.read(file, name), format_name=found.name, by=None, at=NOW)
    return dict(Counter(item.status for item in report.items))


MAKERS = [(as_json, "json"), (as_csv, "csv"), (lambda stems, answer="A": as_csv(stems, answer, "Mã"), "csv")]


@pytest.mark.parametrize(("made", "ending"), MAKERS)
def test_two_files_with_the_same_numbers_stand_beside_each_other(bank: Bank, made: type, ending: str) -> None:
    assert bring(bank, made(NETWORK), f"mang.{ending}") == {"imported": 3}
    assert bring(bank, made(OFFICE), f"van-phong.{ending}") == {"imported": 3}
    assert bring(bank, made(NETWORK), f"mang.{ending}") == {"skipped": 3}
    assert set(bank.questions.values_list("idnumber", flat=True)) == {
        f"{name}-{number}" for name in ("mang", "van-phong") for number in (1, 2, 3)
    }


@pytest.mark.parametrize(("made", "ending"), MAKERS)
def test_two_files_of_one_name_do_not_overwrite_each_other_either(bank: Bank, made: type, ending: str) -> None:
    bring(bank, made(NETWORK), f"de.{ending}")
    assert bring(bank, made(OFFICE), f"de.{ending}") == {"imported": 3}
    assert bring(bank, made(NETWORK), f"de.{ending}") == {"skipped": 3}
    assert bring(bank, made(OFFICE), f"de.{ending}") == {"skipped": 3}


@pytest.mark.parametrize(("made", "ending"), MAKERS)
def test_a_corrected_file_updates_its_questions(bank: Bank, made: type, ending: str) -> None:
    bring(bank, made(NETWORK), f"mang.{ending}")
    corrected = [NETWORK[0].replace("nối", "kết nối"), *NETWORK[1:]]
    assert bring(bank, made(corrected), f"mang.{ending}") == {"updated": 1, "skipped": 2}
    assert bring(bank, made(corrected, "B"), f"mang.{ending}") == {"updated": 3}
    assert bank.questions.count() == 3


@pytest.mark.parametrize(("made", "ending"), MAKERS)
def test_a_question_put_in_before_the_others_moves_none_of_them(bank: Bank, made: type, ending: str) -> None:
    bring(bank, made(NETWORK), f"mang.{ending}")
    before = dict(bank.questions.values_list("idnumber", "current_version"))
    assert bring(bank, made([OFFICE[0], *NETWORK]), f"mang.{ending}") == {"imported": 1, "skipped": 3}
    assert dict(Question.objects.filter(idnumber__in=before).values_list("idnumber", "current_version")) == before


def test_the_exam_that_a_file_names_is_what_its_numbers_count_in(bank: Bank) -> None:
    bring(bank, as_json(NETWORK, exam="IC3 GS6"), "tai-ve.json")
    assert bring(bank, as_json(NETWORK, exam="IC3 GS6"), "tai-ve (2).json") == {"skipped": 3}
    assert bank.questions.filter(idnumber="ic3-gs6-1").exists()


def test_identifiers_that_are_more_than_numbers_are_kept(bank: Bank) -> None:
    rows = [
        {"id": f"M{number}", "question": stem, "options": ["Một", "Hai"], "answer": "A"}
        for number, stem in enumerate(NETWORK)
    ]
    bring(bank, json.dumps(rows).encode(), "a.json")
    assert bring(bank, json.dumps(rows).encode(), "b.json") == {"skipped": 3}
    assert bank.questions.filter(idnumber="M0").exists()


@pytest.mark.parametrize("name", ["csv", "xlsx", "json"])
def test_what_we_export_is_known_again_whatever_its_file_is_called(bank: Bank, name: str) -> None:
    bring(bank, as_json(NETWORK), "mang.json")
    for number, question in enumerate(bank.questions.all(), start=1):
        Question.objects.filter(pk=question.pk).update(idnumber=str(number))
    file = io.BytesIO()
    assert export_questions(bank=bank, question_format=get_format(name), file=file) == []
    assert bring(bank, file.getvalue(), f"xuat.{name}") == {"skipped": 3}
