"""ZIP files from strangers: nothing leaves the folder, nothing explodes."""

from __future__ import annotations

import lzma
import stat
import zipfile
import zlib
from pathlib import Path
from typing import IO, Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common.exceptions import ArchiveProblem
from common.messages import filled
from common.unicode import nfc

__all__ = ["ArchiveProblem", "safe_extract", "safe_members"]

MOST_FILES = 5_000
MOST_BYTES = 500 * 1024 * 1024
MOST_RATIO = 200
# Small files of one repeated byte shrink a thousandfold and harm nobody.
RATIO_COUNTS_FROM = 1_000_000
MOST_NAME_BYTES = 255
MOST_PATH_BYTES = 1_000

DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    RuntimeError,
    NotImplementedError,
    ValueError,
)


def safe_members(
    file: IO[bytes],
    *,
    max_files: int = MOST_FILES,
    max_total_bytes: int = MOST_BYTES,
    max_ratio: int = MOST_RATIO,
) -> list[zipfile.ZipInfo]:
    """The files (not folders) of a ZIP after checking every entry; nothing is unpacked.

    Raises ArchiveProblem, naming the first entry at fault: a path that is absolute, climbs out, names a drive
    or holds a NUL or control character; a link or device; an encrypted file; a name twice (letter case and
    Unicode form aside) or as file and folder; more than `max_files`, `max_total_bytes` unpacked, or
    `max_ratio` times the packed size.
    """
    with _opened(file) as archive:
        return _checked(archive, max_files, max_total_bytes, max_ratio)


def safe_extract(file: IO[bytes], target: Path, **limits: int) -> list[Path]:
    """Unpack a ZIP that passes `safe_members(**limits)` into the folder `target`; the files written.

    Never follows a link and never replaces a file that is there. Raises ArchiveProblem; the files already
    written are then removed again.
    """
    members = safe_members(file, **limits)
    root = target.resolve()
    written: list[Path] = []
    with _opened(file) as archive:
        try:
            for member in members:
                path = root / member.filename
                path.parent.mkdir(parents=True, exist_ok=True)
                if not path.resolve().is_relative_to(root) or path.exists():
                    raise ArchiveProblem(_("a file of this name is there already."), member.filename)
                _unpack(archive, member, path, written)
        except BaseException:
            for path in written:
                path.unlink(missing_ok=True)
            raise
    return written


def _opened(file: IO[bytes]) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except DAMAGE:
        raise ArchiveProblem(_("This is not a ZIP file, or it is damaged or cut off.")) from None


def _checked(archive: zipfile.ZipFile, max_files: int, max_total_bytes: int, max_ratio: int) -> list[zipfile.ZipInfo]:
    members = archive.infolist()
    if len(members) > max_files:
        raise ArchiveProblem(filled(_("The ZIP holds too many files: at most %(most)d."), {"most": max_files}))
    names: dict[str, bool] = {}  # the name as case-blind systems see it → is it a folder
    total = packed = 0
    for member in members:
        problem = _name_problem(member) or _kind_problem(member)
        key = nfc(member.filename).casefold().rstrip("/")
        if problem is None and key in names:
            problem = _("the same name is there twice.")
        if problem is not None:
            raise ArchiveProblem(problem, member.orig_filename)
        names[key] = member.is_dir()
        total, packed = total + member.file_size, packed + member.compress_size
        if member.file_size > max(RATIO_COUNTS_FROM, max_ratio * member.compress_size):
            raise ArchiveProblem(_("the file is packed too tightly to be real."), member.filename)
        if total > max_total_bytes:
            raise ArchiveProblem(
                filled(
                    _("The ZIP is too large when unpacked: at most %(most)d MB."), {"most": max_total_bytes // 1024**2}
                )
            )
    if total > max(RATIO_COUNTS_FROM, max_ratio * packed):
        raise ArchiveProblem(_("The ZIP is packed too tightly to be real."))
    for key in names:
        above = key.rpartition("/")[0]
        while above:
            if names.get(above) is False:
                raise ArchiveProblem(_("the name is a file and a folder."), above)
            above = above.rpartition("/")[0]
    return [member for member in members if not member.is_dir()]


def _name_problem(member: zipfile.ZipInfo) -> str | Promise | None:
    name = member.orig_filename  # `filename` is cut at a NUL
    parts = name.removesuffix("/").split("/")
    if "\0" in name or not name.isprintable():
        return _("the name holds characters that no file name may have.")
    if name.startswith("/") or "\\" in name or ":" in name or any(part in ("", ".", "..") for part in parts):
        return _("the path leaves the folder.")
    longest = max(len(part.encode("utf-8", "replace")) for part in parts)
    if longest > MOST_NAME_BYTES or len(name.encode("utf-8", "replace")) > MOST_PATH_BYTES:
        return _("the name is too long.")
    return None


def _kind_problem(member: zipfile.ZipInfo) -> str | Promise | None:
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return _("links and devices are not taken.")
    if member.flag_bits & 1:
        return _("the file is encrypted.")
    return None


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path, written: list[Path]) -> None:
    try:
        source: Any = archive.open(member)
    except DAMAGE:
        raise ArchiveProblem(_("the file is damaged."), member.filename) from None
    with source, path.open("xb") as sink:
        written.append(path)
        while True:
            try:  # reading alone: a full disk is not a damaged archive
                chunk = source.read(64 * 1024)
            except DAMAGE:
                raise ArchiveProblem(_("the file is damaged."), member.filename) from None
            if not chunk:
                return
            sink.write(chunk)
