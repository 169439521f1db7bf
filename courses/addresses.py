"""Where courses and activities are to be found, in a language."""

from __future__ import annotations

from django.urls import reverse

from courses.models import Activity, Course, CoursePage, LessonPage


def course_url(course: Course, *, language: str) -> str:
    """The course's page in a language, else in Vietnamese; "/" when it has none."""
    pages = {
        page.locale.language_code: page
        for page in CoursePage.objects.live().filter(course=course).select_related("locale")
    }
    page = pages.get(language) or pages.get("vi")
    return (page.url or "/") if page else "/"


def lesson_urls(course: Course, *, language: str) -> dict[int, str]:
    """Activity id → address of its lesson's page in a language, else in Vietnamese."""
    urls: dict[int, str] = {}
    pages = LessonPage.objects.live().filter(activity__course=course).select_related("locale").order_by("locale_id")
    for page in pages:
        code = page.locale.language_code
        if code == language or (code == "vi" and page.activity_id not in urls):
            urls[page.activity_id] = page.url or ""
    return urls


def activity_url(activity: Activity, *, language: str) -> str:
    """Where an activity is done: a lesson on its page, a check or test at its quiz."""
    if activity.kind == Activity.Kind.LESSON:
        return lesson_urls(activity.course, language=language).get(activity.pk, "")
    return reverse("activity", kwargs={"pk": activity.pk})
