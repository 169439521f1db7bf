"""Questions into a package: one item a folder with its pictures, a test that says the categories, a manifest."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable, Mapping
from typing import IO, Any, TypeAlias
from urllib.parse import quote, unquote
from xml.sax.saxutils import escape

from django.utils.translation import gettext_lazy as _

from assessments.formats.base import ParsedQuestion, ReadProblem
from assessments.formats.checking import Listed, NotTaken, name_of_field
from assessments.formats.moodle_xml.sheet import written_attributes
from assessments.formats.qti import write_gaps, write_simple
from assessments.formats.qti.extra import extra_for
from assessments.formats.qti.item import About, read_item
from assessments.formats.qti.nodes import Node, parse_document
from assessments.formats.qti.sheet import Sheet, identifier
from assessments.formats.qti.xhtml import FOLDER, NAMESPACES, Version, document
from common.messages import filled

Body: TypeAlias = Mapping[str, Any]
WRITERS: dict[str, Callable[[Sheet, Body], None]] = {
    "single_choice": write_simple.write_single,
    "multiple_choice": write_simple.write_multiple,
    "true_false": write_simple.write_true_false,
    "short_answer": write_simple.write_short_answer,
    "numerical": write_simple.write_numerical,
    "matching": write_simple.write_matching,
    "ordering": write_simple.write_ordering,
    "matrix": write_simple.write_matrix,
    "essay": write_simple.write_essay,
    "file_upload": write_simple.write_file_upload,
    "description": write_simple.write_description,
    "gap_select": write_gaps.write_gap_drag,
    "gap_drag": write_gaps.write_gap_drag,
    "cloze": write_gaps.write_cloze,
    "hotspot": write_gaps.write_hotspot,
    "mark_image": write_gaps.write_mark_image,
}
_LEVELS = {"basic": "easy", "intermediate": "medium", "advanced": "difficult"}
_KINDS: dict[Version, tuple[str, str, str]] = {
    "2.2": ("imsqti_item_xmlv2p2", "imsqti_test_xmlv2p2", "QTIv2.2 Package"),
    "3.0": ("imsqti_item_xmlv3p0", "imsqti_test_xmlv3p0", "QTI Package"),
}
_PACKAGE: dict[Version, str] = {
    "2.2": "http://www.imsglobal.org/xsd/imscp_v1p1",
    "3.0": "http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1",
}
_LOM = "http://ltsc.ieee.org/xsd/LOM"
_DATE = (1980, 1, 1, 0, 0, 0)  # the same questions make the same file


def write_package(
    questions: Iterable[ParsedQuestion], file: IO[bytes], *, title: str = "", version: Version = "3.0"
) -> list[ReadProblem]:
    """Write the file; the questions that QTI cannot say are given back."""
    problems: list[ReadProblem] = []
    taken: set[str] = set()
    test = _Test(version)
    resources: list[tuple[str, str]] = []
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, question in enumerate(questions, start=1):
            own = identifier(question.idnumber, "Q-") if question.idnumber else f"Q-{number:05d}"
            while own.casefold() in taken:
                own += "-2"
            try:
                text = item_text(question, identifier_=own, version=version)
            except NotTaken as problem:
                problems.append(
                    ReadProblem(ref=question.ref, name=question.name, type=question.type, reason=problem.reason)
                )
                continue
            taken.add(own.casefold())
            if version != "3.0" and (lost := _lost(question, text)):
                reason = filled(_("It is written, but QTI 2.2 cannot say its: %(fields)s."), {"fields": lost})
                problems.append(ReadProblem(ref=question.ref, name=question.name, type=question.type, reason=reason))
            folder = f"items/{number:05d}"
            _put(archive, f"{folder}/item.xml", text.encode("utf-8"))
            for media in question.media.values():
                _put(archive, f"{folder}/{FOLDER}/{media.name}", media.content)
            test.add(question, own, f"{folder}/item.xml")
            resources.append((own, _resource(question, own, folder, version)))
        _put(archive, "test.xml", test.text(title).encode("utf-8"))
        _put(archive, "imsmanifest.xml", _manifest(resources, version).encode("utf-8"))
    return problems


def item_text(question: ParsedQuestion, *, identifier_: str, version: Version) -> str:
    """The document of an item. Raises NotTaken for what QTI has no interaction for."""
    sheet = Sheet(question.body)
    if question.type == "drag_image":
        write_gaps.write_drag_image(sheet, question.body, question.media)
    elif question.type in WRITERS:
        WRITERS[question.type](sheet, question.body)
    else:
        raise NotTaken(filled(_("QTI has no interaction for “%(type)s”."), {"type": question.type}))
    item = sheet.item(name=question.name, idnumber=identifier_)
    text = document(item, version)
    if version != "3.0":  # whose schema lets nobody add anything
        return text
    # What QTI leaves out of our question shows when it is read again.
    node = parse_document(text.encode("utf-8"))
    extra = extra_for(question, _read_again(question, node), node)
    body = item.child("itemBody")
    if extra and body is not None:
        body.attributes |= extra
        text = document(item, version)
    return text


def _read_again(question: ParsedQuestion, node: Node) -> ParsedQuestion | None:
    """The question as it is read out of what was written; None when that makes no question."""
    files = {f"{FOLDER}/{name}": media.content for name, media in question.media.items()}
    about = About(category=question.category, tags=question.tags, difficulty=question.difficulty)
    read = read_item(node, files=lambda address: files.get(unquote(address)), about=about)
    return read if isinstance(read, ParsedQuestion) else None


def _lost(question: ParsedQuestion, text: str) -> Listed | None:
    """What a reader of the document alone does not learn of the question; None when that is nothing."""
    read = _read_again(question, parse_document(text.encode("utf-8")))
    if read is None or read.type != question.type:
        return Listed([_("type of question")])
    ours = {**question.body, **{name: getattr(question, name) for name in ("nature", "outcome", "exam_only")}}
    theirs = {**read.body, **{name: getattr(read, name) for name in ("nature", "outcome", "exam_only")}}
    fields = [name_of_field(key) for key, value in ours.items() if value != theirs.get(key)]
    return Listed(fields) if fields else None


def _put(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    info = zipfile.ZipInfo(name, _DATE)
    info.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(info, content)


class _Test:
    """The test that names every item within sections, which are the categories."""

    def __init__(self, version: Version) -> None:
        self._is_three = version == "3.0"
        self._version: Version = version
        self._lines: list[str] = []
        self._open: list[str] = []
        self._count = 0

    def add(self, question: ParsedQuestion, own: str, href: str) -> None:
        """The next item."""
        path = list(question.category) or [""]
        shared = 0
        while shared < min(len(path), len(self._open)) and path[shared] == self._open[shared]:
            shared += 1
        while len(self._open) > shared:
            self._close()
        for name in path[shared:]:
            self._count += 1
            facts = {"identifier": f"S-{self._count}", "title": name, "visible": "true"}
            self._lines.append(f"<{self._tag('assessmentSection')}{written_attributes(facts)}>")
            self._open.append(name)
        tag = self._tag("assessmentItemRef")
        self._lines.append(f"<{tag}{written_attributes({'identifier': own, 'href': href})}/>")

    def text(self, title: str) -> str:
        """The document."""
        while self._open:
            self._close()
        lines = self._lines
        if not lines:
            section = self._tag("assessmentSection")
            lines = [f'<{section} identifier="S-1" title="" visible="true"/>']
        test, part = self._tag("assessmentTest"), self._tag("testPart")
        dash = "-" if self._is_three else ""
        navigation = 'navigation-mode="nonlinear" submission-mode="simultaneous"'
        if not dash:
            navigation = 'navigationMode="nonlinear" submissionMode="simultaneous"'
        facts = written_attributes({"xmlns": NAMESPACES[self._version], "identifier": "TEST", "title": title or "Test"})
        begin = [
            '<?xml version="1.0" encoding="UTF-8"?>',
            f"<{test}{facts}>",
            f'<{part} identifier="P-1" {navigation}>',
        ]
        return "\n".join([*begin, *lines, f"</{part}>", f"</{test}>", ""])

    def _close(self) -> None:
        self._open.pop()
        self._lines.append(f"</{self._tag('assessmentSection')}>")

    def _tag(self, name: str) -> str:
        names = {"assessmentSection": "section", "assessmentItemRef": "item-ref", "assessmentTest": "test"}
        if not self._is_three:
            return name
        return "qti-test-part" if name == "testPart" else f"qti-assessment-{names[name]}"


def _resource(question: ParsedQuestion, own: str, folder: str, version: Version) -> str:
    files = [f"{folder}/item.xml", *(f"{folder}/{FOLDER}/{quote(name)}" for name in question.media)]
    facts = {"identifier": own, "type": _KINDS[version][0], "href": files[0]}
    lines = [f"<resource{written_attributes(facts)}>", _metadata(question)]
    lines += [f"<file{written_attributes({'href': href})}/>" for href in files]
    return "\n".join([*(line for line in lines if line), "</resource>"])


def _metadata(question: ParsedQuestion) -> str:
    """Keywords and difficulty as LOM says them."""
    words = "".join(f"<keyword><string>{_text(tag)}</string></keyword>" for tag in question.tags)
    general = f"<general>{words}</general>" if words else ""
    level = _LEVELS.get(question.difficulty, "")
    source = "<source>LOMv1.0</source>"
    educational = f"<educational><difficulty>{source}<value>{level}</value></difficulty></educational>" if level else ""
    if not general and not educational:
        return ""
    return f'<metadata><lom xmlns="{_LOM}">{general}{educational}</lom></metadata>'


def _text(text: str) -> str:
    return escape("".join(sign for sign in text if sign.isprintable() or sign == " "))


def _manifest(resources: list[tuple[str, str]], version: Version) -> str:
    needed = "".join(f"<dependency{written_attributes({'identifierref': own})}/>\n" for own, _text in resources)
    kind = _KINDS[version][1]
    test = f'<resource identifier="TEST" type="{kind}" href="test.xml">\n<file href="test.xml"/>\n{needed}</resource>'
    schema = f"<schema>{_KINDS[version][2]}</schema><schemaversion>{'3.0.0' if version == '3.0' else '1.0.0'}</schemaversion>"
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            f'<manifest xmlns="{_PACKAGE[version]}" identifier="MANIFEST">',
            f"<metadata>{schema}</metadata>",
            "<organizations/>",
            "<resources>",
            *([test] if resources else []),
            *(text for _own, text in resources),
            "</resources>",
            "</manifest>",
            "",
        ]
    )
