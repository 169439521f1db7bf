"""What happens to pages, however it happens – by hand, in bulk, on schedule, by import – reaches the course."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_delete
from django.utils import timezone
from wagtail.models import Page
from wagtail.signals import init_new_page, page_published, page_unpublished, post_page_move

from courses import services
from courses.models import Course, CoursePage, LessonPage


def page_changed(instance: Any, **kwargs: Any) -> None:
    """A course or lesson page was published or unpublished."""
    if instance.alias_of_id:
        return
    page = instance if isinstance(instance, CoursePage) else _course_page(instance)
    if page is not None:
        services.sync_lessons(page=page, at=timezone.now())
        services.follow_in_english(page=page)


def lesson_moved(instance: Any, parent_page_before: Page, parent_page_after: Page, **kwargs: Any) -> None:
    """A lesson has another place in its course."""
    for pk in {parent_page_before.pk, parent_page_after.pk}:
        page = CoursePage.objects.filter(pk=pk).first()
        if page is not None and not instance.alias_of_id:
            services.sync_lessons(page=page, at=timezone.now())


def lesson_deleted(instance: LessonPage, **kwargs: Any) -> None:
    """A lesson page is gone."""
    page = _course_page(instance)
    if page is not None and not instance.alias_of_id:
        services.sync_lessons(page=page, at=timezone.now())


def page_begun(page: Any, parent: Page, **kwargs: Any) -> None:
    """A new course page is most likely of the newest course that has none."""
    if isinstance(page, CoursePage):
        course = Course.objects.filter(pages__isnull=True).order_by("-pk").first()
        if course is not None:
            page.course, page.title, page.slug = course, course.title, course.slug
            page.summary = course.summary


def _course_page(lesson: LessonPage) -> CoursePage | None:
    """The page above a lesson, found by its place in the tree: the lesson itself may be gone."""
    above = lesson.path[: -lesson.steplen]
    return CoursePage.objects.filter(path=above).first()


def connect() -> None:
    """Listen."""
    for sender in (CoursePage, LessonPage):
        page_published.connect(page_changed, sender=sender, dispatch_uid=f"courses.published.{sender.__name__}")
        page_unpublished.connect(page_changed, sender=sender, dispatch_uid=f"courses.unpublished.{sender.__name__}")
    init_new_page.connect(page_begun, dispatch_uid="courses.begun")
    post_page_move.connect(lesson_moved, sender=LessonPage, dispatch_uid="courses.moved")
    post_delete.connect(lesson_deleted, sender=LessonPage, dispatch_uid="courses.deleted")
