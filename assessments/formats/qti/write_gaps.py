"""Gaps, texts with fields, and questions on pictures, into QTI."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from typing import Any

from assessments.formats.base import MEDIA_SCHEME, MediaFile
from assessments.formats.images import image_size
from assessments.formats.moodle_xml.source import written
from assessments.formats.qti.nodes import Node
from assessments.formats.qti.sheet import RESPONSE, Sheet, box, identifier, plain
from assessments.formats.qti.write_simple import declare_choices, mark_number, mark_several, mark_texts, place_of
from assessments.formats.qti.xhtml import address_of, element, is_inline, nodes_of
from assessments.question_types.cloze import FIELD
from assessments.question_types.gaps import GAP
from assessments.question_types.parts import fields_in

Body = Mapping[str, Any]
_SIDE = 40  # of a zone, which we know only the corner of
_SHAPES = {"circle": "circle", "rectangle": "rect", "polygon": "poly"}
_FIELD = "x-field"
_IMAGE = re.compile(r'<img src="([^"]+)" alt="([^"]*)"[^<>]*>')


def write_gap_drag(sheet: Sheet, body: Body) -> None:
    """Words to drag into a text; also the gaps that we show as lists, whose list is one for all."""
    order = [number for _before, number in fields_in(body["stem"], GAP) if number is not None]
    stem = _with_fields(body["stem"], GAP, [element("gap", identifier=f"G{n}") for n in range(1, len(order) + 1)])
    words = []
    for word in body["words"]:
        most = 0 if word["reusable"] or order.count(word["id"]) > 1 else 1
        facts: dict[str, object] = {"identifier": f"W{word['id']}", "matchMax": most}
        image = _IMAGE.fullmatch(word["text"])
        if image:
            shown = {"src": unescape(image[1]), "alt": unescape(image[2]), "width": None, "height": None}
            words.append(element("gapImg", picture(sheet, shown), **facts))
        else:  # the schemas let no markup stand in a word
            words.append(element("gapText", plain(word["text"]), **facts))
    sheet.add(element("gapMatchInteraction", *words, stem, responseIdentifier=RESPONSE, shuffle=body["shuffle"]))
    said = {word["id"]: (word["group"], word["text"]) for word in body["words"]}
    entries = [
        (f"W{word} G{count}", 1 / len(order))
        for count, number in enumerate(order, start=1)
        for word in said
        if said[word] == said[number]  # words that say the same are as good
    ]
    pairs = [f"W{number} G{count}" for count, number in enumerate(order, start=1)]
    sheet.response("directedPair", pairs, cardinality="multiple", mapping=sheet.mapping(entries))
    sheet.mark_map()


def write_cloze(sheet: Sheet, body: Body) -> None:
    """A text with fields, each with its response."""
    whole = sum(part["weight"] for part in body["parts"])
    by_number = {part["id"]: part for part in body["parts"]}
    order = [number for _before, number in fields_in(body["stem"], FIELD) if number is not None]
    fields = [_part(sheet, by_number[number], by_number[number]["weight"] / whole) for number in order]
    sheet.add(_with_fields(body["stem"], FIELD, fields))


def _part(sheet: Sheet, part: Body, weight: float) -> Node:
    """The field of a part; its response and rules are added."""
    name, own = f"RESPONSE_{part['id']}", part["body"]
    if part["kind"] == "numerical":
        best = max(own["answers"], key=lambda row: row["fraction"])
        sheet.response("float", [written(best["value"])], name=name)
        mark_number(sheet, own, name, weight)
        return element("textEntryInteraction", responseIdentifier=name, expectedLength=10)
    if part["kind"] == "short_answer":
        mark_texts(sheet, own, name, weight)
        return element("textEntryInteraction", responseIdentifier=name, expectedLength=15)
    rows, is_single = own["choices"], part["kind"] == "multiple_choice_one"
    right = [identifier(row["id"]) for row in rows if row["fraction"] > 0]
    best = max(rows, key=lambda row: row["fraction"])
    entries = [(identifier(row["id"]), row["fraction"] * weight) for row in rows]
    mapping = sheet.mapping(entries, bounded=False)
    if not is_single:
        mapping.attributes |= {"lowerBound": "0", "upperBound": written(weight * sheet.mark)}
    sheet.response(
        "identifier",
        [identifier(best["id"])] if is_single else right,
        name=name,
        cardinality="single" if is_single else "multiple",
        mapping=mapping,
    )
    if own.get("scoring") == "all_or_nothing":
        sheet.mark_match(name, weight * sheet.mark)
    else:
        sheet.mark_map(name)
    attributes: dict[str, object] = {"responseIdentifier": name, "shuffle": own["shuffle"]}
    if is_single and all(is_inline(row["text"]) for row in rows) and part["layout"] == "dropdown":
        return element(
            "inlineChoiceInteraction",
            *(
                element("inlineChoice", *nodes_of(row["text"]), identifier=identifier(row["id"]), **place_of(row))
                for row in rows
            ),
            **attributes,
        )
    return element(
        "choiceInteraction",
        *(
            element("simpleChoice", *nodes_of(row["text"]), identifier=identifier(row["id"]), **place_of(row))
            for row in rows
        ),
        **attributes,
        maxChoices=1 if is_single else 0,
    )


def _with_fields(html: str, pattern: str, fields: list[Node]) -> Node:
    """The text with elements where its placeholders are; a paragraph that gets a block in it becomes a <div>."""
    pieces = []
    for count, (before, number) in enumerate(fields_in(html, pattern)):
        pieces += [before, f'<{_FIELD} id="{count}"></{_FIELD}>' if number is not None else ""]
    holder = box("".join(pieces))
    _put(holder, fields)
    return holder


def _put(node: Node, fields: list[Node]) -> bool:
    """Put the fields in; whether a block is among them."""
    has_block = False
    for at, child in enumerate(node.children):
        if not isinstance(child, Node):
            continue
        if child.tag == _FIELD:
            node.children[at] = fields[int(child.get("id"))]
            has_block = has_block or fields[int(child.get("id"))].tag == "choiceInteraction"
        else:
            has_block = _put(child, fields) or has_block
    if has_block and node.tag == "p":
        node.tag = "div"
    return has_block


def picture(sheet: Sheet, background: Body) -> Node:
    """The picture that is worked on."""
    kind = background["src"].rpartition(".")[2].lower()
    kind = {"jpg": "jpeg", "svg": "svg+xml"}.get(kind, kind)
    return element(
        "object",
        *([background["alt"]] if background["alt"] else []),
        data=address_of(background["src"]),
        type=f"image/{kind}",
        width=background["width"],
        height=background["height"],
    )


def coords(shape: str, values: list[float]) -> str:
    """A region as QTI writes it."""
    if shape == "rectangle":
        left, top, width, height = values
        values = [left, top, left + width, top + height]
    return ",".join(written(float(value)) for value in values)


def write_hotspot(sheet: Sheet, body: Body) -> None:
    """Regions to choose."""
    is_single = not body["multiple"]
    declare_choices(sheet, body["spots"], is_single=is_single)
    sheet.stem()
    spots = [
        element(
            "hotspotChoice",
            identifier=identifier(spot["id"]),
            shape=_SHAPES[spot["shape"]],
            coords=coords(spot["shape"], spot["coords"]),
            hotspotLabel=spot["label"] or None,
        )
        for spot in body["spots"]
    ]
    sheet.add(
        element(
            "hotspotInteraction",
            picture(sheet, body["background"]),
            *spots,
            responseIdentifier=RESPONSE,
            maxChoices=1 if is_single else 0,
        )
    )
    if is_single:
        sheet.mark_map()
    else:
        mark_several(sheet, body)
    sheet.tell_choices(body["spots"])


def write_drag_image(sheet: Sheet, body: Body, media: Mapping[str, MediaFile]) -> None:
    """Words and pictures onto a picture; a zone is as large as what belongs there."""
    wanted = [zone["drag"] for zone in body["zones"]]
    drags, sizes = [], {}
    for drag in body["drags"]:
        most = 0 if drag["reusable"] or wanted.count(drag["id"]) > 1 else 1
        facts: dict[str, object] = {"identifier": f"D{drag['id']}", "matchMax": most}
        if drag["src"]:
            file = media.get(drag["src"].removeprefix(MEDIA_SCHEME))
            size = (image_size(file.content) if file is not None else None) or (_SIDE, _SIDE)
            shown = {"src": drag["src"], "alt": drag["label"], "width": size[0], "height": size[1]}
            drags.append(element("gapImg", picture(sheet, shown), **facts, objectLabel=drag["label"]))
        else:
            size = (_SIDE, _SIDE)
            drags.append(element("gapText", drag["label"], **facts))
        sizes[drag["id"]] = size
    zones = []
    for zone in body["zones"]:
        width, height = sizes[zone["drag"]]
        zones.append(
            element(
                "associableHotspot",
                identifier=f"Z{zone['id']}",
                matchMax=1,
                shape="rect",
                coords=coords("rectangle", [zone["x"], zone["y"], width, height]),
                hotspotLabel=zone["label"] or None,
            )
        )
    sheet.stem()
    sheet.add(
        element(
            "graphicGapMatchInteraction",
            picture(sheet, body["background"]),
            *drags,
            *zones,
            responseIdentifier=RESPONSE,
        )
    )
    pairs = [f"D{zone['drag']} Z{zone['id']}" for zone in body["zones"]]
    share = 1 / len(pairs)
    sheet.response(
        "directedPair", pairs, cardinality="multiple", mapping=sheet.mapping((pair, share) for pair in pairs)
    )
    sheet.mark_map()


def write_mark_image(sheet: Sheet, body: Body) -> None:
    """Places to point at; each marker is an interaction of its own on the same picture."""
    sheet.stem()
    share = 1 / len(body["zones"])
    for number, marker in enumerate(body["markers"], start=1):
        name = RESPONSE if len(body["markers"]) == 1 else f"RESPONSE_{number}"
        areas = [
            element(
                "areaMapEntry",
                shape=_SHAPES[zone["shape"]],
                coords=coords(zone["shape"], zone["coords"]),
                mappedValue=written(share * sheet.mark),
            )
            for zone in body["zones"]
            if zone["marker"] == marker["id"]
        ]
        mapping = element("areaMapping", *areas, defaultValue="0") if areas else None
        sheet.response("point", [], name=name, cardinality="multiple", mapping=mapping)
        sheet.add(
            element(
                "selectPointInteraction",
                element("prompt", marker["label"]),
                picture(sheet, body["background"]),
                responseIdentifier=name,
                maxChoices=marker["count"],
            )
        )
        if areas:
            sheet.mark_map(name, "mapResponsePoint")
