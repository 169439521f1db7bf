"""Questions on a picture, out of Moodle XML: `ddimageortext` and `ddmarker`."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from assessments.formats.base import MEDIA_SCHEME
from assessments.formats.checking import NotTaken
from assessments.formats.images import image_size
from assessments.formats.moodle_xml.nodes import Node
from assessments.formats.moodle_xml.source import Reading, Source, number_of
from common.messages import filled


def read_drag_image(source: Source) -> Reading:
    """`ddimageortext`: pictures and words onto zones of a picture."""
    drags = []
    for node in source.node.all("drag"):
        number, label, picture = node.value("no"), node.value("text"), _picture(source, node)
        if not label and not picture:
            continue
        drag: dict[str, Any] = {
            "id": number,
            "label": label or picture.rpartition(".")[0] or picture,
            "group": int(number_of(node.value("draggroup") or "1")),
            "reusable": node.child("infinite") is not None,
        }
        if picture:
            drag["src"] = MEDIA_SCHEME + picture
        drags.append(drag)
    zones = [
        {
            "id": node.value("no"),
            "label": node.value("text"),
            "x": number_of(node.value("xleft")),
            "y": number_of(node.value("ytop")),
            "drag": node.value("choice"),
        }
        for node in source.node.all("drop")
        if node.value("choice") not in {"", "0"}
    ]
    body = {"background": _background(source), "drags": drags, "zones": zones, "shuffle": _is_there(source)}
    return "drag_image", body


def read_mark_image(source: Source) -> Reading:
    """`ddmarker`: markers into regions of a picture."""
    markers = [
        {
            "id": node.value("no"),
            "label": node.value("text"),
            "count": 0 if node.child("infinite") is not None else int(number_of(node.value("noofdrags") or "1")),
        }
        for node in source.node.all("drag")
        if node.value("text")
    ]
    zones = [
        {
            "shape": node.value("shape").lower(),
            "coords": [number_of(part) for part in node.value("coords").replace(";", ",").split(",") if part.strip()],
            "marker": node.value("choice"),
        }
        for node in source.node.all("drop")
        if node.value("choice") not in {"", "0"}
    ]
    if source.node.child("showmisplaced") is not None:
        source.lose("showmisplaced")
    body = {"background": _background(source), "markers": markers, "zones": zones, "shuffle": _is_there(source)}
    return "mark_image", body


def _is_there(source: Source) -> bool:
    """Shuffling: here Moodle writes the element when it is on and leaves it out when it is off."""
    node = source.node.child("shuffleanswers")
    return node is not None and node.said not in {"0", "false"}


def _picture(source: Source, node: Node) -> str:
    """Our name of the first file of a node; "" without one."""
    return next(iter(source.texts.files(node).values()), "")


def _background(source: Source) -> dict[str, Any]:
    name = _picture(source, source.node)
    if not name:
        raise NotTaken(_("The picture is missing in the file."))
    size = image_size(source.texts.media[name].content)
    if size is None:
        raise NotTaken(filled(_("The picture “%(name)s” cannot be read."), {"name": name}))
    return {"src": MEDIA_SCHEME + name, "width": size[0], "height": size[1]}
