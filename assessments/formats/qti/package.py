"""A QTI file: one document, or a ZIP with a manifest, tests, items and pictures. Each item is read when its turn comes."""

from __future__ import annotations

import posixpath
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import IO
from urllib.parse import unquote, urlsplit

from django.utils.translation import gettext_lazy as _

from assessments.formats.base import MOST_FILE_BYTES, Item, ReadProblem, Unreadable
from assessments.formats.checking import NotTaken
from assessments.formats.moodle_xml.nodes import root_name
from assessments.formats.qti.item import About, read_item
from assessments.formats.qti.nodes import MOST_DOCUMENT_BYTES, Node, our_name, parse_document
from common.archives import ArchiveProblem, safe_members
from common.messages import filled
from common.unicode import nfc

MANIFEST = "imsmanifest.xml"
MOST_ITEMS = 50_000
MOST_SECTIONS = 50
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError)
_ROOTS = {"assessmentItem", "assessmentTest", "assessmentSection", "manifest", "questestinterop"}
_DIFFICULTIES = {
    "very easy": "basic",
    "easy": "basic",
    "medium": "intermediate",
    "difficult": "advanced",
    "very difficult": "advanced",
}
# What a test says beside its items: texts for candidates, drawing, conditions. The next item carries the note.
_NOT_KEPT = frozenset(["rubricBlock", "selection", "preCondition", "branchRule", "timeLimits", "testFeedback"])
_NOT_HERE = _("The file “%(name)s” is not in the file.")


def recognises(head: bytes) -> bool:
    """Whether a file that begins like this is QTI 2 or 3, or a ZIP that may hold it."""
    if not head.startswith(b"PK\x03\x04"):
        return our_name(root_name(head))[0] in _ROOTS
    names = list(_names_in(head))
    if any(name.rpartition("/")[2] == MANIFEST for name in names):
        return True
    others = {"[Content_Types].xml", "mimetype"}
    return any(name.endswith(".xml") for name in names) and not any(
        name in others or name.startswith(("xl/", "word/")) for name in names
    )


def _names_in(head: bytes) -> Iterator[str]:
    """The names of the first files of a ZIP."""
    at = head.find(b"PK\x03\x04")
    while 0 <= at <= len(head) - 30:
        (length,) = struct.unpack_from("<H", head, at + 26)
        yield head[at + 30 : at + 30 + length].decode("utf-8", "replace")
        at = head.find(b"PK\x03\x04", at + 30 + length)


def read_file(file: IO[bytes]) -> Iterator[Item]:
    """The items of a file. Raises Unreadable when it is none of ours, or damaged as a whole."""
    begin = file.read(4)
    file.seek(0)
    if begin.startswith(b"PK"):
        yield from _read_zip(file)
        return
    if not begin:
        raise Unreadable(_("The file is empty."))
    try:
        root = parse_document(file.read(MOST_DOCUMENT_BYTES + 1))
    except NotTaken as problem:
        raise Unreadable(problem.reason) from None
    if root.tag == "assessmentItem":
        yield read_item(root)
        return
    if root.tag == "questestinterop":
        raise Unreadable(_("This is QTI 1.2: let the other program export QTI 2.1, 2.2 or 3.0."))
    items = list(root.within("assessmentItem"))
    missing = list(root.within("assessmentItemRef"))
    if not items and (not missing or root.tag not in _ROOTS):
        raise Unreadable(filled(_("This is no QTI: it begins with <%(tag)s>."), {"tag": root.tag[:40]}))
    for node in items:
        yield read_item(node)
    for node in missing:
        yield _missing(node.get("identifier"), node.get("href"))


def _missing(identifier: str, href: str) -> ReadProblem:
    return ReadProblem(ref=f"item {identifier or href}", reason=filled(_NOT_HERE, {"name": href[:80]}))


def _read_zip(file: IO[bytes]) -> Iterator[Item]:
    try:
        members = safe_members(file)
        with zipfile.ZipFile(file) as archive:
            yield from _Package(archive, members).items()
    except ArchiveProblem as problem:
        raise Unreadable(filled("%(problem)s", {"problem": problem})) from None
    except zipfile.BadZipFile:
        raise Unreadable(_("This is not a ZIP file, or it is damaged or cut off.")) from None


