"""Hostile and broken packs: one clear sentence with file and place, in both languages, and nothing taken."""

from __future__ import annotations

import io
import re
import shutil
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Page, Revision

from courses.models import Activity, Course
from tests.factories import SMALL_PACK, load_small_pack

pytestmark = pytest.mark.django_db
LESSON = "lessons/01-mat-khau-yeu.md"
PICTURE = "::: image {src: media/khoa.svg"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">%s</svg>'


def edit(relative: str, old: str, new: str) -> Callable[[Path], None]:
    def change(pack: Path) -> None:
        text = (pack / relative).read_text()
        assert old in text
        (pack / relative).write_text(text.replace(old, new, 1))

    return change


def write(relative: str, data: bytes) -> Callable[[Path], None]:
    return lambda pack: (pack / relative).write_bytes(data) and None


def picture(name: str, data: bytes) -> Callable[[Path], None]:
    def change(pack: Path) -> None:
        (pack / "media" / name).write_bytes(data)
        edit(LESSON, "src: media/khoa.svg", f"src: media/{name}")(pack)

    return change


def block(text: str) -> Callable[[Path], None]:
    def change(pack: Path) -> None:
        with (pack / LESSON).open("a") as file:
            file.write(f"\n{text}\n")

    return change


def link(pack: Path) -> None:
    (pack / "media/khoa.svg").unlink()
    (pack / "media/khoa.svg").symlink_to("/etc/passwd")


def linked_lesson(pack: Path) -> None:
    (pack / LESSON).unlink()
    (pack / LESSON).symlink_to("/etc/passwd")


def rename(new: str) -> Callable[[Path], None]:
    return lambda pack: (pack / LESSON).rename(pack / "lessons" / new) and None


def png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def false_pdf(pack: Path) -> None:
    (pack / "media/x.pdf").write_bytes(b"MZ\0\0")
    block("::: download {src: media/x.pdf}\n:::")(pack)


def yaml_bomb(pack: Path) -> None:
    text = "a: &a [x,x,x]\n" + "".join(f"b{n}: &b{n} [*a,*a,*a]\n" for n in range(9))
    edit("pack.yaml", "format: 1", f"{text}format: 1")(pack)


