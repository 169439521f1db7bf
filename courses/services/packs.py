"""Content packs in and out."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError
from wagtail.models import Locale

from cms.exceptions import InvalidContent
from cms.services import (
    FolderMedia,
    parse_blocks,
    publish_page,
    raw_stream,
    read_selfcheck,
    sync_alias,
    write_blocks,
    write_selfcheck,
)
from common.messages import filled
from common.vietnamese import fold
from courses.exceptions import InvalidPack
from courses.models import (
    Activity,
    Audience,
    CatalogueIndexPage,
    Competence,
    Course,
    CoursePage,
    LearningOutcome,
    LessonPage,
    SubjectField,
)
from courses.packs.facts import LessonFacts, PackFacts, explain
from courses.packs.parts import PackProblem, pack_parts
from courses.packs.source import LessonSource, PackSource
from courses.services.activities import retire_activities, sync_activity

SELFCHECK = {"selfcheck": read_selfcheck}
# Lessons stand ten apart, so that their checks and the tests fit between and after them.
LESSON_STEP = 10


def import_pack(*, folder: Path, by: Any, at: datetime) -> Course:
    """Bring the pack in `folder` in: course, lessons, and every part that a room registered.

    The same pack twice changes nothing. Raises InvalidPack with every problem found; nothing is changed then.
    """
    pack = PackSource.read(folder)
    facts = _checked_facts(pack)
    lessons = _checked_lessons(pack)
    if facts is not None and not pack.problems:
        for part in pack_parts():
            pack.problems += part.check(pack)
    if facts is None or pack.problems:
        raise InvalidPack(pack.problems)
    try:
        with transaction.atomic():
            return _apply(pack, facts, lessons, by=by, at=at)
    except InvalidContent as problem:
        raise InvalidPack([PackProblem(row.source, row.line, row.message) for row in problem.problems]) from None


def _checked_facts(pack: PackSource) -> PackFacts | None:
    if not pack.facts:
        if not pack.problems:
            pack.report("pack.yaml", 0, _("The file is empty or not a list of facts (key: value)."))
        return None
    try:
        facts = PackFacts.model_validate(pack.facts)
    except ValidationError as problem:
        for line in explain(problem):
            pack.report("pack.yaml", 0, line)
        return None
    if facts.image:
        try:
            pack.media(source="pack.yaml").check(facts.image, image=True)
        except InvalidContent as problem:
            pack.problems += [PackProblem(row.source, row.line, row.message) for row in problem.problems]
    for slug in facts.audiences:
        if not Audience.objects.filter(slug=slug).exists():
            pack.report("pack.yaml", 0, filled(_("audiences: “%(slug)s” is not known."), {"slug": slug}))
    if not SubjectField.objects.filter(slug=facts.subject).exists():
        pack.report("pack.yaml", 0, filled(_("subject: “%(slug)s” is not known."), {"slug": facts.subject}))
    known = set(Competence.objects.filter(key__in=facts.competences).values_list("key", flat=True))
    for key in facts.competences:
        if key not in known:
            pack.report("pack.yaml", 0, filled(_("competences: “%(key)s” is not known."), {"key": key}))
    other = Course.objects.filter(code=facts.code).exclude(slug=facts.slug).first()
    if other is not None:
        pack.report("pack.yaml", 0, filled(_("code: “%(code)s” belongs to another course."), {"code": facts.code}))
    return facts


def _checked_lessons(pack: PackSource) -> list[tuple[LessonSource, LessonFacts]]:
    checked = []
    seen: set[str] = set()
    for lesson in pack.lessons:
        if lesson.slug in seen or not lesson.slug:
            pack.report(lesson.path, 0, _("Another lesson has the same name after its number."))
        seen.add(lesson.slug)
        try:
            checked.append((lesson, LessonFacts.model_validate(lesson.facts)))
        except ValidationError as problem:
            for line in explain(problem):
                pack.report(lesson.path, 1, line)
        try:
            parse_blocks(
                lesson.text,
                media=_CheckingMedia(pack.media(source=lesson.path)),
                source=lesson.path,
                first_line=lesson.first_line,
                extra=SELFCHECK,
            )
        except InvalidContent as problem:
            pack.problems += [PackProblem(row.source, row.line, row.message) for row in problem.problems]
    return checked


class _CheckingMedia:
    """Looks at media without storing anything."""

    def __init__(self, media: FolderMedia) -> None:
        self.media = media

    def image(self, source: str) -> int:
        self.media.check(source, image=True)
        return 0

    def document(self, source: str) -> int:
        self.media.check(source, image=False)
        return 0

    def image_source(self, pk: int) -> str:
        raise NotImplementedError("reading only")

    def document_source(self, pk: int) -> str:
        raise NotImplementedError("reading only")


def _apply(
    pack: PackSource,
    facts: PackFacts,
    lessons: list[tuple[LessonSource, LessonFacts]],
    *,
    by: Any,
    at: datetime,
) -> Course:
    course = _save_course(facts)
    page = _publish_course_page(course, facts, pack, by=by)
    keys = []
    for number, (source, lesson_facts) in enumerate(lessons, start=1):
        activity = sync_activity(
            course=course,
            kind=Activity.Kind.LESSON,
            key=source.slug,
            title=lesson_facts.title,
            position=number * LESSON_STEP,
        )
        keys.append(source.slug)
        _publish_lesson(page, activity, source, lesson_facts, pack, by=by)
    retire_activities(course=course, kind=Activity.Kind.LESSON, keep=keys, at=at)
    for gone in LessonPage.objects.child_of(page).live().exclude(activity__key__in=keys):
        gone.unpublish(user=by)
    _order_children(page, keys)
    for part in pack_parts():
        part.apply(course=course, pack=pack, by=by, at=at)
    return course


def _save_course(facts: PackFacts) -> Course:
    values = {
        "code": facts.code,
        "title": facts.title,
        "title_en": facts.title_en,
        "summary": facts.summary,
        "summary_en": facts.summary_en,
        "outcome": facts.outcome,
        "level": facts.level,
        "hours": facts.hours,
        "subject": SubjectField.objects.get(slug=facts.subject),
        "author": facts.author,
        "licence": facts.licence,
        "gated": facts.completion.gated,
        "require_lessons": facts.completion.lessons == "all",
    }
    texts = (facts.code, facts.title, facts.title_en, facts.summary, facts.summary_en, facts.outcome)
    values["search_text"] = fold(" ".join([*texts, *(row.text for row in facts.outcomes)]))
    course, created = Course.objects.get_or_create(slug=facts.slug, defaults=values)
    changed = [] if created else [name for name, value in values.items() if getattr(course, name) != value]
    for name in changed:
        setattr(course, name, values[name])
    if changed:
        course.save(update_fields=[*changed, "updated_at"])
    course.audiences.set(Audience.objects.filter(slug__in=facts.audiences))
    course.competences.set(Competence.objects.filter(key__in=facts.competences))
    for order, outcome in enumerate(facts.outcomes):
        LearningOutcome.objects.update_or_create(
            course=course, code=outcome.code, defaults={"text": outcome.text, "order": order}
        )
    course.outcomes.exclude(code__in=[outcome.code for outcome in facts.outcomes]).delete()
    return course


def _publish_course_page(course: Course, facts: PackFacts, pack: PackSource, *, by: Any) -> CoursePage:
    locale = Locale.objects.get(language_code="vi")
    parent = CatalogueIndexPage.objects.get(locale=locale)
    page = CoursePage.objects.filter(course=course, locale=locale).first() or CoursePage(
        slug=facts.slug, locale=locale, course=course, title=facts.title
    )
    changes = {
        "title": facts.title,
        "summary": facts.summary,
        "image_id": pack.media(source="pack.yaml").image(facts.image) if facts.image else None,
        "image_alt": facts.image_alt,
    }
    publish_page(page=page, parent=parent, changes=changes, by=by)
    sync_alias(page=page, language="en")
    return page


def _publish_lesson(
    parent: CoursePage,
    activity: Activity,
    source: LessonSource,
    facts: LessonFacts,
    pack: PackSource,
    *,
    by: Any,
) -> None:
    page = LessonPage.objects.filter(activity=activity, locale_id=parent.locale_id).first() or LessonPage(
        slug=source.slug, locale_id=parent.locale_id, activity=activity, title=facts.title
    )
    body = parse_blocks(
        source.text,
        media=pack.media(source=source.path),
        source=source.path,
        first_line=source.first_line,
        extra=SELFCHECK,
    )
    changes = {"title": facts.title, "summary": facts.summary, "minutes": facts.minutes, "body": body}
    publish_page(page=page, parent=parent, changes=changes, by=by)
    sync_alias(page=page, language="en")


def _order_children(page: CoursePage, keys: list[str]) -> None:
    """Put the lesson pages in the order of the pack, touching nothing when they are."""
    by_key = {
        lesson.activity.key: lesson
        for lesson in LessonPage.objects.child_of(page).select_related("activity")
        if lesson.activity is not None
    }
    wanted = [by_key[key].pk for key in keys]
    current = [
        pk for pk in LessonPage.objects.child_of(page).order_by("path").values_list("pk", flat=True) if pk in wanted
    ]
    if current == wanted:
        return
    for pk in wanted:
        lesson = LessonPage.objects.get(pk=pk)
        lesson.move(CoursePage.objects.get(pk=page.pk), pos="last-child")


# Out ----------------------------------------------------------------------------------------------------------


def export_pack(*, course: Course, folder: Path) -> None:
    """Write the course as a pack into `folder` (made when missing, and empty but for what an export writes).

    Raises FileExistsError when the folder holds something else.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / "pack.yaml").exists():
        raise FileExistsError(str(folder))
    folder.mkdir(parents=True, exist_ok=True)
    page = CoursePage.objects.get(course=course, locale__language_code="vi")
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
    lessons = LessonPage.objects.child_of(page).live().select_related("activity").order_by("path")
    checks = {
        row.lesson_id: row.key for row in course.activities.filter(kind=Activity.Kind.CHECK, retired_at__isnull=True)
    }
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
