"""The lines of a text file of unknown encoding, and a look at its beginning."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from typing import IO

from django.utils.translation import gettext_lazy as _

from assessments.formats.base import MOST_FILE_BYTES, Unreadable
from common.decoding import decode_bytes
from common.exceptions import UndecodableText
from common.messages import filled
from common.vietnamese import nfc

# Up to here a file is decoded as a whole, beyond line by line in the encoding of its beginning.
WHOLE_BYTES = 4 * 1024 * 1024
MOST_LINE = 1_000_000


def read_lines(file: IO[bytes]) -> Iterator[tuple[int, str]]:
    """(number from 1, line without its end). Raises Unreadable where the bytes are no text."""
    start = file.read(WHOLE_BYTES + 1)
    if not start.strip(b"\0 \t\r\n\xef\xbb\xbf\xfe\xff"):
        raise Unreadable(_("The file is empty."))
    whole = len(start) <= WHOLE_BYTES
    text, encoding = _decoded(start if whole else _to_last_line(start))
    if whole:
        lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        yield from enumerate(lines, start=1)
        return
    file.seek(2 if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else 0)
    yield from _streamed(file, encoding.removesuffix("-sig"))


def text_at_the_start(head: bytes) -> str:
    """What the beginning of a file says; "" when it is no text."""
    try:
        text, _encoding = decode_bytes(_to_last_line(head))
    except UndecodableText:
        return ""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _decoded(data: bytes) -> tuple[str, str]:
    try:
        return decode_bytes(data)
    except UndecodableText as problem:
        raise Unreadable(problem.message) from problem


def _to_last_line(data: bytes) -> bytes:
    """Without the line that may be cut in the middle of a sign; UTF-16 has a zero byte after or before its line end."""
    end = data.rfind(b"\n")
    if len(data) < 1024 or end < 0:
        return data
    return data[: end + 1 + (data[end + 1 : end + 2] == b"\0" and end % 2 == 0)]


def _streamed(file: IO[bytes], encoding: str) -> Iterator[tuple[int, str]]:
    number, size = 0, 0
    for number, line in enumerate(_raw_lines(file, encoding), start=1):
        size += len(line)
        if len(line) >= MOST_LINE or size > MOST_FILE_BYTES:
            raise Unreadable(filled(_("The file is too large for a text, at line %(line)d."), {"line": number}))
        try:
            text = line if isinstance(line, str) else line.decode(encoding)
        except UnicodeDecodeError as problem:
            message = _("Line %(line)d is not text in the encoding of the lines before.")
            raise Unreadable(filled(message, {"line": number})) from problem
        yield number, nfc(text.rstrip("\r\n").removeprefix("\ufeff"))


def _raw_lines(file: IO[bytes], encoding: str) -> Iterator[bytes | str]:
    """Lines as they stand; of UTF-16, whose line ends are two bytes, already decoded, with U+FFFD for what is none."""
    if not encoding.startswith("utf-16"):
        while raw := file.readline(MOST_LINE):
            yield raw
        return
    wrapper = io.TextIOWrapper(file, encoding=encoding, errors="replace")
    try:
        while line := wrapper.readline(MOST_LINE):
            yield line
    finally:
        wrapper.detach()
