"""QTI as other programs write it, put together from pieces."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

from assessments.formats import ParsedQuestion, ReadProblem, get_format

TEMPLATES = "http://www.imsglobal.org/question/qti_v2p2/rptemplates/"
CORRECT = f'<responseProcessing template="{TEMPLATES}match_correct"/>'
MAPPED = f'<responseProcessing template="{TEMPLATES}map_response"/>'
POINTS = f'<responseProcessing template="{TEMPLATES}map_response_point"/>'
SCORE = '<outcomeDeclaration identifier="SCORE" cardinality="single" baseType="float"/>'


def declared(
    *correct: str, cardinality: str = "single", base: str = "identifier", mapping: str = "", name: str = "RESPONSE"
) -> str:
    """A responseDeclaration."""
    values = "".join(f"<value>{value}</value>" for value in correct)
    right = f"<correctResponse>{values}</correctResponse>" if values else ""
    return (
        f'<responseDeclaration identifier="{name}" cardinality="{cardinality}" baseType="{base}">'
        f"{right}{mapping}</responseDeclaration>"
    )


def mapped(rows: Mapping[str, float], default: float = 0, bounds: str = "", **attributes: str) -> str:
    """A mapping."""
    more = "".join(f' {name}="{value}"' for name, value in attributes.items())
    entries = "".join(f'<mapEntry mapKey="{key}" mappedValue="{marks}"{more}/>' for key, marks in rows.items())
    return f'<mapping defaultValue="{default}" {bounds}>{entries}</mapping>'


def item(body: str, declarations: str = "", processing: str = "", *, attributes: str = "", after: str = "") -> str:
    """An assessmentItem of QTI 2.2."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_v2p2" '
        f'identifier="q1" title="Câu 1" adaptive="false" timeDependent="false" {attributes}>{declarations}{SCORE}'
        f"<itemBody>{body}</itemBody>{processing}{after}</assessmentItem>"
    )


def choices(*names: str, most: int = 1, attributes: str = 'shuffle="true"', prompt: str = "Chọn?") -> str:
    """A choiceInteraction whose choices say their names."""
    rows = "".join(f'<simpleChoice identifier="{name}">{name} nói</simpleChoice>' for name in names)
    return (
        f'<choiceInteraction responseIdentifier="RESPONSE" maxChoices="{most}" {attributes}>'
        f"<prompt>{prompt}</prompt>{rows}</choiceInteraction>"
    )


def when_correct(name: str, marks: float) -> str:
    """The rule by which TAO adds the marks of one interaction of several."""
    return (
        f'<responseCondition><responseIf><match><variable identifier="{name}"/><correct identifier="{name}"/></match>'
        '<setOutcomeValue identifier="SCORE"><sum><variable identifier="SCORE"/>'
        f'<baseValue baseType="float">{marks}</baseValue></sum></setOutcomeValue></responseIf></responseCondition>'
    )


def package(files: Mapping[str, str | bytes], manifest: str | None = None) -> bytes:
    """A ZIP; its manifest names every document unless one is given."""
    if manifest is None:
        rows = "".join(
            f'<resource identifier="r{number}" type="imsqti_{"test" if "test" in name else "item"}_xmlv2p2" '
            f'href="{name}"><file href="{name}"/></resource>'
            for number, name in enumerate(files)
            if name.endswith(".xml")
        )
        manifest = f"<manifest><resources>{rows}</resources></manifest>"
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("imsmanifest.xml", manifest)
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


def read(data: str | bytes) -> list[ParsedQuestion | ReadProblem]:
    """Every item of a file."""
    content = data.encode() if isinstance(data, str) else data
    return list(get_format("qti").read(io.BytesIO(content)))


def question(data: str | bytes) -> ParsedQuestion:
    """The only item, which must be a question."""
    (found,) = read(data)
    assert isinstance(found, ParsedQuestion), str(found.reason)
    return found


def problem(data: str | bytes) -> ReadProblem:
    """The only item, which must be none that can be taken."""
    (found,) = read(data)
    assert isinstance(found, ReadProblem), found
    return found


def notes(found: ParsedQuestion) -> str:
    """What is told about a question."""
    return " ".join(str(note) for note in found.notes)
