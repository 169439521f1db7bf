"""Word files as teachers' programs write them, made in code."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
BOLD, ITALIC, UNDERLINE = "<w:b/>", "<w:i/>", '<w:u w:val="single"/>'
RED, YELLOW, SHADED = (
    '<w:color w:val="FF0000"/>',
    '<w:highlight w:val="yellow"/>',
    '<w:shd w:val="clear" w:fill="FFFF00"/>',
)
VNTIME = '<w:rFonts w:ascii=".VnTime" w:hAnsi=".VnTime"/>'


def r(text: str, *looks: str) -> str:
    """A run; tabs and line ends become Word's."""
    parts = []
    for number, line in enumerate(text.split("\n")):
        for place, part in enumerate(line.split("\t")):
            parts.append(
                ("<w:tab/>" if place else "<w:br/>" if number else "")
                + f'<w:t xml:space="preserve">{escape(part)}</w:t>'
            )
    return f"<w:r><w:rPr>{''.join(looks)}</w:rPr>{''.join(parts)}</w:r>"


def p(*runs: str, style: str = "", number: tuple[int, int] | None = None, looks: str = "") -> str:
    """A paragraph of runs or plain texts; `number` is (list, level)."""
    listed = f'<w:numPr><w:ilvl w:val="{number[1]}"/><w:numId w:val="{number[0]}"/></w:numPr>' if number else ""
    styled = f'<w:pStyle w:val="{style}"/>' if style else ""
    inside = "".join(each if each.startswith("<") else r(each) for each in runs)
    return f"<w:p><w:pPr>{styled}{listed}<w:rPr>{looks}</w:rPr></w:pPr>{inside}</w:p>"


def table(*rows: Sequence[str]) -> str:
    """A table; a cell is a paragraph's XML or a plain text."""
    cells = ["".join(f"<w:tc>{c if c.startswith(('<w:p', '<w:tbl')) else p(c)}</w:tc>" for c in row) for row in rows]
    return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in cells)}</w:tbl>"


def picture(key: str, alt: str = "") -> str:
    """A run with a picture."""
    return (
        '<w:r><w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing">'
        f'<wp:docPr id="1" name="Picture 1" descr="{alt}"/>'
        '<a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:graphicData>'
        f'<a:blip r:embed="{key}"/></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>'
    )


def math(inside: str) -> str:
    """An equation."""
    return f'<m:oMath xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math">{inside}</m:oMath>'


def m(text: str) -> str:
    """A run of an equation."""
    return f"<m:r><m:t>{escape(text)}</m:t></m:r>"


def numbering(*lists: Sequence[tuple[str, str]]) -> str:
    """numbering.xml; each list is its levels as (kind, text)."""
    made = ""
    for number, levels in enumerate(lists, start=1):
        inside = "".join(
            f'<w:lvl w:ilvl="{place}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/><w:lvlText w:val="{text}"/></w:lvl>'
            for place, (kind, text) in enumerate(levels)
        )
        made += f'<w:abstractNum w:abstractNumId="{number}">{inside}</w:abstractNum>'
    made += "".join(f'<w:num w:numId="{n}"><w:abstractNumId w:val="{n}"/></w:num>' for n in range(1, len(lists) + 1))
    return f'<w:numbering xmlns:w="{_W}">{made}</w:numbering>'


STYLES = (
    f'<w:styles xmlns:w="{_W}"><w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/><w:rPr><w:b/></w:rPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="u2"><w:name w:val="heading 2"/></w:style></w:styles>'
)


def word(
    *blocks: str,
    numbers: str = "",
    pictures: Mapping[str, tuple[str, bytes]] | None = None,
    parts: Mapping[str, str | bytes] | None = None,
    prefix: str = "",
) -> bytes:
    """The file; `pictures`: id → (name, bytes); `parts` are put in as they are; a block without < is a paragraph."""
    body = "".join(block if block.startswith("<") else p(block) for block in blocks)
    relations = [("rIdS", "styles", "styles.xml")] + ([("rIdN", "numbering", "numbering.xml")] if numbers else [])
    relations += [(key, "image", f"media/{name}") for key, (name, _content) in (pictures or {}).items()]
    listed = "".join(f'<Relationship Id="{k}" Type="{_R}/{kind}" Target="{to}"/>' for k, kind, to in relations)
    files: dict[str, str | bytes] = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="a" Type="{_R}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/document.xml": f'{prefix}<w:document xmlns:w="{_W}" xmlns:r="{_R}"><w:body>{body}</w:body></w:document>',
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{listed}</Relationships>',
        "word/styles.xml": STYLES,
    }
    if numbers:
        files["word/numbering.xml"] = numbers
    files |= {f"word/media/{name}": content for name, content in (pictures or {}).values()}
    files |= parts or {}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()
