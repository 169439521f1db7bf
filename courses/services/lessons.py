"""Keeping a course in step with the pages that instructors write."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.text import slugify
from wagtail.models import Locale

from cms.services import sync_alias
from common.vietnamese import fold
from courses.models import Activity, CoursePage, LessonPage
from courses.services.activities import recheck_enrolments, retire_activities

# Lessons stand ten apart, so that their checks and the tests fit between and after them.
LESSON_STEP = 10
SOURCE_LANGUAGE = "vi"


@transaction.atomic
def sync_lessons(*, page: CoursePage, at: datetime) -> None:
    """Make the lessons of the course what its published lesson pages are, in their order. Idempotent.

    A lesson that is no longer published leaves the course, what was done in it stays recorded, and it comes back
    as the same lesson. A page that was copied from another lesson becomes a lesson of its own. Checks stay behind
    their lesson. Pages in other languages follow the Vietnamese ones.
    """
    if page.locale.language_code != SOURCE_LANGUAGE:
        return
    pages = list(LessonPage.objects.child_of(page).live().order_by("path"))
    activities = {row.pk: row for row in Activity.objects.select_for_update().filter(course=page.course)}
    lessons = {row.key: row for row in activities.values() if row.kind == Activity.Kind.LESSON}
    first_page = _first_pages(page)
    kept: list[str] = []
    changed = False
    for number, lesson_page in enumerate(pages, start=1):
        activity = activities.get(lesson_page.activity_id or 0)
        if activity is None or first_page.get(activity.pk) not in (None, lesson_page.pk):
            taken = {*kept, *(key for key, row in lessons.items() if row.pk in first_page)}
            key = _free_key(slugify(fold(lesson_page.slug)), taken)
            activity = lessons.get(key) or Activity(course=page.course, kind=Activity.Kind.LESSON, key=key)
        kept.append(activity.key)
        changed |= _place(activity, title=lesson_page.title, position=number * LESSON_STEP)
        lessons[activity.key] = activity
        if lesson_page.activity_id != activity.pk:
            LessonPage.objects.filter(translation_key=lesson_page.translation_key).update(activity=activity)
        first_page.setdefault(activity.pk, lesson_page.pk)
    retired = retire_activities(course=page.course, kind=Activity.Kind.LESSON, keep=kept, at=at)
    if changed and not retired:
        recheck_enrolments(course=page.course)


def _first_pages(page: CoursePage) -> dict[int, int]:
    """Activity → the oldest page that presents it in this language; a copy is always younger."""
    rows = LessonPage.objects.filter(activity__course=page.course, locale=page.locale).order_by("-pk")
    return {activity: pk for activity, pk in rows.values_list("activity_id", "pk") if activity is not None}


def _free_key(wanted: str, taken: set[str]) -> str:
    base = wanted[:90] or "bai"
    key, number = base, 1
    while key in taken:
        number += 1
        key = f"{base}-{number}"
    return key


def _place(activity: Activity, *, title: str, position: int) -> bool:
    """Put a lesson, and the checks behind it, in their place; whether the course changed for its learners."""
    back = activity.pk is None or activity.retired_at is not None
    if back or (activity.title, activity.position) != (title[:200], position):
        activity.title, activity.position, activity.retired_at = title[:200], position, None
        activity.save()
        activity.checks.update(position=position + 1)
    return back


def follow_in_english(*, page: CoursePage) -> None:
    """Give the course page and its published lessons an English address that shows what is written in Vietnamese.

    Pages that were translated stay as they are. Does nothing before the catalogue has its English page.
    """
    english = Locale.objects.filter(language_code="en").first()
    if english is None or page.locale.language_code != SOURCE_LANGUAGE or not page.live:
        return
    if page.get_parent().get_translation_or_none(english) is None:
        return
    sync_alias(page=page, language="en")
    for lesson in LessonPage.objects.child_of(page).live():
        sync_alias(page=lesson, language="en")
