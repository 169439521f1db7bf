"""Essays wait for a marker; their limits are said and never refuse an answer."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from assessments.authoring.problems import read_source
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
    "stem": "Viết một đoạn.",
    "lines": 5,
    "min_words": 3,
    "max_words": 6,
    "attachments_allowed": 2,
    "file_types": [".pdf", ".docx"],
    "template": "Kính gửi:\n\nThân ái",
    "grader_info": "BÍ MẬT: chấm theo đáp án.",
}
BODY = body_of("essay", SOURCE)
FILE = {"name": "bài làm.pdf", "sha256": "0" * 64, "size": 10}


@pytest.mark.parametrize(
    ("response", "state"),
    [
        ({"text": "Xin chào"}, "needs_marking"),
        ({"text": "một hai ba bốn năm sáu bảy tám"}, "needs_marking"),
        ({"files": [FILE]}, "needs_marking"),
        ({"text": " \n "}, "unanswered"),
        ({"text": "Kính gửi:\nThân  ái\n"}, "unanswered"),
        ({"files": [{**FILE, "name": "virus.exe"}]}, "invalid"),
        ({"files": [FILE] * 3}, "invalid"),
        ({"files": [{**FILE, "size": 10**9}]}, "invalid"),
        ({"text": 5}, "invalid"),
    ],
)
def test_what_was_written_waits_for_a_marker(response: Any, state: str) -> None:
    outcome = marked("essay", BODY, response)
    assert outcome.state == state
    assert outcome.fraction == (0 if state == "unanswered" else None)


@settings(max_examples=200, deadline=None)
@given(any_json | nearly("text", "files", values=["văn", [FILE], []]))
def test_any_json_gives_an_outcome(response: Any) -> None:
    check_total("essay", BODY, response)


def test_nothing_is_lost_on_the_way() -> None:
    kind = get_type("essay")
    assert kind.to_source(BODY) == SOURCE
    assert kind.from_source(kind.to_source(BODY)) == BODY
    check_form("essay", BODY, {"text": "Kính gửi:\n\nAn", "files": [FILE]})
    assert kind.parse_form({"q7": ["a\r\nb"]}, "q7", BODY) == {"text": "a\nb"}


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"min_words": 9}, ("max_words",)),
        ({"attachments_required": 3}, ("attachments_required",)),
        ({"file_types": ["mọi loại"]}, ("file_types",)),
    ],
)
def test_what_does_not_fit_is_said_where_it_stands(change: dict[str, Any], place: tuple[Any, ...]) -> None:
    body, faults = read_source(get_type("essay"), {**SOURCE, **change})
    assert body is None
    assert faults[0].place == place


def test_a_candidate_reads_the_limits_and_starts_from_the_template() -> None:
    html, view, _names = candidate("essay", BODY)
    assert "Viết từ 3 đến 6 từ." in html
    assert "Kính gửi:\nThân ái</textarea>" in html
    assert "BÍ MẬT" not in html + str(view)


def test_the_result_counts_the_words_and_shows_the_text_as_it_was_typed() -> None:
    html = result("essay", BODY, {"text": "Một <b> hai\nba"})
    assert "Một &lt;b&gt; hai<br>ba" in html
    assert "4 từ" in html


def test_formatted_text_is_cleaned_before_anybody_sees_it() -> None:
    body = BODY.model_copy(update={"format": "html"})
    html = result("essay", body, {"text": "<p>Tốt</p><script>alert(1)</script>"})
    assert "<p>Tốt</p>" in html
    assert "alert" not in html
