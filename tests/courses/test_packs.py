"""Content packs: in and out without loss; everything wrong is named and nothing is half taken."""

from __future__ import annotations

import io
import shutil
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from wagtail.models import Revision

from assessments.models import Question, QuestionVersion, QuizVersion
from courses.exceptions import InvalidPack
from courses.models import Course, LessonPage
from courses.services import export_pack, import_pack
from tests.conftest import NOW
from tests.factories import CONTENT, SMALL_PACK, load_small_pack

pytestmark = pytest.mark.django_db
SIX_TYPES = {"single_choice", "multiple_choice", "true_false", "short_answer", "numerical", "matching"}
REAL_PACKS = sorted(path.parent for path in (CONTENT / "packs").glob("*/pack.yaml"))


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    load_small_pack()
    target = tmp_path / "pack"
    shutil.copytree(SMALL_PACK, target)
    return target


def snapshot() -> tuple[int, ...]:
    return (
        Revision.objects.count(),
        QuestionVersion.objects.count(),
        QuizVersion.objects.count(),
        Course.objects.count(),
    )


def test_the_same_pack_twice_changes_nothing(pack: Path) -> None:
    before = snapshot()
    import_pack(folder=pack, by=None, at=NOW)
    assert snapshot() == before


def test_what_is_exported_imports_back_equal(pack: Path, tmp_path: Path) -> None:
    course = Course.objects.get()
    first, second = tmp_path / "one", tmp_path / "two"
    export_pack(course=course, folder=first)
    before = snapshot()
    import_pack(folder=first, by=None, at=NOW)
    assert snapshot() == before
    export_pack(course=course, folder=second)
    files = {path.relative_to(first): path.read_bytes() for path in first.rglob("*") if path.is_file()}
    assert files == {path.relative_to(second): path.read_bytes() for path in second.rglob("*") if path.is_file()}
    assert yaml.safe_load((first / "quizzes.yaml").read_text())["quizzes"][1]["fixed"] == ["mk-14"]


@pytest.mark.parametrize("folder", REAL_PACKS, ids=lambda path: path.name)
def test_the_real_packs_go_in_and_out_without_loss(folder: Path, tmp_path: Path) -> None:
    load_small_pack()
    course = import_pack(folder=folder, by=None, at=NOW)
    export_pack(course=course, folder=tmp_path / "out")
    before = snapshot()
    import_pack(folder=tmp_path / "out", by=None, at=NOW)
    assert snapshot() == before


@pytest.mark.parametrize("folder", REAL_PACKS, ids=lambda path: path.name)
def test_the_real_packs_teach_and_ask_enough(folder: Path) -> None:
    lessons = sorted((folder / "lessons").glob("*.md"))
    assert len(lessons) >= 6
    for lesson in lessons:
        assert len(lesson.read_text().split()) >= 450, lesson.name
    questions = [
        row for path in (folder / "questions").glob("*.yaml") for row in yaml.safe_load(path.read_text())["questions"]
    ]
    assert len(questions) >= 6 * 5 + 20
    for question in questions:
        body = question["body"]
        answers = body.get("choices") or body.get("answers") or body.get("pairs") or []
        assert all(answer.get("feedback") for answer in answers), question["id"]
        assert body.get("feedback"), question["id"]
        if question["type"] == "true_false":
            assert body.get("feedback_true"), question["id"]
            assert body.get("feedback_false"), question["id"]
        assert question["difficulty"]
        assert question["outcome"]
    assert {question["type"] for question in questions} == SIX_TYPES


@pytest.mark.parametrize("folder", REAL_PACKS, ids=lambda path: path.name)
def test_the_real_packs_do_not_give_the_right_answer_away(folder: Path) -> None:
    """Neither by its length, nor by its place, nor by asking the same five questions at every attempt."""
    longest, places = 0, Counter[int]()
    for path in (folder / "questions").glob("*.yaml"):
        questions = yaml.safe_load(path.read_text())["questions"]
        for nature, drawn in (("knowledge", 3), ("situation", 2)):
            assert sum(question["nature"] == nature for question in questions) > drawn, path.name
        for question in questions:
            if question["type"] == "single_choice":
                lengths = [len(choice["text"]) for choice in question["body"]["choices"]]
                right = next(i for i, choice in enumerate(question["body"]["choices"]) if choice.get("correct"))
                places[right] += 1
                longest += lengths[right] > max(lengths[:right] + lengths[right + 1 :])
    total = places.total()
    assert longest <= 0.4 * total
    assert max(places.values()) <= 0.4 * total


def edit(relative: str, old: str, new: str) -> Callable[[Path], None]:
    def change(pack: Path) -> None:
        path = pack / relative
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    return change


def write(relative: str, data: bytes) -> Callable[[Path], None]:
    return lambda pack: (pack / relative).write_bytes(data) and None


