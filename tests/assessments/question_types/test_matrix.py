"""Matrix: a row is right when exactly its right columns are chosen."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.authoring.problems import read_source
from assessments.question_types import get_type
from tests.assessments.question_types.laws import (
    any_json,
    body_of,
    candidate,
    check_form,
    check_laws,
    check_total,
    marked,
    nearly,
    result,
)

SOURCE: dict[str, Any] = {
    "stem": "Đúng hay sai?",
    "columns": [{"text": "Đúng"}, {"text": "Sai"}],
    "rows": [
        {"text": "Nước sôi ở 100 °C", "right": ["Đúng"], "feedback": "Ở mực nước biển."},
        {"text": "Sắt nhẹ hơn nước", "right": ["Sai"]},
        {"text": "Muối tan", "right": ["Đúng"]},
    ],
}
BODY = body_of("matrix", SOURCE)
MANY = body_of(
    "matrix",
    {
        "stem": "Chọn",
        "columns": ["A", "B", "C"],
        "rows": [{"text": "x", "right": ["A", "B"]}, {"text": "y", "right": ["#3"]}],
        "multiple": True,
    },
)


@pytest.mark.parametrize(
    ("cells", "fraction", "state"),
    [
        ({"r1": "c1", "r2": "c2", "r3": "c1"}, 1, "right"),
        ({"r1": "c1", "r2": ["c2"], "r3": "c2"}, 2 / 3, "partial"),
        ({"r1": "c2"}, 0, "wrong"),
        ({"r1": []}, 0, "unanswered"),
        ({"r1": ["c1", "c2"]}, None, "invalid"),
        ({"r9": "c1"}, None, "invalid"),
        ({"r1": "c9"}, None, "invalid"),
    ],
)
def test_each_row_that_is_right_earns_its_part(cells: Any, fraction: float | None, state: str) -> None:
    outcome = marked("matrix", BODY, {"cells": cells})
    assert outcome.fraction == (None if fraction is None else pytest.approx(fraction, abs=1e-7))
    assert outcome.state == state
    whole = BODY.model_copy(update={"scoring": "all_or_nothing"})
    if fraction is not None:
        assert marked("matrix", whole, {"cells": cells}).fraction == float(fraction == 1)


def test_with_several_columns_exactly_the_right_ones_are_right() -> None:
    assert marked("matrix", MANY, {"cells": {"r1": ["c2", "c1"]}}).fraction == 0.5
    assert marked("matrix", MANY, {"cells": {"r1": ["c1"], "r2": "c3"}}).fraction == 0.5
    assert marked("matrix", MANY, {"cells": {"r1": ["c1", "c2", "c3"]}}).fraction == 0


@settings(max_examples=300, deadline=None)
@given(
    any_json
    | nearly("cells", values=[{"r1": "c1"}, {"r1": ["c1", "c2"], "r2": "c1"}, {"r1": []}, {"r1": ["c1", "c1"]}]),
    st.sampled_from([BODY, MANY]),
)
def test_any_json_gives_an_outcome(response: Any, body: Any) -> None:
    check_total("matrix", body, response)


@pytest.mark.parametrize("body", [BODY, MANY])
def test_the_right_cells_earn_everything_and_nothing_is_lost_on_the_way(body: Any) -> None:
    check_laws("matrix", body)


def test_packs_name_columns_by_their_text() -> None:
    assert get_type("matrix").to_source(BODY) == SOURCE
    check_form("matrix", BODY, {"cells": {"r2": "c1"}})
    check_form("matrix", MANY, {"cells": {"r2": ["c1", "c3"]}})


def test_columns_without_a_text_of_their_own_are_named_by_number() -> None:
    body = body_of("matrix", {**SOURCE, "columns": ["Đúng", "Đúng", "Sai"], "rows": [{"text": "x", "right": "#2"}]})
    assert body.right == {"r1": ("c2",)}
    check_laws("matrix", body)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"rows": [{"text": "x", "right": ["Có lẽ"]}]}, ("rows", 0, "right")),
        ({"rows": [{"text": "x", "right": ["Sai"]}, {"text": "y"}]}, ("rows", 1, "right")),
        ({"columns": [{"text": "Sai"}], "rows": [{"text": "x", "right": ["Sai"]}]}, ("columns",)),
    ],
)
def test_what_does_not_fit_is_said_where_it_stands(change: dict[str, Any], place: tuple[Any, ...]) -> None:
    body, faults = read_source(get_type("matrix"), {**SOURCE, **change})
    assert body is None
    assert faults[0].place == place


def test_a_candidate_gets_a_named_field_in_each_cell_and_no_key() -> None:
    html, view, _names = candidate("matrix", BODY, {"cells": {"r1": "c1"}})
    assert html.count('type="radio"') == 6
    assert 'aria-label="Muối tan – Sai"' in html
    assert "mực nước biển" not in html
    assert "right" not in str(view)
    assert 'type="checkbox"' in candidate("matrix", MANY)[0]


def test_the_result_shows_what_was_chosen_in_each_row() -> None:
    html = result("matrix", BODY, {"cells": {"r1": "c2", "r2": "c2"}})
    assert html.count("is-right") == 1
    assert html.count("is-wrong") == 2
    assert "Ở mực nước biển." in html


def test_cells_are_named_by_the_texts_of_row_and_column() -> None:
    kind = get_type("matrix")
    assert kind.from_texts(BODY, {"cells": {"Muối tan": "sai"}}) == {"cells": {"r3": "c2"}}
    assert kind.from_texts(MANY, {"cells": {"x": ["A", "B"], "y": "c"}}) == {
        "cells": {"r1": ["c1", "c2"], "r2": ["c3"]}
    }
    with pytest.raises(ValueError, match="Đá tan"):
        kind.from_texts(BODY, {"cells": {"Đá tan": "Sai"}})
