"""Choice, true or false, order, match, table, typed and handed-in answers, into QTI."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from assessments.formats.moodle_xml.source import written
from assessments.formats.moodle_xml.write_simple import interval
from assessments.formats.qti.item import ENDING_TYPES
from assessments.formats.qti.nodes import Node
from assessments.formats.qti.sheet import RESPONSE, Sheet, box, identifier, number_node, variable
from assessments.formats.qti.xhtml import element, nodes_of

Body = Mapping[str, Any]


def write_single(sheet: Sheet, body: Body) -> None:
    """One of several."""
    _choose(sheet, body, is_single=True)
    sheet.mark_map()
    sheet.tell_choices(body["choices"])


def write_multiple(sheet: Sheet, body: Body) -> None:
    """Any number of several."""
    _choose(sheet, body, is_single=False)
    mark_several(sheet, body)
    sheet.tell_choices(body["choices"])


def mark_several(sheet: Sheet, body: Body) -> None:
    """The rules of several right ones."""
    if body["scoring"] == "all_or_nothing":
        sheet.mark_match()
    else:
        sheet.mark_map()


def _choose(sheet: Sheet, body: Body, *, is_single: bool) -> None:
    choices = body["choices"]
    declare_choices(sheet, choices, is_single=is_single)
    sheet.stem()
    sheet.add(
        element(
            "choiceInteraction",
            *(
                element("simpleChoice", *nodes_of(row["text"]), identifier=identifier(row["id"]), **place_of(row))
                for row in choices
            ),
            responseIdentifier=RESPONSE,
            shuffle=body["shuffle"],
            maxChoices=1 if is_single else 0,
        )
    )


def place_of(row: Body) -> dict[str, bool]:
    """The attribute of a choice that keeps its place."""
    return {"fixed": True} if row.get("pinned") else {}


def declare_choices(sheet: Sheet, rows: Any, *, is_single: bool) -> None:
    """The response of a choice and what each is worth."""
    best = max(row["fraction"] for row in rows)
    right = [row for row in rows if (row["fraction"] == best if is_single else row["fraction"] > 0)]
    mapping = sheet.mapping([(identifier(row["id"]), row["fraction"]) for row in rows], bounded=not is_single)
    sheet.response(
        "identifier",
        [identifier(row["id"]) for row in (right[:1] if is_single else right)],
        cardinality="single" if is_single else "multiple",
        mapping=mapping,
    )


def write_true_false(sheet: Sheet, body: Body) -> None:
    """A choice of two."""
    sheet.response("identifier", ["true" if body["answer"] else "false"])
    sheet.stem()
    sheet.add(
        element(
            "choiceInteraction",
            element("simpleChoice", _("True"), identifier="true"),
            element("simpleChoice", _("False"), identifier="false"),
            responseIdentifier=RESPONSE,
            shuffle=False,
            maxChoices=1,
        )
    )
    sheet.mark_match()
    sheet.tell_choices([{"id": key, "feedback": body[f"feedback_{key}"]} for key in ("true", "false")])


def write_short_answer(sheet: Sheet, body: Body) -> None:
    """A field for words."""
    sheet.stem()
    sheet.add(element("p", element("textEntryInteraction", responseIdentifier=RESPONSE, expectedLength=30)))
    mark_texts(sheet, body, RESPONSE)


def mark_texts(sheet: Sheet, body: Body, name: str, weight: float = 1.0) -> None:
    """Accepted words by a mapping; where one has a `*` in it, all of them one after the other as patterns."""
    rows = body["answers"]
    best = max(rows, key=lambda row: row["fraction"])["text"]
    if not any("*" in row["text"].replace("\\*", "") for row in rows):
        worth: dict[str, float] = {}
        for row in rows:
            worth.setdefault(row["text"].replace("\\*", "*"), row["fraction"] * weight)
        mapping = sheet.mapping(worth.items(), bounded=False, caseSensitive=body["case_sensitive"])
        sheet.response("string", [best.replace("\\*", "*")], name=name, mapping=mapping)
        sheet.mark_map(name)
        return
    example = best.replace("\\*", "\0").replace("*", "").replace("\0", "*").strip()
    sheet.response("string", [example] if example else [], name=name)
    tests = [
        element("patternMatch", variable(name), pattern=pattern_of(row["text"], case_sensitive=body["case_sensitive"]))
        for row in rows
    ]
    sheet.when((test, row["fraction"] * weight * sheet.mark) for test, row in zip(tests, rows, strict=True))


def pattern_of(text: str, *, case_sensitive: bool) -> str:
    """Our pattern as a regular expression of XML Schema, which knows no switch for capital letters."""
    pieces = []
    for part in re.split(r"(\\\*|\*)", text):
        if part == "*":
            pieces.append(".*")
            continue
        for sign in part.removeprefix("\\") if part == "\\*" else part:
            both = sorted({sign, sign.lower(), sign.upper()}, key=len) if not case_sensitive else [sign]
            if len(both) > 1 and all(len(one) == 1 for one in both):
                pieces.append(f"[{''.join(sorted(both))}]")
            else:
                pieces.append(re.sub(r"[\\.?*+{}()\[\]|^$-]", r"\\\g<0>", sign))
    return "".join(pieces)


def write_numerical(sheet: Sheet, body: Body) -> None:
    """A field for a number."""
    best = max(body["answers"], key=lambda row: row["fraction"])
    sheet.response("float", [written(best["value"])])
    sheet.stem()
    sheet.add(element("p", element("textEntryInteraction", responseIdentifier=RESPONSE, expectedLength=15)))
    mark_number(sheet, body, RESPONSE, 1.0)


def mark_number(sheet: Sheet, body: Body, name: str, weight: float) -> None:
    """Accepted numbers in their order, each as the interval that it stands for."""
    branches = []
    for row in body["answers"]:
        value, tolerance = interval(row["value"], row["tolerance"], body["tolerance_type"])
        test = element(
            "equal", variable(name), number_node(value), toleranceMode="absolute", tolerance=f"{written(tolerance)} {written(tolerance)}"
        )  # fmt: skip
        branches.append((test, row["fraction"] * weight * sheet.mark))
    sheet.when(branches)
    if body["other_fraction"]:
        none = [element("not", test) for test, _marks in branches]
        is_answered = element("not", element("isNull", variable(name)))
        sheet.when([(element("and", is_answered, *none), body["other_fraction"] * weight * sheet.mark)])


def write_ordering(sheet: Sheet, body: Body) -> None:
    """Items in their right order; shuffled wherever they are shown."""
    names = [identifier(item["id"]) for item in body["items"]]
    sheet.response("identifier", names, cardinality="ordered")
    sheet.stem()
    choices = [
        element("simpleChoice", *nodes_of(item["text"]), identifier=name)
        for item, name in zip(body["items"], names, strict=True)
    ]
    sheet.add(element("orderInteraction", *choices, responseIdentifier=RESPONSE, shuffle=True))
    if body["scoring"] != "position":
        sheet.mark_match()
        return
    for number in range(1, len(names) + 1):
        given, right = (
            element("index", holder, n=number)
            for holder in (variable(RESPONSE), element("correct", identifier=RESPONSE))
        )
        sheet.when([(element("match", given, right), sheet.mark / len(names))])


def write_matching(sheet: Sheet, body: Body) -> None:
    """A list of answers for items; answers that say the same are one."""
    targets: dict[str, str] = {}
    for number, row in enumerate([*body["pairs"], *body["extra_answers"]], start=1):
        is_extra = number > len(body["pairs"])
        targets.setdefault(row["answer"], identifier(row["id"]) if is_extra else f"answer_{number}")
    pairs = [f"{identifier(pair['id'])} {targets[pair['answer']]}" for pair in body["pairs"]]
    _match(
        sheet,
        [(identifier(pair["id"]), pair["prompt"]) for pair in body["pairs"]],
        [(name, html) for html, name in targets.items()],
        shuffle=body["shuffle"],
        most=1,
    )
    share = 1 / len(pairs)
    sheet.response(
        "directedPair", pairs, cardinality="multiple", mapping=sheet.mapping((pair, share) for pair in pairs)
    )
    sheet.mark_map()


def write_matrix(sheet: Sheet, body: Body) -> None:
    """A table to tick."""
    pairs = {
        row["id"]: [f"{identifier(row['id'])} {identifier(column)}" for column in body["right"][row["id"]]]
        for row in body["rows"]
    }
    is_single = not body["multiple"]
    _match(
        sheet,
        [(identifier(row["id"]), row["text"]) for row in body["rows"]],
        [(identifier(column["id"]), column["text"]) for column in body["columns"]],
        shuffle=body["shuffle"],
        most=1 if is_single else 0,
        class_="qti-match-tabular",
    )
    share = 1 / len(pairs)
    entries = [(pair, share / (1 if is_single else len(own))) for own in pairs.values() for pair in own]
    correct = [pair for own in pairs.values() for pair in (own[:1] if is_single else own)]
    is_exact = body["multiple"] and body["scoring"] == "per_row"
    mapping = None if is_exact else sheet.mapping(entries)
    sheet.response("directedPair", correct, cardinality="multiple", mapping=mapping)
    if is_single and body["scoring"] == "all_or_nothing":  # any of the right columns of every row
        rows = [element("or", *(_ticked(pair) for pair in own)) for own in pairs.values()]
        sheet.when([(element("and", *rows), sheet.mark)])
        return
    if not is_exact:
        mark_several(sheet, body)
        return
    for row in body["rows"]:  # a row counts when exactly its columns are ticked
        tests = []
        for column in body["columns"]:
            test = _ticked(f"{identifier(row['id'])} {identifier(column['id'])}")
            tests.append(test if column["id"] in body["right"][row["id"]] else element("not", test))
        sheet.when([(element("and", *tests), share * sheet.mark)])


def _ticked(pair: str) -> Node:
    """The condition that a cell is ticked."""
    return element("member", element("baseValue", pair, baseType="directedPair"), variable(RESPONSE))


def _match(
    sheet: Sheet, rows: list[tuple[str, str]], columns: list[tuple[str, str]], *, most: int, **attributes: object
) -> None:
    def choices(found: list[tuple[str, str]], most: int) -> Node:
        tag = "simpleAssociableChoice"
        return element(
            "simpleMatchSet", *(element(tag, *nodes_of(html), identifier=name, matchMax=most) for name, html in found)
        )

    sheet.stem()
    sheet.add(
        element(
            "matchInteraction",
            choices(rows, most),
            choices(columns, 0),
            responseIdentifier=RESPONSE,
            maxAssociations=0,
            **attributes,
        )
    )


def write_essay(sheet: Sheet, body: Body) -> None:
    """A field for a text."""
    sheet.response("string", [])
    sheet.stem()
    formats = {"monospaced": "preFormatted", "html": "xhtml"}
    sheet.add(
        element(
            "extendedTextInteraction",
            responseIdentifier=RESPONSE,
            expectedLines=body["lines"],
            format=formats.get(body["format"], "plain"),
        )
    )
    _by_hand(sheet, body)


def write_file_upload(sheet: Sheet, body: Body) -> None:
    """Files to hand in."""
    sheet.response("file", [])
    sheet.stem()
    kinds = [ENDING_TYPES[ending] for ending in body["file_types"] if ending in ENDING_TYPES]
    sheet.add(element("uploadInteraction", responseIdentifier=RESPONSE, type=" ".join(kinds) or None))
    _by_hand(sheet, body)


def _by_hand(sheet: Sheet, body: Body) -> None:
    sheet.is_marked_by_hand = True
    if body["grader_info"]:
        sheet.content.insert(0, element("rubricBlock", box(body["grader_info"]), view="scorer", use="scoring"))


def write_description(sheet: Sheet, body: Body) -> None:
    """Text alone."""
    sheet.stem()
