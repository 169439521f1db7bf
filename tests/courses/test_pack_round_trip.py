"""Odd but legal packs, and lessons written in the administration, go out and in and out without loss."""

from __future__ import annotations

import shutil
import unicodedata
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from wagtail.models import Revision

from cms.services import publish_page, raw_stream
from cms.streamtext.media import store_document
from courses.exceptions import CannotExport
from courses.models import Course, CoursePage, LessonPage
from courses.services import export_pack, import_pack
from tests.conftest import NOW
from tests.factories import SMALL_PACK, load_small_pack, make_course

pytestmark = pytest.mark.django_db

EVERYTHING = """---
title: 'Yes — "mọi khối": dấu \\ và 🎓'
summary: "null"
minutes: 7
image: media/khoa.svg
image_alt: Một ổ khoá
check: kt-bai-01
---
Đoạn *đầu* với `mã | có sọc`, “ngoặc kép” và 👩🏽‍💻.

## Danh sách

- một
  - hai
    1. ba
    2. bốn
- năm

```
::: không phải khối
a | b
```

> Trích dẫn.

::: text
Đoạn riêng, 1. không phải danh sách.
:::

::: image {src: media/khoa.svg, alt: "Ổ khoá \\"to\\"", caption: "Hình 1: {ổ}, [khoá]"}
:::

::: video {src: media/phim.mp4, captions: media/phu-de.vtt, caption: "Phim"}
Lời **thoại**.

- có danh sách
:::

::: steps {title: "No"}
1. Một `mã` với [liên kết](https://example.vn/a?b=1&c=2).
2. Hai *nghiêng*
   và dòng tiếp.
:::

::: callout {kind: warning, title: "on"}
Chữ.

1. a
2. b
:::

::: table {caption: "Bảng: 1 | 2", header: both}
| a \\| b | `c \\| d` | |
|:--|:-:|--:|
| **đ** | 🎉 | "e" |
:::

::: download {src: media/so-lieu.csv, title: "~"}
:::

::: selfcheck {question: "Câu: gì?"}
- [ ] Sai — Vì – và — nữa.
- [x] Đúng \\— hẳn — Ừ.
:::

::: html
<p>Chữ <u>gạch</u> x<sup>2</sup></p>
:::
"""
INTRODUCTION = 'Khoá này **dành cho** bạn.\n\n::: callout {kind: note, title: "Trước khi học"}\nBật máy.\n:::\n'


@pytest.fixture
def odd_pack(tmp_path: Path) -> Path:
    load_small_pack()
    pack = tmp_path / "odd"
    shutil.copytree(SMALL_PACK, pack)
    media = pack / "media"
    (media / "phim.mp4").write_bytes(b"\0\0\0\x18ftypisom\0\0\0\0isommp41")
    (media / "phu-de.vtt").write_bytes("WEBVTT\n\n00:00.000 --> 00:02.000\nXin chào\n".encode())
    (media / "so-lieu.csv").write_bytes("tên,số\nHoà,1\n".encode())
    lesson = unicodedata.normalize("NFD", EVERYTHING).replace("\n", "\r\n")
    (pack / "lessons/01-mat-khau-yeu.md").write_bytes(b"\xef\xbb\xbf" + lesson.encode())
    (pack / "introduction.md").write_text(INTRODUCTION)
    for number in range(3, 103):
        (pack / f"lessons/{number:02d}-bai-{'rat-dai-' * 8}{number}.md").write_text(
            f"---\ntitle: Bài {number}\n---\nChữ.\n"
        )
    return pack


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def exported(course: Course, folder: Path) -> dict[str, bytes]:
    export_pack(course=course, folder=folder)
    return files(folder)