@dataclass(frozen=True, slots=True)
class _Resource:
    """A resource of the manifest: its kind, the path of its document, what is said about it."""

    kind: str
    path: str
    about: About


class _Package:
    """An opened package."""

    def __init__(self, archive: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> None:
        self._archive = archive
        self._members = {nfc(member.filename): member for member in members}
        self._folded = {name.casefold(): name for name in self._members}
        self._seen: set[str] = set()
        self._not_kept: list[str] = []

    def items(self) -> Iterator[Item]:
        """First what tests name, in their order and with their sections; then what no test names."""
        resources = list(self._resources())
        found = False
        for resource in resources:
            if resource.kind == "test":
                for item in self._of_test(resource.path, {one.path: one.about for one in resources}):
                    found = True
                    yield item
        for resource in resources:
            if resource.kind == "item" and resource.path not in self._seen:
                found = True
                yield self._item(resource.path, resource.about)
            elif resource.kind == "old":
                found = True
                reason = _("This is QTI 1.2: let the other program export QTI 2.1, 2.2 or 3.0.")
                yield ReadProblem(ref=resource.path, reason=reason)
        if not found:
            raise Unreadable(_("The package holds no QTI items."))

    def _resources(self) -> Iterator[_Resource]:
        manifests = sorted((name for name in self._members if name.rpartition("/")[2].lower() == MANIFEST), key=len)
        if not manifests:
            yield from self._without_manifest()
            return
        try:
            root = self._document(manifests[0])
        except NotTaken as problem:
            raise Unreadable(filled("%(name)s: %(reason)s", {"name": manifests[0], "reason": problem.reason})) from None
        base = posixpath.dirname(manifests[0])
        for number, node in enumerate(root.within("resource")):
            if number >= MOST_ITEMS:
                raise Unreadable(
                    filled(_("The package names more than %(most)d files: divide it."), {"most": MOST_ITEMS})
                )
            kind = _kind_of(node.get("type"))
            href = node.get("href") or next((one.get("href") for one in node.all("file")), "")
            if kind and href:
                path = self._path(base, href)
                yield _Resource(kind, path or href, _about(node))

    def _without_manifest(self) -> Iterator[_Resource]:
        for name, member in sorted(self._members.items()):
            if name.lower().endswith(".xml") and member.file_size:
                root = our_name(root_name(self._head(name)))[0]
                kind = {"assessmentItem": "item", "assessmentTest": "test", "questestinterop": "old"}.get(root)
                if kind:
                    yield _Resource(kind, name, About())

    def _of_test(self, path: str, about: dict[str, About]) -> Iterator[Item]:
        if path in self._seen:
            return
        self._seen.add(path)
        try:
            root = self._document(path)
        except NotTaken as problem:
            yield ReadProblem(ref=path, reason=problem.reason)
            return
        yield from self._of_section(root, posixpath.dirname(path), (), about, {path})

    def _of_section(
        self, node: Node, base: str, category: tuple[str, ...], about: dict[str, About], within: set[str]
    ) -> Iterator[Item]:
        if len(category) > MOST_SECTIONS:
            return
        for child in node.elements:
            if child.tag in _NOT_KEPT:
                self._not_kept.append(child.tag if not node.get("title") else f"{child.tag} “{node.get('title')[:60]}”")
            title = " ".join(child.get("title").split())
            inner = (*category, title) if child.tag == "assessmentSection" and title else category
            if child.tag in {"testPart", "assessmentSection"}:
                yield from self._of_section(child, base, inner, about, within)
            elif child.tag == "assessmentSectionRef":
                yield from self._of_reference(child, base, category, about, within)
            elif child.tag == "assessmentItemRef":
                path = self._path(base, child.get("href"))
                if path is None:
                    yield _missing(child.get("identifier"), child.get("href"))
                elif path not in self._seen:
                    self._seen.add(path)
                    known = about.get(path, About())
                    told, self._not_kept = ", ".join(dict.fromkeys(self._not_kept))[:300], []
                    yield self._item(path, replace(known, category=category, weight=_weight(child), not_kept=told))

    def _of_reference(
        self, node: Node, base: str, category: tuple[str, ...], about: dict[str, About], within: set[str]
    ) -> Iterator[Item]:
        """A section in a document of its own; one that leads back to itself is left out."""
        path = self._path(base, node.get("href"))
        if path is None:
            yield _missing(node.get("identifier"), node.get("href"))
            return
        if path in within:
            yield ReadProblem(ref=path, reason=_("The section holds itself."))
            return
        try:
            holder = Node("testPart", {}, self._document(path))
        except NotTaken as problem:
            yield ReadProblem(ref=path, reason=problem.reason)
            return
        yield from self._of_section(holder, posixpath.dirname(path), category, about, within | {path})

    def _item(self, path: str, about: About) -> Item:
        if path not in self._members:
            return ReadProblem(ref=path, reason=filled(_NOT_HERE, {"name": path[:80]}))
        folder, left = posixpath.dirname(path), [MOST_FILE_BYTES]

        def beside(address: str) -> bytes | None:
            found = self._path(folder, address) or self._path("", address)
            content = self._bytes(found, left[0]) if found is not None else None
            left[0] -= len(content or b"")
            return content

        try:
            return read_item(self._document(path), files=beside, about=about, place=path)
        except NotTaken as problem:
            return ReadProblem(ref=path, reason=problem.reason)

    def _path(self, base: str, href: str) -> str | None:
        """The name in the package that an address beside `base` means; None when there is none."""
        parts = urlsplit(href)
        if parts.scheme or parts.netloc or not parts.path:
            return None
        for text in (unquote(parts.path), parts.path):
            path = nfc(posixpath.normpath(posixpath.join(base, text)))
            if path in self._members or path.casefold() in self._folded:
                return path if path in self._members else self._folded[path.casefold()]
        return None

    def _bytes(self, name: str, most: int) -> bytes | None:
        """A file of the package; None when it is damaged or larger than `most`."""
        try:
            with self._archive.open(self._members[name]) as member:
                content = member.read(most + 1)
        except _DAMAGE:
            return None
        return content if len(content) <= most else None

    def _head(self, name: str) -> bytes:
        """How a file of the package begins."""
        try:
            with self._archive.open(self._members[name]) as member:
                return member.read(64 * 1024)
        except _DAMAGE:
            return b""

    def _document(self, name: str) -> Node:
        """A document of the package. Raises NotTaken."""
        content = self._bytes(name, MOST_DOCUMENT_BYTES) if name in self._members else None
        if content is None:
            raise NotTaken(filled(_("The file “%(name)s” is missing, damaged or too large."), {"name": name[:80]}))
        return parse_document(content)


def _kind_of(kind: str) -> str:
    kind = kind.lower()
    if "xmlv1p" in kind and "qti" in kind:
        return "old"
    if "item" in kind and "qti" in kind:
        return "item"
    return "test" if "qti" in kind and ("test" in kind or "assessment" in kind) else ""


def _about(resource: Node) -> About:
    """Keywords and taxons become tags."""
    metadata = resource.child("metadata")
    if metadata is None:
        return About()
    words = [one.text for one in metadata.within("keyword")]
    words += [entry.text for taxon in metadata.within("taxon") for entry in taxon.all("entry")]
    level = next((value.text for one in metadata.within("difficulty") for value in one.all("value")), "")
    tags = tuple(dict.fromkeys(" ".join(word.split())[:100] for word in words if word))
    return About(tags=tags, difficulty=_DIFFICULTIES.get(level.lower(), ""))


def _weight(reference: Node) -> float:
    """What the marks of an item are multiplied by; 1 where no single weight says otherwise."""
    weights = reference.all("weight")
    try:
        value = float(weights[0].get("value")) if len(weights) == 1 else 1.0
    except ValueError:
        return 1.0
    return value if 0 < value <= 1000 else 1.0
