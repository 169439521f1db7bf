"""Files that lie, drawings that run, archives that leave their folder."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from common.archives import ArchiveProblem, safe_extract, safe_members
from common.files import FileTypeMismatch, UnsafeSvg, clean_svg, sniff_type

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path d="M0 0"/></svg>'


def archive(**files: bytes) -> io.BytesIO:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, data in files.items():
            file.writestr(name, data)
    return out


@pytest.mark.parametrize(
    ("data", "name"), [(PNG, "a.jpg"), (b"<html>", "a.png"), (b"MZ\x90", "a.pdf"), (PNG, "a.svg"), (SVG, "a.png")]
)
def test_a_file_whose_content_is_not_what_its_name_says_is_refused(data: bytes, name: str) -> None:
    with pytest.raises(FileTypeMismatch):
        sniff_type(data, name)


def test_honest_files_are_known() -> None:
    assert sniff_type(PNG, "a.PNG") == "png"
    assert sniff_type(SVG, "a.svg") == "svg"
    assert sniff_type(b"a,b\n", "a.csv") == "csv"


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        '<path onload="alert(1)" d="M0 0"/>',
        '<image href="https://e.vn/x.png"/>',
        '<a href="javascript:alert(1)"><path d="M0 0"/></a>',
        "<foreignObject><body/></foreignObject>",
        "<style>@import url(https://e.vn/x.css);</style>",
        '<rect fill="url(https://e.vn/x)"/>',
    ],
)
def test_what_runs_or_leaves_a_drawing_is_taken_out(inside: str) -> None:
    cleaned = clean_svg(f'<svg xmlns="http://www.w3.org/2000/svg">{inside}<path d="M1 1"/></svg>'.encode())
    for sign in (b"script", b"onload", b"e.vn", b"foreignObject"):
        assert sign not in cleaned
    assert b"M1 1" in cleaned


def test_a_clean_drawing_is_left_byte_for_byte() -> None:
    assert clean_svg(SVG) == SVG


@pytest.mark.parametrize(
    "data",
    [
        b'<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg">&a;</svg>',
        b"<svg",
        b"<html/>",
    ],
)
def test_a_drawing_with_entities_or_none_at_all_is_refused(data: bytes) -> None:
    with pytest.raises(UnsafeSvg):
        clean_svg(data)


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x", "C:\\x", "a\\..\\x"])
def test_an_archive_cannot_leave_its_folder(name: str, tmp_path: Path) -> None:
    with pytest.raises(ArchiveProblem):
        safe_extract(archive(**{name: b"x"}), tmp_path)
    assert not list(tmp_path.iterdir())


def test_an_archive_has_limits() -> None:
    with pytest.raises(ArchiveProblem):
        safe_members(archive(a=b"1", b=b"2", c=b"3"), max_files=2)
    with pytest.raises(ArchiveProblem):
        safe_members(io.BytesIO(b"PK cut"))
    assert len(safe_members(archive(a=b"1", b=b"2"), max_files=2)) == 2