def test_every_block_and_odd_writing_survives_out_in_out(odd_pack: Path, tmp_path: Path) -> None:
    course = import_pack(folder=odd_pack, by=None, at=NOW)
    first = exported(course, tmp_path / "one")
    before = Revision.objects.count()
    import_pack(folder=tmp_path / "one", by=None, at=NOW)
    assert Revision.objects.count() == before
    assert exported(course, tmp_path / "two") == first
    lesson = LessonPage.objects.get(slug="mat-khau-yeu", locale__language_code="vi")
    assert lesson.title == 'Yes — "mọi khối": dấu \\ và 🎓'
    assert lesson.summary == "null"
    blocks = {block.block_type: block.value for block in lesson.body}
    assert blocks["steps"]["title"] == "No"
    assert blocks["callout"]["title"] == "on"
    assert blocks["download"]["title"] == "~"
    assert "<code>mã | có sọc</code>" in str(lesson.body[0].value)
    assert [choice["text"] for choice in blocks["selfcheck"]["choices"]] == ["Sai", "Đúng — hẳn"]
    assert str(blocks["table"]["rows"][0][1].source) == "<code>c | d</code>"
    positions = LessonPage.objects.filter(locale__language_code="vi").order_by("path").values_list("title", flat=True)
    assert list(positions)[-1] == "Bài 102"
    assert CoursePage.objects.get(locale__language_code="vi").introduction[1].value["title"] == "Trước khi học"


RICH = [
    "<p>Một <b>đậm</b> và <i>nghiêng</i>.</p><p>Hai<br/>dòng.</p>",
    "<h2>Mục</h2><ul><li>a<ul><li>b</li></ul></li></ul><blockquote>trích</blockquote><hr/><p>hết | thật</p>",
    "<p>a <b>b </b>c <b><i>d</i></b> `e` *f* :::</p><p></p><p>::: text</p>",
    '<p><a href="https://example.vn/?a=1&amp;b=2">liên kết</a> &lt;script&gt; &amp;amp;</p>',
]


def item(value: Any) -> dict[str, Any]:
    return {"type": "item", "id": str(uuid4()), "value": value}


@pytest.mark.parametrize("rich", RICH, ids=["emphasis", "blocks", "odd", "links"])
def test_what_the_administrations_editor_writes_survives(rich: str, tmp_path: Path) -> None:
    course = load_small_pack()
    page = LessonPage.objects.filter(locale__language_code="vi").order_by("path")[0]
    document = store_document(b"\0\0\0\x18ftypisom", name="phim.mp4")
    body = [
        {"type": "text", "value": rich},
        {"type": "text", "value": rich},
        {"type": "callout", "value": {"kind": "tip", "title": "No", "text": rich}},
        {"type": "steps", "value": {"title": "", "steps": [item(rich)]}},
        {"type": "video", "value": {"video": document.pk, "captions": None, "caption": "", "transcript": rich}},
        {
            "type": "table",
            "value": {"caption": "", "header": "none", "rows": [item([item(rich), item("b")])]},
        },
    ]
    publish_page(page=page, parent=None, changes={"body": body})
    first = exported(course, tmp_path / "one")
    import_pack(folder=tmp_path / "one", by=None, at=NOW)
    assert exported(course, tmp_path / "two") == first
    page = LessonPage.objects.get(pk=page.pk)
    before, after = words_of(body), words_of(raw_stream(page.body))
    assert after == before


def words_of(raw: Any) -> list[str]:
    """What a reader sees of raw stream data, in order."""
    from bs4 import BeautifulSoup

    if isinstance(raw, dict):
        return [word for key, value in sorted(raw.items()) if key not in ("id", "type") for word in words_of(value)]
    if isinstance(raw, list):
        return [word for value in raw for word in words_of(value)]
    if not isinstance(raw, str):
        return []
    soup = BeautifulSoup(raw, "html.parser")
    tags = [tag.name for tag in soup.find_all(["br", "li", "blockquote", "h2", "a", "hr"])]
    return [*soup.get_text(" ").split(), *tags]


def test_an_earlier_export_is_replaced_whole_and_other_folders_are_left_alone(tmp_path: Path) -> None:
    course = load_small_pack()
    folder = tmp_path / "out"
    first = exported(course, folder)
    (folder / "lessons/09-cu.md").write_text("---\ntitle: Bài đã bỏ\n---\nChữ.\n")
    assert exported(course, folder) == first
    (folder / "ghi-chu.txt").write_text("của tôi")
    with pytest.raises(FileExistsError):
        export_pack(course=course, folder=folder)
    assert (folder / "ghi-chu.txt").read_text() == "của tôi"


def test_a_course_without_a_page_says_so(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    course = make_course()
    with pytest.raises(CannotExport):
        export_pack(course=course, folder=tmp_path / "out")
    with pytest.raises(SystemExit) as end:
        call_command("export_pack", course.slug, str(tmp_path / "out"))
    assert end.value.code == 2
    assert "no page yet" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
