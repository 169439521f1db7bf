"""Content packs in."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError
from wagtail.models import Locale

from cms.exceptions import InvalidContent
from cms.services import (
    FolderMedia,
    ensure_portal,
    parse_blocks,
    publish_page,
    read_selfcheck,
    sync_alias,
)
from common.messages import filled
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
from courses.packs.source import INTRODUCTION, LessonSource, PackSource
from courses.services.activities import recheck_enrolments, retire_activities, sync_activity
from courses.services.catalogue import ensure_catalogue, keep_search_text
from courses.services.lessons import LESSON_STEP

SELFCHECK = {"selfcheck": read_selfcheck}
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def import_pack(*, folder: Path, by: Any, at: datetime) -> Course:
    """Bring the pack in `folder` in: course, lessons, and every part that a room registered.

    On an empty installation the portal and the catalogue are made first. The same pack twice changes nothing. Raises InvalidPack with every problem found; nothing is changed then.
    """
    pack = PackSource.read(folder)
    try:
        with transaction.atomic():
            ensure_portal()
            ensure_catalogue()
            facts = _checked_facts(pack)
            lessons = _checked_lessons(pack)
            _check_introduction(pack)
            if facts is not None and not pack.problems:
                for part in pack_parts():
                    pack.problems += part.check(pack)
            if facts is None or pack.problems:
                raise InvalidPack(pack.problems)
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
        _check_image(pack, "pack.yaml", facts.image)
    codes = [outcome.code for outcome in facts.outcomes]
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        pack.report("pack.yaml", 0, filled(_("outcomes: “%(code)s” is there twice."), {"code": code}))
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
        if not SLUG.fullmatch(lesson.slug):
            reason = _("Name the file NN-name.md; the name holds only small letters a–z, digits and single hyphens.")
            pack.report(lesson.path, 0, reason)
        elif lesson.slug in seen:
            pack.report(lesson.path, 0, _("Another lesson has the same name after its number."))
        seen.add(lesson.slug)
        try:
            facts = LessonFacts.model_validate(lesson.facts)
        except ValidationError as problem:
            for line in explain(problem):
                pack.report(lesson.path, 1, line)
        else:
            checked.append((lesson, facts))
            if facts.image:
                _check_image(pack, lesson.path, facts.image)
        _check_text(pack, lesson.text, source=lesson.path, first_line=lesson.first_line, extra=SELFCHECK)
    return checked


def _check_introduction(pack: PackSource) -> None:
    if pack.introduction.strip():
        _check_text(pack, pack.introduction, source=INTRODUCTION)


def _check_text(pack: PackSource, text: str, *, source: str, **options: Any) -> None:
    try:
        parse_blocks(text, media=_CheckingMedia(pack.media(source=source)), source=source, **options)
    except InvalidContent as problem:
        pack.problems += [PackProblem(row.source, row.line, row.message) for row in problem.problems]


def _check_image(pack: PackSource, source: str, image: str) -> None:
    try:
        pack.media(source=source).check(image, image=True)
    except InvalidContent as problem:
        pack.problems += [PackProblem(row.source, row.line, row.message) for row in problem.problems]


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
    course, created = Course.objects.get_or_create(slug=facts.slug, defaults=values)
    changed = [] if created else [name for name, value in values.items() if getattr(course, name) != value]
    for name in changed:
        setattr(course, name, values[name])
    if changed:
        course.save(update_fields=[*changed, "updated_at"])
    if "require_lessons" in changed:
        recheck_enrolments(course=course)
    course.audiences.set(Audience.objects.filter(slug__in=facts.audiences))
    course.competences.set(Competence.objects.filter(key__in=facts.competences))
    for order, outcome in enumerate(facts.outcomes):
        LearningOutcome.objects.update_or_create(
            course=course, code=outcome.code, defaults={"text": outcome.text, "order": order}
        )
    course.outcomes.exclude(code__in=[outcome.code for outcome in facts.outcomes]).delete()
    keep_search_text(course=course)
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
        "introduction": _introduction(pack),
    }
    publish_page(page=page, parent=parent, changes=changes, by=by)
    sync_alias(page=page, language="en")
    return page


def _introduction(pack: PackSource) -> list[dict[str, Any]]:
    if not pack.introduction.strip():
        return []
    return parse_blocks(pack.introduction, media=pack.media(source=INTRODUCTION), source=INTRODUCTION)


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
    changes = {
        "title": facts.title,
        "summary": facts.summary,
        "minutes": facts.minutes,
        "image_id": pack.media(source=source.path).image(facts.image) if facts.image else None,
        "image_alt": facts.image_alt,
        "body": body,
    }
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
