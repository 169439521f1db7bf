"""What the courses room shows on the portal's pages."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import get_language

from common.panels import register_panel
from courses import queries
from courses.models import CourseCompletion, Enrolment
from courses.presenters import course_cards


def continue_learning(request: HttpRequest, context: dict[str, Any]) -> str:
    """Home, signed in: how far I am and one button."""
    enrolments = [
        enrolment
        for enrolment in queries.enrolments_with_progress(request.user)[:10]
        if enrolment.state == Enrolment.State.ACTIVE
    ]
    rows = [
        {
            "enrolment": enrolment,
            "left": max(enrolment.required_count - enrolment.done_count, 0),
            "percent": queries.share_done(enrolment),
        }
        for enrolment in enrolments
    ]
    return render_to_string("courses/panels/continue.html", {"rows": rows, "user": request.user}, request)


def courses_and_figures(request: HttpRequest, context: dict[str, Any]) -> str:
    """Home: the first courses, and figures that are real."""
    language = (get_language() or "vi")[:2]
    courses = list(queries.catalogue()[:3])
    figures = {
        "courses": queries.catalogue().count(),
        "learners": Enrolment.objects.filter(~Q(state=Enrolment.State.WITHDRAWN)).values("person").distinct().count(),
        "completions": CourseCompletion.objects.count(),
    }
    cards = course_cards(courses, request, language=language)
    return render_to_string("courses/panels/home_courses.html", {"cards": cards, "figures": figures}, request)


def found_courses(request: HttpRequest, context: dict[str, Any]) -> str:
    """Search: courses that hold the words."""
    language = (get_language() or "vi")[:2]
    courses = list(queries.catalogue(text=context.get("text", ""))[:12])
    cards = course_cards(courses, request, language=language)
    return render_to_string("courses/panels/found.html", {"cards": cards}, request)


def register() -> None:
    """Take the places."""
    register_panel("home", continue_learning, order=10)
    register_panel("home_public", courses_and_figures, order=10)
    register_panel("search", found_courses, order=10)
