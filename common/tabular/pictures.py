"""Pictures that lie over the cells of a spreadsheet."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from common.archives import DAMAGE

MOST_DRAWING = 20 * 1024 * 1024
MOST_PICTURE = 20 * 1024 * 1024
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"
_MAIN = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_EMBED = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}embed"
_ANCHORS = ("oneCellAnchor", "twoCellAnchor")


@dataclass(frozen=True, slots=True)
class CellPicture:
    """A picture whose upper left corner lies in a cell; row and column count from 1. Its bytes, None when not there."""

    row: int
    column: int
    name: str
    description: str
    content: bytes | None


def sheet_pictures(archive: zipfile.ZipFile, sheet_path: str) -> Iterator[CellPicture]:
    """The pictures of a sheet of an archive that was checked before, in their order. What is damaged is left out."""
    for kind, target in _relations(archive, sheet_path).values():
        if kind.endswith("/drawing"):
            yield from _pictures(archive, target)


def _pictures(archive: zipfile.ZipFile, path: str) -> Iterator[CellPicture]:
    root, relations = _xml(archive, path), _relations(archive, path)
    for anchor in root if root is not None else ():
        corner = anchor.find(f"{_DRAWING}from")
        if anchor.tag.removeprefix(_DRAWING) not in _ANCHORS or corner is None:
            continue
        for picture in anchor.iter(f"{_DRAWING}pic"):
            blip = picture.find(f".//{_MAIN}blip")
            _kind, target = relations.get(blip.get(_EMBED, "") if blip is not None else "", ("", ""))
            about = picture.find(f".//{_DRAWING}cNvPr")
            yield CellPicture(
                row=_number(corner, "row") + 1,
                column=_number(corner, "col") + 1,
                name=posixpath.basename(target) or "picture",
                description=(about.get("descr") or "")[:500] if about is not None else "",
                content=_content(archive, target, MOST_PICTURE),
            )


def _number(corner: Any, name: str) -> int:
    text = corner.findtext(f"{_DRAWING}{name}", "0").strip()
    return int(text) if text.isdecimal() and len(text) < 8 else 0


def _relations(archive: zipfile.ZipFile, path: str) -> dict[str, tuple[str, str]]:
    """Id → (type, path of the target within the archive) of a part's relations; only those inside."""
    folder, name = posixpath.split(path.lstrip("/"))
    root = _xml(archive, f"{folder}/_rels/{name}.rels")
    found = {}
    for relation in root if root is not None else ():
        if relation.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", folder, relation.get("Target", ""))).lstrip("/")
            found[relation.get("Id", "")] = (relation.get("Type", ""), target)
    return found


def _xml(archive: zipfile.ZipFile, path: str) -> Any:
    content = _content(archive, path, MOST_DRAWING)
    if content is None:
        return None
    try:
        return fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return None


def _content(archive: zipfile.ZipFile, path: str, most: int) -> bytes | None:
    try:
        if archive.getinfo(path).file_size > most:
            return None
        return archive.read(path)
    except (KeyError, *DAMAGE):
        return None
