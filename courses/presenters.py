"""What the course pages show: gathered here, so that templates ask for nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from courses import queries, services
from courses.addresses import activity_url, lesson_urls
from courses.exceptions import LessonLocked
from courses.models import Activity, Audience, Course, CoursePage, Enrolment, SubjectField
from courses.permissions import may_read_lesson

if TYPE_CHECKING:
    from courses.models import CatalogueIndexPage, LessonPage

FACETS = ("subject", "level", "audience")
PER_PAGE = 24


def catalogue_context(page: CatalogueIndexPage, request: HttpRequest) -> dict[str, Any]:
    """Cards of the courses, facets, and the learner's progress on each; a constant number of queries."""
    asked = {name: request.GET.get(name, "")[:100] for name in FACETS}
    text = request.GET.get("q", "")[:200].strip()
    found = Paginator(queries.catalogue(text=text, **asked), PER_PAGE).get_page(request.GET.get("page"))
    return {
        "text": text,
        "asked": asked,
        "courses": found,
        "cards": course_cards(list(found), request, language=page.locale.language_code),
        "facets": [
            ("subject", _("Subject"), [(row.slug, _named(row, page)) for row in SubjectField.objects.all()]),
            ("level", _("Level"), list(Course.Level.choices)),
            ("audience", _("For whom"), [(row.slug, _named(row, page)) for row in Audience.objects.all()]),
        ],
    }


def _named(row: SubjectField | Audience, page: Any) -> str:
    return (row.name_en if page.locale.language_code == "en" else "") or row.name


def course_cards(courses: list[Course], request: HttpRequest, *, language: str) -> list[dict[str, Any]]:
    """What cards of these courses show; three queries for any number."""
    pages: dict[int, CoursePage] = {}
    rows = CoursePage.objects.live().filter(course__in=courses).select_related("locale", "image").order_by("locale_id")
    for page in rows:
        code = page.locale.language_code
        if code == language or page.course_id not in pages:
            pages[page.course_id] = page
    progress: dict[int, int] = {}
    if request.user.is_authenticated:
        for enrolment in queries.enrolments_with_progress(request.user).filter(course__in=courses):
            progress.setdefault(enrolment.course_id, queries.share_done(enrolment))
    return [
        {
            "course": course,
            "page": pages.get(course.pk),
            "url": pages[course.pk].get_url(request) if course.pk in pages else "",
            "title": (course.title_en if language == "en" else "") or course.title,
            "summary": (course.summary_en if language == "en" else "") or course.summary,
            "percent": progress.get(course.pk),
        }
        for course in courses
    ]


def course_context(page: CoursePage, request: HttpRequest) -> dict[str, Any]:
    """Syllabus as a path, and the one thing to do next; a preview may have no course yet."""
    if page.course_id is None:
        return {"course": None, "course_title": page.title}
    course = page.course
    enrolment = queries.latest_enrolment(request.user, course)
    language = page.locale.language_code
    return {
        "course": course,
        "course_title": (course.title_en if language == "en" else "") or course.title,
        "enrolment": enrolment,
        "is_learning": enrolment is not None and enrolment.state == Enrolment.State.ACTIVE,
        "is_completed": enrolment is not None and enrolment.state == Enrolment.State.COMPLETED,
        "path": path_with_urls(course, enrolment, language=language),
        "percent": queries.progress_percent(enrolment) if enrolment else None,
        "outcomes": course.outcomes.all(),
        "competences": course.competences.select_related("area__framework"),
        "audiences": course.audiences.all(),
    }


def path_with_urls(course: Course, enrolment: Enrolment | None, *, language: str) -> list[dict[str, Any]]:
    """The steps of the course with the address of each that is open."""
    urls = lesson_urls(course, language=language)
    steps = []
    for step in queries.course_path(course=course, enrolment=enrolment):
        url = ""
        if step.state is not queries.StepState.LOCKED:
            is_lesson = step.activity.kind == Activity.Kind.LESSON
            url = urls.get(step.activity.pk, "") if is_lesson else activity_url(step.activity, language=language)
        steps.append({"step": step, "activity": step.activity, "state": step.state.value, "url": url})
    return steps


def open_lesson_or_redirect(page: LessonPage, request: HttpRequest) -> HttpResponse | None:
    """None when the visitor may read the lesson (and a learner's progress says so now), else the way to the course."""
    if getattr(request, "is_preview", False) or page.activity is None:
        return None
    enrolment = queries.latest_enrolment(request.user, page.activity.course)
    refused = False
    if enrolment is not None and enrolment.state == Enrolment.State.ACTIVE:
        try:
            services.open_lesson(enrolment=enrolment, page=page, at=timezone.now())
        except LessonLocked:
            refused = True
    else:
        refused = not may_read_lesson(request.user, activity=page.activity, enrolment=enrolment)
    if not refused:
        return None
    step = queries.step_for(page.activity, enrolment=enrolment)
    messages.info(request, str(step.reason) if step and step.reason else _("This lesson is not open yet."))
    return redirect(page.get_parent().get_url(request) or "/")


def lesson_context(page: LessonPage, request: HttpRequest) -> dict[str, Any]:
    """The lesson in its course: path at the side, previous and next, whether it is read."""
    activity = page.activity
    if activity is None:  # a draft, seen by who writes it
        return {"course_page": page.get_parent(), "course_title": page.get_parent().title, "is_draft": True}
    course = activity.course
    enrolment = queries.latest_enrolment(request.user, course)
    path = path_with_urls(course, enrolment, language=page.locale.language_code)
    lessons = [row for row in path if row["activity"].kind == Activity.Kind.LESSON]
    here = next((number for number, row in enumerate(lessons) if row["activity"].pk == activity.pk), 0)
    check = next((row for row in path if row["activity"].lesson_id == activity.pk), None)
    return {
        "course": course,
        "course_page": page.get_parent(),
        "course_title": (course.title_en if page.locale.language_code == "en" else "") or course.title,
        "activity": activity,
        "enrolment": enrolment,
        "is_learning": enrolment is not None and enrolment.state == Enrolment.State.ACTIVE,
        "path": path,
        "number": here + 1,
        "total": len(lessons),
        "percent": queries.progress_percent(enrolment) if enrolment else None,
        "is_read": bool(lessons) and lessons[here]["state"] == "done",
        "check": check,
        "previous": lessons[here - 1] if here > 0 else None,
        "next": lessons[here + 1] if here + 1 < len(lessons) else None,
    }
