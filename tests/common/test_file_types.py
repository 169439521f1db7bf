"""What files really are, drawings made safe, files that are whole."""

from __future__ import annotations

import contextlib
import io
import stat
import threading
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from PIL import Image

from common.files import FileTypeMismatch, UnsafeSvg, clean_svg, sniff_type, write_atomically

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><title>A</title><path d="M0 0"/></svg>'


def picture(form: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (2, 2)).save(file, form)
    return file.getvalue()


def package(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return file.getvalue()


def workbook() -> bytes:
    file = io.BytesIO()
    Workbook().save(file)
    return file.getvalue()


SAMPLES = {
    "png": picture("PNG"),
    "jpeg": picture("JPEG"),
    "gif": picture("GIF"),
    "webp": picture("WEBP"),
    "svg": b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- x -->\n' + SVG,
    "pdf": b"%PDF-1.7\n",
    "mp4": b"\x00\x00\x00\x18ftypisom\x00\x00",
    "webm": b"\x1aE\xdf\xa3\x01\x00\x00\x00\x00\x00\x00\x1fB\x86\x81\x01B\x82\x84webm",
    "vtt": b"WEBVTT\n\n00:00.000 --> 00:01.000\nA",
    "xlsx": workbook(),
    "docx": package("[Content_Types].xml", "word/document.xml"),
    "pptx": package("[Content_Types].xml", "ppt/presentation.xml"),
    "zip": package("a.txt"),
    "csv": "họ,tên\n".encode(),
    "txt": b"text",
}


@pytest.mark.parametrize("kind", SAMPLES)
def test_each_type_is_known_by_its_content(kind):
    assert sniff_type(SAMPLES[kind], f"Tệp.{kind.upper()}") == kind


def test_jpg_is_jpeg():
    assert sniff_type(SAMPLES["jpeg"], "a.jpg") == "jpeg"


@pytest.mark.parametrize("kind", [kind for kind in SAMPLES if kind not in ("csv", "txt")])
@pytest.mark.parametrize("ending", ["png", "pdf", "docx", "txt", "exe", ""])
def test_a_name_that_lies_is_refused(kind, ending):
    if kind == ending:
        return
    with pytest.raises(FileTypeMismatch) as refused:
        sniff_type(SAMPLES[kind], f"bai.{ending}" if ending else "bai")
    assert "bai" in str(refused.value)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"", "a.txt"),
        (b"a\0b", "a.csv"),
        (b"<html><svg></svg></html>", "a.svg"),
        (b"\x00\x00\x00\x18ftypheic", "a.mp4"),
        (b"\x1aE\xdf\xa3 matroska", "a.webm"),
        (package("word/document.xml", "word/vbaProject.bin"), "a.docx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "a.xlsx"),
        (b"PK\x03\x04 cut", "a.zip"),
        (b"MZ\x90", "a.exe"),
        (b"WEBVTTX", "a.vtt"),
    ],
)
def test_doubtful_content_is_refused(data, name):
    with pytest.raises(FileTypeMismatch):
        sniff_type(data, name)


@given(st.binary(max_size=64), st.text(max_size=20))
def test_any_content_and_name_have_a_type_or_are_refused(data, name):
    with contextlib.suppress(FileTypeMismatch):
        assert sniff_type(data, name)