LESSON, QUESTIONS = "lessons/01-mat-khau-yeu.md", "questions/01.yaml"
BAD: dict[str, tuple[Callable[[Path], None], str]] = {
    "missing media": (lambda pack: (pack / "media/khoa.svg").unlink(), "khoa.svg"),
    "a path that leaves the pack": (edit(LESSON, "src: media/khoa.svg", "src: ../../etc/passwd"), LESSON),
    "a picture that is none": (write("media/khoa.svg", b"MZ not a picture"), "khoa.svg"),
    "a drawing with entities": (
        write("media/khoa.svg", b'<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg">&a;</svg>'),
        "khoa.svg",
    ),
    "wrong YAML": (edit("pack.yaml", "format: 1", "format: [1"), "pack.yaml"),
    "a repeated key": (edit("pack.yaml", "level: basic", "level: basic\nlevel: advanced"), "pack.yaml"),
    "an unknown key": (edit("pack.yaml", "level: basic", "level: basic\nprice: 5"), "pack.yaml"),
    "an unknown level": (edit("pack.yaml", "level: basic", "level: expert"), "pack.yaml"),
    "another format": (edit("pack.yaml", "format: 1", "format: 2"), "pack.yaml"),
    "an unknown subject": (edit("pack.yaml", "subject: an-toan", "subject: khong-co-an-toan"), "pack.yaml"),
    "an unknown competence": (edit("pack.yaml", "tt02-2025:4.1", "tt02-2025:9.9"), "pack.yaml"),
    "an unknown template": (edit("pack.yaml", "hoan-thanh-khoa-hoc", "khong-co"), "pack.yaml"),
    "no test of that name": (edit("pack.yaml", "test: thi-cuoi-khoa", "test: khong-co"), "pack.yaml"),
    "an unknown block": (edit(LESSON, "::: callout", "::: popup"), LESSON),
    "an open block": (edit(LESSON, "- [x] mua dong tre nuoc — Dài và khó đoán.\n:::", "- [x] mua dong — Dài."), LESSON),
    "a self-check without a right answer": (edit(LESSON, "- [x]", "- [ ]"), LESSON),
    "no front matter": (edit(LESSON, "---\ntitle", "title"), LESSON),
    "no check of that name": (edit(LESSON, "check: kt-bai-01", "check: khong-co"), LESSON),
    "not UTF-8": (write(LESSON, "---\ntitle: Bài\n---\nchữ".encode("utf-16")), LESSON),
    "an unknown question type": (edit(QUESTIONS, "type: true_false", "type: hologram"), "mk-02"),
    "no right answer": (edit(QUESTIONS, ", correct: true", ""), "mk-01"),
    "an identifier twice": (edit(QUESTIONS, "id: mk-02", "id: mk-01"), "mk-01"),
    "an unknown outcome": (edit(QUESTIONS, "outcome: MK.1", "outcome: MK.9"), "MK.9"),
    "more drawn than there are": (edit("quizzes.yaml", "count: 2", "count: 9"), "quizzes.yaml"),
    "no lessons": (lambda pack: shutil.rmtree(pack / "lessons"), "lessons"),
}


@pytest.mark.parametrize("case", BAD)
def test_everything_wrong_is_named_and_nothing_is_taken(pack: Path, case: str) -> None:
    change, named = BAD[case]
    change(pack)
    before = snapshot()
    with pytest.raises(InvalidPack) as problem:
        import_pack(folder=pack, by=None, at=NOW)
    assert named in str(problem.value)
    assert snapshot() == before


def test_script_in_any_text_comes_in_as_harmless_text(pack: Path, client: Any) -> None:
    edit(LESSON, "Mật khẩu **ngắn**", "<script>alert(1)</script> Mật khẩu **ngắn**")(pack)
    edit("pack.yaml", "Hai bài ngắn về mật khẩu.", "<img src=x onerror=alert(1)> Hai bài.")(pack)
    edit(QUESTIONS, "Mật khẩu nào **yếu** nhất?", "<script>alert(2)</script> Mật khẩu nào?")(pack)
    import_pack(folder=pack, by=None, at=NOW)
    for address in ("/khoa-hoc/", "/khoa-hoc/mat-khau-tot/", "/khoa-hoc/mat-khau-tot/mat-khau-yeu/"):
        page = client.get(address).content.decode()
        assert "<script>alert" not in page
        assert "onerror=alert(1)>" not in page
    stem = Question.objects.get(idnumber="mk-01").current_version.body["stem"]
    assert "<script" not in stem


def test_a_changed_question_gets_a_new_version_and_a_missing_one_is_retired(pack: Path) -> None:
    edit(QUESTIONS, "Bị thử đầu tiên.", "Bị thử trước nhất.")(pack)
    path = pack / QUESTIONS
    path.write_text(
        path.read_text().partition("  - id: mk-02")[0]
        + path.read_text()
        .partition("  - id: mk-02")[0]
        .partition("questions:\n")[2]
        .replace("mk-01", "mk-03")
        .replace("nature: knowledge", "nature: situation")
    )
    import_pack(folder=pack, by=None, at=NOW)
    assert Question.objects.get(idnumber="mk-01").versions.count() == 2
    assert Question.objects.get(idnumber="mk-02").status == "retired"
    assert LessonPage.objects.filter(locale__language_code="vi", live=True).count() == 2


def zipped(folder: Path, **extra: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path in folder.rglob("*"):
            if path.is_file():
                archive.write(path, str(path.relative_to(folder)))
        for name, data in extra.items():
            archive.writestr(name, data)
    return out.getvalue()


def test_a_zip_of_a_pack_comes_in_and_one_that_leaves_its_folder_does_not(pack: Path, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.zip", tmp_path / "bad.zip"
    good.write_bytes(zipped(pack))
    bad.write_bytes(zipped(pack, **{"../evil.txt": b"x"}))
    call_command("import_pack", str(good))
    with pytest.raises(SystemExit) as end:
        call_command("import_pack", str(bad))
    assert end.value.code == 2
    assert not (tmp_path / "evil.txt").exists()
