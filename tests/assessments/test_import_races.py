"""Two people bring the same questions into one bank at the same moment."""

from __future__ import annotations

from threading import Barrier
from typing import Any

import pytest

from assessments.exceptions import InvalidQuestion
from assessments.models import Question, QuestionVersion
from assessments.services import (
    CheckedFile,
    create_bank,
    create_question,
    ensure_category,
    read_file,
    take_questions,
)
from tests.assessments.test_importing import parsed
from tests.assessments.test_sitting_races import at_once
from tests.conftest import NOW
from tests.factories import single_choice_body

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_same_file_twice_at_once_comes_in_once() -> None:
    bank = create_bank(slug="ngan-hang", title="Ngân hàng", by=None)
    both_read = Barrier(2)

    def bring() -> list[int]:
        items = [parsed(number, category=["Chương 1", f"Bài {number % 3}"], tags=["mạng"]) for number in range(30)]
        with CheckedFile() as file:
            read_file(bank=bank, items=items, into=file)
            both_read.wait(30)
            report = take_questions(bank=bank, file=file, format_name="test", status="ready", by=None, at=NOW)
        return [report.count(status) for status in ("imported", "skipped")]

    assert sorted(at_once(bring, bring)) == [[0, 30], [30, 0]]
    assert (Question.objects.count(), QuestionVersion.objects.count(), bank.categories.count()) == (30, 30, 5)


def test_one_identifier_typed_twice_at_once_is_taken_once() -> None:
    bank = create_bank(slug="ngan-hang", title="Ngân hàng", by=None)
    category = ensure_category(bank=bank, path=["Chương 1"])

    def write() -> Any:
        try:
            return create_question(
                bank=bank,
                category=category,
                idnumber="q1",
                name="Câu",
                type="single_choice",
                body=single_choice_body(1),
                by=None,
                at=NOW,
            ).pk
        except InvalidQuestion:
            return 0

    found = at_once(write, write)
    assert sorted(map(bool, found)) == [False, True]
