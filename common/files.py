"""What a file really is, whatever it is called; and files that are there whole or not at all."""

from __future__ import annotations

import io
import os
import re
import tempfile
import zipfile
from pathlib import Path, PurePath

from django.utils.translation import gettext_lazy as _

from common.exceptions import FileTypeMismatch, UnsafeSvg
from common.messages import filled
from common.svg import clean_svg

__all__ = ["FileTypeMismatch", "UnsafeSvg", "clean_svg", "sniff_type", "write_atomically"]

_SAME = {"jpg": "jpeg", "jpe": "jpeg", "m4v": "mp4", "htm": "html"}
# Without a signature of their own: taken at their name when the content is text and nothing else.
_TEXT_TYPES = {"csv", "txt", "md"}
_OFFICE = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx", "ppt/presentation.xml": "pptx"}
_MP4_BRANDS = (
    b"isom",
    b"iso2",
    b"iso4",
    b"iso5",
    b"iso6",
    b"mp41",
    b"mp42",
    b"avc1",
    b"M4V ",
    b"dash",
    b"MSNV",
)
_BOM = b"\xef\xbb\xbf"
# The first element after the declaration, comments and a document type (which cleaning will refuse).
_XML_ROOT = re.compile(
    rb"\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*|<!DOCTYPE[^>\[]*(?:\[.*?\])?\s*>\s*)*<([A-Za-z_:][\w:.-]*)", re.S
)


def sniff_type(data: bytes, filename: str) -> str:
    """png, jpeg, gif, webp, svg, pdf, mp4, webm, docx, xlsx, pptx, zip, vtt, csv, txt or md.

    Raises FileTypeMismatch when the content is not what the name's ending says, or is of no known type.
    """
    name = PurePath(filename.replace("\\", "/")).name
    ending = PurePath(name).suffix.lower().removeprefix(".")
    claimed = _SAME.get(ending, ending)
    found = _by_content(data)
    if found is None and claimed in _TEXT_TYPES and data and b"\0" not in data:
        found = claimed
    if found is None or found != claimed:
        shown = name if len(name) <= 80 else f"{name[:80]}…"
        raise FileTypeMismatch(
            filled(
                _("“%(name)s”: the content is not a %(claimed)s file. Save it again in the right format."),
                {"name": shown, "claimed": claimed.upper()[:10] or "?"},
            )
        )
    return found


def _by_content(data: bytes) -> str | None:
    for start, kind in (
        (b"\x89PNG\r\n\x1a\n", "png"),
        (b"\xff\xd8\xff", "jpeg"),
        (b"GIF87a", "gif"),
        (b"GIF89a", "gif"),
        (b"%PDF-", "pdf"),
    ):
        if data.startswith(start):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    if data[4:8] == b"ftyp":
        return "mp4" if data[8:12] in _MP4_BRANDS else "other"
    if data.startswith(b"\x1aE\xdf\xa3"):
        return "webm" if b"webm" in data[:64] else "other"
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_type(data)
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return "other"  # old or encrypted Office files
    text = data.removeprefix(_BOM)
    if re.match(rb"WEBVTT(?:[ \t\r\n]|$)", text):
        return "vtt"
    root = _XML_ROOT.match(text[:20_000])
    return "svg" if root is not None and root[1].rpartition(b":")[2] == b"svg" else None


def _zip_type(data: bytes) -> str:
    """An Office file by its main part; with macros inside it is not what docx, xlsx and pptx promise."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return "other"
    for part, kind in _OFFICE.items():
        if part in names:
            return "other" if any(name.endswith("vbaProject.bin") for name in names) else kind
    return "zip"


def write_atomically(path: Path, data: bytes) -> None:
    """Write the file so that a reader, or a crash, finds the old content or the new, never a part.

    The folder must exist. The bytes are on the disk when this returns.
    """
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:100]}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp makes files for their owner alone; a new file has the mode that open() would give.
        Path(temporary).chmod(path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _umask() -> int:
    """The process's umask, read without setting it, which would race with other threads."""
    try:
        found = re.search(r"^Umask:\s*(\d+)", Path("/proc/self/status").read_text(encoding="ascii"), re.MULTILINE)
    except (OSError, UnicodeDecodeError):
        found = None
    return int(found[1], 8) if found else 0o022
