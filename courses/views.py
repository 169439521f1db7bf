"""Enrolling, marking a lesson as read, and what I am learning."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from courses import queries, services
from courses.addresses import activity_url, course_url
from courses.exceptions import EnrolmentRefused, LessonLocked, NotEnrolled
from courses.models import Activity, CatalogueIndexPage, Course
from people.permissions import signed_in


@require_GET
def catalogue(request: HttpRequest) -> HttpResponse:
    """The catalogue's page in the reader's language."""
    page = CatalogueIndexPage.objects.live().filter(locale__language_code=_language()).first()
    return redirect((page.get_url(request) if page else None) or "/")


@login_required
@require_GET
def my_learning(request: HttpRequest) -> HttpResponse:
    """The courses that I am taking and those that I have completed."""
    rows: list[dict[str, Any]] = [
        {"enrolment": enrolment, "percent": queries.share_done(enrolment)}
        for enrolment in queries.enrolments_with_progress(request.user)
    ]
    context = {
        "learning": [row for row in rows if row["enrolment"].state == "active"],
        "completed": [row for row in rows if row["enrolment"].state == "completed"],
    }
    return render(request, "courses/my_learning.html", context)


@login_required
@require_POST
def enrol(request: HttpRequest, slug: str) -> HttpResponse:
    """Enrol me and go to the first lesson."""
    course = get_object_or_404(Course, slug=slug, pages__live=True, pages__locale__language_code="vi")
    try:
        services.enrol(person=signed_in(request), course=course, by=signed_in(request), at=timezone.now())
    except EnrolmentRefused as problem:
        messages.error(request, str(problem))
        return redirect(course_url(course, language=_language()))
    messages.success(request, _("You are enrolled in “%(title)s”.") % {"title": course.title})
    return redirect("courses:resume", slug=slug)


@login_required
@require_GET
def resume(request: HttpRequest, slug: str) -> HttpResponse:
    """Go to where I left off: the first activity that is open and not done."""
    course = get_object_or_404(Course, slug=slug)
    enrolment = queries.active_enrolment(request.user, course)
    if enrolment is not None:
        for step in queries.course_path(course=course, enrolment=enrolment):
            if step.state is queries.StepState.OPEN:
                url = activity_url(step.activity, language=_language())
                if url:
                    return redirect(url)
    return redirect(course_url(course, language=_language()))


@login_required
@require_POST
def lesson_done(request: HttpRequest, pk: int) -> HttpResponse:
    """I have read this lesson; go to its check, or to the next lesson."""
    activity = get_object_or_404(Activity.objects.select_related("course"), pk=pk, kind=Activity.Kind.LESSON)
    enrolment = queries.active_enrolment(request.user, activity.course)
    if enrolment is None:
        messages.error(request, _("Enrol in the course first."))
        return redirect(course_url(activity.course, language=_language()))
    try:
        services.complete_lesson(enrolment=enrolment, activity=activity, at=timezone.now())
    except (LessonLocked, NotEnrolled) as problem:
        messages.error(request, str(problem))
        return redirect(course_url(activity.course, language=_language()))
    return redirect("courses:resume", slug=activity.course.slug)


def _language() -> str:
    return (get_language() or "vi")[:2]
