"""The PDF: A4 landscape by typst, tagged PDF/A, fonts embedded and subset, QR as vectors.

Texts reach typst as data (sys.inputs), never as code: whatever a name holds, it is printed and not run.
"""

from __future__ import annotations

import io
import json
import threading
from functools import lru_cache
from pathlib import Path
from typing import Literal

import segno
import typst

from certificates.renderers.data import FONTS, CertificateData

TEMPLATES = Path(__file__).resolve().parent / "typst"
# PDF/A-2a: archival and tagged, ISO 19005-2 conformance level A.
STANDARD: Literal["a-2a"] = "a-2a"
_local = threading.local()


def render_pdf(data: CertificateData) -> bytes:
    """The certificate as PDF/A-2a. Raises KeyError for a layout whose design is not known."""
    template = _template(data.layout["design"])
    qr = io.BytesIO()
    segno.make(data.verify_url, error="m").save(qr, kind="svg", border=0, xmldecl=False, svgclass=None, lineclass=None)
    issued = data.issued_on
    inputs = {
        "texts": json.dumps(data.texts(), ensure_ascii=False),
        "qr": qr.getvalue().decode("ascii"),
        "url": data.verify_url,
        "issued": json.dumps([issued.year, issued.month, issued.day]),
    }
    compiler = _compiler(str(template))
    pdf = compiler.compile(format="pdf", pdf_standards=STANDARD, sys_inputs=inputs)
    assert isinstance(pdf, bytes)
    return pdf


@lru_cache(maxsize=16)
def _template(design: str) -> Path:
    path = TEMPLATES / f"{design}.typ"
    if not design.isidentifier() or not path.is_file():
        raise KeyError(f"no design {design!r}")
    return path


def _compiler(path: str) -> typst.Compiler:
    """One compiler a thread and template: the fonts are read once."""
    compilers = _local.__dict__.setdefault("compilers", {})
    if path not in compilers:
        compilers[path] = typst.Compiler(path, font_paths=[str(FONTS)], ignore_system_fonts=True)
    compiler: typst.Compiler = compilers[path]
    return compiler
