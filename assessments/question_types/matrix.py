"""Matrix: choose a column, or several, for each row; true or false for each statement is a matrix of two columns.

`per_row`: rows answered right, of all; a row is right when exactly its right columns are chosen. `all_or_nothing`:
everything when every row is right. Where one column is chosen for each row and several are right, any of them is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from django.utils.translation import gettext_lazy as _
from pydantic import Field, model_validator

from assessments.question_types.base import (
    UNANSWERED,
    Body,
    Html,
    Key,
    Outcome,
    QuestionType,
    Shape,
    State,
    graded,
    invalid,
    key_of,
    ordered,
)
from assessments.question_types.editor import FEEDBACK, Choice, Fault, Flag, Kept, Lines, RichText, Rows
from assessments.question_types.parts import named
from assessments.question_types.source import html_of, listed, read_common, source_of, write_common


class Row(Shape):
    """A statement."""

    id: Key
    text: Annotated[Html, Field(min_length=1)]
    feedback: Html = ""


class Column(Shape):
    """What can be said of each."""

    id: Key
    text: Annotated[Html, Field(min_length=1)]


class MatrixBody(Body):
    """1 to 20 rows, 2 to 20 columns, and the right columns of each row."""

    rows: Annotated[tuple[Row, ...], Field(min_length=1, max_length=20)]
    columns: Annotated[tuple[Column, ...], Field(min_length=2, max_length=20)]
    right: dict[Key, tuple[Key, ...]]
    multiple: bool = False
    scoring: Literal["per_row", "all_or_nothing"] = "per_row"
    shuffle: bool = False

    @model_validator(mode="after")
    def _every_row_has_its_columns(self) -> MatrixBody:
        rows, columns = [row.id for row in self.rows], [column.id for column in self.columns]
        if len(set(rows)) != len(rows):
            raise Fault(_("Two rows have the same id."), "rows")
        if len(set(columns)) != len(columns):
            raise Fault(_("Two columns have the same id."), "columns")
        for number, row in enumerate(rows):
            if not self.right.get(row):
                raise Fault(_("No column is right for this row: name one."), "rows", number, "right")
            if not set(self.right[row]) <= set(columns):
                raise Fault(_("There is no such column: write its text as it stands above."), "rows", number, "right")
        if not set(self.right) <= set(rows):
            raise Fault(_("A right answer belongs to no row."), "rows")
        return self


class MatrixResponse(Shape):
    """Id of the row → id of the column, or a list of them."""

    cells: Annotated[dict[Key, Key | Annotated[tuple[Key, ...], Field(max_length=20)]], Field(max_length=20)] = {}


class Matrix(QuestionType[MatrixBody, MatrixResponse]):
    """A table to tick."""

    name = "matrix"
    label = _("Table to tick (matrix)")
    editor = (
        Rows(
            name="columns",
            label=_("Columns"),
            row_label=_("Column"),
            help=_("What can be said of each row, such as True and False."),
            minimum=2,
            maximum=20,
            spare=2,
            fields=(Kept(name="id"), RichText(name="text", label=_("Text"), required=True)),
        ),
        Rows(
            name="rows",
            label=_("Rows of the table"),
            row_label=_("Row"),
            minimum=1,
            maximum=20,
            spare=4,
            fields=(
                Kept(name="id"),
                RichText(name="text", label=_("Text"), required=True),
                Lines(
                    name="right",
                    label=_("Right columns"),
                    help=_("Their texts as above, one a line, or #1 for the first."),
                    required=True,
                    maximum=20,
                ),
                FEEDBACK,
            ),
        ),
        Flag(name="multiple", label=_("Several columns may be ticked for a row")),
        Choice(
            name="scoring",
            label=_("Marking"),
            options=[
                ("per_row", _("In part: each row that is right")),
                ("all_or_nothing", _("All or nothing: every row")),
            ],
        ),
        Flag(name="shuffle", label=_("Rows may be shuffled")),
    )
    Body = MatrixBody
    Response = MatrixResponse

    def is_empty(self, response: MatrixResponse) -> bool:
        return not any(response.cells.values())

    def is_complete(self, body: MatrixBody, response: MatrixResponse, variant: Mapping[str, Any]) -> bool:
        return all(response.cells.get(row.id) for row in body.rows)

    def grade(self, body: MatrixBody, response: MatrixResponse, variant: Mapping[str, Any]) -> Outcome:
        if self.is_empty(response):
            return UNANSWERED
        given = {row: _listed(columns) for row, columns in response.cells.items()}
        columns = {column.id for column in body.columns}
        if not set(given) <= {row.id for row in body.rows}:
            return invalid("there is no such row")
        for chosen in given.values():
            if not set(chosen) <= columns or len(set(chosen)) != len(chosen):
                return invalid("there is no such column, or one is there twice")
            if len(chosen) > 1 and not body.multiple:
                return invalid("one column is to be chosen for each row")
        parts = {
            row.id: State.RIGHT if _is_right(body, row.id, given[row.id]) else State.WRONG
            for row in body.rows
            if given.get(row.id)
        }
        right = sum(state is State.RIGHT for state in parts.values())
        fraction = right / len(body.rows) if body.scoring == "per_row" else float(right == len(body.rows))
        return graded(fraction, parts=parts, feedback=[row.feedback for row in body.rows if row.id in parts])

    def parse_form(self, data: Mapping[str, Sequence[str]], prefix: str, body: MatrixBody) -> dict[str, Any]:
        cells: dict[str, Any] = {}
        for row in body.rows:
            values = [value for value in data.get(f"{prefix}-{row.id}") or [] if value]
            if values:
                cells[row.id] = values if body.multiple else values[0]
        return {"cells": cells} if cells else {}

    def to_form(self, body: MatrixBody, response: MatrixResponse, prefix: str) -> dict[str, list[str]]:
        return {f"{prefix}-{row}": list(_listed(columns)) for row, columns in response.cells.items() if columns}

    def from_texts(self, body: MatrixBody, response: Mapping[str, Any]) -> dict[str, Any]:
        texts = response.get("cells")
        if not isinstance(texts, Mapping):
            return dict(response)
        rows = {row.id: row.text for row in body.rows}
        columns = {column.id: column.text for column in body.columns}
        cells: dict[str, Any] = {}
        for row, said in texts.items():
            chosen = [key_of(text, columns, "column") for text in (said if isinstance(said, list) else [said])]
            cells[key_of(row, rows, "row")] = chosen if body.multiple or len(chosen) != 1 else chosen[0]
        return {**response, "cells": cells}

    def permutables(self, body: MatrixBody) -> dict[str, list[str]]:
        return {"prompts": [row.id for row in body.rows]} if body.shuffle else {}

    def from_source(self, source: Mapping[str, Any]) -> MatrixBody:
        body = read_common(source, {"rows", "columns", "multiple", "scoring", "shuffle"})
        columns = source.get("columns")
        if isinstance(columns, list):
            columns = [column if isinstance(column, Mapping) else {"text": column} for column in columns]
        body["columns"] = [
            {"id": str(column.get("id") or f"c{number}"), "text": html_of(column.get("text", ""))}
            for number, column in enumerate(listed({"columns": columns}, "columns", {"id", "text"}), start=1)
        ]
        body["rows"], body["right"] = [], {}
        for number, row in enumerate(listed(source, "rows", {"id", "text", "right", "feedback"}), start=1):
            key = str(row.get("id") or f"r{number}")
            body["rows"].append(
                {
                    "id": key,
                    "text": html_of(row.get("text", "")),
                    "feedback": html_of(row["feedback"]) if row.get("feedback") else "",
                }
            )
            said = row.get("right", [])
            names = said if isinstance(said, list) else [said]
            body["right"][key] = [_column_named(body["columns"], name, number - 1) for name in names]
        body |= {key: source[key] for key in ("multiple", "scoring", "shuffle") if key in source}
        return MatrixBody.model_validate(body)

    def to_source(self, body: MatrixBody) -> dict[str, Any]:
        before, after = write_common(body)
        names = _names_of(body.columns)
        as_counted = [column.id for column in body.columns] == [f"c{n}" for n in range(1, len(body.columns) + 1)]
        columns = [
            ({} if as_counted else {"id": column.id}) | {"text": source_of(column.text)} for column in body.columns
        ]
        rows = []
        as_counted = [row.id for row in body.rows] == [f"r{n}" for n in range(1, len(body.rows) + 1)]
        for row in body.rows:
            written: dict[str, Any] = {} if as_counted else {"id": row.id}
            written["text"] = source_of(row.text)
            written["right"] = [names[column] for column in body.right[row.id]]
            if row.feedback:
                written["feedback"] = source_of(row.feedback)
            rows.append(written)
        own: dict[str, Any] = {"columns": columns, "rows": rows}
        for key in ("multiple", "scoring", "shuffle"):
            if getattr(body, key) != MatrixBody.model_fields[key].default:
                own[key] = getattr(body, key)
        return {**before, **own, **after}

    def correct_response(self, body: MatrixBody) -> dict[str, Any]:
        return {
            "cells": {row.id: list(body.right[row.id]) if body.multiple else body.right[row.id][0] for row in body.rows}
        }

    def describe_response(self, body: MatrixBody, response: MatrixResponse) -> str:
        texts = {column.id: named(column.text) for column in body.columns}
        said = []
        for row in body.rows:
            chosen = [texts[key] for key in _listed(response.cells.get(row.id, ())) if key in texts]
            if chosen:
                said.append(f"{named(row.text)}: {', '.join(chosen)}")
        return "; ".join(said)

    def view(self, body: MatrixBody, response: MatrixResponse | None, variant: Mapping[str, Any]) -> dict[str, Any]:
        order = variant.get("order") if isinstance(variant.get("order"), Mapping) else {}
        rows = {row.id: row for row in body.rows}
        given = {row: _listed(columns) for row, columns in (response.cells if response else {}).items()}
        return {
            "multiple": body.multiple,
            "columns": [{"text": column.text} for column in body.columns],
            "rows": [
                {
                    "id": key,
                    "text": rows[key].text,
                    "name": named(rows[key].text),
                    "feedback": rows[key].feedback,
                    "chosen": [named(column.text) for column in body.columns if column.id in given.get(key, ())],
                    "right": _is_right(body, key, given.get(key, ())),
                    "answer": [named(column.text) for column in body.columns if column.id in body.right[key]],
                    "cells": [
                        {
                            "id": column.id,
                            "text": column.text,
                            "name": named(column.text),
                            "chosen": column.id in given.get(key, ()),
                            "right": column.id in body.right[key],
                        }
                        for column in body.columns
                    ],
                }
                for key in ordered(list(rows), (order or {}).get("prompts"))
            ],
        }


def _listed(columns: str | tuple[str, ...]) -> tuple[str, ...]:
    return (columns,) if isinstance(columns, str) else columns


def _is_right(body: MatrixBody, row: str, chosen: Sequence[str]) -> bool:
    right = set(body.right[row])
    return set(chosen) == right if body.multiple else len(chosen) == 1 and set(chosen) <= right


def _names_of(columns: Sequence[Column]) -> dict[str, str]:
    """What the source calls each column: its text, or #number where that is not one line of its own."""
    texts = [named(column.text) for column in columns]
    return {
        column.id: text if text and texts.count(text) == 1 and not text.startswith("#") else f"#{number}"
        for number, (column, text) in enumerate(zip(columns, texts, strict=True), start=1)
    }


def _column_named(columns: Sequence[Mapping[str, str]], name: Any, row: int) -> str:
    text = named(html_of(name)) if isinstance(name, bool) else " ".join(str(name).split())
    if text.startswith("#") and text[1:].isascii() and text[1:].isdigit() and 0 < int(text[1:]) <= len(columns):
        return columns[int(text[1:]) - 1]["id"]
    for column in columns:
        if named(column["text"]) == text:
            return column["id"]
    raise Fault(_("There is no such column: write its text as it stands above."), "rows", row, "right")


question_type = Matrix()