# case: (what was done to the pack, file, what the sentence names)
CASES: dict[str, tuple[Callable[[Path], None], str, str]] = {
    "a climbing path": (edit(LESSON, PICTURE, "::: image {src: ../../../etc/passwd"), LESSON, "etc/passwd"),
    "an absolute path": (edit(LESSON, PICTURE, "::: image {src: /etc/passwd"), LESSON, "/etc/passwd"),
    "a Windows path": (edit(LESSON, PICTURE, '::: image {src: "media\\\\khoa.svg"'), LESSON, "khoa.svg"),
    "a drive": (edit(LESSON, PICTURE, '::: image {src: "C:/khoa.svg"'), LESSON, "C:/khoa.svg"),
    "a name with NUL": (edit(LESSON, PICTURE, '::: image {src: "media/\\0.svg"'), LESSON, "x00"),
    "a name that is too long": (edit(LESSON, PICTURE, f"::: image {{src: media/{'a' * 3000}.svg"), LESSON, "“src”"),
    "a link for a picture": (link, LESSON, "khoa.svg"),
    "a link for a lesson": (linked_lesson, LESSON, ""),
    "a cover that is a folder": (edit("pack.yaml", "image: media/khoa.svg", "image: media"), "pack.yaml", "media"),
    "a drawing with a script": (picture("x.svg", SVG % b"<script>alert(1)</script>"), LESSON, "x.svg"),
    "a drawing with a handler": (picture("x.svg", SVG % b'<rect onload="alert(1)"/>'), LESSON, "x.svg"),
    "a page called picture": (picture("x.png", b"<html><script>alert(1)</script></html>"), LESSON, "x.png"),
    "a cut picture": (picture("x.png", b"\x89PNG\r\n\x1a\n"), LESSON, "x.png"),
    "a picture of a billion points": (picture("x.png", png(60_000, 60_000)), LESSON, "x.png"),
    "a program called PDF": (false_pdf, LESSON, "x.pdf"),
    "a huge lesson": (write(LESSON, b"a" * (5 * 1024 * 1024 + 1)), LESSON, "5 MB"),
    "an empty file": (write("pack.yaml", b""), "pack.yaml", ""),
    "a list for facts": (write("pack.yaml", b"- a\n- b\n"), "pack.yaml", ""),
    "a YAML bomb": (yaml_bomb, "pack.yaml", "*name"),
    "a YAML bomb in a head": (
        block("::: callout {kind: &a [x,x], title: [*a,*a]}\nchữ\n:::"),
        LESSON,
        "{key: value",
    ),
    "a tag of a language": (
        edit("pack.yaml", "hours: 0.5", "hours: !!python/object/apply:os.system [id]"),
        "pack.yaml",
        "",
    ),
    "tabs in YAML": (edit("pack.yaml", "completion: {", "completion:\n\tgated: true\nx: {"), "pack.yaml", "YAML"),
    "a key twice": (edit("pack.yaml", "level: basic", "level: basic\nlevel: basic"), "pack.yaml", "level"),
    "a key twice in a head": (block("::: callout {kind: tip, kind: note}\nchữ\n:::"), LESSON, "{key: value"),
    "a text for a number": (edit("pack.yaml", "hours: 0.5", "hours: nhiều"), "pack.yaml", "hours"),
    "no number": (edit("pack.yaml", "hours: 0.5", "hours: .nan"), "pack.yaml", "hours"),
    "too small a number": (edit("pack.yaml", "hours: 0.5", "hours: 0.04"), "pack.yaml", "hours"),
    "a number for a text": (edit("pack.yaml", "title: Mật khẩu tốt", "title: 2026"), "pack.yaml", "title"),
    "a list for a text": (edit("pack.yaml", "title: Mật khẩu tốt", "title: [a]"), "pack.yaml", "title"),
    "a text for a list": (
        edit("pack.yaml", "audiences: [can-bo-cong-chuc]", "audiences: dân"),
        "pack.yaml",
        "audiences",
    ),
    "an unknown key": (edit("pack.yaml", "hours: 0.5", "hours: 0.5\nprice: 5"), "pack.yaml", "price"),
    "a bad slug": (edit("pack.yaml", "slug: mat-khau-tot", "slug: Mật Khẩu"), "pack.yaml", "slug"),
    "no title": (edit("pack.yaml", "title: Mật khẩu tốt\n", ""), "pack.yaml", "title"),
    "a title of 300 letters": (edit("pack.yaml", "title: Mật khẩu tốt", f"title: {'ậ' * 300}"), "pack.yaml", "title"),
    "an outcome twice": (
        edit("pack.yaml", "outcomes:\n", "outcomes:\n  - {code: MK.1, text: Khác}\n"),
        "pack.yaml",
        "MK.1",
    ),
    "a lesson's unknown key": (edit(LESSON, "minutes:", "giá: 5\nminutes:"), LESSON, "giá"),
    "minutes below one": (edit(LESSON, "minutes: 5", "minutes: 0"), LESSON, "minutes"),
    "a lesson name with spaces": (rename("01-Mật khẩu yếu.md"), "lessons/01-Mật khẩu yếu.md", "NN-name.md"),
    "a lesson name of Windows": (rename("01-mat khau (1).md"), "lessons/01-mat khau (1).md", "NN-name.md"),
    "an empty lesson": (write(LESSON, b"---\ntitle: A\n---\n"), LESSON, ""),
    "a block in a block": (block("::: callout {kind: tip}\nchữ\n\n::: steps\n1. a\n:::"), LESSON, "callout"),
    "Yes for a text": (block("::: steps {title: Yes}\n1. a\n:::"), LESSON, "title"),
    "a table with a missing cell": (block("::: table\n| a | b |\n|---|---|\n| c |\n:::"), LESSON, ""),
    "an unknown head key": (block("::: callout {colour: red}\nchữ\n:::"), LESSON, "colour"),
    "an introduction with a wrong block": (
        write("introduction.md", b"::: popup\nx\n:::\n"),
        "introduction.md",
        "popup",
    ),
}


def counts() -> list[int]:
    models: list[Any] = [Page, Revision, Course, Activity, get_image_model(), get_document_model()]
    return [model.objects.count() for model in models]


@pytest.mark.parametrize("case", CASES)
def test_what_is_wrong_is_said_in_both_languages_and_nothing_is_taken(
    case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change, file, named = CASES[case]
    load_small_pack()
    pack = tmp_path / "pack"
    shutil.copytree(SMALL_PACK, pack)
    change(pack)
    before = counts()
    with pytest.raises(SystemExit) as end:
        call_command("import_pack", str(pack))
    lines = capsys.readouterr().err.strip().split("\n")
    assert end.value.code == 2
    told = [line for line in lines if line.startswith(file) and named in line]
    assert told, lines
    assert all(len(line) < 700 for line in lines), lines
    assert re.search("[À-ỹ]", told[0]), told[0]
    assert " / " in told[0], f"not in both languages: {told[0]}"
    assert counts() == before


def test_a_file_that_is_no_zip_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.zip").write_bytes(io.BytesIO(b"khong phai zip").getvalue())
    with pytest.raises(SystemExit) as end:
        call_command("import_pack", str(tmp_path / "x.zip"))
    assert end.value.code == 2
    assert " / " in capsys.readouterr().err


def test_a_pack_comes_into_an_empty_installation(tmp_path: Path, client: Any) -> None:
    pack = tmp_path / "pack"
    shutil.copytree(SMALL_PACK, pack)
    edit("pack.yaml", 'competences: ["tt02-2025:4.1"]', "competences: []")(pack)
    edit("pack.yaml", "certificate: {template: hoan-thanh-khoa-hoc, validity_months: 24}\n", "")(pack)
    call_command("import_pack", str(pack))
    assert client.get("/khoa-hoc/mat-khau-tot/").status_code == 200
