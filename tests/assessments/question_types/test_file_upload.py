"""Files to hand in wait for a marker; what breaks the rules of the question is refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from assessments.question_types import get_type
from tests.assessments.question_types.laws import (
    any_json,
    body_of,
    candidate,
    check_form,
    check_total,
    marked,
    nearly,
    result,
)

SOURCE: dict[str, Any] = {
    "stem": "Nộp bảng tính.",
    "file_types": [".xlsx"],
    "most_files": 2,
    "most_megabytes": 5,
    "grader_info": "BÍ MẬT",
}
BODY = body_of("file_upload", SOURCE)
FILE = {"name": "Bảng lương.XLSX", "sha256": "ab" * 32, "size": 5 * 1024 * 1024}


@pytest.mark.parametrize(
    ("files", "state"),
    [
        ([FILE], "needs_marking"),
        ([], "unanswered"),
        ([FILE, FILE, FILE], "invalid"),
        ([{**FILE, "size": FILE["size"] + 1}], "invalid"),
        ([{**FILE, "name": "a.docx"}], "invalid"),
        ([{**FILE, "sha256": "../../etc/passwd"}], "invalid"),
    ],
)
def test_files_wait_for_a_marker_when_they_keep_the_rules(files: Any, state: str) -> None:
    assert marked("file_upload", BODY, {"files": files}).state == state


@settings(max_examples=200, deadline=None)
@given(any_json | nearly("files", values=[[FILE], [], [{}]]))
def test_any_json_gives_an_outcome(response: Any) -> None:
    check_total("file_upload", BODY, response)


def test_nothing_is_lost_on_the_way() -> None:
    assert get_type("file_upload").to_source(BODY) == SOURCE
    check_form("file_upload", BODY, {"files": [FILE, {**FILE, "name": 'a"b<c>.xlsx'}]})
    assert get_type("file_upload").parse_form({"q7-files": ["{", "[]", '{"name": 1}']}, "q7", BODY) == {}
    assert body_of("file_upload", {**SOURCE, "file_types": ["*.XLSX", "xlsx"]}) == BODY


def test_a_candidate_reads_the_rules_and_sees_what_was_handed_in() -> None:
    html, view, _names = candidate("file_upload", BODY, {"files": [FILE]})
    assert "Nhiều nhất 2 tệp, mỗi tệp không quá 5 MB." in html
    assert "Bảng lương.XLSX" in html
    assert 'data-answer="files[]"' in html
    assert "BÍ MẬT" not in html + str(view)
    assert "Bảng lương.XLSX" in result("file_upload", BODY, {"files": [FILE]})