def test_a_harmless_drawing_comes_back_byte_for_byte():
    rich = (
        b'<?xml version="1.0" encoding="UTF-8"?><!-- kept --><svg xmlns="http://www.w3.org/2000/svg" '
        b'xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9"><style>.a{fill:url(#g)}</style><defs>'
        b'<linearGradient id="g"><stop offset="1"/></linearGradient></defs><use xlink:href="#x" href="#x"/>'
        b'<image href="data:image/png;base64,AAAA"/><text xml:space="preserve" style="fill:url(#g)">A</text></svg>'
    )
    assert clean_svg(SVG) == SVG
    assert clean_svg(rich) == rich


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        '<x:script xmlns:x="http://www.w3.org/2000/svg">alert(1)</x:script>',
        '<script xmlns="http://www.w3.org/1999/xhtml">alert(1)</script>',
        '<g onload="alert(1)"/>',
        '<g ONCLICK="alert(1)"/>',
        "<foreignObject><body xmlns='http://www.w3.org/1999/xhtml'>alert(1)</body></foreignObject>",
        '<iframe xmlns="http://www.w3.org/1999/xhtml" src="alert(1)"/>',
        '<a href="javascript:alert(1)"><path d="M0"/></a>',
        '<a xmlns:l="http://www.w3.org/1999/xlink" l:href=" javascript:alert(1)"/>',
        '<image href="https://evil.example/alert(1).png"/>',
        '<image href="data:image/svg+xml;base64,alert(1)"/>',
        '<use href="data:image/png;base64,alert(1)"/>',
        '<use href="https://evil.example/alert(1)#x"/>',
        "<style>@import 'https://evil.example/alert(1)';</style>",
        "<style>a{b:url(https://evil.example/alert(1))}</style>",
        "<style>a{b:\\75rl(https://evil.example/alert(1))}</style>",
        '<rect style="fill:url( &quot;//evil.example/alert(1)&quot;)"/>',
        '<rect fill="url(//evil.example/alert(1))"/>',
        '<set attributeName="href" to="javascript:alert(1)"/>',
        '<animate attributeName="href" values="javascript:alert(1)"/>',
        '<g xml:base="https://evil.example/alert(1)/"/>',
        '<handler xmlns="http://www.w3.org/2001/xml-events">alert(1)</handler>',
        '<metadata><x xmlns="urn:x" onload="alert(1)"/></metadata>',
    ],
)
def test_what_runs_or_reaches_out_is_taken_out(inside):
    start, end = SVG.split(b"</svg>")[0], b"</svg>"
    cleaned = clean_svg(start + inside.encode() + end)
    assert b"alert(1)" not in cleaned
    assert b'<path d="M0 0"' in cleaned
    assert clean_svg(cleaned) == cleaned


def test_a_style_sheet_instruction_is_taken_out():
    cleaned = clean_svg(b'<?xml version="1.0"?><?xml-stylesheet href="https://evil.example/x.css"?>' + SVG)
    assert b"evil" not in cleaned
    assert b"<title>A</title>" in cleaned


def test_the_text_after_what_goes_stays():
    drawing = (
        b'<svg xmlns="http://www.w3.org/2000/svg"><text>a<script>x</script>b<tspan>c</tspan><script/>d</text></svg>'
    )
    assert clean_svg(drawing).endswith(b"<text>ab<tspan>c</tspan>d</text></svg>")


@pytest.mark.parametrize(
    "data",
    [
        b'<!DOCTYPE svg [<!ENTITY a "b">]>' + SVG,
        b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">' + SVG,
        b"<svg>",
        b"",
        b"<html/>",
        b"<svg/>",
        b'<?xml version="1.0" encoding="utf-7"?>' + SVG,
        b'<svg xmlns="http://www.w3.org/2000/svg">' + b"<g>" * 300 + b"</g>" * 300 + b"</svg>",
        b'<svg xmlns="http://www.w3.org/2000/svg">' + b"<g>" * 50_000 + b"</g>" * 50_000 + b"</svg>",
    ],
)
def test_a_drawing_that_cannot_be_made_safe_is_refused(data):
    with pytest.raises(UnsafeSvg):
        clean_svg(data)


def test_a_file_is_written_whole_and_replaces_the_old_one(tmp_path):
    path = tmp_path / "a.pdf"
    write_atomically(path, b"one")
    path.chmod(0o640)
    write_atomically(path, b"two")
    assert path.read_bytes() == b"two"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "a.pdf"
    write_atomically(path, b"old")
    with pytest.raises(TypeError):
        write_atomically(path, "no bytes")  # type: ignore[arg-type]
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_reader_never_sees_a_part(tmp_path):
    path = tmp_path / "a.bin"
    contents = [bytes([n]) * 200_000 for n in range(1, 21)]
    write_atomically(path, contents[0])
    seen: list[bytes] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            seen.append(path.read_bytes())

    reader = threading.Thread(target=read)
    reader.start()
    for content in contents:
        write_atomically(path, content)
    done.set()
    reader.join()
    assert seen
    assert all(content in contents for content in seen)
