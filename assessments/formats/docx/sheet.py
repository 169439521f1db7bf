"""Paragraphs, pictures and tables of a Word file, out of our HTML."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from html.parser import HTMLParser
from xml.sax.saxutils import escape, quoteattr

from django.utils.translation import gettext_lazy as _

from assessments.formats.base import MEDIA_SCHEME, MediaFile
from assessments.formats.checking import NotTaken
from assessments.formats.images import image_size
from common.messages import filled

_LOOKS = {
    "strong": "<w:b/>", "b": "<w:b/>", "em": "<w:i/>", "i": "<w:i/>", "u": '<w:u w:val="single"/>', "s": "<w:strike/>",
    "sub": '<w:vertAlign w:val="subscript"/>', "sup": '<w:vertAlign w:val="superscript"/>',
}  # fmt: skip
# As Word wants them.
_ORDER = ("<w:b/>", "<w:i/>", "<w:strike/>", '<w:u w:val="single"/>')
_PIXEL = 9525
_WIDEST = 5_600_000
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
Relate = Callable[[str, bytes], str]


class Sheet:
    """Grows by paragraphs; `relate` puts a picture into the file and gives the id that shows it."""

    def __init__(self, media: Mapping[str, MediaFile] | None = None, relate: Relate | None = None) -> None:
        self._media, self._relate = media or {}, relate
        self._parts: list[str] = []
        self._drawings = 0

    def xml(self) -> bytes:
        """What was written."""
        return "".join(self._parts).encode("utf-8", "replace")

    def paragraph(self, text: str, *, style: str = "", outline: bool = True) -> None:
        """A paragraph of plain text."""
        properties = f'<w:pStyle w:val="{style}"/>' if style else ""
        properties += "" if outline else '<w:outlineLvl w:val="9"/>'
        self._parts.append(f"<w:p><w:pPr>{properties}</w:pPr>{run(text)}</w:p>\n")

    def html(self, html: str, *, before: str, indented: bool = False) -> None:
        """Paragraphs of an HTML text, `before` in front of the first. Raises NotTaken for what Word's form lacks."""
        reader = _Runs(self._picture)
        reader.feed(html)
        reader.close()
        indent = '<w:ind w:left="340"/>' if indented else ""
        label = run(before, "" if indented else "<w:b/>")
        for style, runs in reader.paragraphs() or [("Inline", "")]:
            self._parts.append(f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{indent}</w:pPr>{label}{runs}</w:p>\n')
            label = ""

    def table(self, rows: Sequence[Sequence[str]]) -> None:
        """A table of plain texts."""
        made = "".join(
            "<w:tr>" + "".join(f"<w:tc><w:tcPr/><w:p>{run(cell)}</w:p></w:tc>" for cell in row) + "</w:tr>"
            for row in rows
        )
        widths = '<w:gridCol w:w="800"/>' * max(map(len, rows))
        self._parts.append(
            f'<w:tbl><w:tblPr><w:tblStyle w:val="Grid"/></w:tblPr><w:tblGrid>{widths}</w:tblGrid>{made}</w:tbl><w:p/>\n'
        )

    def _picture(self, source: str, alt: str) -> str:
        file = self._media.get(source.removeprefix(MEDIA_SCHEME)) if source.startswith(MEDIA_SCHEME) else None
        if file is None or self._relate is None:
            raise NotTaken(
                filled(_("The picture “%(name)s” is not in the file and was left out."), {"name": source[:80]})
            )
        key = self._relate(file.name, file.content)
        self._drawings += 1
        width, height = image_size(file.content) or (300, 200)
        width, height = max(width, 1) * _PIXEL, max(height, 1) * _PIXEL
        if width > _WIDEST:
            width, height = _WIDEST, max(round(height * _WIDEST / width), 1)
        about = f'id="{self._drawings}" name={quoteattr(file.name)} descr={quoteattr(alt)}'
        return (
            f'<w:r><w:drawing><wp:inline><wp:extent cx="{width}" cy="{height}"/><wp:docPr {about}/><a:graphic>'
            '<a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic><pic:nvPicPr>'
            f'<pic:cNvPr {about}/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:embed="{key}"/><a:stretch><a:fillRect/>'
            f'</a:stretch></pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>'
            '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline>'
            "</w:drawing></w:r>"
        )


def run(text: str, looks: str = "") -> str:
    """A run of text of one look."""
    parts = []
    for number, line in enumerate(_ILLEGAL.sub("", text).split("\n")):
        parts.append(("<w:br/>" if number else "") + f'<w:t xml:space="preserve">{escape(line)}</w:t>')
    properties = f"<w:rPr>{looks}</w:rPr>" if looks else ""
    return f"<w:r>{properties}{''.join(parts)}</w:r>"


class _Runs(HTMLParser):
    """HTML into runs by paragraph."""

    def __init__(self, picture: Callable[[str, str], str]) -> None:
        super().__init__(convert_charrefs=True)
        self._picture = picture
        self._looks: list[str] = []
        self._done: list[tuple[str, str]] = [("Inline", "")]

    def paragraphs(self) -> list[tuple[str, str]]:
        """(style, runs) of each paragraph that has any."""
        return [(style, runs) for style, runs in self._done if runs]

    def _add(self, runs: str) -> None:
        style, before = self._done[-1]
        self._done[-1] = (style, before + runs)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "p":
            self._done.append(("Block", ""))
        elif tag == "br":
            self._add("<w:r><w:br/></w:r>")
        elif tag == "img":
            facts = dict(attrs)
            self._add(self._picture(facts.get("src") or "", facts.get("alt") or ""))
        elif tag in _LOOKS and not attrs:
            self._looks.append(tag)
        else:
            raise NotTaken(
                filled(_("The Word form cannot say <%(tag)s> in a text; use JSON, XLSX or Moodle XML."), {"tag": tag})
            )

    def handle_endtag(self, tag: str) -> None:
        if tag == "p":
            self._done.append(("Inline", ""))
        elif tag in self._looks:
            self._looks.remove(tag)

    def handle_data(self, data: str) -> None:
        made = {_LOOKS[tag] for tag in self._looks}
        looks = "".join(sorted(made, key=lambda look: _ORDER.index(look) if look in _ORDER else len(_ORDER)))
        if data:
            self._add(run(data.replace("\n", " "), looks))
