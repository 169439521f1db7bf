"""Content packs out."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext_lazy as _

from cms.services import FolderMedia, raw_stream, write_blocks, write_selfcheck
from courses.exceptions import CannotExport
from courses.models import Activity, Course, CoursePage, LessonPage
from courses.packs.parts import pack_parts
from courses.packs.source import INTRODUCTION, PackSource
from courses.queries import live_activities

PACK_NAMES = ("pack.yaml", INTRODUCTION, "lessons", "questions", "quizzes.yaml", "media")


def export_pack(*, course: Course, folder: Path) -> None:
    """Write the course as a pack into `folder`, which is made when missing.

    An earlier export of the same course is replaced, whole or not at all. Raises FileExistsError when the folder
    holds something else, CannotExport when the course has no page yet.
    """
    page = CoursePage.objects.filter(course=course, locale__language_code="vi").first()
    if page is None:
        raise CannotExport(_("This course has no page yet; make one below the course catalogue, then export."))
    if not _is_ours(folder, course):
        raise FileExistsError(str(folder))
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name[:80]}.") as place:
        new = Path(place) / "pack"
        new.mkdir()
        _write_pack(course, page, new)
        folder.mkdir(exist_ok=True)
        for name in PACK_NAMES:
            old = folder / name
            shutil.rmtree(old) if old.is_dir() else old.unlink(missing_ok=True)
            if (new / name).exists():
                (new / name).rename(old)


def _is_ours(folder: Path, course: Course) -> bool:
    """Whether the folder may be written: missing, empty, or an earlier export of this course and nothing else."""
    if not folder.exists():
        return True
    if not folder.is_dir():
        return False
    names = {path.name for path in folder.iterdir()}
    if not names:
        return True
    facts = PackSource(root=folder).read_yaml("pack.yaml")
    return names <= set(PACK_NAMES) and isinstance(facts, dict) and facts.get("slug") == course.slug


def _write_pack(course: Course, page: CoursePage, folder: Path) -> None:
    media = FolderMedia(folder)
    facts: dict[str, Any] = {
        "format": 1,
        "slug": course.slug,
        "code": course.code,
        "title": course.title,
        "title_en": course.title_en,
        "summary": course.summary,
        "summary_en": course.summary_en,
        "outcome": course.outcome,
        "level": course.level,
        "hours": _plain_number(course.hours),
        "subject": course.subject.slug,
        "audiences": list(course.audiences.values_list("slug", flat=True)),
        "competences": list(course.competences.order_by("key").values_list("key", flat=True)),
        "author": course.author,
        "image": media.image_source(page.image_id) if page.image_id else "",
        "image_alt": page.image_alt,
        "outcomes": [{"code": row.code, "text": row.text} for row in course.outcomes.all()],
        "completion": {"gated": course.gated, "lessons": "all" if course.require_lessons else "none"},
        "licence": course.licence,
    }
    introduction = raw_stream(page.introduction)
    if introduction:
        (folder / INTRODUCTION).write_text(write_blocks(introduction, media=media), encoding="utf-8")
    lessons = LessonPage.objects.child_of(page).live().select_related("activity").order_by("path")
    checks = {row.lesson_id: row.key for row in live_activities(course).filter(kind=Activity.Kind.CHECK)}
    for number, lesson in enumerate(lessons, start=1):
        _write_lesson(folder, number, lesson, checks.get(lesson.activity_id), media)
    tests = course.activities.filter(kind=Activity.Kind.TEST, retired_at__isnull=True)
    test = tests.order_by("position").first()
    if test is not None:
        facts["completion"]["test"] = test.key
    for part in pack_parts():
        part.write(course=course, facts=facts, target=folder)
    dump_yaml(facts, folder / "pack.yaml")


def _write_lesson(folder: Path, number: int, page: LessonPage, check: str | None, media: FolderMedia) -> None:
    facts: dict[str, Any] = {"title": page.title, "summary": page.summary, "minutes": page.minutes}
    if page.image_id:
        facts["image"] = media.image_source(page.image_id)
        facts["image_alt"] = page.image_alt
    if check:
        facts["check"] = check
    body = write_blocks(raw_stream(page.body), media=media, extra={"selfcheck": write_selfcheck})
    target = folder / "lessons" / f"{number:02d}-{page.activity.key if page.activity else page.slug}.md"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(f"---\n{yaml_text(facts)}---\n{body}", encoding="utf-8")


def _plain_number(value: Any) -> int | float:
    return int(value) if value == int(value) else float(value)


def yaml_text(data: Any) -> str:
    """YAML as authors write it: order kept, Vietnamese as it is, long texts not folded."""
    text: str = yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=10_000)
    return text


def dump_yaml(data: Any, path: Path) -> None:
    """Write YAML to a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml_text(data), encoding="utf-8")
