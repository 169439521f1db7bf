"""The parts of a Word file that may be hostile."""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Iterator
from typing import IO, Any

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring, iterparse
from django.utils.translation import gettext_lazy as _

from assessments.formats.base import MOST_FILE_BYTES, Unreadable
from common.archives import DAMAGE, safe_members
from common.exceptions import ArchiveProblem
from common.messages import filled

MOST_UNPACKED = 300 * 1024 * 1024
MOST_DOCUMENT = 30 * 1024 * 1024
MOST_PART = 10 * 1024 * 1024
MOST_PICTURE = 20 * 1024 * 1024
MOST_DEPTH = 200
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
# What Word wrote before DOCX, or writes with a password; and RTF.
OLD_STARTS = (b"\xd0\xcf\x11\xe0", b"{\\rtf")
_STRICT = (
    ("http://purl.oclc.org/ooxml/wordprocessingml/main", "http://schemas.openxmlformats.org/wordprocessingml/2006/main"),
    ("http://purl.oclc.org/ooxml/officeDocument/relationships", R.strip("{}")),
    ("http://purl.oclc.org/ooxml/drawingml/main", "http://schemas.openxmlformats.org/drawingml/2006/main"),
    ("http://purl.oclc.org/ooxml/officeDocument/math", "http://schemas.openxmlformats.org/officeDocument/2006/math"),
)  # fmt: skip


class Package:
    """An open Word file; its owner closes it. Raises Unreadable for anything else."""

    def __init__(self, file: IO[bytes]) -> None:
        data = file.read(MOST_FILE_BYTES + 1)
        _refuse_others(data)
        try:
            names = {member.filename for member in safe_members(io.BytesIO(data), max_total_bytes=MOST_UNPACKED)}
            self._archive = zipfile.ZipFile(io.BytesIO(data))
        except ArchiveProblem as problem:
            raise Unreadable(
                filled(_("The Word file cannot be read: %(reason)s"), {"reason": problem.message})
            ) from None
        except DAMAGE:
            raise _damaged() from None
        if any(name.endswith("vbaProject.bin") for name in names):
            raise Unreadable(_("The Word file holds macros. Save it as DOCX without them."))
        main = [target for kind, target, _out in self.relations("").values() if kind.endswith("/officeDocument")]
        if len(main) != 1 or main[0] not in names or not posixpath.basename(main[0]).startswith("document"):
            raise Unreadable(_("The file is no Word document. Save it as DOCX."))
        self.main = main[0]
        self.targets = self.relations(self.main)

    def close(self) -> None:
        """Let go of the file."""
        self._archive.close()

    def relations(self, part: str) -> dict[str, tuple[str, str, bool]]:
        """Id → (type, target within the archive, is it outside) of a part's relations ("" for the file's own)."""
        folder, name = posixpath.split(part)
        root = self.xml(posixpath.join(folder, "_rels", f"{name}.rels"))
        found = {}
        for relation in root if root is not None else ():
            outside = relation.get("TargetMode") == "External"
            target = relation.get("Target", "")
            path = target if outside else posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            found[relation.get("Id", "")] = (relation.get("Type", ""), path, outside)
        return found

    def part(self, kind: str) -> Any:
        """The root element of the part that the document names as `kind`, such as numbering; None without one."""
        for found, target, outside in self.targets.values():
            if found.endswith(f"/{kind}") and not outside:
                return self.xml(target)
        return None

    def xml(self, path: str) -> Any:
        """The root element of a small part; None when it is not there."""
        content = self.content(path, MOST_PART)
        if content is None:
            return None
        try:
            return fromstring(_transitional(content), forbid_dtd=True)
        except DefusedXmlException:
            raise Unreadable(_("The Word file holds what Word never writes; save it again.")) from None
        except (ParseError, ValueError, LookupError):
            raise _damaged() from None

    def content(self, path: str, most: int = MOST_PICTURE) -> bytes | None:
        """The bytes of a part; None when it is not there or larger than `most`."""
        try:
            if self._archive.getinfo(path).file_size > most:
                return None
            return self._archive.read(path)
        except KeyError:
            return None
        except DAMAGE:
            raise _damaged() from None

    def body(self) -> Iterator[Any]:
        """The elements of the document's body, one after the other; each is emptied when the next is asked for."""
        content = self.content(self.main, MOST_DOCUMENT)
        if content is None:
            sentence = _("The text of the Word file is larger than %(size)d MB.")
            raise Unreadable(filled(sentence, {"size": MOST_DOCUMENT // 1024**2}))
        depth, inside = 0, False
        try:
            for event, element in iterparse(
                io.BytesIO(_transitional(content)), events=("start", "end"), forbid_dtd=True
            ):
                if event == "start":
                    depth += 1
                    inside = inside or (depth == 2 and element.tag == f"{W}body")
                    if depth > MOST_DEPTH:
                        raise _damaged()
                    continue
                depth -= 1
                if depth == 2 and inside:
                    yield element
                    element.clear()
        except DefusedXmlException:
            raise Unreadable(_("The Word file holds what Word never writes; save it again.")) from None
        except (ParseError, ValueError, LookupError):
            raise _damaged() from None


def _refuse_others(data: bytes) -> None:
    if len(data) > MOST_FILE_BYTES:
        raise Unreadable(filled(_("The file is larger than %(size)d MB."), {"size": MOST_FILE_BYTES // 1024**2}))
    if not data.strip():
        raise Unreadable(_("The file is empty."))
    if data.startswith(OLD_STARTS):
        raise Unreadable(_("This is an old or encrypted Word file. Save it as DOCX without a password."))
    if not data.startswith(b"PK"):
        raise Unreadable(_("The file is no Word document. Save it as DOCX."))


def _damaged() -> Unreadable:
    return Unreadable(_("The Word file is damaged or cut off; save it again."))


def _transitional(content: bytes) -> bytes:
    """Strict Open XML has other names for the same elements."""
    if b"purl.oclc.org/ooxml" in content[:4096]:
        for strict, usual in _STRICT:
            content = content.replace(strict.encode(), usual.encode())
    return content
