"""Essay and description, both ways: what is written freely, and what asks nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from assessments.formats.moodle_xml.sheet import Sheet
from assessments.formats.moodle_xml.source import Reading, Source, number_of
from assessments.question_types.handed_in import MOST_FILES, MOST_MEGABYTES

MOST_LINES = 60
_MEGABYTE = 1024 * 1024
_ENDING = re.compile(r"\.[a-z0-9]{1,10}")
_FORMATS = {"editor": "html", "editorfilepicker": "html", "plain": "plain", "monospaced": "monospaced"}
_UNLIMITED = "-1"


def read_essay(source: Source) -> Reading:
    """`essay`; one that takes only files is a file upload here."""
    response_format = source.value("responseformat") or "editor"
    most_files = _count(source, "attachments")
    body: dict[str, Any] = {
        "file_types": _file_types(source),
        "most_megabytes": _megabytes(source),
        "grader_info": source.html("graderinfo"),
    }
    if response_format == "noinline":
        return "file_upload", {**body, "most_files": max(most_files, 1)}
    if response_format not in _FORMATS or response_format == "editorfilepicker":
        source.forget("responseformat")
    source.forget("responserequired", "1")
    body |= {
        "format": _FORMATS.get(response_format, "html"),
        "lines": min(max(_whole(source, "responsefieldlines", 15), 1), MOST_LINES),
        "min_words": _whole(source, "minwordlimit", 0) or None,
        "max_words": _whole(source, "maxwordlimit", 0) or None,
        "attachments_allowed": most_files,
        "attachments_required": min(_count(source, "attachmentsrequired"), most_files),
        "template": source.html("responsetemplate"),
    }
    return "essay", body


def read_description(source: Source) -> Reading:
    """`description`."""
    return "description", {}


def write_essay(sheet: Sheet, body: Mapping[str, Any]) -> None:
    """`essay`."""
    names = {ours: theirs for theirs, ours in reversed(_FORMATS.items())}
    sheet.value("responseformat", names[body["format"]])
    sheet.flag("responserequired", True)
    sheet.value("responsefieldlines", body["lines"])
    sheet.value("minwordlimit", body["min_words"] or "")
    sheet.value("maxwordlimit", body["max_words"] or "")
    _write_files(sheet, body, body["attachments_allowed"], body["attachments_required"])
    sheet.html("responsetemplate", body["template"])


def write_file_upload(sheet: Sheet, body: Mapping[str, Any]) -> None:
    """An essay that takes only files."""
    sheet.value("responseformat", "noinline")
    sheet.flag("responserequired", False)
    sheet.value("responsefieldlines", 15)
    sheet.value("minwordlimit", "")
    sheet.value("maxwordlimit", "")
    _write_files(sheet, body, body["most_files"], 1)
    sheet.html("responsetemplate", "")


def write_description(sheet: Sheet, body: Mapping[str, Any]) -> None:
    """Nothing of its own."""


def _write_files(sheet: Sheet, body: Mapping[str, Any], most: int, required: int) -> None:
    sheet.value("attachments", _UNLIMITED if most == MOST_FILES else most)
    sheet.value("attachmentsrequired", required)
    sheet.value("maxbytes", body["most_megabytes"] * _MEGABYTE)
    sheet.value("filetypeslist", ",".join(body["file_types"]))
    sheet.html("graderinfo", body["grader_info"])


def _whole(source: Source, tag: str, default: int) -> int:
    text = source.value(tag)
    return int(number_of(text)) if text else default


def _count(source: Source, tag: str) -> int:
    """A number of files; without a limit there it is the most that we take."""
    text = source.value(tag)
    return MOST_FILES if text == _UNLIMITED else min(max(_whole(source, tag, 0), 0), MOST_FILES)


def _megabytes(source: Source) -> int:
    size = _whole(source, "maxbytes", 0)
    if size <= 0:
        return 20
    if size % _MEGABYTE or size > MOST_MEGABYTES * _MEGABYTE:
        source.forget("maxbytes")
    return min(max(-(-size // _MEGABYTE), 1), MOST_MEGABYTES)


def _file_types(source: Source) -> list[str]:
    """Endings; Moodle's names of groups of types, such as “document”, are told and left out."""
    found = [part.lower() for part in re.split(r"[\s,;:]+", source.value("filetypeslist")) if part and part != "*"]
    other = [part for part in found if not _ENDING.fullmatch(part)]
    if other:
        source.lose("filetypeslist", f"“{', '.join(other)[:60]}”")
    return list(dict.fromkeys(part for part in found if _ENDING.fullmatch(part)))
