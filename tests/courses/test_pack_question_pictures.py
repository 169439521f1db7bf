"""Pictures of questions travel in packs, are checked as everywhere, and come back as they were."""

from __future__ import annotations

import shutil
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.files.storage import default_storage

from assessments.models import Question, QuestionVersion
from courses.exceptions import InvalidPack
from courses.models import Course
from courses.services import export_pack, import_pack
from tests.conftest import NOW
from tests.factories import SMALL_PACK, load_small_pack

pytestmark = pytest.mark.django_db
DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg" width="90" height="60"><circle r="4"/></svg>'


def png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"\x0b\x6b\x4f" * 9 for _row in range(6))
    head = struct.pack(">IIBBBBB", 9, 6, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def questions(stem: str = "Đây là gì? ![Một vòng tròn](media/vong-tron.svg)", picture: str = "media/may.png") -> Any:
    return [
        {
            "id": "hinh-1",
            "type": "single_choice",
            "body": {"stem": stem, "choices": [{"text": "Vòng tròn", "correct": True}, {"text": "Hình vuông"}]},
        },
        {
            "id": "hinh-2",
            "type": "hotspot",
            "body": {
                "stem": "Chỉ vào màn hình.",
                "picture": picture,
                "alt": "Một máy tính",
                "width": 9,
                "height": 6,
                "spots": [
                    {"shape": "circle", "coords": [2, 2, 1], "label": "Màn hình", "fraction": 1},
                    {"shape": "rectangle", "coords": [5, 1, 2, 2], "label": "Bàn phím"},
                ],
            },
        },
    ]


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    load_small_pack()
    target = tmp_path / "pack"
    shutil.copytree(SMALL_PACK, target)
    (target / "media").mkdir(exist_ok=True)
    (target / "media" / "vong-tron.svg").write_bytes(DRAWING)
    (target / "media" / "may.png").write_bytes(png())
    return target


def write(pack: Path, rows: Any) -> None:
    data = {"category": "Hình", "questions": rows}
    (pack / "questions" / "99-hinh.yaml").write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")


def test_pictures_of_questions_go_in_and_out_without_loss(pack: Path, tmp_path: Path) -> None:
    write(pack, questions())
    import_pack(folder=pack, by=None, at=NOW)
    bodies = [Question.objects.get(idnumber=f"hinh-{number}").current_version.body for number in (1, 2)]  # type: ignore[union-attr]
    assert 'src="/media/question-media/' in bodies[0]["stem"]
    assert 'alt="Một vòng tròn"' in bodies[0]["stem"]
    assert len(default_storage.listdir("question-media")[1]) == 2
    before = QuestionVersion.objects.count()
    out, again = tmp_path / "out", tmp_path / "again"
    export_pack(course=Course.objects.get(), folder=out)
    text = "".join(path.read_text(encoding="utf-8") for path in (out / "questions").glob("*.yaml"))
    assert "question-media" not in text
    assert {path.read_bytes() for path in (out / "media").iterdir()} >= {DRAWING, png()}
    for name in default_storage.listdir("question-media")[1]:
        default_storage.delete(f"question-media/{name}")
    import_pack(folder=out, by=None, at=NOW)
    assert QuestionVersion.objects.count() == before
    assert len(default_storage.listdir("question-media")[1]) == 2
    export_pack(course=Course.objects.get(), folder=again)
    assert [path.read_text("utf-8") for path in sorted((again / "questions").iterdir())] == [
        path.read_text("utf-8") for path in sorted((out / "questions").iterdir())
    ]


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"stem": "![x](media/khong-co.png)"}, "khong-co.png"),
        ({"stem": "![x](media/../../pack.yaml)"}, "pack.yaml"),
        ({"picture": "media/trang.png"}, "trang.png"),
        ({"picture": "media/../pack.yaml"}, "pack.yaml"),
        ({"stem": "![x](media/doc.svg)"}, "doc.svg"),
    ],
)
def test_what_is_no_picture_is_named_and_nothing_is_taken(pack: Path, facts: Any, words: str) -> None:
    (pack / "media" / "trang.png").write_bytes(b"<html><script>1</script></html>")
    (pack / "media" / "doc.svg").write_bytes(
        b'<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg"/>'
    )
    write(pack, questions(**facts))
    with pytest.raises(InvalidPack) as refusal:
        import_pack(folder=pack, by=None, at=NOW)
    assert words in str(refusal.value)
    assert not Question.objects.filter(idnumber__startswith="hinh-").exists()
