"""The one form that the ZIP of an evidence bundle has: what goes in decides every byte, so every changed byte shows.

Entries are stored (not compressed) in the order given, with the oldest date that ZIP can say and no extra fields.
"""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass

FIRST = "manifest.json"
OLDEST = (1980, 1, 1, 0, 0, 0)
MOST_BYTES = 256 * 1024 * 1024
_LOCAL = struct.Struct("<4s5H3I2H")
_LOCAL_SIGN = b"PK\x03\x04"


class UnreadableArchive(Exception):
    """The bytes are no ZIP file at all, or one that is too large."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The files that could be read, and the first byte that is not as it was made: its place, and its file or ""."""

    files: Mapping[str, bytes]
    difference: tuple[int, str] | None


def pack(files: Mapping[str, bytes]) -> bytes:
    """The ZIP of these files, always the same for the same files."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, OLDEST)
            entry.create_system = 3  # the same on every machine
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data)
    return target.getvalue()


def unpack(data: bytes) -> Opened:
    """The files of a bundle and whether its bytes are those that `pack` makes of them.

    A changed byte in a header or the directory is told by its place; one in a file is for that file's digest. Raises
    UnreadableArchive.
    """
    if len(data) > MOST_BYTES:
        raise UnreadableArchive(f"more than {MOST_BYTES // 1024 // 1024} MB")
    files = _scan(data)
    if not files:
        raise UnreadableArchive("no bundle of evidence")
    made = pack(files)
    if made == data:
        return Opened(files, None)
    place = next((at for at, (old, new) in enumerate(zip(data, made, strict=False)) if old != new), None)
    place = min(len(data), len(made)) if place is None else place
    return Opened(files, (place, _file_at(files, place)))


def _scan(data: bytes) -> dict[str, bytes]:
    """What stands behind each sign of an entry; one whose header was altered is passed over and hides no other.

    No file of a bundle holds the sign: JSON escapes its bytes.
    """
    files: dict[str, bytes] = {}
    at = 0
    while 0 <= at <= len(data) - _LOCAL.size:
        sign, _version, _flags, method, _time, _date, _crc, packed, size, name_size, extra_size = _LOCAL.unpack_from(
            data, at
        )
        begin = at + _LOCAL.size + name_size + extra_size
        name = data[at + _LOCAL.size : at + _LOCAL.size + name_size].decode("utf-8", "replace")
        is_first = at == 0 and name == FIRST
        if (sign == _LOCAL_SIGN or is_first) and not method and packed == size and begin + size <= len(data):
            files.setdefault(name, data[begin : begin + size])
        at = data.find(_LOCAL_SIGN, at + 1)
    return files


def _file_at(files: Mapping[str, bytes], place: int) -> str:
    at = 0
    for name, content in files.items():
        end = at + _LOCAL.size + len(name.encode()) + len(content)
        if place < end:
            return name
        at = end
    return ""
